"""The models that divide by a total: pcm, gpcm, rsm, nominal.

P_k = exp(z_k) / sum over h of exp(z_h), and z is linear in the values: z_k = sum over p of u_kp theta^e_p value_p,
with e = 1 for slopes, which come first, and 0 for intercepts. The matrix u (n_categories, n_parameters) and the number
of slopes are the whole model; the functions below are the same for each.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from qbank.irt.models.record import LARGEST, STEEPEST, FloatArray, Model, always_valid, no_edges
from qbank.irt.models.steps import rescaling_matrix, step_names, step_report


@dataclass(frozen=True, slots=True)
class Line:
    """How z_k is made from the values: u (n_categories, n_parameters), the first n_slopes columns times theta."""

    u: FloatArray
    n_slopes: int


def divided_log_probability(line: Line, values: FloatArray, theta: FloatArray) -> FloatArray:
    """Return log P_k = z_k - log of the sum over h of exp(z_h).

    >>> gpcm = _gpcm_line(3)
    >>> np.exp(divided_log_probability(gpcm, np.array([[1.0, 1.0, 0.0]]), np.array([0.0]))).ravel().round(3)
    array([0.212, 0.576, 0.212])
    """
    z = _logits(line, values, theta)
    z -= np.log(np.exp(z).sum(axis=1, keepdims=True))
    return z


def divided_gradient(line: Line, values: FloatArray, theta: FloatArray) -> FloatArray:
    """Return d log P_k / d value_p = (u_kp - the mean of u_p) theta^e_p."""
    return _gradient(line, _probability(line, values, theta), theta)


def divided_hessian(line: Line, values: FloatArray, theta: FloatArray, counts: FloatArray) -> FloatArray:
    """Return the sum over nodes of -n Cov(u theta^e), n being the persons at the node."""
    probability = _probability(line, values, theta)
    n_items, n_parameters = values.shape
    shape = n_items, n_parameters, line.u.shape[0] * theta.size
    gradient = _gradient(line, probability, theta).reshape(shape)
    weight = (probability * counts.sum(axis=1, keepdims=True)).reshape(n_items, 1, shape[2])
    hessian: FloatArray = -np.matmul(gradient * weight, gradient.transpose(0, 2, 1))
    return hessian


def divided_ability_gradient(line: Line, values: FloatArray, theta: FloatArray) -> FloatArray:
    """Return d log P_k / d theta = a_k - the mean of a, a_k being the slope of z_k."""
    slopes = _slopes(line, values)
    probability = _probability(line, values, theta)
    gradient: FloatArray = slopes[:, :, None] - np.matmul(slopes[:, None], probability)
    return gradient


def divided_ability_curvature(line: Line, values: FloatArray, theta: FloatArray) -> FloatArray:
    """Return d2 log P_k / d theta2 = -Var(a), the same for all categories."""
    information = divided_information(line, values, theta)
    return np.repeat(-information[:, None], line.u.shape[0], axis=1)


def divided_information(line: Line, values: FloatArray, theta: FloatArray) -> FloatArray:
    """Return the Fisher information: the variance of a_k over the categories; Muraki (1993), Applied Psychological
    Measurement 17.

    >>> divided_information(_gpcm_line(2), np.array([[2.0, 0.0]]), np.array([0.0]))
    array([[1.]])
    """
    slopes = _slopes(line, values)
    probability = _probability(line, values, theta)
    residual = slopes[:, :, None] - np.matmul(slopes[:, None], probability)
    information: FloatArray = (probability * residual**2).sum(axis=1)
    return information


def _slopes(line: Line, values: FloatArray) -> FloatArray:
    """Return by how much z_k rises with theta, (n_items, n_categories)."""
    slopes: FloatArray = values[:, : line.n_slopes] @ line.u[:, : line.n_slopes].T
    return slopes


def _logits(line: Line, values: FloatArray, theta: FloatArray) -> FloatArray:
    """Return z_k less the largest of them."""
    intercepts = values[:, line.n_slopes :] @ line.u[:, line.n_slopes :].T
    z: FloatArray = _slopes(line, values)[:, :, None] * theta
    z += intercepts[:, :, None]
    z -= z.max(axis=1, keepdims=True)
    return z


def _probability(line: Line, values: FloatArray, theta: FloatArray) -> FloatArray:
    found = np.exp(_logits(line, values, theta))
    found /= found.sum(axis=1, keepdims=True)
    return found


def _gradient(line: Line, probability: FloatArray, theta: FloatArray) -> FloatArray:
    gradient: FloatArray = line.u.T[:, :, None] - np.matmul(line.u.T, probability)[:, :, None]
    gradient[:, : line.n_slopes] *= theta
    return gradient


@cache
def _gpcm_line(n_categories: int) -> Line:
    """Return z_k = k a theta + d_k."""
    u = np.eye(n_categories)
    u[:, 0] = np.arange(n_categories)
    return Line(u, 1)


@cache
def _rsm_line(n_categories: int) -> Line:
    """Return z_k = k (a theta + d) + t_k."""
    k = np.arange(n_categories, dtype=np.float64)
    return Line(np.column_stack((k, k, np.eye(n_categories)[:, 1:-1])), 1)


@cache
def _nominal_line(n_categories: int) -> Line:
    """Return z_k = a_k theta + d_k."""
    own = np.eye(n_categories)[:, 1:]
    return Line(np.concatenate((own, own), axis=1), n_categories - 1)


def _intercepts(shares: FloatArray) -> FloatArray:
    """Return d_k - d_0 of z_k = k theta + d_k that lead to the shares (n_items, n_categories) if ability is N(0, 1).

    A category that nobody used counts as if 0.5 % had. The first guess is the Dutch identity (Holland 1990,
    Psychometrika 55): if ability given category 0 is normal with variance s^2, here 0.7, the marginal log P_k is d_k +
    s^2 k^2 / 2 and a linear term. Then what a share lacks is added to its intercept, a few times.
    """
    floored = np.maximum(shares, 0.005)
    wanted = np.log(floored / floored.sum(axis=1, keepdims=True))
    k = np.arange(shares.shape[1])
    found: FloatArray = wanted + 0.35 * k * (k[-1] - k)
    nodes = np.linspace(-3.0, 3.0, 13)
    weights = np.exp(-0.5 * nodes**2) / np.exp(-0.5 * nodes**2).sum()
    for _ in range(6):
        found -= found[:, :1]
        slopes = np.ones((shares.shape[0], 1))
        values = np.concatenate((slopes, found[:, 1:]), axis=1)
        found += wanted - np.log(_probability(_gpcm_line(k.size), values, nodes) @ weights)
    return found - found[:, :1]


def _gpcm_start(shares: FloatArray) -> FloatArray:
    """Return a = 1 and the intercepts that lead to the shares."""
    return np.column_stack((np.ones(shares.shape[0]), _intercepts(shares)[:, 1:]))


def _rsm_start(shares: FloatArray) -> FloatArray:
    """Return a = 1, each item's own d, and t as the mean over the items."""
    intercepts = _intercepts(shares)
    n_items, n_categories = shares.shape
    d = intercepts[:, -1] / (n_categories - 1)
    t = (intercepts - d[:, None] * np.arange(n_categories)).sum(axis=0)[1:-1] / max(1, n_items)
    return np.column_stack((np.ones(n_items), d, np.tile(t, (n_items, 1))))


