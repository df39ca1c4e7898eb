"""The texts of a paper in the order in which they are printed, converted and put back into their places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from qbank.core.presentation import Paper, PaperSection, Question
from qbank.render.markup import Source, Target, convert

Part = Literal["paper", "key", "answer-sheet"]
PARTS: tuple[Part, ...] = ("paper", "key", "answer-sheet")

LINES_PER_MARK = {"short": 1.0, "calc": 1.2, "essay": 1.5, "case": 1.5}
FEWEST_LINES = 4
# A place for the answer, as authors write it or as the Typst script writes it.
BLANK = re.compile(r"_{3,}|[（(][ \u00a0\u3000]*[)）]|#blank\(\d+\)")


def sources(paper: Paper, part: Part) -> Iterator[Source]:
    """Yield every Markdown text that the part prints, in reading order."""
    if part == "paper":
        for number, notice in enumerate(paper.notices, start=1):
            yield Source("", f"notice {number}", notice, inline=True)
    for index, section in enumerate(paper.sections, start=1):
        if part == "paper":
            yield Source("", f"instruction {index}", section.instruction, inline=True)
        for question in section.questions:
            yield from question_sources(question, part)


def question_sources(question: Question, part: Part) -> Iterator[Source]:
    """Yield the texts of one question that the part prints."""
    if part == "paper":
        yield Source(question.item, "stem", question.stem)
        for letter, option in question.options:
            yield Source(question.item, f"option {letter}", option, inline=True)
    elif part == "key":
        yield Source(question.item, "answer", question.answer, inline=True)


def with_question_texts(question: Question, part: Part, bodies: Iterator[str]) -> Question:
    """Return the question with its texts replaced by the next bodies."""
    if part == "paper":
        stem = next(bodies)
        options = tuple((letter, next(bodies)) for letter, _ in question.options)
        return replace(question, stem=stem, options=options)
    return replace(question, answer=next(bodies)) if part == "key" else question


def with_section_texts(section: PaperSection, part: Part, bodies: Iterator[str]) -> PaperSection:
    """Return the section with its texts replaced by the next bodies."""
    instruction = next(bodies) if part == "paper" else section.instruction
    questions = tuple(with_question_texts(question, part, bodies) for question in section.questions)
    return replace(section, instruction=instruction, questions=questions)


def converted(paper: Paper, part: Part, target: Target) -> Paper:
    """Return the paper with every text that the part prints in the target's markup; one run of pandoc.

    Raises `UnprintableText`, which names every item whose text cannot be printed.
    """
    bodies = iter(convert(list(sources(paper, part)), target, language=paper.language))
    notices = tuple(next(bodies) for _ in paper.notices) if part == "paper" else paper.notices
    sections = tuple(with_section_texts(section, part, bodies) for section in paper.sections)
    return replace(paper, notices=notices, sections=sections)


def needs_bracket(question: Question) -> bool:
    """Return whether the printer must add an answer bracket after the stem."""
    return question.space == "tick" and BLANK.search(question.stem) is None


def needs_answer_line(question: Question) -> bool:
    """Return whether an answer line must be added: the stem leaves no place, nothing is to be chosen."""
    open_question = question.space == "blank" and not question.options
    return open_question and answer_lines(question) == 0 and BLANK.search(question.stem) is None


def answer_lines(question: Question) -> int:
    """Return how many written lines of space a constructed answer gets; 0 for the other kinds."""
    if question.kind not in LINES_PER_MARK:
        return 0
    return max(FEWEST_LINES, round(LINES_PER_MARK[question.kind] * question.marks))
