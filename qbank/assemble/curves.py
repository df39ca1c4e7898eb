"""What papers measure, ability by ability: expected score, information, error of measurement, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.expected import ability_at_cut
from qbank.assemble.general import (
    GeneralItems,
    expected_share,
    information,
    information_error_variance,
    put,
    rows_of,
    share_error_variance,
    share_variance,
)
from qbank.assemble.pool import Pool
from qbank.assemble.scene import Scene

Array = NDArray[np.float64]

REACH = 4.0
"""The curves are drawn so many ability SDs to either side of the mean of the population."""
N_THETA = 161


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """The papers at some abilities.

    theta : (n_theta,) ; expected_score : (n_forms, n_theta), marks ; information : (n_forms, n_theta), per θ² ;
    sem : (n_forms, n_theta), marks, conditional standard error of measurement ; score_error, information_error :
    (n_forms, n_theta), standard errors that the parameters' own leave, NaN unless all of a paper's items are
    calibrated ; difference_error : the same for a paper's expected score less the mean of the papers, in which what
    all papers share cancels
    """

    theta: Array
    expected_score: Array
    information: Array
    sem: Array
    score_error: Array
    information_error: Array
    difference_error: Array


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """grid : the papers over the whole range ; at_cut : at the ability where the papers' mean curve reaches the cut ;
    cut_ability : (n_forms,) where each paper's own curve reaches it"""

    grid: Curves
    at_cut: Curves
    cut_ability: Array


def measure(marks: Array, scene: Scene) -> Measured:
    """Return the curves of finished papers; marks : (n_forms, n_items), 0 where an item is not on it or not scored."""
    pool, blueprint = scene.pool, scene.blueprint
    reach = REACH * pool.ability_sd
    grid = np.linspace(pool.ability_mean - reach, pool.ability_mean + reach, N_THETA)
    own = np.array([_cut_ability(pool, row, blueprint.cut / blueprint.marks) for row in marks])
    return Measured(curves(pool, marks, grid), curves(pool, marks, np.array([scene.cut])), own)


def _cut_ability(pool: Pool, marks: Array, share: float) -> float:
    total = float(marks.sum())
    return ability_at_cut(pool, marks / total, share) if total else float("nan")


def curves(pool: Pool, marks: Array, theta: Array) -> Curves:
    """Return the curves of papers that carry these marks; marks : (n_forms, n_items), theta : (n_theta,).

    2PL items with ``P = 1 / (1 + exp(−a (θ − b)))`` that earn all of their marks m or none: expected score ``Σ m P``,
    its standard deviation at θ ``√(Σ m² P (1 − P))`` (the conditional SEM; less where marks are given in part), and
    information ``Σ a² P (1 − P)`` (Lord 1980, eq. 5-9). Errors of the parameters are carried over to first order,
    slope and difficulty taken as independent within and between items:
    ``Var P = (P (1 − P))² ((θ − b)² SE_a² + a² SE_b²)``. Items of other models have the expected share of their marks,
    its variance, their information and its error by their own model and the covariance of its values.
    """
    used = np.flatnonzero(marks.any(axis=0))
    marks = marks[:, used]
    a, b = pool.slope[used, None], pool.difficulty[used, None]
    off = theta[None, :] - b
    p = 1 / (1 + np.exp(-a * off))
    spread = p * (1 - p)
    slope_variance, difficulty_variance, known = _parameter_variance(pool, used)

    def general(values: Array, of: Callable[[GeneralItems, Array], Array]) -> Array:
        return put(values, pool.general, len(pool.ids), of, theta, used)

    score_variance = general(
        spread**2 * (off**2 * slope_variance + a**2 * difficulty_variance), share_error_variance
    )
    by_slope = spread * (2 * a + a**2 * (1 - 2 * p) * off)
    by_difficulty = a**3 * spread * (1 - 2 * p)
    information_variance = general(
        by_slope**2 * slope_variance + by_difficulty**2 * difficulty_variance, information_error_variance
    )
    item_information = general(a**2 * spread, information)
    p, spread = general(p, expected_share), general(spread, share_variance)
    on = (marks > 0).astype(np.float64)
    complete = ((marks == 0) | known).all(axis=1, keepdims=True)
    apart = marks - marks.mean(axis=0)
    return Curves(
        theta=theta,
        expected_score=marks @ p,
        information=on @ item_information,
        sem=np.sqrt(marks**2 @ spread),
        score_error=np.where(complete, np.sqrt(marks**2 @ score_variance), np.nan),
        information_error=np.where(complete, np.sqrt(on @ information_variance), np.nan),
        difference_error=np.where(complete.all(), np.sqrt(apart**2 @ score_variance), np.nan),
    )


def _parameter_variance(pool: Pool, used: NDArray[np.int64]) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Return the variances of slope and difficulty, (n_items, 1), 0 where unknown, and of which items they are known.

    A slope without an error beside a difficulty with one was fixed by its model (Rasch).
    """
    slope, difficulty = pool.slope_se[used], pool.difficulty_se[used]
    known = pool.calibrated[used] & np.isfinite(difficulty)
    if pool.general:
        own, general = np.ones(used.size, dtype=np.bool_), np.zeros(used.size, dtype=np.bool_)
        for rows, part in rows_of(pool.general, len(pool.ids), used):
            np.logical_and.at(own, rows, np.isfinite(part.covariance).all(axis=(1, 2)))
            general[rows] = True
        known = np.where(general, pool.calibrated[used] & own, known)
    slope = np.where(known & np.isfinite(slope), slope, 0.0)
    return slope[:, None] ** 2, np.where(known, np.nan_to_num(difficulty), 0.0)[:, None] ** 2, known
