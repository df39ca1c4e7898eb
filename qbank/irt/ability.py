"""Distributions of ability on the nodes: a normal one, or a histogram with a free weight at every node.

Each is a record of functions of its values for one group. Both are normalised on the nodes, so that what is
estimated is what the quadrature can tell, and all derivatives are exact.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from qbank.irt.models import FloatArray, Mask

# Below half the spacing of the nodes the ability distribution is one node and its spread cannot be seen.
LOG_SD_BOUNDS = (float(np.log(0.1)), float(np.log(5.0)))
MEAN_BOUNDS = (-5.0, 5.0)
SLOPE_BOUNDS = (-5.0, 5.0)
# A node 40 log units below the centre holds no person of any sample.
LOG_WEIGHT_BOUNDS = (-40.0, 10.0)
SCORING_STEPS = 3
HALVINGS = 4


@dataclass(frozen=True, slots=True)
class Ability:
    """A family of ability distributions; values: (n_values,) of one group, nodes: (n_nodes,).

    start         first values, those of N(0, 1)
    bounds        (low, high), each (n_values,)
    log_weights   (n_groups, n_values) -> (n_groups, n_nodes), each row sums to 1 as weights
    score         d log weight / d value at each node, (n_values, n_nodes)
    information   minus the second derivatives of the sum of persons * log weights, (n_values, n_values)
    climb         better values, given expected persons at the nodes (n_nodes,) and which values may move
    by_person     every person has another distribution, which covariates tell: the functions of groups are not used
    """

    name: str
    start: Callable[[FloatArray], FloatArray]
    bounds: Callable[[FloatArray], tuple[FloatArray, FloatArray]]
    log_weights: Callable[[FloatArray, FloatArray], FloatArray]
    score: Callable[[FloatArray, FloatArray], FloatArray]
    information: Callable[[FloatArray, FloatArray, FloatArray], FloatArray]
    climb: Callable[[FloatArray, FloatArray, FloatArray, Mask], FloatArray]
    by_person: bool = False

    def __reduce__(self) -> tuple[Callable[..., "Ability"], tuple[str] | tuple[int]]:
        """Return the word for the family, or how many covariates it has: its functions stay where they are."""
        if self.by_person:
            return regression, (self.start(np.zeros(1)).size - 2,)
        return _by_name, (self.name,)


def _by_name(name: str) -> Ability:
    return ABILITIES[name]


def log_normal_weights(nodes: FloatArray, mean: ArrayLike, sd: ArrayLike) -> FloatArray:
    """Return log weights of N(mean, sd^2) on the nodes, normalised to sum to 1; shape of mean + (n_nodes,).

    >>> float(np.exp(log_normal_weights(np.linspace(-6, 6, 61), 0.0, 1.0)).sum().round(12))
    1.0
    """
    mean, sd = np.asarray(mean, np.float64)[..., None], np.asarray(sd, np.float64)[..., None]
    return _normalised(-0.5 * ((nodes - mean) / sd) ** 2)


def _normalised(exponent: FloatArray) -> FloatArray:
    peak = exponent.max(axis=-1, keepdims=True)
    weights: FloatArray = exponent - peak - np.log(np.exp(exponent - peak).sum(axis=-1, keepdims=True))
    return weights


def moments(nodes: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return mean and sd of weights (n_groups, n_nodes) on the nodes."""
    mean = weights @ nodes
    return np.asarray(mean), np.sqrt(np.maximum((weights * (nodes - mean[:, None]) ** 2).sum(axis=1), 0.0))


def _normal_statistic(nodes: FloatArray, values: FloatArray) -> FloatArray:
    """Return t = ((node - mean) / sd^2, ((node - mean) / sd)^2), (2, n_nodes)."""
    mean, variance = values[0], np.exp(2.0 * values[1])
    return np.stack(((nodes - mean) / variance, (nodes - mean) ** 2 / variance))


def _normal_log_weights(nodes: FloatArray, values: FloatArray) -> FloatArray:
    return log_normal_weights(nodes, values[:, 0], np.exp(values[:, 1]))


def _normal_score(nodes: FloatArray, values: FloatArray) -> FloatArray:
    """Return t - E_w t, by mean and log sd."""
    statistic = _normal_statistic(nodes, values)
    weights = np.exp(_normal_log_weights(nodes, values[None])[0])
    score: FloatArray = statistic - (statistic @ weights)[:, None]
    return score


def _normal_information(nodes: FloatArray, values: FloatArray, persons: FloatArray) -> FloatArray:
    """Return minus the Hessian by (mean, log sd), (2, 2).

    log w = h - log sum exp h, so its Hessian is h'' - E_w h'' - Cov_w(h'), with h' the statistic t.
    """
    statistic = _normal_statistic(nodes, values)
    weights = np.exp(_normal_log_weights(nodes, values[None])[0])
    flat = np.full(nodes.size, -np.exp(-2.0 * values[1]))
    second = np.stack((flat, -2.0 * statistic[0], -2.0 * statistic[0], -2.0 * statistic[1])).reshape(2, 2, -1)
    centred = statistic - (statistic @ weights)[:, None]
    expected: FloatArray = persons.sum() * (second @ weights + (centred * weights) @ centred.T)
    return expected - second @ persons


