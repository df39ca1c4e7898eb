"""The report of one calibration: how it was made, which items fit, where persons and items stand, what drifted."""

from __future__ import annotations

from functools import partial

from qbank.irt import Drift
from qbank.messages import Language, text
from qbank.report.blocks import Figure, Report, Section
from qbank.report.calibration.abilities import ability_blocks, map_blocks
from qbank.report.calibration.data import CalibrationData, FitLimits, Page, SatPaper
from qbank.report.calibration.drift import drift_blocks, plotted
from qbank.report.calibration.fit import shares_blocks
from qbank.report.calibration.head import head_blocks, method_blocks
from qbank.report.calibration.items import item_blocks
from qbank.report.calibration.planning import planning_blocks


def calibration_report(data: CalibrationData, language: Language) -> Report:
    """Return head, map, test, items, observed shares, drift and planning where there are any, and definitions."""
    page = Page(data, partial(calibration_text, language), language)
    parts = {
        "summary": head_blocks(page),
        "map": map_blocks(page),
        "test": ability_blocks(page),
        "items": item_blocks(page),
        "shares": shares_blocks(page),
        "drift": drift_blocks(page),
        "planning": planning_blocks(page),
        "methods": method_blocks(page),
    }
    sections = tuple(Section(name, page.t(f"section_{name}"), blocks) for name, blocks in parts.items() if blocks)
    return Report(data.title, sections, language, data.subtitle)


def anchor_figure(drift: Drift, language: Language) -> Figure:
    """Return the plot of the anchors by itself."""
    return plotted(drift, partial(calibration_text, language))


def calibration_text(language: Language, name: str, /, **fields: object) -> str:
    return text(language, f"calibration.{name}", **fields)


__all__ = ["CalibrationData", "FitLimits", "SatPaper", "anchor_figure", "calibration_report"]
