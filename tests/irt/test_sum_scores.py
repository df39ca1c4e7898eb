"""Sum scores: every pattern counted by brute force, weights, and what does not sum."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.irt import (
    calibrate,
    item_parameters,
    score_persons,
    score_sums,
    sem_of_conversion,
    sem_of_score,
    simulate,
    sum_score_distribution,
)
from qbank.irt.likelihood import quadrature
from qbank.irt.scoring.sum_scores import whole_weights
from tests.irt.mixed import log_likelihood, mixed_items, patterns
from tests.irt.samples import sample

few = settings(max_examples=25, deadline=None)
seeds = st.integers(0, 10**6)
RASCH = item_parameters("rasch", a=[1.0] * 6, b=[-1.5, -1.0, 0.0, 0.3, 0.9, 1.5])


def test_sums_of_categories_are_distributed_as_all_patterns_say() -> None:
    rng = np.random.default_rng(1)
    items = [rng.dirichlet(np.ones(k), size=3).T for k in (2, 3, 4)]
    points = [1, 2, 3]
    expected = np.zeros((1 * 1 + 2 * 2 + 3 * 3 + 1, 3))
    for pattern in itertools.product(*(range(item.shape[0]) for item in items)):
        total = sum(k * step for k, step in zip(pattern, points, strict=True))
        expected[total] += np.prod([item[k] for item, k in zip(items, pattern, strict=True)], axis=0)
    np.testing.assert_allclose(sum_score_distribution(items, points), expected, atol=1e-14)


def test_no_item_has_the_sum_0_for_sure() -> None:
    np.testing.assert_array_equal(sum_score_distribution([]), [[1.0]])


@given(seed=seeds)
@few
def test_the_eap_of_a_sum_is_that_of_all_patterns_with_this_sum(seed: int) -> None:
    rng = np.random.default_rng(seed)
    items = mixed_items(4, rng)
    weights = rng.choice([0.5, 1.0, 1.5, 2.0], 4)
    every = np.array(list(itertools.product(*(range(int(k)) for k in items.n_categories))), dtype=np.int8)
    nodes = quadrature(61)
    prior = np.exp(-0.5 * ((nodes - 0.2) / 0.9) ** 2)
    joint = np.exp(log_likelihood(items, every, nodes)) * prior / prior.sum()
    total = every @ weights
    table = score_sums(items, weights=weights, ability=(0.2, 0.9))
    np.testing.assert_allclose(table.score, np.unique(total), atol=1e-12)
    assert table.probability.sum() == pytest.approx(1.0)
    for score, theta, error, chance in zip(table.score, table.theta, table.errors, table.probability, strict=True):
        same = joint[total == score].sum(axis=0)
        assert chance == pytest.approx(same.sum(), abs=1e-12)
        posterior = same / same.sum()
        assert theta == pytest.approx(posterior @ nodes, abs=1e-9)
        assert error**2 == pytest.approx(posterior @ (nodes - posterior @ nodes) ** 2, abs=1e-9)


def test_where_the_sum_is_sufficient_it_says_as_much_as_the_pattern() -> None:
    rng = np.random.default_rng(2)
    scores = patterns(RASCH, 60, rng)
    table = score_sums(RASCH, scores=scores)
    eap = score_persons(scores, RASCH)
    np.testing.assert_allclose(table.theta[table.row], eap.theta, atol=1e-9)
    np.testing.assert_allclose(table.errors[table.row], eap.errors, atol=1e-9)


def test_half_mark_items_keep_their_weight_and_unreachable_sums_have_no_row() -> None:
    items = item_parameters("rasch", a=[1.0] * 3, b=[0.0] * 3)
    np.testing.assert_array_equal(score_sums(items, weights=[0.5, 1.0, 1.0]).score, [0, 0.5, 1, 1.5, 2, 2.5])
    np.testing.assert_array_equal(score_sums(items, weights=[2.0, 3.0, 3.0]).score, [0, 2, 3, 5, 6, 8])
    np.testing.assert_allclose(score_sums(items, weights=[1 / 3, 1.0, 1.0]).score * 3, [0, 1, 3, 4, 6, 7])
    for weights in ([1.0, 1.0, 0.0], [4.0, 4.0, 0.0]):
        table = score_sums(items, weights=weights, scores=[[1, 1, 0], [1, 0, -1], [-1, 1, 1]])
        assert table.score.size == 3
        np.testing.assert_array_equal(table.observed, [0, 1, 1])
        np.testing.assert_array_equal(table.row, [2, 1, -1])
        assert table.n_persons == 2


def test_weights_without_a_common_unit_are_refused() -> None:
    with pytest.raises(ValueError, match="fraction of a unit"):
        score_sums(RASCH, weights=[1.0, np.pi, 1.0, 1.0, 1.0, 1.0])
    with pytest.raises(ValueError, match="0 or above"):
        score_sums(RASCH, weights=[1.0, -1.0, 1.0, 1.0, 1.0, 1.0])
    with pytest.raises(ValueError, match=r"one value an item \(6\)"):
        score_sums(RASCH, weights=[1.0])
    with pytest.raises(ValueError, match="more than 100000"):
        score_sums(RASCH, weights=[0.001, 1000.0, 1000.0, 1.0, 1.0, 1.0])


@given(st.lists(st.sampled_from([0.25, 0.5, 1.0, 1.5, 2.0, 1 / 3, 3.0]), min_size=1, max_size=8))
def test_whole_weights_times_their_unit_are_the_weights(weights: list[float]) -> None:
    whole, unit = whole_weights(np.array(weights))
    np.testing.assert_allclose(whole * unit, weights, rtol=1e-12)
    assert np.gcd.reduce(whole) == 1


def test_expected_frequencies_and_reliability_come_true_in_a_sample() -> None:
    rng = np.random.default_rng(3)
    items = mixed_items(8, rng)
    theta = rng.normal(0, 1, 40_000)
    table = score_sums(items, scores=simulate(items, theta, seed=rng))
    assert table.n_persons == 40_000
    assert table.expected.sum() == pytest.approx(40_000)
    assert np.abs(table.residuals[table.expected > 5]).max() < 4.5
    assert table.reliability == pytest.approx(np.corrcoef(table.theta[table.row], theta)[0, 1] ** 2, abs=0.01)


def test_a_calibration_brings_its_weights_and_a_group_is_named() -> None:
    scores = sample(800, 5, 4)
    fit = calibrate(scores, model="rasch")
    table = score_sums(fit, scores=scores)
    np.testing.assert_allclose(table.theta[table.row], score_persons(scores, fit).theta, atol=1e-9)
    groups = ["a", "b"] * 400
    two = calibrate(scores, model="rasch", groups=groups)
    assert score_sums(two, group="b").theta.size == 6
    with pytest.raises(ValueError, match="groups"):
        score_sums(two)


def test_odd_tests_give_flagged_rows_and_no_exception() -> None:
    nothing = item_parameters("2pl", a=[], b=[])
    table = score_sums(nothing)
    np.testing.assert_allclose(table.theta, [0.0], atol=1e-12)
    unknown = item_parameters("2pl", a=[np.nan, 1.0], b=[0.0, 0.0])
    assert score_sums(unknown, scores=[[1, 1], [-1, 0]]).score.size == 2
    dull = item_parameters("2pl", a=[0.0, 0.0], b=[0.0, 0.0])
    assert score_sums(dull).reliability == pytest.approx(0.0, abs=1e-12)
    long = item_parameters("2pl", a=[3.0] * 1500, b=[2.0] * 1500)
    assert np.isfinite(score_sums(long).theta[[0, -1]]).all()


def test_the_error_of_a_linear_conversion_is_that_of_the_score_times_its_slope() -> None:
    rng = np.random.default_rng(5)
    items = mixed_items(5, rng)
    weights = np.array([0.5, 1.0, 1.0, 2.0, 0.5])
    theta = np.linspace(-3, 3, 7)
    score = score_sums(items, weights=weights).score
    expected = 10.0 * sem_of_score(items, theta, weights=weights)
    np.testing.assert_allclose(sem_of_conversion(items, theta, 20 + 10 * score, weights=weights), expected, rtol=1e-9)
    # Everyone gets the same reported score: no error at all.
    np.testing.assert_allclose(sem_of_conversion(items, theta, 0 * score, weights=weights), 0.0, atol=1e-12)
    with pytest.raises(ValueError, match="conversion must have one value"):
        sem_of_conversion(items, theta, [1.0])
