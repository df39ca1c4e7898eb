"""What a Word document is made of, as values: paragraphs and tables of WordprocessingML, written out at the end.

Lengths are twentieths of a point (twips), as Word counts them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Literal, TypeAlias

TWIPS_PER_MM = 1440 / 25.4
PAGE_WIDTH, PAGE_HEIGHT = 11906, 16838  # A4

CELL_PADDING = 85  # twips on the left and right of what stands in a cell

Align = Literal["", "left", "center", "right", "both"]


def mm(length: float) -> int:
    """Return millimetres as twips.

    >>> mm(25.4)
    1440
    """
    return round(length * TWIPS_PER_MM)


TEXT_WIDTH = PAGE_WIDTH - mm(28) - mm(16)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph: its style's id and its runs as XML.

    keep : stays on the page of what follows ; left, hanging : indentation beyond what the style says, where given ;
    tabs : positions of left tab stops ; right : of one at which text ends ; before, after : space above and
    below in place of the style's ; page : begins a page ; framed : stands in the left corner above, text beside it ; ruled : where a line to write on
    ends ; number : the list that counts it, 0 where none does
    """

    style: str
    body: str
    keep: bool = False
    left: int | None = None
    hanging: int = 0
    align: Align = ""
    tabs: tuple[int, ...] = ()
    right: int = 0
    before: int | None = None
    after: int | None = None
    page: bool = False
    framed: bool = False
    ruled: int = 0
    number: int = 0


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: what stands in it, how many columns it takes, grey where it is a head, bare without lines round it."""

    blocks: tuple[Flow, ...]
    span: int = 1
    head: bool = False
    bare: bool = False
    top: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One table: column widths, rows of cells.

    ruled : lines round all cells ; n_heads : rows repeated on each page and read out as heads ; height : the least
    height of each further row ; whole : no row breaks over a page ; together : nor ends a
    page between rows ; floating : text stands beside it ; name : what it is, for who
    cannot see it ; keep : stays on the page of what follows ; left : indentation ; first_head : the first column names the rows
    """

    columns: tuple[int, ...]
    rows: tuple[tuple[Cell, ...], ...]
    name: str
    ruled: bool = True
    n_heads: int = 1
    height: int = 0
    whole: bool = True
    together: bool = False
    floating: bool = False
    keep: bool = False
    left: int = 0
    first_head: bool = False
    align: Align = ""
    padding: int = CELL_PADDING


Flow: TypeAlias = Paragraph | Table


def kept(blocks: Iterable[Flow], *, to_next: bool = False) -> list[Flow]:
    """Return the blocks so that no page ends between them, nor behind the last where ``to_next`` is said."""
    made = list(blocks)
    last = len(made) if to_next else len(made) - 1
    made = [replace(block, together=block.whole) if isinstance(block, Table) else block for block in made]
    return [replace(block, keep=True) if place < last else block for place, block in enumerate(made)]


def indented(blocks: Iterable[Flow], left: int) -> list[Flow]:
    """Return the blocks moved to the right."""
    return [
        replace(block, left=(block.left or 0) + left) if isinstance(block, Table)
        else replace(block, left=left + (block.left or 0), tabs=tuple(stop + left for stop in block.tabs))
        for block in blocks
    ]  # fmt: skip


def attribute(words: str) -> str:
    """Return words as the value of an attribute in double quotes.

    >>> attribute('a "b" <c>')
    'a &quot;b&quot; &lt;c&gt;'
    """
    return escape(words).replace("\n", " ").replace("\t", " ")


def xml_of(blocks: Sequence[Flow]) -> str:
    """Return the blocks as WordprocessingML; two tables in succession are parted, or Word would join them."""
    parts: list[str] = []
    before: Flow | None = None
    for block in blocks:
        if isinstance(block, Table):
            if isinstance(before, Table) and not before.floating:
                parts.append(paragraph_xml(Paragraph("QGap", "", keep=before.keep)))
            parts.append(table_xml(block))
        else:
            parts.append(paragraph_xml(block))
        before = block
    return "".join(parts)


