"""Answers → marks, by columns: items exact, totals rounded once at the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbank.core.form import Form, answer_places
from qbank.core.responses import (
    MARKS_ONLY,
    NOT_MARKED,
    NOT_REACHED,
    NOT_SEEN,
    OMITTED,
    VOID,
    WITHHELD,
    Responses,
    present,
)
from qbank.core.scoring_rules import Rounding, ScoringRules
from qbank.kinds.marking import Marking, accepted, label_share

SLACK = 1e-9
"""What a sum of shares may miss a whole step by: thirds of a mark add up to one."""

CODES = -NOT_MARKED
"""How many ways there are of having no answer; they stand before the labels in a table of shares."""


@dataclass(frozen=True, slots=True)
class Scores:
    """What every answer earned.

    share : (n_persons, n_items) of the item's marks, exact, without penalties, NaN where not seen, where nothing
        counts and for persons not present ; marks : (n_items,) of a full answer, on the first paper that holds the
        item ; counted : (n_forms, n_items) what a full answer adds to the marks of each paper, 0 where it is not
        scored ; sections : titles ; by_section : (n_persons, n_sections) marks with penalties, exact ; exact :
        (n_persons,) their sum before rounding ; total : (n_persons,) rounded ; both NaN where the person is not
        present, or waits for marks of a task ; present : (n_persons,) ; rules : that were followed
    """

    share: NDArray[np.float64]
    marks: NDArray[np.float64]
    counted: NDArray[np.float64]
    sections: tuple[str, ...]
    by_section: NDArray[np.float64]
    exact: NDArray[np.float64]
    total: NDArray[np.float64]
    present: NDArray[np.bool_]
    rules: ScoringRules


def score(
    responses: Responses, marking: Mapping[str, Marking], forms: tuple[Form, ...], rules: ScoringRules, *,
    credited: frozenset[str] = frozenset(), dropped: frozenset[str] = frozenset(),
) -> Scores:  # fmt: skip
    """Return marks for every answer and total.

    forms : the papers in the order of ``responses.forms`` ; credited : items whose marks go to everybody present who
    had them ; dropped : items that leave their papers. Time and memory grow with persons × items.
    """
    sections, section = _sections(responses, forms)
    sat = present(responses)
    counted = np.array([[_counted(marking[id], form) for id in responses.items] for form in responses.forms])
    counted = np.where(section >= 0, counted.reshape(section.shape), 0.0)
    counted, factor = _without(counted, np.isin(responses.items, list(dropped)), rules)
    n_persons, n_items = responses.answer.shape
    share = np.empty((n_items, n_persons))
    by_section = np.zeros((len(sections), n_persons))
    answer = np.ascontiguousarray(responses.answer.T)
    for column, id in enumerate(responses.items):
        code = answer[column].astype(np.intp) + CODES
        shares, points = _tables(
            marking[id], responses.labels[column], responses.forms, counted[:, column] / factor, section[:, column] >= 0,
            rules, credited=id in credited,
        )  # fmt: skip
        share[column] = _looked_up(shares, responses.form, code)
        if points.any():
            _add(by_section, _looked_up(points, responses.form, code), section[:, column], responses.form)
    share[:, ~sat] = np.nan
    if rules.floor == "section":
        np.maximum(by_section, 0.0, out=by_section)
    by_section *= factor[responses.form] * void_factor(responses, counted, credited, rules)
    by_section[:, ~sat] = np.nan
    exact = by_section.sum(axis=0)
    if rules.floor == "total":
        exact = np.maximum(exact, 0.0)
    marks = np.array([marking[id].marks for id in responses.items], dtype=np.float64)
    total = rounded(exact, rules.round)
    for array in (share, by_section, exact, total, marks, counted):
        array.flags.writeable = False
    return Scores(share.T, marks, counted, sections, by_section.T, exact, total, sat, rules)


def rounded(totals: NDArray[np.float64], rounding: Rounding) -> NDArray[np.float64]:
    """Return totals in steps of ``rounding.step``; what is within a billionth of a step counts as on it.

    >>> rounded(np.array([59.75, 59.74, 1 / 3 + 1 / 3 + 1 / 3]), Rounding()).tolist()
    [60.0, 59.5, 1.0]
    """
    if not rounding.step:
        return totals
    steps = totals / rounding.step
    slack = SLACK * np.maximum(1.0, np.abs(steps))
    near = np.rint(steps)
    steps = np.where(np.abs(steps - near) <= slack, near, steps)
    if rounding.direction == "half_up":
        whole = np.floor(steps + 0.5 + slack)
    elif rounding.direction == "half_even":
        low = np.floor(steps)
        half = np.abs(steps - low - 0.5) <= slack
        whole = np.where(half, 2 * np.rint((low + 0.5) / 2), np.rint(steps))
    else:
        whole = np.ceil(steps) if rounding.direction == "up" else np.floor(steps)
    return np.asarray(whole * rounding.step + 0.0)


def statistics_share(scores: Scores, responses: Responses) -> NDArray[np.float64]:
    """Return the shares for statistics of items, (n_persons, n_items): a single answer that is void says nothing."""
    void = (responses.answer == VOID) | (responses.answer == WITHHELD)
    return np.where(void, np.nan, scores.share) if void.any() else scores.share


def calibration_share(scores: Scores, responses: Responses) -> NDArray[np.float64]:
    """Return the shares for calibration, (n_persons, n_items), NaN where an item counts as not seen.

    Omitted and not reached count as the rules of calibration say, whatever they earn; void answers do not count.
    """
    share = np.array(statistics_share(scores, responses))
    rules = scores.rules.calibration
    for code, rule in ((OMITTED, rules.omitted), (NOT_REACHED, rules.not_reached)):
        share[(responses.answer == code) & scores.present[:, None]] = 0.0 if rule == "wrong" else np.nan
    return share


def _counted(entry: Marking, form: str) -> float:
    return 0.0 if form in entry.unscored_on else entry.marks_by_paper.get(form, entry.marks)


def _sections(responses: Responses, forms: tuple[Form, ...]) -> tuple[tuple[str, ...], NDArray[np.intp]]:
    """Return the titles of all sections, and (n_forms, n_items) in which of them an item stands, −1 on other papers."""
    titles = list(dict.fromkeys(section.title for form in forms for section in form.sections))
    column = {id: n for n, id in enumerate(responses.items)}
    section = np.full((len(forms), len(responses.items)), -1, dtype=np.intp)
    for row, form in enumerate(forms):
        for part in form.sections:
            places = [column[entry.id] for entry in answer_places(part) if entry.id in column]
            section[row, places] = titles.index(part.title)
    return tuple(titles), section


def _without(
    counted: NDArray[np.float64], dropped: NDArray[np.bool_], rules: ScoringRules
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what counts without the dropped items, scaled, and by what each paper's marks were scaled."""
    rest = np.where(dropped, 0.0, counted)
    before, after = counted.sum(axis=1), rest.sum(axis=1)
    factor = np.ones(counted.shape[0])
    if rules.dropped == "rescale":
        factor = np.divide(before, after, out=factor, where=(after > 0) & (after != before))
    return rest * factor[:, None], factor


