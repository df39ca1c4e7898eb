"""What a way of marking makes of a sitting: who passes, how repeatable the scores are, how one item does."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from qbank.analysis.arrays import read_only
from qbank.analysis.classical import item_table
from qbank.analysis.decisions import passed
from qbank.analysis.reliability import complete_marks, cronbach_alpha, reliability_table
from qbank.analysis.sitting import SittingData

NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Outcome:
    """n : persons ; n_passed, rate : at the cut, NaN without one ; mean : of the totals ; alpha, sem : of the papers that
    hold the item, averaged over them by persons, the SEM by its square, in marks of the total, or of all papers where
    forms are pooled ; facility, item_rest : of the item, NaN where they do not exist"""

    n: int
    n_passed: int
    rate: float
    mean: float
    alpha: float
    sem: float
    facility: float
    item_rest: float


def outcome(data: SittingData, item: str) -> Outcome:
    """Return what the marking of a sitting comes to, and how an item does under it.

    alpha of Cronbach (1951) over the items that count; SEM = s·√(1 − alpha), s the SD (n − 1) of the totals that decide,
    which were scaled and rounded. Where forms are pooled, as in `reliability_table`. Cost: a pass over the marks.

    >>> from qbank.analysis.sitting import sitting_data
    >>> found = outcome(sitting_data(["a", "b", "c"], [[1, 1, 1], [1, 1, 0], [1, 0, 0], [0, 0, 0]], [1, 1, 1], cut=2), "a")
    >>> found.n_passed, found.mean, round(found.alpha, 3), found.facility
    (2, 1.5, 0.75, 0.75)
    """
    column = data.items.index(item)
    everyone = np.ones(data.n_persons, bool)
    n_passed = int((passed(data) & everyone).sum())
    if data.pooled:
        worth = reliability_table(data).row(0, named=True)
        alpha, sem = float(worth["alpha"]), float(worth["sem"])
        table = item_table(data).row(column, named=True)
    else:
        alpha, sem = _of_papers(data, column)
        table = item_table(_alone(data, column)).row(0, named=True)
    n = data.n_persons
    return Outcome(
        n=n, n_passed=n_passed, rate=n_passed / n if n and np.isfinite(data.cut) else NAN,
        mean=float(data.total.mean()) if n else NAN, alpha=alpha, sem=sem,
        facility=float(table["facility"]), item_rest=float(table["item_rest"]),
    )  # fmt: skip


def _of_papers(data: SittingData, column: int) -> tuple[float, float]:
    """Return alpha and SEM of the papers that hold an item, averaged over them by persons; NaN where there are none."""
    alphas, squares, persons = [], [], []
    for form in np.flatnonzero(data.in_form[:, column]).tolist():
        marks, _ = complete_marks(data, form)
        alpha = cronbach_alpha(marks)
        total = data.total[data.form == form]
        if len(total) > 1 and np.isfinite(alpha):
            alphas.append(alpha)
            squares.append(float(total.var(ddof=1)) * max(1 - alpha, 0.0))
            persons.append(len(total))
    if not persons:
        return NAN, NAN
    return float(np.average(alphas, weights=persons)), float(np.sqrt(np.average(squares, weights=persons)))


def _alone(data: SittingData, column: int) -> SittingData:
    """Return the sitting as one item beside the sum of the others: the tables of the one cost no more than that."""
    marks = np.where(data.scored[data.form] & data.in_form[data.form], np.nan_to_num(data.marks), 0.0)
    rest = marks.sum(axis=1) - marks[:, column]
    return replace(
        data, items=(data.items[column], "rest of the paper"), marks=read_only(np.column_stack([data.marks[:, column], rest])),
        marks_max=read_only(np.array([data.marks_max[column], max(float(rest.max(initial=0.0)), 1.0)])),
        answer=read_only(np.column_stack([data.answer[:, column], np.zeros(data.n_persons, np.int16)])),
        labels=((), ()), key=(frozenset(), frozenset()), choice=read_only(np.zeros(2, bool)),
        scored=read_only(np.column_stack([data.scored[:, column], np.ones(data.n_forms, bool)])),
        in_form=read_only(np.column_stack([data.in_form[:, column], np.ones(data.n_forms, bool)])),
        strata=(), held=read_only(np.zeros(2, bool)),
    )  # fmt: skip
