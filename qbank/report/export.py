"""A report as data: JSON with every number, and one CSV a table that a spreadsheet can open without harm."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from qbank.messages import text
from qbank.report.blocks import (
    Block,
    Cell,
    Column,
    Facts,
    Figure,
    Gallery,
    Heading,
    ItemCard,
    Report,
    Section,
    Table,
    Text,
    Verdict,
    plain,
    walk,
)

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def to_json(report: Report) -> str:
    """Return the report as JSON: blocks in their order, each on a line of its own, numbers unrounded, null for none."""
    head = {"title": report.title, "subtitle": report.subtitle, "language": report.language}
    lines = [*(f"{_json(name)}: {_json(value)}," for name, value in head.items()), '"blocks": [']
    last = len(report.blocks) - 1
    for number, block in enumerate(report.blocks):
        lines += _json_lines(block, "" if number == last else ",")
    return "\n".join(("{", *lines, "]", "}")) + "\n"


def _json_lines(block: Block, comma: str) -> list[str]:
    """Return the lines of a block: one, or of a section its head, a line for each of its blocks, and its end."""
    if not isinstance(block, Section) or not block.blocks:
        return [_json(_block(block)) + comma]
    head = {"type": "section", "name": block.name, "title": block.title}
    inner = [_json(_block(part)) for part in block.blocks]
    return [_json(head)[:-1] + ', "blocks": [', *(line + "," for line in inner[:-1]), inner[-1], "]}" + comma]


def _json(value: object) -> str:
    # Without indentation the encoder in C is used: a twentieth of the time for a report with figures.
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


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
                "stem_html": block.stem.html,
                "facts": _block(block.facts),
                "flags": [{"code": flag.code, "word": flag.word, "why": flag.why} for flag in block.flags],
                "suspected": block.suspected,
                "options": _table(block.options) if block.options else None,
                "figures": [_block(figure) for figure in block.figures],
                "more": [_block(part) for part in block.more],
                "verdict": _verdict(block.verdict) if block.verdict else None,
            }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {"title": verdict.title, "chosen": verdict.chosen, "lines": dict(verdict.lines)}


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
    """Return one CSV text a named table, the tables of all item cards that share a name as one (``options``, …).

    Without a byte order mark: who writes the file for a spreadsheet puts one first.
    """
    return {table.name: csv_text(table) for table in data_tables(report)}


def data_tables(report: Report) -> list[Table]:
    """Return every table of the report; those of the item cards that share a name and columns as one, led by ``item``."""
    found: dict[str, Table] = {}
    of_cards: dict[str, list[tuple[str, Table]]] = {}
    inside = set()
    for card in (block for block in walk(report.blocks) if isinstance(block, ItemCard)):
        options = (card.options,) if card.options else ()
        for table in (*options, *(part for part in card.more if isinstance(part, Table))):
            of_cards.setdefault(table.name, []).append((card.item, table))
            inside.add(id(table))
    for block in walk(report.blocks):
        if isinstance(block, Table) and id(block) not in inside:
            found[block.name] = block
    title = text(report.language, "report.col_item")
    return [*found.values(), *(_one_table(tables, title) for tables in of_cards.values())]


def _one_table(tables: Sequence[tuple[str, Table]], title: str) -> Table:
    """Return the tables of several items as one; columns that only some have are empty for the others."""
    columns = list({column.name: column for _, table in tables for column in table.columns}.values())
    rows = []
    for item, table in tables:
        for row in table.rows:
            cells = dict(zip((column.name for column in table.columns), row, strict=True))
            rows.append((item, *(cells.get(column.name) for column in columns)))
    first = tables[0][1]
    return Table(first.name, first.caption, (Column("item", title), *columns), tuple(rows), first.notes)


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
