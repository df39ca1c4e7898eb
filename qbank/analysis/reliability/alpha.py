"""Coefficient alpha and its relatives: of marks that are complete, or of their covariances."""

from __future__ import annotations

import numpy as np

from qbank.analysis.arrays import FloatArray, column_deviations, ratio
from qbank.analysis.intervals import CONFIDENCE

NAN = float("nan")


def cronbach_alpha(marks: FloatArray) -> float:
    """Return coefficient alpha, k/(k−1)·(1 − Σ sᵢ²/s²) (Cronbach 1951), NaN where it does not exist.

    marks : (n_persons, n_items), complete.

    >>> round(cronbach_alpha(np.array([[1., 1, 1], [1, 1, 0], [1, 0, 0], [0, 0, 0]])), 6)
    0.75
    """
    k = marks.shape[1]
    variance = variance_of(marks.sum(axis=1))
    if k < 2 or np.isnan(variance) or variance == 0:
        return NAN
    return float(k / (k - 1) * (1 - variances(marks).sum() / variance))


def standardised_alpha(marks: FloatArray) -> float:
    """Return k·r̄/(1 + (k−1)·r̄), r̄ the mean correlation of the k items that vary; NaN for k < 2."""
    varying = marks[:, variances(marks) > 0]
    k = varying.shape[1]
    if k < 2:
        return NAN
    z = varying - varying.mean(axis=0)
    z = z / np.sqrt((z**2).sum(axis=0))
    # The sum of all correlations is the squared length of the summed columns: no k × k matrix.
    mean_r = (float((z.sum(axis=1) ** 2).sum()) - k) / (k * (k - 1))
    return float(ratio(k * mean_r, 1 + (k - 1) * mean_r))


def kr21(right: FloatArray, n_items: int) -> float:
    """Return Kuder & Richardson's formula 21 of the numbers right, (n_persons,), variance with n − 1."""
    variance = variance_of(right)
    if n_items < 2 or np.isnan(variance) or variance == 0:
        return NAN
    mean = float(right.mean())
    return n_items / (n_items - 1) * (1 - mean * (n_items - mean) / (n_items * variance))


def feldt_interval(alpha: float, n: int, k: int, *, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the interval of alpha, 1 − (1−α)·F with F at (n−1, (n−1)(k−1)) degrees of freedom (Feldt 1965).

    >>> low, high = feldt_interval(0.8, 100, 20)
    >>> round(low, 3), round(high, 3)
    (0.738, 0.853)
    """
    if np.isnan(alpha) or n < 2 or k < 2:
        return NAN, NAN
    from scipy.special import fdtri

    tail = (1 - confidence) / 2
    between, within = n - 1, (n - 1) * (k - 1)
    upper, lower = fdtri(between, within, 1 - tail), fdtri(between, within, tail)
    return float(1 - (1 - alpha) * upper), float(1 - (1 - alpha) * lower)


def alpha_if_dropped(marks: FloatArray) -> FloatArray:
    """Return alpha of the other k − 1 items for each item, shape (n_items,); NaN for k < 3.

    marks : (n_persons, n_items), complete.
    """
    n, k = marks.shape
    if n < 2 or k < 3:
        return np.full(k, NAN)
    deviations = column_deviations(marks, np.ones_like(marks, bool))
    variances = np.einsum("pi,pi->i", deviations, deviations) / (n - 1)
    total = deviations.sum(axis=1)
    variance = float(total @ total) / (n - 1)
    rest = variance + variances - 2 * (total @ deviations) / (n - 1)
    # what is left of a variance after cancellation is measured against what went in, not against a total near 0
    rest = np.where(rest > 1e-12 * max(variance, float(variances.sum()), 1e-300), rest, 0.0)
    alpha: FloatArray = (k - 1) / (k - 2) * (1 - ratio(variances.sum() - variances, rest))
    return alpha


def alpha_error(covariance: FloatArray, n: int) -> float:
    """Return the standard error of alpha for n persons, (k, k) covariances, without assuming parallel items.

    √(Q/n), Q = 2k²/(k−1)² · [V·(tr C² + tr² C) − 2·tr C · 1ᵀC²1] / V³, V = 1ᵀC1 (van Zyl, Neudecker & Nel 2000, eq. 21;
    Duhachek & Iacobucci 2004).

    >>> round(alpha_error(np.array([[1.0, 0.5], [0.5, 1.0]]), 100), 6)
    0.066667
    """
    k = len(covariance)
    total = float(covariance.sum())
    if k < 2 or n < 2 or not total > 0:
        return NAN
    trace, squared = float(np.trace(covariance)), covariance @ covariance
    inner = total * (float(np.trace(squared)) + trace**2) - 2 * trace * float(squared.sum())
    return float(np.sqrt(max(2 * k**2 / ((k - 1) ** 2 * total**3) * inner, 0.0) / n))


def variances(marks: FloatArray) -> FloatArray:
    """Return the variance of each column with n − 1, (n_items,); 0 for fewer than two persons."""
    if len(marks) < 2:
        return np.zeros(marks.shape[1])
    deviations = column_deviations(marks, np.ones_like(marks, bool))
    return np.asarray(np.einsum("pi,pi->i", deviations, deviations) / (len(marks) - 1), float)


def variance_of(score: FloatArray) -> float:
    """Return the variance of scores with n − 1, NaN for fewer than two."""
    if len(score) < 2:
        return NAN
    return float(variances(score[:, None])[0])
