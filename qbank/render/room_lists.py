"""What hangs and lies in an examination room: envelope cover, record, list for the door, signatures, seats; one PDF."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from qbank.render.layout import Layout
from qbank.render.pdf import compile_source
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
from qbank.render.typst_literals import array, strings, typst_string
from qbank.render.typst_page import paper_title


def lists_pdf(room: Room, bundles: Sequence[Bundle], papers_sha256: str, layout: Layout) -> bytes:
    """Return the lists of a room as PDF (PDF/UA-1 and PDF/A-2b).

    bundles : one for each paper that candidates' ``paper`` counts ; papers_sha256 : of the room's file of papers.
    Raises `UnprintableText` for a name with a character that no font has.
    """
    return compile_source(lists_source(room, bundles, papers_sha256), replace(bundles[0].paper, media={}), replace(layout, sheet="a4", large=False))


def lists_source(room: Room, bundles: Sequence[Bundle], papers_sha256: str) -> str:
    """Return the source of the lists."""
    paper = bundles[0].paper
    foot = foot_of(room, paper)
    title = f"{paper_title(paper)} {foot}"
    lines = [
        '#import "lists.typ": *',
        f"#show: lists.with(title: {typst_string(title)}, language: {typst_string(paper.language)}, foot: {typst_string(foot)})",
    ]
    for index, block in enumerate((cover_lines, record_lines, door_lines, sign_in_lines, seat_lines)):
        lines += ["#pagebreak()"] if index else []
        lines += block(room, bundles, papers_sha256)
    return "\n".join([*lines, ""])


def head(room: Room, bundles: Sequence[Bundle], name: str, *, level: int = 2) -> str:
    """Return the call that sets the head of one list: its title, the examination, site, room, persons, minutes."""
    paper = bundles[0].paper
    shown = array(strings(fact) for fact in head_facts(room, paper))
    return f"#list-head({typst_string(Words(paper)(name))}, {typst_string(paper_title(paper))}, {shown}, level: {level})"


def listing(columns: str, names: str, rows: Iterable[Sequence[str]], more: str = "") -> str:
    """Return the call that sets a table."""
    return f"#listing({columns}, {names}, {array(strings(row) for row in rows)}{more})"


def cover_lines(room: Room, bundles: Sequence[Bundle], papers_sha256: str) -> Iterator[str]:
    """Yield the cover of the sealed envelope: papers with their counts and hashes, and who sealed and opened it."""
    say = Words(bundles[0].paper)
    yield head(room, bundles, "cover", level=1)
    rows = cover_rows(room, bundles, (say("total"), papers_sha256))
    yield listing("(1fr, auto, auto, auto, auto)", strings(say.names("cover_columns")), rows)
    yield f"#notes({strings(say.names('cover_notes'))})"
    yield f"#ruled-signatures({strings(say.names('cover_signatures'))})"


def record_lines(room: Room, bundles: Sequence[Bundle], _: str) -> Iterator[str]:
    """Yield the record of the room: present, absent, what happened, who watched."""
    say = Words(bundles[0].paper)
    yield head(room, bundles, "record")
    yield listing("(1fr,) * 5", strings(say.names("record_columns")), [record_row(room)], ", height: 11mm")
    yield "#v(10pt)"
    for name, height in RECORD_HEIGHTS.items():
        yield f"#record-box({typst_string(say(f'record_{name}'))}, {height}mm)"
    yield f"#ruled-signatures({strings(say.names('record_signatures'))})"


def door_lines(room: Room, bundles: Sequence[Bundle], _: str) -> Iterator[str]:
    """Yield the list for the door: who sits where, without papers."""
    say = Words(bundles[0].paper)
    yield head(room, bundles, "door")
    yield listing("(22mm, 1fr, 1.4fr)", strings(say.names("door_columns")), door_rows(room), ", size: 12pt")


def sign_in_lines(room: Room, bundles: Sequence[Bundle], _: str) -> Iterator[str]:
    """Yield the list in which candidates sign."""
    say = Words(bundles[0].paper)
    yield head(room, bundles, "sign_in")
    yield listing("(12mm, auto, 1fr, 1.25fr, 36mm, 15mm)", strings(say.names("sign_in_columns")), sign_in_rows(room, bundles), ", size: 9.5pt, height: 7.4mm")


def seat_lines(room: Room, bundles: Sequence[Bundle], _: str) -> Iterator[str]:
    """Yield the plan of the seats, the front above."""
    say = Words(bundles[0].paper)
    yield head(room, bundles, "seats")
    n, cells = seat_cells(room, bundles)
    yield f"#seat-grid({typst_string(say('front'))}, {n}, {array(map(strings, cells))})"
