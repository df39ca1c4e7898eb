"""True scores as shares of full marks: a two- or four-parameter beta distribution from the moments of what was observed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from qbank.analysis.arrays import FloatArray, IntArray, read_only
from qbank.analysis.classification.record import Classification, classification, nothing

N_NODES = 200
CURVE = 101


@dataclass(frozen=True, slots=True)
class BetaTrueScores:
    """Shares of full marks between low and high, (τ − low)/(high − low) ~ Beta(alpha, beta).

    model : 4P, or 2P (low = 0, high = 1) ; status : ok; fallback (four were asked for and did not exist);
    no_variance (the true scores do not vary: no distribution)
    """

    alpha: float
    beta: float
    low: float
    high: float
    model: str
    status: str = "ok"

    @property
    def exists(self) -> bool:
        return bool(np.isfinite(self.alpha + self.beta) and self.alpha > 0 and self.beta > 0)

    def share_below(self, cut: ArrayLike) -> FloatArray:
        """Return the probability of a true score below each cut."""
        from scipy.special import betainc

        at = np.clip((np.asarray(cut, float) - self.low) / (self.high - self.low), 0.0, 1.0)
        return np.asarray(betainc(self.alpha, self.beta, at))


def factorial_moments(scores: ArrayLike, counts: ArrayLike, n: float, order: int = 4) -> FloatArray:
    """Return the mean of x(x−1)…(x−r+1) for r = 1…order, (order,); ``n`` is not used but as a bound of r.

    scores : (n_scores,) on the scale 0…n, whole or not ; counts : (n_scores,) persons with each
    """
    x, w = np.asarray(scores, float), np.asarray(counts, float)
    product, found = np.ones_like(x), []
    for r in range(min(order, int(np.floor(n)))):
        product = product * (x - r)
        found.append(float((w * product).sum() / w.sum()))
    return np.array([*found, *[np.nan] * (order - len(found))])


def true_score_moments(scores: ArrayLike, counts: ArrayLike, n: float, *, lord_k: float = 0.0) -> FloatArray:
    """Return the first four raw moments of the share known, (4,), when x given it is (nearly) binomial of n questions.

    scores : (n_scores,) on the scale 0…n ; counts : (n_scores,) persons ; n may be no whole number

    With M_r the factorial moments of x and n_(r) = n(n−1)…(n−r+1): m_1 = M_1/n and
    m_r = [M_r/(n−2)_(r−2) + k·r(r−1)·m_{r−1}] / [n(n−1) + k·r(r−1)], which for k = 0 (binomial errors) is M_r/n_(r)
    (Lord 1965; Hanson 1991, Method of moments estimates for the four-parameter beta compound binomial model).
    """
    moments = factorial_moments(scores, counts, n)
    found = [moments[0] / n]
    falling = 1.0
    for r in range(2, 5):
        falling *= n - r + 1 if r > 2 else 1.0
        twice = lord_k * r * (r - 1)
        with np.errstate(invalid="ignore", divide="ignore"):
            found.append(float((moments[r - 1] / falling + twice * found[-1]) / (n * (n - 1) + twice)))
    return np.array(found)


def beta_from_moments(moments: ArrayLike, *, model: str = "4P") -> BetaTrueScores:
    """Return the beta distribution with these raw moments: of four where they allow it, else of the first two.

    moments : (4,) of a share. Four parameters: with skewness g₃ and kurtosis g₄ of the moments,
    r = 6(g₄ − g₃² − 1)/(6 + 3g₃² − 2g₄), {alpha, beta} = r/2·(1 ± √(1 − 24(r+1)/((r+2)(r+3)g₄ − 3(r+1)(r−6)))), the
    smaller first where g₃ > 0, and low, high from mean and variance (Hanson 1991). Refused (status fallback) where
    alpha or beta is not positive or low < 0 or high > 1.

    >>> from math import prod
    >>> raw = [prod((2 + i) / (5 + i) for i in range(r)) for r in (1, 2, 3, 4)]  # of Beta(2, 3)
    >>> found = beta_from_moments(raw)
    >>> [round(float(x), 6) + 0.0 for x in (found.alpha, found.beta, found.low, found.high)]
    [2.0, 3.0, 0.0, 1.0]
    """
    m1, m2, m3, m4 = (float(m) for m in np.asarray(moments, float))
    variance = m2 - m1**2
    if not (np.isfinite(variance) and variance > 1e-12 and 0 < m1 < 1):
        return BetaTrueScores(np.nan, np.nan, 0.0, 1.0, "2P", "no_variance")
    status = "ok"
    if model == "4P":
        four = _four(m1, m2, m3, m4)
        if four is not None:
            return four
        status = "fallback"
    total = m1 * (1 - m1) / variance - 1
    if total <= 0:
        return BetaTrueScores(np.nan, np.nan, 0.0, 1.0, "2P", "no_variance")
    return BetaTrueScores(m1 * total, (1 - m1) * total, 0.0, 1.0, "2P", status)


def _four(m1: float, m2: float, m3: float, m4: float) -> BetaTrueScores | None:
    variance = m2 - m1**2
    skew = (m3 - 3 * m1 * m2 + 2 * m1**3) / variance**1.5
    kurtosis = (m4 - 4 * m1 * m3 + 6 * m1**2 * m2 - 3 * m1**4) / variance**2
    with np.errstate(invalid="ignore", divide="ignore"):
        r = np.float64(6 * (kurtosis - skew**2 - 1)) / np.float64(6 + 3 * skew**2 - 2 * kurtosis)
        root = 1 - 24 * (r + 1) / ((r + 2) * (r + 3) * kurtosis - 3 * (r + 1) * (r - 6))
        if not np.isfinite(root) or r <= 0 or not 0 <= root < 1:
            return None
        larger, smaller = r / 2 * (1 + np.sqrt(root)), r / 2 * (1 - np.sqrt(root))
    alpha, beta = (larger, smaller) if skew < 0 else (smaller, larger)
    width = np.sqrt(variance * (alpha + beta + 1) / (alpha * beta))
    low, high = float(m1 - alpha * width), float(m1 + beta * width)
    # a bound that rounding alone puts outside is the bound
    if alpha <= 0 or beta <= 0 or low < -1e-9 or high > 1 + 1e-9:
        return None
    return BetaTrueScores(float(alpha), float(beta), max(low, 0.0), min(high, 1.0), "4P")


def nodes_of(
    true_scores: BetaTrueScores, cuts: Sequence[float], n_nodes: int = N_NODES
) -> tuple[FloatArray, FloatArray, IntArray]:
    """Return nodes, weights and categories for integrals over the true scores, Gauss–Legendre within each category.

    The integral is taken over the distribution function, ∫ f(τ) g(τ) dτ = ∫ f(q(u)) du, so the shares of the
    categories are exact and a density that is infinite at an end does no harm. (n_categories × n_nodes,) each.
    """
    from scipy.special import betaincinv

    edges = np.concatenate([[0.0], true_scores.share_below(list(cuts)), [1.0]])
    x, w = _gauss_legendre(n_nodes)
    at, weights, category = [], [], []
    for index, (low, high) in enumerate(pairwise(edges.tolist())):
        if high > low:
            u = low + (high - low) * (x + 1) / 2
            at.append(betaincinv(true_scores.alpha, true_scores.beta, u))
            weights.append(w * (high - low) / 2)
            category.append(np.full(n_nodes, index, np.int64))
    shares = true_scores.low + (true_scores.high - true_scores.low) * np.concatenate(at)
    return shares, np.concatenate(weights), np.concatenate(category)


@cache
def _gauss_legendre(n_nodes: int) -> tuple[FloatArray, FloatArray]:
    x, w = np.polynomial.legendre.leggauss(n_nodes)
    return read_only(x), read_only(w)


def integrated(
    method: str,
    true_scores: BetaTrueScores,
    true_cuts: Sequence[float],
    observed: Callable[[FloatArray], FloatArray],
    *,
    scale: float = 1.0,
    settings: tuple[tuple[str, float | str], ...] = (),
    n_nodes: int = N_NODES,
) -> Classification:
    """Return the classification under beta true scores.

    true_cuts : (n_cuts,) ascending, as shares of full marks ; observed : shares known (n,) → probability of each
    observed category (n_categories, n) ; scale : full marks, for the nodes of the curves
    """
    if not true_scores.exists:
        return nothing(method, len(true_cuts) + 1, true_scores.status, settings)
    shares, weights, category = nodes_of(true_scores, true_cuts, n_nodes)
    grid = np.linspace(0.0, 1.0, CURVE)
    true = np.searchsorted(np.asarray(true_cuts, float) - 1e-12, grid, side="right")
    return classification(
        method, observed(shares), weights, category, curve=(grid * scale, true, observed(grid)), settings=settings
    )
