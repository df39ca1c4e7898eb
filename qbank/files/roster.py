"""Lists of registered persons, in whatever file answers may come: number, name, document, site, room, seat, and columns that are only kept."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qbank.files.answers.files import read_table
from qbank.files.answers.placed import holds_otherwise, texts_of
from qbank.files.answers.reading import Reading
from qbank.files.answers.table import AnswerTable
from qbank.files.disk import read_data
from qbank.files.paths import shown_path
from qbank.problem import Problem, Span, error, has_errors

WORDS: dict[str, tuple[str, ...]] = {
    "number": ("number", "person", "准考证号", "准考证号码", "准考证", "考号", "考生号", "考生编号", "candidate", "candidate number"),
    "name": ("name", "姓名", "考生姓名", "candidate name"),
    "document": ("document", "身份证号", "身份证号码", "身份证", "证件号", "证件号码", "id number", "identity"),
    "site": ("site", "考点", "考点名称", "centre", "center"),
    "room": ("room", "考场", "考场号", "考场名称", "教室"),
    "seat": ("seat", "座位", "座位号", "座号", "seat number"),
}
"""What each column may be called."""
FORM_WORDS = ("form", "试卷", "卷号", "paper")


@dataclass(frozen=True, slots=True)
class Person:
    """One row: ``line`` of the file, and all its cells in the order of the header."""

    line: int
    number: str
    name: str
    document: str
    site: str
    room: str
    seat: str
    cells: tuple[str, ...]

    @property
    def key(self) -> str:
        """Return what the ledger knows the person by: the document, else the number."""
        return self.document or self.number


@dataclass(frozen=True, slots=True)
class Roster:
    """header : as written ; places : the column of each word that was found ; form : that of a paper column, −1 without ;
    column : of the numbers in the file, from 1"""

    path: str
    header: tuple[str, ...]
    places: dict[str, int]
    form: int
    persons: tuple[Person, ...]
    column: int = 1


def read_roster(path: Path) -> tuple[Roster | None, list[Problem]]:
    """Return the registered persons, or nothing and everything that is wrong, by line and column."""
    shown = shown_path(path)
    data, problems = read_data(path, shown)
    if data is None:
        return None, problems
    table, problems = read_table(data, shown, Reading(columns=dict.fromkeys(WORDS["number"], "person")))
    if table is None:
        return None, [error("H205", Span(shown)) if problem.code == "R103" else problem for problem in problems]
    header = table.header
    plain = [_plain(title) for title in header]
    places = {word: plain.index(found) for word, names in WORDS.items() if (found := _first(names, plain)) is not None}
    if "number" not in places:
        return None, [error("H202", table.span(-1, 0), found=", ".join(filter(None, header)), expected=" / ".join(WORDS["number"][:4]))]
    taken = _first(FORM_WORDS, plain)
    roster = Roster(
        table.span(-1, 0).path, header, places, -1 if taken is None else plain.index(taken),
        tuple(_person(line, cells, places) for line, cells in zip(table.lines.tolist(), rows_of(table), strict=True)),
        table.columns[places["number"]],
    )  # fmt: skip
    known = [places[word] for word in ("number", "document", "site", "room", "seat") if word in places]
    problems += holds_otherwise(table, known) + _checked(roster)
    problems.sort(key=lambda problem: (problem.span.line, problem.span.column))
    return (None if has_errors(problems) else roster), problems


def rows_of(table: AnswerTable) -> list[tuple[str, ...]]:
    """Return the cells of each row, "" where nothing stands."""
    columns = [texts_of(table, column) for column in range(table.frame.width)]
    return list(zip(*columns, strict=True))


def _checked(roster: Roster) -> list[Problem]:
    problems: list[Problem] = [] if roster.persons else [error("H205", Span(roster.path))]
    first: dict[str, int] = {}
    for person in roster.persons:
        where = Span(roster.path, person.line, roster.column)
        if not person.number:
            problems.append(error("H203", where))
        elif person.number in first:
            problems.append(error("H204", where, number=person.number, first=first[person.number]))
        first.setdefault(person.number, person.line)
    return problems


def _person(line: int, cells: tuple[str, ...], places: dict[str, int]) -> Person:
    known = {word: cells[place].strip() for word, place in places.items()}
    number = "".join(unicodedata.normalize("NFKC", known["number"]).split())
    document = "".join(unicodedata.normalize("NFKC", known.get("document", "")).split()).upper()
    site, room, seat = (known.get(word, "") for word in ("site", "room", "seat"))
    return Person(line, number, known.get("name", ""), document, site, room, seat, cells)


def _plain(title: str) -> str:
    """Return a title as it is compared.

    >>> _plain(" Candidate_Number ")
    'candidate number'
    """
    return " ".join(unicodedata.normalize("NFKC", title).replace("_", " ").lower().split())


def _first(names: Sequence[str], plain: Sequence[str]) -> str | None:
    return next((name for name in names if name in plain), None)
