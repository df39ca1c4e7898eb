"""Words as runs of WordprocessingML, and what a text of a paper became: pandoc's tree as paragraphs and tables."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape, unescape
from typing import Any
from unicodedata import east_asian_width

from qbank.render.docx.flow import TEXT_WIDTH, Align, Cell, Flow, Paragraph, Table
from qbank.render.docx.numbering import BULLET, Numbering
from qbank.render.readable import width

HANZI = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffee\U00020000-\U0003ffff]")
ANSWER_BRACKET = re.compile("[（(][\u3000\u00a0]+[）)]")
UNDERSCORES = re.compile(r"(_{3,})")
MATH_RUN = re.compile(r"<m:r>(<m:rPr>.*?</m:rPr>)?")
MATH_TEXT = re.compile(r"<m:t[^>]*>([^<]*)</m:t>")
UPRIGHT_LETTER = re.compile(r'<m:r><m:rPr><m:sty m:val="p" ?/></m:rPr><m:t>([A-Za-z]+)</m:t></m:r>')
UPRIGHT = re.compile(f"(?:{UPRIGHT_LETTER.pattern})+")
STYLED = re.compile(r'<w:pStyle w:val="(\w+)"/>.*?</w:p>', re.DOTALL)
PICTURE_WIDTH = re.compile(r'<wp:extent cx="(\d+)"')
LETTER = 105  # twips of a half-width letter at 10.5 points
MATH_FONT = '<w:rPr><w:rFonts w:ascii="Cambria Math" w:hAnsi="Cambria Math"/></w:rPr>'
ALIGNMENTS: dict[str, Align] = {"AlignRight": "right", "AlignCenter": "center", "AlignLeft": "left"}
Draw = Callable[[str, str, bool], str]
"""(path, alternative text, whether it stands alone) → the run that draws the picture."""


def run(words: str, properties: str = "") -> str:
    """Return words as one run: every character kept, tabs and line ends as Word writes them.

    A run with hanzi says so, that quotation marks and dashes in it take the Chinese font too. An answer bracket is held
    together by spaces at which no line ends; four of them are as wide as a hanzi.

    >>> run("a & b")
    '<w:r><w:t xml:space="preserve">a &amp; b</w:t></w:r>'
    """
    if not words:
        return ""
    words = ANSWER_BRACKET.sub(lambda found: found[0].replace("\u3000", "\u00a0" * 4), words)
    hint = '<w:rFonts w:hint="eastAsia"/>' if HANZI.search(words) and "<w:rFonts" not in properties else ""
    shown = f"<w:rPr>{hint}{properties}</w:rPr>" if hint or properties else ""
    body = "".join(
        {"\t": "<w:tab/>", "\n": "<w:br/>"}.get(piece) or f'<w:t xml:space="preserve">{escape(piece, quote=False)}</w:t>'
        for piece in re.split(r"([\t\n])", words)
        if piece
    )
    return f"<w:r>{shown}{body}</w:r>"


def bold(words: str) -> str:
    """Return words as a bold run."""
    return run(words, "<w:b/>")


def blank(n: int) -> str:
    """Return a blank of n places to write on, at least six: underscores, which no program drops at the end of a line."""
    return run("_" * max(n, 6))


def field(code: str, shown: str = "1") -> str:
    """Return a field that Word works out itself, such as PAGE; ``shown`` stands there until it has."""
    return f'<w:fldSimple w:instr=" {code} "><w:r><w:t>{shown}</w:t></w:r></w:fldSimple>'


def formula(omml: str) -> str:
    """Return an equation with Word's mathematics font on each of its runs; upright letters side by side are one word.

    Programs other than Word know such letters from variables only where they are marked as plain text.

    >>> upright = '<m:r><m:rPr><m:sty m:val="p"/></m:rPr><m:t>{}</m:t></m:r>'
    >>> formula(upright.format("C") + upright.format("a")).count("<m:t>Ca</m:t>")
    1
    """
    worded = UPRIGHT.sub(lambda found: f"<m:r><m:rPr><m:nor/></m:rPr><m:t>{''.join(UPRIGHT_LETTER.findall(found[0]))}</m:t></m:r>", omml)
    return MATH_RUN.sub(lambda found: found[0] + MATH_FONT, worded)


def sized_formulae(body: str, half_points: Callable[[str], int]) -> str:
    """Return paragraphs whose equations say how large they are, as Word writes it itself: for programs that take the
    size of an equation from its runs and not from the style of the paragraph, ``half_points`` of whose id it is."""

    def sized(found: re.Match[str]) -> str:
        n = half_points(found[1])
        return found[0].replace(MATH_FONT, MATH_FONT.replace("</w:rPr>", f'<w:sz w:val="{n}"/><w:szCs w:val="{n}"/></w:rPr>'))

    return STYLED.sub(sized, body)


@dataclass(frozen=True, slots=True)
class Texts:
    """Turns converted texts into paragraphs of one document; ``draw`` makes the run of a picture, ``room`` is the page's width."""

    draw: Draw
    numbering: Numbering
    room: int = TEXT_WIDTH

    def line(self, body: str) -> str:
        """Return a converted one-line text as runs; blocks that it holds all the same follow each other in lines."""
        return "<w:r><w:br/></w:r>".join(self._blocks_as_runs(json.loads(body)))

    def blocks(self, body: str, style: str, room: int = 0) -> list[Flow]:
        """Return a converted text as paragraphs of a style, with its tables, lists and pictures; ``room`` is its width, 0 the page's."""
        return list(self._flow(json.loads(body), style, 0, room or self.room))

    def _blocks_as_runs(self, blocks: Sequence[dict[str, Any]]) -> Iterator[str]:
        counted: Counter[int] = Counter()
        for one in self._flow(blocks, "QStem", 0, self.room):
            if isinstance(one, Paragraph) and one.style == "QGap":
                continue
            if isinstance(one, Paragraph):
                counted[one.number] += 1
                yield (run(f"{self.numbering.mark(one.number, counted[one.number])} ") if one.number else "") + one.body
            else:
                for row in one.rows:
                    yield run("\u3000").join(
                        block.body for cell in row for block in cell.blocks if isinstance(block, Paragraph)
                    )

    def _flow(self, blocks: Sequence[dict[str, Any]], style: str, left: int, room: int) -> Iterator[Flow]:
        for block in blocks:
            kind = block["t"]
            content: Any = block.get("c")
            if kind in ("Para", "Plain"):
                yield from self._paragraphs(content, style, left)
            elif kind == "CodeBlock":
                yield Paragraph("QCode", run(content[1], CODE), left=left or None)
            elif kind == "BlockQuote":
                yield from self._flow(content, style, left + 420, room - 420)
            elif kind == "BulletList":
                yield from self._list(content, self.numbering.new(BULLET, "•"), style, left, room)
            elif kind == "OrderedList":
                yield from self._list(content[1], self.numbering.ordered(content[0]), style, left, room)
            elif kind == "Table":
                yield Paragraph("QGap", "", before=40)
                yield self._table(content, left, room)
                yield Paragraph("QGap", "", before=40)
            else:  # a kind of block that the reader does not make today
                yield Paragraph(style, run(json.dumps(block, ensure_ascii=False)), left=left or None)

    def _paragraphs(self, inlines: Sequence[dict[str, Any]], style: str, left: int) -> Iterator[Paragraph]:
        """Yield a paragraph, parted where a picture or a formula stands on lines of its own."""
        runs: list[str] = []
        parted = False
        for body, alone in self._runs(inlines, ""):
            if not alone:
                runs.append(body)
                continue
            if plain_text(before := "".join(runs)).strip() or "<w:drawing" in before:
                yield Paragraph(style, "".join(runs), left=left or None)
            yield Paragraph("QPicture", body, left=left or None)
            runs, parted = [], True
        if runs or not parted:
            yield Paragraph(style, "".join(runs), left=left or None)

    def _runs(self, inlines: Sequence[dict[str, Any]], properties: str) -> Iterator[tuple[str, bool]]:
        """Yield runs, and whether each stands on a line of its own."""
        words = ""
        for inline in inlines:
            kind = inline["t"]
            content: Any = inline.get("c")
            if kind == "Str":
                words += content
            elif kind in ("Space", "SoftBreak"):
                words += " "
            else:
                yield from ((one, False) for one in word_runs(words, properties))
                words = ""
                if kind == "LineBreak":
                    yield "<w:r><w:br/></w:r>", False
                elif kind in MARKED:
                    yield from self._runs(content, properties + MARKED[kind])
                elif kind == "Code":
                    yield run(content[1], CODE + properties), False
                elif kind == "RawInline" and content[0] == "openxml":
                    yield formula(content[1]), content[1].startswith("<m:oMathPara")
                elif kind == "RawInline":
                    path, alt, alone = json.loads(content[1])
                    yield self.draw(path, alt, alone), alone
                else:
                    yield run(json.dumps(inline, ensure_ascii=False), properties), False
        yield from ((one, False) for one in word_runs(words, properties))

    def _list(
        self, entries: Sequence[Sequence[dict[str, Any]]], number: int, style: str, left: int, room: int
    ) -> Iterator[Flow]:
        """Yield the entries of a list, each counted by Word: a list in a list begins below the number of its entry."""
        for entry in entries:
            blocks = list(self._flow(entry, style, left + 420, room - 420))
            first = blocks[0] if blocks else None
            plain = isinstance(first, Paragraph) and not first.number
            body = first.body if isinstance(first, Paragraph) and plain else ""
            yield Paragraph(style, body, left=left + 420, hanging=420, number=number)
            yield from blocks[1:] if plain else blocks

    def _table(self, content: Sequence[Any], left: int, room: int) -> Table:
        """Return a table of a text: columns as wide as what they hold wants, the first row its head."""
        _, _, specs, head, bodies, foot = content
        aligns = [ALIGNMENTS.get(spec[0]["t"], "") for spec in specs]
        heads = [row[1] for row in head[1]]
        rows = heads + [row[1] for body in bodies for row in body[2] + body[3]] + [row[1] for row in foot[1]]
        if heads and not any(cell[4] for row in heads for cell in row):
            rows, heads = rows[len(heads) :], []
        cells = [
            tuple(
                Cell(tuple(self._cell(cell[4], aligns[place], room)), span=cell[3])
                for place, cell in enumerate(row)
            )
            for row in rows
        ]  # fmt: skip
        columns = column_widths(cells, len(specs), room - left)
        name = " ".join(plain_text(block.body) for cell in (cells[0] if cells else ()) for block in cell.blocks if isinstance(block, Paragraph))
        return Table(columns, tuple(cells), name=name.strip(), n_heads=len(heads), left=left, align="center")

    def _cell(self, blocks: Sequence[dict[str, Any]], align: Align, room: int) -> Iterator[Flow]:
        for one in self._flow(blocks, "QCell", 0, room):
            yield replace(one, align=align or ("left" if one.number else "center")) if isinstance(one, Paragraph) else one


