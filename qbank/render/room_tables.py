"""What the lists of an examination room say, as words in rows: the same in PDF and in Word."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from qbank.core.presentation import Paper
from qbank.messages import text
from qbank.render.labels import marks_text
from qbank.render.room import Candidate, Room

SEATS_IN_A_ROW = 5
MOST_IN_A_ROW = 12
LETTERED = re.compile(r"([A-Za-z])-?(\d{1,2})")
RECORD_HEIGHTS = {"absent": 24, "events": 50, "notes": 24}


@dataclass(frozen=True, slots=True)
class Bundle:
    """What is said of one paper on the cover: its pages (0 where they are counted by hand), and the SHA-256 of the file
    that was printed ("" where there is none)."""

    paper: Paper
    n_pages: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Words:
    """The catalogue of the lists in a paper's language."""

    paper: Paper

    def __call__(self, name: str, **fields: object) -> str:
        """Return one text."""
        return text(self.paper.language, f"room.{name}", **fields)

    def names(self, name: str) -> tuple[str, ...]:
        """Return several texts that stand in the catalogue as one, parted by bars."""
        return tuple(self(name).split("|"))


def foot_of(room: Room, paper: Paper) -> str:
    """Return what stands below each page of the lists: what they are, site, room."""
    return " ".join(filter(None, (Words(paper)("lists"), room.site, room.room)))


def head_facts(room: Room, paper: Paper) -> tuple[tuple[str, str], ...]:
    """Return the facts at the head of each list: site, room, persons, minutes, marks, those that are known."""
    say = Words(paper)
    facts = (
        (say("site"), room.site), (say("room"), room.room), (say("persons"), str(len(room.candidates))),
        (say("minutes"), str(paper.minutes)), (say("marks"), marks_text(paper.marks)),
    )  # fmt: skip
    return tuple(fact for fact in facts if fact[1])


def cover_rows(room: Room, bundles: Sequence[Bundle], total: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the papers in the envelope, each with digest, pages, copies and hash; ``total`` is (its word, its hash)."""
    rows = []
    for index, one in enumerate(bundles):
        copies = sum(candidate.paper == index for candidate in room.candidates)
        if copies:
            code = Words(one.paper)("cover_version", code=one.paper.code, version=one.paper.version) if one.paper.version else one.paper.code
            rows.append((code, one.paper.digest, str(one.n_pages or ""), str(copies), one.sha256[:16]))
    return [*rows, (total[0], "", "", str(len(room.candidates)), total[1][:16])]


def record_row(room: Room) -> tuple[str, ...]:
    """Return the row of counts that the invigilators complete: only how many are expected is known."""
    return (str(len(room.candidates)), "", "", "", "")


def door_rows(room: Room) -> list[tuple[str, ...]]:
    """Return who sits where, without papers."""
    return [(one.seat, one.number, one.name) for one in room.candidates]


def sign_in_rows(room: Room, bundles: Sequence[Bundle]) -> list[tuple[str, ...]]:
    """Return the rows in which candidates sign."""
    return [(one.seat, one.number, one.name, bundles[one.paper].paper.code, "", "") for one in room.candidates]


def seat_cells(room: Room, bundles: Sequence[Bundle]) -> tuple[int, list[tuple[str, ...]]]:
    """Return how many seats stand in a row, and what stands on each, the front first: seat, name, number, version."""
    n, places = seat_places(room.candidates)
    cells: list[tuple[str, ...]] = [()] * (n * (max(places.values(), default=-1) // n + 1))
    for index, place in places.items():
        one = room.candidates[index]
        version = bundles[one.paper].paper.version or bundles[one.paper].paper.code
        cells[place] = tuple(filter(None, (one.seat or str(index + 1), one.name, one.number, version)))
    return n, cells


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
