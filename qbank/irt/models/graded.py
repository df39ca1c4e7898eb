"""The graded response model: grm.

P*_k = P(X >= k) = L(z_k), z_k = a theta + d_k, d_1 > d_2 > ...; P_k = P*_k - P*_{k+1}. The difference of two
logistic functions has a closed form without cancellation: with gap_k = d_k - d_{k+1}, P*_0 = 1 and P*_K = 0,

    log P_k = log L(z_k) + log L(-z_{k+1}) + log(1 - exp(-gap_k))

where the parts of thresholds that do not exist (0 and K) are left out. The last part does not depend on theta.
"""

import numpy as np

from qbank.irt.models.logistic import logistic_shares
from qbank.irt.models.record import LARGEST, STEEPEST, FloatArray, Mask, Model, no_edges
from qbank.irt.models.steps import rescaling_matrix, step_names, step_report

# What stands for log P of an item whose thresholds are out of order: no step of an ascent can like it.
IMPOSSIBLE = -1e6
# Thresholds nearer than this are out of order; with it 1 / gap^2 stays far from overflow.
LEAST_GAP = 1e-10


def graded_log_probability(values: FloatArray, theta: FloatArray) -> FloatArray:
    """Return log P_k; -1e6 for all categories of an item whose thresholds are out of order.

    P_k = 1 / (1 + exp(-(a theta + d_k))) - 1 / (1 + exp(-(a theta + d_{k+1}))), Samejima (1969).

    >>> np.exp(graded_log_probability(np.array([[1.0, 1.0, -1.0]]), np.array([0.0]))).ravel().round(3)
    array([0.269, 0.462, 0.269])
    """
    z = _logits(values, theta)
    tail = np.log1p(np.exp(-np.abs(z)))
    found = _joined(-np.maximum(z, 0.0) - tail, np.minimum(z, 0.0) - tail)
    found[:, 1:-1] += np.log(-np.expm1(-_gaps(values)))[:, :, None]
    found[~graded_valid(values)] = IMPOSSIBLE
    return found


def graded_gradient(values: FloatArray, theta: FloatArray) -> FloatArray:
    """Return d log P_k / d(a, d_1, d_2, ...).

    By z_k: log P_k gains 1 - L(z_k) + 1 / (exp(gap_k) - 1), log P_{k-1} loses L(z_k) + 1 / (exp(gap_{k-1}) - 1).
    """
    above, below = logistic_shares(_logits(values, theta))
    n_items, n_thresholds, n_nodes = above.shape
    found = np.zeros((n_items, 1 + n_thresholds, 1 + n_thresholds, n_nodes))
    place = np.arange(n_thresholds)
    ratio = (1.0 / np.expm1(_gaps(values)))[:, :, None]
    found[:, 1 + place, 1 + place] = below
    found[:, 1 + place, place] = -above
    found[:, 1 + place[:-1], 1 + place[:-1]] += ratio
    found[:, 1 + place[1:], place[1:]] -= ratio
    found[:, 0] = _joined(-above, below) * theta
    return found


def graded_hessian(values: FloatArray, theta: FloatArray, counts: FloatArray) -> FloatArray:
    """Return the second derivatives of the sum over k and nodes of counts_k log P_k.

    Only neighbouring thresholds meet in a category: the block of the d_k is tridiagonal.
    """
    above, below = logistic_shares(_logits(values, theta))
    # d2 log P_k by z_k and by z_{k+1} is -L (1 - L) - rho_k, and +rho_k by both; rho_k = r (1 + r).
    ratio = 1.0 / np.expm1(_gaps(values))
    pull = counts[:, 1:-1].sum(axis=2) * ratio * (1.0 + ratio)
    weight = above * below * (counts[:, :-1] + counts[:, 1:])
    n_thresholds = weight.shape[1]
    hessian = np.zeros((values.shape[0], 1 + n_thresholds, 1 + n_thresholds))
    place = np.arange(1, 1 + n_thresholds)
    moments = weight @ np.stack((np.ones_like(theta), theta, theta**2), axis=1)
    hessian[:, place, place] = -moments[:, :, 0]
    hessian[:, 0, 1:] = hessian[:, 1:, 0] = -moments[:, :, 1]
    hessian[:, 0, 0] = -moments[:, :, 2].sum(axis=1)
    hessian[:, place[:-1], place[:-1]] -= pull
    hessian[:, place[1:], place[1:]] -= pull
    hessian[:, place[:-1], place[1:]] = hessian[:, place[1:], place[:-1]] = pull
    return hessian


