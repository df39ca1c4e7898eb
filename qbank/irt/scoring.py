"""Ability of persons from their scores: EAP, MAP, ML and WLE, with standard errors."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from threadpoolctl import threadpool_limits

from qbank.irt.ability import log_normal_weights
from qbank.irt.answers import checked_scores
from qbank.irt.likelihood import group_by_form, posteriors, quadrature
from qbank.irt.models import NOT_SEEN, FloatArray, IndexArray, Mask, ScoreArray
from qbank.irt.parameters import (
    Batch,
    Calibration,
    ItemParameters,
    batches_of,
    first_rows,
    frozen,
    log_probability_table,
)

# Score equations are solved on this range; a likelihood that still rises at its end has no finite maximum.
FARTHEST = 20
CHUNK = 4096


@dataclass(frozen=True, slots=True)
class PersonScores:
    """Ability of persons.

    method        eap, map, ml or wle
    theta         (n_persons,), −inf or inf where ml has no finite maximum, NaN where nothing can be said
    errors        (n_persons,) posterior sd (eap), else 1 / sqrt(information, with the prior's for map)
    n_answers     (n_persons,) answers to items that have parameters
    status        per person: ok, no answers, not finite
    """

    method: str
    theta: FloatArray
    errors: FloatArray
    n_answers: IndexArray
    status: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "theta", frozen(self.theta))
        object.__setattr__(self, "errors", frozen(self.errors))


@dataclass(frozen=True, slots=True)
class _Task:
    """Scores of the items that have parameters, 0 where not seen, and each person's ability distribution."""

    parameters: ItemParameters
    batches: tuple[Batch, ...]
    scores: ScoreArray
    seen: ScoreArray
    mean: FloatArray
    sd: FloatArray


def score_persons(
    scores: ArrayLike,
    source: Calibration | ItemParameters,
    *,
    method: str = "eap",
    ability: tuple[float, float] | None = None,
    groups: Sequence[str] | None = None,
    n_nodes: int = 61,
) -> PersonScores:
    """Return each person's ability.

    scores : (n_persons, n_items), 1 right, 0 wrong, −1 not seen; the items in the order of the parameters
    method : "eap" the mean of the posterior on the nodes, Bock & Mislevy (1982); "map" its mode; "ml"; "wle"
        Warm (1989), eq. 9
    ability : mean and sd of the ability distribution (eap, map); None takes the calibration's, or (0, 1) for
        bare parameters
    groups : (n_persons,) labels, when the calibration has groups

    >>> from qbank.irt import item_parameters
    >>> bare = item_parameters("rasch", a=[1.0, 1.0], b=[-1.0, 1.0])
    >>> score_persons([[1, 0], [-1, -1]], bare).theta.round(6) + 0.0
    array([0., 0.])
    >>> score_persons([[1, 0], [1, 1]], bare, method="ml").theta.round(6) + 0.0
    array([ 0., inf])
    """
    if method not in METHODS:
        raise ValueError(f"unknown method {method!r} (methods: {', '.join(METHODS)})")
    task = _task(scores, source, ability, groups)
    n_answers = task.seen.sum(axis=1, dtype=np.intp)
    with threadpool_limits(1, user_api="blas"):
        theta, errors = METHODS[method](task, n_nodes)
    status = np.where(n_answers == 0, "no answers", np.where(np.isfinite(theta), "ok", "not finite"))
    return PersonScores(method, theta, errors, n_answers, tuple(status.tolist()))


def ability_of(
    source: Calibration | ItemParameters,
    ability: tuple[float, float] | None,
    groups: Sequence[str] | None,
    n_persons: int,
) -> tuple[FloatArray, FloatArray]:
    """Return mean and sd of the ability distribution of each person, each (n_persons,)."""
    if ability is not None or isinstance(source, ItemParameters):
        mean, sd = (0.0, 1.0) if ability is None else ability
        if not sd > 0:
            raise ValueError(f"the sd of ability must be above 0, found {sd}")
        return np.full(n_persons, mean), np.full(n_persons, sd)
    if not source.groups:
        return np.full(n_persons, source.ability_mean), np.full(n_persons, source.ability_sd)
    if groups is None or len(groups) != n_persons or not set(groups) <= set(source.groups):
        raise ValueError(f"the calibration has groups: give each person one of {', '.join(source.groups)}")
    place = np.array([source.groups.index(group) for group in groups], dtype=np.intp)
    return source.ability_mean[place], source.ability_sd[place]


def _task(
    scores: ArrayLike,
    source: Calibration | ItemParameters,
    ability: tuple[float, float] | None,
    groups: Sequence[str] | None,
) -> _Task:
    parameters = source.parameters if isinstance(source, Calibration) else source
    answers = checked_scores(scores)
    n_items = len(parameters.items)
    if answers.shape[1] != n_items:
        raise ValueError(f"scores of {answers.shape[1]} items for parameters of {n_items}")
    usable = parameters.estimated
    seen = ((answers != NOT_SEEN) & usable).astype(np.int8)
    mean, sd = ability_of(source, ability, groups, answers.shape[0])
    return _Task(parameters, batches_of(parameters), answers * seen, seen, mean, sd)


def _eap(task: _Task, n_nodes: int) -> tuple[FloatArray, FloatArray]:
    """Return mean and sd of the posterior of each person."""
    nodes = quadrature(n_nodes)
    first = first_rows(task.parameters.n_categories)
    log_probability = log_probability_table(task.parameters, nodes)
    distributions, group = np.unique(np.column_stack((task.mean, task.sd)), axis=0, return_inverse=True)
    log_weights = log_normal_weights(nodes, *distributions.T)
    # Whoever saw nothing keeps the distribution that they come from.
    prior = np.exp(log_weights)
    theta = (prior @ nodes)[group]
    errors = np.sqrt(np.maximum((prior @ nodes**2)[group] - theta**2, 0.0))
    answers = np.where(task.seen == 1, task.scores, np.int8(NOT_SEEN))
    for block in group_by_form(answers, group.astype(np.intp), collapse=False):
        for chunk in posteriors(block, first, log_probability, log_weights[block.group]):
            persons = block.persons[chunk.rows]
            theta[persons] = chunk.posterior @ nodes
            deviation = nodes - theta[persons, None]
            errors[persons] = np.sqrt((chunk.posterior * deviation**2).sum(axis=1))
    return theta, errors


def _map(task: _Task, n_nodes: int) -> tuple[FloatArray, FloatArray]:
    """Return mode of the posterior and 1 / sqrt(information + 1 / sd^2)."""

    def pull(theta: FloatArray, information: FloatArray, slope: FloatArray, rows: slice) -> FloatArray:
        return (task.mean[rows] - theta) / task.sd[rows] ** 2

    return _roots(task, pull, task.sd**-2.0)


def _ml(task: _Task, n_nodes: int) -> tuple[FloatArray, FloatArray]:
    """Return the maximum of the likelihood and 1 / sqrt(information)."""

    def nothing(theta: FloatArray, information: FloatArray, slope: FloatArray, rows: slice) -> FloatArray:
        return np.zeros_like(theta)

    return _roots(task, nothing, np.zeros(task.sd.size))


def _wle(task: _Task, n_nodes: int) -> tuple[FloatArray, FloatArray]:
    """Return the root of the score + information' / (2 information), and 1 / sqrt(information).

    In the partial-credit family Warm's J is the slope of the information.
    """

    def warm(theta: FloatArray, information: FloatArray, slope: FloatArray, rows: slice) -> FloatArray:
        return slope / (2.0 * information)

    return _roots(task, warm, np.zeros(task.sd.size))


METHODS: dict[str, Callable[[_Task, int], tuple[FloatArray, FloatArray]]] = {
    "eap": _eap,
    "map": _map,
    "ml": _ml,
    "wle": _wle,
}

Extra = Callable[[FloatArray, FloatArray, FloatArray, slice], FloatArray]
Equation = Callable[[FloatArray], tuple[FloatArray, FloatArray]]


def _roots(task: _Task, extra: Extra, prior_information: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the root of the score equation of each person and 1 / sqrt(information + prior_information)."""
    theta, errors = np.full(task.sd.size, np.nan), np.full(task.sd.size, np.nan)
    for low in range(0, task.sd.size, CHUNK):
        rows = slice(low, min(low + CHUNK, task.sd.size))
        theta[rows], errors[rows] = _solved(task, extra, prior_information, rows)
    return theta, errors


def _solved(
    task: _Task, extra: Extra, prior_information: FloatArray, rows: slice
) -> tuple[FloatArray, FloatArray]:
    """Return roots and errors of some persons."""
    seen, scores = task.seen[rows].T.astype(np.float64), task.scores[rows].T
    known = (seen.sum(axis=0) > 0) | (prior_information[rows] > 0)

    def equation(theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        total, information, slope = np.zeros((3, theta.size))
        for batch in task.batches:
            answered = seen[batch.items]
            gradient = batch.model.ability_gradient(batch.values, theta)
            curvature = batch.model.ability_curvature(batch.values, theta)
            probability = np.exp(batch.model.log_probability(batch.values, theta))
            own = np.take_along_axis(gradient, scores[batch.items][:, None].astype(np.intp), axis=1)[:, 0]
            total += (own * answered).sum(axis=0)
            information += (batch.model.information(batch.values, theta) * answered).sum(axis=0)
            warm = (probability * gradient * (curvature + gradient**2)).sum(axis=1)
            slope += (warm * answered).sum(axis=0)
        safe = np.where(known & (information > 0), information, 1.0)
        return total + extra(theta, safe, slope, rows), information + prior_information[rows]

    near, far, finite = _bracket(equation, known.size)
    theta = _between(equation, near, np.where(finite, far, near))
    information = equation(theta)[1]
    errors = np.where(information > 0, 1.0 / np.sqrt(np.where(information > 0, information, 1.0)), np.nan)
    theta = np.where(finite, theta, np.copysign(np.inf, far))
    return np.where(known, theta, np.nan), np.where(known & finite, errors, np.nan)


def _bracket(equation: Equation, n_persons: int) -> tuple[FloatArray, FloatArray, Mask]:
    """Return two abilities between which the score changes sign, and whether there are such.

    Warm's equation can change sign again far out; the root that counts is the first one from the centre.
    """
    direction = np.sign(equation(np.zeros(n_persons))[0])
    near, far = np.zeros(n_persons), direction.copy()
    onward = np.ones(n_persons, dtype=bool)
    for _ in range(FARTHEST):
        onward = equation(far)[0] * direction > 0
        if not onward.any():
            break
        near, far = np.where(onward, far, near), np.where(onward, far + direction, far)
    return near, far, ~onward


def _between(equation: Equation, near: FloatArray, far: FloatArray) -> FloatArray:
    """Return the root between two abilities, by Newton steps that fall back to halving."""
    low, high, theta = np.minimum(near, far), np.maximum(near, far), near
    for _ in range(100):
        value, information = equation(theta)
        low, high = np.where(value > 0, theta, low), np.where(value < 0, theta, high)
        ahead = theta + value / np.maximum(information, 1e-12)
        ahead = np.where((ahead <= low) | (ahead >= high), (low + high) / 2.0, ahead)
        ahead = np.where((value == 0) | (near == far), theta, ahead)
        moved = float(np.abs(ahead - theta).max(initial=0.0))
        theta = ahead
        if moved < 1e-10:
            break
    return theta
