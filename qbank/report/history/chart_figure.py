"""Values of sittings in their order, with intervals, a centre and limits, and lines where another revision begins."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from qbank.report.figures import ACCENT, BAR, HOLD, INK, MUTED, WARN, Margin, Row, Spec
from qbank.report.pixels import across, layer, literal, pixel, text_width, two_scales, upward, words_at

CHART_SIZE = (640, 240)
CHART_MARGIN: Margin = (52, 34, 208, 54)
LABEL_SIZE = 11.0
TONES: dict[str, tuple[str, str]] = {
    "point": (ACCENT, "circle"), "rule": (WARN, "diamond"), "outside": (HOLD, "triangle-up"), "apart": (HOLD, "square"),
}  # fmt: skip
LEAST_BETWEEN_BREAKS = 26


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """One sitting: where it stands from the left (0, 1, 2 …), its value and interval; ``run`` counts the stretches of one
    revision; centre, lower, upper : of its limits, NaN for none"""

    at: int
    label: str
    run: int
    value: float
    low: float
    high: float
    tone: Literal["point", "rule", "outside", "apart"]
    centre: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Break:
    """A line before a place, with a word beside it."""

    at: int
    label: str


def chart_figure(
    points: Sequence[ChartPoint], breaks: Sequence[Break], *, places: Sequence[str], x_title: str, y_title: str,
    names: Mapping[str, str], within: tuple[float, float] | None = None, y_format: str = "",
) -> Spec:  # fmt: skip
    """Return the chart. places: the word of every place; names: of the entries of the key (point, rule, outside, apart, centre,
    limits, break), in their order; within: what the values cannot leave."""
    x: dict[str, Any] = {
        "type": "quantitative", "scale": {"domain": [-0.5, len(places) - 0.5], "nice": False},
        "axis": across(x_title, CHART_SIZE, labels=False, ticks=False, grid=False),
    }  # fmt: skip
    axis = upward(y_title, CHART_MARGIN, tickCount=6, **({"format": y_format} if y_format else {}))
    y: dict[str, Any] = {"type": "quantitative", "axis": axis, "scale": {"domain": list(_domain(points, within)), "nice": False, "clamp": True}}
    x["axis"] |= {"titleY": 36}
    many = len(points) > 60
    rows: list[Row] = [
        {"x": p.at, "y": round(p.value, 4), "low": round(p.low, 4), "high": round(p.high, 4), "colour": TONES[p.tone][0],
         "shape": TONES[p.tone][1]}
        for p in points
    ]  # fmt: skip
    intervals = [row for row, p in zip(rows, points, strict=True) if math.isfinite(p.low)]
    lines = {name: _stairs(points, name) for name in ("centre", "lower", "upper")}
    dashed = {"type": "line", "strokeWidth": 1.2, "color": MUTED, "strokeDash": [5, 3]}
    plotted = [
        *(layer(dashed, {"x": {**x, "field": "x"}, "y": {**y, "field": "y"}, "detail": _run()}, lines[name]) for name in ("lower", "upper")),
        layer({"type": "line", "strokeWidth": 1.4, "color": INK}, {"x": {**x, "field": "x"}, "y": {**y, "field": "y"}, "detail": _run()}, lines["centre"]),
        layer({"type": "rule", "strokeWidth": 1.4, "color": BAR}, {"x": {**x, "field": "x"}}, [{"x": b.at - 0.5} for b in breaks]),
        layer({"type": "rule", "strokeWidth": 0.8 if many else 1.6, "opacity": 0.45},
              {"x": {**x, "field": "x"}, "y": {**y, "field": "low"}, "y2": {"field": "high"}, "color": literal("colour")}, intervals),
        {"name": "hover", **layer({"type": "point", "filled": True, "size": 14 if many else 46, "opacity": 0.95},
         {"x": {**x, "field": "x"}, "y": {**y, "field": "y"}, "color": literal("colour"), "shape": literal("shape")}, rows)},
    ]  # fmt: skip
    around = [words_at(_labels(places), align="center", colour=MUTED), words_at(_break_words(breaks, len(places)), align="left", colour=ACCENT)]
    return two_scales(plotted, [*around, *_key(points, breaks, names)], CHART_SIZE)


def _run() -> dict[str, Any]:
    return {"field": "run", "type": "nominal"}


def _domain(points: Sequence[ChartPoint], within: tuple[float, float] | None) -> tuple[float, float]:
    """Return the ends of the upward axis: all that is drawn and a little air, no further than the values can go."""
    values = [v for p in points for v in (p.value, p.low, p.high, p.lower, p.upper) if math.isfinite(v)] or [0.0, 1.0]
    low, high = min(values), max(values)
    air = max(0.09 * (high - low), 0.02)
    low, high = low - air, high + air
    if within is not None:
        # Some air stays beyond 0 and 1, else points there are cut in half.
        edge = 0.04 * (min(high, within[1]) - max(low, within[0]))
        low, high = max(low, within[0] - edge), min(high, within[1] + edge)
    return round(low, 4), round(high, 4)


def _stairs(points: Sequence[ChartPoint], name: str) -> list[Row]:
    """Return the corners of a line that is level over each place and broken between revisions.

    >>> p = [ChartPoint(n, "", 0, .5, .4, .6, "point", .5, .3, .7) for n in (0, 1)]
    >>> [(row["x"], row["y"]) for row in _stairs(p, "lower")]
    [(-0.5, 0.3), (1.5, 0.3)]
    """
    rows: list[Row] = []
    for place, point in enumerate(points):
        value = round(float(getattr(point, name)), 5)
        if not math.isfinite(value):
            continue
        last = rows[-1] if rows else None
        follows = last is not None and place > 0 and last["run"] == point.run
        if follows and last is not None and last["y"] == value:
            rows[-1] = {**last, "x": point.at + 0.5}
            continue
        start = last["x"] if follows and last is not None else point.at - 0.5
        rows += [{"x": start, "y": value, "run": point.run}, {"x": point.at + 0.5, "y": value, "run": point.run}]
    return rows


def _labels(places: Sequence[str]) -> list[Row]:
    """Return the words below the axis, as many as stand beside each other without touching."""
    step = CHART_SIZE[0] / max(len(places), 1)
    widest = max((text_width(word, LABEL_SIZE) for word in places), default=0.0) + 12
    every = max(math.ceil(widest / step), 1)
    return [{"x": step * (n + 0.5), "y": CHART_SIZE[1] + 12, "label": word} for n, word in enumerate(places) if n % every == 0]


def _break_words(breaks: Sequence[Break], n_places: int) -> list[Row]:
    rows: list[Row] = []
    step = CHART_SIZE[0] / max(n_places, 1)
    for one in breaks:
        at = step * one.at + 4
        if not rows or at - float(str(rows[-1]["x"])) >= LEAST_BETWEEN_BREAKS:
            rows.append({"x": at, "y": -7, "label": one.label})
    return rows


def _key(points: Sequence[ChartPoint], breaks: Sequence[Break], names: Mapping[str, str]) -> list[Spec]:
    """Return the key to the right: only what the chart holds."""
    left, tones = CHART_SIZE[0] + 16, {point.tone for point in points}
    limits = any(math.isfinite(point.lower) for point in points)
    there = {"point": True, "rule": "rule" in tones, "outside": "outside" in tones, "apart": "apart" in tones, "centre": True, "limits": limits, "break": bool(breaks)}
    entries = [word for word in names if there.get(word)]
    y = {word: 12 + 20 * n for n, word in enumerate(entries)}
    shapes = [{"x": left + 14, "y": y[word], "colour": TONES[word][0], "shape": TONES[word][1]} for word in entries if word in TONES]
    found = [
        layer({"type": "point", "filled": True, "size": 46},
              {"x": pixel("x"), "y": pixel("y"), "color": literal("colour"), "shape": literal("shape")}, shapes),
        words_at([{"x": left + 36, "y": y[word], "label": names[word]} for word in entries], align="left"),
    ]  # fmt: skip
    for word, mark in (("centre", {"color": INK, "strokeWidth": 1.4}), ("limits", {"color": MUTED, "strokeWidth": 1.2, "strokeDash": [5, 3]})):
        if word in y:
            found.append(layer({"type": "rule", **mark}, {"x": pixel("left"), "x2": {"field": "right"}, "y": pixel("y")},
                               [{"left": left, "right": left + 28, "y": y[word]}]))  # fmt: skip
    if "break" in y:
        found.append(layer({"type": "rule", "color": BAR, "strokeWidth": 1.4}, {"x": pixel("x"), "y": pixel("y"), "y2": {"field": "y2"}},
                           [{"x": left + 14, "y": y["break"] - 8, "y2": y["break"] + 8}]))  # fmt: skip
    return found
