"""Elementary symmetric functions of a test and their derivatives, exact for hundreds of items.

gamma_r is the sum, over all answers with score r, of the products of the items' weights epsilon. Programs build
it by recursion and lose digits either by subtraction (the difference algorithm) or by the cube of the test's
length (the summation algorithm, with all second derivatives). Here gamma_r is read off a probability: weights
multiplied by exp(k theta) for category k and divided by their sum are probabilities of independent answers, and

    gamma_r = P_theta(score = r) prod_j sum_k epsilon_jk exp(k theta) / exp(r theta)

for any theta whatever. With a theta at which r is a likely score, P_theta(score = r) is far from 0 and is the
finite Fourier sum of the product of the items' characteristic functions, which is exact: a score takes finitely
many values. One theta serves all scores that are likely there, some five for 200 items. A derivative leaves
items out of the product, which is a division; the second derivatives of all pairs are one matrix product.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from qbank.irt.models import FloatArray, IndexArray, Mask

# A score whose probability is below this share of the likeliest one's gets another theta: it costs three digits.
LIKELY = 1e-3
# Stands for a characteristic function that is exactly 0, which happens where all categories are alike. The
# quotient by it is multiplied again by the product that holds it.
NOTHING = 1e-30


@dataclass(frozen=True, slots=True)
class ScoreLaw:
    """What scores say of the answers that made them; counts_r persons have score r.

    log_gamma     (n_scores,), NaN where counts are 0
    expected      (n_values,) sum over persons of P(answer in category k of item j | score)
    information   (n_values, n_values) sum over persons of the covariance of those indicators given the score

    The values are the categories from 1 of all items, item by item. `expected` is the gradient of
    sum_r counts_r log gamma_r by the logarithms of the weights, and `information` its second derivative.
    """

    log_gamma: FloatArray
    expected: FloatArray
    information: FloatArray


def score_law(log_weights: FloatArray, counts: FloatArray) -> ScoreLaw:
    """Return the symmetric functions of one form with their first and second derivatives.

    log_weights : (n_items, n_most_categories), log epsilon, 0 in column 0, −inf beyond an item's categories
    counts : (highest score + 1,) persons of each score; scores of nobody are not computed

    Cost: n_values^2 times half the highest score for each of about five thetas, in matrix products.

    >>> law = score_law(np.log([[1.0, 2.0], [1.0, 3.0], [1.0, 5.0]]), np.ones(4))
    >>> np.exp(law.log_gamma).round(9)
    array([ 1., 10., 31., 30.])
    """
    own = np.isfinite(log_weights)
    own[:, 0] = False
    item, category = np.nonzero(own)
    law = ScoreLaw(np.full(counts.size, np.nan), np.zeros(item.size), np.zeros((item.size, item.size)))
    _add_ends(law, log_weights, counts)
    for theta, scores in _tilts(log_weights, np.flatnonzero(counts[1:-1] > 0) + 1):
        _add_tilt(law, log_weights, counts, theta, scores, item, category)
    return law


def single_score_laws(
    log_weights: FloatArray, scores: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return log gamma of one score on each of many short forms, with its first and second derivatives.

    log_weights : (n_forms, n_items, n_most_categories) as above; an item of a shorter form is −inf from category 1
    scores : (n_forms,) neither 0 nor the highest

    log gamma (n_forms,), expected (n_forms, n_values), information (n_forms, n_values, n_values); the values are
    all categories from 1 of all items, those that do not exist with 0.
    """
    n_forms, n_items, n_most = log_weights.shape
    theta = _thetas_of(log_weights, scores)
    exponent = log_weights + theta[:, None, None] * np.arange(n_most)
    peak = exponent.max(axis=2, keepdims=True)
    probability = np.exp(exponent - peak)
    total = probability.sum(axis=2, keepdims=True)
    probability /= total
    angle, weight = _angles(int(np.isfinite(log_weights[:, :, 1:]).sum(axis=(1, 2)).max()) + 1)
    turn, each = _characteristic(probability, angle)
    whole = each.prod(axis=1) * weight * np.exp(-1j * scores[:, None] * angle)
    chance = whole.real.sum(axis=1)
    log_gamma = np.log(chance) + (peak + np.log(total)).sum(axis=(1, 2)) - theta * scores
    put = (probability[:, :, 1:, None] * turn[1:] / each[:, :, None]).reshape(n_forms, -1, angle.size)
    weighted = put * (whole / chance[:, None])[:, None]
    expected = weighted.real.sum(axis=2)
    left = np.concatenate((weighted.real, -weighted.imag), axis=2)
    together = left @ np.concatenate((put.real, put.imag), axis=2).transpose(0, 2, 1)
    item = np.repeat(np.arange(n_items), n_most - 1)
    together[:, item[:, None] == item] = 0.0
    together[:, range(item.size), range(item.size)] = expected
    information = together - expected[:, :, None] * expected[:, None]
    return log_gamma, expected, information


