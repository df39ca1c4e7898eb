"""From the end of the ascent to the record that the caller gets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from qbank.irt.ability import moments
from qbank.irt.blocks import Block
from qbank.irt.calibration.ascent import Ascent
from qbank.irt.calibration.design import FIXED, Design, ability_values, at_edge, item_values, log_weights
from qbank.irt.calibration.errors import JOINT_VALUES, WHOLE_INFORMATION
from qbank.irt.calibration.information import is_exact
from qbank.irt.calibration.request import Request, Words
from qbank.irt.calibration.task import answered_groups
from qbank.irt.models import MODELS, FloatArray, IndexArray, carried, carried_covariance
from qbank.irt.parameters import Calibration, ItemParameters, batches, carried_joint, from_estimates
from qbank.irt.regression import PersonWeights, Regression
from qbank.irt.respondents import Respondents
from qbank.problem import Problem, Span, error, warning

Covariances = tuple[FloatArray, FloatArray, FloatArray | None]
ESTIMATED = ("ok", "fixed", "no error", "at an edge")


def outcome(
    request: Request,
    task: Design,
    persons: Respondents,
    ascent: Ascent,
    covariances: Covariances,
    apart: Sequence[IndexArray],
    *,
    fingerprints: Sequence[str] | None,
    scale: str,
    settings: Mapping[str, object],
) -> Calibration:
    """Return the calibration.

    covariances : by item, by group and of all items jointly;  apart : sets of items that nothing connects, () if
        there is one
    """
    state = ascent.state
    by_item, by_group, together = covariances
    status = _status(request, task, state.free, by_item, bool(apart))
    parameters = _parameters(
        request, task, state.free, by_item, together, status, fingerprints=fingerprints, scale=scale
    )
    nodes = task.nodes
    at_will = request.ability == "histogram" and task.ability_index.size and not request.priors
    if at_will and not np.isfinite(_user_fixed(request.anchors, request.words)).any():
        parameters, nodes = _standardised(parameters, task, state.free, request.words)
    weights = _weights(task, state.free, persons)
    mean, sd, ability_errors = _ability(task, state.free, by_group, nodes, weights)
    if request.grouped:
        # Nothing is known of a group without an answer.
        for values in (mean, sd, *ability_errors.values()):
            values[~answered_groups(request, persons)] = np.nan
    else:
        weights, mean, sd = weights[0], mean[0], sd[0]
        ability_errors = {name: error[0] for name, error in ability_errors.items()}
    converged = ascent.converged and not apart
    free = np.zeros(request.anchors.shape, dtype=bool)
    for part in task.parts if not apart else ():
        free[request.used[part.items], : part.index.shape[1]] = part.index != FIXED
    return Calibration(
        parameters=parameters,
        log_likelihood=float("nan") if apart else state.expectation.log_likelihood,
        log_posterior=float("nan") if apart else state.objective,
        gradient_norm=float("nan") if apart else state.gradient_norm,
        nodes=nodes,
        weights=weights,
        ability=request.ability,
        ability_mean=mean,
        ability_sd=sd,
        ability_errors=ability_errors,
        regression=_regression(request, task, state.free, by_group),
        groups=request.groups if request.grouped else (),
        trace=ascent.trace,
        converged=converged,
        n_free=task.n_free,
        free=free,
        n_persons=sum(head.n_persons for head in persons.heads),
        n_answers=request.n_answers,
        status=tuple(status.tolist()),
        problems=_problems(request, task, apart, ascent, converged),
        settings={**settings, "information": _information_words(task, persons, request.errors)},
    )


def _status(request: Request, task: Design, free: FloatArray, by_item: FloatArray, apart: bool) -> Words:
    """Return a word for each item."""
    status = request.status.copy()
    status[request.used] = "not connected" if apart else _outcome(task, free, by_item, request.errors)
    return status


def _parameters(
    request: Request,
    task: Design,
    free: FloatArray,
    by_item: FloatArray,
    together: FloatArray | None,
    status: Words,
    *,
    fingerprints: Sequence[str] | None,
    scale: str,
) -> ItemParameters:
    """Return the item parameters, NaN where there is no estimate."""
    anchors, used = request.anchors, request.used
    estimates = anchors.copy()
    covariance = np.full((*anchors.shape, anchors.shape[1]), np.nan)
    n_most = by_item.shape[1]
    covariance[used, :n_most, :n_most] = by_item
    joint = None
    if together is not None and anchors.size <= JOINT_VALUES:
        joint = np.zeros((*anchors.shape, *anchors.shape))
        columns = np.arange(n_most)
        joint[np.ix_(used, columns, used, columns)] = together
    for part in task.parts:
        estimates[used[part.items], : part.index.shape[1]] = item_values(part, free)
    unknown = ~np.isin(status, ESTIMATED)
    estimates[unknown], covariance[unknown], covariance[status == "fixed"] = np.nan, np.nan, 0.0
    return from_estimates(
        request.words,
        request.n_categories,
        estimates,
        covariance=covariance,
        joint=joint,
        items=request.labels,
        fingerprints=fingerprints,
        scale=scale,
    )


def _user_fixed(anchors: FloatArray, words: Sequence[str]) -> FloatArray:
    """Return the fixed values without the slopes that a model sets to one."""
    found = anchors.copy()
    one = np.array([MODELS[word].slope == "one" for word in words], dtype=bool)
    found[one & np.isnan(anchors[:, 1:]).all(axis=1), :1] = np.nan
    return found


def _outcome(task: Design, free: FloatArray, covariance: FloatArray, errors: str) -> Words:
    """Return a word for each item that took part."""
    status = np.full(task.n_items, "ok", dtype=object)
    edge = np.append(at_edge(task, free), False)
    reached = np.append((free <= task.low) | (free >= task.high), False) & ~edge
    for part in task.parts:
        moving = part.index != FIXED
        status[part.items[~moving.any(axis=1)]] = "fixed"
        n_own = moving.shape[1]
        if errors != "none":
            unknown = np.isnan(covariance[part.items, :n_own, :n_own]).any(axis=(1, 2))
            status[part.items[unknown]] = "no error"
        status[part.items[edge[part.index].any(axis=1)]] = "at an edge"
        status[part.items[reached[part.index].any(axis=1)]] = "diverged"
    return status


def _standardised(
    parameters: ItemParameters, task: Design, free: FloatArray, words: Sequence[str]
) -> tuple[ItemParameters, FloatArray]:
    """Return parameters and nodes on the scale on which the first group has mean 0 and, unless a slope is one, sd 1.

    The likelihood does not change: a histogram moves with its nodes.
    """
    mean, sd = moments(task.nodes, np.exp(task.ability.log_weights(task.nodes, ability_values(task, free)[:1])))
    unit = 1.0 if any(MODELS[word].slope == "one" for word in words) else float(sd[0])
    estimates, covariance = parameters.estimates.copy(), parameters.covariance.copy()
    n_most = estimates.shape[1]
    matrices = np.zeros((len(words), n_most, n_most))
    for batch in batches(words, parameters.n_categories, parameters.estimates):
        matrix = batch.model.rescaling(batch.n_categories, 1.0 / unit, -float(mean[0]) / unit)
        n_own = matrix.shape[0]
        matrices[batch.items, :n_own, :n_own] = matrix
        estimates[batch.items, :n_own] = carried(batch.values, matrix)
        own = parameters.covariance[batch.items, :n_own, :n_own]
        covariance[batch.items, :n_own, :n_own] = carried_covariance(own, matrix)
    moved = from_estimates(
        words,
        parameters.n_categories,
        estimates,
        covariance=covariance,
        joint=carried_joint(parameters, matrices),
        items=parameters.items,
        fingerprints=parameters.fingerprints,
        scale=parameters.scale,
    )
    return moved, (task.nodes - mean[0]) / unit


def _weights(task: Design, free: FloatArray, persons: Respondents) -> FloatArray:
    """Return the ability distribution of each group, (n_groups, n_nodes); with covariates the mean of its persons'."""
    found = log_weights(task, free)
    if not isinstance(found, tuple):
        return np.exp(found)
    total = persons.sum(_AddedWeights(found))
    # The last column counts the persons.
    return total[:, :-1] / np.maximum(total[:, -1:], 1.0)


