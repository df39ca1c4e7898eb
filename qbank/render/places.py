"""Where answers go: what of a question is filled in, ordered, matched or written, and how much room it takes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from qbank.core.presentation import Paper, PaperSection, Question, Task

LINES_PER_MARK = {"short": 1.0, "essay": 1.5}
FEWEST_LINES, MOST_LINES = 4, 27
# A place for the answer, as authors write it or as the Typst script writes it.
BLANK = re.compile(r"_{3,}|[（(][ \u00a0\u3000]*[)）]|#blank\(\d+\)")
RULED_BLANK = re.compile(r"(?<!\\)_{3,}")
CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


@dataclass(frozen=True, slots=True)
class AnswerPlace:
    """A question that takes an answer of its own: a part of a case stands here in the case's stead.

    label : ``81``, of a part ``81(1)`` ; part : its number within the case, 0 where there is no case
    """

    label: str
    number: int
    part: int
    question: Question


def leaves(question: Question) -> tuple[Question, ...]:
    """Return the parts of a case, or the question itself."""
    return question.parts or (question,)


def answer_places(section: PaperSection) -> tuple[AnswerPlace, ...]:
    """Return the places of a section that take an answer, in printed order."""
    return tuple(_places(section))


def _places(section: PaperSection) -> Iterator[AnswerPlace]:
    for question in section.questions:
        if not question.parts:
            yield AnswerPlace(str(question.number), question.number, 0, question)
        for part in question.parts:
            yield AnswerPlace(f"{question.number}({part.number})", question.number, part.number, part)


def is_task(question: Question) -> bool:
    """Return whether the question is a practical task, which has sheets of its own."""
    return question.task is not None


def tasks_of(paper: Paper) -> tuple[tuple[Question, Task], ...]:
    """Return the tasks of a paper with their questions."""
    return tuple(
        (question, question.task)
        for section in paper.sections
        for question in section.questions
        if question.task
    )


def is_written(question: Question) -> bool:
    """Return whether the answer is written out in lines."""
    return question.space == "lines" or question.kind in LINES_PER_MARK


def answer_lines(question: Question) -> int:
    """Return how many lines a written answer gets: as the item says, else by its marks; 0 for the other kinds."""
    if not is_written(question):
        return 0
    by_marks = round(LINES_PER_MARK.get(question.kind, 1.0) * question.marks)
    return question.n_lines or min(max(FEWEST_LINES, by_marks), MOST_LINES)


def needs_bracket(question: Question) -> bool:
    """Return whether the printer must add an answer bracket after the stem."""
    chosen = question.space == "tick" or (question.space == "bracket" and bool(question.options))
    return chosen and not has_rows(question) and BLANK.search(question.stem) is None


def needs_answer_line(question: Question) -> bool:
    """Return whether an answer line must be added: the stem leaves no place, nothing is to be chosen."""
    open_question = question.space == "blank" and not question.options
    return open_question and not is_written(question) and BLANK.search(question.stem) is None


def needs_order_line(question: Question) -> bool:
    """Return whether a line of brackets, one a step, must be added for an order to be written in."""
    return is_ordering(question) and BLANK.search(question.stem) is None


def is_matching(question: Question) -> bool:
    """Return whether each prompt on the left takes a letter from the right."""
    return bool(question.prompts)


def is_ordering(question: Question) -> bool:
    """Return whether letters are to be put in order."""
    return question.kind == "ordering"


def has_rows(question: Question) -> bool:
    """Return whether the answer is more than one letter, each for a place of its own."""
    return is_matching(question) or is_ordering(question)


def answer_rows(question: Question) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return what can be filled in, row by row: (the row's label, its values); nothing where one writes.

    One row without a label for a choice, √ and × for a judgement, a row a prompt, a row a place in an order.
    """
    letters = tuple(letter for letter, _ in question.options)
    if is_matching(question):
        return tuple((number, letters) for number, _ in question.prompts)
    if is_ordering(question):
        return tuple((circled(place), letters) for place in range(1, len(letters) + 1))
    if letters:
        return (("", letters),)
    return (("", ("√", "×")),) if question.space == "tick" else ()


def circled(number: int) -> str:
    """Return a number in a circle, or in brackets beyond twenty.

    >>> circled(2), circled(21)
    ('②', '(21)')
    """
    return CIRCLED[number - 1] if number <= len(CIRCLED) else f"({number})"


def n_blanks(question: Question) -> int:
    """Return how many blanks the stem of a question to fill in has, at least one; the stem as its author wrote it."""
    return max(1, len(RULED_BLANK.findall(question.stem))) if question.kind == "fill" else 1
