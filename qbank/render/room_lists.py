"""What hangs and lies in an examination room: envelope cover, record, list for the door, signatures, seats; one PDF."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from qbank.core.presentation import Paper
from qbank.messages import text
from qbank.render.labels import marks_text
from qbank.render.layout import Layout
from qbank.render.pdf import compile_source
from qbank.render.room import Candidate, Room
from qbank.render.typst_literals import array, strings, typst_string
from qbank.render.typst_page import paper_title

SEATS_IN_A_ROW = 5
MOST_IN_A_ROW = 12
LETTERED = re.compile(r"([A-Za-z])-?(\d{1,2})")
RECORD_HEIGHTS = {"absent": 24, "events": 50, "notes": 24}


@dataclass(frozen=True, slots=True)
class Bundle:
    """What is said of one paper on the cover: its pages, and the SHA-256 of the file that was printed."""

    paper: Paper
    n_pages: int
    sha256: str


def lists_pdf(room: Room, bundles: Sequence[Bundle], papers_sha256: str, layout: Layout) -> bytes:
    """Return the lists of a room as PDF (PDF/UA-1 and PDF/A-2b).

    bundles : one for each paper that candidates' ``paper`` counts ; papers_sha256 : of the room's file of papers.
    Raises `UnprintableText` for a name with a character that no font has.
    """
    return compile_source(lists_source(room, bundles, papers_sha256), replace(bundles[0].paper, media={}), replace(layout, sheet="a4", large=False))


def lists_source(room: Room, bundles: Sequence[Bundle], papers_sha256: str) -> str:
    """Return the source of the lists."""
    paper = bundles[0].paper
    say = Words(paper)
    foot = " ".join(filter(None, (say("lists"), room.site, room.room)))
    title = f"{paper_title(paper)} {foot}"
    lines = [
        '#import "lists.typ": *',
        f"#show: lists.with(title: {typst_string(title)}, language: {typst_string(paper.language)}, foot: {typst_string(foot)})",
    ]
    for index, block in enumerate((cover_lines, record_lines, door_lines, sign_in_lines, seat_lines)):
        lines += ["#pagebreak()"] if index else []
        lines += block(room, bundles, papers_sha256)
    return "\n".join([*lines, ""])


@dataclass(frozen=True, slots=True)
class Words:
    """The catalogue of the lists in a paper's language."""

    paper: Paper

    def __call__(self, name: str, **fields: object) -> str:
        """Return one text."""
        return text(self.paper.language, f"room.{name}", **fields)

    def names(self, name: str) -> str:
        """Return several texts that stand in the catalogue as one, parted by bars."""
        return strings(self(name).split("|"))


def head(room: Room, bundles: Sequence[Bundle], name: str, *, level: int = 2) -> str:
    """Return the call that sets the head of one list: its title, the examination, site, room, persons, minutes."""
    paper, say = bundles[0].paper, Words(bundles[0].paper)
    facts = [
        (say("site"), room.site), (say("room"), room.room), (say("persons"), str(len(room.candidates))),
        (say("minutes"), str(paper.minutes)), (say("marks"), marks_text(paper.marks)),
    ]  # fmt: skip
    shown = array(strings(fact) for fact in facts if fact[1])
    return f"#list-head({typst_string(say(name))}, {typst_string(paper_title(paper))}, {shown}, level: {level})"


def listing(columns: str, names: str, rows: Iterable[Sequence[str]], more: str = "") -> str:
    """Return the call that sets a table."""
    return f"#listing({columns}, {names}, {array(strings(row) for row in rows)}{more})"


def cover_lines(room: Room, bundles: Sequence[Bundle], papers_sha256: str) -> Iterator[str]:
    """Yield the cover of the sealed envelope: papers with their counts and hashes, and who sealed and opened it."""
    say = Words(bundles[0].paper)
    yield head(room, bundles, "cover", level=1)
    rows = []
    for index, one in enumerate(bundles):
        copies = sum(candidate.paper == index for candidate in room.candidates)
        if copies:
            code = f"{one.paper.code}（{one.paper.version}）" if one.paper.version else one.paper.code
            rows.append((code, one.paper.digest, str(one.n_pages), str(copies), one.sha256[:16]))
    rows.append((say("total"), "", "", str(len(room.candidates)), papers_sha256[:16]))
    yield listing("(1fr, auto, auto, auto, auto)", say.names("cover_columns"), rows)
    yield f"#notes({strings(say('cover_notes').split('|'))})"
    yield f"#ruled-signatures({say.names('cover_signatures')})"


