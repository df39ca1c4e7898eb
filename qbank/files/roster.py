"""Lists of registered persons (CSV or XLSX): number, name, document, site, room, seat, and columns that are only kept."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qbank.files.disk import BOM, read_data
from qbank.files.paths import shown_path
from qbank.problem import Problem, Span, error

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
    """header : as written ; places : the column of each word that was found ; form : that of a paper column, −1 without"""

    path: str
    header: tuple[str, ...]
    places: dict[str, int]
    form: int
    persons: tuple[Person, ...]


def read_roster(path: Path) -> tuple[Roster | None, list[Problem]]:
    """Return the registered persons, or nothing and everything that is wrong, by line and column."""
    shown = shown_path(path)
    data, problems = read_data(path, shown)
    if data is None:
        return None, problems
    try:
        rows = _workbook(data) if data[:2] == b"PK" else _delimited(data)
    except (ValueError, csv.Error) as fault:
        return None, [error("H201", Span(shown), detail=str(fault))]
    if not rows:
        return None, [error("H205", Span(shown))]
    line, header = rows[0]
    plain = [_plain(title) for title in header]
    places = {word: plain.index(found) for word, names in WORDS.items() if (found := _first(names, plain)) is not None}
    if "number" not in places:
        return None, [error("H202", Span(shown, line, 1), found=", ".join(filter(None, header)), expected=" / ".join(WORDS["number"][:4]))]
    taken = _first(FORM_WORDS, plain)
    roster = Roster(
        shown, tuple(header), places, -1 if taken is None else plain.index(taken),
        tuple(_person(number, row, len(header), places) for number, row in rows[1:]),
    )  # fmt: skip
    problems = _checked(roster)
    return (None if problems else roster), problems


def _checked(roster: Roster) -> list[Problem]:
    problems: list[Problem] = [] if roster.persons else [error("H205", Span(roster.path))]
    column = roster.places["number"] + 1
    first: dict[str, int] = {}
    for person in roster.persons:
        where = Span(roster.path, person.line, column)
        if len(person.cells) > len(roster.header):
            problems.append(error("H206", Span(roster.path, person.line, len(roster.header) + 1), n=len(person.cells), expected=len(roster.header)))
        elif not person.number:
            problems.append(error("H203", where))
        elif person.number in first:
            problems.append(error("H204", where, number=person.number, first=first[person.number]))
        first.setdefault(person.number, person.line)
    return problems


def _person(line: int, row: Sequence[str], n_columns: int, places: dict[str, int]) -> Person:
    cells = tuple(row) + ("",) * (n_columns - len(row))
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


def _delimited(data: bytes) -> list[tuple[int, list[str]]]:
    text = None
    for encoding in ("utf-8", "gb18030"):
        try:
            text = data.decode(encoding).removeprefix(BOM)
            break
        except UnicodeDecodeError:
            continue
    if text is None or "\x00" in text:
        raise ValueError("UTF-8, GB18030?")
    head = text.split("\n", 1)[0]
    delimiter = max((",", "\t", ";"), key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    return [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]


def _workbook(data: bytes) -> list[tuple[int, list[str]]]:
    import fastexcel

    try:
        book = fastexcel.read_excel(data)
        sheet = book.load_sheet(0, header_row=None, dtypes="string").to_polars()
    except Exception as fault:  # the reader has no common class for what a broken workbook leads to
        raise ValueError(str(fault).split("\n", 1)[0]) from fault
    rows = [["" if cell is None else _whole(str(cell)) for cell in row] for row in sheet.iter_rows()]
    return [(line, row) for line, row in enumerate(rows, start=1) if any(cell.strip() for cell in row)]


def _whole(cell: str) -> str:
    """Return a number of a workbook as it is shown there.

    >>> _whole("20261123001.0"), _whole("1.5")
    ('20261123001', '1.5')
    """
    return re.sub(r"^(\d+)\.0$", r"\1", cell)
