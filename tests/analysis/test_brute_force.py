"""Formulas written a second time, the slow way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from qbank.analysis.dif import generalised_mantel_haenszel, matched_counts, ordinal_dif
from qbank.analysis.dif.ordinal import category_counts
from qbank.analysis.equating import equipercentile, kernel_equating, lord_errors, moments, scores
from qbank.analysis.equating.spline import postsmoothed, smoothing_spline
from qbank.analysis.subscores import prmse


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


@pytest.mark.parametrize("s", [0.05, 0.3, 1.0])
def test_the_smoothing_spline_is_that_of_scipy_at_the_penalty_that_gives_the_asked_distance(s: float) -> None:
    """Reinsch (1967): least ∫g″² with Σ((g − y)/e)²/n ≤ s; scipy minimises Σ((g − y)/e)² + λ∫g″², so λ is searched for."""
    x, y, errors = _noisy()
    found = smoothing_spline(x, y, errors, s)
    assert found == pytest.approx(_scipy_spline(x, y, errors, s)(x), abs=1e-6)
    assert (((found - y) / errors) ** 2).mean() == pytest.approx(s, abs=1e-8)


def test_postsmoothing_is_the_mean_of_two_splines_one_of_them_read_backwards() -> None:
    """Kolen (1984); K&B (2014), 3.3: splines between the ranks .5 and 99.5 %, straight to half a step outside full marks."""
    points = np.arange(21)
    new = scores(points, np.round(3000 * np.exp(-((points - 9) ** 2) / 30)) + 1)
    base = scores(points, np.round(2000 * np.exp(-((points - 6) ** 2) / 12) + 2500 * np.exp(-((points - 14) ** 2) / 9)) + 3)
    curves = []
    for one, two in ((new, base), (base, new)):
        share = one.counts / one.counts.sum()
        rank = np.cumsum(share) - share / 2
        within = (rank >= 0.005) & (rank <= 0.995)
        spline = _scipy_spline(points[within].astype(float), equipercentile(one, two)[within], lord_errors(one, two)[within], 0.3)
        low, high = points[within][[0, -1]]
        knots = np.array([-0.5, low, high, 20.5])
        levels = np.array([-0.5, spline(low), spline(high), 20.5])
        fine = np.linspace(-0.5, 20.5, 420_001)
        curves.append((fine, np.where((fine >= low) & (fine <= high), spline(fine), np.interp(fine, knots, levels))))
    forward = np.interp(points, *curves[0])
    backward = np.interp(points, curves[1][1], curves[1][0])
    assert postsmoothed(new, base, 0.3) == pytest.approx((forward + backward) / 2, abs=1e-5)


def _noisy() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    x = np.sort(rng.choice(np.arange(40), 18, replace=False)).astype(float)
    errors = rng.uniform(0.2, 0.8, 18)
    return x, x + np.sin(x / 5) + errors * rng.normal(size=18), errors


def _scipy_spline(x: np.ndarray, y: np.ndarray, errors: np.ndarray, s: float) -> Any:
    from scipy.interpolate import make_smoothing_spline
    from scipy.optimize import brentq

    def spline(log_penalty: float) -> Any:
        return make_smoothing_spline(x, y, w=1 / errors**2, lam=np.exp(log_penalty))

    def off(log_penalty: float) -> float:
        return float((((spline(log_penalty)(x) - y) / errors) ** 2).mean() - s)

    high = 18.0
    return spline(brentq(off, -15.0, high, xtol=1e-10)) if off(high) > 0 else spline(high)


@pytest.mark.parametrize("n_groups", [2, 3])
def test_ordinal_logistic_dif_is_that_of_persons_one_by_one(n_groups: int) -> None:
    """The likelihoods of nested proportional-odds models maximised over persons, by a general optimiser with numerical slopes."""
    from scipy.optimize import minimize

    rng = np.random.default_rng(4)
    group, score = rng.integers(0, n_groups, 240), rng.integers(0, 7, 240)
    eta = 0.5 * score + 0.7 * (group == 1) + rng.logistic(size=240)
    category = np.digitize(eta, [0.5, 1.8, 3.0])
    counts = category_counts(category, score, group, (n_groups, 7, 4))
    found = ordinal_dif(counts, np.arange(7.0))

    dummies = [(group == word).astype(float) for word in range(1, n_groups)]
    columns = [score / 3 - 1, *dummies, *(dummy * (score / 3 - 1) for dummy in dummies)]

    def deviance(terms: int) -> tuple[float, np.ndarray]:
        design = np.column_stack([np.zeros(240), *columns[:terms]])[:, 1:]

        def value(free: np.ndarray) -> float:
            cuts = free[0] - np.concatenate([[0.0], np.cumsum(np.exp(free[1:3]))])
            above = 1 / (1 + np.exp(-(cuts + (design @ free[3:])[:, None])))
            whole = np.column_stack([np.ones(240), above, np.zeros(240)])
            share = whole[np.arange(240), category] - whole[np.arange(240), category + 1]
            return float(-2 * np.log(share).sum())

        best = minimize(value, np.concatenate([[1.0, 0.0, 0.0], np.zeros(terms)]), method="BFGS", options={"gtol": 1e-6})
        best = minimize(value, best.x, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-11, "maxiter": 20_000, "maxfev": 20_000})
        return float(best.fun), best.x

    null, base = deviance(0)[0], deviance(1)[0]
    (uniform, at), (both, _) = deviance(n_groups), deviance(2 * n_groups - 1)
    assert [found.lr_uniform, found.lr_nonuniform, found.lr_both] == pytest.approx([base - uniform, uniform - both, base - both], abs=1e-5)
    assert found.log_odds == pytest.approx(at[4], abs=1e-4)

    def r2(deviance: float) -> float:
        return float((1 - np.exp((deviance - null) / 240)) / (1 - np.exp(-null / 240)))

    assert found.r2_both == pytest.approx(r2(both) - r2(base), abs=1e-7)


def test_habermans_reductions_are_those_of_regressions_on_true_scores_that_are_known() -> None:
    """A finite population in which every true subscore meets every pattern of errors: PRMSE is an R² then, by least squares."""
    true = np.array([[0, 1, 2], [1, 0, 1], [2, 2, 4], [3, 1, 2], [4, 4, 3], [5, 3, 6]], float)
    signs = np.array([[a, b, c] for a in (-1, 1) for b in (-1, 1) for c in (-1, 1)], float) * [0.9, 1.3, 0.6]
    taus = np.repeat(true, len(signs), axis=0)
    seen = taus + np.tile(signs, (len(true), 1))
    covariance = np.cov(seen, rowvar=False, bias=True)
    reliability = taus.var(axis=0) / seen.var(axis=0)
    found = prmse(covariance, reliability)

    def explained(wanted: np.ndarray, *given: np.ndarray) -> float:
        design = np.column_stack([np.ones(len(wanted)), *given])
        left = wanted - design @ np.linalg.lstsq(design, wanted, rcond=None)[0]
        return float(1 - left.var() / wanted.var())

    total = seen.sum(axis=1)
    for place in range(3):
        wanted, own = taus[:, place], seen[:, place]
        assert found.subscore[place] == pytest.approx(explained(wanted, own), abs=1e-10)
        assert found.total[place] == pytest.approx(explained(wanted, total), abs=1e-10)
        assert found.augmented[place] == pytest.approx(explained(wanted, own, total), abs=1e-10)
        assert found.true_correlation[place] == pytest.approx(np.corrcoef(wanted, taus.sum(axis=1))[0, 1], abs=1e-10)
