"""XLSX, CSV and TSV bytes → rows."""

from __future__ import annotations

import csv
import io
import logging
import re

from qbank.files.interchange.draft import Read, note
from qbank.files.interchange.encoding import decode
from qbank.files.interchange.row import Row
from qbank.files.interchange.rows import drafts_of
from qbank.files.interchange.sheet_formats import shown_otherwise, telling_formats
from qbank.files.interchange.workbook import (
    broken,
    column_number,
    first_cell,
    formula_cells,
    sheets_by_title,
    unpacked,
)
from qbank.problem import Problem, Span, error

HELP_SHEETS = ("鉴定点", "填写说明")
"""Sheets of our own template beside the one with the questions."""
_GUARDED = re.compile(r"'+[=+\-@\t\r]")
csv.field_size_limit(8 << 20)


def read_csv(data: bytes, name: str, kind: str = "") -> Read:
    """Return the drafts of a table in CSV, parted by commas, semicolons or tabs, in any usual encoding."""
    text, problems = decode(data, name)
    if text is None:
        return [], problems
    rows, wrong = _csv_rows(text, name)
    if wrong:
        return [], problems + wrong
    drafts, more = drafts_of(rows, name, kind=kind)
    return drafts, problems + more


def _csv_rows(text: str, name: str) -> tuple[list[Row], list[Problem]]:
    head = text[:4000].split("\n", 1)[0]
    delimiter = max("\t,;", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[Row] = []
    line = 1
    try:
        for cells in reader:
            if any(cells):
                rows.append(Row(line, [unguarded(cell) for cell in cells]))
            line = reader.line_num + 1
    except csv.Error as fault:
        return [], [error("I109", Span(name, line, 1), detail=str(fault))]
    return rows, []


def unguarded(cell: str) -> str:
    """Return a cell without the apostrophe that keeps a spreadsheet from taking it for a formula.

    >>> unguarded("'=1+1"), unguarded("''-5"), unguarded("'quoted'")
    ('=1+1', "'-5", "'quoted'")
    """
    return cell[1:] if _GUARDED.match(cell) else cell


def guarded(cell: str) -> str:
    """Return a cell as CSV may hold it: an apostrophe before what a spreadsheet would calculate.

    >>> guarded("=1+1"), guarded("'-5"), guarded("B=0.5")
    ("'=1+1", "''-5", 'B=0.5')
    """
    return "'" + cell if cell.lstrip("'")[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def read_xlsx(data: bytes, name: str, kind: str = "") -> Read:
    """Return the drafts of every sheet of a workbook that has the header of a delivered bank."""
    parts, problems = unpacked(data, name)
    if problems:
        return [], problems
    sheets, formats = sheets_by_title(parts), telling_formats(parts.get("xl/styles.xml", b""))
    import fastexcel

    logging.getLogger("calamine").setLevel(logging.CRITICAL)  # what is wrong is told below
    drafts, notes = [], []
    try:
        book = fastexcel.read_excel(data)
        titles = list(book.sheet_names)
    except BaseException as fault:  # what breaks down in the library's own language is no Exception
        return [], [broken(fault, name)]
    without: list[Problem] = []
    for index, title in enumerate(titles):
        try:
            frame = book.load_sheet(index, header_row=None, dtypes="string").to_polars()
            rows = [list(row) for row in frame.rows()]
        except BaseException as fault:
            return [], [broken(fault, name)]
        if not rows:
            continue
        source = sheets.get(title)
        if source is None:
            return [], [error("I101", Span(name), detail=title[:60])]
        top, left = first_cell(source)
        formulas = formula_cells(source)
        others: dict[int, list[int]] = {}
        for letters, row_number in shown_otherwise(source, formats):
            others.setdefault(int(row_number), []).append(column_number(letters.decode()) - left)
        found, wrong = drafts_of(
            [
                Row(top + n, row, frozenset(column - left for column in formulas.get(top + n, ())), frozenset(others.get(top + n, ())))
                for n, row in enumerate(rows)
            ],
            name, sheet=title, kind=kind, first=left,
        )  # fmt: skip
        if wrong and wrong[0].code == "I110":
            without += wrong
            continue
        if 0 in formulas:
            found, wrong = [], [*wrong, error("I118", Span(name), sheet=title, cell="?")]
        drafts += found
        notes += wrong
    if not drafts and not notes:
        return [], without or [error("I104", Span(name))]
    unread = [dict(problem.facts)["sheet"] for problem in without]
    notes += [note("I119", Span(name), sheet=sheet) for sheet in unread if sheet not in HELP_SHEETS]
    return drafts, notes
