"""Formulas written a second time, the slow way."""

from __future__ import annotations

import numpy as np
import pytest

from qbank.analysis.dif import generalised_mantel_haenszel, matched_counts
from qbank.analysis.equating import kernel_equating, moments, scores


@pytest.mark.parametrize("seed", range(4))
def test_generalised_mantel_haenszel_is_the_quadratic_form_of_landis_heyman_and_koch(seed: int) -> None:
    """Somes (1986): (Σ(A − E))' (ΣV)⁻¹ Σ(A − E), V the covariance of a hypergeometric table given its margins."""
    rng = np.random.default_rng(seed)
    marks = (rng.random((400, 8)) < 1 / (1 + np.exp(-rng.normal(size=(400, 1))))).astype(float)
    group = rng.integers(0, 3, 400)
    counts = matched_counts(marks, group, n_groups=3)
    found = generalised_mantel_haenszel(counts.total, counts.n)
    total = marks.sum(axis=1)
    for item in range(8):
        gap, spread = np.zeros(2), np.zeros((2, 2))
        for score in np.unique(total):
            here = total == score
            n, right = here.sum(), marks[here, item].sum()
            if n < 2:
                continue
            sizes = np.array([(here & (group == one)).sum() for one in range(3)], float)
            seen = np.array([marks[here & (group == one), item].sum() for one in range(3)])
            whole = right * (n - right) / (n**2 * (n - 1)) * (n * np.diag(sizes) - np.outer(sizes, sizes))
            gap += (seen - sizes * right / n)[:2]
            spread += whole[:2, :2]
        assert found.chi2[item] == pytest.approx(float(gap @ np.linalg.solve(spread, gap)), abs=1e-8)


def test_kernel_equating_is_that_of_two_densities_added_up_on_a_fine_grid() -> None:
    """F is the sum of normal densities around a·x_j + (1 − a)·μ, a² = s²/(s² + h²) (von Davier, Holland & Thayer 2004)."""
    new, base = scores(np.arange(6), [3, 8, 12, 9, 5, 3]), scores(np.arange(6), [2, 5, 9, 12, 8, 4])
    widths = (0.6, 0.7)
    grid = np.linspace(-12, 18, 300_001)
    curves = []
    for side, h in zip((new, base), widths, strict=True):
        share = side.counts / side.counts.sum()
        mean = float(share @ side.points)
        variance = float(share @ (side.points - mean) ** 2)
        a = np.sqrt(variance / (variance + h * h))
        at = a * side.points + (1 - a) * mean
        density = sum(p * np.exp(-(((grid - x) / (a * h)) ** 2) / 2) / (a * h * np.sqrt(2 * np.pi)) for p, x in zip(share, at, strict=True))
        curves.append(np.cumsum(density) * (grid[1] - grid[0]) - density * (grid[1] - grid[0]) / 2)
    ranks = np.interp(new.points, grid, curves[0])
    wanted = np.interp(ranks, curves[1], grid)
    found = kernel_equating(new, base, bandwidths=widths)
    assert moments(new).n == 40 and found == pytest.approx(wanted, abs=1e-4)