CODE = '<w:rFonts w:ascii="Consolas" w:hAnsi="Consolas" w:cs="Consolas"/>'
MARKED = {
    "Strong": "<w:b/>", "Emph": "<w:i/>", "Strikeout": "<w:strike/>", "Underline": '<w:u w:val="single"/>',
    "Superscript": '<w:vertAlign w:val="superscript"/>', "Subscript": '<w:vertAlign w:val="subscript"/>',
}  # fmt: skip


def word_runs(words: str, properties: str) -> Iterator[str]:
    """Yield words as runs, a run of underscores as a ruled blank."""
    for piece in UNDERSCORES.split(words):
        if UNDERSCORES.fullmatch(piece):
            yield blank(len(piece))
        elif piece:
            yield run(piece, properties)


def plain_text(body: str) -> str:
    """Return what stands in runs as plain words: for measuring and naming, fractions one part over the other.

    >>> plain_text(run("x ") + "<m:oMath><m:r><m:t>y</m:t></m:r></m:oMath>")
    'x y'
    """
    shown = re.sub(r"<m:den>.*?</m:den>", "", body)
    found = re.findall(r"<[wm]:t(?: [^>]*)?>([^<]*)</[wm]:t>|(<w:br/>)", shown)
    words = "".join("\n" if line_end else piece for piece, line_end in found)
    return unescape(words)


