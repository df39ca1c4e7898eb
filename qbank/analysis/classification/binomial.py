"""Decisions from one taking of one paper, without item parameters: binomial errors around beta or regressed true scores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from qbank.analysis.arrays import FloatArray, IntArray
from qbank.analysis.classification.beta import (
    N_NODES,
    BetaTrueScores,
    beta_from_moments,
    integrated,
    true_score_moments,
)
from qbank.analysis.classification.record import (
    Classification,
    category_probabilities,
    classification,
    nothing,
)

TOLERANCE = 1e-9


def effective_length(mean: float, variance: float, reliability: float, full: float) -> float:
    """Return how many equally difficult right/wrong questions would give scores of this reliability.

    ((mean − min)(max − mean) − ρ·s²) / (s²·(1 − ρ)), min = 0, max = full marks (Livingston & Lewis 1995, eq. 1).
    NaN where there is no such number.

    >>> round(effective_length(48.959030100334, 18.292456444013**2, 0.9468954879284, 100), 6)
    122.798647
    """
    if not (np.isfinite(mean + variance + reliability) and variance > 0 and 0 < reliability < 1):
        return float("nan")
    found = (mean * (full - mean) - reliability * variance) / (variance * (1 - reliability))
    return float(found) if found > 0 else float("nan")


def livingston_lewis(
    scores: ArrayLike,
    cuts: Sequence[float],
    *,
    reliability: float,
    full: float,
    counts: ArrayLike | None = None,
    model: str = "4P",
    n_nodes: int = N_NODES,
) -> Classification:
    """Return the classification of sums of marks of any kind; Livingston & Lewis (1995), J. Educ. Meas. 32, 179–197.

    scores : (n,) totals, 0…full ; counts : (n,) persons with each, None: one ; cuts : in marks, a score at the cut is
    above it ; reliability : of the totals, such as alpha ; model : 4P or 2P, four- or two-parameter beta true scores
    n_nodes : of the integral over each category

    The totals are put on the scale 0…n of the effective test length n; its moments give the beta distribution of the
    true shares (4P falls back to 2P where four moments allow none: settings ``true_scores``); around a true share the
    score is binomial of round(n) questions, and the cut the whole number nearest to cut/full·round(n), halves to even.
    Curves are on the scale of the marks. The marginals are the model's: not adjusted to the observed pass rate.

    >>> found = livingston_lewis([4, 5, 6, 7, 8, 9], [6], reliability=0.6, full=10, model="2P")
    >>> found.status, bool(found.accuracy > found.consistency > 0.5)
    ('ok', True)
    """
    x, w = _counted(scores, counts)
    method = f"livingston_lewis_{model.lower()}"
    if not w.sum() > 1:
        return nothing(method, len(cuts) + 1, "no_data")
    mean, variance = _moments(x, w)
    length = effective_length(mean, variance, reliability, full)
    if not length >= 2:
        status = "constant" if not variance > 0 else "no_reliability" if not reliability > 0 else "no_length"
        return nothing(method, len(cuts) + 1, status)
    n = round(length)
    true_scores = beta_from_moments(true_score_moments(x / full * length, w, length), model=model)
    first = np.array([round(cut / full * n) for cut in cuts], np.int64)
    settings = (("effective_length", length), ("n_questions", float(n)), *_described(true_scores))
    return integrated(
        method, true_scores, [cut / full for cut in cuts], lambda p: binomial_categories(p, n, first),
        scale=full, settings=settings, n_nodes=n_nodes,
    )  # fmt: skip


def hanson_brennan(
    scores: ArrayLike, cuts: Sequence[float], *, n: int, reliability: float, counts: ArrayLike | None = None, model: str = "4P"
) -> Classification:
    """Return the classification of numbers right; Hanson & Brennan (1990), J. Educ. Meas. 27, 345–359.

    scores : (n_persons,) questions right of n ; cuts : in questions right ; reliability : KR-20

    Beta true scores as `livingston_lewis`, and around them Lord's (1965) two-term approximation to the compound
    binomial, whose constant k makes the error variance that of the reliability:
    k = n[(n−1)(s² − s²ₑ) − n·s² + m(n − m)] / (2[m(n − m) − (s² − s²ₑ)]), s²ₑ = (1 − ρ)s². A probability that the
    approximation makes negative is 0, and the rest sums to 1. A k below 0 is 0 (then `huynh`'s errors).
    """
    x, w = _counted(scores, counts)
    method = f"hanson_brennan_{model.lower()}"
    if n < 4 or not w.sum() > 1:
        return nothing(method, len(cuts) + 1, "no_data" if not w.sum() > 1 else "too_short")
    mean, variance = _moments(x, w)
    if not (variance > 0 and 0 < reliability <= 1):
        return nothing(method, len(cuts) + 1, "constant" if not variance > 0 else "no_reliability")
    k = max(lord_k(mean, variance, reliability, n), 0.0)
    true_scores = beta_from_moments(true_score_moments(x, w, n, lord_k=k), model=model)
    first = np.array([int(np.ceil(cut - TOLERANCE)) for cut in cuts], np.int64)
    settings = (("lord_k", k), ("n_questions", float(n)), *_described(true_scores))
    return integrated(
        method, true_scores, [cut / n for cut in cuts],
        lambda p: category_probabilities(two_term(p, n, k), first), scale=float(n), settings=settings,
    )  # fmt: skip


def lord_k(mean: float, variance: float, reliability: float, n: int) -> float:
    """Return Lord's (1965) k of the two-term approximation, from mean, variance and reliability of numbers right."""
    true_variance = reliability * variance
    top = n * ((n - 1) * true_variance - n * variance + mean * (n - mean))
    return float(top / (2 * (mean * (n - mean) - true_variance)))


def two_term(share: FloatArray, n: int, k: float) -> FloatArray:
    """Return the probability of 0…n right, (n + 1, n_shares), by Lord's two-term approximation.

    b(x; n) − k·τ(1−τ)·[b(x; n−2) − 2b(x−1; n−2) + b(x−2; n−2)], b binomial at τ.
    """
    tau = np.asarray(share, float)
    shorter = np.zeros((n + 1, tau.size))
    shorter[: n - 1] = binomial(tau, n - 2)
    once, twice = np.zeros_like(shorter), np.zeros_like(shorter)
    once[1:], twice[2:] = shorter[:-1], shorter[:-2]
    found = np.maximum(binomial(tau, n) - k * tau * (1 - tau) * (shorter - 2 * once + twice), 0.0)
    return np.asarray(found / found.sum(axis=0))


def huynh(mean: float, sd: float, cuts: Sequence[float], *, n: int) -> Classification:
    """Return the classification of numbers right by the beta-binomial model; Huynh (1976), J. Educ. Meas. 13, 253–264.

    mean, sd : of the questions right of n ; cuts : in questions right. With KR-21 ρ (of that mean and sd, Huynh's
    α₂₁) the true shares are Beta(α, β), α = (1/ρ − 1)·mean, β = (1/ρ − 1)·n − α; two takings are bivariate
    beta-binomial. Nothing (status negative) where KR-21 is not positive.

    >>> round(huynh(12.0, 4.0, [12], n=20).kappa, 3)
    0.544
    """
    if n < 2 or not sd > 0:
        return nothing("huynh", len(cuts) + 1, "constant" if n >= 2 else "one_item")
    rho = n / (n - 1) * (1 - mean * (n - mean) / (n * sd**2))
    if not 0 < rho < 1:
        return nothing("huynh", len(cuts) + 1, "negative")
    alpha = (1 / rho - 1) * mean
    true_scores = BetaTrueScores(alpha, (1 / rho - 1) * n - alpha, 0.0, 1.0, "2P")
    first = np.array([int(np.ceil(cut - TOLERANCE)) for cut in cuts], np.int64)
    settings = (("kr21", rho), ("n_questions", float(n)), *_described(true_scores))
    return integrated(
        "huynh", true_scores, [cut / n for cut in cuts], lambda p: binomial_categories(p, n, first),
        scale=float(n), settings=settings,
    )  # fmt: skip


def subkoviak(
    scores: ArrayLike, cuts: Sequence[float], *, n: int, reliability: float, counts: ArrayLike | None = None
) -> Classification:
    """Return the consistency of numbers right from one taking; Subkoviak (1976), J. Educ. Meas. 13, 265–276.

    scores : (n_persons,) questions right of n ; cuts : in questions right ; reliability : KR-20 or alpha
    Every person's share known is the regressed one, ρ·x/n + (1 − ρ)·mean/n, and the score of another taking binomial
    around it; the coefficient of agreement is the mean of Σ P_c². The method says nothing of accuracy: NaN.

    >>> round(subkoviak([10, 12, 15, 17], [12], n=20, reliability=0.8).consistency, 4)
    0.7405
    """
    x, w = _counted(scores, counts)
    if not w.sum() > 0 or n < 1:
        return nothing("subkoviak", len(cuts) + 1, "no_data")
    rho = float(reliability)
    if not 0 <= rho <= 1:
        return nothing("subkoviak", len(cuts) + 1, "no_reliability")
    mean = float((x * w).sum() / w.sum())
    share = np.clip((rho * x + (1 - rho) * mean) / n, 0.0, 1.0)
    first = np.array([int(np.ceil(cut - TOLERANCE)) for cut in cuts], np.int64)
    unknown = np.full(x.size, -1, np.int64)
    settings = (("reliability", rho), ("n_questions", float(n)))
    return classification(
        "subkoviak", binomial_categories(share, n, first), w / w.sum(), unknown, nodes=share * n, settings=settings
    )


def binomial(share: FloatArray, n: int) -> FloatArray:
    """Return the probability of 0…n right, (n + 1, n_shares)."""
    from scipy.special import gammaln, xlog1py, xlogy

    x = np.arange(n + 1)[:, None]
    ways = gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1)
    return np.asarray(np.exp(ways + xlogy(x, share) + xlog1py(n - x, -share)))


