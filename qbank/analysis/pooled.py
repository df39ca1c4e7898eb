"""Marks of persons who sat different papers, brought together: how far each is above what is expected of the paper sat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qbank.analysis.arrays import BoolArray, FloatArray, IntArray, column_deviations, ratio
from qbank.analysis.sitting import SittingData


@dataclass(frozen=True, slots=True, eq=False)
class Pooled:
    """Persons of different papers side by side; built by `pooled`.

    counted : (n_persons, n_items) marks that count on the paper sat ; above : (n_persons, n_items) marks above the mean of
    all who had the item, 0 where not counted ; expected : (n_persons,) marks of somebody of mean facility on every
    item of the paper sat ; full : (n_persons,) its marks ; n_items : (n_persons,) its items
    """

    counted: BoolArray
    above: FloatArray
    expected: FloatArray
    full: FloatArray
    n_items: IntArray

    @property
    def total(self) -> FloatArray:
        """Marks above what is expected of the paper sat, (n_persons,); they sum to 0."""
        return np.asarray(self.above.sum(axis=1))

    @property
    def share(self) -> FloatArray:
        """The same as a share of the marks of the paper, (n_persons,): what persons are ranked by."""
        return ratio(self.total, self.full)


def pooled(data: SittingData) -> Pooled:
    """Return the marks above expectation, item by item.

    The expectation of an item is the mean of its marks over all who had it, so that a paper of hard items costs nobody a
    rank. Where papers fall to persons by chance that is all that tells the papers apart; where they do not, what a paper's persons
    are able to is taken for the paper, as it is where papers are told apart and scores standardised within each.

    >>> from qbank.analysis.sitting import sitting_data
    >>> data = sitting_data("ab", [[1, np.nan], [0, np.nan], [np.nan, 0], [1, 1]], 1)
    >>> pooled(data).above.sum(axis=1).round(2).tolist(), pooled(data).expected.round(2).tolist()
    ([0.33, -0.67, -0.5, 0.83], [0.67, 0.67, 0.5, 1.17])
    """
    counted = ~np.isnan(data.marks)
    if not data.scored.all():
        counted &= data.scored[data.form]
    above = column_deviations(data.marks, counted)
    marks = np.where(counted, data.marks, 0.0)
    mean = np.nan_to_num(ratio(marks.sum(axis=0), counted.sum(axis=0)))
    return Pooled(counted, above, counted @ mean, counted @ data.marks_max, counted.sum(axis=1).astype(np.int64))


def pooled_rest(data: SittingData) -> FloatArray:
    """Return the criterion of every item: the share of the marks above expectation on the other items of the paper sat.

    Shape (n_persons, n_items), NaN where the item has no marks.
    """
    found = pooled(data)
    rest = found.total[:, None] - found.above
    full = found.full[:, None] - np.where(found.counted, data.marks_max, 0.0)
    return np.where(np.isnan(data.marks), np.nan, np.nan_to_num(ratio(rest, full)))


def pooled_total(data: SittingData) -> FloatArray:
    """Return the share of marks above expectation as every item's criterion, the item included; as `pooled_rest`."""
    return np.where(np.isnan(data.marks), np.nan, np.nan_to_num(pooled(data).share)[:, None])
