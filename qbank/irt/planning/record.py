"""Difficulties for planning, and what they lead one to expect."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qbank.irt.display import shown
from qbank.irt.models import FloatArray, IndexArray
from qbank.irt.parameters import frozen


@dataclass(frozen=True, slots=True)
class PlannedDifficulties:
    """Difficulties for planning, on the scale of the sitting: the ability of those who sat has mean 0.

    purpose         "planning": not for scores, cuts, drift or equating, which would judge persons by opinions
                    about items
    items, grades   (n_items,), a grade NaN where the item has none;  n_answers: (n_items,)
    fingerprints    the revision of each item that was answered, "" if unknown
    difficulties    (n_items,) posterior means of b;  errors: posterior standard deviations;  low, high: ends of
                    the interval that holds b with probability `confidence`
    facility        (n_items,) expected share of right answers among persons like these;  facility_low, _high
    by_grade        (n_items,) what the grade alone predicts: the posterior mean of level + step (grade − 3)
    level, step     posterior mean of the difficulty of grade 3 and of the step from grade to grade, each with its
                    standard deviation in level_error, step_error
    spread          posterior mean of tau, the standard deviation of difficulties within a grade;  spread_low,
                    spread_high: its interval
    ability_sd, ability_error    of those who sat
    converged       every maximum on the way was found
    """

    __repr__ = shown

    purpose: str
    confidence: float
    items: tuple[str, ...]
    fingerprints: tuple[str, ...]
    grades: FloatArray
    n_answers: IndexArray
    difficulties: FloatArray
    errors: FloatArray
    low: FloatArray
    high: FloatArray
    facility: FloatArray
    facility_low: FloatArray
    facility_high: FloatArray
    by_grade: FloatArray
    level: float
    level_error: float
    step: float
    step_error: float
    spread: float
    spread_low: float
    spread_high: float
    ability_sd: float
    ability_error: float
    n_persons: int
    converged: bool

    def __post_init__(self) -> None:
        for name in ("grades", "difficulties", "errors", "low", "high", "facility", "facility_low",
                     "facility_high", "by_grade"):  # fmt: skip
            object.__setattr__(self, name, frozen(getattr(self, name)))
        n_answers = np.array(self.n_answers, dtype=np.intp)
        n_answers.setflags(write=False)
        object.__setattr__(self, "n_answers", n_answers)


def planned_facility(plan: PlannedDifficulties, *, mean: float = 0.0, sd: float | None = None) -> FloatArray:
    """Return the expected share of right answers (n_items,) in a population, over what is not known about b.

    mean, sd : of ability, on the scale of the sitting; None: the sd of those who sat

    >>> from qbank.irt import shrink
    >>> plan = shrink([[1, 0], [0, 0], [1, 1]], [2, 4])
    >>> bool((planned_facility(plan, mean=1.0) > plan.facility).all())
    True
    """
    spread = plan.ability_sd if sd is None else sd
    if not spread >= 0:
        raise ValueError(f"the sd of ability must be 0 or more, found {spread}")
    return expected_chance(mean - plan.difficulties, np.hypot(plan.errors, spread))


def planned_information(plan: PlannedDifficulties, theta: ArrayLike) -> FloatArray:
    """Return the expected information P (1 − P) of each item at each theta, (n_items, n_theta), over b's posterior.

    theta : (n_theta,) on the scale of the sitting
    """
    nodes, weights = _rule()
    difficulty = plan.difficulties[:, None] + plan.errors[:, None] * nodes
    distance = np.atleast_1d(np.asarray(theta, np.float64))[:, None] - difficulty[:, None]
    chance = 1.0 / (1.0 + np.exp(-distance))
    information: FloatArray = (chance * (1.0 - chance)) @ weights
    return information


def _rule() -> tuple[FloatArray, FloatArray]:
    """Return nodes and weights of the standard normal distribution."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(31)
    return nodes, weights / weights.sum()


def expected_chance(mean: FloatArray, sd: FloatArray) -> FloatArray:
    """Return the mean of 1 / (1 + exp(−x)) for x ~ N(mean, sd^2)."""
    nodes, weights = _rule()
    chance: FloatArray = (1.0 / (1.0 + np.exp(-(mean[:, None] + sd[:, None] * nodes)))) @ weights
    return chance