def _thetas_of(log_weights: FloatArray, scores: FloatArray) -> FloatArray:
    """Return for each form the theta at which its score is nearly the expected one."""
    category = np.arange(log_weights.shape[2])
    low, high, theta = np.full(scores.size, -np.inf), np.full(scores.size, np.inf), np.zeros(scores.size)
    for _ in range(100):
        exponent = log_weights + theta[:, None, None] * category
        probability = np.exp(exponent - exponent.max(axis=2, keepdims=True))
        probability /= probability.sum(axis=2, keepdims=True)
        mean = probability @ category
        variance = (probability @ category**2 - mean**2).sum(axis=1)
        short = scores - mean.sum(axis=1)
        open_still = np.abs(short) >= 0.3
        if not open_still.any():
            break
        low, high = np.where(short > 0, theta, low), np.where(short > 0, high, theta)
        ahead = theta + np.clip(short / np.maximum(variance, 1e-12), -2.0, 2.0)
        outside = (ahead <= low) | (ahead >= high)
        ahead[outside] = (low[outside] + high[outside]) / 2.0
        theta = np.where(open_still, ahead, theta)
    return theta


def log_symmetric(log_weights: FloatArray) -> FloatArray:
    """Return log gamma_r for every score, (highest score + 1,).

    >>> np.exp(log_symmetric(np.log([[1.0, 2.0, 4.0], [1.0, 3.0, 0.5]]))).round(9)
    array([ 1. ,  5. , 10.5, 13. ,  2. ])
    """
    return score_law(log_weights, np.ones(highest_score(log_weights) + 1)).log_gamma


def highest_score(log_weights: FloatArray) -> int:
    """Return the sum of the items' highest categories."""
    return int(np.isfinite(log_weights[:, 1:]).sum())


def _add_ends(law: ScoreLaw, log_weights: FloatArray, counts: FloatArray) -> None:
    """Enter scores 0 and highest: one way to get each, so that nothing about the answers is left open."""
    last = np.isfinite(log_weights).sum(axis=1) - 1
    if counts[0]:
        law.log_gamma[0] = 0.0
    if counts[-1]:
        law.log_gamma[-1] = log_weights[np.arange(last.size), last].sum()
        law.expected[np.cumsum(last) - 1] += counts[-1]


def _tilts(log_weights: FloatArray, scores: IndexArray) -> Iterator[tuple[float, IndexArray]]:
    """Yield thetas, each with the scores that are to be computed there; each score comes once."""
    while scores.size:
        theta, deviation = _theta_of(log_weights, float(scores[0]))
        # The lowest score still open should lie in the lower tail, so that the next ones come with it.
        ahead = min(float(scores[0]) + 3.0 * deviation, float(scores[-1]))
        further = _theta_of(log_weights, ahead)[0]
        likely = _likely(log_weights, further, scores)
        if not likely[0]:
            further, likely = theta, _likely(log_weights, theta, scores)
            likely[0] = True
        # Only the unbroken run from the lowest on: what is left stays sorted.
        run = scores.size if likely.all() else int(np.argmin(likely))
        yield further, scores[:run]
        scores = scores[run:]


