"""Item response models: one frozen record of functions each, in the table MODELS.

Shapes throughout: values (n_items, n_parameters), theta (n_nodes,), results (n_items, ..., n_nodes).
The estimation metric is slope and intercept, logit = a theta + d; reports use b = -d / a. No D = 1.7.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
ScoreArray = NDArray[np.int8]
IndexArray = NDArray[np.intp]
Mask = NDArray[np.bool_]

NOT_SEEN = -1


@dataclass(frozen=True, slots=True)
class Model:
    """A model as functions of (values, theta); every array function is vectorised over items and nodes.

    slope               "one" (a = 1), "common" (one a for all items of the model) or "own"
    parameters          names of the columns of values; the first is the slope
    log_probability     (n_items, n_categories, n_nodes), finite everywhere
    gradient            d log P_k / d value, (n_items, n_parameters, n_categories, n_nodes)
    hessian             second derivatives, (n_items, n_parameters, n_parameters, n_categories, n_nodes)
    information         Fisher information about theta, (n_items, n_nodes)
    ability_gradient    d log P_k / d theta, (n_items, n_categories, n_nodes)
    information_slope   d information / d theta, (n_items, n_nodes)
    bounds              (low, high), each (n_parameters,); an estimate that reaches one has diverged
    start               first values from the facility (n_items,), (n_items, n_parameters)
    """

    name: str
    slope: str
    parameters: tuple[str, ...]
    log_probability: Callable[[FloatArray, FloatArray], FloatArray]
    gradient: Callable[[FloatArray, FloatArray], FloatArray]
    hessian: Callable[[FloatArray, FloatArray], FloatArray]
    information: Callable[[FloatArray, FloatArray], FloatArray]
    ability_gradient: Callable[[FloatArray, FloatArray], FloatArray]
    information_slope: Callable[[FloatArray, FloatArray], FloatArray]
    bounds: tuple[tuple[float, ...], tuple[float, ...]]
    start: Callable[[FloatArray], FloatArray]
    doc: str


def logistic_log_probability(values: FloatArray, theta: FloatArray) -> FloatArray:
    """Return log P(X = 0) and log P(X = 1) of the two-parameter logistic model.

    P(X = 1 | theta) = 1 / (1 + exp(-(a theta + d))), Birnbaum (1968), in Lord & Novick, ch. 17.

    >>> np.exp(logistic_log_probability(np.array([[1.0, 0.0]]), np.array([0.0]))).ravel()
    array([0.5, 0.5])
    """
    logit = values[:, 0, None] * theta + values[:, 1, None]
    # log(1 + exp(z)) = max(z, 0) + log(1 + exp(-|z|)), one logarithm for both categories.
    tail = np.log1p(np.exp(-np.abs(logit)))
    return np.stack((-np.maximum(logit, 0.0) - tail, np.minimum(logit, 0.0) - tail), axis=1)


def logistic_gradient(values: FloatArray, theta: FloatArray) -> FloatArray:
    """Return d log P_k / d(a, d) = (k - P) (theta, 1)."""
    right: FloatArray = np.exp(logistic_log_probability(values, theta)[:, 1])
    residual = np.stack((-right, 1.0 - right), axis=1)
    return residual[:, None] * _slope_and_intercept(theta)[None, :, None]


def logistic_hessian(values: FloatArray, theta: FloatArray) -> FloatArray:
    """Return d2 log P_k / d(a, d)2 = -P (1 - P) (theta, 1)(theta, 1)', the same for both categories."""
    variance = np.exp(logistic_log_probability(values, theta).sum(axis=1))
    basis = _slope_and_intercept(theta)
    squares = -variance[:, None, None] * (basis[:, None] * basis[None])[None]
    n_items, n_nodes = variance.shape
    return np.broadcast_to(squares[:, :, :, None], (n_items, 2, 2, 2, n_nodes))


def logistic_information(values: FloatArray, theta: FloatArray) -> FloatArray:
    """Return the Fisher information a^2 P (1 - P) of each item at each theta; Lord (1980), eq. 5-9.

    >>> logistic_information(np.array([[2.0, 0.0]]), np.array([0.0]))
    array([[1.]])
    """
    variance: FloatArray = np.exp(logistic_log_probability(values, theta).sum(axis=1))
    return values[:, 0, None] ** 2 * variance


def logistic_ability_gradient(values: FloatArray, theta: FloatArray) -> FloatArray:
    """Return d log P_k / d theta = a (k - P)."""
    right: FloatArray = np.exp(logistic_log_probability(values, theta)[:, 1])
    return values[:, 0, None, None] * np.stack((-right, 1.0 - right), axis=1)


def logistic_information_slope(values: FloatArray, theta: FloatArray) -> FloatArray:
    """Return d information / d theta = a^3 P (1 - P) (1 - 2 P)."""
    wrong, right = np.exp(logistic_log_probability(values, theta)).swapaxes(0, 1)
    slope: FloatArray = values[:, 0, None] ** 3 * right * wrong * (wrong - right)
    return slope


def logistic_start(facility: FloatArray) -> FloatArray:
    """Return a = 1 and d = 1.16 logit(facility): the marginal logit, widened for the spread of ability.

    The factor is sqrt(1 + (16 sqrt 3 / 15 pi)^2), Johnson & Kotz (1970), eq. 22.
    """
    share = np.clip(facility, 0.01, 0.99)
    return np.column_stack((np.ones_like(share), 1.16 * np.log(share / (1.0 - share))))


def _slope_and_intercept(theta: FloatArray) -> FloatArray:
    return np.stack((theta, np.ones_like(theta)))


def _logistic(name: str, slope: str, doc: str) -> Model:
    return Model(
        name=name,
        slope=slope,
        parameters=("a", "d"),
        log_probability=logistic_log_probability,
        gradient=logistic_gradient,
        hessian=logistic_hessian,
        information=logistic_information,
        ability_gradient=logistic_ability_gradient,
        information_slope=logistic_information_slope,
        bounds=((-10.0, -40.0), (10.0, 40.0)),
        start=logistic_start,
        doc=doc,
    )


MODELS: dict[str, Model] = {
    "rasch": _logistic(
        "rasch",
        "one",
        "P = 1 / (1 + exp(-(theta - b))), Rasch (1960). a = 1; the variance of ability is estimated.",
    ),
    "1pl": _logistic(
        "1pl",
        "common",
        "P = 1 / (1 + exp(-a (theta - b))), one a for all items; the variance of ability is 1. "
        "Thissen (1982), Psychometrika 47, eq. 1.",
    ),
    "2pl": _logistic(
        "2pl",
        "own",
        "P = 1 / (1 + exp(-a_j (theta - b_j))), Birnbaum (1968); the variance of ability is 1. No D = 1.7.",
    ),
}