@dataclass(frozen=True, slots=True)
class _AddedWeights:
    """The sum of the ability distributions of persons, and their number, (n_groups, n_nodes + 1)."""

    of_group: tuple[PersonWeights, ...]

    def start(self) -> FloatArray:
        return np.zeros((len(self.of_group), self.of_group[0].size + 1))

    def of(self, block: Block) -> FloatArray:
        assert block.covariates is not None
        weights = np.exp(self.of_group[block.group].log_weights(block.covariates)).sum(axis=1)
        return np.append(weights, float(block.persons.size))

    def add(self, total: FloatArray, block: Block, part: FloatArray) -> None:
        total[block.group] += part

    def join(self, total: FloatArray, other: FloatArray) -> None:
        total += other


def _regression(
    request: Request, task: Design, free: FloatArray, by_group: FloatArray
) -> Regression | None:
    """Return what was found about the covariates, in their own units."""
    if not request.covariate_names:
        return None
    covariance = by_group[0, 2:, 2:] / np.outer(request.spread, request.spread)
    slopes = ability_values(task, free)[0, 2:] / request.spread
    errors = np.sqrt(np.diagonal(covariance))
    return Regression(request.covariate_names, request.middle, slopes, errors, covariance)


def _ability(
    task: Design, free: FloatArray, by_group: FloatArray, nodes: FloatArray, weights: FloatArray
) -> tuple[FloatArray, FloatArray, dict[str, FloatArray]]:
    """Return mean and sd of each group's ability, and the errors of mean, sd and variance."""
    if task.ability.name == "histogram":
        unknown = np.full(weights.shape[0], np.nan)
        return *moments(nodes, weights), {"mean": unknown, "sd": unknown, "variance": unknown}
    values = ability_values(task, free)
    mean, sd = values[:, 0], np.exp(values[:, 1])
    error_mean, error_log_sd = np.sqrt(by_group[:, 0, 0]), np.sqrt(by_group[:, 1, 1])
    return mean, sd, {"mean": error_mean, "sd": sd * error_log_sd, "variance": 2.0 * sd**2 * error_log_sd}


