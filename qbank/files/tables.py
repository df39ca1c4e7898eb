"""Tables for spreadsheets: CSV with BOM and XLSX, in which no cell is ever a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from qbank.files.disk import write_bytes, write_text

Cell = str | int | float | None


def harmless(cell: Cell) -> Cell:
    """Return the cell with a leading apostrophe where a spreadsheet would take text for a formula.

    >>> harmless("=1+1"), harmless(-3), harmless("张三")
    ("'=1+1", -3, '张三')
    """
    if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + cell
    return cell


def write_csv(path: Path, header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    """Write UTF-8 with BOM, so that Excel reads Chinese."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([harmless(cell) for cell in header])
    writer.writerows([["" if cell is None else harmless(cell) for cell in row] for row in rows])
    write_text(path, buffer.getvalue(), bom=True)


def write_xlsx(path: Path, sheet: str, header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    """Write one sheet; all text is written as text. Equal tables give equal bytes."""
    import datetime

    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": datetime.datetime(2000, 1, 1)})
    page = book.add_worksheet(sheet[:31])
    bold = book.add_format({"bold": True, "bottom": 1})
    page.write_row(0, 0, list(header), bold)
    for index, row in enumerate(rows, start=1):
        page.write_row(index, 0, ["" if cell is None else cell for cell in row])
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, max(len(rows), 1), max(len(header) - 1, 0))
    book.close()
    write_bytes(path, buffer.getvalue())
