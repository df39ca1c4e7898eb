"""PDF by Typst: PDF/UA-1 and PDF/A-2b at once, the package's fonts only, same paper, same bytes."""

from __future__ import annotations

import re
import tempfile
from functools import cache
from pathlib import Path
from typing import Literal

import typst

from qbank.core.presentation import Paper, Part
from qbank.messages import text
from qbank.render.failure import TextFailure, UnprintableText
from qbank.render.pictures import file_name, usable
from qbank.render.texts import converted
from qbank.render.typst_literals import ITEM_COMMENT
from qbank.render.typst_source import SOURCES

FOLDER = Path(__file__).parent
TEMPLATES = ("page.typ", "paper.typ", "key.typ", "task.typ", "sheet.typ")
STANDARDS: list[Literal["ua-1", "a-2b"]] = ["ua-1", "a-2b"]
TIMESTAMP = 0  # a paper carries its date in its code; the clock never enters the file

MISSING_GLYPH = re.compile(r"the text [`\"]+(.+?)[`\"]+ could not be displayed")
POSITION = re.compile(r"┌─ [^\n]*?main\.typ:(\d+)")


@cache
def fonts() -> typst.Fonts:
    """Return the fonts of the package and the mathematics font inside typst; never those of the machine."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[FOLDER / "fonts"])


def item_at(source: str, line: int) -> str:
    """Return the item that the source's line (counted from 1) belongs to; empty in the head."""
    named = [one for one in source.split("\n")[:line] if one.startswith(ITEM_COMMENT)]
    return named[-1].removeprefix(ITEM_COMMENT).strip() if named else ""


def missing_glyphs(source: str, diagnostic: str, paper: Paper) -> list[TextFailure]:
    """Return what the compiler says about characters that no font has, each with the item it stands in.

    A text that came in as a string has no position; then it is the first line that holds the characters.
    """
    head = text(paper.language, "paper.fail_head")
    failures = []
    for complaint in diagnostic.split("\nerror:"):
        found = MISSING_GLYPH.search(complaint)
        if found is None:
            continue
        position = POSITION.search(complaint)
        line = int(position[1]) if position else source[: source.find(found[1])].count("\n") + 1
        item = item_at(source, line)
        code_points = " ".join(f"U+{ord(character):04X}" for character in found[1])
        failures.append(TextFailure(item, "" if item else head, "glyph", f"{found[1]} ({code_points})"))
    return failures


def broken_pictures(source: str, paper: Paper, root: Path) -> list[TextFailure]:
    """Return the pictures that the compiler cannot decode, each with the first item that shows it.

    The compiler does not say which it was, so each is tried by itself in the folder where they stand.
    """
    failures = []
    for data, picture in usable(paper.media).values():
        name = file_name(data, picture)
        if name in source:
            try:
                (root / "alone.typ").write_text(f'#image("{name}")', encoding="utf-8")
                typst.compile(root / "alone.typ", root=root, format="svg")
            except typst.TypstError as found:
                line = source[: source.find(name)].count("\n") + 1
                failures.append(TextFailure(item_at(source, line), "", "picture", found.message))
    return failures


def compile_source(source: str, paper: Paper) -> bytes:
    """Return the PDF of a Typst source, compiled in a folder that holds the templates, the pictures, nothing else."""
    with tempfile.TemporaryDirectory(prefix="qbank-") as name:
        root = Path(name)
        for template in TEMPLATES:
            (root / template).write_bytes((FOLDER / "templates" / template).read_bytes())
        for data, picture in usable(paper.media).values():
            (root / file_name(data, picture)).write_bytes(data)
        main = root / "main.typ"
        main.write_text(source, encoding="utf-8", newline="\n")
        try:
            pdf, warnings = typst.compile_with_warnings(
                main,
                root=root,
                font_paths=fonts(),
                format="pdf",
                pdf_standards=[*STANDARDS],
                timestamp=TIMESTAMP,
            )
        except typst.TypstError as found:
            failures = missing_glyphs(source, found.diagnostic, paper) or broken_pictures(source, paper, root)
            if failures:
                raise UnprintableText(failures, paper.language) from None
            raise RuntimeError(f"typst: {found.diagnostic}") from found
    if warnings:
        raise RuntimeError(f"typst: {warnings[0].diagnostic}")
    return bytes(pdf)


def typst_source(paper: Paper, part: Part) -> str:
    """Return the Typst source of one part of the paper."""
    return SOURCES[part](converted(paper, part, "typst"))


def render_pdf(paper: Paper, part: Part) -> bytes:
    """Return a part of the paper as PDF.

    Raises `UnprintableText`, which names every item whose text cannot be printed: an unknown macro, a
    character that no font of the package has, a picture that cannot be decoded. A paper of 100 questions takes about a second.
    """
    return compile_source(typst_source(paper, part), paper)
