"""Sum scores: how they are distributed at each ability, and what ability each stands for."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm

import numpy as np
from numpy.typing import ArrayLike

from qbank.irt.display import shown
from qbank.irt.likelihood import quadrature
from qbank.irt.models import NOT_SEEN, FloatArray, IndexArray, Mask
from qbank.irt.parameters import ItemParameters, first_rows, frozen, log_probability_table
from qbank.irt.scoring.information import weights_of
from qbank.irt.scoring.population import MeanAndSd, Source, answers_to, parameters_of, population

LARGEST_DENOMINATOR = 1000
MOST_SCORES = 100_000


@dataclass(frozen=True, slots=True)
class SumScores:
    """A table with a row for each sum score that can be reached, arrays (n_scores,).

    score         in marks
    theta         its EAP: mean of the posterior of ability given the sum score;  errors: the posterior's sd
    probability   of the score in the population
    observed      persons who have it;  expected: probability times n_persons
    n_persons     persons with a score of every item that counts
    row           (all persons,) the row of each person's score, −1 for who lacks an item
    reliability   of theta: 1 - mean of errors^2 / variance of ability
    """

    __repr__ = shown

    score: FloatArray
    theta: FloatArray
    errors: FloatArray
    probability: FloatArray
    observed: FloatArray
    expected: FloatArray
    n_persons: int
    row: IndexArray
    reliability: float

    def __post_init__(self) -> None:
        for name in ("score", "theta", "errors", "probability", "observed", "expected"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    @property
    def residuals(self) -> FloatArray:
        """(observed - expected) / sqrt(expected), (n_scores,)."""
        off = self.observed - self.expected
        found: FloatArray = np.full(off.size, np.nan)
        return np.divide(off, np.sqrt(self.expected), out=found, where=self.expected > 0)


def score_sums(
    source: Source,
    *,
    scores: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    ability: MeanAndSd | None = None,
    group: str | None = None,
    n_nodes: int = 61,
) -> SumScores:
    """Return the EAP of every sum score; Thissen, Pommerich, Billeaud & Williams (1995).

    scores : (n_persons, n_items), category, −1 not seen, whose sums are counted; None: nobody
    weights : (n_items,) marks that a category more brings, fractions of a common unit (0.5, 1, 2), 0 leaves an
        item out; None: 1
    ability : mean and sd; None takes the calibration's own weights, or N(0, 1) for bare parameters
    group : whose distribution of ability, when the calibration has groups
    Items without parameters do not count.

    >>> from qbank.irt import item_parameters
    >>> items = item_parameters("rasch", a=[1.0, 1.0], b=[-1.0, 1.0])
    >>> table = score_sums(items, weights=[1.0, 0.5])
    >>> table.score
    array([0. , 0.5, 1. , 1.5])
    >>> table.theta.round(3) + 0.0
    array([-0.736,  0.   ,  0.   ,  0.736])
    """
    parameters = parameters_of(source)
    counted, weight = weights_of(parameters, weights)
    points, unit = whole_weights(weight[counted])
    people = population(source, ability, None if group is None else [group], 1, quadrature(n_nodes))
    at_nodes, reached = _distribution(parameters, counted, points, people.nodes)
    joint = at_nodes * np.exp(people.log_weights(people.index)[0])
    probability = joint.sum(axis=1)
    possible = probability > 0
    posterior = joint / np.where(possible, probability, 1.0)[:, None]
    theta = np.where(possible, posterior @ people.nodes, np.nan)
    squares = (posterior * (people.nodes - np.where(possible, theta, 0.0)[:, None]) ** 2).sum(axis=1)
    errors = np.where(possible, np.sqrt(squares), np.nan)
    row = _rows(parameters, counted, points, reached, scores)
    observed = np.bincount(row[row >= 0], minlength=reached.size).astype(np.float64)
    prior = probability[possible] @ theta[possible]
    between = probability[possible] @ (theta[possible] - prior) ** 2
    within = probability[possible] @ squares[possible]
    return SumScores(
        score=np.asarray(reached * unit, np.float64),
        theta=theta,
        errors=errors,
        probability=probability,
        observed=observed,
        expected=probability * observed.sum(),
        n_persons=int(observed.sum()),
        row=row,
        reliability=float(between / (between + within)) if between + within > 0 else float("nan"),
    )


def sum_score_distribution(
    probabilities: Sequence[FloatArray] | FloatArray, points: Sequence[int] | None = None
) -> FloatArray:
    """Return the probability of each sum score at each node, (largest score + 1, n_nodes); Lord & Wingersky (1984).

    probabilities : for each item (n_categories, n_nodes) of its categories, or (n_nodes,) of a right answer
    points : whole points that a category more of each item brings; None: 1. Polytomous items as in Hanson (1994).
    Cost: items times scores times nodes.

    >>> sum_score_distribution(np.array([[0.5], [0.5]])).ravel()
    array([0.25, 0.5 , 0.25])
    >>> sum_score_distribution([np.array([[0.2], [0.3], [0.5]])], points=[2]).ravel()
    array([0.2, 0. , 0.3, 0. , 0.5])
    """
    steps = [1] * len(probabilities) if points is None else [int(step) for step in points]
    given = [np.asarray(p, dtype=np.float64) for p in probabilities]
    items = [p if p.ndim == 2 else np.stack((1.0 - p, p)) for p in given]
    n_nodes = items[0].shape[1] if items else 1
    if any(p.shape[1] != n_nodes for p in items):
        raise ValueError(f"all items need probabilities at equally many nodes, found {sorted({p.shape[1] for p in items})}")
    distribution = np.zeros((1 + sum(s * (p.shape[0] - 1) for s, p in zip(steps, items, strict=True)), n_nodes))
    distribution[0] = 1.0
    top = 0
    for step, item in zip(steps, items, strict=True):
        before = distribution[: top + 1].copy()
        distribution[: top + 1] *= item[0]
        for category in range(1, item.shape[0]):
            distribution[category * step : category * step + top + 1] += before * item[category]
        top += step * (item.shape[0] - 1)
    return distribution


def whole_weights(weights: FloatArray) -> tuple[IndexArray, float]:
    """Return the weights as whole multiples of the largest unit that they have in common, and that unit.

    >>> whole_weights(np.array([0.5, 1.0, 2.5]))
    (array([1, 2, 5]), 0.5)
    """
    exact = [Fraction(float(weight)).limit_denominator(LARGEST_DENOMINATOR) for weight in weights]
    for weight, fraction in zip(weights, exact, strict=True):
        if abs(float(fraction) - weight) > 1e-9 * max(1.0, abs(weight)):
            raise ValueError(f"weight {weight} is no fraction of a unit that is at least 1/{LARGEST_DENOMINATOR}")
    denominator = lcm(*(fraction.denominator for fraction in exact)) if exact else 1
    whole = [int(fraction * denominator) for fraction in exact]
    common = gcd(*whole) or 1
    return np.array([value // common for value in whole], dtype=np.intp), common / denominator


def sem_of_conversion(
    source: Source, theta: ArrayLike, conversion: ArrayLike, *, weights: ArrayLike | None = None
) -> FloatArray:
    """Return the conditional standard error of reported scores at each theta; Kolen, Zeng & Hanson (1996).

    conversion : the reported score of each row of `score_sums` (with the same weights)
    sqrt(sum over sum scores of (reported - expected)^2 P(sum score | theta)).

    >>> from qbank.irt import item_parameters, sem_of_score
    >>> items = item_parameters("rasch", a=[1.0] * 4, b=[0.0] * 4)
    >>> sem_of_conversion(items, [0.0], [0.0, 25.0, 50.0, 75.0, 100.0]), sem_of_score(items, [0.0])
    (array([25.]), array([1.]))
    """
    parameters = parameters_of(source)
    counted, weight = weights_of(parameters, weights)
    points, _ = whole_weights(weight[counted])
    at_nodes, reached = _distribution(parameters, counted, points, np.asarray(theta, np.float64))
    reported = np.asarray(conversion, dtype=np.float64)
    if reported.shape != (reached.size,):
        raise ValueError(
            f"conversion must have one value for each of {reached.size} sum scores, found shape {reported.shape}"
        )
    mean = reported @ at_nodes
    return np.asarray(np.sqrt((at_nodes * (reported[:, None] - mean) ** 2).sum(axis=0)))


def _distribution(
    parameters: ItemParameters, counted: Mask, points: IndexArray, nodes: FloatArray
) -> tuple[FloatArray, IndexArray]:
    """Return the probability of each sum score that can be reached at each node, and these scores in units."""
    first = first_rows(parameters.n_categories)
    table = np.exp(log_probability_table(parameters, nodes))
    items = [table[first[item] : first[item + 1]] for item in np.flatnonzero(counted)]
    most = sum(int(step) * (item.shape[0] - 1) for step, item in zip(points, items, strict=True))
    if most > MOST_SCORES:
        raise ValueError(f"the weights give {most} sum scores, more than {MOST_SCORES}: give coarser ones")
    found = sum_score_distribution(items, points.tolist())
    found = np.broadcast_to(found, (found.shape[0], nodes.size))
    possible = np.zeros(most + 1, dtype=bool)
    possible[0] = True
    for step, item in zip(points, items, strict=True):
        before = possible.copy()
        for category in range(1, item.shape[0]):
            possible[category * step :] |= before[: most + 1 - category * step]
    reached = np.flatnonzero(possible)
    return found[reached], reached


def _rows(
    parameters: ItemParameters, counted: Mask, points: IndexArray, reached: IndexArray, scores: ArrayLike | None
) -> IndexArray:
    """Return the row of each person's sum score, −1 for a person who lacks an item that counts."""
    if scores is None:
        return np.empty(0, dtype=np.intp)
    answers = answers_to(parameters, scores)[:, counted]
    total = answers.astype(np.intp) @ points
    complete = (answers != NOT_SEEN).all(axis=1)
    return np.where(complete, np.searchsorted(reached, np.where(complete, total, 0)), -1).astype(np.intp)
