"""Curves of papers over ability.

A few papers each have a line of their own; many become a band from the lowest to the highest, with the paper that is
furthest from the others drawn and named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from qbank.report.figures import ACCENT, HOLD, INK, MUTED, Margin, Row, Spec
from qbank.report.pixels import (
    BOX,
    LABEL,
    across,
    layer,
    literal,
    pixel,
    style,
    text_width,
    two_scales,
    upward,
)

CURVE_SIZE = (630, 250)
CURVE_MARGIN: Margin = (52, 34, 174, 46)


@dataclass(frozen=True, slots=True)
class Line:
    """One curve: its name in the legend, what stands below that, (theta, value) points, how sure (half-widths)."""

    name: str
    values: Sequence[float]
    note: str = ""
    half_width: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class Band:
    """What many papers cover: lowest and highest value at each ability."""

    name: str
    low: Sequence[float]
    high: Sequence[float]


@dataclass(frozen=True, slots=True)
class Cut:
    """Where the cut lies: at this ability; ``value`` : at this height too ; ``allowed`` : how far papers may differ there"""

    theta: float
    label: str
    value: float | None = None
    allowed: float = 0.0
    allowed_name: str = ""


def curve_figure(
    theta: Sequence[float], lines: Sequence[Line], *, bands: Sequence[Band] = (), cut: Cut | None = None,
    x_title: str, y_title: str, y_domain: tuple[float, float] | None = None, zero_line: bool = False,
) -> Spec:  # fmt: skip
    """Return curves over ability with the cut, and the names of the lines to the right of the plot."""
    size = CURVE_SIZE
    scale: dict[str, Any] = {"domain": list(y_domain), "nice": False} if y_domain else {"zero": True}
    x = {"field": "theta", "type": "quantitative", "axis": across(x_title, size, grid=False, tickCount=9),
         "scale": {"domain": [theta[0], theta[-1]], "nice": False}}  # fmt: skip
    y = {"type": "quantitative", "axis": upward(y_title, CURVE_MARGIN, tickCount=6), "scale": scale}
    styles = {line.name: style(n + len(bands)) for n, line in enumerate(lines)}
    shown = [
        layer({"type": "area", "color": ACCENT, "opacity": 0.22},
               {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}, "detail": {"field": "name", "type": "nominal"}},
               [{"name": band.name, "theta": t, "low": low, "high": high}
                for band in bands for t, low, high in zip(theta, band.low, band.high, strict=True)]),
        layer({"type": "area", "opacity": 0.14},
               {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}, "detail": {"field": "name", "type": "nominal"},
                "color": literal("colour")},
               [{"name": line.name, "theta": t, "low": v - h, "high": v + h, "colour": styles[line.name][0]}
                for line in lines for t, v, h in zip(theta, line.values, line.half_width, strict=False)]),
        layer({"type": "line", "strokeWidth": 2},
               {"x": x, "y": {**y, "field": "value"}, "detail": {"field": "name", "type": "nominal"},
                "color": literal("colour"), "strokeDash": literal("dash")},
               [{"name": line.name, "theta": t, "value": v, "colour": styles[line.name][0], "dash": styles[line.name][1]}
                for line in lines for t, v in zip(theta, line.values, strict=True)]),
    ]  # fmt: skip
    if zero_line:
        shown.insert(0, layer({"type": "rule", "color": MUTED, "strokeWidth": 1}, {"y": {**y, "field": "value"}}, [{"value": 0}]))
    if cut is not None:
        shown += _cut_layers(cut, x, y, (theta[0], theta[-1]), y_title)
    return two_scales(shown, _legend(lines, bands, cut, styles), size)


def _cut_layers(cut: Cut, x: Spec, y: Spec, ends: tuple[float, float], y_title: str) -> list[Spec]:
    """Return the lines of the cut; its label stands above it, clear of the title of the axis and of the legend."""
    rule = {"type": "rule", "color": HOLD, "strokeWidth": 1.6, "strokeDash": [5, 3]}
    width = text_width(cut.label, 12)
    first = 6 - CURVE_MARGIN[0] + text_width(y_title, 11.5) + 14
    wanted = CURVE_SIZE[0] * (cut.theta - ends[0]) / (ends[1] - ends[0]) - width / 2
    left = max(min(wanted, CURVE_SIZE[0] - width), first)
    layers = [
        layer(rule, {"x": x}, [{"theta": cut.theta}]),
        layer({"type": "text", "color": HOLD, "fontSize": 12, "dy": -8, "baseline": "bottom", "align": "center"},
              {"x": {"value": round(left + width / 2, 1)}, "y": {"value": 0}, "text": LABEL}, [{"label": cut.label}]),
    ]  # fmt: skip
    if cut.value is not None:
        layers.append(layer({**rule, "strokeWidth": 1}, {"y": {**y, "field": "value"}}, [{"value": cut.value}]))
    if cut.allowed:
        layers.append(layer({"type": "rule", "color": HOLD, "strokeWidth": 9, "opacity": 0.28},
                             {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
                             [{"theta": cut.theta, "low": -cut.allowed, "high": cut.allowed}]))  # fmt: skip
    return layers


def _legend(
    lines: Sequence[Line], bands: Sequence[Band], cut: Cut | None, styles: dict[str, tuple[str, list[int]]]
) -> list[Spec]:
    """Return swatches and names to the right of the plot, from the top down."""
    left, place = CURVE_SIZE[0] + 14, 10
    swatches: list[Row] = []
    keys: list[Row] = []
    words: list[Row] = []
    blocks = [(band.name, ACCENT, 0.22) for band in bands]
    if cut is not None and cut.allowed:
        blocks.append((cut.allowed_name, HOLD, 0.28))
    for name, colour, opacity in blocks:
        swatches.append({"left": left, "right": left + 28, "top": place - 6, "bottom": place + 6, "colour": colour, "opacity": opacity})
        words.append({"left": left + 34, "place": place, "label": name, "colour": INK})
        place += 20
    for line in lines:
        colour, dash = styles[line.name]
        keys.append({"left": left, "right": left + 28, "place": place, "colour": colour, "dash": dash})
        words.append({"left": left + 34, "place": place, "label": line.name, "colour": INK})
        place += 20
        if line.note:
            words.append({"left": left + 34, "place": place - 4, "label": line.note, "colour": MUTED})
            place += 16
    sheer = {"field": "opacity", "type": "quantitative", "scale": None, "legend": None}
    return [
        layer({"type": "rect"}, {**BOX, "color": literal("colour"), "opacity": sheer}, swatches),
        layer({"type": "rule", "strokeWidth": 2}, {"x": pixel("left"), "x2": {"field": "right"}, "y": pixel("place"),
                                                    "color": literal("colour"), "strokeDash": literal("dash")}, keys),
        layer({"type": "text", "align": "left", "baseline": "middle", "fontSize": 11.5},
               {"x": pixel("left"), "y": pixel("place"), "text": LABEL, "color": literal("colour")}, words),
    ]  # fmt: skip
