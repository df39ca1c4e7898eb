"""The papers of a room as one PDF: finished pages taken in once a version, and on them what is one candidate's own.

The pages of a version are compiled once, checked as PDF/UA-1 and PDF/A-2b; the room's document takes them in as
drawings, so that a thousand papers cost little more than one. A document that takes in others can declare neither
standard: it is for the printing house. `qbank.render.tagged_room` makes one that keeps its tags, for people who read
with a screen reader; `qbank.render.room_lists` makes what hangs and lies in the room.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from qbank.core.presentation import Paper, Part
from qbank.messages import text
from qbank.render import sheet as places
from qbank.render.layout import Layout
from qbank.render.own import Candidate, in_own_font, own_digits, own_line, own_values
from qbank.render.pdf import compile_source, layout_of
from qbank.render.texts import converted
from qbank.render.typst_literals import array, strings, typst_string
from qbank.render.typst_page import paper_title
from qbank.render.typst_paper import paper_source
from qbank.render.typst_sheet import code_svg, sheet_source

__all__ = ["PERSONAL_PARTS", "Candidate", "Printed", "Room", "n_pages", "personal_base", "room_pdf"]

PERSONAL_PARTS: tuple[Part, ...] = ("paper", "answer-sheet")
COUNT = re.compile(rb"/Type\s*/Pages\b[^>]*?/Count\s+(\d+)|/Count\s+(\d+)[^>]*?/Type\s*/Pages\b")
STREAM = re.compile(rb"/ObjStm[^>]*>>\s*stream\r?\n(.*?)endstream", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Room:
    """The persons of one room, in the order of their seats."""

    site: str
    room: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Printed:
    """A finished part of one paper: what a room takes in. texts : the paper with its texts converted for this part"""

    paper: Paper
    part: Part
    pdf: bytes
    n_pages: int
    texts: Paper


def n_pages(pdf: bytes) -> int:
    """Return the number of pages of a PDF that the compiler made."""
    parts = [pdf, *(zlib.decompressobj().decompress(stream) for stream in STREAM.findall(pdf))]
    return max((int(a or b) for part in parts for a, b in COUNT.findall(part)), default=0)


def personal_base(paper: Paper, part: Part, layout: Layout) -> Printed:
    """Return a part without what is a candidate's own: no strip to fill in, no code. Raises as `render_pdf` does."""
    shown = replace(layout_of(part, layout), personal=True)
    texts = converted(paper, part, "typst")
    source = sheet_source(texts, personal=True) if part == "answer-sheet" else paper_source(texts)
    pdf = compile_source(source, paper, shown)
    return Printed(paper, part, pdf, n_pages(pdf), texts)


def room_title(room: Room, printed: Sequence[Sequence[Printed]]) -> str:
    """Return the title of a room's document: examination, site, room."""
    return " ".join(filter(None, (paper_title(printed[room.candidates[0].paper][0].paper), room.site, room.room)))


def room_pdf(room: Room, printed: Sequence[Sequence[Printed]], layout: Layout) -> bytes:
    """Return one PDF with each candidate's papers in the order of the seats, each from the front of a sheet on.

    printed : for each paper its parts, as `personal_base` made them. 1,000 candidates take some seconds.
    """
    first, title = printed[room.candidates[0].paper][0].paper, room_title(room, printed)
    lines = ['#import "room.typ": *', f"#show: room.with(title: {typst_string(title)}, language: {typst_string(first.language)})"]
    lines += [
        sheet_copy(one, candidate) if one.part == "answer-sheet" else paper_copy(one, candidate)
        for candidate in room.candidates
        for one in printed[candidate.paper]
    ]
    used = {candidate.paper for candidate in room.candidates}
    files = {file_of(one): one.pdf for index in used for one in printed[index]}
    return compile_source("\n".join([*lines, ""]), replace(first, media={}), layout, files=files, tagged=False)


def file_of(printed: Printed) -> str:
    """Return the name under which the compiler meets a finished part."""
    return f"{printed.paper.digest}-{printed.part}.pdf"


def own_strip(paper: Paper, candidate: Candidate) -> str:
    """Return what the sealed strip is called with: fields, words, and what is filled in."""
    words = (typst_string(text(paper.language, f"paper.{name}")) for name in ("seal", "seal_notice"))
    return array((strings(paper.fields), *words, own_values(paper, candidate)))


def paper_copy(printed: Printed, candidate: Candidate) -> str:
    """Return the call that sets a candidate's paper."""
    paper = printed.paper
    picture = code_svg(places.code_payload(paper, 1, printed.n_pages, candidate.number))
    strip = own_strip(paper, candidate)
    arguments = (typst_string(file_of(printed)), str(printed.n_pages), strip, in_own_font(own_line(paper, candidate)), typst_string(picture))
    return f"#personal-paper({', '.join(arguments)})"


def sheet_copy(printed: Printed, candidate: Candidate) -> str:
    """Return the call that sets a candidate's answer sheet: code, fields, and the digits of the number filled in."""
    paper, pages = printed.paper, range(1, printed.n_pages + 1)
    values = own_values(paper, candidate)
    caption = typst_string(f"{paper.code} · {paper.digest}")
    fields = (f"arguments({places.LEFT}, {32 if page == 1 else 47}, 76, 29, {strings(paper.fields)}, values: {values})" for page in pages)
    codes = (
        f"({places.CODE_LEFT}, {places.CODE_TOP}, {places.CODE_SIZE}, "
        f"{typst_string(code_svg(places.code_payload(paper, page, printed.n_pages, candidate.number)))}, \"\", {caption})"
        for page in pages
    )
    digits = (array(own_digits(candidate.number, page)) for page in pages)
    size = f"({places.ID_BUBBLE[0]}, {places.ID_BUBBLE[1]})"
    arguments = (typst_string(file_of(printed)), str(printed.n_pages), array(fields), array(codes), array(digits), size)
    return f"#personal-sheet({', '.join(arguments)})"

