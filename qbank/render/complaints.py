"""What the compiler complains of, told as what somebody can change: a text of an item, a picture, a centre's own file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import typst

from qbank.core.presentation import PARTS, Paper
from qbank.messages import text
from qbank.render.failure import TemplateFailure, TextFailure
from qbank.render.markup import Source
from qbank.render.pictures import file_name, usable
from qbank.render.texts import of_part, turned_paper
from qbank.render.typst_literals import ITEM_COMMENT, typst_string

MISSING_GLYPH = re.compile(r"the text [`\"]+(.+?)[`\"]+ could not be displayed")
ESCAPE = re.compile(r"\\u\{([0-9a-fA-F]{1,6})\}")
"""how the compiler writes what is not seen"""
POSITION = re.compile(r"┌─ [^\n]*?main\.typ:(\d+)")
CENTRE_POSITION = re.compile(r"┌─ [^\n]*?centre[/\\]([^\n:/\\]+):(\d+):(\d+)")
TOO_WIDE = re.compile(r"panicked with: qbank (wide-table|wide-formula) (.*)")
DEFINITION = re.compile(r"^\s*#let\s+([\w-]+)")


def item_at(source: str, line: int) -> str:
    """Return the item that the source's line (counted from 1) belongs to; empty in the head."""
    named = [one for one in source.split("\n")[:line] if one.startswith(ITEM_COMMENT)]
    return named[-1].removeprefix(ITEM_COMMENT).strip() if named else ""


def line_of(source: str, words: str) -> int:
    """Return the first line, counted from 1, that holds the words; 0 where none does."""
    place = source.find(words)
    return source.count("\n", 0, place) + 1 if place >= 0 else 0


def missing_glyphs(source: str, diagnostic: str, paper: Paper) -> list[TextFailure]:
    """Return what the compiler says about characters that no font has, each with the item it stands in.

    A text that came in as a string has no position; then it is the first line that holds the characters. What stands
    nowhere in the source is of the centre: its name or its line below the footer.
    """
    head = text(paper.language, "paper.fail_head")
    failures = []
    for complaint in diagnostic.split("\nerror:"):
        found = MISSING_GLYPH.search(complaint)
        if found is None:
            continue
        position = POSITION.search(complaint)
        item = item_at(source, int(position[1]) if position else line_of(source, found[1]))
        missing = ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), found[1])
        code_points = " ".join(f"U+{ord(character):04X}" for character in missing)
        failures.append(TextFailure(item, "" if item else head, "glyph", f"{missing} ({code_points})"))
    return failures


def broken_pictures(source: str, paper: Paper, root: Path) -> list[TextFailure]:
    """Return the pictures that the compiler cannot decode, each with the first text that shows it.

    The compiler does not say which it was, so each is tried by itself in the folder where they stand.
    """
    failures = []
    for path, (data, picture) in usable(paper.media).items():
        name = file_name(data, picture)
        if name in source:
            try:
                (root / "alone.typ").write_text(f'#image("{name}")', encoding="utf-8")
                typst.compile(root / "alone.typ", root=root, format="svg")
            except typst.TypstError as found:
                shown = first_text(paper, path)
                item = shown.item if shown else item_at(source, line_of(source, name))
                failures.append(TextFailure(item, shown.place if shown else "", "picture", f"{path}: {found.message}"))
    return failures


def first_text(paper: Paper, words: str, item: str = "") -> Source | None:
    """Return the first text of a paper, in any of its parts, that holds the words; of an item alone where one is named."""
    found: list[Source] = []

    def note(source: Source) -> str:
        if words in source.text and item in ("", source.item):
            found.append(source)
        return source.text

    for part in PARTS:
        turned_paper(of_part(paper, part), part, note)
        if found:
            return found[0]
    return None


def too_wide(source: str, diagnostic: str, paper: Paper) -> tuple[TextFailure, str] | None:
    """Return a table or formula that the page cannot hold, and what marks it in the source."""
    found = TOO_WIDE.search(diagnostic)
    if found is None:
        return None
    mark, _, size = found[2].strip().rpartition(" ")
    item = item_at(source, line_of(source, typst_string(mark)))
    shown = first_text(paper, "|" if found[1] == "wide-table" else mark, item)
    place = shown.place if shown else ""
    if found[1] == "wide-table":
        return TextFailure(item, place, "wide_table", size), mark
    return TextFailure(item, place, "wide_formula", mark), mark


def template_failure(diagnostic: str) -> TemplateFailure | None:
    """Return the first complaint that lies in a file of the centre's own, or nothing.

    An error inside a block of the centre is told where it is; where the package calls the block wrongly (a parameter
    that the block does not take), the trace leads there.
    """
    for complaint in re.split(r"(?m)^error: ", diagnostic):
        if found := CENTRE_POSITION.search(complaint):
            return TemplateFailure(found[1], int(found[2]), int(found[3]) + 1, complaint.split("\n", 1)[0].strip())
    return None


def blamed(files: Mapping[str, bytes], diagnostic: str, said: str) -> TemplateFailure:
    """Return the failure of a centre's file without which the paper is printed: where the block stands of which the
    compiler speaks, else at its beginning."""
    first = TemplateFailure("centre.typ", 1, 1, said)
    for name, data in files.items():
        for number, line in enumerate(data.decode("utf-8", "replace").split("\n"), start=1):
            found = DEFINITION.match(line)
            if found and re.search(rf"(?<![\w-]){re.escape(found[1])}(?![\w-])", diagnostic):
                return TemplateFailure(name, number, found.start(1) + 1, said)
    return first
