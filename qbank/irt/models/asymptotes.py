"""The logistic models with asymptotes: 3pl (guessing) and 4pl (guessing and slips).

With L = 1 / (1 + exp(-z)) and z = a theta + d the probabilities are mixtures, P_1 = c (1 - L) + u L and
P_0 = (1 - c)(1 - L) + (1 - u) L. Everything below stands on their logarithms, so that c = 0 (logit -inf),
u = 1 (logit +inf) and |z| of several hundred are ordinary values.
"""

import numpy as np

from qbank.irt.models.logistic import (
    logistic_bounds,
    logistic_report,
    logistic_rescaling,
    logistic_shares,
    logistic_start,
)
from qbank.irt.models.record import FloatArray, Mask, Model

# At a logit of 15 an asymptote is 3e-7 from 0 or 1: no sample tells the two apart and the likelihood is flat. A c that
# arrives at the low bound or a u at the high one was on its way to the edge (nobody guesses, nobody slips), where the
# maximum can be; at the other bounds everybody or nobody answers right, and the item has no maximum.
LOGIT_BOUND = 15.0
# Smallest share of a mixture: any probability is a normal number after it is multiplied by an asymptote.
TINY = 1e-290
# P_0 falls by what P_1 rises.
SIGNS = np.array([-1.0, 1.0])[:, None]
START_LOW, START_HIGH = 0.2, 0.98


def asymptote_log_probability(values: FloatArray, theta: FloatArray) -> FloatArray:
    """Return log P(X = 0) and log P(X = 1); values has columns a, d, logit c and, for 4pl, logit u.

    P(X = 1 | theta) = c + (u - c) / (1 + exp(-(a theta + d))), Birnbaum (1968), Barton & Lord (1981).

    >>> values = np.array([[1.0, 0.0, np.log(0.2 / 0.8)]])
    >>> np.exp(asymptote_log_probability(values, np.array([-500.0, 0.0, 500.0])))[0, 1].round(3)
    array([0.2, 0.6, 1. ])
    """
    z = values[:, 0, None] * theta + values[:, 1, None]
    tail = np.log1p(np.exp(-np.abs(z)))
    high, low = np.minimum(z, 0.0) - tail, -np.maximum(z, 0.0) - tail
    c, not_c = _logarithms(values[:, 2, None])
    with np.errstate(invalid="ignore"):  # NaN abilities have NaN probabilities, as of the other models.
        if values.shape[1] == 3:
            return np.stack((not_c + low, np.logaddexp(c + low, high)), axis=1)
        u, not_u = _logarithms(values[:, 3, None])
        return np.stack((np.logaddexp(not_c + low, not_u + high), np.logaddexp(c + low, u + high)), axis=1)


def asymptote_gradient(values: FloatArray, theta: FloatArray) -> FloatArray:
    """Return d log P_k / d(a, d, logit c, logit u); zero by a logit that is infinite."""
    by_z, *by_logits = _slopes(values, *_shares(values, theta))
    return np.stack((by_z * theta, by_z, *by_logits), axis=1)


def asymptote_hessian(values: FloatArray, theta: FloatArray, counts: FloatArray) -> FloatArray:
    """Return the second derivatives of the sum over k and nodes of counts_k log P_k.

    Let g be the derivatives of log P_k by z, logit c and logit u. Each second derivative of P_1 by two of them is
    the first derivative by the later one times a factor f, so that d2 log P_k = g_later (f - g_earlier).
    """
    high, low = _shares(values, theta)
    slopes = _slopes(values, high, low)
    spread = _spread(values)
    factors = [[1.0 - 2.0 * high, -high, low], [spread[0], np.zeros_like(spread[0])], spread[1:]]
    curvature = np.empty((values.shape[0], len(slopes), len(slopes), theta.size))
    for later, slope in enumerate(slopes):
        weighted = counts * slope
        for earlier in range(later + 1):
            factor = factors[earlier][later - earlier][:, None]
            part = (weighted * (factor - slopes[earlier])).sum(axis=1)
            curvature[:, earlier, later] = curvature[:, later, earlier] = part
    hessian = np.empty((values.shape[0], len(slopes) + 1, len(slopes) + 1))
    # d moves z by 1 and a moves it by theta.
    hessian[:, 1:, 1:] = curvature.sum(axis=3)
    hessian[:, 0, 1:] = hessian[:, 1:, 0] = curvature[:, 0] @ theta
    hessian[:, 0, 0] = curvature[:, 0, 0] @ theta**2
    return hessian


def asymptote_ability_gradient(values: FloatArray, theta: FloatArray) -> FloatArray:
    """Return d log P_k / d theta = -a W / P_0 and a W / P_1, W = (u - c) L (1 - L)."""
    return values[:, 0, None, None] * _slopes(values, *_shares(values, theta), n_slopes=1)[0]


def asymptote_ability_curvature(values: FloatArray, theta: FloatArray) -> FloatArray:
    """Return d2 log P_k / d theta2 = a^2 g (1 - 2 L - g), g being the derivative of log P_k by a theta + d.

    It is positive for right answers where most of them are guessed: the likelihood is not concave there.
    """
    high, low = _shares(values, theta)
    slope = _slopes(values, high, low, n_slopes=1)[0]
    return values[:, 0, None, None] ** 2 * slope * (1.0 - 2.0 * high[:, None] - slope)


