"""The tables of a report as the sheets of one workbook."""

from __future__ import annotations

from qbank.files.tables import Cell, Sheet
from qbank.report import Cell as BlockCell
from qbank.report import Report, Table, data_tables, plain

LOOKS = {"percent": "0.0%", "integer": "#,##0"}
LONGEST = 31
"""Characters that a spreadsheet lets a sheet's name have."""


def report_sheets(report: Report) -> list[Sheet]:
    """Return every table of the report that has rows, named by its caption; numbers unrounded, flags by their codes."""
    names: set[str] = set()
    return [table_sheet(table, _name(table, names)) for table in data_tables(report) if table.rows]


def _name(table: Table, taken: set[str]) -> str:
    """Return a name for the table's sheet that no other has: its caption up to the first mark, cut where too long."""
    words = table.caption
    for mark in "（(：:，,;；":
        words = words.split(mark)[0]
    words = (words.strip() or table.name)[:LONGEST]
    name, n = words, 1
    while name.casefold() in taken:
        n += 1
        name = f"{words[: LONGEST - len(str(n)) - 1]} {n}"
    taken.add(name.casefold())
    return name


def table_sheet(table: Table, name: str) -> Sheet:
    """Return a table as a sheet of that name."""
    rows = [[_cell(cell) for cell in row] for row in table.rows]
    looks = [LOOKS.get(column.kind, "0.00" if column.kind == "number" else "") for column in table.columns]
    return Sheet(name, [column.title for column in table.columns], rows, looks)


def _cell(cell: BlockCell) -> Cell:
    value = plain(cell)
    if isinstance(value, list):
        return " ".join(value)
    return value if isinstance(value, str | int | float) else None
