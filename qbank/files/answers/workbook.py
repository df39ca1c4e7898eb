"""XLSX → a table of answers, with the cells that hold something else than they show."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from qbank.files.answers.header import header_at, names_a_person, plain_title
from qbank.files.answers.reading import Reading
from qbank.files.answers.table import AnswerTable, Odd
from qbank.files.interchange.sheet_formats import shown_otherwise, telling_formats
from qbank.files.interchange.workbook import (
    broken,
    column_number,
    error_cells,
    first_cell,
    formula_cells,
    hidden_sheets,
    long_numbers,
    merged_ranges,
    sheets_by_title,
    unpacked,
)
from qbank.problem import Problem, Span, error, note, warning

MOST_ODD = 100_000
HEADER_WITHIN = 30


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One sheet: its cells as text, and row and column of the first, from 1."""

    title: str
    frame: pl.DataFrame
    top: int
    left: int
    source: bytes
    hidden: bool = False

    def rows(self, n: int) -> list[list[str]]:
        """Return the first rows."""
        return [[cell or "" for cell in row] for row in self.frame.head(n).rows()]


def read_workbook(data: bytes, name: str, reading: Reading) -> tuple[AnswerTable | None, list[Problem]]:
    """Return the table of the sheet that is named, or else of the first with a column of persons; or nothing and why."""
    sheets, formats, problems = _sheets(data, name, reading)
    if problems:
        return None, problems
    filled, unseen = _shown([sheet for sheet in sheets if sheet.frame.height], name, reading)
    if reading.sheet and not filled:
        titles = [sheet.title for sheet in sheets]
        near = difflib.get_close_matches(reading.sheet, titles, n=1)
        code = "R103" if reading.sheet in titles else "R220"
        facts = {} if code == "R103" else {"sheet": reading.sheet, "sheets": ", ".join(titles), "suggestion": near[0] if near else ""}
        return None, [error(code, Span(name), related=(), **facts)]
    if not filled:
        return None, [error("R103", Span(name))]
    answers = [sheet for sheet in filled if _has_header(sheet, reading)] or filled[:1]
    others = [sheet.title for sheet in answers[1:]]
    problems += unseen
    if others:
        problems.append(warning("R221", Span(name), sheet=answers[0].title, others=", ".join(others)))
    table = _table(answers[0], name, reading, formats)
    return table, problems


def read_sheets(data: bytes, name: str, reading: Reading) -> tuple[list[AnswerTable], list[Problem]]:
    """Return the tables of all sheets with a column of persons, or of the one that is named; or nothing and why."""
    sheets, formats, problems = _sheets(data, name, reading)
    if problems:
        return [], problems
    filled, unseen = _shown([sheet for sheet in sheets if sheet.frame.height], name, reading)
    tables = [_table(sheet, name, reading, formats) for sheet in filled if _has_header(sheet, reading)]
    return tables, unseen if tables else [error("R103", Span(name))]


def _shown(filled: list[_Sheet], name: str, reading: Reading) -> tuple[list[_Sheet], list[Problem]]:
    """Return the sheets without hidden ones, and which of these were left out; those named, or that are all, are kept."""
    seen = [sheet for sheet in filled if not sheet.hidden]
    if reading.sheet or not any(_has_header(sheet, reading) for sheet in seen):
        return filled, []
    left = [sheet.title for sheet in filled if sheet.hidden and _has_header(sheet, reading)]
    return seen, [note("R228", Span(name), sheets=", ".join(left))] if left else []


def _sheets(data: bytes, name: str, reading: Reading) -> tuple[list[_Sheet], frozenset[int], list[Problem]]:
    """Return the sheets, of which only the one named is read where one is, and the formats that tell something else."""
    parts, problems = unpacked(data, name)
    if problems:
        return [], frozenset(), problems
    sources, hidden = sheets_by_title(parts), hidden_sheets(parts)
    import fastexcel

    logging.getLogger("calamine").setLevel(logging.CRITICAL)  # what is wrong is told below
    sheets = []
    try:
        book = fastexcel.read_excel(data)
        for index, title in enumerate(book.sheet_names):
            wanted = not reading.sheet or plain_title(title) == plain_title(reading.sheet)
            source = sources.get(title)
            if wanted and source is None:
                return [], frozenset(), [error("I101", Span(name), detail=title[:60])]
            frame = book.load_sheet(index, header_row=None, dtypes="string").to_polars() if wanted else pl.DataFrame()
            top, left = first_cell(source or b"")
            sheets.append(_Sheet(title, frame, top, left, source or b"", title in hidden))
    except BaseException as fault:  # what breaks down in the library's own language is no Exception
        return [], frozenset(), [broken(fault, name)]
    return sheets, telling_formats(parts.get("xl/styles.xml", b"")), []


