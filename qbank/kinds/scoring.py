"""Answers → marks, with the marking that was printed or, where only the key was corrected since, the present one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from qbank.core.bank import Bank
from qbank.core.form import Form, FormItem, answer_places, full_marks
from qbank.core.item import seen_part
from qbank.core.responses import (
    NOT_REACHED,
    NOT_SEEN,
    OMITTED,
    VOID,
    WITHHELD,
    Responses,
    counted_answers,
    present,
)
from qbank.kinds import KINDS
from qbank.kinds.questions import find_question


@dataclass(frozen=True, slots=True)
class Marking:
    """How an item of a sitting is marked now; ``corrected`` where its key was changed after printing.

    marks : of a full answer, whether they count or not ; by_paper : what decides the marks on papers that hold another
    variant of a template than the first paper does ; marks_by_paper : on papers where a full answer is worth something
    else ; unscored_on : the papers on which the marks do not count
    """

    fingerprint: str
    kind: str
    marked: Mapping[str, object]
    marks: float
    corrected: bool
    by_paper: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    marks_by_paper: Mapping[str, float] = field(default_factory=dict)
    unscored_on: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Scores:
    """share : (n_persons, n_items) of the item's marks, NaN where not seen, void or withheld ; marks : (n_items,) of a
    full answer, on the first paper that holds the item ; counted : (n_forms, n_items) what a full answer adds to the
    marks of each paper, 0 where it is not scored ; total : (n_persons,), NaN where the person's paper is void or
    withheld ; present : (n_persons,)"""

    share: NDArray[np.float64]
    marks: NDArray[np.float64]
    counted: NDArray[np.float64]
    total: NDArray[np.float64]
    present: NDArray[np.bool_]


def markings(forms: tuple[Form, ...], bank: Bank | None) -> dict[str, Marking]:
    """Return for each item on the papers how it is marked: as printed, or by a key corrected since.

    Answers belong to what was seen: an item whose stem or options changed keeps the marking of its paper.
    """
    found: dict[str, Marking] = {}
    variants: dict[str, int] = {}
    for form in forms:
        for entry in answer_places(form):
            if entry.id not in found:
                found[entry.id], variants[entry.id] = _marking(entry, bank), entry.variant
            first = found[entry.id]
            if entry.variant != variants[entry.id]:
                here = {form.id: _marking(entry, bank).marked}
                first = replace(first, by_paper={**first.by_paper, **here})
            if full_marks(entry) != first.marks:
                first = replace(first, marks_by_paper={**first.marks_by_paper, form.id: full_marks(entry)})
            if not entry.scored:
                first = replace(first, unscored_on=first.unscored_on | {form.id})
            found[entry.id] = first
    return found


def _marking(entry: FormItem, bank: Bank | None) -> Marking:
    found = find_question(bank, entry.id, entry.variant) if bank else None
    # Marks that people have awarded stand: a rubric changed since is not the one that they had before them.
    if found is not None and not KINDS[entry.kind].rated:
        item, now = found
        if item.kind == entry.kind and seen_part(now) == seen_part(entry.fingerprint) and now != entry.fingerprint:
            return Marking(now, entry.kind, item.body.marked(), full_marks(entry), True)
    return Marking(entry.fingerprint, entry.kind, entry.marked, full_marks(entry), False)


def _credits(
    entry: Marking, marked: Mapping[str, object], labels: tuple[str, ...], marks: float
) -> NDArray[np.float64]:
    """Return the share of the marks that each label earns: what is not everything is rounded down to half marks.

    Of 1 mark for 3 blanks, two filled rightly earn 0.5, one earns nothing.
    """
    credit = KINDS[entry.kind].credit
    halves = np.array([credit(marked, label) for label in labels] or [0.0]) * marks * 2
    return np.asarray(np.floor(halves + 1e-9) / (marks * 2))


def score(responses: Responses, marking: Mapping[str, Marking], credited: frozenset[str]) -> Scores:
    """Return marks for every answer, in steps of a half; omitted and not reached count 0.

    credited : items declared void, for which everybody who had them gets the marks
    """
    answer = counted_answers(responses)
    share = np.full(answer.shape, np.nan)
    marks = np.array([marking[id].marks for id in responses.items], dtype=np.float64)
    for column, id in enumerate(responses.items):
        entry = marking[id]
        given = answer[:, column]
        seen = given >= OMITTED
        earned = _credits(entry, entry.marked, responses.labels[column], entry.marks)[np.maximum(given, 0)]
        for paper in {**entry.by_paper, **entry.marks_by_paper}:
            had = responses.form == responses.forms.index(paper)
            marked, full = entry.by_paper.get(paper, entry.marked), entry.marks_by_paper.get(paper, entry.marks)
            earned[had] = _credits(entry, marked, responses.labels[column], full)[np.maximum(given[had], 0)]
        share[seen, column] = np.where(given[seen] >= 0, earned[seen], 0.0)
        share[given == NOT_REACHED, column] = 0.0
        if id in credited:
            share[(given != NOT_SEEN) & (given != VOID) & (given != WITHHELD), column] = 1.0
    sat = present(responses)
    counted = np.array([[_counted(marking[id], form) for id in responses.items] for form in responses.forms])
    total = np.where(sat, np.nansum(share * counted[responses.form], axis=1), np.nan)
    return Scores(share, marks, counted, total, sat)


def _counted(entry: Marking, form: str) -> float:
    return 0.0 if form in entry.unscored_on else entry.marks_by_paper.get(form, entry.marks)
