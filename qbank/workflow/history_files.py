"""The history of an item as files: page, picture, table."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from qbank.files.disk import write_bytes, write_text
from qbank.messages import Language
from qbank.report import Figure, Report, Table, csv_text, to_html
from qbank.report.blocks import Cell, Column, walk
from qbank.report.history import HistoryData, history_report
from qbank.report.history.tables import sittings_table
from qbank.report.history.words import texts
from qbank.report.pdf import to_pdf
from qbank.report.poster import poster

FORMATS = ("html", "svg", "pdf")
RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?$")


def safe_name(id: str) -> str:
    """Return an id as the name of a file on any system: what is no letter, digit, ``-``, ``_`` or ``.`` becomes ``_``, and
    a few digits of its hash keep it apart from others that come out alike.

    >>> safe_name("BOF4-0001"), safe_name("a/b"), safe_name("CON")
    ('BOF4-0001', 'a_b-c14cddc0', 'CON-a3dbc4b6')
    """
    name = re.sub(r"[^\w.-]", "_", id).strip(".")[:80]
    if name == id and name and not RESERVED.match(name):
        return name
    return f"{name or '_'}-{hashlib.sha256(id.encode()).hexdigest()[:8]}"


def write_history(data: HistoryData, formats: tuple[str, ...], folder: Path, language: Language) -> tuple[Path, ...]:
    """Write ``folder/ITEM.html``, ``.svg`` or ``.pdf`` and return their paths."""
    report = history_report(data, language)
    return write_report(report, formats, folder / safe_name(data.history.item))


def write_report(report: Report, formats: tuple[str, ...], path: Path) -> tuple[Path, ...]:
    """Write a report in each of the formats beside each other."""
    written = []
    for name in dict.fromkeys(formats):
        target = path.parent / f"{path.name}.{name}"
        if name == "pdf":
            write_bytes(target, to_pdf(report))
        elif name == "svg":
            figures = [block.name for block in walk(report.blocks) if isinstance(block, Figure)]
            write_text(target, poster(report, figures))
        else:
            write_text(target, to_html(report))
        written.append(target)
    return tuple(written)


def history_csv(data: HistoryData, language: Language) -> str:
    """Return every sitting of an item and of its parts as CSV: column names, unrounded numbers."""
    t = texts(language)
    tables = [
        (history.item, sittings_table(history, chart, t, language))
        for history, chart in ((data.history, data.chart), *data.parts)
    ]
    columns = (Column("item", t("col_item")), *tables[0][1].columns)
    rows: tuple[tuple[Cell, ...], ...] = tuple((item, *row) for item, table in tables for row in table.rows)
    return csv_text(Table("sittings", "", columns, rows))
