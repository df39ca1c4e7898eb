"""The forest plot of DIF: Δ of each item with its interval over the bands of the classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from qbank.report.figures import ACCENT, GRID, HOLD, INK, WARN, Margin, Spec
from qbank.report.pixels import across, layer, literal, pixel, two_scales, words_at

WIDTH, ROW = 560, 17
FOREST_MARGIN: Margin = (150, 34, 30, 46)
MARKS: dict[str, tuple[str, str]] = {"A": (ACCENT, "circle"), "B": (WARN, "diamond"), "C": (HOLD, "triangle-up")}
BANDS = ((-1.0, 1.0, "A", "#eef3f7"), (-1.5, -1.0, "B", "#f8eedd"), (1.0, 1.5, "B", "#f8eedd"))


@dataclass(frozen=True, slots=True)
class ForestRow:
    item: str
    delta: float
    low: float
    high: float
    grade: str


def forest_figure(rows: Sequence[ForestRow], *, axis_title: str, band_names: dict[str, str]) -> Spec:
    """Return Δ with interval, one row an item from above; beyond ±4 intervals are cut off. band_names: A, B, C → words."""
    size = (WIDTH, ROW * len(rows) + 12)
    reach = min(max([2.2, *(max(abs(row.low), abs(row.high)) for row in rows)]), 4.0)
    x: dict[str, Any] = {
        "field": "x", "type": "quantitative", "axis": across(axis_title, size, grid=False),
        "scale": {"domain": [-reach, reach], "nice": False, "clamp": True},
    }  # fmt: skip
    places = [
        {
            "x": round(row.delta, 4), "low": round(max(row.low, -reach), 4), "high": round(min(row.high, reach), 4),
            "y": 12 + ROW * place, "colour": MARKS[row.grade][0], "shape": MARKS[row.grade][1],
        }
        for place, row in enumerate(rows)
    ]  # fmt: skip
    tall = {"y": pixel("top"), "y2": {"field": "bottom"}}
    bands = [{"x": low, "right": high, "colour": colour, "top": 0, "bottom": size[1]} for low, high, _, colour in BANDS]
    plotted = [
        layer({"type": "rect"}, {"x": x, "x2": {"field": "right"}, **tall, "color": literal("colour")}, bands),
        layer({"type": "rule", "color": INK, "strokeWidth": 1}, {"x": x, **tall}, [{"x": 0, "top": 0, "bottom": size[1]}]),
        layer({"type": "rule", "strokeWidth": 1.6}, {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": pixel("y"), "color": literal("colour")}, places),
        {"name": "hover", **layer({"type": "point", "filled": True, "size": 52, "opacity": 1},
         {"x": x, "y": pixel("y"), "color": literal("colour"), "shape": literal("shape")}, places)},
    ]  # fmt: skip
    middle = WIDTH / 2
    step = middle / reach
    heads = [
        {"x": middle, "y": -12, "label": band_names["A"]},
        {"x": middle - 1.25 * step, "y": -12, "label": band_names["B"]}, {"x": middle + 1.25 * step, "y": -12, "label": band_names["B"]},
        {"x": middle - (1.5 + reach) / 2 * step, "y": -12, "label": band_names["C"]},
        {"x": middle + (1.5 + reach) / 2 * step, "y": -12, "label": band_names["C"]},
    ]  # fmt: skip
    lines = [{"left": 0, "right": WIDTH, "y": 12 + ROW * place + ROW / 2} for place in range(len(rows) - 1)]
    around = [
        layer({"type": "rule", "color": GRID, "strokeWidth": 0.5}, {"x": pixel("left"), "x2": {"field": "right"}, "y": pixel("y")}, lines),
        words_at(heads, align="center"),
        words_at([{"x": -8, "y": place["y"], "label": row.item} for row, place in zip(rows, places, strict=True)], align="right"),
    ]  # fmt: skip
    return two_scales(plotted, around, size)