def words_width(body: str) -> int:
    """Return the widest line of some runs in half-width letters, pictures and all; what may be wide in Chinese is."""
    lines = plain_text(body).split("\n")
    drawn = sum(int(extent) / 635 / LETTER for extent in PICTURE_WIDTH.findall(body))
    formulae = sum(map(len, MATH_TEXT.findall(re.sub(r"<m:den>.*?</m:den>", "", body))))
    words = max(width(line) + sum(east_asian_width(one) == "A" for one in line) for line in lines)
    return words + round(drawn + 0.3 * formulae)  # letters of mathematics are wider, and signs have air


def column_widths(rows: Sequence[Sequence[Cell]], n: int, room: int) -> tuple[int, ...]:
    """Return the widths of a table's columns in twips: what their longest cell wants, less where there is less room."""
    wants = [4] * n
    for row in rows:
        for place, cell in enumerate(row[:n]):
            for block in cell.blocks:
                if isinstance(block, Paragraph):
                    wants[place] = max(wants[place], words_width(block.body))
    twips = [LETTER * want + 240 for want in wants]
    if sum(twips) <= room:
        return tuple(twips)
    least = min(900, room // max(n, 1))
    spare = room - least * n
    over = [max(0, want - least) for want in twips]
    return tuple(least + spare * one // max(sum(over), 1) for one in over)
