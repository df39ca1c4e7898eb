"""Tables with one row a response: person, paper, question, answer → the same cells as with one row a person."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbank.files.answers.columns import Column, column_of, folded_column, occurring
from qbank.files.answers.findings import Findings
from qbank.files.answers.grid import Grid, Rows
from qbank.files.answers.header import Header, answer_name, plain_title
from qbank.files.answers.papers import Papers
from qbank.files.answers.reading import Reading
from qbank.files.answers.table import AnswerTable
from qbank.kinds.kind import folded
from qbank.problem import Problem


@dataclass(frozen=True, slots=True)
class Responders:
    """The persons of a long table.

    first : int64 (n_distinct,) the row where each first stands, with every row that names nobody, ascending ; of_row :
    int64 (n_rows,) index into ``first`` of the person of each row
    """

    first: Rows
    of_row: NDArray[np.int64]


def responders(table: AnswerTable, header: Header, found: Findings) -> Responders:
    """Return who stands in the rows; rows of one person that disagree about the person are added."""
    column = folded_column(column_of(table.frame.to_series(header.roles["person"])))
    code = column.code.astype(np.int64)
    nobody = np.flatnonzero(code == 0)
    code[nobody] = len(column.words) + np.arange(nobody.size)
    _, first, of_row = np.unique(code, return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.empty_like(order)
    place[order] = np.arange(order.size)
    who = Responders(first[order].astype(np.int64), place[of_row])
    attributes = {header.roles[role] for role in ("name", "document", "form", "status") if role in header.roles}
    for at in sorted(attributes | {at for _, at in header.groups}):
        _one_value_each(table, at, who, column, found)
    return who


def _one_value_each(table: AnswerTable, at: int, who: Responders, persons: Column, found: Findings) -> None:
    column = column_of(table.frame.to_series(at))
    expected = column.code[who.first][who.of_row]
    wrong = np.flatnonzero((column.code != expected) & (column.code != 0))

    def told(row: int) -> Problem:
        first = int(who.first[who.of_row[row]])
        return table.wrong(
            "R210", row, at, person=persons.words[persons.code[row]], column=table.header[at],
            found=column.words[column.code[row]], before=column.words[column.code[first]], first=int(table.lines[first]),
        )  # fmt: skip

    found.cells("R210", wrong, at, told)


def long_grid(
    table: AnswerTable, header: Header, papers: Papers, who: Responders, kept: Rows, reading: Reading, found: Findings
) -> tuple[Grid, bool]:
    """Return the cells of the persons kept, and whether questions are called by printed number.

    kept : rows of the table where they first stand
    """
    at = header.roles["item"]
    column = folded_column(column_of(table.frame.to_series(at)))
    words = [column.words[code] for code in occurring(column) if code]
    by_position = _by_position(words, papers)
    asked = papers.positions if by_position else papers.items
    answer_of = {plain_title(name): name for name in reversed(asked)}
    index = {name: n for n, name in enumerate(asked)}
    lut = np.full(len(column.words), -1)
    for code in occurring(column):
        name = answer_name(column.words[code], answer_of, by_position=by_position)
        lut[code] = index.get(name, -1)
    item = lut[column.code]
    _unknown_items(table, at, column, np.flatnonzero(item < 0), asked, found)
    person = np.full(who.first.size, -1)
    person[np.searchsorted(who.first, kept)] = np.arange(kept.size)
    rows = np.flatnonzero((item >= 0) & (person[who.of_row] >= 0))
    rows = _once(table, at, rows, person[who.of_row[rows]] * len(asked) + item[rows], found)
    source = np.full((len(asked), kept.size), -1, np.int32)
    source[item[rows], person[who.of_row[rows]]] = rows
    return _grid(table, header, asked, source, kept, sorted({*item[rows].tolist()}), reading), by_position


def _grid(
    table: AnswerTable, header: Header, asked: Sequence[str], source: NDArray[np.int32], kept: Rows, present: list[int],
    reading: Reading,
) -> Grid:  # fmt: skip
    """Return the cells by question: what was answered, or the marks where only these are known."""
    given = {
        role: column_of(table.frame.to_series(header.roles[role])) for role in ("answer", "marks") if role in header.roles
    }
    columns, rows, at, marks = {}, {}, {}, set()
    for n in present:
        name = asked[n]
        stands = source[n] >= 0
        own = np.where(stands, source[n], kept).astype(np.int64)
        for role in sorted(given, reverse=reading.scored):
            code = np.where(stands, given[role].code[own], 0).astype(given[role].code.dtype)
            if code.any() or role == sorted(given, reverse=reading.scored)[-1]:
                columns[name], rows[name], at[name] = Column(code, given[role].words), own, header.roles[role]
                if role == "marks" or reading.scored:
                    marks.add(name)
                break
    return Grid(kept.size, columns, rows, at, frozenset(marks))


def _by_position(words: Sequence[str], papers: Papers) -> bool:
    items = {plain_title(item): item for item in papers.items}
    positions = {plain_title(number): number for number in papers.positions}
    n_items = sum(bool(answer_name(word, items, by_position=False)) for word in words)
    return sum(bool(answer_name(word, positions, by_position=True)) for word in words) > n_items


def _unknown_items(
    table: AnswerTable, at: int, column: Column, rows: Rows, asked: Sequence[str], found: Findings
) -> None:
    def told(row: int) -> Problem:
        word = folded(column.words[column.code[row]])
        near = difflib.get_close_matches(word[:100], asked, n=1)
        return table.wrong("R211", row, at, item=word, suggestion=near[0] if near else "")

    found.cells("R211", rows, at, told)


def _once(table: AnswerTable, at: int, rows: Rows, key: NDArray[np.int64], found: Findings) -> Rows:
    """Return the rows without those that answer a question a second time, which are added."""
    order = np.argsort(key, kind="stable")
    again = np.zeros(rows.size, bool)
    again[order[1:]] = key[order[1:]] == key[order[:-1]]
    first = dict(zip(key[~again].tolist(), rows[~again].tolist(), strict=True)) if again.any() else {}
    key_of = dict(zip(rows[again].tolist(), key[again].tolist(), strict=True))
    found.cells(
        "R212", rows[again], at, lambda row: table.wrong("R212", row, at, first=int(table.lines[first[key_of[row]]]))
    )
    return rows[~again]
