"""Marks by rater and step (评分记录表) → the marks of each person's rated items, and the single ratings.

Long (person, item, step, rater, marks: one row a mark), wide (``TASK-1.step2@rater``: one row a person), or a sheet for
each rater with rows of persons and columns of steps; a column 否定项 makes a task 0. A blank is not yet marked, which is
neither 0 nor anything else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from qbank.core.form import Form, answer_places
from qbank.core.ratings import Ratings
from qbank.core.responses import NOT_MARKED, NOT_SEEN, OMITTED, STANDINGS, Responses, Standing, plain_number
from qbank.files.answers.intake import Intake
from qbank.files.answers.ratings.columns import (
    names_of_items,
    rated_items,
)
from qbank.files.answers.ratings.marks import Cell, Marks, totals_as_sums
from qbank.files.answers.ratings.persons import (
    about_persons,
    forms_of_persons,
    only_those_who_sat,
    standing_of,
)
from qbank.files.answers.ratings.sheets import read_sheet
from qbank.files.answers.reading import Reading, as_settings
from qbank.files.answers.table import AnswerTable
from qbank.kinds.ratings import VETO_STEP, WHOLE, Awarded, RaterRule, award, rule_settings
from qbank.kinds.task import VETO
from qbank.messages.lists import some
from qbank.problem import Problem, Span, error, warning


def take_in_ratings(
    tables: Sequence[AnswerTable], forms: tuple[Form, ...], sitting: str, reading: Reading, *,
    rule: RaterRule | None = None, known: Mapping[str, str] | None = None, digest: str = "",
) -> tuple[Intake | None, list[Problem]]:  # fmt: skip
    """Return the marks that the raters' rule makes of their ratings, with the ratings, or everything that does not fit.

    tables : the sheets of one file ; known : number of a person → the paper that other files of the sitting give, None
    where there are none yet; whoever is not among them did not sit
    """
    items = rated_items(forms)
    if not items:
        return None, [error("R333", Span(tables[0].path if tables else ""), forms=some([form.id for form in forms], most=8))]
    marks = Marks(tables, forms, items, names_of_items(forms, items))
    for number, table in enumerate(tables):
        read_sheet(marks, number, table, reading, several=len(tables) > 1)
    if not marks.persons and not marks.problems:
        marks.problems.append(error("R103", tables[0].span(-1, 0)))
    papers = {plain_number(number): form for number, form in (known or {}).items()}
    if known is not None:
        only_those_who_sat(marks, papers)
    form = forms_of_persons(marks, papers, reading)
    if marks.problems:
        return None, marks.problems
    totals_as_sums(marks)
    if marks.problems:
        return None, marks.problems
    return _intake(marks, form, sitting, reading, rule or RaterRule(), digest)


def _intake(
    marks: Marks, form: list[int], sitting: str, reading: Reading, rule: RaterRule, digest: str
) -> tuple[Intake | None, list[Problem]]:
    ids = [id for id in marks.items if any(key[1] == id for key in marks.given) or any(i == id for _, i in marks.nothing_done)]
    position = {id: n for n, id in enumerate(ids)}
    ratings = _ratings(marks, position, form)
    steps = {n: tuple(step.most for step in marks.items[id].steps) for id, n in position.items()}
    awarded = award(ratings, len(marks.persons), steps, {n: marks.items[id].full for id, n in position.items()}, rule)
    answer, labels = _answers(marks, ids, form, awarded)
    status = [standing_of(marks, index, reading) for index in range(len(marks.persons))]
    if marks.problems:
        return None, marks.problems
    groups = [
        (role, tuple(about.get(role, "") for about in marks.about))
        for role in ("site", "room", "seat", "group", "batch", "sex", "team") if any(role in about for about in marks.about)
    ]  # fmt: skip
    responses = Responses(
        sitting=sitting, persons=tuple(marks.persons), items=tuple(ids), answer=answer, labels=labels,
        forms=tuple(one.id for one in marks.forms), form=np.array(form, dtype=np.int16), groups=tuple(groups),
        standing=np.array([STANDINGS.index(word) for word in status], dtype=np.int8),
    )  # fmt: skip
    settings = {**as_settings(reading), "format": "ratings", "raters": rule_settings(rule)}
    names, documents = (about_persons(marks, role) for role in ("name", "document"))
    return Intake(responses, ratings, names, documents, digest, settings), _warnings(marks, ids, awarded, answer, status, rule)


def _ratings(marks: Marks, position: Mapping[str, int], form: list[int]) -> Ratings:
    keys = sorted(marks.given, key=lambda key: marks.given[key][1])
    raters = {rater: n for n, rater in enumerate(dict.fromkeys(key[3] for key in keys))}
    words = {WHOLE, VETO_STEP, *(key[2] for key in keys)}
    steps = sorted(words, key=lambda word: (word == VETO_STEP, int(word) if word.isdecimal() else 0))
    number = {word: n for n, word in enumerate(steps)}
    rated = {(person, id, rater) for (person, id, _, rater), (value, _) in marks.given.items() if not np.isnan(value)}
    kept = [key for key in keys if (key[0], key[1], key[3]) in rated]  # of whom nothing is marked is no rater of this
    columns = np.array([[key[0], position[key[1]], number[key[2]], raters[key[3]]] for key in kept], dtype=np.int32)
    columns = columns.reshape(len(kept), 4)
    values = np.array([marks.given[key][0] for key in kept], dtype=np.float64)
    return Ratings(columns[:, 0], columns[:, 1], columns[:, 2], columns[:, 3], values, tuple(steps), tuple(raters))


def _answers(
    marks: Marks, ids: Sequence[str], form: list[int], awarded: Awarded
) -> tuple[np.ndarray[tuple[int, int], np.dtype[np.int16]], tuple[tuple[str, ...], ...]]:
    """Return what the raters' marks are as answers: the label of an item that people mark is its marks."""
    n = len(marks.persons)
    answer = np.full((n, len(ids)), NOT_MARKED, dtype=np.int16)
    labels: list[tuple[str, ...]] = []
    for column, id in enumerate(ids):
        known: dict[str, int] = {}
        for person in range(n):
            value = awarded.marks[person, column]
            if awarded.veto[person, column]:
                word = VETO if marks.items[id].kind == "task" else "0"
            elif not np.isnan(value):
                word = f"{value:.10g}"
            else:
                continue
            answer[person, column] = known.setdefault(word, len(known))
        labels.append(tuple(known))
        holding = np.array([any(place.id == id for place in answer_places(one)) for one in marks.forms])
        answer[~holding[np.array(form, dtype=np.int64)], column] = NOT_SEEN
    for person, id in marks.nothing_done:
        column = ids.index(id)
        if answer[person, column] == NOT_MARKED:
            answer[person, column] = OMITTED
    answer.flags.writeable = False
    return answer, tuple(labels)