def _normal_climb(nodes: FloatArray, values: FloatArray, persons: FloatArray, moving: Mask) -> FloatArray:
    """Return mean and log sd after steps of Fisher scoring, halved where the expected log-likelihood would fall."""
    low, high = _normal_bounds(nodes)
    for _ in range(SCORING_STEPS):
        log_weights = _normal_log_weights(nodes, values[None])[0]
        score = _normal_score(nodes, values)[moving]
        information = persons.sum() * (score * np.exp(log_weights)) @ score.T
        information += 1e-8 * np.eye(score.shape[0])
        step = np.zeros(2)
        step[moving] = np.clip(np.linalg.solve(information, score @ persons), -0.5, 0.5)
        before = float(persons @ log_weights)
        for _ in range(HALVINGS):
            ahead = np.where(moving, np.clip(values + step, low, high), values)
            if persons @ _normal_log_weights(nodes, ahead[None])[0] >= before:
                values = ahead
                break
            step /= 2.0
    return values


def _normal_bounds(nodes: FloatArray) -> tuple[FloatArray, FloatArray]:
    low, high = np.array([MEAN_BOUNDS, LOG_SD_BOUNDS]).T
    return low, high


def _histogram_log_weights(nodes: FloatArray, values: FloatArray) -> FloatArray:
    return _normalised(_with_centre(values))


def _with_centre(values: FloatArray) -> FloatArray:
    """Return values of all nodes, (..., n_nodes): the middle one is 0 and the others are relative to it."""
    middle = (values.shape[-1] + 1) // 2
    zero = np.zeros((*values.shape[:-1], 1))
    return np.concatenate((values[..., :middle], zero, values[..., middle:]), axis=-1)


def _without_centre(values: FloatArray) -> FloatArray:
    return np.delete(values, values.shape[-1] // 2, axis=-1)


def _histogram_start(nodes: FloatArray) -> FloatArray:
    exponent = -0.5 * nodes**2
    return _without_centre(exponent - exponent[nodes.size // 2])


def _histogram_score(nodes: FloatArray, values: FloatArray) -> FloatArray:
    """Return d log w_q / d value_r = 1 where q = r, less w_r."""
    weights = np.exp(_histogram_log_weights(nodes, values))
    return np.delete(np.eye(nodes.size) - weights[:, None], nodes.size // 2, axis=0)


def _histogram_information(nodes: FloatArray, values: FloatArray, persons: FloatArray) -> FloatArray:
    weights = _without_centre(np.exp(_histogram_log_weights(nodes, values)))
    information: FloatArray = persons.sum() * (np.diag(weights) - np.outer(weights, weights))
    return information


def _histogram_climb(nodes: FloatArray, values: FloatArray, persons: FloatArray, moving: Mask) -> FloatArray:
    """Return the logs of the shares of persons: the M-step in closed form; Mislevy (1984), eq. 23."""
    low, high = _histogram_bounds(nodes)
    log_share = np.log(np.maximum(persons, 1e-300))
    ahead = _without_centre(log_share - log_share[nodes.size // 2])
    return np.where(moving, np.clip(ahead, low, high), values)


def _histogram_bounds(nodes: FloatArray) -> tuple[FloatArray, FloatArray]:
    return np.full(nodes.size - 1, LOG_WEIGHT_BOUNDS[0]), np.full(nodes.size - 1, LOG_WEIGHT_BOUNDS[1])


ABILITIES: dict[str, Ability] = {
    "normal": Ability(
        "normal",
        lambda nodes: np.zeros(2),
        _normal_bounds,
        _normal_log_weights,
        _normal_score,
        _normal_information,
        _normal_climb,
    ),
    "histogram": Ability(
        "histogram",
        _histogram_start,
        _histogram_bounds,
        _histogram_log_weights,
        _histogram_score,
        _histogram_information,
        _histogram_climb,
    ),
}


def regression(n_covariates: int) -> Ability:
    """Return the normal family with slopes of covariates after mean and log sd; see qbank.irt.regression."""

    def bounds(nodes: FloatArray) -> tuple[FloatArray, FloatArray]:
        low, high = _normal_bounds(nodes)
        return (
            np.append(low, np.full(n_covariates, SLOPE_BOUNDS[0])),
            np.append(high, np.full(n_covariates, SLOPE_BOUNDS[1])),
        )

    return replace(
        ABILITIES["normal"],
        name="regression",
        start=lambda nodes: np.zeros(2 + n_covariates),
        bounds=bounds,
        by_person=True,
    )
