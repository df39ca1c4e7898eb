"""The figures of a report as Vega-Lite specifications: pure functions from rows to a dict.

Every position that a program could compute from the width of a text is given as a number instead, so the
drawing does not depend on the fonts of the machine that draws it. Nothing is told by colour alone: lines
differ in weight and dash and carry their label, points differ in shape.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

Spec = dict[str, Any]
Margin = tuple[int, int, int, int]
Row = Mapping[str, object]

INK, MUTED, GRID = "#1f2933", "#5b6770", "#e3e7eb"
ACCENT, BAR, HOLD, WARN, INFO = "#1d4e79", "#7f9fbd", "#a4161a", "#b26a00", "#5b6770"
SERIES = ("#1d4e79", "#b26a00", "#3f7d58", "#7a3b69", "#5b6770", "#a4161a")
DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 4], [1, 3])

WIDE_MARGIN: Margin = (52, 30, 24, 46)
WIDE_SIZE = (780, 230)
SQUARE_SIZE = (780, 360)
CARD_MARGIN: Margin = (40, 30, 74, 40)
CARD_SIZE = (250, 150)


def _axis(title: str, *, vertical: bool, size: tuple[int, int], margin: Margin, **options: Any) -> Any:
    import altair as alt

    place: dict[str, Any] = (
        {
            "titleAngle": 0,
            "titleAlign": "left",
            "titleX": 6 - margin[0],
            "titleY": -12,
            "titleBaseline": "bottom",
        }
        if vertical
        else {"titleX": size[0] / 2, "titleY": 26, "titleBaseline": "top"}
    )
    return alt.Axis(
        title=title,
        labelOverlap=False,
        labelColor=MUTED,
        titleColor=MUTED,
        titleFontWeight="normal",
        titleFontSize=11.5,
        labelFontSize=11,
        gridColor=GRID,
        domainColor="#9aa5b1",
        tickColor="#9aa5b1",
        **place,
        **options,
    )


def _finished(chart: Any, size: tuple[int, int]) -> Spec:
    """Return the chart as a plain specification, without the defaults that altair adds around it."""
    spec: Spec = chart.properties(width=size[0], height=size[1]).to_dict()
    spec.pop("config", None)
    return {"$schema": spec.pop("$schema"), **spec}


def _with_rows(template: Spec, rows: Mapping[str, Sequence[Row]]) -> Spec:
    """Return the template with its named data filled in."""
    layers = [
        {**layer, "data": {"values": [dict(row) for row in rows[layer["data"]["name"]]]}}
        for layer in template["layer"]
    ]
    return {**template, "layer": layers}


@cache
def _histogram(score_title: str, count_title: str, domain: tuple[float, float]) -> Spec:
    import altair as alt

    size = WIDE_SIZE
    x_axis = _axis(score_title, vertical=False, size=size, margin=WIDE_MARGIN, grid=False)
    y_axis = _axis(count_title, vertical=True, size=size, margin=WIDE_MARGIN, tickCount=5, tickMinStep=1)
    x = alt.X("low:Q", axis=x_axis, scale=alt.Scale(domain=list(domain), nice=False))
    bars = (
        alt.Chart(alt.NamedData("bins"), name="hover")
        .mark_bar(color=BAR, stroke="#ffffff", strokeWidth=1, binSpacing=0)
        .encode(x=x, x2="high:Q", y=alt.Y("n:Q", axis=y_axis, scale=alt.Scale(zero=True)), y2=alt.datum(0))
    )
    return _finished(alt.layer(bars, *_cut_line("cut:Q")), size)


def _cut_line(field: str) -> tuple[Any, Any]:
    import altair as alt

    line = (
        alt.Chart(alt.NamedData("cut"))
        .mark_rule(color=HOLD, strokeWidth=1.6, strokeDash=[5, 3])
        .encode(x=field)
    )
    label = (
        alt.Chart(alt.NamedData("cut"))
        .mark_text(color=HOLD, fontSize=12, dy=-8, baseline="bottom")
        .encode(x=field, y=alt.value(0), text="label:N")
    )
    return line, label


def histogram(
    bins: Sequence[Row],
    cut: Sequence[Row],
    *,
    domain: tuple[float, float],
    score_title: str,
    count_title: str,
) -> Spec:
    """Return the score histogram. bins: low, high, n; cut: cut, label (none or one row)."""
    return _with_rows(_histogram(score_title, count_title, domain), {"bins": bins, "cut": cut})


@cache
def _curves(score_title: str, share_title: str, domain: tuple[float, float], step: bool) -> Spec:
    import altair as alt

    size = WIDE_SIZE
    x_axis = _axis(score_title, vertical=False, size=size, margin=WIDE_MARGIN, grid=False)
    y_axis = _axis(share_title, vertical=True, size=size, margin=WIDE_MARGIN, format=".0%", tickCount=5)
    y_scale = alt.Scale(domain=[0, 1]) if step else alt.Scale(zero=True)
    lines = (
        alt.Chart(alt.NamedData("points"))
        .mark_line(strokeWidth=2, interpolate="step-after" if step else "linear")
        .encode(
            x=alt.X("score:Q", axis=x_axis, scale=alt.Scale(domain=list(domain), nice=False)),
            y=alt.Y("share:Q", axis=y_axis, scale=y_scale),
            detail="form:N",
            color=alt.Color("colour:N", scale=None, legend=None),
            strokeDash=alt.StrokeDash("dash:N", scale=None, legend=None),
        )
    )
    left = 14
    names = alt.Chart(alt.NamedData("names"))
    keys = names.mark_rule(strokeWidth=2).encode(
        x=alt.value(left),
        x2=alt.value(left + 28),
        y=alt.Y("place:Q", scale=None, axis=None),
        color=alt.Color("colour:N", scale=None, legend=None),
        strokeDash=alt.StrokeDash("dash:N", scale=None, legend=None),
    )
    words = names.mark_text(align="left", baseline="middle", fontSize=12, color=INK).encode(
        x=alt.value(left + 34), y=alt.Y("place:Q", scale=None, axis=None), text="form:N"
    )
    chart = alt.layer(lines, *_cut_line("cut:Q"), keys, words).resolve_scale(y="independent")
    return _finished(chart, size)


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
    return _with_rows(
        _curves(score_title, share_title, domain, step), {"points": drawn, "cut": cut, "names": names}
    )


TONES: dict[str, tuple[str, str]] = {
    "hold": (HOLD, "triangle-up"),
    "warn": (WARN, "diamond"),
    "none": (ACCENT, "circle"),
}


@cache
def _scatter(facility_title: str, rest_title: str) -> Spec:
    import altair as alt

    size = SQUARE_SIZE
    x_axis = _axis(facility_title, vertical=False, size=size, margin=WIDE_MARGIN, format=".1f", tickCount=10)
    y_axis = _axis(rest_title, vertical=True, size=size, margin=WIDE_MARGIN, format=".1f", tickCount=10)
    x = alt.X("facility:Q", axis=x_axis, scale=alt.Scale(domain=[0, 1]))
    y = alt.Y("item_rest:Q", axis=y_axis, scale=alt.Scale(domain=[-0.4, 0.8], clamp=True))
    regions = (
        alt.Chart(alt.NamedData("regions"))
        .mark_rect(opacity=0.5)
        .encode(
            x=alt.X("x1:Q"),
            x2="x2:Q",
            y=alt.Y("y1:Q"),
            y2="y2:Q",
            color=alt.Color("colour:N", scale=None, legend=None),
        )
    )
    notes = (
        alt.Chart(alt.NamedData("notes"))
        .mark_text(align="left", baseline="top", fontSize=11, color=MUTED, dx=5, dy=4)
        .encode(x="x:Q", y="y:Q", text="label:N")
    )
    dots = (
        alt.Chart(alt.NamedData("items"), name="hover")
        .mark_point(filled=True, size=46, opacity=0.8)
        .encode(
            x=x,
            y=y,
            color=alt.Color("colour:N", scale=None, legend=None),
            shape=alt.Shape("shape:N", scale=None, legend=None),
        )
    )
    names = (
        alt.Chart(alt.NamedData("named"))
        .mark_text(align="left", dx=8, fontSize=11, color=HOLD)
        .encode(x="facility:Q", y="item_rest:Q", text="item:N")
    )
    return _finished(alt.layer(regions, notes, dots, names), size)


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
    rows = {"items": drawn, "regions": regions, "notes": notes, "named": named}
    return _with_rows(_scatter(facility_title, rest_title), rows)


@cache
def _quantile_plot(group_title: str, share_title: str) -> Spec:
    import altair as alt

    size = CARD_SIZE
    x_axis = _axis(
        group_title,
        vertical=False,
        size=size,
        margin=CARD_MARGIN,
        grid=False,
        values=[1, 2, 3, 4, 5],
        format="d",
    )
    y_axis = _axis(
        share_title,
        vertical=True,
        size=size,
        margin=CARD_MARGIN,
        format=".0%",
        values=[0, 0.25, 0.5, 0.75, 1],
    )
    x = alt.X("group:Q", axis=x_axis, scale=alt.Scale(domain=[0.8, 5.1], nice=False))
    y = alt.Y("share:Q", axis=y_axis, scale=alt.Scale(domain=[0, 1]))
    lines = (
        alt.Chart(alt.NamedData("points"))
        .mark_line(point=alt.OverlayMarkDef(size=22, filled=True))
        .encode(
            x=x,
            y=y,
            detail="option:N",
            color=alt.Color("colour:N", scale=None, legend=None),
            strokeWidth=alt.StrokeWidth("weight:Q", scale=None, legend=None),
            strokeDash=alt.StrokeDash("dash:N", scale=None, legend=None),
        )
    )
    labels = (
        alt.Chart(alt.NamedData("names"))
        .mark_text(align="left", baseline="middle", dx=8, fontSize=11.5)
        .encode(
            x="group:Q", y="place:Q", text="label:N", color=alt.Color("colour:N", scale=None, legend=None)
        )
    )
    return _finished(alt.layer(lines, labels), size)


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
    return _with_rows(_quantile_plot(group_title, share_title), {"points": drawn, "names": names})


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