def asymptote_information(values: FloatArray, theta: FloatArray) -> FloatArray:
    """Return the Fisher information a^2 W^2 / (P_0 P_1), W = (u - c) L (1 - L).

    Lord (1980), eq. 5-9, for 3pl; Magis (2013), Applied Psychological Measurement 37, for 4pl.

    >>> asymptote_information(np.array([[2.0, 0.0, -np.inf, np.inf]]), np.array([0.0]))
    array([[1.]])
    """
    slope = asymptote_ability_gradient(values, theta)
    information: FloatArray = -slope[:, 0] * slope[:, 1]
    return information


def asymptote_report(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return a, b = -d / a, d, c and, for 4pl, u, with their derivatives."""
    logistic, jacobian_of_logistic = logistic_report(values[:, :2])
    high, low = logistic_shares(values[:, 2:])
    jacobian = np.zeros((values.shape[0], 3 + high.shape[1], values.shape[1]))
    jacobian[:, :3, :2] = jacobian_of_logistic
    place = np.arange(high.shape[1])
    jacobian[:, 3 + place, 2 + place] = high * low
    return np.concatenate((logistic, high), axis=1), jacobian


def _logarithms(logit: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return log L and log(1 - L); log 0 is -inf."""
    return -np.logaddexp(0.0, -logit), -np.logaddexp(0.0, logit)


def _shares(values: FloatArray, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return L and 1 - L, (n_items, n_nodes), never quite 0: they cancel where an asymptote is exactly 0 or 1."""
    high, low = logistic_shares(values[:, 0, None] * theta + values[:, 1, None])
    return np.maximum(high, TINY), np.maximum(low, TINY)


def _slopes(values: FloatArray, high: FloatArray, low: FloatArray, n_slopes: int = 3) -> list[FloatArray]:
    """Return d log P_k by z, logit c and, for 4pl, logit u, each (n_items, 2, n_nodes): -P' / P_0 and P' / P_1."""
    c, not_c = (share[:, None] for share in logistic_shares(values[:, 2]))
    if values.shape[1] == 3:
        rises = [not_c * high * low, c * not_c * low]
        probability = np.stack((not_c * low, c * low + high), axis=1)
    else:
        u, not_u = (share[:, None] for share in logistic_shares(values[:, 3]))
        rises = [(u - c) * high * low, c * not_c * low, u * not_u * high]
        probability = np.stack((not_c * low + not_u * high, c * low + u * high), axis=1)
    inverse = SIGNS / probability
    return [rise[:, None] * inverse for rise in rises[:n_slopes]]


def _spread(values: FloatArray) -> list[FloatArray]:
    """Return 1 - 2 c and, for 4pl, 1 - 2 u, each (n_items, 1)."""
    high, low = logistic_shares(values[:, 2:])
    return list((low - high).T[:, :, None])


def _valid(values: FloatArray) -> Mask:
    """Return whether c < 1, or c < u."""
    high = values[:, 3] if values.shape[1] == 4 else np.inf
    valid: Mask = values[:, 2] < high
    return valid


def _start(shares: FloatArray, asymptotes: tuple[float, ...]) -> FloatArray:
    """Return a and d of the 2pl, from the facility that is left above c and below u, and the logits of these."""
    low, high = (*asymptotes, 1.0)[:2]
    able = np.clip((shares[:, 1] - low) / (high - low), 0.0, 1.0)
    logits = np.log(asymptotes) - np.log1p(-np.array(asymptotes))
    return np.column_stack(
        (logistic_start(np.column_stack((1.0 - able, able))), np.tile(logits, (shares.shape[0], 1)))
    )


def _rescaling(n_asymptotes: int, slope: float, intercept: float) -> FloatArray:
    matrix = np.eye(2 + n_asymptotes)
    matrix[:2, :2] = logistic_rescaling(2, slope, intercept)
    return matrix


def _bounds(n_asymptotes: int) -> tuple[FloatArray, FloatArray]:
    low, high = logistic_bounds(2)
    edge = np.full(n_asymptotes, LOGIT_BOUND)
    return np.concatenate((low, -edge)), np.concatenate((high, edge))


def _asymptotic(name: str, start: tuple[float, ...], doc: str) -> Model:
    n = len(start)
    names, asymptotes = np.array(("a", "d", "logit_c", "logit_u")[: 2 + n]), ("c", "u")[:n]
    return Model(
        name=name,
        slope="own",
        linear=False,
        shared=lambda n_categories: (),
        categories=(2, 2),
        parameters=lambda n_categories: tuple(names.tolist()),
        slopes=lambda n_categories: np.arange(2 + n) == 0,
        log_probability=asymptote_log_probability,
        gradient=asymptote_gradient,
        hessian=asymptote_hessian,
        ability_gradient=asymptote_ability_gradient,
        ability_curvature=asymptote_ability_curvature,
        information=asymptote_information,
        bounds=lambda n_categories: _bounds(n),
        edges=lambda n_categories: (names == "logit_c", names == "logit_u"),
        valid=_valid,
        start=lambda shares: _start(shares, start),
        rescaling=lambda n_categories, slope, intercept: _rescaling(n, slope, intercept),
        freed=lambda n_categories: (name, np.eye(2 + n)),
        reported=lambda n_categories: ("a", "b", "d", *asymptotes),
        report=asymptote_report,
        doc=doc,
    )


THREE_PARAMETER = _asymptotic(
    "3pl",
    (START_LOW,),
    "P = c_j + (1 - c_j) / (1 + exp(-a_j (theta - b_j))), Birnbaum (1968); c is estimated by its logit. No D = 1.7.",
)
FOUR_PARAMETER = _asymptotic(
    "4pl",
    (START_LOW, START_HIGH),
    "P = c_j + (u_j - c_j) / (1 + exp(-a_j (theta - b_j))), Barton & Lord (1981); c and u are estimated by their "
    "logits. No D = 1.7.",
)
