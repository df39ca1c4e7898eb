"""What a calibration estimates: which values are free, fixed or common, their bounds and their priors.

All free values stand in one vector. An index array says for every item value and for every value of a group's
ability distribution where in that vector it stands, -1 where it is fixed; a value that items share is one place
that all of them point to. Everything that follows (M-step, gradient, information) reads only these indices.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qbank.irt.ability import Ability
from qbank.irt.likelihood import Expectation
from qbank.irt.models import FloatArray, IndexArray, Mask, Model
from qbank.irt.parameters import Batch, first_rows
from qbank.irt.priors import LEAST_SLOPE, Prior, derivatives, function, log_density
from qbank.irt.regression import PersonWeights

FIXED = -1


@dataclass(frozen=True, slots=True)
class Part:
    """Items of one model with equally many categories.

    items    (n_part,);  rows: (n_part, n_categories) in the table of all items' categories
    values   (n_part, n_parameters) the fixed values, and the start of the free ones
    index    the same shape, place in the free vector or FIXED;  shared: mask, others point there too
    """

    model: Model
    n_categories: int
    items: IndexArray
    rows: IndexArray
    values: FloatArray
    index: IndexArray
    shared: Mask


@dataclass(frozen=True, slots=True)
class Design:
    """The estimation problem.

    nodes            (n_nodes,);  first: (n_items + 1,) row of each item's category 0
    parts            the items by model and number of categories
    ability          family of the ability distributions
    ability_values   (n_groups, n_values);  ability_index: the same shape, place in the free vector or FIXED
    low, high        (n_free,) bounds
    priors           densities of free values
    """

    nodes: FloatArray
    first: IndexArray
    parts: tuple[Part, ...]
    ability: Ability
    ability_values: FloatArray
    ability_index: IndexArray
    low: FloatArray
    high: FloatArray
    priors: tuple[Prior, ...]

    @property
    def n_free(self) -> int:
        return self.low.size

    @property
    def n_items(self) -> int:
        return self.first.size - 1


Ties = Sequence[tuple[str, Sequence[int]]]
ItemPriors = dict[str, tuple[str, FloatArray, FloatArray]]


def design(
    batches: Sequence[Batch],
    free: Sequence[Mask],
    *,
    nodes: FloatArray,
    n_categories: IndexArray,
    ties: Ties,
    ability: Ability,
    ability_values: FloatArray,
    ability_free: Mask,
    priors: ItemPriors,
) -> Design:
    """Return the design in which the marked values of the batches are free.

    ties : (name, items): these items' free values of that name are one value; what a model says that its items
        share is added to them
    """
    index, n_free = numbered(batches, free, ties)
    first = first_rows(n_categories)
    users = np.bincount(
        np.concatenate([part[part != FIXED] for part in index] or [np.empty(0, np.intp)]), minlength=n_free
    )
    parts = tuple(
        Part(
            batch.model,
            batch.n_categories,
            batch.items,
            first[batch.items, None] + np.arange(batch.n_categories),
            batch.values,
            places,
            (places != FIXED) & (users[np.maximum(places, 0)] > 1) if n_free else places != FIXED,
        )
        for batch, places in zip(batches, index, strict=True)
    )
    ability_index = np.full(ability_values.shape, FIXED, dtype=np.intp)
    if ability.by_person:
        # The groups share the slopes of the covariates.
        n_slopes = ability_values.shape[1] - 2
        ability_index[:, 2:] = n_free + np.arange(n_slopes)
        n_free += n_slopes
        ability_free = ability_free.copy()
        ability_free[:, 2:] = False
    ability_index[ability_free] = n_free + np.arange(ability_free.sum())
    n_free += int(ability_free.sum())
    item_priors = _priors(parts, priors)
    low, high = _bounds(parts, ability, nodes, ability_index, item_priors, n_free)
    return Design(
        nodes, first, parts, ability, ability_values, ability_index, low, high, item_priors
    )


def numbered(
    batches: Sequence[Batch], free: Sequence[Mask], ties: Ties
) -> tuple[list[IndexArray], int]:
    """Return the place of every item value in the free vector, and how many places there are."""
    where = {}
    for number, batch in enumerate(batches):
        for column, name in enumerate(batch.model.parameters(batch.n_categories)):
            for row, item in enumerate(batch.items.tolist()):
                if free[number][row, column]:
                    where[item, name] = (number, row, column)
    leader: dict[tuple[int, str], tuple[int, str]] = {key: key for key in where}

    def leader_of(key: tuple[int, str]) -> tuple[int, str]:
        while leader[key] != key:
            key = leader[key]
        return key

    own = [
        (name, batch.items.tolist())
        for batch in batches
        for name in batch.model.shared(batch.n_categories)
    ]
    for name, items in (*own, *ties):
        members = [(item, name) for item in items if (item, name) in where]
        for member in members[1:]:
            leader[leader_of(member)] = leader_of(members[0])
    index = [np.full(batch.values.shape, FIXED, dtype=np.intp) for batch in batches]
    place: dict[tuple[int, str], int] = {}
    for key, (number, row, column) in where.items():
        index[number][row, column] = place.setdefault(leader_of(key), len(place))
    return index, len(place)


def _priors(parts: Sequence[Part], priors: ItemPriors) -> tuple[Prior, ...]:
    """Return the priors of the free values; a value that items share has its prior once."""
    found = []
    for name, (word, p, q) in priors.items():
        target, places, first, second = function(name).of, [], [], []
        for part in parts:
            names = part.model.parameters(part.n_categories)
            if target not in names:
                continue
            at = part.index[:, names.index(target)]
            wanted = (at != FIXED) & np.isfinite(p[part.items]) & np.isfinite(q[part.items])
            places.append(at[wanted])
            first.append(p[part.items][wanted])
            second.append(q[part.items][wanted])
        if places:
            unique, once = np.unique(np.concatenate(places), return_index=True)
            found.append(Prior(name, word, unique, np.concatenate(first)[once], np.concatenate(second)[once]))
    return tuple(found)


def _bounds(
    parts: Sequence[Part],
    ability: Ability,
    nodes: FloatArray,
    ability_index: IndexArray,
    priors: Sequence[Prior],
    n_free: int,
) -> tuple[FloatArray, FloatArray]:
    """Return the bounds of the free vector, each (n_free,)."""
    low, high = np.empty(n_free), np.empty(n_free)
    for part in parts:
        estimated = part.index != FIXED
        for bound, limits in zip((low, high), part.model.bounds(part.n_categories), strict=True):
            bound[part.index[estimated]] = np.broadcast_to(limits, part.index.shape)[estimated]
    for prior in priors:
        if prior.name == "log_a" or (prior.name == "a" and prior.word == "lognormal"):
            low[prior.places] = LEAST_SLOPE
    least, most = ability.bounds(nodes)
    estimated = ability_index != FIXED
    low[ability_index[estimated]] = np.broadcast_to(least, ability_index.shape)[estimated]
    high[ability_index[estimated]] = np.broadcast_to(most, ability_index.shape)[estimated]
    return low, high


def start(task: Design) -> FloatArray:
    """Return the free vector (n_free,) of the start values; a shared value starts at the mean of its items'."""
    total, users = np.zeros(task.n_free), np.zeros(task.n_free)
    pairs = [(part.values, part.index) for part in task.parts]
    for values, index in (*pairs, (task.ability_values, task.ability_index)):
        moving = index != FIXED
        np.add.at(total, index[moving], values[moving])
        np.add.at(users, index[moving], 1.0)
    return np.clip(total / np.maximum(users, 1.0), task.low, task.high)