def binomial_categories(share: FloatArray, n: int, first: IntArray) -> FloatArray:
    """Return the probability of each category, (n_categories, n_shares); first : lowest number right of each but the lowest."""
    from scipy.special import bdtr

    none, everyone = np.zeros(share.size), np.ones(share.size)
    below = [
        none if lowest <= 0 else everyone if lowest > n else bdtr(lowest - 1, n, share) for lowest in first.tolist()
    ]
    return np.diff(np.vstack([none, *below, everyone]), axis=0)


def _described(true_scores: BetaTrueScores) -> tuple[tuple[str, float | str], ...]:
    return (
        ("true_scores", true_scores.model),
        ("fit", true_scores.status),
        ("alpha", true_scores.alpha),
        ("beta", true_scores.beta),
        ("low", true_scores.low),
        ("high", true_scores.high),
    )


def _counted(scores: ArrayLike, counts: ArrayLike | None) -> tuple[FloatArray, FloatArray]:
    x = np.asarray(scores, float)
    return x, np.ones(x.size) if counts is None else np.asarray(counts, float)


def _moments(x: FloatArray, w: FloatArray) -> tuple[float, float]:
    """Return mean and variance, with n − 1."""
    n = w.sum()
    mean = float((x * w).sum() / n)
    return mean, float((w * (x - mean) ** 2).sum() / (n - 1))
