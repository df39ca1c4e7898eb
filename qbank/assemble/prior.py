"""What judged difficulty says of an item before anybody has answered it.

Stated by this project, not by an authority: an item of judged grade 1…5 has a facility (share of right answers in
the population) around 0.88, 0.77, 0.65, 0.52, 0.40, with a standard deviation of 0.11 between items of one grade.
The discrimination is 1 / ability SD, and an item's own lies around it with a standard deviation of 30 %. Judgement orders items; it does not measure them, so every paper that rests on
it says so, with the interval that remains.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

GRADE_FACILITY: Final = {1: 0.88, 2: 0.77, 3: 0.65, 4: 0.52, 5: 0.40}
GRADE_FACILITY_SD: Final = 0.11
SLOPE_SD_SHARE: Final = 0.3

_RULE = np.polynomial.hermite_e.hermegauss(41)
_NODES: Array = np.asarray(_RULE[0], dtype=np.float64)
_WEIGHTS: Array = np.asarray(_RULE[1] / _RULE[1].sum(), dtype=np.float64)


def population_mean(of: Callable[[Array], Array], *, mean: float, sd: float) -> Array:
    """Return the mean over a normal population of what a function says at each ability, (n_theta,) → (n_items, n_theta)."""
    found: Array = np.sum(of(mean + sd * _NODES) * _WEIGHTS, axis=1)
    return found


def population_facility(a: Array, b: Array, *, mean: float, sd: float) -> Array:
    """Return the expected share of right answers of 2PL items in a normal population; shape (n_items,).

    ``∫ 1 / (1 + exp(−a (θ − b))) φ(θ; mean, sd) dθ`` by 41 Gauss–Hermite nodes.
    """
    return population_mean(lambda theta: 1 / (1 + np.exp(-a[:, None] * (theta - b[:, None]))), mean=mean, sd=sd)


def difficulty_for_facility(facility: Array, a: Array, *, mean: float, sd: float) -> Array:
    """Return the difficulty b at which items of slope a have the given facility, by bisection to 1e-12.

    >>> b = difficulty_for_facility(np.array([0.5]), np.array([1.0]), mean=0.0, sd=1.0)
    >>> bool(abs(b[0]) < 1e-9)
    True
    """
    low, high = np.full(facility.shape, -40.0), np.full(facility.shape, 40.0)
    for _ in range(60):
        middle = (low + high) / 2
        too_easy = population_facility(a, middle, mean=mean, sd=sd) > facility
        low, high = np.where(too_easy, middle, low), np.where(too_easy, high, middle)
    difficulty: Array = (low + high) / 2
    return difficulty


def judged_parameters(grade: NDArray[np.int64], *, mean: float, sd: float) -> tuple[Array, Array]:
    """Return slope and difficulty (n_items,) that the judged grades stand for in a population."""
    grades = np.array(sorted(GRADE_FACILITY))
    slope = np.full(grades.size, 1.0 / sd)
    facility = np.array([GRADE_FACILITY[int(g)] for g in grades])
    by_grade = difficulty_for_facility(facility, slope, mean=mean, sd=sd)
    index = grade - grades[0]
    return slope[index], by_grade[index]


def judged_errors(slope: Array, difficulty: Array, *, mean: float, sd: float) -> tuple[Array, Array]:
    """Return the standard errors of judged slopes and difficulties (n_items,).

    That of a difficulty is the SD of the facility over its change with the difficulty, ``|d facility / d b|`` =
    ``∫ a P (1 − P) φ``.

    >>> b = judged_errors(np.array([1.0]), np.array([0.0]), mean=0.0, sd=1.0)[1]
    >>> 0.4 < float(b[0]) < 0.7
    True
    """
    change = facility_change(slope, difficulty, mean=mean, sd=sd)
    return SLOPE_SD_SHARE * slope, GRADE_FACILITY_SD / np.maximum(change, 1e-6)


def facility_change(slope: Array, difficulty: Array, *, mean: float, sd: float) -> Array:
    """Return by how much the facility falls as the difficulty rises, ``|d facility / d b|``; (n_items,)."""
    step = 1e-4
    lower, upper = (population_facility(slope, difficulty + s, mean=mean, sd=sd) for s in (-step, step))
    return np.asarray((lower - upper) / (2 * step))
