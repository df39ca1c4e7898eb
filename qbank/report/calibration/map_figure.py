"""Persons and items on one scale: a histogram of abilities beside the difficulties with their intervals (Wright map)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from qbank.report.figures import ACCENT, BAR, HOLD, INK, MUTED, Margin, Row, Spec
from qbank.report.pixels import LABEL, layer, literal, pixel, two_scales, upward, words_at

MAP_SIZE = (760, 400)
MAP_MARGIN: Margin = (52, 34, 40, 44)
LEFT, RIGHT = 220, 250
"""where the bars stand, and where the items begin"""
MARKS: dict[str, tuple[str, str]] = {
    "free": (ACCENT, "circle"), "held": (MUTED, "square"), "look": (HOLD, "triangle-up"),
}  # fmt: skip
"""what an item is → colour and shape"""


@dataclass(frozen=True, slots=True)
class Place:
    """One item: how many are easier, difficulty, the ends of its interval, free, held or look (fits badly).

    ``label`` is drawn beside it
    """

    rank: int
    b: float
    low: float
    high: float
    mark: str
    label: str = ""


def wright_map(
    bars: Sequence[tuple[float, float, int]], places: Sequence[Place], *, domain: tuple[float, float],
    persons_title: str, items_title: str, mark_names: dict[str, str],
) -> Spec:  # fmt: skip
    """Return the map. bars: (low, high, persons); places: drawn in this order, the last on top.

    What lies outside the domain is drawn at its edge.
    """
    scale = {"domain": list(domain), "nice": False}
    y: dict[str, Any] = {"type": "quantitative", "scale": scale, "axis": upward("θ", MAP_MARGIN, tickCount=9)}
    most = max((n for _, _, n in bars), default=1) or 1
    drawn = [{"low": low, "high": high, "left": round(LEFT - (LEFT - 10) * n / most, 2), "right": LEFT} for low, high, n in bars if n]
    step = (MAP_SIZE[0] - RIGHT) / max(len(places), 1)
    rows = [_row(place, round(RIGHT + step * (place.rank + 0.5), 2), domain) for place in places]
    plotted = [
        layer({"type": "bar", "color": BAR, "stroke": "#ffffff", "strokeWidth": 1},
              {"x": pixel("left"), "x2": {"field": "right"}, "y": {**y, "field": "low"}, "y2": {"field": "high"}}, drawn),
        layer({"type": "rule", "strokeWidth": 1, "color": "#9aa5b1"},
              {"x": pixel("x"), "y": {**y, "field": "low"}, "y2": {"field": "high"}}, rows),
        {"name": "hover", **layer({"type": "point", "filled": True, "opacity": 0.9},
         {"x": pixel("x"), "y": {**y, "field": "b"}, "color": literal("colour"), "shape": literal("shape"),
          "size": {"field": "size", "type": "quantitative", "scale": None, "legend": None}}, rows)},
        *(layer({"type": "text", "align": align, "baseline": "middle", "dx": dx, "fontSize": 11, "color": HOLD},
                {"x": pixel("x"), "y": {**y, "field": "b"}, "text": LABEL},
                [row for row in rows if row["label"] and (float(str(row["x"])) > 640) == beyond])
          for align, dx, beyond in (("left", 7, False), ("right", -7, True))),
    ]  # fmt: skip
    return two_scales(plotted, _around(persons_title, items_title, [p.mark for p in places], mark_names), MAP_SIZE)


def _row(place: Place, x: float, domain: tuple[float, float]) -> Row:
    def inside(value: float) -> float:
        return round(min(max(value, domain[0]), domain[1]), 4)

    colour, shape = MARKS[place.mark]
    return {
        "x": x, "b": inside(place.b), "low": inside(place.low), "high": inside(place.high), "colour": colour, "shape": shape,
        "label": place.label, "size": 90 if place.mark == "look" else 34,
    }  # fmt: skip


def _around(persons_title: str, items_title: str, marks: Sequence[str], mark_names: dict[str, str]) -> list[Spec]:
    """Return the two headings, and the key of the shapes below."""
    keys, left, below = [], RIGHT, MAP_SIZE[1] + 20
    for mark, (colour, shape) in MARKS.items():
        if mark in marks:
            keys.append({"x": left, "y": below, "label": mark_names[mark], "colour": colour, "shape": shape})
            left += 170
    words = [{"x": int(str(row["x"])) + 10, "y": row["y"], "label": row["label"]} for row in keys]
    return [
        words_at([{"x": LEFT, "y": -14, "label": persons_title}], align="right"),
        words_at([{"x": RIGHT, "y": -14, "label": items_title}], align="left"),
        layer({"type": "point", "filled": True, "size": 46},
              {"x": pixel("x"), "y": pixel("y"), "color": literal("colour"), "shape": literal("shape")}, keys),
        words_at(words, align="left", colour=INK),
    ]  # fmt: skip
