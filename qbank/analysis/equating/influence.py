"""Standard errors of equipercentile equating: Lord's (1982) formula, and the delta method over the cells of the tables.

Each method's equated score moves with the share of persons in each cell; those derivatives and the covariance of the
shares, multinomial or of a fitted log-linear model (Holland & Thayer 1987), give the error; K&B (2014), section 7.3.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from qbank.analysis.arrays import FloatArray, ratio
from qbank.analysis.equating.equipercentile import (
    conditional,
    cumulative,
    equipercentile,
    percentile_rank,
    score_at,
    synthetic_scores,
)
from qbank.analysis.equating.loglinear import LogLinear, smoothed_covariance
from qbank.analysis.equating.scores import Pairs, Scores


def lord_errors(new: Scores, base: Scores, x: ArrayLike | None = None) -> FloatArray:
    """Return standard errors for equivalent groups, (n_x,); Lord (1982), K&B (2014), eq. 7.12.

    {P(1 − P)(n + m)/(nm) − (G_U − P)(P − G_L)/(m (G_U − G_L))} / (G_U − G_L)², P the percentile rank, G_L and G_U the
    cumulative shares of the base paper below and at the equated point. 0 where the rank is 0 or 1.

    >>> from qbank.analysis.equating.scores import scores
    >>> lord_errors(scores([0, 1, 2], [25, 50, 25]), scores([0, 1, 2], [25, 50, 25])).round(3)
    array([0.158, 0.122, 0.158])
    """
    rank = percentile_rank(new, new.points if x is None else x)
    upto = cumulative(base)
    cell = np.minimum(upto.searchsorted(rank, side="right"), len(upto) - 1)
    high, low = upto[cell], np.concatenate([[0.0], upto])[cell]
    share = high - low
    n, m = new.n, base.n
    inner = rank * (1 - rank) * ratio(n + m, n * m) - ratio((high - rank) * (rank - low), m * share)
    inside = (rank > 0) & (rank < 1)
    return np.asarray(np.where(inside, np.sqrt(np.maximum(ratio(inner, share**2), 0.0)), 0.0))


def equipercentile_errors(
    new: Scores,
    base: Scores,
    x: ArrayLike | None = None,
    *,
    fits: tuple[LogLinear, LogLinear] | None = None,
) -> FloatArray:
    """Return standard errors for equivalent groups by the delta method over cells, (n_x,).

    new, base : what was equated (fitted counts where ``fits`` are given: the models whose error it is)
    """
    at = new.points if x is None else np.asarray(x, float)
    y = equipercentile(new, base, at)
    slope = density(base, y)[:, None]
    return _error(new.counts, base.counts, ratio(below(new, at), slope), ratio(-below(base, y), slope), fits)


def chained_errors(
    new: Pairs, base: Pairs, x: ArrayLike | None = None, *, fits: tuple[LogLinear, LogLinear] | None = None
) -> FloatArray:
    """Return standard errors of chained equipercentile equating by the delta method over cells, (n_x,)."""
    at = new.totals if x is None else np.asarray(x, float)
    v = equipercentile(new.total, new.anchor, at)
    y = score_at(base.total, percentile_rank(base.anchor, v))
    passed = ratio(density(base.anchor, v), density(new.anchor, v))[:, None, None]
    first = passed * (below(new.total, at)[:, :, None] - below(new.anchor, v)[:, None, :])
    second = below(base.anchor, v)[:, None, :] - below(base.total, y)[:, :, None]
    slope = density(base.total, y)[:, None]
    cells = len(at), -1
    return _error(
        new.counts, base.counts, ratio(first.reshape(cells), slope), ratio(second.reshape(cells), slope), fits
    )


def frequency_errors(
    new: Pairs,
    base: Pairs,
    x: ArrayLike | None = None,
    *,
    weight: float | None = None,
    fits: tuple[LogLinear, LogLinear] | None = None,
) -> FloatArray:
    """Return standard errors of frequency estimation by the delta method over cells, (n_x,)."""
    at = new.totals if x is None else np.asarray(x, float)
    w = float(new.n / (new.n + base.n)) if weight is None else weight
    f, g = synthetic_scores(new, base, w)
    y = equipercentile(f, g, at)
    h_1, h_2 = new.anchor.counts / new.n, base.anchor.counts / base.n
    of_x, of_y = below(new.total, at)[:, :, None], below(base.total, y)[:, :, None]
    given_x = np.einsum("axk,xv->av", of_x, conditional(new))[:, None, :]
    given_y = np.einsum("ayk,yv->av", of_y, conditional(base))[:, None, :]
    first = w * of_x + (1 - w) * np.nan_to_num(ratio(h_2, h_1)) * (of_x - given_x) - w * given_y
    second = (1 - w) * given_x - (1 - w) * of_y - w * np.nan_to_num(ratio(h_1, h_2)) * (of_y - given_y)
    slope = density(g, y)[:, None]
    cells = len(at), -1
    return _error(
        new.counts, base.counts, ratio(first.reshape(cells), slope), ratio(second.reshape(cells), slope), fits
    )


def below(table: Scores, at: FloatArray) -> FloatArray:
    """Return how much of each point's interval lies below each score, (n_at, n_points), between 0 and 1."""
    place = (at[:, None] - table.points[0]) / table.step + 0.5
    return np.asarray(np.clip(place - np.arange(len(table.points)), 0.0, 1.0))


def density(table: Scores, at: FloatArray) -> FloatArray:
    """Return the share of persons a mark at each score, (n_at,); 0 outside the table."""
    place = np.floor((at - table.points[0]) / table.step + 0.5)
    inside = (place >= 0) & (place < len(table.points)) & np.isfinite(place)
    cell = np.where(inside, place, 0).astype(np.intp)
    return np.asarray(np.where(inside, table.counts[cell] / table.n / table.step, 0.0))


def _error(
    counts_1: FloatArray,
    counts_2: FloatArray,
    first: FloatArray,
    second: FloatArray,
    fits: tuple[LogLinear, LogLinear] | None,
) -> FloatArray:
    variance = np.zeros(len(first))
    for number, (counts, moved) in enumerate(((counts_1, first), (counts_2, second))):
        n = float(counts.sum())
        if fits is not None:
            variance = variance + ((moved @ smoothed_covariance(fits[number], n)) ** 2).sum(axis=1)
        else:
            share = counts.reshape(-1) / n
            variance = variance + np.maximum((moved**2) @ share - (moved @ share) ** 2, 0.0) / n
    return np.asarray(np.sqrt(variance))
