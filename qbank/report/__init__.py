"""Results as blocks, and blocks as HTML, JSON and CSV.

report = sitting_report(analysis, meta, item_texts, "zh")
page, data, tables = to_html(report), to_json(report), to_csv(report)
"""

from __future__ import annotations

from qbank.report.blocks import (
    Badge,
    Block,
    Column,
    Fact,
    Facts,
    Figure,
    Gallery,
    Heading,
    ItemCard,
    Report,
    Section,
    Table,
    Text,
)
from qbank.report.export import csv_text, to_csv, to_json
from qbank.report.html import to_html
from qbank.report.sitting import ItemText, PaperInfo, SittingMeta, sitting_report

__all__ = [
    "Badge",
    "Block",
    "Column",
    "Fact",
    "Facts",
    "Figure",
    "Gallery",
    "Heading",
    "ItemCard",
    "ItemText",
    "PaperInfo",
    "Report",
    "Section",
    "SittingMeta",
    "Table",
    "Text",
    "csv_text",
    "sitting_report",
    "to_csv",
    "to_html",
    "to_json",
]
