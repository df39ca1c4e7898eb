"""How far apart the cells of a sheet lie, before a library makes a table of all that lies between them.

A sheet of two cells, A1 and XFD1048576, is a table of 17 thousand million: the library ends the whole process when it
cannot have so much memory, and nobody can catch that.
"""

from __future__ import annotations

import re

MAX_CELLS = 20_000_000
FAR = 1 << 40

_CELL = re.compile(rb"""<(?:\w+:)?c(?=[\s>])[^>]*?\sr\s*=\s*["']\s*([A-Za-z]+)([0-9]+)\s*["'][^>]*>(?!</)""")
_ROW = re.compile(rb"""<(?:\w+:)?row\s[^>]*?\br\s*=\s*["']\s*([0-9]+)""")
_PLACELESS = re.compile(rb"<(?:\w+:)?c(?=[\s>])(?![^>]*\sr\s*=)")


def n_between(source: bytes) -> int:
    """Return the number of cells in the smallest rectangle around all that hold something.

    >>> n_between(b'<c r="A1"><v>1</v></c><c r="B3"><v>2</v></c><c r="XFD9" s="1"/>')
    6
    >>> n_between(b'<row r="1"><c><v>1</v></c></row><row r="1000"><c><v>1</v></c></row>')
    2000
    """
    rows: list[int] = []
    letters: set[bytes] = set()
    for match in _CELL.finditer(source):
        if not match.group().endswith(b"/>"):
            letters.add(match.group(1))
            rows.append(_row(match.group(2)))
    columns = [_column(one) for one in letters]
    placeless = sum(1 for _ in _PLACELESS.finditer(source))
    if placeless:  # they follow one another in their row, whose number may be anything
        rows += [1, *(_row(match.group(1)) for match in _ROW.finditer(source))]
        columns += [1, min(placeless, 16384)]
    if not rows:
        return 0
    return (max(rows) - min(rows) + 1) * (max(columns) - min(columns) + 1)


def _row(digits: bytes) -> int:
    return int(digits) if len(digits) <= 7 else FAR  # in a library's own arithmetic a longer one may become any number


def _column(letters: bytes) -> int:
    if len(letters) > 3:
        return FAR
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
