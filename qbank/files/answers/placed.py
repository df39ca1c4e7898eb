"""What importers share that make a table of their own first: letters as in the bank, problems where the file has them."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import replace

from qbank.core.form import Form, FormItem, FormSection
from qbank.core.responses import NOT_MARKED, Responses
from qbank.files.answers.table import AnswerTable
from qbank.problem import Problem, Span


def unpermuted(forms: tuple[Form, ...]) -> tuple[Form, ...]:
    """Return papers whose options stand in the order of the bank: for files that name options, not printed letters."""
    return tuple(
        replace(form, sections=tuple(_section(section) for section in form.sections)) for form in forms
    )


def _section(section: FormSection) -> FormSection:
    return replace(section, items=tuple(_place(entry) for entry in section.items))


def _place(entry: FormItem) -> FormItem:
    return replace(entry, order="".join(sorted(entry.order)), parts=tuple(_place(part) for part in entry.parts))


def in_places(problems: Sequence[Problem], table: AnswerTable, place: Callable[[int, int], Span]) -> list[Problem]:
    """Return problems of a made-up table with the spans of the file that it was made of.

    place : row and column of the frame → where that stands
    """
    row_of = {int(line): row for row, line in enumerate(table.lines)}

    def moved(span: Span) -> Span:
        row = row_of.get(span.line)
        return place(row, span.column - 1) if row is not None else Span(table.path)

    return [replace(one, span=moved(one.span), related=tuple(map(moved, one.related))) for one in problems]


def near_word(word: str, known: Sequence[str]) -> str:
    """Return the known word that looks most like one, "" where none does."""
    found = difflib.get_close_matches(word[:100], known, n=1)
    return found[0] if found else ""


def not_marked(responses: Responses, waiting: Sequence[tuple[int, str]]) -> Responses:
    """Return answers in which some, by row and item, wait for those who mark them."""
    if not waiting:
        return responses
    column = {id: n for n, id in enumerate(responses.items)}
    answer = responses.answer.copy()
    for row, id in waiting:
        answer[row, column[id]] = NOT_MARKED
    answer.flags.writeable = False
    return replace(responses, answer=answer)
