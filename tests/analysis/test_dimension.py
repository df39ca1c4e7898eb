"""Dimension, dependence, subscores, speed: brute force, planted truth, papers that have none."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from polars.testing import assert_frame_equal

from qbank.analysis import NOT_REACHED, OMITTED, analyse, sitting_data
from qbank.analysis.dimension import categories, conditional_covariances, dimension_analysis
from qbank.analysis.speed import speed_analysis
from qbank.analysis.subscores import prmse, subscore_analysis

marks_of = arrays(np.int64, st.tuples(st.integers(4, 40), st.integers(3, 5)), elements=st.integers(0, 2))


def brute_covariances(marks: np.ndarray) -> np.ndarray:
    """The mean of the covariances given rest score and given total, pair by pair, of marks brought to 0 … 1."""
    k = marks.shape[1]
    scaled = marks / np.maximum(np.ptp(marks, axis=0), 1e-12)
    found = np.full((k, k), np.nan)
    for i in range(k):
        for j in range(k):
            if i != j:
                total = marks.sum(axis=1)
                parts = []
                for score in (total - marks[:, i] - marks[:, j], total):
                    sums, n = 0.0, 0
                    for value in np.unique(score):
                        rows = scaled[score == value]
                        if len(rows) > 1:
                            sums += len(rows) * np.cov(rows[:, i], rows[:, j])[0, 1]
                            n += len(rows)
                    parts.append(sums / n if n else np.nan)
                found[i, j] = np.mean(parts)
    return found


@settings(max_examples=40)
@given(marks_of)
def test_conditional_covariances_are_those_of_every_pair_by_itself(marks: np.ndarray) -> None:
    varying = marks[:, np.ptp(marks, axis=0) > 0]
    if varying.shape[1] < 2:
        return
    category = np.column_stack([categories(column) for column in varying.astype(float).T])
    assert np.allclose(
        conditional_covariances(varying.astype(float), category), brute_covariances(varying), atol=1e-9, equal_nan=True
    )


def answers(kind: str, seed: int = 1, n: int = 1000, k: int = 30) -> np.ndarray:
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(n, 2))
    ability = np.where(np.arange(k) < 12, 0.6 * z[:, [0]] + 0.8 * z[:, [1]], z[:, [0]]) if kind == "two" else z[:, [0]]
    right = (1.2 * ability - rng.normal(size=k) + rng.logistic(size=(n, k)) > 0).astype(float)
    if kind == "pair":
        right[:, 5] = np.where(rng.random(n) < 0.5, right[:, 4], right[:, 5])
    return right


def test_one_dimension_two_dimensions_and_a_dependent_pair_are_told_apart() -> None:
    items = [f"i{item:02}" for item in range(30)]
    one, two, pair = (dimension_analysis(sitting_data(items, answers(kind), 1.0), replications=5) for kind in ("one", "two", "pair"))
    rows = [found.papers.row(0, named=True) for found in (one, two, pair)]
    assert [row["verdict"] for row in rows] == ["one", "several", "one"]
    assert rows[0]["n_factors"] == 1 and rows[1]["n_factors"] == 2
    assert rows[1]["dimtest_p"] < 0.001 < rows[0]["dimtest_p"]
    assert two.clusters["cluster"].to_list() == [1] * 12 + [2] * 18
    assert one.pairs.filter("enemy").is_empty()
    assert pair.pairs.filter("enemy").select("item", "other").rows() == [("i04", "i05"), ("i05", "i04")]


def test_the_statistic_of_one_dimension_is_about_standard_normal() -> None:
    from qbank.analysis.dimension import dimtest

    cluster = np.arange(24) < 6
    t = [dimtest(answers("one", seed, 600, 24).astype(int), cluster, replications=15)[0] for seed in range(40)]
    assert abs(np.mean(t)) < 0.6 and 0.7 < np.std(t) < 1.35  # of 40 the sd is known to .11; 15 replications add .07


def test_marks_in_part_have_polychoric_eigenvalues_and_few_persons_are_withheld() -> None:
    rng = np.random.default_rng(2)
    latent = rng.normal(size=(400, 1)) + rng.normal(size=(400, 8))
    marks = np.digitize(latent, [-1, 0, 1.2]) / 2.0
    found = dimension_analysis(sitting_data(list("abcdefgh"), marks, 1.5), replications=5)
    row = found.papers.row(0, named=True)
    assert row["correlation"] == "polychoric" and row["n_factors"] == 1 and row["verdict"] == "one"
    few = dimension_analysis(sitting_data(list("abcdefgh"), marks[:50], 1.5))
    assert few.papers.is_empty() and few.withheld.row(0) == ("dimension", "", 50, 200)


def test_prmse_by_both_is_a_squared_multiple_correlation_and_never_below_either() -> None:
    rng = np.random.default_rng(3)
    for _ in range(50):
        true = np.cov(rng.normal(size=(20, 3)), rowvar=False) + 0.2
        errors = np.diag(rng.uniform(0.1, 1.0, 3))
        covariance = true + errors
        found = prmse(covariance, 1 - np.diag(errors) / np.diag(covariance))
        assert found.augmented.min() >= 0
        for part in range(3):
            cross = np.array([true[part, part], true[part].sum()])
            predictors = np.array([[covariance[part, part], covariance[part].sum()], [covariance[part].sum(), covariance.sum()]])
            wanted = cross @ np.linalg.solve(predictors, cross) / true[part, part]
            assert found.augmented[part] == pytest.approx(min(wanted, 1.0), abs=1e-9)
            assert found.augmented[part] >= max(found.subscore[part], found.total[part]) - 1e-9


def test_sections_that_measure_the_same_are_not_reported_and_different_ones_are() -> None:
    rng = np.random.default_rng(4)
    z = rng.normal(size=(600, 2))
    strata = {"section": ["one"] * 20 + ["two"] * 20}
    items = [str(item) for item in range(40)]
    for apart, verdicts in ((False, {"no"}), (True, {"report"})):
        ability = z[:, [0] * 20 + [1 if apart else 0] * 20]
        right = (1.5 * ability + rng.logistic(size=(600, 40)) > 0).astype(float)
        table = subscore_analysis(sitting_data(items, right, 1.0, strata=strata), replications=50).table
        assert set(table["verdict"]) == verdicts
        assert (table["gain_low"] <= table["gain"]).all() and (table["gain"] <= table["gain_high"]).all()


def test_speed_counts_what_was_left_at_the_end_and_not_what_was_passed_over() -> None:
    answer = np.zeros((100, 10), np.int64)
    answer[:30, 7:] = NOT_REACHED
    answer[40:60, 2] = OMITTED
    found = speed_analysis(sitting_data(list("abcdefghij"), np.ones((100, 10)), 1.0, answer=answer))
    row = found.papers.row(0, named=True)
    assert (row["finished"], row["last_by_80"], row["verdict"]) == (0.7, 7, "short")
    assert row["stafford"] == pytest.approx(90 / 110)
    assert found.curve["reached"].to_list() == [1.0] * 7 + [0.7] * 3 and found.curve["omitted"][2] == 0.2
    turned = speed_analysis(sitting_data(list("abcdefghij"), np.ones((100, 10)), 1.0, answer=answer[::-1]))
    assert_frame_equal(turned.papers, found.papers)


@pytest.mark.parametrize(
    "marks",
    [
        np.ones((1, 1)), np.ones((300, 3)), np.zeros((300, 1)), np.eye(300)[:, :2], np.tile([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]], (150, 1)),
        np.column_stack([np.arange(300) % 2] * 6), np.zeros((0, 4)), np.column_stack([np.eye(300)[:, 0]] * 5),
    ],
)  # fmt: skip
def test_odd_sittings_give_rows_or_a_number_that_is_needed(marks: np.ndarray) -> None:
    items = [f"i{item}" for item in range(marks.shape[1])]
    strata = {"section": ["s" if item % 2 else "t" for item in range(marks.shape[1])]}
    found = analyse(sitting_data(items, marks, 1.0, strata=strata, cut=1.0), design="none")
    assert found.dimension is not None and found.subscores is not None and found.speed is not None
    shown = found.dimension.papers.height + found.dimension.withheld.height
    assert shown >= 1
    assert found.subscores.table.filter(pl.col("verdict") == "report").is_empty()
