"""Cells that show something else than they hold: a number shown as 50 %, a date that was typed as 3-5.

A workbook keeps 0.5 and a format, or days since 1900; what the editor saw and typed is not in the file any more.
"""

from __future__ import annotations

import re

_NUMBER_FORMAT = re.compile(rb"<(?:\w+:)?numFmt\s[^>]*>")
_CELL_FORMATS = re.compile(rb"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
_CELL_FORMAT = re.compile(rb"<(?:\w+:)?xf\b[^>]*>")
_BUILT_IN = frozenset({9, 10, 12, 13, *range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
"""Numbers of the formats that every workbook knows: per cent, fractions, dates and times."""


def telling_formats(styles: bytes) -> frozenset[int]:
    """Return the indices of the cell formats that show a number as per cent, fraction, date or time.

    >>> sorted(telling_formats(
    ...     b'<numFmt numFmtId="164" formatCode="yyyy\\\\-mm"/><cellXfs><xf numFmtId="0"/><xf numFmtId="9"/><xf numFmtId="164"/></cellXfs>'))
    [1, 2]
    """
    own = {}
    for tag in _NUMBER_FORMAT.findall(styles):
        number, code = _attribute(tag, b"numFmtId"), _attribute(tag, b"formatCode")
        plain = re.sub(rb'&quot;.*?&quot;|"[^"]*"|\[[^\]]*\]|\\\\.', b"", code)
        own[number] = b"%" in plain or (b"?/" in plain) or bool(re.search(rb"(?i)[ymdhs]", plain) and not re.search(rb"[0#?]", plain))
    found = _CELL_FORMATS.search(styles)
    numbers = [_attribute(tag, b"numFmtId") for tag in _CELL_FORMAT.findall(found.group())] if found else []
    return frozenset(
        n for n, number in enumerate(numbers) if own.get(number, number.isdigit() and int(number) in _BUILT_IN)
    )


def _attribute(tag: bytes, name: bytes) -> bytes:
    match = re.search(rb"\s" + name + rb"""\s*=\s*(?:"([^"]*)"|'([^']*)')""", tag)
    return (match.group(1) or match.group(2) or b"") if match else b""


def shown_otherwise(source: bytes, formats: frozenset[int]) -> list[tuple[bytes, bytes]]:
    """Return column letters and row of the cells of a sheet that hold a number in one of the formats."""
    if not formats:
        return []
    indices = b"|".join(str(index).encode() for index in sorted(formats))
    cell = re.compile(
        rb"""<(?:\w+:)?c\b(?=[^>]*\ss\s*=\s*["'](?:""" + indices + rb""")["'])(?![^>]*\st\s*=\s*["'](?:s|str|inlineStr|b|e)["'])"""
        rb"""[^>]*?\sr\s*=\s*["']([A-Z]{1,3})(\d{1,7})["'][^>]*(?<!/)>"""
    )
    return cell.findall(source)
