"""What importers share that make a table of their own first: letters as in the bank, problems where the file has them."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import replace

import polars as pl

from qbank.core.form import Form, FormItem, FormSection
from qbank.core.responses import NOT_MARKED, Responses
from qbank.files.answers.columns import shown_text
from qbank.files.answers.header import plain_title
from qbank.files.answers.reading import Reading
from qbank.files.answers.table import AnswerTable
from qbank.files.interchange.columns import column_letters
from qbank.problem import Problem, Span

MAX_PROBLEMS = 200
WORDS = {
    "omitted": "[[omitted]]", "not_reached": "[[not reached]]", "not_seen": "[[not seen]]", "void": "[[void]]",
    "withheld": "[[withheld]]",
}  # fmt: skip
"""What stands in the table that is made here for an answer that there is not; nobody types that."""


def unpermuted(forms: tuple[Form, ...]) -> tuple[Form, ...]:
    """Return papers whose options stand in the order of the bank: for files that name options, not printed letters."""
    return tuple(
        replace(form, sections=tuple(_section(section) for section in form.sections)) for form in forms
    )


def _section(section: FormSection) -> FormSection:
    return replace(section, items=tuple(_place(entry) for entry in section.items))


def _place(entry: FormItem) -> FormItem:
    return replace(entry, order="".join(sorted(entry.order)), parts=tuple(_place(part) for part in entry.parts))


def texts_of(table: AnswerTable, column: int) -> list[str]:
    """Return the cells of a column, "" where nothing stands."""
    return [shown_text(text) for text in table.frame.to_series(column).cast(pl.String).fill_null("").to_list()]


def told_of(reading: Reading, header: str) -> str:
    """Return what the mapping file says of a column, "" where it says nothing.

    >>> told_of(Reading(columns={"Candidate no": "person"}), "candidate_no:")
    'person'
    """
    plain = plain_title(header)
    return next((target for word, target in reading.columns.items() if plain_title(word) == plain), "")


def is_ignored(reading: Reading, header: str) -> bool:
    """Return whether the mapping file says that a column is of no interest."""
    return plain_title(header) in {plain_title(word) for word in reading.ignore}


def holds_otherwise(table: AnswerTable, columns: Sequence[int]) -> list[Problem]:
    """Return an error for each cell of some columns that holds something else than it shows."""
    codes = {"shown": "R215", "formula": "R216", "error": "R217", "long": "R218"}
    used = {*columns}
    return [
        table.wrong(codes[what], row, column, cell=f"{column_letters(table.columns[column])}{table.span(row, column).line}")
        for (row, column), what in sorted(table.odd.items())
        if row >= 0 and column in used and what in codes
    ][:MAX_PROBLEMS]


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
