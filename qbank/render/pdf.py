"""PDF by Typst: PDF/UA-1 and PDF/A-2b at once, the package's fonts only, same paper, same bytes."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Literal

import typst

from qbank.core.presentation import Paper, Part
from qbank.messages import text
from qbank.render.failure import TemplateFailure, TextFailure, UnprintableText
from qbank.render.layout import A4, Layout, layout_files
from qbank.render.pictures import file_name, usable
from qbank.render.texts import converted
from qbank.render.typst_literals import ITEM_COMMENT
from qbank.render.typst_source import SOURCES

FOLDER = Path(__file__).parent
TEMPLATES = ("page.typ", "paper.typ", "key.typ", "task.typ", "sheet.typ", "room.typ", "lists.typ")
READ_LARGE: tuple[Part, ...] = ("paper", "task-paper")
STANDARDS: list[Literal["ua-1", "a-2b"]] = ["ua-1", "a-2b"]
TIMESTAMP = 0  # a paper carries its date in its code; the clock never enters the file

MISSING_GLYPH = re.compile(r"the text [`\"]+(.+?)[`\"]+ could not be displayed")
POSITION = re.compile(r"┌─ [^\n]*?main\.typ:(\d+)")
CENTRE_POSITION = re.compile(r"┌─ [^\n]*?centre[/\\]([^\n:/\\]+):(\d+):(\d+)")


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


def template_failure(diagnostic: str) -> TemplateFailure | None:
    """Return the first complaint that lies in a file of the centre's own, or nothing.

    An error inside a block of the centre is told where it is; where the package calls the block wrongly (a parameter
    that the block does not take), the trace leads there.
    """
    for complaint in re.split(r"(?m)^error: ", diagnostic):
        if found := CENTRE_POSITION.search(complaint):
            return TemplateFailure(found[1], int(found[2]), int(found[3]) + 1, complaint.split("\n", 1)[0].strip())
    return None


def write_folder(root: Path, media: Mapping[str, bytes], layout: Layout, files: Mapping[str, bytes]) -> None:
    """Put what a source may name into the folder that the compiler sees: templates, pictures, the centre's files."""
    for template in TEMPLATES:
        (root / template).write_bytes(template_bytes(template))
    for data, picture in usable(media).values():
        (root / file_name(data, picture)).write_bytes(data)
    (root / "centre").mkdir()
    for name, data in {**layout_files(layout), **files}.items():
        (root / name).write_bytes(data)


@cache
def template_bytes(name: str) -> bytes:
    """Return a template of the package."""
    return (FOLDER / "templates" / name).read_bytes()


def compile_source(
    source: str, paper: Paper, layout: Layout = A4, *, files: Mapping[str, bytes] | None = None, tagged: bool = True
) -> bytes:
    """Return the PDF of a Typst source, compiled in a folder that holds the templates, the pictures, nothing else.

    files : further files by name ; tagged : PDF/UA-1 and PDF/A-2b; a document that takes in pages of other PDFs can be
    neither. Raises `UnprintableText`, or `TemplateFailure` for an error in a file of the centre.
    """
    with tempfile.TemporaryDirectory(prefix="qbank-") as name:
        root = Path(name)
        write_folder(root, paper.media, layout, files or {})
        main = root / "main.typ"
        main.write_text(source, encoding="utf-8", newline="\n")
        try:
            pdf, warnings = typst.compile_with_warnings(
                main, root=root, font_paths=fonts(), format="pdf", pdf_standards=[*STANDARDS] if tagged else [],
                pdf_tags=tagged, timestamp=TIMESTAMP, package_path=root / "no-packages", package_cache_path=root / "no-packages",
            )  # fmt: skip
        except typst.TypstError as found:
            if layout.centre.files and (wrong := template_failure(found.diagnostic)):
                raise wrong from None
            failures = missing_glyphs(source, found.diagnostic, paper) or broken_pictures(source, paper, root)
            if failures:
                raise UnprintableText(failures, paper.language) from None
            raise RuntimeError(f"typst: {found.diagnostic}") from found
    if warnings and not layout.centre.files:
        raise RuntimeError(f"typst: {warnings[0].diagnostic}")
    return bytes(pdf)


def typst_source(paper: Paper, part: Part) -> str:
    """Return the Typst source of one part of the paper."""
    return SOURCES[part](converted(paper, part, "typst"))


def render_pdf(paper: Paper, part: Part, layout: Layout = A4) -> bytes:
    """Return a part of the paper as PDF.

    layout : A4 or A3 is that of the paper itself; large letters are for what candidates read; an answer sheet keeps its
    places. Raises `UnprintableText`, which names every item whose text cannot be printed: an unknown macro, a
    character that no font of the package has, a picture that cannot be decoded; and `TemplateFailure`. A paper of 100
    questions takes about half a second, the second time a tenth.
    """
    return compile_source(typst_source(paper, part), paper, layout_of(part, layout))


def layout_of(part: Part, layout: Layout) -> Layout:
    """Return what of a layout holds for a part."""
    return replace(
        layout, sheet=layout.sheet if part == "paper" else "a4", large=layout.large and part in READ_LARGE,
    )  # fmt: skip
