"""SIBTEST: the difference at equal *true* score on the other items, uniform or crossing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from qbank.analysis.arrays import FloatArray, ratio
from qbank.analysis.dif.mantel import chi2_p

LEAST_PERSONS = 5
FREQUENT = 0.01
"""The crossing is sought over strata in which the larger group is more than this share of all."""
Empty = Literal["zero", "skip"]


@dataclass(frozen=True, slots=True, eq=False)
class Sibtest:
    """Arrays of one value an item, NaN where there is none. Described at `sibtest`."""

    beta: FloatArray
    se: FloatArray
    chi2: FloatArray
    p: FloatArray
    crossing_beta: FloatArray
    crossing_chi2: FloatArray
    crossing_df: FloatArray
    crossing_p: FloatArray
    crossing_at: FloatArray
    persons_used: FloatArray


def sibtest(
    total: FloatArray, square: FloatArray, n: FloatArray, score: FloatArray, reliability: FloatArray, *,
    least: int = LEAST_PERSONS, empty: Empty = "zero",
) -> Sibtest:  # fmt: skip
    """Return the SIBTEST statistics of each item, reference minus focal, in units of the marks in ``total``.

    total, square, n : (n_items, 2, n_strata) by score on the matching items, the studied one not among them
    score : (n_items, n_strata), rising ; reliability : (n_items, 2) of the matching score in each group
    least : strata count only where both groups have more persons

    empty : what a neighbouring score counts for at which a group has nobody: "zero" takes its mean as 0, as the
    reference program does; "skip" leaves the stratum out, which is sounder in small samples (in large ones it is the same)

    Each group's mean at a score is carried to the true score that both groups share there, along the line through
    its neighbours (Shealy & Stout 1993; with the linear correction by Kelley's true score, eq. 21).
    beta = Σ w (Y*_R − Y*_F), w the share of all persons; se² = Σ w² (s²_R/n_R + s²_F/n_F); chi2 = (beta/se)², 1 df; positive where
    the item favours the reference. Strata at the lowest and highest score, with ``least`` persons or fewer in a group, or without variance in a
    group, are left out. Crossing (Li & Stout 1996; Chalmers 2018): the difference changes sign where its regression
    on the score crosses zero, crossing_at; crossing_beta = |β below| + |β above| in signs of its own,
    crossing_chi2 sums both sides' squares, 2 df where there is a crossing inside, else it is the uniform test.
    """
    n_items = len(n)
    out = np.full((10, n_items), np.nan)
    for item in range(n_items):
        held = n[item].sum(axis=0) > 0
        if not held.any():
            continue
        out[:, item] = _one(
            total[item][:, held], square[item][:, held], n[item][:, held], score[item][held], reliability[item],
            least, empty,
        )  # fmt: skip
    return Sibtest(*out)


def _one(
    total: FloatArray, square: FloatArray, n: FloatArray, score: FloatArray, reliability: FloatArray, least: int,
    empty: Empty,
) -> FloatArray:  # fmt: skip
    nothing = np.full(10, np.nan)
    mean = ratio(total, n)
    variance = ratio(square - n * np.nan_to_num(mean) ** 2, np.maximum(n - 1, 0))
    used = (n > least).all(axis=0) & (np.nan_to_num(variance) > 1e-12).all(axis=0)
    used &= (score > score.min()) & (score < score.max())
    centre = ratio((n * score).sum(axis=1), n.sum(axis=1))
    truth = centre[:, None] + reliability[:, None] * (score - centre[:, None])
    target = truth.mean(axis=0)
    place = np.flatnonzero(used)
    place = place[(place > 0) & (place < len(score) - 1)]
    if not len(place) or np.isnan(reliability).any():
        return nothing
    mean = np.nan_to_num(mean) if empty == "zero" else mean
    slope = ratio(mean[:, place + 1] - mean[:, place - 1], truth[:, place + 1] - truth[:, place - 1])
    adjusted = mean[:, place] + slope * (target[place] - truth[:, place])
    good = ~np.isnan(adjusted).any(axis=0)
    place, adjusted = place[good], adjusted[:, good]
    if not len(place):
        return nothing
    persons = n[:, place].sum(axis=0)
    weight = persons / persons.sum()
    gap = adjusted[0] - adjusted[1]
    error = (variance[:, place] / n[:, place]).sum(axis=0)
    beta, se = float(weight @ gap), float(np.sqrt(weight**2 @ error))
    chi2 = (beta / se) ** 2
    differences = np.zeros(len(score))
    differences[place] = gap
    frequent = (n.max(axis=0) > FREQUENT * n.sum()) & (n > 0).all(axis=0)
    at = _crossing(differences[frequent], score[frequent], n.max(axis=0)[frequent])
    below = score[place] < at if np.isfinite(at) else np.zeros(len(place), bool)
    uniform = np.array([beta, se, chi2, float(chi2_p(np.array(chi2), 1))])
    if not below.any() or below.all():
        return np.array([*uniform, abs(beta), chi2, 1.0, uniform[3], np.nan, persons.sum()])
    sides = [(weight[side] @ gap[side], weight[side] ** 2 @ error[side]) for side in (below, ~below)]
    crossing = float(sum(b**2 / v for b, v in sides))
    size = abs(sides[0][0] - sides[1][0])
    return np.array([*uniform, size, crossing, 2.0, float(chi2_p(np.array(crossing), 2)), at, persons.sum()])


def _crossing(gap: FloatArray, score: FloatArray, n: FloatArray) -> float:
    """Return the score at which the weighted regression of the difference on the score is zero."""
    if len(score) < 2:
        return float("nan")
    share = n / n.sum()
    x, y = score - share @ score, gap - share @ gap
    spread = float(share @ x**2)
    slope = float(share @ (x * y)) / spread if spread > 0 else 0.0
    return float(share @ score - (share @ gap) / slope) if slope else float("nan")
