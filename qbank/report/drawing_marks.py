"""Lines, rules, points and words of a plain figure as SVG: each takes its place from a scale or stands at pixels."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from markupsafe import escape

from qbank.report.blocks import Figure, anchor
from qbank.report.drawing_scales import ANCHOR, NotPlain, Scale, fall, only, px

Row = Mapping[str, Any]
Scales = Mapping[str, Scale]
HOVER = "hover"
PLACES = ("x", "y", "x2", "y2")
LOOKS = ("color", "shape", "strokeWidth", "strokeDash")
MARK = frozenset({
    "type", "color", "opacity", "stroke", "strokeWidth", "strokeDash", "interpolate", "binSpacing", "point", "filled", "size", "shape",
    "align", "baseline", "dx", "dy", "fontSize",
})  # fmt: skip
TEST = re.compile(r"datum\.(\w+) === '([^']*)'")


def mark_svg(layer: Mapping[str, Any], scales: Scales, size: tuple[float, float], figure: Figure) -> str:
    """Return the marks of one layer; those of the layer ``hover`` name themselves and lead to their card.

    scales : by channel, x and y, where the layer's group has any
    """
    only(layer, ("name", "mark", "encoding", "data"))
    mark: Mapping[str, Any] = {"type": layer["mark"]} if isinstance(layer["mark"], str) else layer["mark"]
    encoding, rows = layer["encoding"], layer["data"]["values"]
    only(mark, MARK)
    only(encoding, (*PLACES, *LOOKS, "detail", "text"))
    drawn = DRAWN.get(mark["type"])
    if drawn is None or ("point" in mark and mark["type"] != "line"):
        raise NotPlain(mark["type"])
    shapes = drawn(mark, encoding, rows, scales, size)
    if layer.get("name") == HOVER and figure.titles:
        shapes = _entitled(shapes, figure)
    opacity = mark.get("opacity", 0.7 if mark["type"] == "point" else 1)
    body = "".join(shapes)
    return f'<g opacity="{px(opacity)}">{body}</g>' if opacity != 1 else body


def _entitled(shapes: Sequence[str], figure: Figure) -> list[str]:
    links = figure.links or ("",) * len(figure.titles)
    found = []
    for shape, title, link in zip(shapes, figure.titles, links, strict=True):
        name = shape[1 : re.search(r"[ />]", shape[1:]).start() + 1]  # type: ignore[union-attr]
        told = f"{shape[:-2]}><title>{escape(title)}</title></{name}>"
        found.append(f'<a href="#{anchor(link)}">{told}</a>' if link else told)
    return found


def _place(channel: str, encoding: Mapping[str, Any], scales: Scales) -> Callable[[Row], float]:
    """Return where a row stands on a channel, in pixels."""
    found = encoding[channel]
    if "value" in found:
        only(found, ("value",))
        return lambda row: float(found["value"])
    if "datum" in found:
        only(found, ("datum",))
        return lambda row: scales[channel[0]](found["datum"])
    only(found, ("field", "type", "scale", "axis"))
    # the second end of a rule stands on the scale of its first
    first = encoding.get(channel[0], found)
    if found.get("type", "quantitative") != "quantitative" or ("scale" in first and first["scale"] is None and first.get("axis")):
        raise NotPlain(channel)
    if "scale" in first and first["scale"] is None:
        return lambda row: _number(row[found["field"]])
    scale = scales[channel[0]]
    return lambda row: scale(_number(row[found["field"]]))


def _number(value: Any) -> float:
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise NotPlain(repr(value))
    return value


def _look(channel: str, mark: Mapping[str, Any], encoding: Mapping[str, Any]) -> Callable[[Row], Any]:
    """Return how a row looks on a channel: as its own column says, as a condition says, or as the mark does."""
    if channel not in encoding:
        same = mark.get(channel)
        return lambda row: same
    found = encoding[channel]
    if "condition" in found:
        only(found, ("condition", "value"))
        only(found["condition"], ("test", "value"))
        test = TEST.fullmatch(found["condition"]["test"])
        if test is None:
            raise NotPlain(found["condition"]["test"])
        field, word = test.groups()
        return lambda row: found["condition"]["value"] if row[field] == word else found["value"]
    only(found, ("field", "type", "scale", "legend"))
    if found.get("scale", "") is not None or found.get("legend", "") is not None:
        raise NotPlain(channel)
    return lambda row: row[found["field"]]


def _stroke(colour: Any, width: Any, dash: Any) -> str:
    """Return the attributes of a line; a dash without gaps is none."""
    if colour is None:
        raise NotPlain("color")
    dashed = f' stroke-dasharray="{",".join(px(part) for part in dash)}"' if dash and any(dash[1::2]) else ""
    return f'stroke="{colour}" stroke-width="{px(1 if width is None else width)}"{dashed}'


def _line(mark: Mapping[str, Any], encoding: Mapping[str, Any], rows: Sequence[Row], scales: Scales, size: tuple[float, float]) -> list[str]:
    """Return one path for all rows of one look and detail, from left to right, then the points that the line carries."""
    looks = [_look(channel, mark, encoding) for channel in ("color", "strokeWidth", "strokeDash")]
    fields = [found["field"] for channel, found in encoding.items() if channel not in PLACES and "field" in found]
    x, y = _place("x", encoding, scales), _place("y", encoding, scales)
    joined = _JOINED.get(mark.get("interpolate", "linear"))
    if joined is None:
        raise NotPlain(mark["interpolate"])
    paths: dict[str, list[Row]] = {}
    for row in rows:
        paths.setdefault(repr([row[field] for field in fields]), []).append(row)
    found, dots = [], []
    for path in paths.values():
        places = [(px(x(row)), px(y(row))) for row in sorted(path, key=x)]
        colour, width, dash = (look(path[0]) for look in looks)
        if len(places) > 1:
            found.append(f'<path d="{joined(places)}" {_stroke(colour, width, dash)}/>')
        if "point" in mark:
            dots += [_symbol(place, "circle", mark["point"]["size"], colour) for place in places]
    if "point" in mark:
        only(mark["point"], ("filled", "size"))
    return found + dots


def _straight(places: Sequence[tuple[str, str]]) -> str:
    return f"M{'L'.join(','.join(place) for place in places)}"


def _stepped(places: Sequence[tuple[str, str]]) -> str:
    """Return a path that stays level to the next place, then goes to its height."""
    return f"M{','.join(places[0])}" + "".join(f"H{x}V{y}" for x, y in places[1:])


_JOINED = {"linear": _straight, "step-after": _stepped}


def _rule(mark: Mapping[str, Any], encoding: Mapping[str, Any], rows: Sequence[Row], scales: Scales, size: tuple[float, float]) -> list[str]:
    """Return a straight line a row: between two ends, or through the whole plot."""
    looks = [_look(channel, mark, encoding) for channel in ("color", "strokeWidth", "strokeDash")]
    ends = []
    for one, other, through in (("x", "x2", (size[0], 0.0)), ("y", "y2", (0.0, size[1]))):
        if one in encoding:
            first = _place(one, encoding, scales)
            ends.append((first, _place(other, encoding, scales) if other in encoding else first))
        else:  # the way that Vega draws it: dashes begin at its first end
            ends.append((lambda row, at=through[0]: at, lambda row, at=through[1]: at))  # type: ignore[misc]
    (x1, x2), (y1, y2) = ends
    return [
        f'<path d="M{px(x1(row))},{px(y1(row))}L{px(x2(row))},{px(y2(row))}" {_stroke(*(look(row) for look in looks))}/>' for row in rows
    ]


def _rect(mark: Mapping[str, Any], encoding: Mapping[str, Any], rows: Sequence[Row], scales: Scales, size: tuple[float, float]) -> list[str]:
    """Return a filled rectangle a row, between two ends each way."""
    (x1, x2), (y1, y2) = ([_place(channel, encoding, scales) for channel in (one, f"{one}2")] for one in "xy")
    colour = _look("color", mark, encoding)
    edge = f' stroke="{mark["stroke"]}" stroke-width="{px(mark["strokeWidth"])}"' if "stroke" in mark else ""
    if mark.get("binSpacing", 0):
        raise NotPlain("binSpacing")
    found = []
    for row in rows:
        left, right, top, bottom = *sorted((x1(row), x2(row))), *sorted((y1(row), y2(row)))
        outline = f"M{px(left)},{px(top)}H{px(right)}V{px(bottom)}H{px(left)}Z"
        found.append(f'<path d="{outline}" fill="{colour(row)}"{edge}/>')
    return found


def _point(mark: Mapping[str, Any], encoding: Mapping[str, Any], rows: Sequence[Row], scales: Scales, size: tuple[float, float]) -> list[str]:
    """Return a filled symbol a row."""
    if mark.get("filled") is not True or "size" not in mark:
        raise NotPlain("point")
    x, y = _place("x", encoding, scales), _place("y", encoding, scales)
    colour, shape = _look("color", mark, encoding), _look("shape", mark, encoding)
    return [_symbol((px(x(row)), px(y(row))), shape(row) or "circle", mark["size"], colour(row)) for row in rows]


def _symbol(place: tuple[str, str], shape: str, area: float, colour: str | None) -> str:
    """Return a symbol of about that many square pixels."""
    half = math.sqrt(area) / 2
    high, r = px(math.sqrt(3) / 2 * half), px(half)
    x, y = place
    if shape == "circle":
        return f'<circle cx="{x}" cy="{y}" r="{r}" fill="{colour}"/>'
    outlines = {
        "square": f"M-{r},-{r}H{r}V{r}H-{r}Z", "diamond": f"M-{r},0L0,-{r}L{r},0L0,{r}Z", "triangle-up": f"M0,-{high}L-{r},{high}L{r},{high}Z",
    }  # fmt: skip
    if shape not in outlines:
        raise NotPlain(shape)
    return f'<path d="{outlines[shape]}" transform="translate({x},{y})" fill="{colour}"/>'


def _text(mark: Mapping[str, Any], encoding: Mapping[str, Any], rows: Sequence[Row], scales: Scales, size: tuple[float, float]) -> list[str]:
    """Return a word a row."""
    only(encoding["text"], ("field", "type"))
    x, y, colour = _place("x", encoding, scales), _place("y", encoding, scales), _look("color", mark, encoding)
    letters, field = mark.get("fontSize", 11), encoding["text"]["field"]
    right, down = mark.get("dx", 0), mark.get("dy", 0) + fall(mark.get("baseline", "middle"), letters)
    look = f'text-anchor="{ANCHOR[mark.get("align", "center")]}" font-size="{px(letters)}px"'
    return [
        f'<text {look} x="{px(x(row) + right)}" y="{px(y(row) + down)}" fill="{colour(row) or "black"}">{escape(row[field])}</text>'
        for row in rows
    ]


DRAWN: dict[str, Callable[..., list[str]]] = {
    "line": _line, "rule": _rule, "rect": _rect, "bar": _rect, "point": _point, "text": _text,
}  # fmt: skip
"""mark → its shapes in the order of the rows"""
