"""Blocks of a report in a terminal: the same words and numbers as on its page."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from qbank.cli.output import table, width
from qbank.report import Block, Facts, Heading, Section, Table, Text
from qbank.report.blocks import NUMERIC, shown

BARS = "▁▂▃▄▅▆▇█"


def block_lines(blocks: Sequence[Block], *, without: Sequence[str] = (), title: str = "") -> Iterator[str]:
    """Yield texts, figures of a summary and tables with their captions, sections by their title; what is drawn or named in
    ``without`` is left out. title : of the section, which a caption need not repeat"""
    for block in blocks:
        match block:
            case Section() if block.name not in without:
                inner = list(block_lines(block.blocks, without=without, title=block.title))
                if inner:
                    yield from ("", f"── {block.title} ──", *inner)
            case Text() | Heading():
                yield block.text
            case Facts():
                for fact in block.facts:
                    note = f"  ({fact.note})" if fact.note else ""
                    yield f"{fact.label}: {shown(fact.value, fact.kind, fact.digits)}{note}"
            case Table() if block.name not in without:
                if block.caption != title:
                    yield from ("", block.caption)
                yield table_text(block)
                yield from (*([block.paper_note] if block.on_paper else []), *block.notes)


def table_text(block: Table) -> str:
    """Return a table of a report, without the columns that are for data only or empty in every row."""
    cells = [[shown(cell, c.kind, c.digits) for cell, c in zip(row, block.columns, strict=True)] for row in block.paper_rows()]
    kept = [
        n
        for n, column in enumerate(block.columns)
        if not column.data_only and (n == 0 or any(row[n] not in ("–", "") for row in cells))
    ]
    # The terminal's table has its left-aligned columns first; here words and numbers come as they stand on the page.
    header = [block.columns[n].title for n in kept]
    rows = [[row[n] for n in kept] for row in cells]
    left = [block.columns[n].kind not in NUMERIC for n in kept]
    widths = [max(width(row[k]) for row in [header, *rows]) for k in range(len(kept))]
    padded = [
        [cell + " " * (widths[k] - width(cell)) if left[k] else " " * (widths[k] - width(cell)) + cell for k, cell in enumerate(row)]
        for row in [header, *rows]
    ]
    return table(padded[0], padded[1:], left=len(kept)) if kept else ""


def sparkline(values: Sequence[float], *, most: int = 60) -> str:
    """Return a line of bars, the lowest value the lowest bar, ``·`` for none; of many values the last.

    >>> sparkline([0.2, 0.4, float("nan"), 0.9])
    '▁▃·█'
    """
    kept = list(values[-most:])
    there = [value for value in kept if math.isfinite(value)]
    low, span = min(there, default=0.0), max(there, default=0.0) - min(there, default=0.0)
    return "".join(
        BARS[min(int((value - low) / span * len(BARS)), len(BARS) - 1) if span > 0 else 3] if math.isfinite(value) else "·"
        for value in kept
    )
