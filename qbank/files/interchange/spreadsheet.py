"""XLSX, CSV and TSV bytes → rows. A workbook is looked at as a zip archive before anything is unpacked."""

from __future__ import annotations

import csv
import html
import io
import logging
import posixpath
import re
import zipfile
from collections.abc import Mapping, Sequence
from zlib import error as zlib_error

from qbank.files.interchange.draft import Read, note
from qbank.files.interchange.encoding import decode
from qbank.files.interchange.row import Row
from qbank.files.interchange.rows import drafts_of
from qbank.files.interchange.sheet_extent import MAX_CELLS, n_between
from qbank.files.interchange.sheet_formats import shown_otherwise, telling_formats
from qbank.problem import Problem, Span, error

MAX_UNPACKED = 200 << 20
MAX_RATIO = 200
HELP_SHEETS = ("鉴定点", "填写说明")
"""Sheets of our own template beside the one with the questions."""
_CELL = re.compile(rb"""<(?:\w+:)?c\b[^>]{0,300}?\sr\s*=\s*["']([A-Z]{1,3})(\d{1,7})["'][^>]{0,300}?(/?)>""")
_FORMULA = re.compile(rb"""<(?:\w+:)?c\b[^>/]{0,300}?\sr\s*=\s*["']([A-Z]{1,3})(\d{1,7})["'][^>/]{0,300}?>\s*<(?:\w+:)?f[\s/>]""")
_ANY_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s[^>]*>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*>")
_ATTRIBUTE = re.compile(rb"""\s(?:\w+:)?(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
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
    parts, problems = _unpacked(data, name)
    if problems:
        return [], problems
    sheets, formats = _by_title(parts), telling_formats(parts.get("xl/styles.xml", b""))
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
        source = sheets.get(title)
        if source is None:
            return [], [error("I101", Span(name), detail=title[:60])]
        top, left = _origin(source)
        formulas = _formulas(source)
        others: dict[int, list[int]] = {}
        for letters, row_number in shown_otherwise(source, formats):
            others.setdefault(int(row_number), []).append(_column_number(letters.decode()) - left)
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


def _broken(fault: BaseException, name: str) -> Problem:
    if isinstance(fault, KeyboardInterrupt | SystemExit | MemoryError):
        raise fault
    return error("I101", Span(name), detail=_short(fault))


def _short(fault: BaseException) -> str:
    return str(fault).strip().split("\n", 1)[0][:200] or type(fault).__name__


def _unpacked(data: bytes, name: str) -> tuple[dict[str, bytes], list[Problem]]:
    """Return the XML of a workbook by name, or why the archive is refused."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if problem := _refused(entries, len(data), name):
                return {}, [problem]
            parts: dict[str, bytes] = {}
            for entry in entries:
                content = archive.read(entry)  # checks the size and sum that the directory promises
                if (cells := n_between(content)) > MAX_CELLS:
                    return {}, [error("I101", Span(name), detail=f"{entry.filename[:60]}: {cells} > {MAX_CELLS}")]
                if entry.filename.endswith((".xml", ".rels")):
                    parts[entry.filename.lstrip("/").casefold()] = content
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, EOFError, zlib_error) as fault:
        return {}, [error("I101", Span(name), detail=_short(fault))]
    return parts, []


def _by_title(parts: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the XML of each sheet by its title, as the workbook and its relations say; files are numbered anyhow."""
    relations = [_attributes(tag) for tag in _RELATION.findall(parts.get("xl/_rels/workbook.xml.rels", b""))]
    targets = {one.get("Id", ""): posixpath.normpath(posixpath.join("/xl", one.get("Target", ""))) for one in relations}
    found = {}
    for tag in _SHEET.findall(parts.get("xl/workbook.xml", b"")):
        attributes = _attributes(tag)
        path = targets.get(attributes.get("id", ""), "").lstrip("/").casefold()
        if path in parts:
            found[attributes.get("name", "")] = parts[path]
    return found


def _attributes(tag: bytes) -> dict[str, str]:
    """Return the attributes of a tag by name without prefix.

    >>> _attributes(b'<sheet name="A&amp;B" sheetId="1" r:id="rId1"/>')
    {'name': 'A&B', 'sheetId': '1', 'id': 'rId1'}
    """
    return {
        name.decode(): html.unescape((double or single).decode("utf-8", "replace"))
        for name, double, single in _ATTRIBUTE.findall(tag)
    }


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


def _origin(source: bytes) -> tuple[int, int]:
    """Return row and column of the first used cell, before which the library leaves everything out."""
    top, left = 0, 0
    for match in _CELL.finditer(source):
        if match.group(3) or source[match.end() : match.end() + 2] == b"</":
            continue
        column = _column_number(match.group(1).decode())
        top = top or int(match.group(2))
        left = min(left or column, column)
        if left == 1:
            break
    return top or 1, left or 1


def _formulas(source: bytes) -> dict[int, list[int]]:
    """Return the columns of the cells with a formula by row; row 0 stands for cells that do not say where they are."""
    cells = source[source.find(b"sheetData") : source.rfind(b"sheetData")]
    found: dict[int, list[int]] = {}
    for letters, row in _FORMULA.findall(cells):
        found.setdefault(int(row), []).append(_column_number(letters.decode()))
    if sum(map(len, found.values())) < len(_ANY_FORMULA.findall(cells)):
        found[0] = []
    return found


def _column_number(letters: str) -> int:
    """Return 1 for A, 27 for AA.

    >>> _column_number("A"), _column_number("AA")
    (1, 27)
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
