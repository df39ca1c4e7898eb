"""Moodle's quiz reports → answers: responses, which are texts of options, or the marks of each question.

The reports are CSV, XLSX or JSON tables with headers in the language of the platform. Which item a question is tells
its text, where that was exported, else its number: the place on the paper. A dash or nothing is no answer.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from qbank.core.form import Form, answer_places
from qbank.files.answers.header import plain_title
from qbank.files.answers.intake import Intake, take_in
from qbank.files.answers.moodle.cells import answers_by_item
from qbank.files.answers.moodle.columns import FINISHED, squeezed
from qbank.files.answers.moodle.questions import items_asked, papers_sat
from qbank.files.answers.moodle.report import BLANK, Report, find_persons, person_column, report_column
from qbank.files.answers.placed import (
    WORDS,
    holds_otherwise,
    in_places,
    not_marked,
    unpermuted,
)
from qbank.files.answers.plain_texts import Texts
from qbank.files.answers.reading import Reading
from qbank.files.answers.table import AnswerTable
from qbank.kinds import KINDS
from qbank.problem import Problem, Span, warning


def take_in_moodle(
    table: AnswerTable, forms: tuple[Form, ...], sitting: str, reading: Reading, texts: Texts, digest: str = ""
) -> tuple[Intake | None, list[Problem]]:
    """Return the answers of one of Moodle's reports, or everything in it that does not fit.

    texts : of the items' options, prompts and stems, from the bank; without them only marks can be read
    """
    columns = [report_column(header, reading) for header in table.header]
    report = Report(table, forms, texts, columns)
    person = person_column(report)
    if person is None:
        return None, [table.wrong("R316", -1, 0)]
    find_persons(report, person, reading)
    if not report.rows:
        return None, [table.wrong("R103", -1, 0)]
    asked = report.of("response") or report.of("marks")
    report.problems += holds_otherwise(table, [person, *asked.values()])
    items = items_asked(report, asked, reading)
    if report.problems:
        return None, report.problems
    papers = papers_sat(report, items, reading)
    if report.problems:
        return None, report.problems
    cells = answers_by_item(report, asked, items, papers, marks=not report.of("response"))
    if report.problems:
        return None, report.problems
    return _taken(report, cells, papers, person, sitting, reading, digest)


def _taken(
    report: Report, cells: dict[str, list[str]], papers: list[int], person: int, sitting: str, reading: Reading, digest: str
) -> tuple[Intake | None, list[Problem]]:
    by_marks = not report.of("response")
    about, unfinished = _about(report, cells)
    at = {plain_title(name): n for n, name in reversed(list(enumerate(report.table.header)))}
    kept = {name: at[plain_title(name)] for name in reading.groups if plain_title(name) in at}
    columns = {
        "person": [report.texts_of(person)[row].strip() for row in report.rows],
        "form": [report.forms[paper].id for paper in papers], **about,
        **{name: [report.texts_of(column)[row] for row in report.rows] for name, column in kept.items()}, **cells,
    }  # fmt: skip
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    lines = np.arange(1, len(report.rows) + 1, dtype=np.int64)
    made = AnswerTable(report.table.path, "", frame, lines, tuple(range(1, frame.width + 1)), 0)
    own = replace(
        reading, layout="wide", scored=False, columns={}, ignore=(), groups=tuple(kept), forms={}, sheet="",
        words={name: (word,) for name, word in WORDS.items()},
        scored_columns=tuple(id for id in cells if by_marks and not KINDS[_kind(report.forms, id)].rated),
    )  # fmt: skip
    intake, problems = take_in(made, unpermuted(report.forms), sitting, own)
    names = list(columns)

    def place(row: int, column: int) -> Span:
        source = report.sources.get((row, names[column]) if column < len(names) else (row, ""), person)
        return report.table.span(report.rows[row], source)

    problems = in_places(problems, made, place)
    if intake is None:
        return None, problems
    settings = {**intake.settings, "format": "moodle-grades" if by_marks else "moodle-responses"}
    for key in ("words", "layout", "scored_columns"):
        settings.pop(key, None)
    if unfinished:
        states = ", ".join(f"{state} {n}" for state, n in Counter(state for _, state in unfinished).items())
        problems.append(warning("R314", report.table.span(unfinished[0][0], 0), n=len(unfinished), states=states))
    if report.waiting:
        row = report.rows[report.waiting[0][0]]
        waiting = sorted({id for _, id in report.waiting})
        problems.append(warning("R338", report.table.span(row, person), n=len({n for n, _ in report.waiting}), items=", ".join(waiting[:5])))
    responses = not_marked(intake.responses, report.waiting)
    return replace(intake, responses=responses, digest=digest, settings=settings), problems


def _kind(forms: tuple[Form, ...], id: str) -> str:
    return next(place.kind for form in forms for place in answer_places(form) if place.id == id)


def _about(report: Report, cells: Mapping[str, Sequence[str]]) -> tuple[dict[str, list[str]], list[tuple[int, str]]]:
    """Return names, status and the like of each person, and the attempts that were not finished with their state."""
    found: dict[str, list[str]] = {}
    for role in ("name", "document", "site", "room", "seat", "group", "batch", "sex", "team"):
        if (column := report.of(role).get(0)) is not None:
            found[role] = [report.texts_of(column)[row] for row in report.rows]
    last, first, full = (report.of(role).get(0) for role in ("last", "first", "full"))
    if "name" not in found and full is not None:
        found["name"] = [report.texts_of(full)[row] for row in report.rows]
    elif "name" not in found and last is not None:
        given = report.texts_of(first) if first is not None else [""] * report.table.frame.height
        found["name"] = [_full_name(report.texts_of(last)[row].strip(), given[row].strip()) for row in report.rows]
    status, state = report.of("status").get(0), report.of("state").get(0)
    if status is not None:
        found["status"] = [report.texts_of(status)[row] for row in report.rows]
        return found, []
    unfinished = []
    found["status"] = []
    nothing = {*WORDS.values(), ""}
    waiting = {n for n, id in report.waiting if (n, id) in report.sources}
    for n, row in enumerate(report.rows):
        word = report.texts_of(state)[row].strip() if state is not None else "finished"
        blank = all(column[n] in nothing for column in cells.values()) and n not in waiting
        found["status"].append("absent" if word in BLANK and blank else "")
        if word not in BLANK and squeezed(word) not in FINISHED:
            unfinished.append((row, word[:40]))
    return found, unfinished


def _full_name(last: str, first: str) -> str:
    """Return a name in the order of its script.

    >>> _full_name("张", "三"), _full_name("Huber", "Eva")
    ('张三', 'Eva Huber')
    """
    return last + first if re.search(r"[一-鿿]", last + first) else f"{first} {last}".strip()
