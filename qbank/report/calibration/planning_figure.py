"""Difficulties for planning against the judged grades, each with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from qbank.report.figures import ACCENT, HOLD, WIDE_MARGIN, Row, Spec
from qbank.report.pixels import across, finished, layer, upward

PLANNING_SIZE, PLANNING_MARGIN = (780, 320), WIDE_MARGIN
GRADES = (1, 2, 3, 4, 5)


@dataclass(frozen=True, slots=True)
class Planned:
    """One item: its grade, its difficulty and the ends of its interval."""

    grade: float
    difficulty: float
    low: float
    high: float


def planning_figure(
    items: Sequence[Planned], *, level: float, step: float, x_title: str, y_title: str
) -> Spec:  # fmt: skip
    """Return the plot; items of a grade stand side by side in their order, the line is what the grade alone predicts."""
    x: dict[str, Any] = {
        "field": "x", "type": "quantitative", "axis": across(x_title, PLANNING_SIZE, grid=False, values=list(GRADES), format="d"),
        "scale": {"domain": [0.5, 5.5], "nice": False},
    }  # fmt: skip
    y: dict[str, Any] = {"type": "quantitative", "axis": upward(y_title, PLANNING_MARGIN), "scale": {"zero": False}}
    rows = beside(items)
    line = [{"x": grade, "y": level + step * (grade - 3)} for grade in (0.5, 5.5)]
    layers = [
        layer({"type": "rule", "color": "#9aa5b1", "strokeWidth": 1}, {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}, rows),
        layer({"type": "line", "color": HOLD, "strokeWidth": 1.6, "strokeDash": [5, 3]}, {"x": x, "y": {**y, "field": "y"}}, line),
        {"name": "hover", **layer({"type": "point", "filled": True, "size": 36, "color": ACCENT, "opacity": 0.9},
                                  {"x": x, "y": {**y, "field": "y"}}, rows)},
    ]  # fmt: skip
    return finished(layers, PLANNING_SIZE)


def beside(items: Sequence[Planned]) -> list[Row]:
    """Return the items moved apart within their grade, over at most 0.84 of its width.

    >>> [row["x"] for row in beside([Planned(2, 0.1, 0, 1), Planned(2, 0.2, 0, 1), Planned(3, 0, 0, 1)])]
    [1.94, 2.06, 3.0]
    """
    rows: list[Row] = []
    for grade in sorted({item.grade for item in items}):
        own = [item for item in items if item.grade == grade]
        width = min(0.84, 0.12 * len(own))
        for n, item in enumerate(own):
            at = grade + width * ((n + 0.5) / len(own) - 0.5)
            rows.append({"x": round(at, 4), "y": round(item.difficulty, 4), "low": round(item.low, 4), "high": round(item.high, 4)})
    return rows
