"""The distribution that each person's ability comes from, on the nodes, and the posterior after the answers."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from qbank.irt.ability import log_normal_weights
from qbank.irt.answers import checked_scores
from qbank.irt.blocks import group_by_form
from qbank.irt.likelihood import CHUNK_BYTES, posteriors
from qbank.irt.models import NOT_SEEN, FloatArray, IndexArray, ScoreArray
from qbank.irt.parameters import (
    Calibration,
    ItemParameters,
    first_rows,
    from_estimates,
    log_probability_table,
)

MeanAndSd = tuple[ArrayLike, ArrayLike]
# More distributions than this (one for each person, say) are not worth a block of persons each.
MANY = 64
LEAST_WEIGHT = 1e-300


@dataclass(frozen=True, slots=True)
class Population:
    """Distributions of ability and whose each is.

    nodes         (n_nodes,)
    index         (n_persons,) the distribution of each person;  n_distributions: how many there are
    log_weights   for places of distributions (n_places,) their log weights (n_places, n_nodes), each row summing to 1
                  as weights: not a table, which would grow with persons times nodes where each has their own
    """

    nodes: FloatArray
    index: IndexArray
    n_distributions: int
    log_weights: Callable[[IndexArray], FloatArray]


class Calibrated(Protocol):
    """What has item parameters: a calibration of any kind."""

    @property
    def parameters(self) -> ItemParameters: ...


Source = ItemParameters | Calibrated


def parameters_of(source: Source) -> ItemParameters:
    """Return the item parameters of a calibration, or the parameters themselves."""
    found = source if isinstance(source, ItemParameters) else getattr(source, "parameters", None)
    if not isinstance(found, ItemParameters):
        raise ValueError(f"item parameters or a calibration are needed, found {type(source).__name__}")
    return found


def matched(parameters: ItemParameters, items: Sequence[str] | None) -> ItemParameters:
    """Return the parameters in the order of labels; a label without parameters has an item without estimates.

    >>> from qbank.irt import item_parameters
    >>> bank = item_parameters("rasch", a=[1.0, 1.0], b=[0.5, -0.5], items=["Q1", "Q2"])
    >>> matched(bank, ["Q2", "Q9"]).values["b"]
    array([-0.5,  nan])
    """
    if items is None:
        return parameters
    for labels in (items, parameters.items):
        if len(set(labels)) < len(labels):
            twice = next(label for label in labels if list(labels).count(label) > 1)
            raise ValueError(f"two items have the label {twice!r}")
    where = {label: place for place, label in enumerate(parameters.items)}
    place = np.array([where.get(label, -1) for label in items], dtype=np.intp)
    known = place >= 0
    n_most = parameters.estimates.shape[1]
    estimates = np.full((len(items), n_most), np.nan)
    covariance = np.full((len(items), n_most, n_most), np.nan)
    estimates[known], covariance[known] = parameters.estimates[place[known]], parameters.covariance[place[known]]
    return from_estimates(
        [parameters.model[at] if at >= 0 else "rasch" for at in place],
        [parameters.n_categories[at] if at >= 0 else 2 for at in place],
        estimates,
        covariance=covariance,
        items=items,
        fingerprints=[parameters.fingerprints[at] if at >= 0 else "" for at in place],
        scale=parameters.scale,
    )


def answers_to(parameters: ItemParameters, scores: ArrayLike) -> ScoreArray:
    """Return scores as int8 (n_persons, n_items), −1 also where an item has no parameters, or say what is wrong.

    >>> from qbank.irt import item_parameters
    >>> answers_to(item_parameters("2pl", a=[1.0, np.nan], b=[0.0, 0.0]), [[1, 1]])
    array([[ 1, -1]], dtype=int8)
    """
    answers = checked_scores(scores)
    n_items = len(parameters.items)
    if answers.shape[1] != n_items:
        raise ValueError(f"scores of {answers.shape[1]} items for parameters of {n_items}")
    usable = parameters.estimated
    highest = answers.max(axis=0, initial=NOT_SEEN)
    beyond = np.flatnonzero(usable & (highest >= parameters.n_categories))
    if beyond.size:
        item = int(beyond[0])
        raise ValueError(
            f"item {parameters.items[item]!r} has the score {highest[item]}, but its scores are 0 to "
            f"{int(parameters.n_categories[item]) - 1}, and -1 for not seen"
        )
    return answers if usable.all() else np.where(usable, answers, np.int8(NOT_SEEN))


def ability_of(
    source: Source,
    ability: MeanAndSd | None,
    groups: Sequence[str] | None,
    n_persons: int,
) -> tuple[FloatArray, FloatArray]:
    """Return mean and sd of the ability distribution of each person, each (n_persons,)."""
    if ability is not None or not isinstance(source, Calibration):
        mean, sd = (np.asarray(value, np.float64) for value in ((0.0, 1.0) if ability is None else ability))
        if not (sd > 0).all() or not np.isfinite(mean).all() or not np.isfinite(sd).all():
            raise ValueError(f"the sd of ability must be above 0 and both finite, found mean {mean} and sd {sd}")
        return np.broadcast_to(mean, n_persons).copy(), np.broadcast_to(sd, n_persons).copy()
    if not source.groups:
        return np.full(n_persons, source.ability_mean), np.full(n_persons, source.ability_sd)
    place = _group_places(source, groups, n_persons)
    return source.ability_mean[place], source.ability_sd[place]


def population(
    source: Source,
    ability: MeanAndSd | None,
    groups: Sequence[str] | None,
    n_persons: int,
    nodes: FloatArray,
) -> Population:
    """Return the ability distributions on nodes.

    A calibration keeps its own nodes and weights, a histogram among them, unless `ability` is given. Then, and
    for bare parameters, it is normal on the nodes given, which reach further where the distribution does.
    """
    if ability is None and isinstance(source, Calibration):
        # A weight of 0 must not make NaN of a product with 0.
        table = np.log(np.maximum(np.atleast_2d(source.weights), LEAST_WEIGHT))
        index = _group_places(source, groups, n_persons) if source.groups else np.zeros(n_persons, np.intp)
        return Population(np.asarray(source.nodes), index, table.shape[0], lambda places: table[places])
    mean, sd = ability_of(source, ability, groups, n_persons)
    if n_persons and (mean == mean[0]).all() and (sd == sd[0]).all():
        distributions, index = np.array([[mean[0], sd[0]]]), np.zeros(n_persons, dtype=np.intp)
    else:
        distributions, index = np.unique(np.column_stack((mean, sd)), axis=0, return_inverse=True)
    nodes = _reaching(nodes, distributions)

    def log_weights(places: IndexArray) -> FloatArray:
        return log_normal_weights(nodes, *distributions[places].T)

    return Population(nodes, index.ravel().astype(np.intp), distributions.shape[0], log_weights)


def _reaching(nodes: FloatArray, distributions: FloatArray) -> FloatArray:
    """Return the nodes, or equally spaced ones over 6 sd of every distribution, half the least sd apart."""
    if not distributions.size:
        return nodes
    mean, sd = distributions.T
    low, high = min(nodes[0], (mean - 4.0 * sd).min()), max(nodes[-1], (mean + 4.0 * sd).max())
    apart = min((nodes[-1] - nodes[0]) / max(nodes.size - 1, 1), max(0.5 * sd.min(), (high - low) / 2000.0))
    if (low, high) == (nodes[0], nodes[-1]) and apart * (nodes.size - 1) >= (high - low) * (1 - 1e-9):
        return nodes
    return np.linspace(low, high, int(np.ceil((high - low) / apart - 1e-9)) + 1)


def _group_places(source: Calibration, groups: Sequence[str] | None, n_persons: int) -> IndexArray:
    """Return the place of each person's group among the calibration's groups."""
    if groups is None or len(groups) != n_persons or not set(groups) <= set(source.groups):
        raise ValueError(f"the calibration has groups: give each person one of {', '.join(source.groups)}")
    place = {group: number for number, group in enumerate(source.groups)}
    return np.array([place[group] for group in groups], dtype=np.intp)


def posteriors_of(
    parameters: ItemParameters, answers: ScoreArray, people: Population
) -> Iterator[tuple[IndexArray, FloatArray]]:
    """Yield persons (n_rows,) and their posterior (n_rows, n_nodes), chunk by chunk.

    Whoever saw nothing keeps the distribution that they come from.
    """
    first = first_rows(parameters.n_categories)
    table = log_probability_table(parameters, people.nodes)
    few = people.n_distributions <= MANY
    index = people.index if few else np.zeros_like(people.index)
    common = people.log_weights(np.arange(people.n_distributions)) if few else _average(people)
    for block in group_by_form(answers, index, collapse=False):
        for chunk in posteriors(block, first, table, common[block.group]):
            persons, posterior = block.persons[chunk.rows], chunk.posterior
            if not few:
                # From the average distribution to each person's own.
                posterior = posterior * np.exp(people.log_weights(people.index[persons]) - common)
                posterior /= posterior.sum(axis=1, keepdims=True)
            yield persons, posterior
    unseen = np.flatnonzero((answers == NOT_SEEN).all(axis=1))
    size = max(1, CHUNK_BYTES // (8 * people.nodes.size))
    for low in range(0, unseen.size, size):
        persons = unseen[low : low + size]
        yield persons, np.exp(people.log_weights(people.index[persons]))


def _average(people: Population) -> FloatArray:
    """Return log weights (1, n_nodes) of a normal distribution with mean and variance of some of the distributions."""
    some = np.linspace(0, people.n_distributions - 1, MANY).astype(np.intp)
    weights = np.exp(people.log_weights(some)).mean(axis=0)
    mean = weights @ people.nodes
    sd = np.sqrt(weights @ (people.nodes - mean) ** 2)
    return log_normal_weights(people.nodes, mean, 1.5 * sd)[None]
