"""Scales and axes of a plain figure as SVG, placed and rounded as Vega places and rounds them."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from markupsafe import escape

AXIS = frozenset({
    "title", "titleX", "titleY", "titleBaseline", "titleAngle", "titleAlign", "titleColor", "titleFontWeight", "titleFontSize",
    "labelOverlap", "labelColor", "labelFontSize", "labels", "ticks", "values", "format", "tickCount", "tickMinStep", "grid", "gridColor",
    "domainColor", "tickColor",
})  # fmt: skip
PX_A_TICK = 40
"""Vega-Lite asks for one tick in so many pixels where the axis says nothing."""
LONG, PAD = 5, 7
ANCHOR = {"left": "start", "center": "middle", "right": "end"}
RISE = {"top": 0.79, "middle": 0.3, "bottom": -0.21, "alphabetic": 0.0}
"""baseline → how far below its place the foot of the letters stands, as a share of the size of the font"""


class NotPlain(ValueError):
    """A specification asks for something that only Vega draws."""


def only(part: Mapping[str, Any], known: Collection[str]) -> None:
    """Refuse a part of a specification that has other keys than the known ones."""
    if not part.keys() <= set(known):
        raise NotPlain(", ".join(sorted(part.keys() - set(known))))


def px(value: float) -> str:
    """Return a number of pixels, to a hundredth, as short as it goes.

    >>> px(12.0), px(-0.001), px(3.14159)
    ('12', '0', '3.14')
    """
    short = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if short == "-0" else short


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight scale: ``domain`` is laid on the pixels ``first`` to ``last``."""

    domain: tuple[float, float]
    first: float
    last: float
    clamp: bool = False

    def __call__(self, value: float) -> float:
        low, high = self.domain
        share = (value - low) / (high - low)
        if self.clamp:
            share = min(max(share, 0.0), 1.0)
        return self.first + share * (self.last - self.first)


def ticks(low: float, high: float, count: int) -> tuple[list[float], float]:
    """Return the round values between two ends, about ``count`` of them, and their step: 1, 2 or 5 times a power of ten.

    >>> ticks(0.0, 1.0, 3)
    ([0.0, 0.5, 1.0], 0.5)
    """
    rough = (high - low) / max(count, 1)
    power = math.floor(math.log10(rough))
    excess = rough / 10.0**power
    factor = 10 if excess >= math.sqrt(50) else 5 if excess >= math.sqrt(10) else 2 if excess >= math.sqrt(2) else 1
    # whole numbers are divided or multiplied by, so that 0.3 is not 0.30000000000000004
    if power < 0:
        per = 10.0**-power / factor
        first, last = math.ceil(low * per - 1e-10), math.floor(high * per + 1e-10)
        return [n / per for n in range(first, last + 1)], 1 / per
    step = factor * 10.0**power
    return [n * step for n in range(math.ceil(low / step - 1e-10), math.floor(high / step + 1e-10) + 1)], step


def written(value: float, form: str, step: float) -> str:
    """Return the label of a tick; without a form it has the decimals that its step needs.

    >>> written(-0.5, "", 0.5), written(0.25, ".0%", 0.25), written(2000.0, "", 1000.0), written(0.005, ".0%", 0.005)
    ('−0.5', '25%', '2,000', '1%')
    """
    match form:
        case "":
            said = f"{_fixed(value, max(0, -math.floor(math.log10(step) + 1e-9))):,f}"
        case ".0%" | ".1%":
            said = f"{_fixed(100 * value, int(form[1])):f}%"
        case "d":
            said = f"{_fixed(value, 0):f}"
        case ".1f" | ".2f":
            said = f"{_fixed(value, int(form[1])):f}"
        case _:
            raise NotPlain(form)
    return said.replace("-", "−")


def _fixed(value: float, digits: int) -> Decimal:
    """Return the number to so many decimals; halves go up, as in a browser."""
    found = Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return found or abs(found)


