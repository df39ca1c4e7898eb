"""Guttman's bounds, halves, factors, strata, errors score by score: brute force, laws, papers that have none."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from qbank.analysis import sitting_data
from qbank.analysis.conditional_errors import binomial_error, keats_error
from qbank.analysis.reliability import (
    cronbach_alpha,
    factors,
    guttman,
    oblimin,
    omega_hierarchical,
    omega_total,
    reliability_analysis,
    split_halves,
    stratified_alpha,
)
from qbank.analysis.reliability.bounds import _exchanged, least_difference
from qbank.analysis.reliability.coefficients import coefficient_table
from qbank.irt import item_parameters
from tests.analysis.simulated import simulated_sitting

marks_of = arrays(np.float64, st.tuples(st.integers(3, 25), st.integers(2, 7)), elements=st.integers(0, 3))


def brute_lambda4(marks: np.ndarray) -> float:
    total = marks.sum(axis=1)
    k = marks.shape[1]
    best = -np.inf
    for half in combinations(range(k), k // 2):
        one = marks[:, list(half)].sum(axis=1)
        best = max(best, 1 - np.var(2 * one - total, ddof=1) / np.var(total, ddof=1))
    return float(best)


@settings(max_examples=60)
@given(marks_of)
def test_bounds_stand_in_their_order_and_the_fourth_is_the_best_split(marks: np.ndarray) -> None:
    covariance = np.cov(marks, rowvar=False)
    found = guttman(covariance)
    if not marks.sum(axis=1).std() > 1e-6:
        assert np.isnan(found.lambda2)
        return
    assert found.lambda1 <= found.lambda3 + 1e-9 or found.lambda3 < 0
    assert found.lambda3 <= found.lambda2 + 1e-9
    assert found.lambda1 <= found.lambda5 + 1e-9
    assert found.lambda3 == pytest.approx(cronbach_alpha(marks), abs=1e-8, nan_ok=True)
    assert found.lambda4 == pytest.approx(brute_lambda4(marks), abs=1e-8)
    if marks.shape[1] % 2 == 0:
        # alpha is the mean of 4 cov / V over all splits
        assert found.lambda4 >= found.lambda3 - 1e-9


def test_lambda_six_is_one_minus_what_regressions_leave() -> None:
    marks = np.random.default_rng(1).integers(0, 4, (60, 5)).astype(float)
    marks[:, 4] += marks[:, 0]
    left = 0.0
    for item in range(5):
        design = np.column_stack([np.ones(60), np.delete(marks, item, axis=1)])
        residual = marks[:, item] - design @ np.linalg.lstsq(design, marks[:, item], rcond=None)[0]
        left += residual @ residual / 59
    found = guttman(np.cov(marks, rowvar=False)).lambda6
    assert found == pytest.approx(1 - left / marks.sum(axis=1).var(ddof=1), abs=1e-10)


def test_the_search_finds_the_best_split_that_all_splits_find() -> None:
    rng = np.random.default_rng(2)
    for seed in range(5):
        base = np.random.default_rng(seed).normal(size=(60, 14)) + rng.normal(size=(60, 1))
        covariance = np.cov(base, rowvar=False)
        wanted, every = least_difference(covariance)
        starts = [np.random.default_rng(s).permutation(np.repeat([1.0, -1.0], 7)) for s in range(50)]
        found = min(_exchanged(covariance, start) for start in starts)
        assert every and found == pytest.approx(wanted, abs=1e-9)


def test_halves_by_brute_force() -> None:
    marks = np.random.default_rng(3).integers(0, 3, (40, 6)).astype(float)
    found = split_halves(np.cov(marks, rowvar=False))
    values = []
    for half in combinations(range(6), 3):
        if 0 in half:
            one = marks[:, list(half)].sum(axis=1)
            r = np.corrcoef(one, marks.sum(axis=1) - one)[0, 1]
            values.append(2 * r / (1 + r))
    assert found.n_splits == len(values) == 10
    assert (found.mean, found.lowest, found.highest) == pytest.approx((np.mean(values), min(values), max(values)))
    odd, even = marks[:, ::2].sum(axis=1), marks[:, 1::2].sum(axis=1)
    r = np.corrcoef(odd, even)[0, 1]
    assert found.odd_even == pytest.approx(2 * r / (1 + r))
    assert found.odd_even_rulon == pytest.approx(1 - (odd - even).var() / (odd + even).var())


def test_factors_return_what_made_the_matrix_and_omega_is_the_share() -> None:
    loadings = np.zeros((9, 3))
    for group in range(3):
        loadings[3 * group : 3 * group + 3, group] = (0.6, 0.5, 0.4)
    general = np.linspace(0.4, 0.7, 9)
    R = np.outer(general, general) + loadings @ loadings.T
    unique = 1 - np.diag(R)
    np.fill_diagonal(R, 1.0)
    for method in ("minres", "ml"):
        one = factors(np.outer(general, general) + np.diag(1 - general**2), method=method)  # type: ignore[arg-type]
        assert one.loadings[:, 0] == pytest.approx(general, abs=1e-4)
    assert omega_total(R, unique) == pytest.approx(1 - unique.sum() / R.sum())
    # proportional general loadings within groups make a second-order model exact; here nearly so
    above, total = omega_hierarchical(R, 3)
    assert total == pytest.approx(1 - unique.sum() / R.sum(), abs=0.02)
    assert above == pytest.approx(general.sum() ** 2 / R.sum(), abs=0.08)


def test_oblique_rotation_finds_clusters_and_reproduces_the_matrix() -> None:
    simple = np.zeros((8, 2))
    simple[:4, 0], simple[4:, 1] = 0.7, 0.6
    turned = simple @ np.array([[np.cos(0.6), np.sin(0.6)], [-np.sin(0.6), np.cos(0.6)]])
    pattern, between = oblimin(turned)
    assert pattern @ between @ pattern.T == pytest.approx(simple @ simple.T, abs=1e-8)
    assert np.sort(np.abs(pattern), axis=1)[:, 0] == pytest.approx(np.zeros(8), abs=1e-4)


@given(marks_of)
def test_one_stratum_is_alpha_and_every_item_its_own_stratum_is_lambda_one(marks: np.ndarray) -> None:
    k = marks.shape[1]
    if not marks.sum(axis=1).std() > 1e-6:
        return
    assert stratified_alpha(marks, ["all"] * k) == pytest.approx(cronbach_alpha(marks), abs=1e-9)
    first = guttman(np.cov(marks, rowvar=False)).lambda1
    assert stratified_alpha(marks, [str(item) for item in range(k)]) == pytest.approx(first, abs=1e-9)


def test_keats_errors_average_to_the_sem() -> None:
    rng = np.random.default_rng(4)
    right = (rng.random((400, 1)) > rng.random((400, 30))).astype(float)
    found = reliability_analysis(sitting_data([str(i) for i in range(30)], right, 1.0))
    row = found.papers.row(0, named=True)
    errors = keats_error(right.sum(axis=1), 30, row["kr20"], row["kr21"])
    # KR-21 has n − 1 in its variance, the mean square of the errors n: they meet within 1/n
    assert np.mean(errors**2) == pytest.approx(row["sem"] ** 2, rel=0.01)


def test_the_curve_of_errors_stands_at_the_cut_and_agrees_with_lord_for_right_and_wrong() -> None:
    data = simulated_sitting(n_persons=400)
    curve = reliability_analysis(data).conditional
    at_cut = curve.filter("at_cut")
    assert at_cut["form"].to_list() == ["A", "B"] and at_cut["score"].to_list() == [60.0, 60.0]
    assert at_cut["lord"][0] == pytest.approx(5 * float(binomial_error(12, 20)))
    assert (curve["lord"] - curve["feldt_qualls"]).abs().max() < 1e-6  # type: ignore[operator]
    assert curve.filter(form="A")["n"].sum() == 199


def test_the_error_by_irt_is_that_of_the_parameters() -> None:
    rng = np.random.default_rng(5)
    b = np.linspace(-1, 1, 12)
    names = [f"i{index}" for index in range(12)]
    right = (rng.random((200, 12)) < 1 / (1 + np.exp(-(rng.normal(size=(200, 1)) - b)))).astype(float)
    items = item_parameters("rasch", a=np.ones(12), b=b, items=names)
    curve = reliability_analysis(sitting_data(names, 2 * right, 2.0), parameters={"": items}).conditional
    middle = curve.filter(pl.col("score") == 12.0).row(0, named=True)
    # at the expected score of half the marks theta is 0 by symmetry
    p = 1 / (1 + np.exp(b))
    assert middle["irt"] == pytest.approx(2 * np.sqrt((p * (1 - p)).sum()), abs=1e-6)
    assert np.isnan(reliability_analysis(sitting_data(["x", *names[1:]], right, 1.0), parameters={"": items})
                    .conditional["irt"].to_numpy()).all()  # fmt: skip


def test_marks_in_part_have_errors_too_and_sections_are_rows() -> None:
    rng = np.random.default_rng(6)
    marks = np.round(rng.random((150, 1)) * 2 + rng.random((150, 8)) * 3) / 2
    strata = {"section": ["one"] * 4 + ["two"] * 3 + [""], "domain": ["x"] * 8}
    found = reliability_analysis(sitting_data(list("abcdefgh"), marks, 2.5, strata=strata, cut=9.0))
    assert found.strata["value"].to_list() == ["one", "two", "x"]
    assert found.strata["n_items"].to_list() == [4, 3, 8]
    kinds = dict(found.coefficients.select("coefficient", "status").iter_rows())
    assert kinds["stratified_section"] == "ok" and kinds["stratified_domain"] == "no_strata"
    curve = found.conditional
    assert np.isnan(curve["lord"].to_numpy()).all() and np.isfinite(curve["feldt_qualls"].to_numpy()).all()
    assert np.isfinite(curve["compound"].to_numpy()).all()


@pytest.mark.parametrize(
    "marks",
    [
        np.zeros((0, 3)), np.zeros((12, 0)), np.ones((12, 3)), np.tile([[1.0, 0.0], [0.0, 1.0]], (6, 1)), np.ones((1, 4)),
        np.array([[1.0], [0.0]] * 6), np.eye(12)[:, :3], np.column_stack([np.eye(12)[:, 0]] * 4), np.zeros((30, 2)),
    ],
)  # fmt: skip
def test_papers_that_have_no_reliability_give_rows_and_no_exception(marks: np.ndarray) -> None:
    items = [f"i{index}" for index in range(marks.shape[1])]
    found = reliability_analysis(sitting_data(items, marks, 1.0, strata={"section": ["s"] * len(items)}, cut=0.5))
    assert found.papers.height == 1
    assert found.coefficients.height > 0 or found.papers["n"][0] < 10


def test_the_order_of_persons_does_not_matter() -> None:
    rng = np.random.default_rng(7)
    marks = (rng.random((80, 1)) > rng.random((80, 25))).astype(float)
    items = [f"i{index}" for index in range(25)]
    one, other = (reliability_analysis(sitting_data(items, rows, 1.0)) for rows in (marks, marks[::-1]))
    assert np.allclose(one.coefficients["value"], other.coefficients["value"], atol=1e-6, equal_nan=True)


def test_coefficients_of_papers_that_are_not_wanted_are_not_worked_out() -> None:
    right = np.random.default_rng(1).random((40, 1)) > np.random.default_rng(2).random((40, 6))
    data = sitting_data(list("abcdef"), right.astype(float), 1.0)
    assert coefficient_table(data, forms=()).height == 0
    assert coefficient_table(data, forms=set(data.forms)).equals(coefficient_table(data), null_equal=True)
