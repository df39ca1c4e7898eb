"""Tables for spreadsheets: CSV with BOM and XLSX, in which no cell is ever a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook; formats : of its columns in the spreadsheet's words (``0.0%``), "" for none."""

    name: str
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    formats: Sequence[str] = ()


def write_workbook(path: Path, sheets: Sequence[Sheet]) -> None:
    """Write one sheet a table: text as text, numbers as numbers, None and NaN as empty cells. Equal tables give equal bytes."""
    import datetime

    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": datetime.datetime(2000, 1, 1)})
    bold = book.add_format({"bold": True, "bottom": 1})
    looks = {words: book.add_format({"num_format": words}) for sheet in sheets for words in sheet.formats if words}
    for sheet in sheets:
        page = book.add_worksheet(re.sub(r"[\[\]:*?/\\]", "_", sheet.name)[:31])
        page.write_row(0, 0, list(sheet.header), bold)
        for index, row in enumerate(sheet.rows, start=1):
            for column, cell in enumerate(row):
                if cell is not None and cell == cell:
                    page.write(index, column, cell, looks.get(sheet.formats[column] if sheet.formats else ""))
        page.freeze_panes(1, 0)
        page.autofit()
    book.close()
    write_bytes(path, buffer.getvalue())


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
