"""What the groups were large enough to show."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from qbank.analysis.arrays import FloatArray, ratio
from qbank.analysis.dif.mantel import DELTA
from qbank.analysis.intervals import normal_quantile


def null_delta_se(right: FloatArray, n: FloatArray) -> FloatArray:
    """Return the standard error that Δ has without DIF, 2.35 / √(Σ n_R n_F p q / T), p the facility of the stratum.

    right, n : (..., 2, n_strata). That is the limit of the error of Robins, Breslow & Greenland (1986) at α = 1.
    """
    size = np.maximum(n.sum(axis=-2), 1.0)
    p = right.sum(axis=-2) / size
    information = (n[..., 0, :] * n[..., 1, :] / size * p * (1 - p)).sum(axis=-1)
    return ratio(-DELTA, np.sqrt(information))


def detectable_delta(se: ArrayLike, *, power: float = 0.8, alpha: float = 0.05) -> FloatArray:
    """Return the smallest |Δ| that a two-sided test finds with the given power, (z₁₋α/₂ + z_power) · se.

    >>> round(float(detectable_delta(0.5)), 3)
    1.401
    """
    from scipy.special import ndtri

    out: FloatArray = (normal_quantile(1 - alpha) + float(ndtri(power))) * np.asarray(se, float)
    return out


def delta_power(delta: ArrayLike, se: ArrayLike, *, alpha: float = 0.05) -> FloatArray:
    """Return the chance that a two-sided test finds a true Δ with the given standard error.

    >>> round(float(delta_power(1.401, 0.5)), 2)
    0.8
    """
    from scipy.special import ndtr

    z, shift = normal_quantile(1 - alpha), np.abs(ratio(delta, se))
    out: FloatArray = ndtr(shift - z) + ndtr(-shift - z)
    return out


def planned_delta_se(n_reference: ArrayLike, n_focal: ArrayLike, *, facility: float = 0.7, within: float = 0.85) -> FloatArray:
    """Return about the error that Δ will have, before a sitting: 2.35 / √(n_R n_F / (n_R + n_F) · p (1 − p) · within).

    within : share of p(1 − p) that is left at equal score, about 1 − r², r the item–total correlation

    >>> round(float(detectable_delta(planned_delta_se(100, 100))), 2)
    2.2
    """
    reference, focal = np.asarray(n_reference, float), np.asarray(n_focal, float)
    return ratio(-DELTA, np.sqrt(ratio(reference * focal, reference + focal) * facility * (1 - facility) * within))
