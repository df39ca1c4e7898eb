"""One of Moodle's reports while it is read: its columns, its rows of persons, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field

from qbank.core.form import Form
from qbank.files.answers.moodle.columns import AVERAGES, MoodleColumn, moodle_column, squeezed
from qbank.files.answers.placed import (
    is_ignored,
    texts_of,
    told_of,
)
from qbank.files.answers.plain_texts import Texts
from qbank.files.answers.reading import Reading
from qbank.files.answers.table import AnswerTable
from qbank.problem import Problem

MAX_PROBLEMS = 200
BLANK = frozenset({"", "-", "–", "—"})


@dataclass(slots=True)
class Report:
    """A report while it is read.

    rows : of the frame, those of persons ; cells : item → for each row the answer as kinds read it ; sources : (row,
    item) → column of the report
    """

    table: AnswerTable
    forms: tuple[Form, ...]
    texts: Texts
    columns: list[MoodleColumn]
    rows: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    sources: dict[tuple[int, str], int] = field(default_factory=dict)
    waiting: list[tuple[int, str]] = field(default_factory=list)
    known: dict[tuple[str, str], str | None] = field(default_factory=dict)
    told: set[tuple[str, str]] = field(default_factory=set)
    _cells: list[list[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Take the cells out of the frame once."""
        self._cells = [texts_of(self.table, column) for column in range(self.table.frame.width)]

    def wrong(self, code: str, row: int, column: int, **facts: object) -> None:
        """Note an error at a cell of the report."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(self.table.wrong(code, row, column, **facts))
        elif len(self.problems) == MAX_PROBLEMS:
            self.problems.append(self.table.wrong("R340", row, column, most=MAX_PROBLEMS))

    def of(self, role: str) -> dict[int, int]:
        """Return number of the question → column, for columns of a role."""
        found: dict[int, int] = {}
        for n, column in enumerate(self.columns):
            if column.role == role:
                found.setdefault(column.number, n)
        return found

    def texts_of(self, column: int) -> list[str]:
        """Return the cells of a column."""
        return self._cells[column]


def report_column(header: str, reading: Reading) -> MoodleColumn:
    """Return what a column is by the mapping file, else by its header."""
    role = told_of(reading, header)
    if is_ignored(reading, header):
        return MoodleColumn("")
    if role in ("person", "form", "status", "name", "document", "site", "room", "seat", "group", "batch", "sex", "team"):
        return MoodleColumn(role)
    return moodle_column(header)


def person_column(report: Report) -> int | None:
    """Return the column that says who somebody is: as mapped, else the ID number, username or address that all have."""
    found = [report.of(role).get(0) for role in ("person", "idnumber", "username", "email")]
    known = [column for column in found if column is not None]
    for column in known:
        if sum(bool(text.strip()) for text in report.texts_of(column)) >= len(_attempts(report)):
            return column
    return known[0] if known else None


def _attempts(report: Report) -> list[int]:
    """Return the rows of persons: not that of the average at the end, nor one of nothing."""
    answers = [report.texts_of(n) for n, column in enumerate(report.columns) if column.role in ("response", "marks")]
    names = [report.texts_of(n) for n, column in enumerate(report.columns) if column.role in ("last", "first", "full")]
    who = [report.texts_of(n) for n, column in enumerate(report.columns)
           if column.role in ("person", "idnumber", "username", "email", "state")]  # fmt: skip
    rows = []
    for row in range(report.table.frame.height):
        if any(squeezed(column[row]) in AVERAGES for column in names) and all(column[row].strip() in BLANK for column in who):
            continue
        if any(column[row].strip() not in BLANK for column in (*answers, *names, *who)):
            rows.append(row)
    return rows


def find_persons(report: Report, person: int, reading: Reading) -> None:
    """Add the rows of persons to a report, and an error for each number that comes twice."""
    numbers = report.texts_of(person)
    first: dict[str, int] = {}
    for row in _attempts(report):
        number = numbers[row].strip()
        if number and number in first:
            report.wrong("R318", row, person, person=number, first=report.table.span(first[number], 0).line)
            continue
        first.setdefault(number, row)
        report.rows.append(row)
