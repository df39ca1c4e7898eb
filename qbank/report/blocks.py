"""What a report is made of: frozen blocks that hold numbers, not strings of numbers.

A renderer decides how a number looks (`shown`); the same numbers go to HTML, JSON and CSV.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from qbank.messages import Language

Kind = Literal["text", "prose", "integer", "short", "number", "percent", "signed", "p", "badges", "rich"]
NUMERIC: tuple[Kind, ...] = ("integer", "short", "number", "percent", "signed", "p")
Tone = Literal["hold", "warn", "info"]

MISSING = "–"


@dataclass(frozen=True, slots=True)
class Badge:
    """A flag: its fixed code, the word for it, why it stands here, and how much it matters."""

    code: str
    word: str
    why: str = ""
    tone: Tone = "info"


@dataclass(frozen=True, slots=True)
class Rich:
    """A text with its mathematics as `render` made it, for the page and for the PDF; trusted, never escaped."""

    html: str = ""
    typst: str = ""


Cell = str | int | float | bool | None | Rich | tuple[Badge, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in data files, its heading, how its cells look, a definition.

    ``prose`` wraps, ``text`` does not; ``short``: two decimals, none where there are none; data_only : in JSON and CSV, not on the page
    """

    name: str
    title: str
    kind: Kind = "text"
    digits: int = 2
    note: str = ""
    data_only: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph. ``definition`` and ``note`` are set smaller; ``warning`` is framed; ``title`` heads what follows."""

    text: str
    style: Literal["plain", "note", "definition", "warning", "title"] = "plain"


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure of a summary: label, value, and what stands under it."""

    name: str
    label: str
    value: Cell
    kind: Kind = "text"
    digits: int = 2
    note: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    name: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under columns. ``links`` : the column whose text links to the item card of that id ; ``on_paper`` : the
    places of the rows that paper and a terminal show, () for all, ``paper_note`` : what is said of that there; the page and the data files hold every row.
    page_too : whether the page shows those of ``on_paper`` alone as well."""

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    sortable: bool = False
    links: str = ""
    on_paper: tuple[int, ...] = ()
    paper_note: str = ""
    page_too: bool = False

    def page_rows(self) -> tuple[tuple[Cell, ...], ...]:
        """Return the rows that the page shows."""
        return self.paper_rows() if self.page_too else self.rows

    def paper_rows(self) -> tuple[tuple[Cell, ...], ...]:
        """Return the rows that paper and a terminal show."""
        return tuple(self.rows[n] for n in self.on_paper) if self.on_paper else self.rows


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """A Vega-Lite specification of fixed size; margin: the room left, above, right of and below the plot.

    ``titles`` : what a pointer shows over each mark of the layer named ``hover``, in the order of its rows ;
    ``links`` : the item whose card each of those marks leads to
    """

    name: str
    caption: str
    alt: str
    spec: dict[str, Any]
    margin: tuple[int, int, int, int]
    titles: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Gallery:
    """Small figures side by side."""

    name: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The box at the foot of a card: what was decided, by whom and when, or blank lines for whoever decides.

    choices : the words that can be ticked ; chosen : the one that holds, "" before a decision ; lines : label and what
    stands there ("" is left to be written)
    """

    title: str
    choices: tuple[str, ...]
    chosen: str = ""
    lines: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class ItemCard:
    """One item on one page: what candidates saw, its numbers, its options, its flags, its figures, what was decided.

    ``more`` : what else is known, below the options and figures ; ``suspected`` : what the flags together point to
    """

    item: str
    title: str
    lead: str
    stem: Rich
    facts: Facts
    flags: tuple[Badge, ...] = ()
    options: Table | None = None
    figures: tuple[Figure, ...] = ()
    more: tuple[Text | Table | Facts | Figure, ...] = ()
    verdict: Verdict | None = None
    suspected: str = ""


MOST_CARDS = 250
"""Where more items than these have a card, paper shows the cards of flagged items only; the page shows all."""


def cards_on_paper(cards: Sequence[ItemCard]) -> tuple[ItemCard, ...]:
    """Return the cards that are printed: all, or those of flagged items where all would be more than `MOST_CARDS`."""
    return tuple(card for card in cards if card.flags or len(cards) <= MOST_CARDS)


@dataclass(frozen=True, slots=True)
class Section:
    """A numbered part of the report; ``name`` is its anchor."""

    name: str
    title: str
    blocks: tuple[Block, ...]


Block = Heading | Text | Facts | Table | Figure | Gallery | ItemCard | Section


@dataclass(frozen=True, slots=True)
class Report:
    title: str
    blocks: tuple[Block, ...]
    language: Language = "zh"
    subtitle: str = ""


def walk(blocks: tuple[Block, ...]) -> Iterator[Block]:
    """Yield every block, and the blocks inside sections, galleries and item cards, in reading order."""
    for block in blocks:
        yield block
        if isinstance(block, Section):
            yield from walk(block.blocks)
        elif isinstance(block, Gallery):
            yield from block.figures
        elif isinstance(block, ItemCard):
            options = (block.options,) if block.options else ()
            yield from walk((block.facts, *options, *block.figures, *block.more))


def anchor(item: str) -> str:
    """Return a fragment name for an item id: letters, digits, ``-``, ``_`` stay, the rest is spelled out.

    >>> anchor("BOF4-0001"), anchor("a b")
    ('item-BOF4-0001', 'item-a.20.b')
    """
    return "item-" + re.sub(r"[^A-Za-z0-9_-]", lambda found: f".{ord(found.group()):x}.", item)


def plain(cell: Cell) -> str | int | float | bool | list[str] | None:
    """Return the cell as data: codes for badges, None for a number that does not exist."""
    if isinstance(cell, tuple):
        return [badge.code for badge in cell]
    if isinstance(cell, Rich):
        return cell.html
    if isinstance(cell, float):
        return cell if math.isfinite(cell) else None
    return cell


def shown(cell: Cell, kind: Kind, digits: int) -> str:
    """Return the cell as a reader sees it.

    >>> shown(0.6284, "percent", 1), shown(-0.04, "signed", 2), shown(float("nan"), "number", 2), shown(4.0, "short", 0)
    ('62.8%', '−0.04', '–', '4')
    """
    value = plain(cell)
    if value is None or value == "":
        return MISSING
    if isinstance(value, list):
        return "、".join(badge.word for badge in cell) if isinstance(cell, tuple) else ""
    if isinstance(value, str | bool):
        return str(value)
    if kind == "percent":
        return _signed(f"{100 * value:.{digits}f}%")
    if kind == "integer" or (kind == "short" and float(value).is_integer()):
        return _signed(f"{value:,.0f}")
    if kind == "p":
        return _probability(float(value), digits)
    if kind == "short":
        return _signed(f"{value:,.2f}")
    return _signed(f"{value:.{digits}f}" if kind in ("number", "signed") else f"{value:g}")


def _probability(value: float, digits: int) -> str:
    """Return a probability, never as 0: what is smaller than its digits can say is below the smallest that they can.

    >>> _probability(0.00002, 3), _probability(0.0293, 3)
    ('< 0.001', '0.029')
    """
    least = 10.0**-digits
    return f"< {least:.{digits}f}" if 0 <= value < least / 2 else f"{value:.{digits}f}"


def _signed(number: str) -> str:
    """Return the number with a true minus sign, and without one where all digits are zero."""
    if not number.startswith("-"):
        return number
    return number[1:] if not number.strip("-0.,%") else "−" + number[1:]
