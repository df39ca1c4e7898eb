"""Kernel equating: both score distributions made continuous by a Gaussian kernel; von Davier, Holland & Thayer (2004)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qbank.analysis.arrays import FloatArray
from qbank.analysis.equating.scores import Scores


@dataclass(frozen=True, slots=True, eq=False)
class Continuous:
    """A score distribution with a kernel of bandwidth h: points and shares (n_points,), mean, variance, a = √(σ²/(σ² + h²))."""

    points: FloatArray
    share: FloatArray
    bandwidth: float
    mean: float
    variance: float

    @property
    def shrinkage(self) -> float:
        return float(np.sqrt(self.variance / (self.variance + self.bandwidth**2))) if self.variance > 0 else 0.0

    def _standard(self, x: FloatArray) -> FloatArray:
        a = self.shrinkage
        wide = a * self.bandwidth if a * self.bandwidth > 0 else np.nan
        return np.asarray((x[:, None] - a * self.points - (1 - a) * self.mean) / wide)

    def distribution(self, x: ArrayLike) -> FloatArray:
        """Return F(x) = Σ p Φ((x − a x_j − (1 − a)μ)/(a h)), (n_x,); VDHT (2004), eq. 4.5. Keeps mean and variance."""
        from scipy.special import ndtr

        return np.asarray(ndtr(self._standard(np.asarray(x, float).reshape(-1))) @ self.share)

    def density(self, x: ArrayLike) -> FloatArray:
        """Return the derivative of the distribution, (n_x,)."""
        z = self._standard(np.asarray(x, float).reshape(-1))
        return np.asarray(np.exp(-(z**2) / 2) @ self.share / np.sqrt(2 * np.pi) / (self.shrinkage * self.bandwidth))

    def slope(self, x: ArrayLike) -> FloatArray:
        """Return the derivative of the density, (n_x,)."""
        z = self._standard(np.asarray(x, float).reshape(-1))
        wide = self.shrinkage * self.bandwidth
        return np.asarray((-z * np.exp(-(z**2) / 2)) @ self.share / np.sqrt(2 * np.pi) / wide**2)

    def quantile(self, p: ArrayLike) -> FloatArray:
        """Return the scores with these cumulative shares, (n_p,), by safeguarded Newton steps."""
        asked = np.asarray(p, float).reshape(-1)
        spread = float(np.sqrt(self.variance)) + self.bandwidth
        low = np.full(asked.shape, self.points[0] - 10 * spread)
        high = np.full(asked.shape, self.points[-1] + 10 * spread)
        x = np.full(asked.shape, self.mean)
        for _ in range(200):
            off = self.distribution(x) - asked
            low, high = np.where(off < 0, x, low), np.where(off > 0, x, high)
            step = x - off / np.maximum(self.density(x), 1e-30)
            moved = np.where((step > low) & (step < high), step, (low + high) / 2)
            if (np.abs(moved - x) < 1e-12 * (1 + np.abs(x))).all():
                return np.asarray(moved)
            x = np.asarray(moved)
        return x


def continuous(table: Scores, bandwidth: float | None = None) -> Continuous:
    """Return the table made continuous; bandwidth None: the one with the least penalty.

    >>> from qbank.analysis.equating.scores import scores
    >>> smoothed = continuous(scores([0, 1, 2], [1, 2, 1]), 0.6)
    >>> float(smoothed.distribution([1.0])[0]), smoothed.mean, smoothed.variance
    (0.5, 1.0, 0.5)
    """
    share = table.counts / table.n
    mean = float(share @ table.points)
    variance = float(share @ (table.points - mean) ** 2)
    wide = best_bandwidth(table) if bandwidth is None else float(bandwidth)
    return Continuous(table.points, share, wide, mean, variance)


def bandwidth_penalty(table: Scores, bandwidth: float, *, bumps: float = 1.0) -> float:
    """Return Σ (p_j/step − f(x_j))² + bumps·(number of points where the density turns sharply); VDHT (2004), eq. 4.25–4.29.

    A point counts when the density falls just left of it (¼ step) and rises just right of it, or the other way round.
    """
    smoothed = continuous(table, bandwidth)
    distance = float((((table.counts / table.n / table.step) - smoothed.density(table.points)) ** 2).sum())
    left = smoothed.slope(table.points - table.step / 4)
    right = smoothed.slope(table.points + table.step / 4)
    return distance + bumps * float(((left < 0) & (right > 0)).sum())


def best_bandwidth(table: Scores, *, bumps: float = 1.0) -> float:
    """Return the bandwidth of the least penalty, between 0.1 and 10 steps (a grid, then golden section); 1 step for a constant."""
    if int((table.counts > 0).sum()) < 2:
        return table.step
    grid = table.step * np.geomspace(0.1, 10.0, 60)
    cost = [bandwidth_penalty(table, float(h), bumps=bumps) for h in grid]
    place = int(np.argmin(cost))
    low, high = float(grid[max(place - 1, 0)]), float(grid[min(place + 1, len(grid) - 1)])
    golden = (np.sqrt(5) - 1) / 2
    for _ in range(40):
        inner, outer = high - golden * (high - low), low + golden * (high - low)
        if bandwidth_penalty(table, inner, bumps=bumps) <= bandwidth_penalty(table, outer, bumps=bumps):
            high = outer
        else:
            low = inner
    return float((low + high) / 2)


def kernel_equating(
    new: Scores, base: Scores, x: ArrayLike | None = None, *, bandwidths: tuple[float | None, float | None] = (None, None)
) -> FloatArray:
    """Return e(x) = G⁻¹(F(x)) with both distributions made continuous, (n_x,); VDHT (2004), eq. 4.30.

    new, base : usually presmoothed, groups equivalent or tables of the synthetic population (post-stratification)
    bandwidths : None: chosen by the penalty; a large one gives linear equating

    >>> from qbank.analysis.equating.scores import scores
    >>> side = scores([0, 1, 2, 3, 4], [2, 9, 14, 8, 3])
    >>> kernel_equating(side, side).round(6) + 0
    array([0., 1., 2., 3., 4.])
    """
    first, second = continuous(new, bandwidths[0]), continuous(base, bandwidths[1])
    return second.quantile(first.distribution(new.points if x is None else x))


def chained_kernel(
    steps: tuple[Continuous, Continuous, Continuous, Continuous], x: ArrayLike
) -> FloatArray:
    """Return X → V in group 1, V → Y in group 2, (n_x,); steps: X₁, V₁, V₂, Y₂ made continuous; VDHT (2004), section 2.4."""
    total_1, anchor_1, anchor_2, total_2 = steps
    return total_2.quantile(anchor_2.distribution(anchor_1.quantile(total_1.distribution(x))))