def item_values(part: Part, free: FloatArray) -> FloatArray:
    """Return the values (n_part, n_parameters) of a part at a free vector."""
    return _filled(part.values, part.index, free)


def ability_values(task: Design, free: FloatArray) -> FloatArray:
    """Return the values (n_groups, n_values) of the ability distributions at a free vector."""
    return _filled(task.ability_values, task.ability_index, free)


def _filled(values: FloatArray, index: IndexArray, free: FloatArray) -> FloatArray:
    if not free.size:
        return values
    return np.where(index == FIXED, values, free[np.maximum(index, 0)])


def log_weights(task: Design, free: FloatArray) -> FloatArray | tuple[PersonWeights, ...]:
    """Return the log weights (n_groups, n_nodes) of the ability distributions at a free vector, or of the persons."""
    values = ability_values(task, free)
    if task.ability.by_person:
        return tuple(PersonWeights(task.nodes, own) for own in values)
    return task.ability.log_weights(task.nodes, values)


def tables(
    task: Design, free: FloatArray
) -> tuple[FloatArray, FloatArray | tuple[PersonWeights, ...]]:
    """Return log_probability (n_rows, n_nodes) of all items' categories, and log_weights (n_groups, n_nodes)."""
    table = np.empty((task.first[-1], task.nodes.size))
    for part in task.parts:
        table[part.rows] = part.model.log_probability(item_values(part, free), task.nodes)
    return table, log_weights(task, free)


def log_prior(task: Design, free: FloatArray) -> float:
    """Return the log density of the priors at a free vector."""
    return float(log_density(task.priors, free).sum())


def log_prior_derivatives(task: Design, free: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the first and the negative second derivative of the log prior, each (n_free,)."""
    first, second = derivatives(task.priors, free)
    return first, -second


def gradient(task: Design, free: FloatArray, expectation: Expectation) -> FloatArray:
    """Return the gradient (n_free,) of the marginal log-likelihood plus log prior.

    The gradient of the marginal log-likelihood is the posterior expectation of the complete-data score
    (Fisher's identity; Louis 1982, eq. 3.1), so that it costs nothing beyond the E-step at `free`.
    """
    found = log_prior_derivatives(task, free)[0]
    for part in task.parts:
        score = part.model.gradient(item_values(part, free), task.nodes)
        add(found, part.index, np.einsum("jkq,jpkq->jp", expectation.counts[part.rows], score))
    values = ability_values(task, free)
    for group, places in enumerate(task.ability_index):
        if task.ability.by_person:
            add(found, places, expectation.abilities[group].gradient)
            continue
        add(found, places, task.ability.score(task.nodes, values[group]) @ expectation.persons[group])
    return found


def at_edge(task: Design, free: FloatArray) -> Mask:
    """Return a mask (n_free,): the values at a bound where the likelihood can have its maximum, an asymptote at 0
    or 1.
    """
    at_low, at_high = free <= task.low, free >= task.high
    found = np.zeros(task.n_free + 1, dtype=bool)
    for part in task.parts:
        low, high = part.model.edges(part.n_categories)
        found[part.index[:, low]] = np.append(at_low, False)[part.index[:, low]]
        found[part.index[:, high]] |= np.append(at_high, False)[part.index[:, high]]
    return found[:-1]


def add(total: FloatArray, index: IndexArray, quantity: FloatArray) -> None:
    """Add quantities to their places of a vector, those of fixed values to none."""
    moving = index != FIXED
    np.add.at(total, index[moving], quantity[moving])


def held(task: Design, free: FloatArray, slope: FloatArray) -> FloatArray:
    """Return the gradient with zeros where a bound stops the ascent."""
    stopped = ((free <= task.low) & (slope < 0)) | ((free >= task.high) & (slope > 0))
    return np.where(stopped, 0.0, slope)