def axis_svg(axis: Mapping[str, Any], scale: Scale, size: tuple[float, float], *, upward: bool, alone: bool) -> tuple[str, str]:
    """Return the grid and the axis itself: across the foot of the plot, or upward on its left; alone : see `_placed`."""
    only(axis, AXIS)
    if axis.get("labelOverlap", False) is not False or axis.get("titleAngle", 0) or axis.get("titleFontWeight") != "normal":
        raise NotPlain("axis")
    width, height = size
    placed, step = _placed(axis, scale, height if upward else width, alone=alone)
    # lines of one pixel lie on half pixels, else they are drawn as two grey ones
    at = [math.floor(scale(value) + 0.5) + 0.5 for value in placed]
    grid = ticked = ""
    if axis.get("grid", True) and at:
        lines = (f"M.5,{px(y)}h{px(width)}" for y in at) if upward else (f"M{px(x)},.5v{px(height)}" for x in at)
        grid = f'<path d="{"".join(lines)}" stroke="{axis["gridColor"]}"/>'
    if axis.get("ticks", True) and at:
        lines = (f"M.5,{px(y)}h-{LONG}" for y in at) if upward else (f"M{px(x)},{px(height + 0.5)}v{LONG}" for x in at)
        ticked = f'<path d="{"".join(lines)}" stroke="{axis["tickColor"]}"/>'
    line = f"M.5,{px(height + 0.5)}" + (f"v-{px(height)}" if upward else f"h{px(width)}")
    labels = _labels(axis, [(scale(value), written(value, axis.get("format", ""), step)) for value in placed], size, upward=upward)
    return grid, f'{ticked}{labels}<path d="{line}" stroke="{axis["domainColor"]}"/>{_title(axis, size, upward=upward)}'


def _placed(axis: Mapping[str, Any], scale: Scale, length: float, *, alone: bool) -> tuple[list[float], float]:
    """Return the values that have a tick, and the step by which their labels are rounded.

    alone : whether every layer says what the axis is; else Vega-Lite thins stated values as it would its own
    """
    low, high = scale.domain
    stated = axis.get("values", ())
    count = axis.get("tickCount", len(stated) if stated and alone else math.ceil(length / PX_A_TICK))
    if "tickMinStep" in axis:
        count = min(count, math.floor((high - low) / axis["tickMinStep"]) or 1)
    round_values, step = ticks(low, high, count)
    if not stated:
        return round_values, step
    placed = [float(value) for value in stated if low <= value <= high]
    ends = [placed[0], placed[-1]] if placed else []
    while len(placed) > max(count, 2):
        placed = placed[::2]
    return (placed if len(placed) > 2 else ends), step


def _labels(axis: Mapping[str, Any], labels: Sequence[tuple[float, str]], size: tuple[float, float], *, upward: bool) -> str:
    if not axis.get("labels", True) or not labels:
        return ""
    letters, foot = axis["labelFontSize"], size[1] + 0.5
    if upward:
        drop = fall("middle", letters)
        each = "".join(f'<text x="-6.5" y="{px(y + 0.5 + drop)}">{escape(word)}</text>' for y, word in labels)
        return f'<g text-anchor="end" font-size="{px(letters)}px" fill="{axis["labelColor"]}">{each}</g>'
    y = px(foot + PAD + fall("top", letters))
    each = "".join(f'<text{_flush(x, size[0])} x="{px(x + 0.5)}" y="{y}">{escape(word)}</text>' for x, word in labels)
    return f'<g text-anchor="middle" font-size="{px(letters)}px" fill="{axis["labelColor"]}">{each}</g>'


def _flush(x: float, width: float) -> str:
    """Return how a label at the very end of the axis is turned inward."""
    return ' text-anchor="start"' if x <= 1 else ' text-anchor="end"' if width - x <= 1 else ""


def _title(axis: Mapping[str, Any], size: tuple[float, float], *, upward: bool) -> str:
    letters, left, top = axis["titleFontSize"], 0.5, 0.5 if upward else size[1] + 0.5
    y = top + axis["titleY"] + fall(axis["titleBaseline"], letters)
    anchor = ANCHOR[axis.get("titleAlign", "center")]
    at = f'x="{px(left + axis["titleX"])}" y="{px(y)}"'
    return f'<text text-anchor="{anchor}" {at} font-size="{px(letters)}px" fill="{axis["titleColor"]}">{escape(axis["title"])}</text>'


def fall(baseline: str, size: float) -> int:
    """Return how many pixels below its place a text of that baseline has its foot.

    >>> fall("top", 11.5), fall("bottom", 11.5), fall("middle", 11)
    (9, -2, 3)
    """
    return math.floor(RISE[baseline] * size + 0.5)
