"""The places of a paper on screen: one view a question, or a part of a case, and how each is answered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from qbank.core.presentation import Paper, Question
from qbank.render.places import is_matching, is_ordering, is_task, is_written, n_blanks

Way = Literal["one", "several", "judge", "blanks", "number", "text", "match", "order", "none"]
"""How a place is answered; ``none``: a practical task, which is done away from the screen."""


@dataclass(frozen=True, slots=True)
class ScreenPlace:
    """One view.

    name : as a file of answers calls it, ``7`` or ``8.1`` ; number, part : printed, part 0 without a case ; section,
    question : their places in the paper, from 0 ; letters : printed letters that can be chosen ; rows : blanks to fill,
    or prompts to match
    """

    name: str
    number: int
    part: int
    section: int
    question: int
    way: Way
    letters: str
    rows: int


def screen_places(paper: Paper) -> tuple[ScreenPlace, ...]:
    """Return the views of a paper in printed order."""
    return tuple(_places(paper))


def _places(paper: Paper) -> Iterator[ScreenPlace]:
    for s, section in enumerate(paper.sections):
        for q, question in enumerate(section.questions):
            for part in question.parts or (question,):
                index = part.number if question.parts else 0
                name = f"{question.number}.{index}" if index else str(question.number)
                letters = "".join(letter for letter, _ in part.options)
                yield ScreenPlace(name, question.number, index, s, q, way_of(part), letters, _rows(part))


def way_of(question: Question) -> Way:
    """Return how a question is answered."""
    if is_task(question):
        return "none"
    if is_matching(question):
        return "match"
    if is_ordering(question):
        return "order"
    if question.options:
        return "several" if question.kind == "multiple" else "one"
    if question.space == "tick":
        return "judge"
    if is_written(question):
        return "text"
    return "blanks" if question.kind == "fill" else "number"


def _rows(question: Question) -> int:
    return len(question.prompts) if is_matching(question) else n_blanks(question)
