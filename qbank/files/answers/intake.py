"""A table of answers → answers of persons: every cell that does not fit is reported, and then nothing is taken in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from qbank.core.form import Form
from qbank.core.ratings import Ratings
from qbank.core.responses import Responses
from qbank.files.answers.answers import read_answers_of
from qbank.files.answers.findings import Findings
from qbank.files.answers.grid import wide_grid
from qbank.files.answers.header import (
    marks_columns,
    missing_answers,
    odd_cells,
    read_header,
    unused_columns,
    wrong_targets,
)
from qbank.files.answers.long import long_grid, responders
from qbank.files.answers.papers import papers_of
from qbank.files.answers.persons import read_persons
from qbank.files.answers.reading import Reading, as_settings
from qbank.files.answers.table import AnswerTable
from qbank.problem import Problem, Span, error, warning


@dataclass(frozen=True, slots=True)
class Written:
    """One answer written at length on screen, for people to mark; number : of the question as printed."""

    person: str
    name: str
    form: str
    item: str
    number: str
    text: str


@dataclass(frozen=True, slots=True)
class Intake:
    """The answers of one file, and who gave them.

    responses : its persons are the numbers in the file ; names, documents : (n_persons,) or () where the file has none ;
    digest : SHA-256 of the file ; settings : how it was read ; written : answers on screen that people will mark
    """

    responses: Responses
    ratings: Ratings | None
    names: tuple[str, ...]
    documents: tuple[str, ...]
    digest: str
    settings: Mapping[str, Any]
    written: tuple[Written, ...] = ()


def take_in(
    table: AnswerTable, forms: tuple[Form, ...], sitting: str, reading: Reading
) -> tuple[Intake | None, list[Problem]]:
    """Return the answers of a table, or nothing and everything in it that does not fit; the digest is left open.

    The work grows with the number of distinct texts of a column; of each cell only a number is looked up.
    """
    papers, found = papers_of(forms), Findings(table)
    found.general += wrong_targets(reading, papers, table) + unused_columns(table, reading)
    header = read_header(table, papers, reading, found)
    if header is None:
        return None, found.problems()
    odd_cells(table, header, found)
    who = responders(table, header, found) if header.long else None
    rows = np.arange(table.frame.height, dtype=np.int64) if who is None else who.first
    persons = read_persons(table, header, papers, reading, rows, found)
    if not table.frame.height and not found.any():
        found.add(error("R103", Span(table.path)))
    sat = sorted({*persons.form.tolist()} - {-1})
    found.general += [warning("R205", table.span(-1, 0), form=id) for n, id in enumerate(papers.ids) if sat and n not in sat]
    if who is None:
        missing_answers(table, header, papers, sat, found)
        grid = wide_grid(table, header.answers, persons.row, marks_columns(table, header, reading))
    else:
        grid, by_position = long_grid(table, header, papers, who, persons.row, reading, found)
        header = replace(header, by_position=by_position)
    answered = read_answers_of(table, grid, header, papers, persons, reading, found)
    if found.any():
        return None, found.problems()
    answered.answer.flags.writeable = False
    responses = Responses(
        sitting=sitting, persons=persons.numbers, items=papers.items, answer=answered.answer, labels=answered.labels,
        forms=papers.ids, form=persons.form, groups=persons.groups, standing=persons.standing,
    )  # fmt: skip
    settings = as_settings(reading) | {"layout": "long" if header.long else "wide", "sheet": table.sheet}
    settings["questions"] = "printed number" if header.by_position else "item"
    told = {name: value for name, value in settings.items() if value != ""}
    return Intake(responses, None, persons.names, persons.documents, "", told), found.problems()