def _nominal_start(shares: FloatArray) -> FloatArray:
    """Return a_k = k, as if the categories were in order, and the intercepts that lead to the shares."""
    n_items, n_categories = shares.shape
    slopes = np.tile(np.arange(1.0, n_categories), (n_items, 1))
    return np.column_stack((slopes, _intercepts(shares)[:, 1:]))


def _step_parameters(n_categories: int) -> tuple[str, ...]:
    return ("a", *(f"d{k}" for k in range(1, n_categories)))


def _edges(
    n_slopes: int, slope: float, n_categories: int, n_parameters: int
) -> tuple[FloatArray, FloatArray]:
    """Return bounds: intercepts are sums over steps, so that they may be larger where there are more of these."""
    edge = np.full(n_parameters, LARGEST * max(1.0, 0.5 * (n_categories - 1)))
    edge[:n_slopes] = slope
    return -edge, edge


def _rsm_to_gpcm(n_categories: int) -> FloatArray:
    """Return the matrix that makes a, d_k = k d + t_k of a, d, t_1, t_2, ..."""
    matrix = _rsm_line(n_categories).u.copy()
    matrix[:, 0] = np.arange(n_categories) == 0
    return matrix


def _gpcm_report(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the steps b_k = -(d_k - d_{k-1}) / a, where k becomes as probable as k - 1, and d_k."""
    intercepts = np.eye(values.shape[1])
    steps = np.diff(intercepts, axis=0)
    steps[:, 0] = 0.0
    return step_report(values, steps, intercepts[1:])


def _rsm_report(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return what the same item as a gpcm reports."""
    matrix = _rsm_to_gpcm(values.shape[1])
    found, jacobian = _gpcm_report(values @ matrix.T)
    return found, jacobian @ matrix


def _nominal_names(n_categories: int) -> tuple[str, ...]:
    numbers = range(1, n_categories)
    return (*(f"a{k}" for k in numbers), *(f"d{k}" for k in numbers))


def _nominal_rescaling(n_categories: int, slope: float, intercept: float) -> FloatArray:
    """Return the matrix of a_k / A, d_k - a_k B / A."""
    own = np.eye(n_categories - 1)
    return np.block([[own / slope, 0.0 * own], [-own * intercept / slope, own]])


def _divided(line: Callable[[int], Line], n_categories_of: Callable[[int], int], **rest: Any) -> Model:
    """Return the model of a line; n_categories_of tells its number of categories from that of its parameters."""

    def of(function: Callable[..., FloatArray]) -> Callable[..., FloatArray]:
        return lambda values, *arrays: function(line(n_categories_of(values.shape[1])), values, *arrays)

    return Model(
        linear=True,
        categories=(2, 127),
        slopes=lambda n_categories: np.arange(line(n_categories).u.shape[1]) < line(n_categories).n_slopes,
        log_probability=of(divided_log_probability),
        gradient=of(divided_gradient),
        hessian=of(divided_hessian),
        ability_gradient=of(divided_ability_gradient),
        ability_curvature=of(divided_ability_curvature),
        information=of(divided_information),
        edges=lambda n_categories: no_edges(line(n_categories).u.shape[1]),
        valid=always_valid,
        **rest,
    )


def _gpcm(name: str, slope: str, doc: str) -> Model:
    return _divided(
        _gpcm_line,
        lambda n_parameters: n_parameters,
        name=name,
        slope=slope,
        shared=lambda n_categories: (),
        parameters=_step_parameters,
        bounds=lambda n_categories: _edges(1, STEEPEST, n_categories, n_categories),
        start=_gpcm_start,
        rescaling=lambda n_categories, slope, shift: rescaling_matrix(
            np.arange(n_categories, dtype=np.float64), slope, shift
        ),
        freed=lambda n_categories: ("gpcm", np.eye(n_categories)),
        reported=step_names,
        report=_gpcm_report,
        doc=doc,
    )


PARTIAL_CREDIT = _gpcm(
    "pcm",
    "one",
    "P = exp(sum over h to k of (theta - b_jh)) / total, Masters (1982), Psychometrika 47. a = 1; the variance of "
    "ability is estimated.",
)
GENERALISED_PARTIAL_CREDIT = _gpcm(
    "gpcm",
    "own",
    "P = exp(sum over h to k of a_j (theta - b_jh)) / total, Muraki (1992), Applied Psychological Measurement 16; the "
    "variance of ability is 1. No D = 1.7.",
)
RATING_SCALE = _divided(
    _rsm_line,
    lambda n_parameters: n_parameters,
    name="rsm",
    slope="one",
    shared=lambda n_categories: tuple(f"t{k}" for k in range(1, n_categories - 1)),
    parameters=lambda n_categories: ("a", "d", *(f"t{k}" for k in range(1, n_categories - 1))),
    bounds=lambda n_categories: _edges(1, STEEPEST, n_categories, n_categories),
    start=_rsm_start,
    rescaling=lambda n_categories, slope, shift: rescaling_matrix(
        (np.arange(n_categories) == 1).astype(np.float64), slope, shift
    ),
    freed=lambda n_categories: ("gpcm", _rsm_to_gpcm(n_categories)),
    reported=step_names,
    report=_rsm_report,
    doc="P = exp(k (theta - b_j) + t_k) / total, Andrich (1978), Psychometrika 43: all items of as many categories "
    "share the t_k, t_0 = t_m = 0. a = 1; the variance of ability is estimated.",
)
NOMINAL = _divided(
    _nominal_line,
    lambda n_parameters: 1 + n_parameters // 2,
    name="nominal",
    slope="own",
    shared=lambda n_categories: (),
    parameters=_nominal_names,
    bounds=lambda n_categories: _edges(
        n_categories - 1, STEEPEST * (n_categories - 1), n_categories, 2 * (n_categories - 1)
    ),
    start=_nominal_start,
    rescaling=_nominal_rescaling,
    freed=lambda n_categories: ("nominal", np.eye(2 * (n_categories - 1))),
    reported=_nominal_names,
    report=lambda values: (values.copy(), np.tile(np.eye(values.shape[1]), (values.shape[0], 1, 1))),
    doc="P = exp(a_jk theta + d_jk) / total, a_j0 = d_j0 = 0, Bock (1972), Psychometrika 37; the variance of ability "
    "is 1. All slopes of all items reversed fit as well: ability points where categories of higher number lead.",
)
