"""The bivariate normal distribution, many points at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from qbank.analysis.arrays import FloatArray

FAR = 12.0
"""A bound so far out that nothing lies beyond it in double precision."""


def bivariate_normal(h: ArrayLike, k: ArrayLike, rho: ArrayLike) -> FloatArray:
    """Return P(X ≤ h, Y ≤ k) of two standard normal variables with correlation rho, broadcast.

    By Owen's T function: ½Φ(h) + ½Φ(k) − T(h, (k − ρh)/(h√(1 − ρ²))) − T(k, (h − ρk)/(k√(1 − ρ²))) − ½[hk < 0, or
    hk = 0 and h + k < 0] (Owen 1956, eq. 2.1); accurate to about 1e-15. h, k may be infinite; −1 < rho < 1.

    >>> float(bivariate_normal(0.0, 0.0, 0.5).round(12))
    0.333333333333
    """
    from scipy.special import ndtr, owens_t

    x, y, r = np.broadcast_arrays(np.asarray(h, float), np.asarray(k, float), np.asarray(rho, float))
    x, y = np.clip(x, -FAR, FAR), np.clip(y, -FAR, FAR)
    # Owen's formula divides by h and by k: a bound so near 0 is taken a little off it, which moves nothing that shows.
    x, y = np.where(np.abs(x) < 1e-15, 1e-15, x), np.where(np.abs(y) < 1e-15, 1e-15, y)
    root = np.sqrt(1 - r * r)
    found = 0.5 * (ndtr(x) + ndtr(y)) - owens_t(x, (y - r * x) / (x * root)) - owens_t(y, (x - r * y) / (y * root))
    return np.asarray(np.clip(found - 0.5 * (x * y < 0), 0.0, 1.0))


def bivariate_normal_density(h: ArrayLike, k: ArrayLike, rho: ArrayLike) -> FloatArray:
    """Return the density at (h, k), which is also the derivative of `bivariate_normal` in rho (Plackett 1954, eq. 3).

    >>> float(bivariate_normal_density(0.0, 0.0, 0.0).round(6))
    0.159155
    """
    x, y, r = np.asarray(h, float), np.asarray(k, float), np.asarray(rho, float)
    x, y = np.clip(x, -FAR, FAR), np.clip(y, -FAR, FAR)
    left = 1 - r * r
    density = np.exp(-(x * x - 2 * r * x * y + y * y) / (2 * left)) / (2 * np.pi * np.sqrt(left))
    # at a bound that stands for infinity there is no density
    return np.asarray(np.where((np.abs(x) >= FAR) | (np.abs(y) >= FAR), 0.0, density))
