"""Parts of figures whose labels, legends and cells stand at positions given in pixels.

Nothing depends on the fonts of the machine that draws it, and nothing is told by colour alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qbank.report.figures import DASHES, INK, SCHEMA, SERIES, Margin, Row, Spec, axis_look


def layer(mark: dict[str, Any], encoding: dict[str, Any], rows: Sequence[Row]) -> Spec:
    return {"mark": mark, "encoding": encoding, "data": {"values": [dict(row) for row in rows]}}


def finished(layers: Sequence[Spec], size: tuple[int, int]) -> Spec:
    return {"$schema": SCHEMA, "width": size[0], "height": size[1], "layer": list(layers)}


def literal(field: str) -> dict[str, Any]:
    """Return a channel that takes colours, dashes or shapes as they stand in the rows."""
    return {"field": field, "type": "nominal", "scale": None, "legend": None}


def pixel(field: str) -> dict[str, Any]:
    return {"field": field, "type": "quantitative", "scale": None, "axis": None}


def across(title: str, size: tuple[int, int], **options: Any) -> dict[str, Any]:
    return axis_look(title, titleX=size[0] / 2, titleY=26, titleBaseline="top", **options)


def upward(title: str, margin: Margin, **options: Any) -> dict[str, Any]:
    place = {"titleAngle": 0, "titleAlign": "left", "titleX": 6 - margin[0], "titleY": -14, "titleBaseline": "bottom"}
    return axis_look(title, **place, **options)


def words_at(rows: Sequence[Row], *, align: str, colour: str = INK, baseline: str = "middle") -> Spec:
    """Return words at pixels; rows : x, y, label."""
    mark = {"type": "text", "fontSize": 11.5, "baseline": baseline, "align": align, "color": colour}
    return layer(mark, {"x": pixel("x"), "y": pixel("y"), "text": LABEL}, rows)


def two_scales(plotted: Sequence[Spec], around: Sequence[Spec], size: tuple[int, int]) -> Spec:
    """Return what stands on the axes and, at pixels, what stands around it; layers without rows are left out."""
    groups = [{"layer": [layer for layer in group if layer["data"]["values"]]} for group in (plotted, around)]
    resolve = {"scale": {"x": "independent", "y": "independent"}}
    return {**finished(groups, size), "resolve": resolve}


def text_width(words: str, size: float) -> float:
    """Return about how wide words are in pixels: Chinese characters as wide as high, others a little over half.

    >>> round(text_width("期望分", 12)), round(text_width("abc", 10))
    (36, 17)
    """
    return sum(size if ord(mark) >= 0x2E80 else 0.58 * size for mark in words)


def style(index: int) -> tuple[str, list[int]]:
    """Return colour and dash of the index-th paper; no two of the first 36 are the same.

    >>> style(0) == style(6), style(0)[0] == style(6)[0]
    (False, True)
    """
    return SERIES[index % len(SERIES)], DASHES[(index + index // len(SERIES)) % len(DASHES)]


TALL: dict[str, Any] = {"y": pixel("top"), "y2": {"field": "bottom"}}
BOX: dict[str, Any] = {"x": pixel("left"), "x2": {"field": "right"}, **TALL}
LABEL: dict[str, Any] = {"field": "label", "type": "nominal"}
