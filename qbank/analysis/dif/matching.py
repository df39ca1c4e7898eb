"""Counts at equal score where some items are kept out of the score: purification, the rest score."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from qbank.analysis.arrays import BoolArray, FloatArray, IntArray, ratio
from qbank.analysis.dif.counts import MatchedCounts, Strata, count, lost_share, stacked, strata_of
from qbank.analysis.dif.expected import score_above_expectation

MERGE_LEAST = 3


def matched_counts(
    marks: FloatArray, group: IntArray, *, n_groups: int = 2, marks_max: FloatArray | None = None,
    anchors: BoolArray | None = None, form: IntArray | None = None, lost_at_most: float = 1.0, own: bool = True,
    items: IntArray | None = None, expected: FloatArray | None = None,
) -> MatchedCounts:  # fmt: skip
    """Return the counts of each item by the score on the anchors, within form.

    marks : (n_persons, n_items) shares of full marks, NaN not seen or void (nothing in the score) ; group : (n_persons,)
    0 the reference ; marks_max : (n_items,) what full marks weigh in the score (None: 1 each)
    anchors : (n_items,) items of the score (None: all) ; own : whether the studied item is in the score (it is
    for Mantel–Haenszel and logistic regression: Holland & Thayer 1988; not for SIBTEST)
    lost_at_most : neighbouring scores are merged, each with at least three persons of every group, where a larger share of a group
    would meet nobody of another group at its score ; items : the items to count (None: all) ; expected : (n_items,) where persons sat
    different papers, the share that each item lets expect: scores are then `score_above_expectation`, and merged scores have three persons
    of every group who had the item, on average

    An item outside the anchors is matched on the anchors and itself.
    Cost: one pass over the persons for the anchors, and one for each item outside them.
    """
    n_items = marks.shape[1]
    wanted = np.arange(n_items) if items is None else items
    weight = np.ones(n_items) if marks_max is None else marks_max
    inside = np.ones(n_items, bool) if anchors is None else anchors
    score, moved = _scores(marks, weight, inside, expected)
    sparse = expected is not None
    parts: list[tuple[IntArray, MatchedCounts]] = []

    def counted(places: IntArray, matching: FloatArray) -> None:
        own_marks = marks[:, wanted[places]]
        strata = _strata(matching, group, n_groups, form, lost_at_most, own_marks if sparse else None)
        parts.append((places, count(own_marks, strata, group, n_groups)))

    # Which items share a score: those in it, where the own item counts; those outside it, where it does not.
    together = np.flatnonzero(inside[wanted] == own)
    if len(together):
        counted(together, score)
    for place in np.flatnonzero(inside[wanted] != own):
        item = int(wanted[place])
        counted(np.array([place]), moved(item, weight[item] if own else -weight[item]))
    return stacked(parts, len(wanted), n_groups)


def _scores(
    marks: FloatArray, weight: FloatArray, inside: BoolArray, expected: FloatArray | None
) -> tuple[FloatArray, Callable[[int, float], FloatArray]]:
    """Return the matching score on the anchors, and what gives it with an item of some weight more or less."""
    if expected is not None:
        found = score_above_expectation(marks, weight, inside, expected)
        return found.score, lambda item, worth: found.moved(marks[:, item], float(expected[item]), worth)
    score = np.nan_to_num(marks) @ np.where(inside, weight, 0.0)
    return score, lambda item, worth: score + np.nan_to_num(marks[:, item]) * worth


def _strata(
    score: FloatArray, group: IntArray, n_groups: int, form: IntArray | None, lost_at_most: float, sparse: FloatArray | None = None
) -> Strata:
    """Return the strata; sparse: marks of the items that are matched in them, where not everybody had them."""
    strata = strata_of(score, group, n_groups, form=form)
    if lost_at_most >= 1:
        return strata
    if sparse is None:
        lost, least = lost_share(strata, group, n_groups), MERGE_LEAST
    else:
        lost, least = lost_share_of_items(sparse, strata, group, n_groups), sparse_least(sparse)
    return strata_of(score, group, n_groups, form=form, least=least) if lost > lost_at_most else strata


def sparse_least(marks: FloatArray) -> int:
    """Return how many persons of a group a merged score must have, so that three of them had an item on average."""
    had = float((~np.isnan(marks)).mean()) if marks.size else 0.0
    return math.ceil(MERGE_LEAST / had) if had > 0 else MERGE_LEAST


def lost_share_of_items(marks: FloatArray, strata: Strata, group: IntArray, n_groups: int) -> float:
    """Return the largest share of a group that meets nobody of another group who had the item at its score, over all items.

    marks : (n_persons, n_items) NaN not seen ; where everybody had all items this is `lost_share`
    """
    n = count(marks, strata, group, n_groups).n
    alone = (n > 0).sum(axis=1, keepdims=True) < 2
    shares = ratio((n * alone).sum(axis=(0, 2)), n.sum(axis=(0, 2)))
    return float(np.nanmax(shares, initial=0.0))


def item_strata(
    marks: FloatArray, group: IntArray, item: int, *, n_groups: int = 2, marks_max: FloatArray | None = None,
    anchors: BoolArray | None = None, form: IntArray | None = None, lost_at_most: float = 1.0, expected: FloatArray | None = None,
) -> Strata:  # fmt: skip
    """Return the strata in which `matched_counts` matches one item, for statistics that need its single marks."""
    n_items = marks.shape[1]
    inside = np.ones(n_items, bool) if anchors is None else anchors
    weight = np.ones(n_items) if marks_max is None else marks_max
    score, moved = _scores(marks, weight, inside, expected)
    matching = score if inside[item] else moved(item, weight[item])
    return _strata(matching, group, n_groups, form, lost_at_most, None if expected is None else marks[:, [item]])


def rest_counts(counts: MatchedCounts, marks_max: FloatArray) -> MatchedCounts:
    """Return the counts by the score without the studied item, from those with it; right/wrong items, scores not merged.

    marks_max : (n_items,) what each item adds to the score. All items must share their strata.
    Who was right moves down by the item's marks, who was wrong stays: no second pass over the persons.
    """
    parts: list[tuple[IntArray, MatchedCounts]] = []
    for weight in np.unique(marks_max):
        items = np.flatnonzero(marks_max == weight)
        score, form = counts.score[items[0]], counts.form[items[0]]
        places = np.column_stack([np.tile(form, 2), np.round(np.concatenate([score, score - weight]), 9)])
        levels, index = np.unique(places, axis=0, return_inverse=True)
        stays, moves = index.reshape(2, -1)
        shape = (len(items), counts.n.shape[1], len(levels))
        n, total = np.zeros(shape), np.zeros(shape)
        n[..., stays] = counts.n[items] - counts.total[items]
        n[..., moves] += counts.total[items]
        total[..., moves] = counts.total[items]
        own_score = np.broadcast_to(levels[:, 1], (len(items), len(levels))).copy()
        own_form = np.broadcast_to(levels[:, 0].astype(np.int64), (len(items), len(levels))).copy()
        parts.append((items, MatchedCounts(n, total, total.copy(), own_score, own_form, counts.merged[items])))
    return stacked(parts, counts.n_items, counts.n.shape[1])


def rest_reliability(marks: FloatArray, group: IntArray, *, n_groups: int = 2, marks_max: FloatArray | None = None,
                     anchors: BoolArray | None = None) -> FloatArray:  # fmt: skip
    """Return Cronbach's α of the anchors without the item, in each group, shape (n_items, n_groups); NaN for one anchor."""
    n_items = marks.shape[1]
    inside = np.ones(n_items, bool) if anchors is None else anchors
    weight = np.ones(n_items) if marks_max is None else marks_max
    out = np.full((n_items, n_groups), np.nan)
    for word in range(n_groups):
        values = np.nan_to_num(marks[group == word]) * weight
        if len(values) < 2:
            continue
        values = np.where(inside, values - values.mean(axis=0), 0.0)
        covariance = values.T @ values / (len(values) - 1)
        own = np.diagonal(covariance)
        q = inside.sum() - inside
        whole = covariance.sum() - 2 * covariance.sum(axis=1) + own
        whole = np.where(whole > 1e-12, whole, 0.0)
        out[:, word] = np.where(q > 1, ratio(q, q - 1) * (1 - ratio(own.sum() - own, whole)), np.nan)
    return out
