"""XLSX, CSV and TSV bytes → rows. A workbook is looked at as a zip archive before anything is unpacked."""

from __future__ import annotations

import csv
import io
import logging
import re
import zipfile
from collections.abc import Sequence
from zlib import error as zlib_error

from qbank.files.interchange.draft import Read, note
from qbank.files.interchange.encoding import decode
from qbank.files.interchange.row import Row
from qbank.files.interchange.rows import drafts_of
from qbank.files.interchange.sheet_extent import MAX_CELLS, n_between
from qbank.problem import Problem, Span, error

MAX_UNPACKED = 200 << 20
MAX_RATIO = 200
HELP_SHEETS = ("鉴定点", "填写说明")
"""Sheets of our own template beside the one with the questions."""
_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]{0,300}?\br="([A-Z]{1,3})(\d{1,7})"[^>]{0,300}?(/?)>')
_FORMULA = re.compile(rb'<(?:\w+:)?c\b[^>/]{0,300}?\br="([A-Z]{1,3}\d{1,7})"[^>/]{0,300}?>\s*<(?:\w+:)?f\b')
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
    sheets, problems = _unpacked(data, name)
    if problems:
        return [], problems
    import fastexcel

    logging.getLogger("calamine").setLevel(logging.CRITICAL)  # what is wrong is told below
    drafts, notes = [], []
    try:
        book = fastexcel.read_excel(data)
        titles = list(book.sheet_names)
    except BaseException as fault:  # what breaks down in the library's own language is no Exception
        return [], [_broken(fault, name)]
    without: list[Problem] = []
    for index, title in enumerate(titles):
        try:
            frame = book.load_sheet(index, header_row=None, dtypes="string").to_polars()
            rows = [list(row) for row in frame.rows()]
        except BaseException as fault:
            return [], [_broken(fault, name)]
        if not rows:
            continue
        top, left, formulas = _origin(sheets, index, len(titles))
        found, wrong = drafts_of([Row(top + n, row) for n, row in enumerate(rows)], name, sheet=title, kind=kind, first=left)
        if wrong and wrong[0].code == "I110":
            without += wrong
            continue
        drafts += found
        notes += wrong
        if formulas:
            notes.append(error("I118", Span(name), sheet=title, cells=", ".join(formulas[:10]), n=len(formulas)))
    if not drafts and not notes:
        return [], without or [error("I104", Span(name))]
    unread = [dict(problem.facts)["sheet"] for problem in without]
    notes += [note("I119", Span(name), sheet=sheet) for sheet in unread if sheet not in HELP_SHEETS]
    return drafts, notes


def _broken(fault: BaseException, name: str) -> Problem:
    if isinstance(fault, KeyboardInterrupt | SystemExit | MemoryError):
        raise fault
    return error("I101", Span(name), detail=_short(fault))


def _short(fault: BaseException) -> str:
    return str(fault).strip().split("\n", 1)[0][:200] or type(fault).__name__


def _unpacked(data: bytes, name: str) -> tuple[list[bytes], list[Problem]]:
    """Return the XML of the sheets in the order of their numbers, or why the archive is refused."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if problem := _refused(entries, len(data), name):
                return [], [problem]
            parts = {}
            for entry in entries:
                content = archive.read(entry)  # checks the size and sum that the directory promises
                if (cells := n_between(content)) > MAX_CELLS:
                    return [], [error("I101", Span(name), detail=f"{entry.filename[:60]}: {cells} > {MAX_CELLS}")]
                if match := re.fullmatch(r"/?xl/worksheets/sheet(\d{1,4})\.xml", entry.filename):
                    parts[int(match.group(1))] = content
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, EOFError, zlib_error) as fault:
        return [], [error("I101", Span(name), detail=_short(fault))]
    return [parts[number] for number in sorted(parts)], []


def _refused(entries: Sequence[zipfile.ZipInfo], size: int, name: str) -> Problem | None:
    """Return why an archive is not even unpacked: far larger inside than outside, or names that lead out of it."""
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED or any(entry.file_size > MAX_RATIO * max(entry.compress_size, 1000) for entry in entries):
        return error("I120", Span(name), megabytes=unpacked >> 20, packed=max(size >> 10, 1))
    for entry in entries:
        parts = entry.filename.replace("\\", "/").split("/")
        if ".." in parts or re.match(r"[A-Za-z]:", entry.filename) or len(entries) > 5000:
            return error("I121", Span(name), entry=entry.filename[:100])
    return None


def _origin(sheets: list[bytes], index: int, n_sheets: int) -> tuple[int, int, list[str]]:
    """Return row and column of the first used cell, which the library leaves out, and the cells with formulas."""
    if len(sheets) != n_sheets:
        return 1, 1, []
    source = sheets[index]
    top, left = 0, 0
    for match in _CELL.finditer(source):
        if match.group(3) or source[match.end() : match.end() + 2] == b"</":
            continue
        column = _column_number(match.group(1).decode())
        top = top or int(match.group(2))
        left = min(left or column, column)
        if left == 1:
            break
    return top or 1, left or 1, [match.group(1).decode() for match in _FORMULA.finditer(source)]


def _column_number(letters: str) -> int:
    """Return 1 for A, 27 for AA.

    >>> _column_number("A"), _column_number("AA")
    (1, 27)
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
