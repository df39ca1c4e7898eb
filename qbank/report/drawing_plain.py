"""Plain figures → SVG without Vega: the two or three small ones of every item card, hundreds in a report.

Vega takes 25 ms for one of them, this 1. A figure is plain if it has straight axes with stated ends and lines, rules,
rectangles, points and words on them or at pixels; `plain_drawing` leaves every other to Vega. Both draw the same specification, and
a test holds them to the same picture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import escape

from qbank.report.blocks import Figure
from qbank.report.drawing_marks import mark_svg
from qbank.report.drawing_scales import NotPlain, Scale, axis_svg, only

INDEPENDENT = {"scale": {"x": "independent", "y": "independent"}}
UPWARD = {"scale": {"y": "independent"}}


def plain_drawing(figure: Figure) -> str | None:
    """Return the figure as one SVG element with its text alternative, None where its specification is not plain."""
    spec = figure.spec
    try:
        only(spec, ("$schema", "width", "height", "layer", "resolve"))
        size = (spec["width"], spec["height"])
        groups, apart = [spec["layer"]], spec.get("resolve", {})
        if apart == INDEPENDENT and all(part.keys() == {"layer"} for part in spec["layer"]):
            groups, apart = [part["layer"] for part in spec["layer"]], {}
        if apart not in ({}, UPWARD):
            raise NotPlain("resolve")
        body = "".join(_group_svg(group, size, figure, mixed=("y",) if apart else ()) for group in groups)
    except (NotPlain, KeyError, TypeError):
        # a key that is not there, or another kind of value than the plain ones: Vega knows what it means by itself
        return None
    return framed(body, figure)


def framed(body: str, figure: Figure) -> str:
    """Return what was drawn of a figure, the plot's corner at the origin, as one SVG element with room for its margin."""
    left, top, right, bottom = figure.margin
    width, height = figure.spec["width"] + left + right, figure.spec["height"] + top + bottom
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" '
        f'role="img" aria-label="{escape(figure.alt)}"><g fill="none" stroke-miterlimit="10" '
        f'transform="translate({left},{top})">{body}</g></svg>'
    )


def _group_svg(layers: Sequence[Mapping[str, Any]], size: tuple[float, float], figure: Figure, *, mixed: Sequence[str]) -> str:
    """Return layers that share their scales: the grid below the axes, these below the marks.

    mixed : the channels on which one layer has a scale of its own and others stand at pixels
    """
    grids, axes, scales = "", "", {}
    for channel, ends in (("x", (0.0, size[0])), ("y", (size[1], 0.0))):
        given = [part for layer in layers if "value" not in (part := layer["encoding"].get(channel, {"value": 0}))]
        scaled = [part for part in given if part.get("scale", "") is not None]
        if not scaled:
            continue
        if len(scaled) > 1 if channel in mixed else len(scaled) < len(given):
            raise NotPlain("two kinds of scales")
        scale = _agreed(scaled, "scale")
        only(scale, ("domain", "clamp", "nice"))
        low, high = scale["domain"]
        if scale.get("nice") or not low < high:
            raise NotPlain("domain")
        scales[channel] = Scale((low, high), *ends, clamp=bool(scale.get("clamp")))
        alone = all("axis" in part for part in scaled)
        grid, axis = axis_svg(_agreed(scaled, "axis"), scales[channel], size, upward=channel == "y", alone=alone)
        grids, axes = grids + grid, axes + axis
    return grids + axes + "".join(mark_svg(layer, scales, size, figure) for layer in layers)


def _agreed(parts: Sequence[Mapping[str, Any]], name: str) -> Mapping[str, Any]:
    """Return what the layers say of their common scale or axis; those that say nothing follow the others."""
    said = [part[name] for part in parts if name in part]
    if not said or any(each != said[0] for each in said):
        raise NotPlain(name)
    found: Mapping[str, Any] = said[0]
    return found
