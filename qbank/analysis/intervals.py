"""Confidence intervals in closed form: a proportion, a mean, a correlation."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from qbank.analysis.arrays import FloatArray, ratio

CONFIDENCE = 0.95


def normal_quantile(confidence: float = CONFIDENCE) -> float:
    """Return z such that ±z holds the given share of a standard normal (1.959964 for 95 %)."""
    from scipy.special import ndtri

    return float(ndtri(0.5 + confidence / 2))


def wilson_interval(
    count: ArrayLike, n: ArrayLike, *, confidence: float = CONFIDENCE
) -> tuple[FloatArray, FloatArray]:
    """Return the score interval of a proportion, (low, high), NaN where n = 0.

    (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n), without continuity correction (Wilson 1927, eq. 2).

    >>> low, high = wilson_interval(8, 10)
    >>> round(float(low), 4), round(float(high), 4)
    (0.4902, 0.9433)
    """
    z2 = normal_quantile(confidence) ** 2
    counts = np.asarray(count, float)
    persons = np.asarray(n, float)
    share = ratio(counts, persons)
    half = np.sqrt(z2 * (ratio(share * (1 - share), persons) + ratio(z2, 4 * persons**2)))
    scale = 1 + ratio(z2, persons)
    centre = share + ratio(z2, 2 * persons)
    # At 0 and n the bound is exactly 0 or 1; the subtraction leaves a rounding error.
    low = np.where(counts == 0, share, np.maximum(ratio(centre - half, scale), 0.0))
    high = np.where(counts == persons, share, np.minimum(ratio(centre + half, scale), 1.0))
    return low, high


def mean_interval(
    mean: ArrayLike, sd: ArrayLike, n: ArrayLike, *, confidence: float = CONFIDENCE
) -> tuple[FloatArray, FloatArray]:
    """Return the normal interval of a mean, mean ± z·sd/√n; sd with n − 1; NaN for fewer than two persons."""
    half = normal_quantile(confidence) * ratio(sd, np.sqrt(np.asarray(n, float)))
    return np.asarray(mean, float) - half, np.asarray(mean, float) + half


def correlation_interval(
    r: ArrayLike, n: ArrayLike, *, confidence: float = CONFIDENCE
) -> tuple[FloatArray, FloatArray]:
    """Return Fisher's interval of a correlation, tanh(atanh r ± z/√(n−3)); NaN for n ≤ 3.

    >>> low, high = correlation_interval(0.5, 28)
    >>> round(float(low), 3), round(float(high), 3)
    (0.156, 0.736)
    """
    correlation = np.asarray(r, float)
    centre = np.arctanh(np.clip(correlation, -1 + 1e-15, 1 - 1e-15))
    half = normal_quantile(confidence) * ratio(1.0, np.sqrt(np.maximum(np.asarray(n, float) - 3, 0)))
    return np.tanh(centre - half), np.tanh(centre + half)
