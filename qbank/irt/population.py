"""The distribution that each person's ability comes from, on the nodes, and the posterior after the answers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qbank.irt.likelihood import group_by_form, log_normal_weights, posteriors
from qbank.irt.models import NOT_SEEN, FloatArray, IndexArray, ScoreArray
from qbank.irt.parameters import Calibration, ItemParameters, first_rows, log_probability_table

Ability = tuple[ArrayLike, ArrayLike]
# More distributions than this (one for each person, say) are not worth a block of persons each.
MANY = 64


@dataclass(frozen=True, slots=True)
class Population:
    """Distributions of ability and whose each is.

    nodes         (n_nodes,);  log_weights: (n_distributions, n_nodes), each row sums to 1 as weights
    index         (n_persons,) the distribution of each person
    """

    nodes: FloatArray
    log_weights: FloatArray
    index: IndexArray


def parameters_of(source: Calibration | ItemParameters) -> ItemParameters:
    """Return the item parameters of a calibration, or the parameters themselves."""
    return source.parameters if isinstance(source, Calibration) else source


def answers_to(parameters: ItemParameters, scores: ArrayLike) -> ScoreArray:
    """Return scores as int8 (n_persons, n_items), −1 also where an item has no parameters, or say what is wrong.

    >>> from qbank.irt import item_parameters
    >>> answers_to(item_parameters("2pl", a=[1.0, np.nan], b=[0.0, 0.0]), [[1, 1]])
    array([[ 1, -1]], dtype=int8)
    """
    given = np.asarray(scores)
    n_items = len(parameters.items)
    if given.ndim != 2:
        raise ValueError(f"scores must be a matrix of persons by items, found {given.ndim} dimensions")
    if given.shape[1] != n_items:
        raise ValueError(f"scores of {given.shape[1]} items for parameters of {n_items}")
    if given.size and given.dtype.kind not in "biu":
        raise ValueError(f"scores must be whole numbers with -1 for not seen, found {given.dtype}")
    usable = parameters.estimated
    if given.size:
        low, high = given.min(axis=0), given.max(axis=0)
        if (low < NOT_SEEN).any():
            _refuse(parameters, int((low < NOT_SEEN).argmax()), int(low.min()))
        if (above := usable & (high >= parameters.n_categories)).any():
            _refuse(parameters, int(above.argmax()), int(high[above.argmax()]))
    if usable.all():
        return given.astype(np.int8, copy=False)
    return np.where(usable, given, NOT_SEEN).astype(np.int8)


def _refuse(parameters: ItemParameters, item: int, found: int) -> None:
    raise ValueError(
        f"item {parameters.items[item]!r} has the score {found}, but its scores are 0 to "
        f"{int(parameters.n_categories[item]) - 1}, and -1 for not seen"
    )


def ability_of(
    source: Calibration | ItemParameters,
    ability: Ability | None,
    groups: Sequence[str] | None,
    n_persons: int,
) -> tuple[FloatArray, FloatArray]:
    """Return mean and sd of the ability distribution of each person, each (n_persons,)."""
    if ability is not None or isinstance(source, ItemParameters):
        mean, sd = (np.asarray(value, np.float64) for value in ((0.0, 1.0) if ability is None else ability))
        if not (sd > 0).all() or not np.isfinite(mean).all() or not np.isfinite(sd).all():
            raise ValueError(f"the sd of ability must be above 0 and both finite, found mean {mean} and sd {sd}")
        return np.broadcast_to(mean, n_persons).copy(), np.broadcast_to(sd, n_persons).copy()
    if not source.groups:
        return np.full(n_persons, source.ability_mean), np.full(n_persons, source.ability_sd)
    place = _group_places(source, groups, n_persons)
    return source.ability_mean[place], source.ability_sd[place]


def population(
    source: Calibration | ItemParameters,
    ability: Ability | None,
    groups: Sequence[str] | None,
    n_persons: int,
    nodes: FloatArray,
) -> Population:
    """Return the ability distributions on nodes.

    A calibration keeps its own nodes and weights, a histogram among them, unless `ability` is given. Then, and
    for bare parameters, it is normal on the nodes given, which reach further where the distribution does.
    """
    if ability is None and isinstance(source, Calibration):
        with np.errstate(divide="ignore"):
            log_weights = np.log(np.atleast_2d(source.weights))
        # A weight of 0 must not make NaN of a product with 0.
        log_weights = np.maximum(log_weights, -700.0)
        index = _group_places(source, groups, n_persons) if source.groups else np.zeros(n_persons, np.intp)
        return Population(np.asarray(source.nodes), log_weights, index)
    mean, sd = ability_of(source, ability, groups, n_persons)
    distributions, place = np.unique(np.column_stack((mean, sd)), axis=0, return_inverse=True)
    nodes = _reaching(nodes, distributions)
    return Population(nodes, log_normal_weights(nodes, *distributions.T), place.ravel().astype(np.intp))


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
    """Yield persons (n_rows,) and their posterior (n_rows, n_nodes), chunk by chunk, leaving out who saw nothing."""
    first = first_rows(parameters.n_categories)
    table = log_probability_table(parameters, people.nodes)
    shares = np.bincount(people.index, minlength=people.log_weights.shape[0]) / max(people.index.size, 1)
    if few := people.log_weights.shape[0] <= MANY:
        index, log_weights = people.index, people.log_weights
    else:
        index = np.zeros_like(people.index)
        log_weights = np.log(np.maximum(shares @ np.exp(people.log_weights), 1e-300))[None]
    for block in group_by_form(answers, index, collapse=False):
        for chunk in posteriors(block, first, table, log_weights[block.group]):
            persons, posterior = block.persons[chunk.rows], chunk.posterior
            if not few:
                # From the average distribution to each person's own.
                posterior = posterior * np.exp(people.log_weights[people.index[persons]] - log_weights)
                posterior /= posterior.sum(axis=1, keepdims=True)
            yield persons, posterior
