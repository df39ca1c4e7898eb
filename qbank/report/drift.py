"""Anchors that drift, as a plot that stands alone: that of the report of a calibration."""

from __future__ import annotations

from qbank.irt import Drift
from qbank.messages import Language
from qbank.report.calibration import anchor_figure
from qbank.report.drawing import draw


def drift_svg(drift: Drift, language: Language) -> str:
    """Return the plot as an SVG that brings its own font and ground."""
    (drawn,) = draw([anchor_figure(drift, language)])
    head, rest = drawn.split(">", 1)
    return f'{head} font-family="sans-serif" style="background: white">{rest}\n'