def paragraph_xml(one: Paragraph) -> str:
    """Return one paragraph; its properties in the order that the schema wants."""
    properties = [f'<w:pStyle w:val="{one.style}"/>'] if one.style else []
    if one.keep:
        properties.append("<w:keepNext/>")
    if one.page:
        properties.append("<w:pageBreakBefore/>")
    if one.framed:  # programs do not all take this from a style
        properties.append(
            '<w:framePr w:w="1000" w:hSpace="113" w:wrap="around" w:vAnchor="page" w:hAnchor="margin" w:x="60" w:y="700"/>'
        )
    if one.number:
        properties.append(f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{one.number}"/></w:numPr>')
    if one.tabs or one.right or one.ruled:
        stops = "".join(f'<w:tab w:val="left" w:pos="{position}"/>' for position in one.tabs)
        stops += f'<w:tab w:val="right" w:pos="{one.right}"/>' if one.right else ""
        if one.ruled and one.ruled != TEXT_WIDTH:  # files printed before have a stop of their own in the style
            stops += f'<w:tab w:val="clear" w:pos="{TEXT_WIDTH}"/>'
        stops += f'<w:tab w:val="right" w:leader="underscore" w:pos="{one.ruled}"/>' if one.ruled else ""
        properties.append(f"<w:tabs>{stops}</w:tabs>")
    if one.before is not None or one.after is not None:
        above = f' w:before="{one.before}"' if one.before is not None else ""
        properties.append(f"<w:spacing{above}" + (f' w:after="{one.after}"/>' if one.after is not None else "/>"))
    if one.left is not None or one.hanging:
        properties.append(f'<w:ind w:left="{one.left or 0}" w:hanging="{one.hanging}"/>')
    if one.align:
        properties.append(f'<w:jc w:val="{one.align}"/>')
    return f"<w:p><w:pPr>{''.join(properties)}</w:pPr>{one.body}</w:p>"


def table_xml(one: Table) -> str:
    """Return one table with its grid, its name for screen readers and its head rows marked."""
    lines = ("top", "left", "bottom", "right", "insideH", "insideV")
    borders = "".join(
        f'<w:{line} w:val="{"single" if one.ruled else "nil"}" w:sz="4" w:space="0" w:color="auto"/>' for line in lines
    )
    place = (
        '<w:tblpPr w:leftFromText="0" w:rightFromText="170" w:vertAnchor="text" w:horzAnchor="text" '
        'w:tblpX="0" w:tblpY="60"/>'
    )
    look = f'w:firstRow="{int(one.n_heads > 0)}" w:firstColumn="{int(one.first_head)}"'
    properties = (
        f'<w:tblPr><w:tblStyle w:val="QTable"/>{place if one.floating else ""}<w:tblW w:w="{sum(one.columns)}" w:type="dxa"/>'
        + (f'<w:jc w:val="{one.align}"/>' if one.align else "")
        + f'<w:tblInd w:w="{one.left}" w:type="dxa"/>'
        + f"<w:tblBorders>{borders}</w:tblBorders>"
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="{one.padding}" w:type="dxa"/><w:right w:w="{one.padding}" '
        f'w:type="dxa"/></w:tblCellMar><w:tblLook w:val="04A0" {look} w:lastRow="0" w:lastColumn="0" w:noHBand="1" w:noVBand="1"/>'
        f'<w:tblCaption w:val="{attribute(one.name)}"/></w:tblPr>'
    )
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in one.columns)
    n_rows = len(one.rows) - one.n_heads
    alone = {one.n_heads, len(one.rows) - 2} if one.whole and n_rows > 2 else set()  # no page begins or ends with one row
    rows = "".join(
        row_xml(one, row, head=place < one.n_heads, last=place == len(one.rows) - 1, paired=place in alone)
        for place, row in enumerate(one.rows)
    )
    return f"<w:tbl>{properties}<w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>"


def row_xml(table: Table, row: tuple[Cell, ...], *, head: bool, last: bool, paired: bool = False) -> str:
    """Return one row; its paragraphs keep it with the next row where the table stays whole or has a head here."""
    properties = ("<w:cantSplit/>" if table.whole else "") + (
        f'<w:trHeight w:val="{table.height}" w:hRule="atLeast"/>' if table.height and not head else ""
    )
    properties += "<w:tblHeader/>" if head else ""
    keep = head or paired or (table.keep and last) or (table.keep and table.whole) or (table.together and not last)
    cells, column = "", 0
    for cell in row:
        width = sum(table.columns[column : column + cell.span])
        cells += cell_xml(cell, width, keep=keep, head=head)
        column += cell.span
    return f"<w:tr>{f'<w:trPr>{properties}</w:trPr>' if properties else ''}{cells}</w:tr>"


def cell_xml(cell: Cell, width: int, *, keep: bool, head: bool) -> str:
    """Return one cell; Word wants a paragraph at its end."""
    blocks = [replace(block, keep=True) if keep else block for block in cell.blocks]
    if not blocks or isinstance(blocks[-1], Table):
        blocks.append(Paragraph("QCell" if not blocks else "QGap", "", keep=keep))
    span = f'<w:gridSpan w:val="{cell.span}"/>' if cell.span > 1 else ""
    bare = "".join(f'<w:{side} w:val="nil"/>' for side in ("top", "left", "bottom", "right"))
    properties = (
        f'<w:tcW w:w="{width}" w:type="dxa"/>{span}'
        + (f"<w:tcBorders>{bare}</w:tcBorders>" if cell.bare else "")
        + ('<w:shd w:val="clear" w:color="auto" w:fill="F0F0F0"/>' if (cell.head or head) and not cell.bare else "")
        + ("" if cell.top else '<w:vAlign w:val="center"/>')
    )
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{xml_of(blocks)}</w:tc>"
