"""What a calibration estimates: which values are free, fixed or common, their bounds and their prior.

All free values stand in one vector. An index array says for every item value and for every group's ability
mean and log standard deviation where in that vector it stands, -1 where it is fixed; a common slope is one
place that many items point to. Everything that follows (M-step, gradient, information) reads only these
indices.
"""

from dataclasses import dataclass

import numpy as np

from qbank.irt.likelihood import Expectation, log_normal_weights
from qbank.irt.models import FloatArray, IndexArray, Mask, Model

FIXED = -1
# Below half the spacing of the nodes the ability distribution is one node and its spread cannot be seen.
LOG_SD_BOUNDS = (float(np.log(0.1)), float(np.log(5.0)))
MEAN_BOUNDS = (-5.0, 5.0)


@dataclass(frozen=True, slots=True)
class Design:
    """The estimation problem.

    model            whose functions all items share
    nodes            (n_nodes,)
    item_values      (n_items, n_parameters) the fixed values, and the start of the free ones
    item_index       the same shape, place in the free vector or FIXED
    ability_values   (n_groups, 2) mean and log sd;  ability_index: the same shape
    low, high        (n_free,) bounds
    prior_log_a      (mean, sd) of a normal density of log a for every free slope, or None
    """

    model: Model
    nodes: FloatArray
    item_values: FloatArray
    item_index: IndexArray
    ability_values: FloatArray
    ability_index: IndexArray
    low: FloatArray
    high: FloatArray
    prior_log_a: tuple[float, float] | None

    @property
    def n_free(self) -> int:
        return self.low.size


def design(
    model: Model,
    nodes: FloatArray,
    *,
    item_values: FloatArray,
    item_free: Mask,
    common_slope: IndexArray,
    ability_values: FloatArray,
    ability_free: Mask,
    prior_log_a: tuple[float, float] | None,
) -> Design:
    """Return the design in which the marked values are free and the items of common_slope share one slope."""
    item_index = np.full(item_values.shape, FIXED, dtype=np.intp)
    tied = np.zeros(item_values.shape, dtype=bool)
    tied[common_slope, 0] = True
    own = item_free & ~tied
    item_index[own] = np.arange(own.sum())
    n_free = int(own.sum())
    if common_slope.size:
        item_index[tied] = n_free
        n_free += 1
    ability_index = np.full(ability_values.shape, FIXED, dtype=np.intp)
    moving = ability_free
    ability_index[moving] = n_free + np.arange(moving.sum())
    n_free += int(moving.sum())
    low, high = np.empty(n_free), np.empty(n_free)
    least, most = np.array(model.bounds[0]), np.array(model.bounds[1])
    if prior_log_a is not None:
        least[0] = 1e-3
    estimated = item_index != FIXED
    low[item_index[estimated]] = np.broadcast_to(least, item_values.shape)[estimated]
    high[item_index[estimated]] = np.broadcast_to(most, item_values.shape)[estimated]
    for column, (least_ability, most_ability) in enumerate((MEAN_BOUNDS, LOG_SD_BOUNDS)):
        places = ability_index[ability_index[:, column] != FIXED, column]
        low[places], high[places] = least_ability, most_ability
    return Design(
        model, nodes, item_values, item_index, ability_values, ability_index, low, high, prior_log_a
    )


def start(task: Design) -> FloatArray:
    """Return the free vector (n_free,) of the start values."""
    free = np.empty(task.n_free)
    for values, index in ((task.item_values, task.item_index), (task.ability_values, task.ability_index)):
        free[index[index != FIXED]] = values[index != FIXED]
    return free


