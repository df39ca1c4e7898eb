"""Breslow–Day: is the odds ratio the same at every score, or does the difference between groups grow or turn?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qbank.analysis.arrays import FloatArray, ratio
from qbank.analysis.dif.mantel import chi2_p, mantel_haenszel


@dataclass(frozen=True, slots=True, eq=False)
class Homogeneity:
    """Arrays of one value an item, NaN where there is none. Described at `breslow_day`."""

    chi2: FloatArray
    df: FloatArray
    p: FloatArray
    tarone: FloatArray
    tarone_p: FloatArray
    trend: FloatArray
    trend_p: FloatArray


def breslow_day(right: FloatArray, n: FloatArray, score: FloatArray) -> Homogeneity:
    """Return the tests of equal odds ratios over the strata of each item; group 0 is the reference.

    right, n : (..., 2, n_strata) ; score : (..., n_strata)

    chi2 = Σ (A − E)² / V with E the count whose odds ratio is the common α̂ in the margins of the stratum and
    1/V the sum of the reciprocals of the four expected cells (Breslow & Day 1980, eq. 4.30), df strata − 1 over the
    strata in which both groups and both outcomes occur; tarone = chi2 − (Σ(A − E))² / ΣV (Tarone 1985);
    trend = (Σ s(A − E))² / (Σ s²V − (Σ sV)² / ΣV), 1 df (Breslow & Day 1980, eq. 4.31), which asks
    for non-uniform DIF that goes one way.
    """
    a = right[..., 0, :]
    n_right, n_reference, size = right.sum(axis=-2), n[..., 0, :], n.sum(axis=-2)
    used = (n > 0).all(axis=-2) & (n_right > 0) & (n_right < size)
    alpha = mantel_haenszel(right, n).odds_ratio[..., None]
    expected = _expected(np.where(np.isnan(alpha), 1.0, alpha), n_right, n_reference, size)
    cells = (expected, n_reference - expected, n_right - expected, size - n_reference - n_right + expected)
    variance = ratio(1.0, sum(ratio(1.0, np.where(cell > 0, cell, np.nan)) for cell in cells))
    used &= np.isfinite(variance) & ~np.isnan(alpha)
    gap, v = np.where(used, a - expected, 0.0), np.where(used, variance, 0.0)
    chi2 = np.where(used.any(axis=-1), np.where(used, ratio(gap**2, v), 0.0).sum(axis=-1), np.nan)
    df = np.where(used.any(axis=-1), used.sum(axis=-1) - 1.0, np.nan)
    tarone = chi2 - ratio(gap.sum(axis=-1) ** 2, v.sum(axis=-1))
    spread = (score**2 * v).sum(axis=-1) - ratio((score * v).sum(axis=-1) ** 2, v.sum(axis=-1))
    trend = ratio((score * gap).sum(axis=-1) ** 2, np.where(spread > 1e-9, spread, 0.0))
    return Homogeneity(chi2, df, chi2_p(chi2, df), tarone, chi2_p(tarone, df), trend, chi2_p(trend, 1))


def _expected(alpha: FloatArray, n_right: FloatArray, n_reference: FloatArray, size: FloatArray) -> FloatArray:
    """Return the count in the margins whose odds ratio is alpha: the root of a quadratic that all four cells allow."""
    square = 1.0 - alpha
    linear = size - n_reference - n_right + alpha * (n_reference + n_right)
    constant = -alpha * n_reference * n_right
    root = np.sqrt(np.maximum(linear**2 - 4 * square * constant, 0.0))
    # This form of the root stays exact where alpha is 1 and the quadratic becomes a line.
    out: FloatArray = ratio(-2 * constant, linear + root)
    return out
