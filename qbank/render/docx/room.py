"""The lists of an examination room as Word tables to be edited: envelope cover, record, door, signatures, seats."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from qbank.render.docx.document import document_of
from qbank.render.docx.flow import Cell, Flow, Paragraph, Table, mm
from qbank.render.docx.frame import Surround
from qbank.render.docx.runs import bold, run
from qbank.render.docx.task import shares
from qbank.render.docx.writer import Writer, cell
from qbank.render.layout import Layout
from qbank.render.readable import width
from qbank.render.room import Room
from qbank.render.room_tables import (
    RECORD_HEIGHTS,
    Bundle,
    Words,
    cover_rows,
    door_rows,
    foot_of,
    head_facts,
    record_row,
    seat_cells,
    sign_in_rows,
)
from qbank.render.typst_page import paper_title

MOST_OF_USUAL_SIZE = 6  # seats in a row; where there are more the words are smaller
FIRST_PAGE, NEXT_PAGE, CENTRE_LINE = 222.0, 250.0, 12.0
"""Millimetres for the rows of a list: below its head, on a page with nothing else; what the centre's name takes."""
ROW_HEIGHTS = ((7.6, "QCell"), (7.3, "QCell"), (6.5, "QCellSmall"), (8.2, "QCell"), (8.8, "QCell"))
FEWEST_ROWS = 5  # on the last page of a list
LETTER_MM, CAPITAL_MM, CELL_MM, TEXT_MM = 1.85, 2.1, 4.0, 166.0  # half a hanzi, a capital, the air of a cell, the page


def lists_docx(room: Room, bundles: Sequence[Bundle], layout: Layout, template: bytes | None = None) -> bytes:
    """Return the lists of a room as a Word file.

    bundles : one for each paper that candidates' ``paper`` counts ; template : a centre's Word file, as for a paper.
    The lists stand on A4 in letters of the usual size. Raises `UnprintableText` for a control character in a name, and
    `UnusableTemplate`.
    """
    paper = bundles[0].paper
    foot = foot_of(room, paper)
    title = f"{paper_title(paper)} {foot}"
    around = Surround(paper.language, paper_title(paper), foot, "", layout.centre.footer, (), title, paper.subject, foot)

    def flow(writer: Writer) -> Iterator[Flow]:
        for number, (name, blocks) in enumerate(LISTS.items()):
            yield from head(writer, room, name, page=number > 0)
            yield from blocks(writer, room, bundles)

    return document_of(replace(paper, media={}), {}, flow, around, replace(layout, sheet="a4", large=False), template)


def head(writer: Writer, room: Room, name: str, *, page: bool) -> Iterator[Flow]:
    """Yield the head of one list: centre, title, the examination, site, room, persons, minutes."""
    first, *more = [*writer.centre_line(), Paragraph("QListTitle", run(Words(writer.paper)(name)))]
    yield from (replace(first, page=page), *more)
    yield Paragraph("QInfo", run(paper_title(writer.paper)))
    colon = writer.say("docx.colon")
    facts = [run(f"{word}{colon}") + bold(value) for word, value in head_facts(room, writer.paper)]
    yield Paragraph("QInfo", run("\u3000\u3000").join(facts))


def listing(
    writer: Writer, weights: Sequence[float], columns: Sequence[str], rows: Iterable[Sequence[str]], name: str, *,
    height: int = 0, style: str = "QCell",
) -> Table:  # fmt: skip
    """Return a table with its head repeated on each page."""
    shown = [writer.head_cells(columns), *(tuple(cell(words, style) for words in row) for row in rows)]
    return Table(shares(writer.width, *weights), tuple(shown), name, height=height)


def signatures(writer: Writer, names: Sequence[str]) -> Table:
    """Return lines to sign on, two to a row, each behind its word."""
    half = writer.width // 2
    line = half - mm(6)
    signed = [Cell((Paragraph("QFields", run(f"{name} \t"), ruled=line),), bare=True) for name in names]
    signed += [Cell((Paragraph("QFields", ""),), bare=True)] * (len(signed) % 2)
    rows = tuple(zip(signed[::2], signed[1::2], strict=True))
    return Table((half, half), rows, writer.say("docx.table_signatures"), ruled=False, n_heads=0, height=mm(13), padding=0)


