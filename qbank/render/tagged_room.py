"""The papers of a room as one PDF with tags: PDF/UA-1 and PDF/A-2b, for people who have papers read out to them.

Each candidate's paper and answer sheet is laid out by itself and checked by the compiler like any single paper; since
only the own line, strip and code differ, all but the first of a version cost a fraction. Then they are joined.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from qbank.messages import text
from qbank.render.failure import TextFailure, UnprintableText
from qbank.render.joined_pdf import Document, joined_pdf
from qbank.render.layout import Layout
from qbank.render.own import Candidate, in_own_font, own_line
from qbank.render.pdf import compile_source, layout_of
from qbank.render.pdf_objects import MOST_OBJECTS, read_objects
from qbank.render.room import Printed, Room, own_strip, room_title
from qbank.render.sheet import code_payload
from qbank.render.typst_literals import typst_string
from qbank.render.typst_paper import paper_source
from qbank.render.typst_sheet import code_svg, sheet_source


def tagged_room_pdf(room: Room, printed: Sequence[Sequence[Printed]], layout: Layout) -> bytes:
    """Return one PDF with each candidate's papers in the order of the seats, each from the front of a sheet on, tagged.

    printed : for each paper its parts, as `personal_base` made them. A paper of 100 questions with its answer sheet
    takes less than 0.2 s and some 130 kB a candidate. Raises `UnprintableText`, which names every word of a
    candidate that no font has, and `TemplateFailure`.
    """
    return joined_pdf(_documents(room, printed, layout))


def most_candidates(printed: Sequence[Sequence[Printed]]) -> int:
    """Return how many candidates one tagged file can hold: PDF/A bounds the number of its objects."""
    per_candidate = max(
        (sum(len(read_objects(one.pdf).bodies) for one in parts) for parts in printed), default=0
    )
    # the strip, the line and the code of a candidate add some tens of elements
    return int(MOST_OBJECTS * 0.9 / (per_candidate + 200))


def _documents(room: Room, printed: Sequence[Sequence[Printed]], layout: Layout) -> Iterator[Document]:
    title = room_title(room, printed)
    failures: list[TextFailure] = []
    for candidate in room.candidates:
        for one in printed[candidate.paper]:
            shown = replace(layout_of(one.part, layout), personal=True)
            try:
                pdf = compile_source(own_source(one, candidate, title), one.paper, shown)
            except UnprintableText as fault:
                failures += fault.failures
                continue
            yield Document(f"{own_line(one.paper, candidate)} · {one.paper.code}", pdf)
    if failures:
        raise UnprintableText(dict.fromkeys(failures), printed[room.candidates[0].paper][0].paper.language)


def own_source(printed: Printed, candidate: Candidate, title: str) -> str:
    """Return the source of a part as one candidate gets it."""
    paper = printed.paper
    if printed.part == "answer-sheet":
        return sheet_source(printed.texts, personal=True, title=title, own=candidate)
    arguments = {
        "strip": own_strip(paper, candidate),
        "line": in_own_font(own_line(paper, candidate)),
        "picture": typst_string(code_svg(code_payload(paper, 1, printed.n_pages, candidate.number))),
        "alt": typst_string(
            text(paper.language, "paper.sheet_code_alt", code=paper.code, digest=paper.digest, page=1)
        ),
    }
    shown = ", ".join(f"{name}: {value}" for name, value in arguments.items())
    return paper_source(
        printed.texts, title=title, own=('#import "room.typ": own-paper', f"#show: own-paper.with({shown})")
    )