def void_factor(
    responses: Responses, counted: NDArray[np.float64], credited: frozenset[str], rules: ScoringRules
) -> NDArray[np.float64]:
    """Return by what each person's marks are scaled for the answers that are void, (n_persons,): what the paper counts,
    over what it counts without them; 1 where nothing is left."""
    factor = np.ones(len(responses.persons))
    void = responses.answer == VOID
    if rules.void_answer != "rescale" or not void.any():
        return factor
    void &= ~np.isin(responses.items, list(credited))
    rows = np.flatnonzero(void.any(axis=1))
    worth = counted[responses.form[rows]]
    whole = worth.sum(axis=1)
    rest = (worth * ~void[rows]).sum(axis=1)
    factor[rows] = np.divide(whole, rest, out=np.ones(rows.size), where=rest > SLACK * np.maximum(whole, 1.0))
    return factor


def _tables(
    entry: Marking, labels: tuple[str, ...], forms: tuple[str, ...], counted: NDArray[np.float64], holds: NDArray[np.bool_],
    rules: ScoringRules, *, credited: bool,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:  # fmt: skip
    """Return share and marks, penalty and all, by paper and code of the answer; one row where all papers agree."""
    alike: dict[tuple[str, float, float], int] = {}
    shares: list[NDArray[np.float64]] = []
    points: list[NDArray[np.float64]] = []
    row_of = np.empty(len(forms), dtype=np.intp)
    rows: dict[tuple[str, float], tuple[NDArray[np.float64], NDArray[np.bool_]]] = {}
    for place, (form, worth) in enumerate(zip(forms, counted.tolist(), strict=True)):
        full = entry.marks_by_paper.get(form, entry.marks)
        which = (form if form in entry.by_paper else "", full)
        row_of[place] = alike.setdefault((*which, worth), len(alike))
        if row_of[place] < len(shares):
            continue
        if which not in rows:
            rows[which] = _row(entry, which[0], labels, full, rules, credited=credited)
        share, wrong = rows[which]
        taken = rules.penalty.get(entry.kind, 0.0) * wrong
        earned = (np.nan_to_num(share) - taken) * worth
        if worth and not credited:
            earned[NOT_MARKED + CODES] = np.nan
        shares.append(share)
        points.append(np.maximum(earned, 0.0) if rules.floor == "item" else earned)
    here = np.unique(row_of[holds]) if holds.any() else row_of[:1]
    return _agreed(np.array(shares), here, row_of), _agreed(np.array(points), here, row_of)


def _agreed(table: NDArray[np.float64], here: NDArray[np.intp], row_of: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return the one row in use where the rows of all papers that hold the item are equal, else the row of every paper."""
    first = table[here[0]]
    same = all(np.array_equal(table[row], first, equal_nan=True) for row in here[1:].tolist())
    return first[None] if same else table[row_of]


def _row(
    entry: Marking, paper: str, labels: tuple[str, ...], full: float, rules: ScoringRules, *, credited: bool
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the share by code of the answer, and which answers are wrong: given, and without any marks."""
    share = np.full(CODES + len(labels), np.nan)
    values = {"zero": 0.0, "full": 1.0, "not_seen": np.nan, "rescale": np.nan}
    for code, rule in ((OMITTED, rules.omitted), (NOT_REACHED, rules.not_reached), (VOID, rules.void_answer)):
        share[code + CODES] = values[rule]
    keys = accepted(entry, paper)
    earned = np.array([label_share(entry.kind, keys, label, full) for label in labels])
    if rules.item_step and full:
        down = np.floor(earned * full / rules.item_step + SLACK) * rules.item_step / full
        earned = np.where(earned < 1 - SLACK, down, earned)
    share[CODES:] = earned
    wrong = np.zeros(share.size, dtype=np.bool_)
    wrong[CODES:] = [share <= 0 and not label.startswith(MARKS_ONLY) for share, label in zip(earned, labels, strict=True)]
    if credited:
        share[np.arange(share.size) != NOT_SEEN + CODES] = 1.0
        wrong[:] = False
    return share, wrong


def _looked_up(table: NDArray[np.float64], form: NDArray[np.int16], code: NDArray[np.intp]) -> NDArray[np.float64]:
    return table[0].take(code) if table.shape[0] == 1 else table[form, code]


def _add(
    by_section: NDArray[np.float64], points: NDArray[np.float64], section: NDArray[np.intp], form: NDArray[np.int16]
) -> None:
    """Add the marks of one item to the section in which each person's paper has it."""
    found = np.unique(section[section >= 0])
    if found.size == 1:
        by_section[found[0]] += points
        return
    for number in found:
        by_section[number] += np.where(section[form] == number, points, 0.0)