def cover(writer: Writer, room: Room, bundles: Sequence[Bundle]) -> Iterator[Flow]:
    """Yield the cover of the sealed envelope; pages are written in by hand, since Word alone knows them."""
    say = Words(writer.paper)
    rows = cover_rows(room, bundles, (say("copies_total"), ""))
    yield listing(writer, (52, 26, 18, 18, 52), say.names("cover_columns"), rows, say("cover"))
    for number, words in enumerate(say.names("cover_notes")):
        yield Paragraph("QNotice", run(words), before=200 if number == 0 else 60)
    yield Paragraph("QGap", "", before=200)
    yield signatures(writer, say.names("cover_signatures"))


def record(writer: Writer, room: Room, bundles: Sequence[Bundle]) -> Iterator[Flow]:
    """Yield the record of the room: present, absent, what happened, who watched."""
    say = Words(writer.paper)
    yield listing(writer, (1,) * 5, say.names("record_columns"), [record_row(room)], say("record"), height=mm(11))
    yield Paragraph("QGap", "", before=160)
    for name, height in RECORD_HEIGHTS.items():
        words = say(f"record_{name}")
        box = Cell((Paragraph("QCellText", run(words)),), top=True)
        yield Table((writer.width,), ((box,),), words, n_heads=0, height=mm(height))
    yield Paragraph("QGap", "", before=200)
    yield signatures(writer, say.names("record_signatures"))


def door(writer: Writer, room: Room, bundles: Sequence[Bundle]) -> Iterator[Flow]:
    """Yield the list for the door: who sits where, without papers."""
    say = Words(writer.paper)
    rows = door_rows(room)
    height, style = fitting_rows(len(rows), FIRST_PAGE - CENTRE_LINE * bool(writer.centre_line()))
    yield listing(writer, (22, 72, 72), say.names("door_columns"), rows, say("door"), height=mm(height), style=style)


def sign_in(writer: Writer, room: Room, bundles: Sequence[Bundle]) -> Iterator[Flow]:
    """Yield the list in which candidates sign."""
    say = Words(writer.paper)
    rows = sign_in_rows(room, bundles)
    number, name, paper = (
        min(most, max(least, CELL_MM + letter * max((width(row[place]) for row in rows), default=0)))
        for place, letter, least, most in ((1, LETTER_MM, 30.0, 40.0), (2, LETTER_MM, 26.0, 56.0), (3, CAPITAL_MM, 26.0, 50.0))
    )
    height, style = fitting_rows(len(rows), FIRST_PAGE - CENTRE_LINE * bool(writer.centre_line()))
    weights = (13, number, name, paper, 32, 17)
    style = style if sum(weights) <= TEXT_MM else "QCellSmall"
    yield listing(writer, weights, say.names("sign_in_columns"), rows, say("sign_in"), height=mm(height), style=style)


def fitting_rows(n_rows: int, first_page: float) -> tuple[float, str]:
    """Return height (mm) and style of the rows of a list, so that no page has but a few of them.

    >>> [fitting_rows(n, FIRST_PAGE) for n in (24, 30, 34, 36, 60)]
    [(7.6, 'QCell'), (7.3, 'QCell'), (6.5, 'QCellSmall'), (7.6, 'QCell'), (7.6, 'QCell')]
    """
    whole = [one for one in ROW_HEIGHTS if n_rows <= int(first_page / one[0])]
    for height, style in whole or ROW_HEIGHTS:
        last, room = n_rows, first_page
        while last > int(room / height):
            last, room = last - int(room / height), NEXT_PAGE
        if whole or last >= FEWEST_ROWS:
            return height, style
    return ROW_HEIGHTS[0]


def seats(writer: Writer, room: Room, bundles: Sequence[Bundle]) -> Iterator[Flow]:
    """Yield the plan of the seats, the front above."""
    say = Words(writer.paper)
    n, cells = seat_cells(room, bundles)
    front = Cell((Paragraph("QCell", run(say("front"))),))
    yield Table((mm(60),), ((front,),), say("front"), n_heads=0, align="center")
    yield Paragraph("QGap", "", before=160)
    longest = max((width(line) for lines in cells for line in lines), default=0)
    small = n > MOST_OF_USUAL_SIZE or longest * LETTER_MM > TEXT_MM / n
    style = "QCellSmall" if small else "QCell"
    taken = [Cell(tuple(Paragraph(style, run(line) if place else bold(line)) for place, line in enumerate(lines))) for lines in cells]
    rows = tuple(tuple(taken[start : start + n]) for start in range(0, len(taken), n))
    yield Table((writer.width // n,) * n, rows, say("seats"), n_heads=0, height=mm(14), padding=40)


LISTS = {"cover": cover, "record": record, "door": door, "sign_in": sign_in, "seats": seats}