def _latest(marks: Marks, person: int, item: str, fits: Callable[[float], bool], step: str = "") -> Cell:
    """Return where the rater stands who comes last in the file with such a mark of a person's item: the first of those marks."""
    cells: dict[str, Cell] = {}
    for (who, id, word, rater), (value, cell) in marks.given.items():
        if (who, id) == (person, item) and fits(value) and word == (step or word):
            cells[rater] = min(cells.get(rater, cell), cell)
    return max(cells.values())


def _warnings(
    marks: Marks, ids: Sequence[str], awarded: Awarded, answer: np.ndarray[tuple[int, int], np.dtype[np.int16]],
    status: Sequence[Standing], rule: RaterRule,
) -> list[Problem]:  # fmt: skip
    """Return whose raters are too far apart, who saw a veto alone, and who still waits for marks."""
    numbers = list(marks.persons)
    found = []
    for one in awarded.disputes:
        if not one.settled:
            given = ", ".join(f"{rater} {total:g}" for rater, total in zip(one.raters, one.totals, strict=True))
            code = "R326" if len(one.raters) < 3 else "R334"
            at = _latest(marks, one.person, ids[one.item], lambda value: not np.isnan(value))
            found.append(warning(code, marks.span(at), person=numbers[one.person], item=ids[one.item],
                                 given=given, limit=f"{rule.gap_limit * one.full:g}", share=f"{rule.gap_limit:.0%}"))  # fmt: skip
    for person, item in awarded.split_vetoes:
        at = _latest(marks, person, ids[item], lambda value: value > 0, step=VETO_STEP)
        found.append(warning("R335", marks.span(at), person=numbers[person], item=ids[item]))
    sat = np.array([word == "present" for word in status])
    waiting = np.flatnonzero(((answer == NOT_MARKED).any(axis=1)) & sat)
    if waiting.size:
        rows = ", ".join(str(marks.span(marks.rows[person]).line) for person in waiting[:5])
        more = ", …" if waiting.size > 5 else ""
        found.append(warning("R327", marks.span(marks.rows[int(waiting[0])]), n=waiting.size, rows=rows + more))
    return found
