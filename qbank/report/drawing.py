"""Figures → SVG: plain ones at once, the others by Vega, many in one call: starting its engine costs more than a small plot.

Vega takes about 40 ms for a quantile plot, 25 where two dozen are drawn together and taken apart again; `plain_drawing` 0.4.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

from qbank.report.blocks import Figure, Report, anchor, walk
from qbank.report.drawing_marks import HOVER
from qbank.report.drawing_plain import framed, plain_drawing

BATCH = 24
_SVG = "{http://www.w3.org/2000/svg}"
_CONFIG: dict[str, Any] = {"aria": False, "font": "sans-serif", "background": None, "view": {"stroke": None}}


def drawings_of(report: Report) -> list[str]:
    """Return every figure of a report as SVG, in reading order: drawn once for the page and the PDF."""
    return draw([block for block in walk(report.blocks) if isinstance(block, Figure)])


def draw(figures: Sequence[Figure]) -> list[str]:
    """Return one SVG element a figure, with its text alternative; fonts are left to the page."""
    plain = [plain_drawing(figure) for figure in figures]
    others = iter(drawn_by_vega([figure for figure, svg in zip(figures, plain, strict=True) if svg is None]))
    return [next(others) if svg is None else svg for svg in plain]


def drawn_by_vega(figures: Sequence[Figure]) -> list[str]:
    """Return one SVG element a figure, whatever its specification asks for."""
    ElementTree.register_namespace("", "http://www.w3.org/2000/svg")
    drawn: list[str] = []
    for start in range(0, len(figures), BATCH):
        drawn += _draw_batch(figures[start : start + BATCH])
    return drawn


def _draw_batch(figures: Sequence[Figure]) -> list[str]:
    import vl_convert

    parts = [
        _named({key: value for key, value in figure.spec.items() if key != "$schema"}, f"{HOVER}{index}")
        for index, figure in enumerate(figures)
    ]
    together = {"$schema": figures[0].spec["$schema"], "config": _CONFIG, "vconcat": parts}
    root = ElementTree.fromstring(vl_convert.vegalite_to_svg(together))
    groups = {
        name: group
        for group in root.iter(f"{_SVG}g")
        for name in group.get("class", "").split()
        if name.startswith("concat_") and name.endswith("_group")
    }
    return [_alone(figure, groups[f"concat_{index}_group"], f"{HOVER}{index}") for index, figure in enumerate(figures)]


def _named(spec: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the specification with its layer ``hover`` named otherwise: a batch mixes up layers of one name."""
    if spec.get("name") == HOVER:
        return {**spec, "name": name}
    return {**spec, "layer": [_named(part, name) for part in spec["layer"]]} if "layer" in spec else spec


def _entitle(figure: Figure, plot: ElementTree.Element, name: str) -> None:
    """Give each mark of the layer of that name the title that a pointer shows, and the card that it leads to."""
    marks = next(group for group in plot.iter(f"{_SVG}g") if f"{name}_marks" in group.get("class", "").split())
    links = figure.links or ("",) * len(figure.titles)
    for mark, title, link in zip(list(marks), figure.titles, links, strict=True):
        ElementTree.SubElement(mark, f"{_SVG}title").text = title
        if link:
            place = list(marks).index(mark)
            marks.remove(mark)
            leading = ElementTree.Element(f"{_SVG}a", {"href": f"#{anchor(link)}"})
            leading.append(mark)
            marks.insert(place, leading)


def _alone(figure: Figure, group: ElementTree.Element, hover: str) -> str:
    """Return the plot of one figure as an SVG of its own: its group's own place in the batch is dropped."""
    plot = group.find(f"{_SVG}g")
    if plot is None:
        raise ValueError(f"figure {figure.name!r} came back without its plot")
    plot.attrib.pop("transform", None)
    if figure.titles:
        _entitle(figure, plot, hover)
    for element in plot.iter():
        # Names of marks and places in the batch: nothing in the page asks for them.
        for name in list(element.attrib):
            if name in ("class", "role") or name.startswith("aria-"):
                del element.attrib[name]
    body = ElementTree.tostring(plot, encoding="unicode", short_empty_elements=True)
    body = body.replace(' xmlns="http://www.w3.org/2000/svg"', "").replace(' font-family="sans-serif"', "")
    return framed(body, figure)
