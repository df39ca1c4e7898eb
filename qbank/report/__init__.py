"""Results as blocks, and blocks as HTML, PDF, JSON and CSV.

report = sitting_report(analysis, meta, item_texts, "zh")
page, data, tables = to_html(report), to_json(report), to_csv(report)
"""

from __future__ import annotations

from qbank.report.blocks import (
    Badge,
    Block,
    Cell,
    Column,
    Fact,
    Facts,
    Figure,
    Gallery,
    Heading,
    ItemCard,
    Report,
    Rich,
    Section,
    Table,
    Text,
    Verdict,
    plain,
)
from qbank.report.drawing import drawings_of
from qbank.report.export import csv_text, data_tables, to_csv, to_json
from qbank.report.html import to_html
from qbank.report.pdf import to_pdf
from qbank.report.sitting import (
    CardExtra,
    DecisionLine,
    ItemText,
    PaperInfo,
    ScoringLine,
    SittingMeta,
    sitting_report,
)

__all__ = [
    "Badge",
    "Block",
    "CardExtra",
    "Cell",
    "Column",
    "DecisionLine",
    "Fact",
    "Facts",
    "Figure",
    "Gallery",
    "Heading",
    "ItemCard",
    "ItemText",
    "PaperInfo",
    "Report",
    "Rich",
    "ScoringLine",
    "Section",
    "SittingMeta",
    "Table",
    "Text",
    "Verdict",
    "csv_text",
    "data_tables",
    "drawings_of",
    "plain",
    "sitting_report",
    "to_csv",
    "to_html",
    "to_json",
    "to_pdf",
]
