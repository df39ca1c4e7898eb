"""PDF by Typst: PDF/UA-1 and PDF/A-2b at once, the package's fonts only, same paper, same bytes."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from qbank.core.presentation import Paper, Part
from qbank.render import typesetting
from qbank.render.complaints import (
    blamed,
    broken_pictures,
    line_of,
    missing_glyphs,
    template_failure,
    too_wide,
)
from qbank.render.failure import TemplateStopped, TextFailure, UnprintableText
from qbank.render.layout import A4, CENTRE_FILE, Layout, layout_files
from qbank.render.pictures import file_name, usable
from qbank.render.texts import converted
from qbank.render.typesetting import APART, MAIN, RESULT, Typeset, typeset
from qbank.render.typst_literals import typst_string
from qbank.render.typst_source import SOURCES

FOLDER = Path(__file__).parent
TEMPLATES = ("page.typ", "paper.typ", "key.typ", "task.typ", "sheet.typ", "room.typ", "lists.typ")
READ_LARGE: tuple[Part, ...] = ("paper", "task-paper")
MOST_TOLD = 20


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
        done = made(root, source, layout, tagged=tagged)
        if done.error:
            raise reason(done, source, paper, layout, root, tagged=tagged)
        if done.warning and not layout.centre.files:
            raise RuntimeError(f"typst: {done.warning}")
        return (root / RESULT).read_bytes()


def made(root: Path, source: str, layout: Layout, *, tagged: bool) -> Typeset:
    """Return what the compiler says of a source; raises `TemplateStopped` where a centre's own file has no end."""
    (root / MAIN).write_text(source, encoding="utf-8", newline="\n")
    if not layout.centre.files:
        return typeset(root, tagged=tagged)
    done = APART.typeset(root, tagged=tagged, seconds=typesetting.SECONDS)
    if done is None:
        raise TemplateStopped(CENTRE_FILE, typesetting.SECONDS)
    return done


def reason(done: Typeset, source: str, paper: Paper, layout: Layout, root: Path, *, tagged: bool) -> Exception:
    """Return why a source cannot be compiled: what its texts hold, what a file of the centre does, or a fault of ours."""
    if layout.centre.files and (wrong := template_failure(done.diagnostic)):
        return wrong
    failures = wide_ones(done, source, paper, layout, root, tagged=tagged)
    failures = failures or missing_glyphs(source, done.diagnostic, paper) or broken_pictures(source, paper, root)
    if failures:
        return UnprintableText(failures, paper.language)
    if layout.centre.files:
        (root / "centre" / CENTRE_FILE).write_bytes(b"")
        if not typeset(root, tagged=tagged).error:
            return blamed(layout.centre.files, done.diagnostic, done.error)
    return RuntimeError(f"typst: {done.diagnostic}")


def wide_ones(done: Typeset, source: str, paper: Paper, layout: Layout, root: Path, *, tagged: bool) -> list[TextFailure]:
    """Return every table and formula that is too wide: the compiler names one, so it is left out and asked again."""
    failures: list[TextFailure] = []
    while (found := too_wide(source, done.diagnostic, paper)) and len(failures) < MOST_TOLD:
        failure, mark = found
        failures.append(failure)
        if line_of(source, marked := f"{typst_string(mark)}, ") == 0:
            break
        source = source.replace(marked, '"", ', 1)
        done = made(root, source, layout, tagged=tagged)
    return failures


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
