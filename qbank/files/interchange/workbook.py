"""A workbook as a zip archive of XML, looked at before anything is unpacked, and what its XML tells of the cells."""

from __future__ import annotations

import html
import io
import posixpath
import re
import zipfile
from collections.abc import Mapping, Sequence
from zlib import error as zlib_error

from qbank.files.interchange.sheet_extent import MAX_CELLS, n_between
from qbank.problem import Problem, Span, error

MAX_UNPACKED = 200 << 20
MAX_RATIO = 200
_CELL = re.compile(rb"""<(?:\w+:)?c\b[^>]{0,300}?\sr\s*=\s*["']([A-Z]{1,3})(\d{1,7})["'][^>]{0,300}?(/?)>""")
_FORMULA = re.compile(rb"""<(?:\w+:)?c\b[^>/]{0,300}?\sr\s*=\s*["']([A-Z]{1,3})(\d{1,7})["'][^>/]{0,300}?>\s*<(?:\w+:)?f[\s/>]""")
_ANY_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s[^>]*>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*>")
_ATTRIBUTE = re.compile(rb"""\s(?:\w+:)?(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_MERGED = re.compile(rb"""<(?:\w+:)?mergeCell\b[^>]*?\sref\s*=\s*["']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})["']""")
_NO_VALUE = re.compile(rb"""<(?:\w+:)?c\b[^>]{0,300}?\sr\s*=\s*["']([A-Z]{1,3})(\d{1,7})["'][^>]{0,300}?\st\s*=\s*["']e["']""")
_NO_VALUE_EARLIER = re.compile(rb"""<(?:\w+:)?c\b[^>]{0,300}?\st\s*=\s*["']e["'][^>]{0,300}?\sr\s*=\s*["']([A-Z]{1,3})(\d{1,7})["']""")
_LONG_NUMBER = re.compile(
    rb"""<(?:\w+:)?c\b(?![^>]*\st\s*=\s*["'](?:s|str|inlineStr|b|e)["'])[^>]{0,300}?\sr\s*=\s*["']([A-Z]{1,3})(\d{1,7})["'][^>]*>"""
    rb"""(?:<(?:\w+:)?v>)(?:\d{16,}|\d(?:\.\d+)?[eE]\+?(?:1[5-9]|[2-9]\d))</"""
)


def broken(fault: BaseException, name: str) -> Problem:
    if isinstance(fault, KeyboardInterrupt | SystemExit | MemoryError):
        raise fault
    return error("I101", Span(name), detail=_short(fault))


def _short(fault: BaseException) -> str:
    return str(fault).strip().split("\n", 1)[0][:200] or type(fault).__name__


def unpacked(data: bytes, name: str) -> tuple[dict[str, bytes], list[Problem]]:
    """Return the XML of a workbook by name, or why the archive is refused."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if problem := archive_refused(entries, len(data), name):
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


def sheets_by_title(parts: Mapping[str, bytes]) -> dict[str, bytes]:
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


def hidden_sheets(parts: Mapping[str, bytes]) -> frozenset[str]:
    """Return the titles of the sheets that nobody sees.

    >>> hidden_sheets({"xl/workbook.xml": b'<sheet name="A" state="hidden" r:id="rId1"/><sheet name="B" r:id="rId2"/>'})
    frozenset({'A'})
    """
    tags = map(_attributes, _SHEET.findall(parts.get("xl/workbook.xml", b"")))
    return frozenset(one.get("name", "") for one in tags if one.get("state", "visible") != "visible")


def _attributes(tag: bytes) -> dict[str, str]:
    """Return the attributes of a tag by name without prefix.

    >>> _attributes(b'<sheet name="A&amp;B" sheetId="1" r:id="rId1"/>')
    {'name': 'A&B', 'sheetId': '1', 'id': 'rId1'}
    """
    return {
        name.decode(): html.unescape((double or single).decode("utf-8", "replace"))
        for name, double, single in _ATTRIBUTE.findall(tag)
    }


def archive_refused(entries: Sequence[zipfile.ZipInfo], size: int, name: str) -> Problem | None:
    """Return why an archive is not even unpacked: far larger inside than outside, or names that lead out of it."""
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED or any(entry.file_size > MAX_RATIO * max(entry.compress_size, 1000) for entry in entries):
        return error("I120", Span(name), megabytes=unpacked >> 20, packed=max(size >> 10, 1))
    for entry in entries:
        parts = entry.filename.replace("\\", "/").split("/")
        if ".." in parts or re.match(r"[A-Za-z]:", entry.filename) or len(entries) > 5000:
            return error("I121", Span(name), entry=entry.filename[:100])
    return None


def first_cell(source: bytes) -> tuple[int, int]:
    """Return row and column of the first used cell, before which the library leaves everything out."""
    top, left = 0, 0
    for match in _CELL.finditer(source):
        if match.group(3) or source[match.end() : match.end() + 2] == b"</":
            continue
        column = column_number(match.group(1).decode())
        top = top or int(match.group(2))
        left = min(left or column, column)
        if left == 1:
            break
    return top or 1, left or 1


def formula_cells(source: bytes) -> dict[int, list[int]]:
    """Return the columns of the cells with a formula by row; row 0 stands for cells that do not say where they are."""
    cells = source[source.find(b"sheetData") : source.rfind(b"sheetData")]
    found: dict[int, list[int]] = {}
    for letters, row in _FORMULA.findall(cells):
        found.setdefault(int(row), []).append(column_number(letters.decode()))
    if sum(map(len, found.values())) < len(_ANY_FORMULA.findall(cells)):
        found[0] = []
    return found


def column_number(letters: str) -> int:
    """Return 1 for A, 27 for AA.

    >>> column_number("A"), column_number("AA")
    (1, 27)
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


Cell = tuple[int, int]
"""Row and column, both from 1."""


def merged_ranges(source: bytes) -> list[tuple[Cell, Cell]]:
    """Return first and last cell of every merged range.

    >>> merged_ranges(b'<mergeCell ref="A1:B3"/>')
    [((1, 1), (3, 2))]
    """
    return [
        ((int(top), column_number(left.decode())), (int(bottom), column_number(right.decode())))
        for left, top, right, bottom in _MERGED.findall(source)
    ]


def error_cells(source: bytes) -> list[Cell]:
    """Return the cells that hold an error such as #N/A.

    >>> error_cells(b'<c r="B2" t="e"><v>#N/A</v></c>')
    [(2, 2)]
    """
    return _cells([*_NO_VALUE.findall(source), *_NO_VALUE_EARLIER.findall(source)])


def long_numbers(source: bytes) -> list[Cell]:
    """Return the cells with a number of sixteen digits or more, of which a workbook keeps only fifteen.

    >>> long_numbers(b'<c r="C2"><v>1.10101199001011E+17</v></c><c r="D2"><v>12</v></c>')
    [(2, 3)]
    """
    return _cells(_LONG_NUMBER.findall(source))


def _cells(found: Sequence[tuple[bytes, bytes]]) -> list[Cell]:
    return [(int(row), column_number(letters.decode())) for letters, row in found]
