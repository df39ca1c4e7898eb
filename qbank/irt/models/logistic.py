"""The logistic models of right and wrong answers without asymptotes: rasch, 1pl, 2pl."""

import numpy as np

from qbank.irt.models.record import LARGEST, STEEPEST, FloatArray, Mask, Model, always_valid, no_edges


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


def logistic_shares(logit: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return L = 1 / (1 + exp(-logit)) and 1 - L, each to full relative precision.

    >>> logistic_shares(np.array([40.0, -np.inf]))
    (array([1., 0.]), array([4.24835426e-18, 1.00000000e+00]))
    """
    tail = np.exp(-np.abs(logit))
    large = 1.0 / (1.0 + tail)
    small = tail * large
    positive = logit > 0
    return np.where(positive, large, small), np.where(positive, small, large)


def logistic_gradient(values: FloatArray, theta: FloatArray) -> FloatArray:
    """Return d log P_k / d(a, d) = (k - P) (theta, 1)."""
    right, wrong = _shares(values, theta)
    residual = np.stack((-right, wrong), axis=1)
    return residual[:, None] * _slope_and_intercept(theta)[None, :, None]


def logistic_hessian(values: FloatArray, theta: FloatArray, counts: FloatArray) -> FloatArray:
    """Return the sum over nodes of -n P (1 - P) (theta, 1)(theta, 1)', n being the persons at the node."""
    right, wrong = _shares(values, theta)
    weight = right * wrong * counts.sum(axis=1)
    basis = _slope_and_intercept(theta)
    squares = (basis[:, None] * basis[None]).reshape(4, -1)
    hessian: FloatArray = -(weight @ squares.T).reshape(-1, 2, 2)
    return hessian


def logistic_information(values: FloatArray, theta: FloatArray) -> FloatArray:
    """Return the Fisher information a^2 P (1 - P) of each item at each theta; Lord (1980), eq. 5-9.

    >>> logistic_information(np.array([[2.0, 0.0]]), np.array([0.0]))
    array([[1.]])
    """
    right, wrong = _shares(values, theta)
    information: FloatArray = values[:, 0, None] ** 2 * right * wrong
    return information


def logistic_ability_gradient(values: FloatArray, theta: FloatArray) -> FloatArray:
    """Return d log P_k / d theta = a (k - P)."""
    right, wrong = _shares(values, theta)
    return values[:, 0, None, None] * np.stack((-right, wrong), axis=1)


def logistic_ability_curvature(values: FloatArray, theta: FloatArray) -> FloatArray:
    """Return d2 log P_k / d theta2 = -a^2 P (1 - P), the same for both categories."""
    return np.repeat(-logistic_information(values, theta)[:, None], 2, axis=1)


def logistic_start(shares: FloatArray) -> FloatArray:
    """Return a = 1 and d = 1.16 logit(facility): the marginal logit, widened for the spread of ability.

    The factor is sqrt(1 + (16 sqrt 3 / 15 pi)^2), Johnson & Kotz (1970), eq. 22.
    """
    share = np.clip(shares[:, 1], 0.01, 0.99)
    return np.column_stack((np.ones_like(share), 1.16 * np.log(share / (1.0 - share))))


def logistic_report(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return a, b = -d / a and d with their derivatives; b is NaN where a = 0."""
    a, d = values.T
    b = -np.divide(d, a, out=np.full(a.size, np.nan), where=a != 0)
    jacobian = np.zeros((a.size, 3, 2))
    jacobian[:, 0, 0] = jacobian[:, 2, 1] = 1.0
    inverse = np.divide(1.0, a, out=np.full(a.size, np.nan), where=a != 0)
    jacobian[:, 1, 0], jacobian[:, 1, 1] = -b * inverse, -inverse
    return np.column_stack((a, b, d)), jacobian


def logistic_rescaling(n_categories: int, slope: float, intercept: float) -> FloatArray:
    """Return the matrix of a / A, d - a B / A."""
    return np.array([[1.0 / slope, 0.0], [-intercept / slope, 1.0]])


def _shares(values: FloatArray, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return P(X = 1) and P(X = 0), each (n_items, n_nodes)."""
    return logistic_shares(values[:, 0, None] * theta + values[:, 1, None])


def _slope_and_intercept(theta: FloatArray) -> FloatArray:
    return np.stack((theta, np.ones_like(theta)))


def _slopes(n_categories: int) -> Mask:
    return np.array([True, False])


def logistic_bounds(n_categories: int) -> tuple[FloatArray, FloatArray]:
    edge = np.array([STEEPEST, LARGEST])
    return -edge, edge


def _logistic(name: str, slope: str, freed: str, doc: str) -> Model:
    return Model(
        name=name,
        slope=slope,
        linear=True,
        shared=lambda n_categories: ("a",) if slope == "common" else (),
        categories=(2, 2),
        parameters=lambda n_categories: ("a", "d"),
        slopes=_slopes,
        log_probability=logistic_log_probability,
        gradient=logistic_gradient,
        hessian=logistic_hessian,
        ability_gradient=logistic_ability_gradient,
        ability_curvature=logistic_ability_curvature,
        information=logistic_information,
        bounds=logistic_bounds,
        edges=lambda n_categories: no_edges(2),
        valid=always_valid,
        start=logistic_start,
        rescaling=logistic_rescaling,
        freed=lambda n_categories: (freed, np.eye(2)),
        reported=lambda n_categories: ("a", "b", "d"),
        report=logistic_report,
        doc=doc,
    )


RASCH = _logistic(
    "rasch",
    "one",
    "2pl",
    "P = 1 / (1 + exp(-(theta - b))), Rasch (1960). a = 1; the variance of ability is estimated.",
)
ONE_PARAMETER = _logistic(
    "1pl",
    "common",
    "1pl",
    "P = 1 / (1 + exp(-a (theta - b))), one a for all items; the variance of ability is 1. "
    "Thissen (1982), Psychometrika 47, eq. 1.",
)
TWO_PARAMETER = _logistic(
    "2pl",
    "own",
    "2pl",
    "P = 1 / (1 + exp(-a_j (theta - b_j))), Birnbaum (1968); the variance of ability is 1. No D = 1.7.",
)