def expand(task: Design, free: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return item values (n_items, n_parameters) and ability values (n_groups, 2) of a free vector."""
    return (
        _filled(task.item_values, task.item_index, free),
        _filled(task.ability_values, task.ability_index, free),
    )


def _filled(values: FloatArray, index: IndexArray, free: FloatArray) -> FloatArray:
    if not free.size:
        return values
    return np.where(index == FIXED, values, free[np.maximum(index, 0)])


def tables(task: Design, free: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return log_probability (n_items, n_categories, n_nodes) and log_weights (n_groups, n_nodes)."""
    values, ability = expand(task, free)
    return (
        task.model.log_probability(values, task.nodes),
        log_normal_weights(task.nodes, ability[:, 0], np.exp(ability[:, 1])),
    )


def collect(task: Design, by_item: FloatArray, by_group: FloatArray) -> FloatArray:
    """Return the free vector (n_free,) of sums of quantities that stand by item value and by group value."""
    free = np.zeros(task.n_free)
    for quantity, index in ((by_item, task.item_index), (by_group, task.ability_index)):
        np.add.at(free, index[index != FIXED], quantity[index != FIXED])
    return free


def log_prior(task: Design, free: FloatArray) -> float:
    """Return the log density of the prior at the free slopes, without its constant.

    The density is normal *in log a*, so that its mode is exp(mean): -(log a - mean)^2 / (2 sd^2).
    """
    if task.prior_log_a is None:
        return 0.0
    mean, sd = task.prior_log_a
    return float(-0.5 * (((np.log(free[slopes(task)]) - mean) / sd) ** 2).sum())


def log_prior_derivatives(task: Design, free: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the first and the negative second derivative of the log prior, each (n_free,)."""
    first, second = np.zeros(task.n_free), np.zeros(task.n_free)
    if task.prior_log_a is not None:
        mean, sd = task.prior_log_a
        places = slopes(task)
        a = free[places]
        distance = np.log(a) - mean
        first[places] = -distance / (sd**2 * a)
        second[places] = (1.0 - distance) / (sd * a) ** 2
    return first, second


def slopes(task: Design) -> IndexArray:
    """Return the places of the free slopes, a common one once."""
    return np.unique(task.item_index[task.item_index[:, 0] != FIXED, 0])


def ability_score(nodes: FloatArray, log_weights: FloatArray, ability: FloatArray) -> FloatArray:
    """Return d log w / d (mean, log sd) at each node, (2, n_nodes), for weights normalised on the nodes.

    With t = ((node - mean) / sd^2, ((node - mean) / sd)^2) it is t - E_w t.
    """
    statistic = ability_statistic(nodes, ability)
    return statistic - (statistic @ np.exp(log_weights))[:, None]


def ability_statistic(nodes: FloatArray, ability: FloatArray) -> FloatArray:
    """Return t = ((node - mean) / sd^2, ((node - mean) / sd)^2), (2, n_nodes)."""
    mean, variance = ability[0], np.exp(2.0 * ability[1])
    return np.stack(((nodes - mean) / variance, (nodes - mean) ** 2 / variance))


def gradient(task: Design, free: FloatArray, expectation: Expectation) -> FloatArray:
    """Return the gradient (n_free,) of the marginal log-likelihood plus log prior.

    The gradient of the marginal log-likelihood is the posterior expectation of the complete-data score
    (Fisher's identity; Louis 1982, eq. 3.1), so that it costs nothing beyond the E-step at `free`.
    """
    values, ability = expand(task, free)
    by_item = np.einsum("jkq,jpkq->jp", expectation.counts, task.model.gradient(values, task.nodes))
    log_weights = log_normal_weights(task.nodes, ability[:, 0], np.exp(ability[:, 1]))
    by_group = np.stack(
        [
            ability_score(task.nodes, log_weights[group], ability[group]) @ expectation.persons[group]
            for group in range(ability.shape[0])
        ]
    )
    return collect(task, by_item, by_group) + log_prior_derivatives(task, free)[0]


def held(task: Design, free: FloatArray, slope: FloatArray) -> FloatArray:
    """Return the gradient with zeros where a bound stops the ascent."""
    stopped = ((free <= task.low) & (slope < 0)) | ((free >= task.high) & (slope > 0))
    return np.where(stopped, 0.0, slope)
