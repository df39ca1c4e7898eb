"""A file of answers held against what a sitting has already: raters' marks that come days after the papers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qbank.core.form import Form, answer_places, form_items
from qbank.core.responses import NOT_SEEN, Responses, counted_answers, plain_number
from qbank.ledger import OtherParts
from qbank.problem import Problem, Span, error

RATINGS = "ratings"


def part_name(part: str | None, *, rated: bool) -> str:
    """Return the part of a sitting that a file is: as told, else the answers, or beside them the raters' marks.

    >>> part_name(None, rated=False), part_name(None, rated=True), part_name("东站", rated=True)
    ('', 'ratings', '东站')
    """
    return part if part is not None else RATINGS if rated else ""


def papers_of_persons(others: OtherParts | None) -> dict[str, str] | None:
    """Return by number the paper that each person of the answers sat; None where a sitting has no answers yet."""
    if others is None or not others.has_answers:
        return None
    found = others.responses
    return {number: found.forms[form] for number, form in zip(found.persons, found.form.tolist(), strict=True)}


def clashes(responses: Responses, others: OtherParts | None, path: str) -> list[Problem]:
    """Return whether a person would have two papers, or two answers to one question, in two parts of a sitting."""
    if others is None:
        return []
    other = others.responses
    mine, theirs = _same_persons(responses, other)
    problems = []
    same = np.array([[one == two for two in other.forms] for one in responses.forms], dtype=bool)
    differ = np.flatnonzero(~same[responses.form[mine], other.form[theirs]])
    if differ.size:
        n = int(differ[0])
        form, had = responses.forms[responses.form[mine[n]]], other.forms[other.form[theirs[n]]]
        problems.append(error("R337", Span(path), person=responses.persons[mine[n]], other=had, form=form, n=differ.size))
    here, there = _same_items(responses, other)
    twice = (responses.answer[np.ix_(mine, here)] >= 0) & (other.answer[np.ix_(theirs, there)] >= 0)
    if twice.any():
        n, k = np.argwhere(twice)[0].tolist()
        person, item = responses.persons[mine[n]], responses.items[here[k]]
        problems.append(error("R336", Span(path), person=person, item=item, n=int(twice.sum())))
    return problems


def uses_of(forms: tuple[Form, ...], responses: Responses, others: OtherParts | None) -> tuple[tuple[str, str, int], ...]:
    """Return (id, fingerprint, persons who had it) of every item, and of every case by itself.

    A person counts once for a question in all parts of a sitting: what is returned are those whom the other parts do not
    count. (A part that was corrected may leave to this one whom it counted before.)
    """
    prints = {entry.id: entry.fingerprint for form in forms for entry in answer_places(form)}
    had, counted = counted_answers(responses) != NOT_SEEN, dict[str, int]()
    if others is not None:
        had, counted = _had_by_anybody(responses, had, others.responses), dict(others.exposure)
    uses = [(item, prints[item], int(n)) for item, n in zip(responses.items, had.sum(axis=0), strict=True)]
    both = (*uses, *_cases(forms, responses.items, had))
    return tuple((item, mark, max(n - counted.get(item, 0), 0)) for item, mark, n in both)


def _had_by_anybody(responses: Responses, had: NDArray[np.bool_], other: Responses) -> NDArray[np.bool_]:
    """Return who had the items of a file in it or in the other parts: its persons, then those of other parts only."""
    mine, theirs = _same_persons(responses, other)
    here, there = _same_items(responses, other)
    elsewhere = np.zeros((len(other.persons), len(responses.items)), dtype=np.bool_)
    elsewhere[:, here] = (counted_answers(other) != NOT_SEEN)[:, there]
    had = had.copy()
    had[mine] |= elsewhere[theirs]
    return np.concatenate([had, np.delete(elsewhere, theirs, axis=0)])


def case_uses(forms: tuple[Form, ...], responses: Responses) -> tuple[tuple[str, str, int], ...]:
    """Return (id, fingerprint, persons who had it) of every case: exposure counts by the case, not by its parts."""
    return _cases(forms, responses.items, counted_answers(responses) != NOT_SEEN)


def _cases(
    forms: tuple[Form, ...], items: tuple[str, ...], had: NDArray[np.bool_]
) -> tuple[tuple[str, str, int], ...]:
    column = {id: index for index, id in enumerate(items)}
    cases = {entry.id: entry for form in forms for entry in form_items(form) if entry.parts}
    columns = {id: [column[part.id] for part in entry.parts if part.id in column] for id, entry in cases.items()}
    return tuple(
        (id, entry.fingerprint, int(had[:, columns[id]].any(axis=1).sum())) for id, entry in cases.items() if columns[id]
    )


def _same_persons(one: Responses, other: Responses) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows of those who are in both."""
    row = {plain_number(number): n for n, number in enumerate(other.persons)}
    found = [(n, row[plain]) for n, number in enumerate(one.persons) if (plain := plain_number(number)) in row]
    mine, theirs = np.array(found, dtype=np.int64).reshape(len(found), 2).T
    return mine, theirs


def _same_items(one: Responses, other: Responses) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the columns of the items that are in both."""
    column = {item: n for n, item in enumerate(other.items)}
    found = [(n, column[item]) for n, item in enumerate(one.items) if item in column]
    here, there = np.array(found, dtype=np.int64).reshape(len(found), 2).T
    return here, there
