"""print --to docx beside the papers: a centre's Word file, the lists of the rooms; and what a form does not do."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from qbank.core.form import Form
from qbank.core.presentation import Paper
from qbank.files.bank import shown_path
from qbank.files.centre_files import read_word_template
from qbank.problem import Problem, Span, error, note, warning

if TYPE_CHECKING:
    from qbank.render.docx import UnusableTemplate
    from qbank.render.layout import Layout
    from qbank.render.room import Room

PERSONAL_FORMS = ("pdf", "exam")
"""Forms in which each person of a roster gets something of their own."""


@dataclass(frozen=True, slots=True)
class WordTemplate:
    """The bytes of a centre's Word file, None where our own serves, and where it was read."""

    data: bytes | None = None
    path: str = ""

    def problem(self, fault: UnusableTemplate) -> Problem:
        """Return what is wrong with it at its place."""
        return error(fault.code, Span(self.path), detail=fault.detail)


def word_template_of(path: Path | None) -> tuple[WordTemplate, list[Problem]]:
    """Return a centre's Word file looked through, or what is wrong with it."""
    if path is None:
        return WordTemplate(), []
    from qbank.render.docx import UnusableTemplate, open_template

    template = WordTemplate(read_word_template(path), shown_path(path))
    try:
        open_template(template.data or b"")
    except UnusableTemplate as fault:
        return WordTemplate(), [template.problem(fault)]
    return template, []


def untaken(layout: Layout) -> list[Problem]:
    """Return what of a centre's settings a Word file does not take: blocks in the language of the PDF."""
    centre = layout.centre
    return [note("Z509", Span(f"{centre.folder.rstrip('/')}/centre.typ"))] if centre.files else []


def word_rooms_of(roster: Path | None, forms: Sequence[Form], to: str) -> tuple[tuple[Room, ...], list[Problem]]:
    """Return the rooms whose lists are to be written in Word, none in other forms; and what a form does not do.

    forms : those that somebody on the roster sits
    """
    if roster is None or to in PERSONAL_FORMS:
        return (), []
    if to != "docx":
        return (), [warning("Z507", Span(str(roster)), to=to)]
    from qbank.workflow.room import rooms_of

    rooms, problems = rooms_of(roster, forms)
    return rooms, [*problems, note("Z508", Span(str(roster)))]


def print_word_lists(
    roster: Path, papers: Sequence[tuple[Paper, bytes]], rooms: Sequence[Room], layout: Layout, template: WordTemplate
) -> tuple[dict[str, bytes], list[Problem]]:
    """Return the lists of all rooms as Word files by name, or none and why.

    papers : what candidates' ``paper`` counts, each with the file whose hash stands on the cover, or b"" where it was not
    printed ; template : a centre's Word file, which has served for the papers already
    """
    from qbank.render import UnprintableText
    from qbank.render.docx import lists_docx
    from qbank.render.room_tables import Bundle
    from qbank.workflow.room import room_words

    bundles = [Bundle(paper, 0, hashlib.sha256(data).hexdigest() if data else "") for paper, data in papers]
    files: dict[str, bytes] = {}
    problems: list[Problem] = []
    for room, name in zip(rooms, room_words(rooms), strict=True):
        try:
            files[f"{name}-lists.docx"] = lists_docx(room, bundles, layout, template.data)
        except UnprintableText as fault:
            problems += [error("Z906", Span(str(roster)), detail=failure.sentence(fault.language)) for failure in fault.failures]
    return ({} if problems else files), problems
