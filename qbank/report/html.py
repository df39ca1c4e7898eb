"""A report as one HTML file that needs nothing else: style, script and figures are inside it.

Tables sort and filter, points of a figure name themselves and lead to the card of their item. Figures are SVG: for 200 items the page is a third of the time and opens without running the 0.9 MB Vega
library, prints, and reads with scripts off. Every text is escaped except the stems and options, which
`render` has made.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from markupsafe import Markup

from qbank.messages import text
from qbank.report.blocks import (
    NUMERIC,
    Cell,
    Column,
    Figure,
    Heading,
    ItemCard,
    Report,
    Rich,
    Section,
    Table,
    anchor,
    plain,
    shown,
    walk,
)
from qbank.report.drawing import drawings_of


def to_html(report: Report, drawings: Sequence[str] | None = None) -> str:
    """Return the whole report as one self-contained HTML page; the same report gives the same text.

    drawings : as `drawings_of` makes them, where they are there already. Cost: about 10 ms a figure without them.
    """
    figures = [block for block in walk(report.blocks) if isinstance(block, Figure)]
    svgs = drawings_of(report) if drawings is None else drawings
    shown_as = {id(figure): Markup(svg) for figure, svg in zip(figures, svgs, strict=True)}
    marks = _marks(report)
    cards = [block.item for block in walk(report.blocks) if isinstance(block, ItemCard)]
    places = {item: place for place, item in enumerate(cards)}
    page = _template().render(
        report=report,
        language="zh-CN" if report.language == "zh" else "en",
        sections=[block for block in report.blocks if isinstance(block, Section)],
        t=lambda key, **fields: text(report.language, f"report.{key}", **fields),
        drawing=lambda figure: shown_as[id(figure)],
        kind=lambda block: type(block).__name__,
        cell=_cell,
        sort_key=_sort_key,
        trusted=lambda rich: Markup(rich.html),
        anchor=anchor,
        mark_of=lambda block: marks.get(id(block), ("", ""))[0],
        parts=lambda section: [marks[id(part)] for part in section.blocks if id(part) in marks],
        before=lambda card: cards[places[card.item] - 1] if places[card.item] else "",
        after=lambda card: "".join(cards[places[card.item] + 1 : places[card.item] + 2]),
        numeric=lambda column: column.kind in NUMERIC,
    )
    return re.sub(r"\n\s*\n+", "\n", page)


def _marks(report: Report) -> dict[int, tuple[str, str]]:
    """Return by block the anchor and the short title of each heading, table and figure that stands in a section itself.

    What stands between brackets in a caption explains it and is left out of the contents.
    """
    taken = {block.name for block in report.blocks if isinstance(block, Section)}
    found: dict[int, tuple[str, str]] = {}
    for section in (block for block in report.blocks if isinstance(block, Section)):
        for number, part in enumerate(section.blocks):
            if isinstance(part, Heading | Table | Figure):
                title = part.text if isinstance(part, Heading) else part.caption
                name = f"{section.name}-{number}" if isinstance(part, Heading) else f"{section.name}-{part.name}"
                mark = anchor(name).removeprefix("item-")
                while mark in taken:
                    mark += "-"
                taken.add(mark)
                found[id(part)] = (mark, re.split(r"\s*[（(：:]", title)[0] or title)
    return found


@cache
def _template() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("qbank.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2")


def _cell(cell: Cell, column: Column) -> str:
    if isinstance(cell, Rich):
        return Markup(cell.html)
    return shown(cell, column.kind, column.digits)


def _sort_key(cell: Cell) -> str:
    """Return what the page sorts by: a number in full, how many flags, or nothing."""
    value = plain(cell)
    if isinstance(value, list):
        return f"{len(value)}"
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return ""
    return repr(value)
