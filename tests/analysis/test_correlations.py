"""Correlations of what stands behind marks: against integrals, brute maximisation, and each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import minimize_scalar
from scipy.special import ndtr, ndtri

from qbank.analysis.correlations import (
    bivariate_normal,
    bivariate_normal_density,
    pearson_pairs,
    polychoric_pairs,
    polyserial,
    polyserial_ml,
    smoothed,
    tetrachoric,
    tetrachoric_pairs,
)

bound = st.floats(-4, 4)
rho_of = st.floats(-0.99, 0.99)
cells = st.lists(st.integers(1, 60), min_size=4, max_size=4)


@settings(max_examples=40)
@given(bound, bound, rho_of)
def test_the_bivariate_normal_is_the_integral_of_its_conditional(h: float, k: float, rho: float) -> None:
    root = np.sqrt(1 - rho * rho)
    wanted, _ = quad(lambda x: np.exp(-x * x / 2) / np.sqrt(2 * np.pi) * ndtr((k - rho * x) / root), -12, h,
                     epsabs=1e-12, limit=300, points=[min(max(k / rho, -12), h)] if abs(rho) > 0.1 else None)  # fmt: skip
    assert float(bivariate_normal(h, k, rho)) == pytest.approx(wanted, abs=1e-10)


@given(bound, bound, rho_of)
def test_four_quadrants_make_one_and_the_density_is_the_slope(h: float, k: float, rho: float) -> None:
    whole = sum(float(bivariate_normal(a * h, b * k, a * b * rho)) for a in (1, -1) for b in (1, -1))
    assert whole == pytest.approx(1.0, abs=1e-12)
    step = 1e-6
    slope = (bivariate_normal(h, k, rho + step) - bivariate_normal(h, k, rho - step)) / (2 * step)
    assert float(slope) == pytest.approx(float(bivariate_normal_density(h, k, rho)), abs=1e-5, rel=1e-4)


@given(cells)
def test_a_tetrachoric_correlation_gives_its_table_back(counts: list[int]) -> None:
    table = np.array(counts, float).reshape(2, 2)
    rho, error = tetrachoric(table)
    p = table / table.sum()
    h, k = ndtri(p[1].sum()), ndtri(p[:, 1].sum())
    assert float(bivariate_normal(h, k, rho[0])) == pytest.approx(p[1, 1], abs=1e-9)
    assert error[0] > 0


@given(cells)
def test_exchanging_items_or_right_and_wrong_of_both_changes_nothing(counts: list[int]) -> None:
    table = np.array(counts, float).reshape(2, 2)
    first = tetrachoric(table)
    for other in (table.T, table[::-1, ::-1]):
        assert np.allclose(tetrachoric(other), first, atol=1e-8)
    assert tetrachoric(table[::-1])[0][0] == pytest.approx(-first[0][0], abs=1e-8)


def test_the_error_of_a_tetrachoric_correlation_is_its_spread() -> None:
    rng = np.random.default_rng(5)
    pairs = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], size=(400, 500))
    right = pairs > np.array([0.4, -0.7])
    counts = np.array([[[(~x & ~y).sum(), (~x & y).sum()], [(x & ~y).sum(), (x & y).sum()]] for x, y in
                       ((r[:, 0], r[:, 1]) for r in right)])  # fmt: skip
    rho, error = tetrachoric(counts)
    assert rho.mean() == pytest.approx(0.5, abs=0.01)
    assert error.mean() == pytest.approx(rho.std(), rel=0.1)


def test_an_empty_cell_is_filled_and_no_correlation_is_one() -> None:
    rho, error = tetrachoric([[[40, 0], [10, 50]], [[50, 0], [0, 50]]])
    assert 0.9 < rho[0] < 1 and np.isfinite(error[0]) and rho[1] < 1
    assert np.isnan(tetrachoric([[[0, 0], [10, 50]]])[0][0])


def test_polychoric_of_three_categories_maximises_the_likelihood() -> None:
    rng = np.random.default_rng(6)
    x, y = rng.multivariate_normal([0, 0], [[1, 0.45], [0.45, 1]], size=700).T
    table = np.column_stack([np.digitize(x, [-0.4, 0.9]), np.digitize(y, [-1.0, 0.2])])
    found = polychoric_pairs(table)
    joint = np.histogram2d(table[:, 0], table[:, 1], bins=(range(4), range(4)))[0]
    cuts = [np.concatenate([[-9.0], ndtri(np.cumsum(joint.sum(axis=axis))[:-1] / 700), [9.0]]) for axis in (1, 0)]

    def lost(rho: float) -> float:
        share = np.diff(np.diff(bivariate_normal(cuts[0][:, None], cuts[1][None, :], rho), axis=0), axis=1)
        return -float((joint * np.log(np.maximum(share, 1e-300))).sum())

    best = minimize_scalar(lost, bounds=(-0.99, 0.99), method="bounded", options={"xatol": 1e-9}).x
    assert found.r[0, 1] == pytest.approx(best, abs=1e-5)
    curvature = (lost(best + 1e-3) - 2 * lost(best) + lost(best - 1e-3)) / 1e-6
    assert found.errors[0, 1] == pytest.approx(1 / np.sqrt(curvature), rel=0.05)


def test_polychoric_of_two_categories_in_a_wider_set_is_the_tetrachoric_one() -> None:
    rng = np.random.default_rng(7)
    z = rng.multivariate_normal(np.zeros(3), 0.5 + 0.5 * np.eye(3), size=900)
    category = np.column_stack([z[:, 0] > 0.3, z[:, 1] > -0.5, np.digitize(z[:, 2], [-0.5, 0.5])]).astype(int)
    wide, narrow = polychoric_pairs(category), tetrachoric_pairs(category[:, :2])
    assert wide.r[0, 1] == pytest.approx(narrow.r[0, 1], abs=1e-6)


def test_who_did_not_see_an_item_is_left_out_of_its_pairs() -> None:
    rng = np.random.default_rng(8)
    right = (rng.random((300, 1)) > rng.random((300, 4))).astype(float)
    missing = right.copy()
    missing[:120, 2] = np.nan
    whole, part = tetrachoric_pairs(right[120:]), tetrachoric_pairs(missing)
    assert part.r[2, 3] == pytest.approx(whole.r[2, 3], abs=1e-9) and part.n[2, 3] == 180 and part.n[0, 1] == 300
    assert pearson_pairs(missing).r[2, 3] == pytest.approx(np.corrcoef(right[120:].T)[2, 3], abs=1e-12)


def test_rows_in_another_order_and_constant_items() -> None:
    rng = np.random.default_rng(9)
    right = (rng.random((200, 1)) > rng.random((200, 5))).astype(float)
    right[:, 4] = 1.0
    found, turned = tetrachoric_pairs(right), tetrachoric_pairs(right[::-1])
    assert np.array_equal(found.r, turned.r, equal_nan=True)
    assert np.isnan(found.r[:4, 4]).all() and found.r[4, 4] == 1.0


def test_smoothing_leaves_a_good_matrix_alone_and_mends_a_bad_one() -> None:
    good = np.full((3, 3), 0.4) + 0.6 * np.eye(3)
    assert np.array_equal(smoothed(good)[0], good) and not smoothed(good)[1]
    better, moved = smoothed(np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1.0]]))
    assert moved and np.linalg.eigvalsh(better).min() > 0 and np.allclose(np.diag(better), 1)


def test_polyserial_of_two_categories_is_the_biserial_and_ml_is_near() -> None:
    from qbank.analysis.classical import biserial

    rng = np.random.default_rng(10)
    z = rng.normal(size=3000)
    right = (0.5 * z + np.sqrt(0.75) * rng.normal(size=3000) > 0.3).astype(float)
    two_step = polyserial(right[:, None], z[:, None])[0]
    assert two_step == pytest.approx(float(biserial(np.corrcoef(right, z)[0, 1], right.mean())), abs=1e-9)
    rho, error = polyserial_ml(right[:, None], z[:, None])
    assert rho[0] == pytest.approx(0.5, abs=3 * error[0]) and abs(two_step - rho[0]) < 0.02


def test_polyserial_by_ml_has_the_slope_that_its_likelihood_asks_for() -> None:
    rng = np.random.default_rng(11)
    z = np.round(rng.normal(size=400), 1)
    marks = np.digitize(0.7 * z + np.sqrt(0.51) * rng.normal(size=400), [-0.8, 0.1, 1.0]) / 2.0
    rho, _ = polyserial_ml(marks[:, None], z[:, None])
    from qbank.analysis.correlations.serial import _likelihood

    standard = (z - z.mean()) / z.std()
    table = (marks[:, None] == np.unique(marks)).astype(float)
    slope = rho[0] / np.sqrt(1 - rho[0] ** 2)

    def best_cuts(slope: float) -> float:
        from scipy.optimize import minimize

        def lost(cuts: np.ndarray) -> float:
            return -_likelihood(np.append(cuts, slope), standard, table)[0]

        start = ndtri(np.cumsum(table.sum(axis=0))[:-1] / 400) * np.sqrt(1 + slope**2)
        return -float(minimize(lost, start).fun)

    assert best_cuts(slope) > max(best_cuts(slope + 0.02), best_cuts(slope - 0.02))


@pytest.mark.parametrize("marks", [[1.0, 1, 1], [0.0, 1, 1], [np.nan] * 3])
def test_serial_correlations_that_do_not_exist_are_not_numbers_or_stay_finite(marks: list[float]) -> None:
    column, criterion = np.array(marks)[:, None], np.array([1.0, 2, 3])[:, None]
    value = polyserial_ml(column, criterion)[0][0]
    assert np.isnan(value) or abs(value) <= 1
    if np.nanmax(column, initial=-1) == np.nanmin(column, initial=2):
        assert np.isnan(polyserial(column, criterion)[0])