def _problems(
    request: Request, task: Design, apart: Sequence[IndexArray], ascent: Ascent, converged: bool
) -> tuple[Problem, ...]:
    """Return what a user has to know before any number of the result is used."""
    if not request.used.size:
        return (error("C115", Span("scores")),)
    if apart:
        sets = "; ".join(_some([request.labels[request.used[item]] for item in island]) for island in apart)
        return (error("C110", Span("scores"), n=len(apart), sets=sets),)
    if not converged:
        return (error("C111", Span("scores"), norm=f"{ascent.state.gradient_norm:.3g}"),)
    held = _groups_at_a_bound(task, ascent.state.free)
    if held.size:
        if not request.grouped:
            return (warning("C116", Span("scores")),)
        return (warning("C117", Span("scores"), n=held.size, groups=_some([request.groups[group] for group in held])),)
    return ()


def _groups_at_a_bound(task: Design, free: FloatArray) -> IndexArray:
    """Return the groups whose mean or sd of ability, if normal, ended at a bound of the search."""
    if task.ability.name == "histogram" or not free.size:
        return np.zeros(0, dtype=np.intp)
    reached = np.append((free <= task.low) | (free >= task.high), False)
    return np.flatnonzero((reached[task.ability_index] & (task.ability_index != FIXED)).any(axis=1))


def _some(names: Sequence[str]) -> str:
    """Return the first names of a set, and how many there are."""
    return ", ".join(names) if len(names) <= 5 else f"{', '.join(names[:4])}, … ({len(names)})"


def _information_words(task: Design, persons: Respondents, errors: str) -> str:
    """Return in words where the errors come from."""
    if errors == "none":
        return "none"
    words = {"observed": "observed (Louis 1982)", "sandwich": "sandwich (White 1982)"}.get(errors, "cross-product")
    if errors != "cross-product" and not all(is_exact(task, head) for head in persons.heads):
        words += ", outer products of persons' scores where that would cost too much"
    if task.n_free > WHOLE_INFORMATION:
        words += ", items in batches"
    if task.ability.name == "histogram":
        words += ", ability distribution held"
    return words
