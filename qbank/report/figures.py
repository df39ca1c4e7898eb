"""The figures of a report as Vega-Lite specifications: pure functions from rows to a dict.

Every position that a program could compute from the width of a text is given as a number instead, so the
drawing does not depend on the fonts of the machine that draws it. Nothing is told by colour alone: lines
differ in weight and dash and carry their label, points differ in shape.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

Spec = dict[str, Any]
Margin = tuple[int, int, int, int]
Row = Mapping[str, object]

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.4.1.json"

INK, MUTED, GRID = "#1f2933", "#5b6770", "#e3e7eb"
ACCENT, BAR, HOLD, WARN, INFO = "#1d4e79", "#7f9fbd", "#a4161a", "#b26a00", "#5b6770"
SERIES = ("#1d4e79", "#b26a00", "#3f7d58", "#7a3b69", "#5b6770", "#a4161a")
DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 4], [1, 3])

WIDE_MARGIN: Margin = (52, 30, 24, 46)
WIDE_SIZE = (780, 230)
SQUARE_SIZE = (780, 360)
CARD_MARGIN: Margin = (40, 30, 74, 40)
CARD_SIZE = (250, 150)


def axis_look(title: str, **options: Any) -> dict[str, Any]:
    """Return an axis with its title, drawn as every axis of a report is."""
    return {
        "title": title, "labelOverlap": False, "labelColor": MUTED, "titleColor": MUTED, "titleFontWeight": "normal",
        "titleFontSize": 11.5, "labelFontSize": 11, "gridColor": GRID, "domainColor": "#9aa5b1", "tickColor": "#9aa5b1",
        **options,
    }  # fmt: skip


def _across(title: str, size: tuple[int, int], **options: Any) -> dict[str, Any]:
    return axis_look(title, titleX=size[0] / 2, titleY=26, titleBaseline="top", **options)


def _upward(title: str, margin: Margin, **options: Any) -> dict[str, Any]:
    place = {"titleAngle": 0, "titleAlign": "left", "titleX": 6 - margin[0], "titleY": -12, "titleBaseline": "bottom"}
    return axis_look(title, **place, **options)


def _at(field: str, **options: Any) -> dict[str, Any]:
    """Return a channel that takes its place from a column."""
    return {"field": field, "type": "quantitative", **options}


def _as_written(field: str, kind: str = "nominal") -> dict[str, Any]:
    """Return a channel that takes colours, dashes, shapes or widths as they stand in the rows."""
    return {"field": field, "type": kind, "scale": None, "legend": None}


def _word(field: str) -> dict[str, Any]:
    return {"field": field, "type": "nominal"}


def _from_zero(rows: Sequence[Row], field: str) -> dict[str, Any]:
    """Return a scale from 0 to the next round value above the highest of a column."""
    highest = max((float(str(row[field])) for row in rows), default=0.0)
    return {"domain": [0, round_above(highest)], "nice": False} if 0 < highest < math.inf else {"zero": True}


def round_above(value: float) -> float:
    """Return the least tenth-or-so step of a scale that begins at 0 and holds the value: where Vega lets its axis end.

    >>> round_above(87.0), round_above(0.0321), round_above(100.0)
    (90.0, 0.035, 100.0)
    """
    for _ in range(10):
        power = math.floor(math.log10(value / 10))
        excess = value / 10 / 10.0**power
        factor = 10 if excess >= math.sqrt(50) else 5 if excess >= math.sqrt(10) else 2 if excess >= math.sqrt(2) else 1
        per = 10.0**-power / factor
        higher = math.ceil(value * per - 1e-9) / per
        if higher == value:
            break
        value = higher
    return value


def _layer(rows: Sequence[Row], mark: Spec, encoding: Spec) -> Spec:
    return {"data": {"values": [dict(row) for row in rows]}, "mark": mark, "encoding": encoding}


def _finished(layers: Sequence[Spec], size: tuple[int, int]) -> Spec:
    return {"$schema": SCHEMA, "width": size[0], "height": size[1], "layer": list(layers)}


def _cut_line(cut: Sequence[Row]) -> tuple[Spec, Spec]:
    line = {"type": "rule", "color": HOLD, "strokeWidth": 1.6, "strokeDash": [5, 3]}
    label = {"type": "text", "color": HOLD, "fontSize": 12, "dy": -8, "baseline": "bottom"}
    at = _at("cut")
    return _layer(cut, line, {"x": at}), _layer(cut, label, {"x": at, "y": {"value": 0}, "text": _word("label")})


def histogram(
    bins: Sequence[Row],
    cut: Sequence[Row],
    *,
    domain: tuple[float, float],
    score_title: str,
    count_title: str,
) -> Spec:
    """Return the score histogram. bins: low, high, n; cut: cut, label (none or one row)."""
    x_axis = _across(score_title, WIDE_SIZE, grid=False)
    y_axis = _upward(count_title, WIDE_MARGIN, tickCount=5, tickMinStep=1)
    bar = {"type": "bar", "color": BAR, "stroke": "#ffffff", "strokeWidth": 1, "binSpacing": 0}
    places = {
        "x": _at("low", axis=x_axis, scale={"domain": list(domain), "nice": False}), "x2": {"field": "high"},
        "y": _at("n", axis=y_axis, scale=_from_zero(bins, "n")), "y2": {"datum": 0},
    }  # fmt: skip
    return _finished([{"name": "hover", **_layer(bins, bar, places)}, *_cut_line(cut)], WIDE_SIZE)


def _series_rows(forms: Sequence[str]) -> dict[str, tuple[str, list[int]]]:
    return {form: (SERIES[i % len(SERIES)], DASHES[i % len(DASHES)]) for i, form in enumerate(forms)}


def curves(
    points: Sequence[Row],
    cut: Sequence[Row],
    *,
    forms: Sequence[str],
    domain: tuple[float, float],
    score_title: str,
    share_title: str,
    step: bool,
) -> Spec:
    """Return one line a form, shapes (step=False) or cumulative. points: form, score, share."""
    style = _series_rows(forms)
    drawn = [
        {**row, "colour": style[str(row["form"])][0], "dash": style[str(row["form"])][1]} for row in points
    ]
    names = [
        {"form": form, "colour": colour, "dash": dash, "place": 12 + 17 * place}
        for place, (form, (colour, dash)) in enumerate(style.items())
    ]
    y_scale = {"domain": [0, 1]} if step else _from_zero(drawn, "share")
    # ticks half a per cent apart would repeat their labels without a decimal
    few = not step and y_scale.get("domain", (0, 1))[1] < 0.05
    places = {
        "x": _at("score", axis=_across(score_title, WIDE_SIZE, grid=False), scale={"domain": list(domain), "nice": False}),
        "y": _at("share", axis=_upward(share_title, WIDE_MARGIN, format=".1%" if few else ".0%", tickCount=5), scale=y_scale),
    }  # fmt: skip
    look = {"color": _as_written("colour"), "strokeDash": _as_written("dash")}
    left, y = 14, _at("place", scale=None, axis=None)
    line = {"type": "line", "strokeWidth": 2, "interpolate": "step-after" if step else "linear"}
    word = {"type": "text", "align": "left", "baseline": "middle", "fontSize": 12, "color": INK}
    layers = [
        _layer(drawn, line, {**places, "detail": _word("form"), **look}),
        *_cut_line(cut),
        _layer(names, {"type": "rule", "strokeWidth": 2}, {"x": {"value": left}, "x2": {"value": left + 28}, "y": y, **look}),
        _layer(names, word, {"x": {"value": left + 34}, "y": y, "text": _word("form")}),
    ]
    return {**_finished(layers, WIDE_SIZE), "resolve": {"scale": {"y": "independent"}}}


TONES: dict[str, tuple[str, str]] = {
    "hold": (HOLD, "triangle-up"),
    "warn": (WARN, "diamond"),
    "none": (ACCENT, "circle"),
}


def scatter(
    items: Sequence[Row],
    regions: Sequence[Row],
    notes: Sequence[Row],
    *,
    facility_title: str,
    rest_title: str,
) -> Spec:
    """Return facility against item-rest correlation.

    items: item, facility, item_rest, tone (hold, warn, none)
    regions: x1, x2, y1, y2, colour; notes: x, y, label
    """
    drawn = [
        {**row, "colour": TONES[str(row["tone"])][0], "shape": TONES[str(row["tone"])][1]} for row in items
    ]
    named = [row for row in drawn if row["tone"] == "hold"]
    x_axis = _across(facility_title, SQUARE_SIZE, format=".1f", tickCount=10)
    y_axis = _upward(rest_title, WIDE_MARGIN, format=".1f", tickCount=10)
    region = {"x": _at("x1"), "x2": {"field": "x2"}, "y": _at("y1"), "y2": {"field": "y2"}, "color": _as_written("colour")}
    note = {"type": "text", "align": "left", "baseline": "top", "fontSize": 11, "color": MUTED, "dx": 5, "dy": 4}
    dot = {
        "x": _at("facility", axis=x_axis, scale={"domain": [0, 1]}),
        "y": _at("item_rest", axis=y_axis, scale={"domain": [-0.4, 0.8], "clamp": True}),
        "color": _as_written("colour"), "shape": _as_written("shape"),
    }  # fmt: skip
    name = {"type": "text", "align": "left", "dx": 8, "fontSize": 11, "color": HOLD}
    layers = [
        _layer(regions, {"type": "rect", "opacity": 0.5}, region),
        _layer(notes, note, {"x": _at("x"), "y": _at("y"), "text": _word("label")}),
        {"name": "hover", **_layer(drawn, {"type": "point", "filled": True, "size": 46, "opacity": 0.8}, dot)},
        _layer(named, name, {"x": _at("facility"), "y": _at("item_rest"), "text": _word("item")}),
    ]
    return _finished(layers, SQUARE_SIZE)


def quantile_plot(points: Sequence[Row], *, group_title: str, share_title: str) -> Spec:
    """Return the share of each fifth that chose each option: key thick, others thin, labels at line ends.

    points: option, label, role (key, rival, distractor, omitted), group 1…5, share
    """
    options = list(dict.fromkeys(str(row["option"]) for row in points))
    plain = [o for o in options if next(r for r in points if r["option"] == o)["role"] != "key"]
    drawn = [{**row, **_option_style(str(row["role"]), plain, str(row["option"]))} for row in points]
    ends = [row for row in drawn if row["group"] == 5]
    places = spread([float(str(row["share"])) for row in ends], gap=0.085)
    names = [{**row, "place": place} for row, place in zip(ends, places, strict=True)]
    x_axis = _across(group_title, CARD_SIZE, grid=False, values=[1, 2, 3, 4, 5], format="d")
    y_axis = _upward(share_title, CARD_MARGIN, format=".0%", values=[0, 0.25, 0.5, 0.75, 1])
    plotted = {
        "x": _at("group", axis=x_axis, scale={"domain": [0.8, 5.1], "nice": False}),
        "y": _at("share", axis=y_axis, scale={"domain": [0, 1]}),
    }
    look = {"strokeWidth": _as_written("weight", "quantitative"), "strokeDash": _as_written("dash")}
    colour, label = _as_written("colour"), {"type": "text", "align": "left", "baseline": "middle", "dx": 8, "fontSize": 11.5}
    layers = [
        _layer(drawn, {"type": "line", "point": {"size": 22, "filled": True}}, {**plotted, "detail": _word("option"), "color": colour, **look}),
        _layer(names, label, {"x": _at("group"), "y": _at("place"), "text": _word("label"), "color": colour}),
    ]
    return _finished(layers, CARD_SIZE)


def _option_style(role: str, plain: Sequence[str], option: str) -> dict[str, object]:
    if role == "key":
        return {"colour": ACCENT, "weight": 3.2, "dash": DASHES[0]}
    dash = DASHES[1 + plain.index(option) % (len(DASHES) - 1)]
    return {"colour": HOLD if role == "rival" else MUTED, "weight": 1.3, "dash": dash}


def spread(places: Sequence[float], *, gap: float) -> list[float]:
    """Return the places moved apart to at least ``gap``, their order kept, inside [0, 1] where they fit.

    >>> [round(place, 3) for place in spread([0.5, 0.5, 0.9], gap=0.1)]
    [0.5, 0.6, 0.9]
    """
    order = sorted(range(len(places)), key=lambda index: (places[index], index))
    moved = list(places)
    floor = 0.0
    for index in order:
        moved[index] = floor = max(places[index], floor)
        floor += gap
    ceiling = 1.0 + gap / 2
    for index in reversed(order):
        moved[index] = min(moved[index], ceiling)
        ceiling = moved[index] - gap
    return moved
