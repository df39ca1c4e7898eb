"""Anchors that drift, as a plot: where each lies in this sitting against where the scale has it."""

from __future__ import annotations

import numpy as np

from qbank.irt import Drift
from qbank.messages import Language
from qbank.report import figures
from qbank.report.blocks import MISSING, Figure
from qbank.report.drawing import draw
from qbank.report.sitting.words import report_text

TONES = {"removed": "hold", "flagged": "warn", "kept": "none"}


def drift_figure(drift: Drift, language: Language) -> Figure:
    """Return the difficulties of the anchors in the sitting and on the scale, with the line that links them and its band.

    Anchors that were taken out, or would have been but for the floor, carry their name.
    """
    points = [
        {"item": item, "here": float(here), "there": float(there), "tone": TONES[verdict]}
        for item, here, there, verdict in zip(
            drift.items, drift.b_source, drift.b_target, drift.verdict, strict=True
        )
        if np.isfinite(here) and np.isfinite(there)
    ]
    known = drift.b_source[np.isfinite(drift.b_source) & np.isfinite(drift.b_target)]
    ends = [float(known.min()), float(known.max())] if known.size else []
    away = {"low": drift.band[0], "line": 0.0, "high": drift.band[1]}
    lines = [
        {"name": name, "here": x, "there": drift.line.slope * x + drift.line.intercept + shift,
         "dash": "full" if name == "line" else "dashed"}
        for name, shift in away.items() if np.isfinite(shift)
        for x in ends
    ]  # fmt: skip
    spec = figures.difference_plot(
        points,
        lines,
        here_title=report_text(language, "drift_here"),
        there_title=report_text(language, "drift_there"),
    )
    gone = report_text(language, "list_comma").join(drift.removed) or MISSING
    told = report_text(language, "alt_drift", n=len(points), removed=gone)
    return Figure("drift", report_text(language, "figure_drift"), told, spec, figures.WIDE_MARGIN)


def drift_svg(drift: Drift, language: Language) -> str:
    """Return the plot as an SVG that stands alone: it brings its own font and ground."""
    (drawn,) = draw([drift_figure(drift, language)])
    head, rest = drawn.split(">", 1)
    return f'{head} font-family="sans-serif" style="background: white">{rest}\n'
