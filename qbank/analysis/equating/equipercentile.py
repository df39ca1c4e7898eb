"""Equipercentile equating: a score of one paper equals the score of the other with the same percentile rank.

A score at a point stands for the interval of half a step around it, over which persons are spread evenly; percentile
ranks and their inverse as in Kolen & Brennan (2014), eq. 2.14–2.18. Leading axes are replications.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from qbank.analysis.arrays import FloatArray, ratio
from qbank.analysis.equating.scores import Pairs, Scores


def cumulative(table: Scores) -> FloatArray:
    """Return the share of persons at or below each point, (..., n_points)."""
    upto = np.cumsum(table.counts, axis=-1)
    return ratio(upto, upto[..., -1:])


def percentile_rank(table: Scores, x: ArrayLike) -> FloatArray:
    """Return the percentile rank of each score as a share, (..., n_x): F(x − ½) + (x − x₋)·f; K&B (2014), eq. 2.14.

    x : (n_x,), or (..., n_x) where replications ask for scores of their own

    >>> from qbank.analysis.equating.scores import scores
    >>> percentile_rank(scores([0, 1, 2, 3, 4], [2, 3, 2, 2, 1]), [0, 1, 1.5, 4.5])
    array([0.1 , 0.35, 0.5 , 1.  ])
    """
    at = np.asarray(x, float)
    upto = cumulative(table)
    n_points = len(table.points)
    place = (at - table.points[0]) / table.step + 0.5
    cell = np.clip(np.floor(place), 0, n_points - 1).astype(np.intp)
    within = np.clip(place - cell, 0.0, 1.0)
    below = np.concatenate([np.zeros((*upto.shape[:-1], 1)), upto], axis=-1)
    if at.ndim <= 1:
        low, high = below[..., cell], below[..., cell + 1]
    else:
        low, high = np.take_along_axis(below, cell, -1), np.take_along_axis(below, cell + 1, -1)
    return np.asarray(low + within * (high - low))


def score_at(table: Scores, rank: ArrayLike) -> FloatArray:
    """Return the score with that percentile rank, (..., n_x); K&B (2014), eq. 2.17 and 2.18.

    The smallest point whose cumulative share exceeds the rank is taken; rank 0 gives half a step below the lowest point,
    rank 1 half a step above the highest.

    >>> from qbank.analysis.equating.scores import scores
    >>> score_at(scores([0, 1, 2, 3, 4], [2, 3, 2, 2, 1]), [0, 0.35, 1])
    array([-0.5,  1. ,  4.5])
    """
    upto = cumulative(table)
    asked = np.asarray(rank, float)
    shape = np.broadcast_shapes(upto.shape[:-1], asked.shape[:-1]) + asked.shape[-1:]
    rows = np.broadcast_to(upto, shape[:-1] + upto.shape[-1:]).reshape(-1, upto.shape[-1])
    wanted = np.broadcast_to(asked, shape).reshape(len(rows), -1)
    cell = np.empty(wanted.shape, np.intp)
    for number, (row, shares) in enumerate(zip(rows, wanted, strict=True)):
        cell[number] = row.searchsorted(shares, side="right")
    n_points = upto.shape[-1]
    inside = np.minimum(cell, n_points - 1)
    before = np.concatenate([np.zeros((len(rows), 1)), rows], axis=-1)
    low, high = np.take_along_axis(before, inside, -1), np.take_along_axis(before, inside + 1, -1)
    within = np.where(cell < n_points, np.nan_to_num(ratio(wanted - low, high - low)), 1.0)
    score = table.points[0] + table.step * (inside - 0.5 + within)
    score = np.where(wanted <= 0, table.points[0] - table.step / 2, score)
    score = np.where(wanted >= 1, table.points[-1] + table.step / 2, score)
    score = np.where(np.isnan(wanted) | np.isnan(rows[:, -1:]), np.nan, score)
    return np.asarray(score.reshape(shape))


def equipercentile(new: Scores, base: Scores, x: ArrayLike | None = None) -> FloatArray:
    """Return e(x) = G⁻¹(F(x)), (..., n_x), groups equivalent; K&B (2014), eq. 2.19.

    x : None asks for every score point of the new paper

    >>> from qbank.analysis.equating.scores import scores
    >>> equipercentile(scores([0, 1, 2, 3, 4], [4, 6, 4, 4, 2]), scores([0, 1, 2, 3, 4], [2, 4, 6, 4, 4])).round(2)
    array([0.5 , 1.67, 2.5 , 3.5 , 4.25])
    """
    return score_at(base, percentile_rank(new, new.points if x is None else x))


def chained_equipercentile(new: Pairs, base: Pairs, x: ArrayLike | None = None) -> FloatArray:
    """Return X → V in group 1, then V → Y in group 2, (..., n_x); K&B (2014), p. 146."""
    anchor = equipercentile(new.total, new.anchor, x)
    return score_at(base.total, percentile_rank(base.anchor, anchor))


def frequency_estimation(
    new: Pairs, base: Pairs, x: ArrayLike | None = None, *, weight: float | None = None
) -> FloatArray:
    """Return the equipercentile equivalents in the synthetic population, (..., n_x); K&B (2014), section 5.1."""
    return equipercentile(*synthetic_scores(new, base, weight), x)


def synthetic_scores(
    new: Pairs, base: Pairs, weight: float | None = None
) -> tuple[Scores, Scores]:
    """Return both papers' score distributions in the population w·group 1 + (1 − w)·group 2; K&B (2014), eq. 5.8, 5.9.

    f(x) = w f₁(x) + (1 − w) Σ f₁(x | v) h₂(v): the paper given the anchor is taken to be the same in both groups. Counts
    sum to w n₁ + (1 − w) n₂.
    An anchor score that nobody of a group has takes the distribution at the nearest one that somebody has.
    weight : of group 1, applied to shares of persons; None: its share of the persons. (The R package equate 2.0.9 applies
    it to counts: its w is w n₁ / (w n₁ + (1 − w) n₂) here.)
    """
    n_1, n_2 = new.n, base.n
    w1 = ratio(n_1, n_1 + n_2) if weight is None else np.full(n_1.shape, float(weight))
    whole = w1 * n_1 + (1 - w1) * n_2
    first, second = conditional(new), conditional(base)
    h_1 = ratio(new.counts.sum(axis=-2), n_1[..., None])
    h_2 = ratio(base.counts.sum(axis=-2), n_2[..., None])
    mixed = w1[..., None] * h_1 + (1 - w1[..., None]) * h_2
    f = np.einsum("...xv,...v->...x", first, mixed) * whole[..., None]
    g = np.einsum("...yv,...v->...y", second, mixed) * whole[..., None]
    return Scores(new.totals, f), Scores(base.totals, g)


def conditional(pairs: Pairs) -> FloatArray:
    """Return the distribution of the total given each anchor score, (..., n_totals, n_anchors)."""
    of_anchor = pairs.counts.sum(axis=-2, keepdims=True)
    given = np.nan_to_num(ratio(pairs.counts, of_anchor))
    lacking = of_anchor <= 0
    if not lacking.any():
        return given
    rows, missing = given.reshape(-1, *given.shape[-2:]), lacking.reshape(-1, lacking.shape[-1])
    for row, absent in zip(rows, missing, strict=True):
        known = np.flatnonzero(~absent)
        if len(known):
            for place in np.flatnonzero(absent):
                row[:, place] = row[:, known[np.argmin(np.abs(known - place))]]
    return rows.reshape(given.shape)
