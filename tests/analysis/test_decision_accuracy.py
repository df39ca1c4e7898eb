"""Decisions at a cut: closed forms, laws that every method obeys, planted truth, odd sittings."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import betaln, gammaln
from scipy.stats import binom

from qbank.analysis import SittingData, sitting_data
from qbank.analysis.classification import (
    Classification,
    classification,
    decision_accuracy,
    hanson_brennan,
    huynh,
    lee,
    livingston_lewis,
    rudner,
    subkoviak,
)
from qbank.analysis.classification.binomial import two_term
from qbank.irt import item_parameters

FloatArray = NDArray[np.float64]


def simulated(seed: int, n: int, k: int, cut: float) -> tuple[FloatArray, FloatArray, SittingData]:
    """Right and wrong answers whose errors are binomial: every question is equally hard."""
    rng = np.random.default_rng(seed)
    share = rng.beta(8, 5, n)
    marks = (rng.random((n, k)) < share[:, None]).astype(float)
    return share, marks, sitting_data([f"q{j}" for j in range(k)], marks, 1, cut=cut)


def test_huynh_is_the_bivariate_beta_binomial() -> None:
    # Huynh (1976), eq. 2: f(x, y) = C(n,x) C(n,y) B(α + x + y, 2n + β − x − y) / B(α, β)
    mean, sd, n, cut = 7.2, 2.1, 10, 6
    rho = n / (n - 1) * (1 - mean * (n - mean) / (n * sd**2))
    alpha = (1 / rho - 1) * mean
    beta = (1 / rho - 1) * n - alpha
    x = np.arange(n + 1)
    ways = gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1)
    total = x[:, None] + x
    joint = np.exp(ways[:, None] + ways + betaln(alpha + total, 2 * n + beta - total) - betaln(alpha, beta))
    found = huynh(mean, sd, [cut], n=n)
    both = [joint[:cut, :cut].sum(), joint[:cut, cut:].sum(), joint[cut:, :cut].sum(), joint[cut:, cut:].sum()]
    assert np.allclose(found.agreement.ravel(), both, rtol=0, atol=1e-8)


def test_subkoviak_is_the_mean_of_each_persons_own_consistency() -> None:
    # by hand: n = 10, cut 8, ρ = .5, mean 7; shares .5·x/10 + .5·.7
    scores, shares = [5, 7, 9], np.array([0.6, 0.7, 0.8])
    passing = np.array([sum(math.comb(10, x) * p**x * (1 - p) ** (10 - x) for x in (8, 9, 10)) for p in shares])
    found = subkoviak(scores, [8], n=10, reliability=0.5)
    assert found.consistency == pytest.approx((passing**2 + (1 - passing) ** 2).mean(), abs=1e-12)
    assert found.chance == pytest.approx(passing.mean() ** 2 + (1 - passing.mean()) ** 2, abs=1e-12)
    assert math.isnan(found.accuracy)


def test_rudner_of_a_normal_ability_with_an_even_error() -> None:
    # two standard normals with correlation 1/√(1+σ²): same sign with probability 1 − atan(σ)/π
    assert rudner([0.0], sem=0.3).accuracy == pytest.approx(1 - math.atan(0.3) / math.pi, abs=1e-4)


def test_lord_s_two_term_approximation_is_the_binomial_without_its_second_term() -> None:
    shares = np.array([0.1, 0.5, 0.95])
    assert np.allclose(two_term(shares, 8, 0.0), binom.pmf(np.arange(9)[:, None], 8, shares), rtol=0, atol=1e-12)
    # the second term takes variance away, 2k·τ(1−τ), and leaves the mean
    x = np.arange(9)[:, None]
    found = two_term(np.array([0.5]), 8, 0.4)
    mean = (x * found).sum()
    assert mean == pytest.approx(4.0, abs=1e-9)
    assert ((x - mean) ** 2 * found).sum() == pytest.approx(8 * 0.25 - 2 * 0.4 * 0.25, abs=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_planted_true_scores_are_found_again(seed: int) -> None:
    n, k, cut = 20_000, 60, 36
    share, marks, _ = simulated(seed, n, k, cut)
    total = marks.sum(axis=1)
    again = np.random.default_rng(seed + 100).binomial(k, share)
    accuracy, consistency = ((total >= cut) == (share >= cut / k)).mean(), ((total >= cut) == (again >= cut)).mean()
    wrong = (share[total >= cut] < cut / k).mean()
    alpha = k / (k - 1) * (1 - marks.var(axis=0, ddof=1).sum() / total.var(ddof=1))
    by_method = [
        livingston_lewis(total, [cut], reliability=alpha, full=k),
        livingston_lewis(total, [cut], reliability=alpha, full=k, model="2P"),
        hanson_brennan(total, [cut], n=k, reliability=alpha),
        huynh(float(total.mean()), float(total.std(ddof=1)), [cut], n=k),
    ]
    for found in by_method:
        assert found.accuracy == pytest.approx(accuracy, abs=0.006), found.method
        assert found.consistency == pytest.approx(consistency, abs=0.012), found.method
        assert found.wrong_of_passed == pytest.approx(wrong, abs=0.012), found.method


def test_lee_counts_what_simulation_counts_for_items_of_several_categories() -> None:
    items = item_parameters(
        ["2pl", "2pl", "gpcm", "gpcm"], a=[1.2, 0.8, 1.0, 1.1], b=[0.0, -0.5, np.nan, np.nan],
        steps=[[np.nan] * 2, [np.nan] * 2, [-0.5, 0.5], [-1.0, 0.3]],
    )  # fmt: skip
    from qbank.irt import expected_score, simulate

    rng = np.random.default_rng(4)
    theta = rng.normal(size=40_000)
    marks = np.array([1.0, 1.0, 1.5, 2.0])
    first, again = (simulate(items, theta, seed=seed) @ marks for seed in (1, 2))
    truth = marks @ expected_score(items, theta)
    found = lee(items, [5.0], marks=marks)
    assert found.accuracy == pytest.approx(((first >= 5) == (truth >= 5)).mean(), abs=0.008)
    assert found.consistency == pytest.approx(((first >= 5) == (again >= 5)).mean(), abs=0.008)


shares = st.floats(0.01, 0.99)


@given(st.lists(st.tuples(shares, st.floats(0.01, 1)), min_size=1, max_size=12), st.floats(0.05, 0.95))
def test_tables_of_decisions_sum_to_one_and_agree_with_each_other(people: list[tuple[float, float]], cut: float) -> None:
    passing = np.array([p for p, _ in people])
    weights = np.array([w for _, w in people])
    weights /= weights.sum()
    found = classification("", [1 - passing, passing], weights, (passing >= cut).astype(int))
    assert found.confusion.sum() == pytest.approx(1)
    assert np.allclose(found.agreement, found.agreement.T)
    assert np.allclose(found.confusion.sum(axis=0), found.agreement.sum(axis=0))
    assert found.accuracy + found.false_pass + found.false_fail == pytest.approx(1)
    assert found.kappa <= 1 + 1e-9 or math.isnan(found.kappa)


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(2, 18), st.integers(3, 40))
def test_any_scores_give_a_table_or_a_reason(seed: int, cut: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 21, n)
    found: list[Classification] = [
        livingston_lewis(scores, [cut], reliability=float(rng.uniform(-0.2, 1.1)), full=20),
        hanson_brennan(scores, [cut], n=20, reliability=float(rng.uniform(-0.2, 1.1))),
        huynh(float(scores.mean()), float(scores.std(ddof=1)), [cut], n=20),
    ]
    for one in found:
        if one.status == "ok":
            assert one.confusion.sum() == pytest.approx(1, abs=1e-9)
            assert (one.confusion >= -1e-12).all()
        else:
            assert np.isnan(one.confusion).all()


def test_several_cuts_are_each_the_decision_at_that_cut() -> None:
    _, marks, _ = simulated(1, 500, 40, 20)
    total = marks.sum(axis=1)
    together = livingston_lewis(total, [20, 28], reliability=0.8, full=40)
    assert together.n_categories == 3
    for place, cut in enumerate((20, 28)):
        alone = livingston_lewis(total, [cut], reliability=0.8, full=40)
        assert np.allclose(together.at_cut(place).confusion, alone.confusion, rtol=0, atol=1e-9)
        assert np.allclose(together.at_cut(place).agreement, alone.agreement, rtol=0, atol=1e-9)


def test_a_sitting_has_a_row_a_paper_and_method_with_intervals_around_the_reported_one() -> None:
    _, _, data = simulated(2, 400, 50, 30)
    found = decision_accuracy(data, replications=60, seed=3)
    row = found.summary.row(0, named=True)
    assert (row["method"], row["reported"], row["status"]) == ("livingston_lewis_4p", True, "ok")
    for name in ("accuracy", "consistency", "kappa", "false_pass", "wrong_of_passed"):
        assert row[f"{name}_low"] < row[name] < row[f"{name}_high"]
    assert decision_accuracy(data, replications=60, seed=3).summary.equals(found.summary)
    curve = found.curves.filter(form="")
    near, far = curve.filter(score=30.0)["accuracy"].item(), curve.filter(score=45.0)["accuracy"].item()
    assert near < 0.65 < 0.95 < far


def test_lee_and_rudner_stand_beside_when_parameters_are_given() -> None:
    rng = np.random.default_rng(5)
    b = rng.normal(-0.5, 1, 60)
    theta = rng.normal(size=1500)
    marks = (rng.random((1500, 60)) < 1 / (1 + np.exp(b - theta[:, None]))).astype(float)
    names = [f"q{j}" for j in range(60)]
    data = sitting_data(names, marks, 1, cut=36)
    backwards = item_parameters("rasch", a=[1.0] * 60, b=b[::-1], items=names[::-1])
    table = decision_accuracy(data, parameters=backwards, replications=0).summary
    accuracy = dict(table.select("method", "accuracy").iter_rows())
    truth = 1 / (1 + np.exp(b - theta[:, None]))
    counted = ((marks.sum(axis=1) >= 36) == (truth.sum(axis=1) >= 36)).mean()
    for method in ("livingston_lewis_4p", "lee", "rudner"):
        assert accuracy[method] == pytest.approx(counted, abs=0.02), method


@pytest.mark.parametrize(
    ("marks", "full", "cut", "status"),
    [
        ([[1.0, 0.0]], 1, 1, "too_few"),
        (np.ones((150, 3)), 1, 2, "constant"),
        (np.ones((150, 3)), 1, float("nan"), "no_cut"),
        (np.full((150, 3), np.nan), 1, 2, "no_data"),
        (np.zeros((0, 3)), 1, 2, "no_data"),
        (np.arange(150)[:, None] % 2, 1, 1, "no_reliability"),
        (np.tile([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], (60, 1)), 1, 1, "no_reliability"),
    ],
)
def test_sittings_without_decision_accuracy_say_why(marks: FloatArray, full: float, cut: float, status: str) -> None:
    items = [f"q{j}" for j in range(np.asarray(marks).shape[1])]
    found = decision_accuracy(sitting_data(items, marks, full, cut=cut), replications=5)
    assert found.summary["status"][0] == status
    assert found.summary["accuracy"].is_nan().all()
    assert found.curves.is_empty()


@pytest.mark.parametrize("cut", [-5.0, 0.0, 51.0, 400.0])
def test_a_cut_that_everybody_or_nobody_reaches_is_always_right(cut: float) -> None:
    _, _, data = simulated(3, 200, 50, cut)
    row = decision_accuracy(data, replications=0).summary.row(0, named=True)
    assert row["status"] == "ok"
    assert row["accuracy"] == pytest.approx(1, abs=1e-6)
