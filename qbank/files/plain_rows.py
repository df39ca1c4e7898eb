"""Small tables that people fill in by hand, as rows of text with their line: CSV in UTF-8 or GB18030, or the first sheet of a workbook."""

from __future__ import annotations

import csv
import io
import re

from qbank.files.disk import BOM
from qbank.files.interchange.workbook import unpacked


def delimited_rows(data: bytes) -> list[tuple[int, list[str]]]:
    """Return (line, cells) of every row with anything in it; ValueError for bytes that are no text."""
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


def workbook_rows(data: bytes) -> list[tuple[int, list[str]]]:
    """Return (line, cells) of every row with anything in it of the first sheet; ValueError for what is no workbook."""
    _, problems = unpacked(data, "")
    if problems:
        raise ValueError(", ".join(value for _, value in problems[0].facts))
    import fastexcel

    try:
        book = fastexcel.read_excel(data)
        sheet = book.load_sheet(0, header_row=None, dtypes="string").to_polars()
    except fastexcel.FastExcelError as fault:
        raise ValueError(str(fault).split("\n", 1)[0]) from fault
    rows = [["" if cell is None else _whole(str(cell)) for cell in row] for row in sheet.iter_rows()]
    return [(line, row) for line, row in enumerate(rows, start=1) if any(cell.strip() for cell in row)]


def _whole(cell: str) -> str:
    """Return a number of a workbook as it is shown there.

    >>> _whole("20261123001.0"), _whole("1.5")
    ('20261123001', '1.5')
    """
    return re.sub(r"^(\d+)\.0$", r"\1", cell)