def _has_header(sheet: _Sheet, reading: Reading) -> bool:
    return any(names_a_person(cell, reading) for row in sheet.rows(HEADER_WITHIN) for cell in row if len(cell) < 60)


def _table(sheet: _Sheet, name: str, reading: Reading, formats: frozenset[int]) -> AnswerTable:
    columns = [[cell or "" for cell in series.to_list()] for series in sheet.frame.get_columns()]
    odd = _odd(sheet, columns, formats)
    skipped = max(reading.skip_rows - sheet.top + 1, 0)
    rows = [[column[n] for column in columns] for n in range(skipped, min(skipped + HEADER_WITHIN, len(columns[0])))]
    head = skipped + header_at(rows, reading)
    filled = np.zeros(len(columns[0]), bool)
    for column in columns:
        filled |= np.array([bool(cell.strip()) for cell in column])
    kept = np.flatnonzero(filled)
    kept = kept[kept > head]
    titles, at = [], []
    for n, column in enumerate(columns):
        title = column[head] if head < len(column) else ""
        if title.strip() or any(column[row].strip() for row in kept.tolist()):
            titles.append(title)
            at.append(n)
    place = {row: k for k, row in enumerate(kept.tolist())} | {head: -1}
    index = {n: k for k, n in enumerate(at)}
    frame = pl.DataFrame(
        [pl.Series(str(k), [columns[n][row] for row in kept.tolist()], dtype=pl.String) for k, n in enumerate(at)]
    )
    told = {(place[row], index[n]): what for (row, n), what in odd.items() if row in place and n in index}
    return AnswerTable(
        name, sheet.title, frame, kept + sheet.top, tuple(n + sheet.left for n in at), head + sheet.top, told,
        tuple(titles),
    )  # fmt: skip


def _odd(sheet: _Sheet, columns: list[list[str]], formats: frozenset[int]) -> Mapping[tuple[int, int], Odd]:
    """Return by row and column of the frame what is odd about a cell; cells merged downwards are filled."""
    odd: dict[tuple[int, int], Odd] = {}
    n_rows = len(columns[0]) if columns else 0

    def mark(row: int, column: int, what: Odd) -> None:
        at = row - sheet.top, column - sheet.left
        if 0 <= at[0] < n_rows and 0 <= at[1] < len(columns) and len(odd) < MOST_ODD:
            odd[at] = what

    for letters, row in shown_otherwise(sheet.source, formats):
        mark(int(row), column_number(letters.decode()), "shown")
    for row_number, found in formula_cells(sheet.source).items():
        for column in found:
            at = row_number - sheet.top, column - sheet.left
            if 0 <= at[0] < n_rows and 0 <= at[1] < len(columns) and not columns[at[1]][at[0]].strip():
                mark(row_number, column, "formula")
    for row_number, column in error_cells(sheet.source):
        mark(row_number, column, "error")
    for row_number, column in long_numbers(sheet.source):
        mark(row_number, column, "long")
    for (top, left), (bottom, right) in merged_ranges(sheet.source):
        last = min(bottom, n_rows + sheet.top - 1)
        for row_number in range(max(top, sheet.top), last + 1):
            for column in range(max(left, sheet.left), min(right, len(columns) + sheet.left - 1) + 1):
                if (row_number, column) != (top, left) and len(odd) < MOST_ODD:
                    mark(row_number, column, "merged")
                    if column == left and top >= sheet.top:
                        columns[left - sheet.left][row_number - sheet.top] = columns[left - sheet.left][top - sheet.top]
    return odd