def _theta_of(log_weights: FloatArray, score: float) -> tuple[float, float]:
    """Return the theta at which a score is the expected one, and the score's standard deviation there."""
    category = np.arange(log_weights.shape[1])
    low, high, theta = -np.inf, np.inf, 0.0
    for _ in range(100):
        probability = _tilted(log_weights, theta)[0]
        mean = probability @ category
        variance = float((probability @ category**2 - mean**2).sum())
        short = score - float(mean.sum())
        if abs(short) < 0.05 * min(1.0, score):
            break
        low, high = (theta, high) if short > 0 else (low, theta)
        # No step beyond 2 units: where answers are nearly certain the slope says little.
        ahead = theta + float(np.clip(short / max(variance, 1e-12), -2.0, 2.0))
        theta = ahead if low < ahead < high else (low + high) / 2.0
    return theta, variance**0.5


def _tilted(log_weights: FloatArray, theta: float) -> tuple[FloatArray, FloatArray]:
    """Return the probabilities (n_items, n_most_categories) at theta and the logarithms of what divided them."""
    exponent = log_weights + theta * np.arange(log_weights.shape[1])
    peak = exponent.max(axis=1, keepdims=True)
    probability = np.exp(exponent - peak)
    total = probability.sum(axis=1, keepdims=True)
    return probability / total, (peak + np.log(total))[:, 0]


def _angles(n_scores: int) -> tuple[FloatArray, FloatArray]:
    """Return the angles of half the circle and their weights, for an exact sum over the whole.

    An odd number of points: the other half are complex conjugates, and none stands at pi.
    """
    n_points = n_scores + 1 - n_scores % 2
    angle = 2.0 * np.pi * np.arange((n_points + 1) // 2) / n_points
    weight = np.full(angle.size, 2.0 / n_points)
    weight[0] = 1.0 / n_points
    return angle, weight


def _characteristic(
    probability: FloatArray, angle: FloatArray
) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.complex128]], ...]:
    """Return exp(i k u) (n_categories, n_angles) and the items' characteristic functions (…, n_items, n_angles)."""
    turn = np.exp(1j * np.outer(np.arange(probability.shape[-1]), angle))
    each = probability @ turn
    each[np.abs(each) < NOTHING] = NOTHING
    return turn, each


def _likely(log_weights: FloatArray, theta: float, scores: IndexArray) -> Mask:
    """Return which scores are likely enough at theta to be computed there, (n_scores,)."""
    probability = _tilted(log_weights, theta)[0]
    angle, weight = _angles(highest_score(log_weights) + 1)
    whole = _characteristic(probability, angle)[1].prod(axis=0) * weight
    chance = (whole @ np.exp(-1j * np.outer(angle, scores))).real
    likely: Mask = chance >= LIKELY * chance.max()
    return likely


def _add_tilt(
    law: ScoreLaw,
    log_weights: FloatArray,
    counts: FloatArray,
    theta: float,
    scores: IndexArray,
    item: IndexArray,
    category: IndexArray,
) -> None:
    """Enter some scores, computed at theta."""
    probability, log_total = _tilted(log_weights, theta)
    angle, weight = _angles(counts.size)
    turn, each = _characteristic(probability, angle)
    whole = each.prod(axis=0) * weight
    back = np.exp(-1j * np.outer(angle, scores))
    chance = (whole @ back).real
    law.log_gamma[scores] = np.log(chance) + log_total.sum() - theta * scores
    # Each row: the item's own characteristic function taken out of the product, its category put in.
    put = probability[item, category][:, None] * turn[category] / each[item]
    persons = counts[scores]
    given = _real_product(put * whole, back) / chance
    law.expected[:] += given @ persons
    together = _real_product(put * (whole * (back @ (persons / chance))), put.T)
    together[item[:, None] == item] = 0.0
    np.fill_diagonal(together, given @ persons)
    law.information[:] += together - (given * persons) @ given.T


def _real_product(
    left: np.ndarray[tuple[int, ...], np.dtype[np.complex128]],
    right: np.ndarray[tuple[int, ...], np.dtype[np.complex128]],
) -> FloatArray:
    """Return the real part of a product of complex matrices, at half its cost."""
    product: FloatArray = np.hstack((left.real, -left.imag)) @ np.vstack((right.real, right.imag))
    return product
