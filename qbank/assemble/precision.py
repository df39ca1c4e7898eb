"""What errors of the parameters do to papers: how far their curves are from those that the estimates draw.

The parameters of an item are estimates with a standard error each. To first order (delta method) a function f of
slope a and difficulty b has the variance ``f_a² SE_a² + f_b² SE_b² + 2 f_a f_b r SE_a SE_b``. The ledger keeps the
two standard errors; their correlation r is that of the information matrix of the 2PL in the calibrated population
(Lord 1980, eq. 12-8, averaged over ability), and 0 for judged items. Items of other models have the covariance of their
values with them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.expected import item_information
from qbank.assemble.general import GeneralItems, information_error_variance, put, share_error_variance
from qbank.assemble.pool import Pool
from qbank.assemble.prior import judged_errors

Array = NDArray[np.float64]

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(41)


@dataclass(frozen=True, slots=True)
class EstimationError:
    """Standard errors of the largest kind between two papers, or of a single paper.

    score : marks, of the difference of expected scores ; information : share of the papers' mean information, of the
    difference of information
    """

    score: float
    information: float


def parameter_errors(pool: Pool) -> tuple[Array, Array, Array]:
    """Return standard errors of slope and difficulty and their correlation, each (n_items,).

    A slope without an error beside a difficulty with one was fixed by its model (Rasch). Where neither is known, the
    errors are those of judgement.
    """
    judged = judged_errors(pool.slope, pool.difficulty, mean=pool.ability_mean, sd=pool.ability_sd)
    known = np.isfinite(pool.difficulty_se)
    slope = np.where(known, np.nan_to_num(pool.slope_se, nan=0.0), judged[0])
    difficulty = np.where(known, pool.difficulty_se, judged[1])
    return slope, difficulty, np.where(pool.calibrated & known, _correlation(pool), 0.0)


def _correlation(pool: Pool) -> Array:
    theta = pool.ability_mean + pool.ability_sd * _NODES
    off = theta[None, :] - pool.difficulty[:, None]
    p = 1 / (1 + np.exp(-pool.slope[:, None] * off))
    weight = p * (1 - p) * (_WEIGHTS / _WEIGHTS.sum())
    slopes = (weight * off**2).sum(axis=1)
    difficulties = pool.slope**2 * weight.sum(axis=1)
    both = -pool.slope * (weight * off).sum(axis=1)
    scale = np.sqrt(slopes * difficulties)
    return np.asarray(-both / np.where(scale > 0, scale, 1.0))


def score_error(pool: Pool, theta: Array) -> Array:
    """Return the standard error of each item's expected share of its marks; shape (n_items, n_points).

    Of 2PL items ``P_a = P (1 − P) (θ − b)``, ``P_b = −a P (1 − P)``.
    """
    off, spread, _ = _curves(pool, theta)
    plain = _delta(pool, spread * off, -pool.slope[:, None] * spread)
    return _general(plain, pool, share_error_variance, theta)


def information_error(pool: Pool, theta: Array) -> Array:
    """Return the standard error of each item's information; shape (n_items, n_points).

    Of 2PL items ``I = a² P (1 − P)``: ``I_a = P (1 − P) (2 a + a² (1 − 2 P) (θ − b))``, ``I_b = −a³ P (1 − P) (1 − 2 P)``.
    """
    off, spread, lean = _curves(pool, theta)
    a = pool.slope[:, None]
    plain = _delta(pool, spread * (2 * a + a**2 * lean * off), -(a**3) * spread * lean)
    return _general(plain, pool, information_error_variance, theta)


def _general(plain: Array, pool: Pool, variance: Callable[[GeneralItems, Array], Array], theta: Array) -> Array:
    """Return errors with those of general items by their own model, where their covariance is known."""

    if not pool.general:
        return plain
    return np.asarray(np.sqrt(np.maximum(put(plain**2, pool.general, len(pool.ids), variance, theta), 0.0)))


def _curves(pool: Pool, theta: Array) -> tuple[Array, Array, Array]:
    off = theta[None, :] - pool.difficulty[:, None]
    p = 1 / (1 + np.exp(-pool.slope[:, None] * off))
    return off, p * (1 - p), 1 - 2 * p


def _delta(pool: Pool, by_slope: Array, by_difficulty: Array) -> Array:
    slope, difficulty, correlation = (values[:, None] for values in parameter_errors(pool))
    first, second = by_slope * slope, by_difficulty * difficulty
    variance = first**2 + second**2 + 2 * correlation * first * second
    return np.asarray(np.sqrt(np.maximum(variance, 0.0)))


def estimation_error(pool: Pool, marks: Array, theta: Array) -> EstimationError:
    """Return what errors of the parameters alone leave open between papers; marks : (n_forms, n_items), 0 where an
    item is not on the paper or not scored.

    The largest over the abilities and over all pairs of papers; what two papers share cancels. Of a single paper,
    what is not known of its own expected score and information.
    """
    scores, informations = score_error(pool, theta) ** 2, information_error(pool, theta) ** 2
    of_items = item_information(pool, theta)
    on = (marks > 0).astype(np.float64)
    pairs = list(combinations(range(len(marks)), 2))
    apart = [(marks[f] - marks[g], on[f] - on[g], (on[f] + on[g]) / 2) for f, g in pairs] or [(marks[0], on[0], on[0])]
    score = information = 0.0
    for mark, place, mean in apart:
        score = max(score, float(np.sqrt(mark**2 @ scores).max()))
        whole = mean @ of_items
        share = np.sqrt(place**2 @ informations) / np.where(whole > 0, whole, np.inf)
        information = max(information, float(share.max()))
    return EstimationError(score, information)
