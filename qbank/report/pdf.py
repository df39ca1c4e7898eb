"""A report as PDF by Typst: PDF/UA-1 and PDF/A-2b at once, the package's fonts only, same report, same bytes.

Every item card begins a page of its own; of very many items only the flagged ones have a card here.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from qbank.render.complaints import MISSING_GLYPH
from qbank.render.layout import Layout, layout_files
from qbank.render.pdf import FOLDER
from qbank.render.typesetting import STANDARDS, TIMESTAMP, fonts
from qbank.render.typst_literals import array, typst_string
from qbank.report.blocks import (
    NUMERIC,
    Block,
    Cell,
    Column,
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
    cards_on_paper,
    shown,
    walk,
)
from qbank.report.drawing import drawings_of

HEAD = """\
#set document(title: TITLE)
#set page(paper: "a4", margin: (x: 15mm, y: 16mm), numbering: "1 / 1")
#set text(font: "Noto Sans SC", size: 9pt, lang: "LANG", fill: rgb("#1f2933"))
#set par(leading: 0.6em, spacing: 0.9em)
#show heading: set block(above: 1.4em, below: 0.7em, sticky: true)
#show heading.where(level: 1): set text(size: 16pt)
#show heading.where(level: 2): set text(size: 12pt)
#show heading.where(level: 3): set text(size: 10pt)
#show table.cell: set text(size: 7pt)
#show table.cell.where(y: 0): set text(weight: "bold", fill: rgb("#5b6770"))
#show figure.where(kind: table): set block(breakable: true)
#show figure: set figure.caption(position: top)
#show figure: set align(left)
#show figure.caption: it => block(sticky: true, below: 0.6em, text(weight: "bold", it.body))
#set figure(numbering: none, supplement: none, gap: 0.5em)
#set table(stroke: (x, y) => (bottom: if y == 0 { 1pt + rgb("#9aa5b1") } else { 0.4pt + rgb("#dde2e7") }), inset: (x: 2.6pt, y: 3.2pt))
#let small(words) = text(size: 8pt, fill: rgb("#5b6770"), words)
#let framed(words) = block(fill: rgb("#fdf3e1"), stroke: (left: 2pt + rgb("#b26a00")), inset: 7pt, width: 100%, words)
#let fact(label, value, note) = block(breakable: false, {
  text(size: 8pt, fill: rgb("#5b6770"), label)
  linebreak()
  text(size: 13pt, weight: "bold", value)
  if note != "" { linebreak(); text(size: 7.5pt, fill: rgb("#5b6770"), note) }
})
#let small-fact(label, value, note) = block(breakable: false, {
  text(size: 7pt, fill: rgb("#5b6770"), label)
  linebreak()
  text(size: 10pt, weight: "bold", value)
  if note != "" { linebreak(); text(size: 6.5pt, fill: rgb("#5b6770"), note) }
})
#let stem(body) = block(fill: rgb("#f5f7f9"), stroke: (left: 2pt + rgb("#1d4e79")), inset: 7pt, width: 100%, text(font: "Noto Serif SC", size: 10pt, body))
#let verdict(title, choices, lines) = block(breakable: false, stroke: 0.6pt + rgb("#9aa5b1"), radius: 2pt, inset: 8pt, width: 100%, {
  strong(title)
  linebreak()
  choices.map(word => box(word)).join(h(1.6em))
  v(0.2em)
  grid(columns: (auto, 1fr) * 2, column-gutter: 6pt, row-gutter: 9pt, ..lines.map(((label, written)) => (small(label), box(width: 100%, stroke: (bottom: 0.5pt + rgb("#9aa5b1")), inset: (bottom: 2pt), written + sym.zws))).flatten())
})
"""
WIDE = 500
"""Pixels from which a figure of a card takes more of the width, so that its words can be read."""
UNBREAKABLE = re.compile(r"[−+]?[0-9.]*%?|[A-Za-z0-9]*|[–\u4e00-\u9fff]")
"""Words that no line can break: a box around each of them would hold half as much memory again, of thousands of cells."""
FRAGMENTS = """\
#import "page.typ": blank, display, fitted-table as table-on-paper, formula, slot, tall
#let fitted-table(_, ..given) = table-on-paper("", ..given)
"""
"""What the texts that `render` made may call; a table too wide for a card is no mistake of whoever wrote the item."""


def to_pdf(report: Report, drawings: Sequence[str] | None = None) -> bytes:
    """Return the report as one PDF; figures are drawn into it, tables run over pages with their heads.

    drawings : as `drawings_of` makes them, where they are there already
    """
    svgs = [
        drawing.replace("<svg ", '<svg font-family="Noto Sans SC" ', 1)
        for drawing in (drawings_of(report) if drawings is None else drawings)
    ]
    with tempfile.TemporaryDirectory(prefix="qbank-") as folder:
        root = Path(folder)
        for n, drawing in enumerate(svgs):
            (root / f"{n}.svg").write_text(drawing, encoding="utf-8", newline="\n")
        (root / "page.typ").write_bytes((FOLDER / "templates" / "page.typ").read_bytes())
        for name, data in layout_files(Layout()).items():  # what page.typ itself reads
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).write_bytes(data)
        return _compiled(root, typst_report(report))


def _compiled(root: Path, source: str) -> bytes:
    """Return the source as PDF; a character that no font of the package has is named by its code point instead."""
    import typst

    main = root / "main.typ"
    main.write_text(source, encoding="utf-8", newline="\n")
    try:
        return bytes(
            typst.compile(main, root=root, font_paths=fonts(), format="pdf", pdf_standards=[*STANDARDS], timestamp=TIMESTAMP)
        )
    except RuntimeError as refused:
        missing = {character for found in MISSING_GLYPH.findall(str(refused)) for character in found}
        named = source
        for character in missing:
            named = named.replace(character, f"(U+{ord(character):04X})")
        if named == source:
            raise
        return _compiled(root, named)


def typst_report(report: Report) -> str:
    """Return the Typst source of a report; the n-th figure is the file ``n.svg``."""
    numbers = {id(block): n for n, block in enumerate(block for block in walk(report.blocks) if isinstance(block, Figure))}
    head = FRAGMENTS + HEAD.replace("TITLE", typst_string(report.title)).replace("LANG", report.language)
    parts = [head, f"#heading(level: 1, {typst_string(report.title)})"]
    if report.subtitle:
        parts.append(f"#small({typst_string(report.subtitle)})")
    parts += [_block(block, numbers) for block in report.blocks]
    return "\n".join(part for part in parts if part) + "\n"


def _block(block: Block, numbers: dict[int, int]) -> str:
    match block:
        case Section():
            printed = {id(card) for card in cards_on_paper([part for part in block.blocks if isinstance(part, ItemCard)])}
            inner = [_block(part, numbers) for part in block.blocks if not isinstance(part, ItemCard) or id(part) in printed]
            return "\n".join([f"#heading(level: 2, {typst_string(block.title)})", *inner])
        case Heading():
            return f"#heading(level: 3, {typst_string(block.text)})"
        case Text():
            return _text(block)
        case Facts():
            return _facts(block, 4, "fact")
        case Table():
            return _table(block)
        case Figure():
            return _figure(block, numbers, "100%")
        case Gallery():
            return f"#grid(columns: (1fr,) * 2, gutter: 8pt, {', '.join(f'[{_block(figure, numbers)}]' for figure in block.figures)})"
        case ItemCard():
            return _card(block, numbers)


def _text(block: Text) -> str:
    words = typst_string(block.text)
    match block.style:
        case "warning":
            return f"#framed({words})"
        case "plain":
            return f"#par({words})"
        case "title":
            return f"#block(sticky: true, above: 1.2em, strong({words}))"
    return f"#par(small({words}))"


def _card(card: ItemCard, numbers: dict[int, int]) -> str:
    """Return the page of one item: stem, flags in words, numbers, options, figures, what else is known, the verdict."""
    parts = [
        "#pagebreak(weak: true)",
        f"#heading(level: 3, {typst_string(f'{card.item}　{card.lead}')})",
        *([f"#par(small({typst_string(card.title)}))"] if card.title else []),
        *([f"#stem[\n{card.stem.typst}\n]"] if card.stem.typst else []),
        *(f"#par([{_strong(badge.word)} #{typst_string(badge.why)}])" for badge in card.flags),
        *([f"#par({typst_string(card.suspected)})"] if card.suspected else []),
        _small(card.facts, numbers),
        *([_table(card.options)] if card.options else []),
    ]
    if card.figures:
        parts.append(_block(Gallery("figures", card.figures), numbers))
    parts += [_small(part, numbers) for part in card.more]
    return "\n".join([*parts, *([_verdict(card.verdict)] if card.verdict else [])])


def _small(block: Block, numbers: dict[int, int]) -> str:
    """Return a block as the one page of a card has room for it."""
    match block:
        case Facts():
            return _facts(block, 6, "small-fact")
        case Figure():
            return _figure(block, numbers, "78%" if block.spec["width"] > WIDE else "62%")
    return _block(block, numbers)


def _facts(block: Facts, across: int, call: str) -> str:
    facts = [
        f"{call}({typst_string(f.label)}, {typst_string(shown(f.value, f.kind, f.digits))}, {typst_string(f.note)})"
        for f in block.facts
    ]
    return f"#grid(columns: (1fr,) * {across}, gutter: 8pt, {', '.join(facts)})"


def _figure(block: Figure, numbers: dict[int, int], width: str) -> str:
    image = f'image("{numbers[id(block)]}.svg", width: {width}, alt: {typst_string(block.alt)})'
    return f"#figure({image}, alt: {typst_string(block.alt)}, kind: image, caption: {typst_string(block.caption)})"


def _strong(word: str) -> str:
    return f"#strong({typst_string(word)})"


def _verdict(verdict: Verdict) -> str:
    """Return the box in which whoever decides ticks a word and signs."""
    choices = array(typst_string(f"{'☑' if word == verdict.chosen else '☐'} {word}") for word in verdict.choices)
    lines = array(array((typst_string(label), typst_string(written))) for label, written in verdict.lines)
    return f"#verdict({typst_string(verdict.title)}, {choices}, {lines})"


def _table(table: Table) -> str:
    kept = [n for n, column in enumerate(table.columns) if not column.data_only]
    columns = [table.columns[n] for n in kept]
    widths = array("1fr" if column.kind in ("prose", "rich") else "auto" for column in columns)
    align = array("right" if column.kind in NUMERIC else "left" for column in columns)
    head = ", ".join(typst_string(column.title) for column in columns)
    rows = "".join(f"  {_row(columns, [row[n] for n in kept])},\n" for row in table.paper_rows())
    notes = "".join(f"\n#par(small({typst_string(note)}))" for note in (table.paper_note, *table.notes) if note)
    body = f"table(columns: {widths}, align: {align}, table.header({head}),\n{rows})"
    return f"#figure(kind: table, caption: {typst_string(table.caption)}, {body}){notes}"


def _row(columns: Sequence[Column], row: Sequence[Cell]) -> str:
    """Return the cells of a row; names and numbers stay in one line."""
    return ", ".join(_cell(cell, column) for cell, column in zip(row, columns, strict=True))


def _cell(cell: Cell, column: Column) -> str:
    if isinstance(cell, Rich):
        return f"[{cell.typst}]"
    words = shown(cell, column.kind, column.digits)
    whole = column.kind in ("prose", "badges") or UNBREAKABLE.fullmatch(words)
    return typst_string(words) if whole else f"box({typst_string(words)})"
