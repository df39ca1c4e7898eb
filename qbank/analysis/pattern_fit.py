"""Person fit without a model: right answers to hard items beside wrong ones to easy items."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qbank.analysis.arrays import FloatArray, IntArray, ratio


@dataclass(frozen=True, slots=True, eq=False)
class PatternFit:
    """score, n_items : items right and items that count ; guttman, u3 : (n_persons,) 0 as the items' order asks, 1 the other way round ;
    ht : (n_persons,) 1 in one order with all others, 0 at random, below 0 against them ; NaN for all right and all wrong."""

    score: IntArray
    n_items: int
    guttman: FloatArray
    u3: FloatArray
    ht: FloatArray


def pattern_fit(right: ArrayLike) -> PatternFit:
    """Return how far each person's right and wrong answers are from the order of the items' facilities.

    right : (n_persons, n_items) 1 and 0, of persons who saw every item ; items that all or none got right say nothing and are left out

    guttman = pairs of a wrong answer to an easier and a right one to a harder item, over r(k − r), the most there can be
    (Guttman 1944; van der Flier 1977); u3 = (W(most) − W) / (W(most) − W(least)), W the sum of the logits of the facilities of the items
    right, most and least that of the r easiest and hardest (van der Flier 1982); ht = the covariance with the other persons over
    the highest that their scores allow (Sijtsma 1986), of persons who are neither all right nor all wrong. For sittings that are too small for a
    model; with one, `qbank.irt.person_fit` says more, with a distribution. Cost: linear in persons × items.

    >>> found = pattern_fit([[1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 1], [1, 1, 0, 0]])
    >>> found.guttman.tolist(), found.u3.round(2).tolist(), found.ht.round(2).tolist()
    ([0.0, 0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0, 0.0], [0.43, 0.33, 0.43, -1.0, 0.33])
    """
    given = np.asarray(right, float)
    if given.ndim != 2:
        raise ValueError(f"right must be persons by items, found shape {given.shape}")
    facility = given.mean(axis=0) if len(given) else np.zeros(given.shape[1])
    order = np.argsort(-facility, kind="stable")
    order = order[(facility[order] > 0) & (facility[order] < 1)]
    x, p = given[:, order], facility[order]
    n, k = x.shape
    score = x.sum(axis=1).astype(np.int64)
    nothing = np.full(n, np.nan)
    inside = (score > 0) & (score < k)
    if not inside.any():
        return PatternFit(score, k, nothing, nothing.copy(), nothing.copy())
    before = np.cumsum(1 - x, axis=1)
    guttman = ratio(np.einsum("pi,pi->p", x, before), score * (k - score))
    logit = np.log(p / (1 - p))
    up = np.concatenate([[0.0], np.cumsum(logit)])
    most, least = up[score], up[k] - up[k - score]
    u3 = ratio(most - x @ logit, most - least)
    return PatternFit(score, k, np.where(inside, guttman, np.nan), np.where(inside, u3, np.nan), _ht(x, score, inside))


def _ht(x: FloatArray, score: IntArray, inside: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> FloatArray:
    """Return Σ_w cov(v, w) / Σ_w cov_max(v, w), cov_max = r_low/k (1 − r_high/k); (n_persons,)."""
    k = x.shape[1]
    rows = x[inside]
    share = score[inside] / k
    others = rows.sum(axis=0) - rows
    covariance = np.einsum("pi,pi->p", rows, others) / k - share * others.mean(axis=1)
    persons = np.bincount(score[inside], minlength=k + 1).astype(float)
    at = np.arange(k + 1) / k
    below, above = np.cumsum(persons * at), np.cumsum((persons * (1 - at))[::-1])[::-1]
    # persons of lower or equal score bring r_w (1 − r_v), those above r_v (1 − r_w); the person himself is taken off
    highest = below * (1 - at) + at * np.concatenate([above[1:], [0.0]])
    own = share * (1 - share)
    out = np.full(len(x), np.nan)
    out[inside] = ratio(covariance, highest[score[inside]] - own)
    return out
