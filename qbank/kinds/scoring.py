"""Answers → marks, with the marking that was printed or, where only the key was corrected since, the present one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from qbank.core.bank import Bank
from qbank.core.form import Form, FormItem, answer_places
from qbank.core.item import seen_part
from qbank.core.responses import NOT_REACHED, NOT_SEEN, OMITTED, VOID, WITHHELD, Responses
from qbank.kinds import KINDS
from qbank.kinds.questions import find_question


@dataclass(frozen=True, slots=True)
class Marking:
    """How an item of a sitting is marked now; ``corrected`` where its key was changed after printing.

    by_paper : what decides the marks on papers that hold another variant of a template than the first paper does
    """

    fingerprint: str
    kind: str
    marked: Mapping[str, object]
    marks: float
    corrected: bool
    by_paper: Mapping[str, Mapping[str, object]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scores:
    """share : (n_persons, n_items) of the item's marks, NaN where not seen, void or withheld ; marks : (n_items,) ;
    total : (n_persons,), NaN where the person's paper is void or withheld ; present : (n_persons,)"""

    share: NDArray[np.float64]
    marks: NDArray[np.float64]
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
            elif entry.variant != variants[entry.id]:
                first = found[entry.id]
                here = {form.id: _marking(entry, bank).marked}
                found[entry.id] = replace(first, by_paper={**first.by_paper, **here})
    return found


def _marking(entry: FormItem, bank: Bank | None) -> Marking:
    found = find_question(bank, entry.id, entry.variant) if bank else None
    # Marks that people have awarded stand: a rubric changed since is not the one that they had before them.
    if found is not None and not KINDS[entry.kind].rated:
        item, now = found
        if item.kind == entry.kind and seen_part(now) == seen_part(entry.fingerprint) and now != entry.fingerprint:
            return Marking(now, entry.kind, item.body.marked(), entry.marks, True)
    return Marking(entry.fingerprint, entry.kind, entry.marked, entry.marks, False)


def _credits(entry: Marking, marked: Mapping[str, object], labels: tuple[str, ...]) -> NDArray[np.float64]:
    """Return the share of the marks that each label earns: what is not everything is rounded down to half marks.

    Of 1 mark for 3 blanks, two filled rightly earn 0.5, one earns nothing.
    """
    credit = KINDS[entry.kind].credit
    halves = np.array([credit(marked, label) for label in labels] or [0.0]) * entry.marks * 2
    return np.asarray(np.floor(halves + 1e-9) / (entry.marks * 2))


def score(responses: Responses, marking: Mapping[str, Marking], credited: frozenset[str]) -> Scores:
    """Return marks for every answer, in steps of a half; omitted and not reached count 0.

    credited : items declared void, for which everybody who had them gets the marks
    """
    answer = responses.answer
    share = np.full(answer.shape, np.nan)
    marks = np.array([marking[id].marks for id in responses.items], dtype=np.float64)
    for column, id in enumerate(responses.items):
        entry = marking[id]
        given = answer[:, column]
        seen = given >= OMITTED
        earned = _credits(entry, entry.marked, responses.labels[column])[np.maximum(given, 0)]
        for paper, marked in entry.by_paper.items():
            had = responses.form == responses.forms.index(paper)
            earned[had] = _credits(entry, marked, responses.labels[column])[np.maximum(given[had], 0)]
        share[seen, column] = np.where(given[seen] >= 0, earned[seen], 0.0)
        share[given == NOT_REACHED, column] = 0.0
        if id in credited:
            share[(given != NOT_SEEN) & (given != VOID) & (given != WITHHELD), column] = 1.0
    present: NDArray[np.bool_] = np.logical_not(np.isin(answer, (VOID, WITHHELD)).any(axis=1))
    total = np.where(present, np.nansum(share * marks, axis=1), np.nan)
    return Scores(share, marks, total, present)