def graded_ability_gradient(values: FloatArray, theta: FloatArray) -> FloatArray:
    """Return d log P_k / d theta = a (1 - L(z_k) - L(z_{k+1}))."""
    above, below = logistic_shares(_logits(values, theta))
    return values[:, 0, None, None] * _joined(-above, below)


def graded_ability_curvature(values: FloatArray, theta: FloatArray) -> FloatArray:
    """Return d2 log P_k / d theta2 = -a^2 (w_k + w_{k+1}), w = L (1 - L)."""
    above, below = logistic_shares(_logits(values, theta))
    variance = above * below
    return -(values[:, 0, None, None] ** 2) * _joined(variance, variance)


def graded_information(values: FloatArray, theta: FloatArray) -> FloatArray:
    """Return the Fisher information a^2 sum over k of P_k (w_k + w_{k+1}); Samejima (1969).

    >>> graded_information(np.array([[2.0, 0.0]]), np.array([0.0]))
    array([[1.]])
    """
    probability = np.exp(graded_log_probability(values, theta))
    information: FloatArray = -(probability * graded_ability_curvature(values, theta)).sum(axis=1)
    return information


def graded_valid(values: FloatArray) -> Mask:
    """Return whether the thresholds are in strict order, d_1 > d_2 > ..."""
    return np.asarray((values[:, 1:-1] - values[:, 2:] > LEAST_GAP).all(axis=1))


def graded_start(shares: FloatArray) -> FloatArray:
    """Return a = 1 and d_k = 1.16 logit of the share at or above k.

    The factor allows for the spread of ability, as for the 2pl; each category gets at least 0.5 % of the persons,
    so that thresholds around one that nobody used stay apart.
    """
    floored = np.maximum(shares, 0.005)
    floored /= floored.sum(axis=1, keepdims=True)
    above = floored[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:]
    below = floored.cumsum(axis=1)[:, :-1]
    return np.column_stack((np.ones(shares.shape[0]), 1.16 * (np.log(above) - np.log(below))))


def _logits(values: FloatArray, theta: FloatArray) -> FloatArray:
    """Return z_k of each threshold, (n_items, n_thresholds, n_nodes)."""
    return values[:, 0, None, None] * theta + values[:, 1:, None]


def _gaps(values: FloatArray) -> FloatArray:
    return np.maximum(values[:, 1:-1] - values[:, 2:], LEAST_GAP)


def _joined(of_next: FloatArray, of_own: FloatArray) -> FloatArray:
    """Return for each category k of_next at threshold k + 1 plus of_own at threshold k, where these exist."""
    n_items, n_thresholds, n_nodes = of_own.shape
    found = np.zeros((n_items, n_thresholds + 1, n_nodes))
    found[:, :-1] = of_next
    found[:, 1:] += of_own
    return found


def _parameters(n_categories: int) -> tuple[str, ...]:
    return ("a", *(f"d{k}" for k in range(1, n_categories)))


def _bounds(n_categories: int) -> tuple[FloatArray, FloatArray]:
    edge = np.array([STEEPEST] + [LARGEST] * (n_categories - 1))
    return -edge, edge


def _rescaling(n_categories: int, slope: float, intercept: float) -> FloatArray:
    return rescaling_matrix(np.append(0, np.ones(n_categories - 1)), slope, intercept)


def _report(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return b_k = -d_k / a, where half of the persons score k or more, and d_k."""
    thresholds = np.eye(values.shape[1])[1:]
    return step_report(values, thresholds, thresholds)


GRADED = Model(
    name="grm",
    slope="own",
    linear=False,
    shared=lambda n_categories: (),
    categories=(2, 127),
    parameters=_parameters,
    slopes=lambda n_categories: np.arange(n_categories) == 0,
    log_probability=graded_log_probability,
    gradient=graded_gradient,
    hessian=graded_hessian,
    ability_gradient=graded_ability_gradient,
    ability_curvature=graded_ability_curvature,
    information=graded_information,
    bounds=_bounds,
    edges=no_edges,
    valid=graded_valid,
    start=graded_start,
    rescaling=_rescaling,
    freed=lambda n_categories: ("grm", np.eye(n_categories)),
    reported=step_names,
    report=_report,
    doc="P = 1 / (1 + exp(-a_j (theta - b_jk))) of a score of k or more, Samejima (1969), Psychometrika Monograph 17. "
    "No D = 1.7.",
)