def record_lines(room: Room, bundles: Sequence[Bundle], _: str) -> Iterator[str]:
    """Yield the record of the room: present, absent, what happened, who watched."""
    say = Words(bundles[0].paper)
    yield head(room, bundles, "record")
    yield listing("(1fr,) * 5", say.names("record_columns"), [(str(len(room.candidates)), "", "", "", "")], ", height: 11mm")
    yield "#v(10pt)"
    for name, height in RECORD_HEIGHTS.items():
        yield f"#record-box({typst_string(say(f'record_{name}'))}, {height}mm)"
    yield f"#ruled-signatures({say.names('record_signatures')})"


def door_lines(room: Room, bundles: Sequence[Bundle], _: str) -> Iterator[str]:
    """Yield the list for the door: who sits where, without papers."""
    say = Words(bundles[0].paper)
    yield head(room, bundles, "door")
    rows = ((one.seat, one.number, one.name) for one in room.candidates)
    yield listing("(22mm, 1fr, 1fr)", say.names("door_columns"), rows, ", size: 12pt")


def sign_in_lines(room: Room, bundles: Sequence[Bundle], _: str) -> Iterator[str]:
    """Yield the list in which candidates sign."""
    say = Words(bundles[0].paper)
    yield head(room, bundles, "sign_in")
    rows = ((one.seat, one.number, one.name, bundles[one.paper].paper.code, "", "") for one in room.candidates)
    yield listing("(15mm, auto, auto, auto, 1fr, 20mm)", say.names("sign_in_columns"), rows, ", height: 8.5mm")


def seat_lines(room: Room, bundles: Sequence[Bundle], _: str) -> Iterator[str]:
    """Yield the plan of the seats, the front above."""
    say = Words(bundles[0].paper)
    yield head(room, bundles, "seats")
    n, places = seat_places(room.candidates)
    cells = ["()"] * (n * (max(places.values(), default=-1) // n + 1))
    for index, place in places.items():
        one = room.candidates[index]
        version = bundles[one.paper].paper.version or bundles[one.paper].paper.code
        lines = (one.seat or str(index + 1), one.name, one.number, version)
        cells[place] = strings(line for line in lines if line)
    yield f"#seat-grid({typst_string(say('front'))}, {n}, {array(cells)})"


def seat_places(candidates: Sequence[Candidate]) -> tuple[int, dict[int, int]]:
    """Return how many seats stand in a row, and the place of each candidate, row by row from the front.

    Seats such as B3 say row and place; numbers are counted along the rows, empty ones left free; else in the order given.

    >>> seat_places([Candidate("1", "", "A1", 0), Candidate("2", "", "B3", 0)])
    (3, {0: 0, 1: 5})
    >>> seat_places([Candidate("1", "", "2", 0), Candidate("2", "", "7", 0)])
    (5, {0: 1, 1: 6})
    """
    lettered = [LETTERED.fullmatch(one.seat) for one in candidates]
    if candidates and all(lettered):
        found = [(ord(seat[1].upper()) - ord("A"), int(seat[2]) - 1) for seat in lettered if seat]
        n = max(column for _, column in found) + 1
        places = {index: row * n + column for index, (row, column) in enumerate(found)}
        if n <= MOST_IN_A_ROW and len(set(places.values())) == len(places) and min(places.values()) >= 0:
            return max(n, 1), places
    n = SEATS_IN_A_ROW if len(candidates) <= 30 else min(MOST_IN_A_ROW, math.ceil(math.sqrt(len(candidates))))
    numbers = [int(one.seat) if one.seat.isascii() and one.seat.isdigit() else 0 for one in candidates]
    sparse = max(numbers, default=0) > 4 * len(candidates) + 10
    if candidates and min(numbers) > 0 and len(set(numbers)) == len(numbers) and not sparse:
        return n, {index: number - 1 for index, number in enumerate(numbers)}
    return n, dict(enumerate(range(len(candidates))))
