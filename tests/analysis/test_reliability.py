"""Reliability: hand-checkable numbers, brute force, degenerate papers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from qbank.analysis import (
    VOID,
    alpha_if_dropped,
    cronbach_alpha,
    feldt_interval,
    reliability_table,
    sitting_data,
)
from qbank.analysis.reliability import kr21, standardised_alpha

marks_of = arrays(np.float64, st.tuples(st.integers(2, 30), st.integers(2, 7)), elements=st.integers(0, 4))


def brute_alpha(marks: np.ndarray) -> float:
    """Alpha from the covariance matrix: k/(k−1)·(1 − trace/sum)."""
    covariance = np.cov(marks, rowvar=False)
    k = marks.shape[1]
    return float(k / (k - 1) * (1 - np.trace(covariance) / covariance.sum()))


def test_a_guttman_scale_of_three_items_by_hand() -> None:
    # Item variances 1/4, 1/3, 1/4 (n − 1), total variance 5/3: α = 3/2·(1 − (5/6)/(5/3)) = 3/4.
    marks = np.array([[1, 1, 1], [1, 1, 0], [1, 0, 0], [0, 0, 0]], float)
    assert cronbach_alpha(marks) == pytest.approx(0.75)
    row = reliability_table(sitting_data(["a", "b", "c"], marks, 1.0)).row(0, named=True)
    assert row["kr20"] == row["alpha"]
    assert row["sem"] == pytest.approx(np.sqrt(5 / 3) * 0.5)
    # KR-21: 3/2·(1 − 1.5·1.5/(3·5/3)) = 0.825
    assert row["kr21"] == pytest.approx(0.825)
    assert row["status"] == "ok"


def test_feldts_interval_by_the_f_quantiles_of_scipy() -> None:
    from scipy.stats import f

    low, high = feldt_interval(0.8, 41, 26)
    assert low == pytest.approx(1 - 0.2 * f.ppf(0.975, 40, 1000))
    assert high == pytest.approx(1 - 0.2 * f.ppf(0.025, 40, 1000))


@given(marks_of)
def test_alpha_is_the_one_of_the_covariance_matrix(marks: np.ndarray) -> None:
    if np.ptp(marks.sum(axis=1)) == 0:
        assert np.isnan(cronbach_alpha(marks))
    else:
        assert cronbach_alpha(marks) == pytest.approx(brute_alpha(marks), abs=1e-9)


@given(marks_of)
def test_alpha_if_dropped_is_alpha_of_what_remains(marks: np.ndarray) -> None:
    dropped = alpha_if_dropped(marks)
    for item in range(marks.shape[1]):
        expected = cronbach_alpha(np.delete(marks, item, axis=1))
        assert dropped[item] == pytest.approx(expected, abs=1e-9, nan_ok=True)


@given(marks_of)
def test_standardised_alpha_is_the_mean_correlation_stepped_up(marks: np.ndarray) -> None:
    varying = marks[:, np.ptp(marks, axis=0) > 0]
    k = varying.shape[1]
    if k < 2:
        assert np.isnan(standardised_alpha(marks))
        return
    correlations = np.corrcoef(varying, rowvar=False)
    mean_r = (correlations.sum() - k) / (k * (k - 1))
    if abs(1 + (k - 1) * mean_r) > 1e-6:
        assert standardised_alpha(marks) == pytest.approx(k * mean_r / (1 + (k - 1) * mean_r), abs=1e-6)


def test_kr20_needs_items_with_full_marks_or_none_and_kr21_equal_marks() -> None:
    rng = np.random.default_rng(1)
    right = (rng.random((40, 4)) < 0.6).astype(float)
    uneven = reliability_table(sitting_data(list("abcd"), right * [1, 1, 2, 2], [1, 1, 2, 2])).row(
        0, named=True
    )
    assert uneven["kr20"] == uneven["alpha"] and np.isnan(uneven["kr21"])
    partial = reliability_table(sitting_data(list("abcd"), right, [2, 2, 2, 2])).row(0, named=True)
    assert np.isnan(partial["kr20"])
    in_twos = reliability_table(sitting_data(list("abcd"), 2 * right, 2.0)).row(0, named=True)
    assert in_twos["kr21"] == pytest.approx(kr21(right.sum(axis=1), 4))


def test_a_person_with_one_void_answer_is_left_out_of_reliability_and_counted() -> None:
    rng = np.random.default_rng(2)
    marks = (rng.random((30, 3)) < 0.5).astype(float)
    answer = np.zeros((30, 3), np.int16)
    answer[4, 1] = VOID
    row = reliability_table(sitting_data(list("abc"), marks, 1.0, answer=answer)).row(0, named=True)
    assert (row["n"], row["n_left_out"]) == (29, 1)
    assert row["alpha"] == pytest.approx(brute_alpha(np.delete(marks, 4, axis=0)))


@pytest.mark.parametrize(
    ("marks", "status"),
    [
        (np.zeros((0, 3)), "no_data"),
        (np.zeros((5, 0)), "no_data"),
        (np.ones((1, 3)), "one_person"),
        (np.array([[1.0], [0], [1]]), "one_item"),
        (np.ones((5, 3)), "constant"),
        (np.array([[1.0, 0], [0, 1]]), "constant"),
        (np.array([[1.0, 0, 1], [0, 1, 0], [1, 0, 0], [0, 1, 1.0]]), "negative"),
    ],
)
def test_degenerate_papers_become_flagged_rows(marks: np.ndarray, status: str) -> None:
    items = [f"i{index}" for index in range(marks.shape[1])]
    row = reliability_table(sitting_data(items, marks, 1.0)).row(0, named=True)
    assert row["status"] == status
    assert status == "negative" or np.isnan(row["alpha"])


def test_a_form_nobody_sat_is_a_row_without_data() -> None:
    table = reliability_table(sitting_data(["a"], np.ones((4, 1)), 1.0, form=[0] * 4, forms=("A", "B")))
    assert table.row(1, named=True)["status"] == "no_data"
