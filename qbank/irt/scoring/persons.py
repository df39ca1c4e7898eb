"""MeanAndSd of persons from their scores: EAP, MAP, ML and WLE, with standard errors."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from threadpoolctl import threadpool_limits

from qbank.irt.display import shown
from qbank.irt.likelihood import quadrature
from qbank.irt.models import NOT_SEEN, FloatArray, IndexArray, ScoreArray
from qbank.irt.parameters import Calibration, ItemParameters, frozen
from qbank.irt.scoring.modes import Modes, Target, modes
from qbank.irt.scoring.population import (
    MeanAndSd,
    Population,
    Source,
    ability_of,
    answers_to,
    matched,
    parameters_of,
    population,
    posteriors_of,
)

ERRORS = ("observed", "expected")
WORDS = ("ok", "no answers", "not finite", "flat")
# A posterior whose sd is below this share of the spacing of the nodes is not told by them: 1e-5 off at 0.75.
NARROW, FINER, FINEST = 0.75, 8, 4096
CHUNK = 16_384


@dataclass(frozen=True, slots=True)
class PersonScores:
    """MeanAndSd of persons.

    method        eap, map, ml or wle;  scale: that of the item parameters
    theta         (n_persons,), −inf or inf where ml has no finite maximum, NaN where nothing can be said
    errors        (n_persons,) standard errors: the posterior sd (eap), else as `score_persons` says; inf where
                  the maximum is flat to all digits, NaN without a finite theta
    n_answers     (n_persons,) answers to items that have parameters
    n_ignored     (n_persons,) answers to items that have none
    status        per person: ok, no answers, not finite (the maximum lies at an infinite end), flat (the answers
                  are as likely at every ability)
    """

    __repr__ = shown

    method: str
    scale: str
    theta: FloatArray
    errors: FloatArray
    n_answers: IndexArray
    n_ignored: IndexArray
    status: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "theta", frozen(self.theta))
        object.__setattr__(self, "errors", frozen(self.errors))


@dataclass(frozen=True, slots=True)
class _Task:
    """Who is scored, with what: answers (n_persons, n_items), −1 where not seen or without parameters."""

    source: Source
    parameters: ItemParameters
    answers: ScoreArray
    ability: MeanAndSd | None
    groups: Sequence[str] | None
    nodes: FloatArray


def score_persons(
    scores: ArrayLike,
    source: Source,
    *,
    method: str = "eap",
    items: Sequence[str] | None = None,
    ability: MeanAndSd | None = None,
    groups: Sequence[str] | None = None,
    errors: str = "observed",
    n_nodes: int = 61,
) -> PersonScores:
    """Return each person's ability.

    scores : (n_persons, n_items), category 0, 1, ... of each item, −1 not seen. Items without parameters are
        ignored, and counted.
    items : (n_items,) labels of the columns, where they are not the parameters' items in their order
    method : "eap" the mean of the posterior on the nodes, Bock & Mislevy (1982), its error the posterior's sd;
        on nodes eight times finer where it is narrower than three quarters of their spacing;
        "map" the posterior's mode (the ability distribution taken as normal); "ml" the maximum of the likelihood;
        "wle" that of the likelihood weighted so that d log weight = J / (2 I), J = sum over items and categories of
        P' P'' / P, I the information, Warm (1989). The highest of all maxima, never merely one of them.
    ability : mean and sd of the ability distribution (eap, map), numbers or one for each person; None takes the
        calibration's own, for eap its weights on its nodes, or (0, 1) for bare parameters
    groups : (n_persons,) labels, when the calibration has groups
    errors : "observed" 1 / sqrt(minus the second derivative of what is maximised), "expected" 1 / sqrt(Fisher
        information, + 1 / sd^2 for map); for eap no matter

    Of the logistic, graded and partial-credit models Warm's weight is sqrt(I); with an asymptote it is not.

    >>> from qbank.irt import item_parameters
    >>> bare = item_parameters("rasch", a=[1.0, 1.0], b=[-1.0, 1.0])
    >>> score_persons([[1, 0], [-1, -1]], bare).theta.round(6) + 0.0
    array([0., 0.])
    >>> score_persons([[1, 0], [1, 1]], bare, method="ml").theta.round(6) + 0.0
    array([ 0., inf])
    """
    if method not in METHODS:
        raise ValueError(f"unknown method {method!r} (methods: {', '.join(METHODS)})")
    if errors not in ERRORS:
        raise ValueError(f"unknown errors {errors!r} (errors: {', '.join(ERRORS)})")
    parameters = matched(parameters_of(source), items)
    answers = answers_to(parameters, scores)
    n_answers = _seen(answers)
    n_ignored = _seen(np.asarray(scores)[:, ~parameters.estimated])
    with threadpool_limits(1, user_api="blas"):
        found = METHODS[method](_Task(source, parameters, answers, ability, groups, quadrature(n_nodes)))
    theta, information = found.theta, found.curvature if errors == "observed" else found.information
    # A top that is flat to all digits has an infinite error.
    with np.errstate(divide="ignore"):
        error = np.where(np.isfinite(theta), 1.0 / np.sqrt(np.maximum(information, 0.0)), np.nan)
    unknown = np.where(found.flat, 3, 2)
    word = np.where(n_answers == 0, 1, np.where(np.isfinite(theta), 0, unknown))
    status = np.array(WORDS, dtype=object)[word]
    return PersonScores(method, parameters.scale, theta, error, n_answers, n_ignored, tuple(status.tolist()))


def _seen(answers: ScoreArray) -> IndexArray:
    """Return how many items each person saw, (n_persons,), without a mask of the whole matrix."""
    found = np.empty(answers.shape[0], dtype=np.intp)
    for low in range(0, answers.shape[0], CHUNK):
        found[low : low + CHUNK] = np.count_nonzero(answers[low : low + CHUNK] != NOT_SEEN, axis=1)
    return found


def _eap(task: _Task) -> Modes:
    """Return mean of the posterior of each person and 1 / variance, which stands for the information."""
    people = population(task.source, task.ability, task.groups, task.answers.shape[0], task.nodes)
    theta, variance = _posterior_moments(task, people)
    histogram = task.ability is None and isinstance(task.source, Calibration) and task.source.ability != "normal"
    narrow = _narrow(people, variance)
    if not histogram and narrow.size and people.nodes.size < FINEST:
        mean, sd = ability_of(task.source, task.ability, task.groups, task.answers.shape[0])
        nodes = np.linspace(people.nodes[0], people.nodes[-1], FINER * (people.nodes.size - 1) + 1)
        own = mean[narrow], sd[narrow]
        part = replace(task, answers=task.answers[narrow], ability=own, groups=None, nodes=nodes)
        theta[narrow], variance[narrow] = _posterior_moments(
            part, population(part.source, own, None, narrow.size, nodes)
        )
    with np.errstate(divide="ignore"):
        precision = 1.0 / variance
    return Modes(theta, precision, precision, np.zeros(theta.size, dtype=bool))


def _narrow(people: Population, variance: FloatArray) -> IndexArray:
    """Return the persons whose posterior is too narrow for the nodes."""
    if people.nodes.size < 2:
        return np.empty(0, dtype=np.intp)
    return np.flatnonzero(np.sqrt(variance) < NARROW * (people.nodes[1] - people.nodes[0]))


def _posterior_moments(task: _Task, people: Population) -> tuple[FloatArray, FloatArray]:
    """Return mean and variance of the posterior of each person."""
    theta, variance = np.empty((2, task.answers.shape[0]))
    # Squares about the middle of the nodes, so that one product does for all persons.
    middle = people.nodes.mean()
    powers = np.stack((people.nodes - middle, (people.nodes - middle) ** 2), axis=1)
    for persons, posterior in posteriors_of(task.parameters, task.answers, people):
        first, second = (posterior @ powers).T
        theta[persons], variance[persons] = middle + first, np.maximum(second - first**2, 0.0)
    return theta, variance


def _map(task: _Task) -> Modes:
    """Return mode of the posterior; whoever saw nothing keeps mean and sd of the distribution."""
    mean, sd = ability_of(task.source, task.ability, task.groups, task.answers.shape[0])
    found = _modes(task, Target(mean, sd))
    unseen = _seen(task.answers) == 0
    prior = sd**-2.0
    return Modes(
        np.where(unseen, mean, found.theta),
        np.where(unseen, prior, found.curvature),
        np.where(unseen, 0.0, found.information) + prior,
        found.flat,
    )


def _ml(task: _Task) -> Modes:
    """Return the maximum of the likelihood."""
    return _modes(task, Target())


def _wle(task: _Task) -> Modes:
    """Return the maximum of the weighted likelihood."""
    return _modes(task, Target(warm=True))


def _modes(task: _Task, target: Target) -> Modes:
    return modes(task.parameters, task.answers, target)


METHODS: dict[str, Callable[[_Task], Modes]] = {"eap": _eap, "map": _map, "ml": _ml, "wle": _wle}
