"""What an item is held against: the score on the rest of the paper, and groups of persons by rank."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qbank.analysis.arrays import FloatArray, column_deviations, ratio
from qbank.analysis.pooled import pooled, pooled_rest, pooled_total
from qbank.analysis.sitting import SittingData

THIRDS = (0.0, 1 / 3, 2 / 3, 1.0)
KELLEY = (0.0, 0.27, 0.73, 1.0)


def paper_scores(data: SittingData) -> FloatArray:
    """Return each person's marks on the scored items of the paper sat, shape (n_persons,)."""
    scores: FloatArray = scored_marks(data).sum(axis=1)
    return scores


def scored_marks(data: SittingData) -> FloatArray:
    """Return the marks, 0 where there are none and on items that do not count on the paper sat, (n_persons, n_items)."""
    counts = ~np.isnan(data.marks)
    if not data.scored.all():
        counts &= data.scored[data.form]
    return np.where(counts, data.marks, 0.0)


def rest_scores(data: SittingData) -> FloatArray:
    """Return the criterion of every item: marks on the other scored items of the paper sat.

    Shape (n_persons, n_items), NaN where the item has no marks. An item that stands in several forms has
    its column standardised within each form (mean 0, variance 1 with n), so that persons of different
    papers can be pooled; the correlation within a single form does not notice. Where papers are too many for
    that (``data.pooled``) the criterion is `pooled_rest`.
    """
    if data.pooled:
        return pooled_rest(data)
    own = scored_marks(data)
    rest: FloatArray = own.sum(axis=1)[:, None] - own
    rest[np.isnan(data.marks)] = np.nan
    return within_form(data, rest)


def total_scores(data: SittingData) -> FloatArray:
    """Return the paper score as every item's criterion, the item included; shaped as `rest_scores`."""
    if data.pooled:
        return pooled_total(data)
    total = np.where(np.isnan(data.marks), np.nan, paper_scores(data)[:, None])
    return within_form(data, total)


def within_form(data: SittingData, criterion: FloatArray) -> FloatArray:
    """Return the criterion, columns of items that several forms share standardised within form."""
    shared = np.flatnonzero(data.in_form.sum(axis=0) > 1)
    if not len(shared):
        return criterion
    pooled = criterion.copy()
    for form in range(data.n_forms):
        persons = np.flatnonzero(data.form == form)
        block = criterion[np.ix_(persons, shared)]
        seen = ~np.isnan(block)
        deviations = column_deviations(block, seen)
        sd = np.sqrt(ratio((deviations**2).sum(axis=0), seen.sum(axis=0)))
        z = np.nan_to_num(ratio(deviations, sd))
        pooled[np.ix_(persons, shared)] = np.where(seen, z, np.nan)
    return pooled


def rank_weights(score: FloatArray, edges: Sequence[float]) -> FloatArray:
    """Return how much of each person belongs to each rank group, shape (n_persons, n_groups).

    edges : shares of the persons, from 0 to 1; groups hold exactly these shares and rows sum to 1. Persons
    with equal scores are divided equally over the places that they fill together: the mean over all orders
    of the tie. So no group is empty, no break can repeat, and the order of the rows does not matter.

    >>> rank_weights(np.array([1.0, 2.0, 2.0, 3.0]), (0, 0.5, 1))
    array([[1. , 0. ],
           [0.5, 0.5],
           [0.5, 0.5],
           [0. , 1. ]])
    """
    n_persons = len(score)
    if not n_persons:
        return np.zeros((0, len(edges) - 1))
    # Sums of decimal marks that should be equal differ in the last bits.
    _, level, counts = np.unique(np.round(score, 9), return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    first = last - counts
    bounds = n_persons * np.asarray(edges, float)
    overlap = np.minimum(last[:, None], bounds[1:]) - np.maximum(first[:, None], bounds[:-1])
    weights: FloatArray = (np.maximum(overlap, 0.0) / counts[:, None])[level.reshape(-1)]
    return weights


def group_weights(data: SittingData, edges: Sequence[float]) -> FloatArray:
    """Return `rank_weights` by paper score, formed within each form; by `Pooled.share` over all where forms are pooled."""
    if data.pooled:
        return rank_weights(np.nan_to_num(pooled(data).share), edges)
    score = paper_scores(data)
    weights = np.zeros((data.n_persons, len(edges) - 1))
    for form in range(data.n_forms):
        persons = data.form == form
        weights[persons] = rank_weights(score[persons], edges)
    return weights
