"""A report as data: JSON with every number, and one CSV a table that a spreadsheet can open without harm."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from qbank.report.blocks import (
    Block,
    Cell,
    Facts,
    Figure,
    Gallery,
    Heading,
    ItemCard,
    Report,
    Section,
    Table,
    Text,
    plain,
    walk,
)

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def to_json(report: Report) -> str:
    """Return the report as JSON: blocks in their order, numbers unrounded, null where there is none."""
    data = {
        "title": report.title,
        "subtitle": report.subtitle,
        "language": report.language,
        "blocks": [_block(block) for block in report.blocks],
    }
    return json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Section():
            blocks = [_block(part) for part in block.blocks]
            return {"type": "section", "name": block.name, "title": block.title, "blocks": blocks}
        case Heading():
            return {"type": "heading", "text": block.text}
        case Text():
            return {"type": "text", "style": block.style, "text": block.text}
        case Facts():
            facts = [
                {"name": fact.name, "label": fact.label, "value": plain(fact.value)} for fact in block.facts
            ]
            return {"type": "facts", "name": block.name, "facts": facts}
        case Table():
            return _table(block)
        case Figure():
            head = {"type": "figure", "name": block.name, "caption": block.caption, "alt": block.alt}
            return {**head, "spec": block.spec}
        case Gallery():
            return {"type": "gallery", "name": block.name, "figures": [_block(figure) for figure in block.figures]}
        case ItemCard():
            return {
                "type": "item",
                "item": block.item,
                "title": block.title,
                "stem_html": block.stem_html,
                "facts": _block(block.facts),
                "flags": [{"code": flag.code, "word": flag.word, "why": flag.why} for flag in block.flags],
                "options": _table(block.options) if block.options else None,
                "figure": _block(block.figure) if block.figure else None,
            }


def _table(table: Table) -> dict[str, Any]:
    columns = [
        {"name": column.name, "title": column.title, **({"note": column.note} if column.note else {})}
        for column in table.columns
    ]
    rows = [{c.name: plain(cell) for c, cell in zip(table.columns, row, strict=True)} for row in table.rows]
    return {
        "type": "table",
        "name": table.name,
        "caption": table.caption,
        "columns": columns,
        "rows": rows,
        "notes": list(table.notes),
    }


def to_csv(report: Report) -> dict[str, str]:
    """Return one CSV text a named table, the option tables of all item cards as one (``options``).

    Without a byte order mark: who writes the file for a spreadsheet puts one first.
    """
    texts: dict[str, str] = {}
    cards = [block for block in walk(report.blocks) if isinstance(block, ItemCard) and block.options]
    of_cards = {id(card.options) for card in cards}
    for block in walk(report.blocks):
        if isinstance(block, Table) and id(block) not in of_cards:
            texts[block.name] = csv_text(block)
    options = [(card.item, card.options) for card in cards if card.options is not None]
    if options:
        header = ["item", *(column.name for column in options[0][1].columns)]
        rows = [[item, *row] for item, table in options for row in table.rows]
        texts["options"] = _written(header, rows)
    return texts


def csv_text(table: Table) -> str:
    """Return the table as CSV: column names, unrounded numbers, empty where a number does not exist."""
    return _written([column.name for column in table.columns], [list(row) for row in table.rows])


def _written(header: list[str], rows: list[list[Cell]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([harmless(name) for name in header])
    writer.writerows([[_csv_cell(cell) for cell in row] for row in rows])
    return out.getvalue()


def _csv_cell(cell: Cell) -> str:
    value = plain(cell)
    if value is None:
        return ""
    if isinstance(value, list):
        return harmless(" ".join(value))
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, int | float) else harmless(value)


def harmless(text: str) -> str:
    """Return the text, led by an apostrophe where a spreadsheet would run it; numbers stay numbers.

    >>> harmless("=cmd()"), harmless("-0.5"), harmless("-x"), harmless("@a")
    ("'=cmd()", '-0.5', "'-x", "'@a")
    """
    if not text.startswith(FORMULA_STARTS):
        return text
    try:
        float(text)
    except ValueError:
        return "'" + text
    return "'" + text if text.strip() != text or not text.isascii() else text
