"""The page of a Word file: sheet, margins, columns, size of the letters; and what makes a text larger as a whole.

Everything is measured as if letters had 10.5 points; a text in larger letters is laid out on a page that is narrower by
as much, and its lengths are multiplied when it is written.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from docx.document import Document as WordDocument
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from qbank.render.docx.flow import PAGE_HEIGHT, PAGE_WIDTH, mm
from qbank.render.layout import LARGE_POINTS, USUAL_POINTS, Layout

A3_WIDTH = 23811
COLUMN_GAP = mm(15)
LEAST_WIDTH = mm(60)  # what a centre's file may leave for text, at 10.5 points
LENGTHS = {
    "w:ind": ("w:left", "w:right", "w:hanging", "w:firstLine", "w:start", "w:end"), "w:spacing": ("w:before", "w:after", "w:line", "w:val"),
    "w:sz": ("w:val",), "w:szCs": ("w:val",), "w:tab": ("w:pos",), "w:trHeight": ("w:val",), "w:gridCol": ("w:w",),
    "w:tblW": ("w:w",), "w:tcW": ("w:w",), "w:tblInd": ("w:w",), "w:left": ("w:w",), "w:right": ("w:w",),
    "w:framePr": ("w:w",), "w:tblpPr": ("w:rightFromText",), "wp:extent": ("cx", "cy"), "a:ext": ("cx", "cy"),
}  # fmt: skip
SCALED = {qn(name): tuple(qn(one) if ":" in one else one for one in attributes) for name, attributes in LENGTHS.items()}


@dataclass(frozen=True, slots=True)
class Page:
    """width, height, margins, gap between columns in twips ; scale : of the letters to 10.5 points"""

    width: int = PAGE_WIDTH
    height: int = PAGE_HEIGHT
    left: int = mm(28)
    right: int = mm(16)
    n_columns: int = 1
    gap: int = COLUMN_GAP
    scale: float = 1.0

    @property
    def text_width(self) -> int:
        """Return the width of a column as letters of 10.5 points would have it.

        >>> Page().text_width, Page(scale=2).text_width
        (9412, 4706)
        """
        column = (self.width - self.left - self.right - (self.n_columns - 1) * self.gap) // self.n_columns
        return max(LEAST_WIDTH, int(column / self.scale))


def page_of(document: WordDocument, layout: Layout, *, own: bool) -> Page:
    """Return the page on which a part is laid out: the document's own, the sheet and letters of the layout.

    own : whether the document is a centre's, whose letters and margins stay; its sheet too where the layout is A4
    """
    section = document.sections[-1]
    points = LARGE_POINTS if layout.large else base_points(document)
    page = Page(scale=points / USUAL_POINTS)
    if own:
        values = [section.page_width, section.page_height, section.left_margin, section.right_margin]
        width, height, left, right = (None if one is None else round(one.twips) for one in values)
        page = replace(
            page, width=width or page.width, height=height or page.height,
            left=page.left if left is None else left + round(section.gutter.twips if section.gutter else 0),
            right=page.right if right is None else right,
        )  # fmt: skip
        columns = section._sectPr.find(qn("w:cols"))
        number = "" if columns is None else columns.get(qn("w:num"), "")
        page = replace(page, n_columns=min(int(number), 4) if number.isdigit() and int(number) else 1, gap=720 if number else page.gap)
    return replace(page, width=A3_WIDTH, height=PAGE_HEIGHT, n_columns=2, gap=COLUMN_GAP) if layout.sheet == "a3" else page


def set_page(document: WordDocument, page: Page) -> None:
    """Write sheet and columns into the document."""
    section = document.sections[-1]._sectPr
    for name in ("w:pgSz", "w:cols"):
        for found in section.findall(qn(name)):
            section.remove(found)
    size = OxmlElement("w:pgSz", {qn("w:w"): str(page.width), qn("w:h"): str(page.height)})
    if page.width > page.height:
        size.set(qn("w:orient"), "landscape")
    columns = OxmlElement("w:cols", {qn("w:space"): str(page.gap)})
    if page.n_columns > 1:
        columns.set(qn("w:num"), str(page.n_columns))
    margins = section.find(qn("w:pgMar"))
    place = 0 if margins is None else section.index(margins)
    section.insert(place, size)
    last = max((section.index(one) for one in section if one.tag in BEFORE_COLUMNS), default=place)
    section.insert(last + 1, columns)


BEFORE_COLUMNS = {qn(f"w:{name}") for name in ("headerReference", "footerReference", "footnotePr", "endnotePr", "type", "pgSz", "pgMar", "paperSrc", "pgBorders", "lnNumType", "pgNumType")}


def base_points(document: WordDocument) -> float:
    """Return the size of the letters of plain text: of the style Normal, else what the document says of all, else 10."""
    styles = document.styles.element
    default = next((one for one in styles.iterchildren(qn("w:style")) if one.get(qn("w:default")) == "1" and one.get(qn("w:type")) == "paragraph"), None)
    for place, path in ((default, ("w:rPr",)), (styles, ("w:docDefaults", "w:rPrDefault", "w:rPr"))):
        found = None if place is None else place.find("/".join(map(qn, (*path, "w:sz"))))
        value = "" if found is None else found.get(qn("w:val"), "")
        if value.isdigit() and 8 <= int(value) <= 144:
            return int(value) / 2
    return 10.0


def enlarge(element: Any, scale: float) -> None:
    """Multiply every length and size of letters inside an element; line heights that are parts of a line stay."""
    if scale == 1:
        return
    for one in element.iter():
        for name in SCALED.get(one.tag, ()):
            value = one.get(name, "")
            relative = name == qn("w:line") and one.get(qn("w:lineRule"), "auto") == "auto"
            share = one.get(qn("w:type"), "dxa") != "dxa" and name == qn("w:w")
            if not relative and not share and value.lstrip("-").isdigit():
                one.set(name, str(round(int(value) * scale)))


def enlarge_styles(document: WordDocument, kept: str) -> None:
    """Make the letters of all styles larger, plain text to 18 points; ``kept`` is the id of a style that stays as it is."""
    scale = LARGE_POINTS / base_points(document)
    styles = document.styles.element
    for one in styles.iterchildren(qn("w:docDefaults"), qn("w:style")):
        if one.get(qn("w:styleId")) != kept:
            enlarge(one, scale)
