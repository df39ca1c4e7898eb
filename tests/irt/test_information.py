"""Information, characteristic curves and their inverse, conditional errors, reliability."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.irt import (
    ItemParameters,
    ability_at_score,
    calibrate,
    characteristic_curve,
    empirical_reliability,
    expected_score,
    information,
    item_parameters,
    marginal_reliability,
    score_persons,
    score_variance,
    sem_of_ability,
    sem_of_score,
    simulate,
    sum_score_reliability,
    total_information,
)
from qbank.irt.models import MODELS
from qbank.irt.parameters import from_estimates
from tests.irt.mixed import log_likelihood, mixed_items
from tests.irt.samples import sample

few = settings(max_examples=30, deadline=None)
seeds = st.integers(0, 10**6)
THETA = np.linspace(-4, 4, 17)
MONOTONE = ("rasch", "1pl", "2pl", "3pl", "4pl", "pcm", "gpcm", "rsm", "grm")


@pytest.mark.parametrize("word", MODELS)
def test_moments_and_information_are_sums_over_categories(word: str) -> None:
    rng = np.random.default_rng(1)
    items = mixed_items(1, rng, words=(word,))
    k = int(items.n_categories[0])
    step = 1e-5
    every = np.arange(k, dtype=np.int8)[:, None]
    probability = np.exp(log_likelihood(items, every, THETA))
    slope = (log_likelihood(items, every, THETA + step) - log_likelihood(items, every, THETA - step)) / (2 * step)
    np.testing.assert_allclose(information(items, THETA)[0], (probability * slope**2).sum(axis=0), rtol=1e-6)
    mean = np.arange(k) @ probability
    np.testing.assert_allclose(expected_score(items, THETA)[0], mean, rtol=1e-12)
    variance = np.arange(k) ** 2 @ probability - mean**2
    np.testing.assert_allclose(score_variance(items, THETA)[0], variance, atol=1e-12)


@given(seed=seeds)
@few
def test_a_test_is_the_sum_of_its_items_and_leaves_out_those_without_estimates(seed: int) -> None:
    rng = np.random.default_rng(seed)
    items = mixed_items(5, rng)
    weights = rng.choice([0.0, 0.5, 1.0, 2.0], 5)
    estimates = np.array(items.estimates)
    estimates[2] = np.nan
    holed = from_estimates(items.model, items.n_categories, estimates)
    kept = np.array([0, 1, 3, 4])
    np.testing.assert_allclose(total_information(holed, THETA), information(items, THETA)[kept].sum(axis=0))
    np.testing.assert_allclose(sem_of_ability(holed, THETA) ** -2.0, total_information(holed, THETA))
    curve = characteristic_curve(holed, THETA, weights=weights)
    np.testing.assert_allclose(curve, weights[kept] @ expected_score(items, THETA)[kept])
    variance = weights[kept] ** 2 @ score_variance(items, THETA)[kept]
    np.testing.assert_allclose(sem_of_score(holed, THETA, weights=weights), np.sqrt(variance))


def test_the_conditional_error_of_a_score_is_what_simulated_scores_stray() -> None:
    rng = np.random.default_rng(2)
    items = mixed_items(12, rng)
    weights = rng.choice([0.5, 1.0, 2.0], 12)
    totals = simulate(items, np.full(20_000, 0.4), seed=3) @ weights
    assert totals.std() == pytest.approx(sem_of_score(items, [0.4], weights=weights)[0], rel=0.02)
    assert totals.mean() == pytest.approx(characteristic_curve(items, [0.4], weights=weights)[0], abs=0.1)


@given(seed=seeds)
@few
def test_the_ability_at_an_expected_score_expects_that_score(seed: int) -> None:
    rng = np.random.default_rng(seed)
    items = mixed_items(6, rng, words=MONOTONE)
    weights = rng.choice([0.5, 1.0, 2.0], 6)
    scores = characteristic_curve(items, THETA, weights=weights)
    np.testing.assert_allclose(ability_at_score(items, scores, weights=weights), THETA, atol=1e-6)


def test_scores_that_no_ability_expects_are_infinite_and_doubtful_ones_nan() -> None:
    guessing = item_parameters("3pl", a=[1.0, 1.0], b=[0.0, 0.0], c=[0.25, 0.25])
    found = ability_at_score(guessing, [0.0, 0.49, 0.51, 2.0, 3.0])
    np.testing.assert_array_equal(np.isfinite(found), [False, False, True, False, False])
    np.testing.assert_array_equal(found[[0, 1, 3, 4]], [-np.inf, -np.inf, np.inf, np.inf])
    falling = item_parameters("2pl", a=[-1.0], b=[0.5])
    np.testing.assert_allclose(ability_at_score(falling, [0.5]), [0.5], atol=1e-9)
    # A score that rises and falls again is expected at two abilities.
    hump = from_estimates("nominal", [3], np.array([[2.0, 0.0, 1.0, -4.0]]))
    bell = from_estimates(["2pl", "2pl"], [2, 2], np.array([[3.0, 3.0], [-1.0, 1.0]]))
    assert np.isnan(ability_at_score(bell, [1.2])).all()
    assert np.isfinite(characteristic_curve(hump, THETA)).all()
    nothing = item_parameters("2pl", a=[], b=[])
    assert np.isnan(ability_at_score(nothing, [0.0, 1.0])).all()


def test_where_items_tell_nothing_the_error_is_infinite() -> None:
    assert np.isinf(sem_of_ability(item_parameters("2pl", a=[0.0], b=[0.0]), [0.0])).all()
    assert np.isinf(sem_of_ability(item_parameters("2pl", a=[], b=[]), [0.0])).all()


def simulated(items: ItemParameters, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    theta = np.random.default_rng(seed).normal(0, 1, n)
    return theta, simulate(items, theta, seed=seed + 1)


def test_both_reliabilities_are_the_squared_correlation_with_ability() -> None:
    items = mixed_items(40, np.random.default_rng(3))
    theta, scores = simulated(items, 20_000, 4)
    eap = score_persons(scores, items)
    squared = np.corrcoef(eap.theta, theta)[0, 1] ** 2
    assert float(marginal_reliability(items)) == pytest.approx(squared, abs=0.01)
    assert empirical_reliability(eap) == pytest.approx(squared, abs=0.01)
    # Of unshrunken scores the error variance is taken off, not added.
    short = mixed_items(9, np.random.default_rng(5), words=("gpcm", "grm"))
    theta, scores = simulated(short, 20_000, 6)
    wle = score_persons(scores, short, method="wle", errors="expected")
    assert empirical_reliability(wle) == pytest.approx(np.corrcoef(wle.theta, theta)[0, 1] ** 2, abs=0.05)


def test_the_reliability_of_a_sum_is_its_squared_correlation_with_the_true_score() -> None:
    items = mixed_items(12, np.random.default_rng(7))
    weights = np.random.default_rng(8).choice([0.0, 0.5, 1.0, 2.0], 12)
    theta, scores = simulated(items, 20_000, 9)
    true = characteristic_curve(items, theta, weights=weights)
    squared = np.corrcoef(scores @ weights, true)[0, 1] ** 2
    assert float(sum_score_reliability(items, weights=weights)) == pytest.approx(squared, abs=0.01)
    assert np.isnan(sum_score_reliability(items, weights=np.zeros(12)))


def test_a_calibration_stands_for_its_items() -> None:
    fit = calibrate(sample(400, 5, 6), model="rasch")
    for function in (information, total_information, sem_of_ability, expected_score, score_variance, sem_of_score):
        np.testing.assert_array_equal(function(fit, THETA), function(fit.parameters, THETA))
    np.testing.assert_array_equal(ability_at_score(fit, [2.0]), ability_at_score(fit.parameters, [2.0]))


def test_marginal_reliability_depends_on_slope_times_spread_alone() -> None:
    narrow = item_parameters("2pl", a=[2.0] * 5, b=[-1.0, -0.5, 0.0, 0.5, 1.0])
    wide = item_parameters("2pl", a=[1.0] * 5, b=[-2.0, -1.0, 0.0, 1.0, 2.0])
    found = marginal_reliability(narrow, ability=(0.0, 0.7))
    assert float(found) == pytest.approx(float(marginal_reliability(wide, ability=(0.0, 1.4))), abs=1e-4)


def test_a_calibration_has_a_reliability_in_each_of_its_groups() -> None:
    scores = sample(600, 6, 5)
    one = calibrate(scores, model="rasch")
    told = marginal_reliability(one.parameters, ability=(0.0, float(one.ability_sd)))
    assert float(marginal_reliability(one)) == pytest.approx(float(told), abs=1e-6)
    assert marginal_reliability(calibrate(scores, model="rasch", groups=["a", "b"] * 300)).shape == (2,)


def test_reliability_of_nobody_or_of_nothing_is_nan_or_zero() -> None:
    items = item_parameters("2pl", a=[0.0, 0.0], b=[0.0, 0.0])
    assert float(marginal_reliability(items)) == 0.0
    assert np.isnan(empirical_reliability(score_persons([[1, 0]], items)))
    assert np.isnan(empirical_reliability(score_persons([[1, 0], [0, 1]], items, method="ml")))
    assert empirical_reliability(score_persons([[1, 0], [0, 1]], items)) == pytest.approx(0.0, abs=1e-12)


def test_a_wrong_call_is_refused_at_once() -> None:
    items = item_parameters("2pl", a=[1.0], b=[0.0])
    with pytest.raises(ValueError, match="theta must be a vector"):
        information(items, 0.0)
    with pytest.raises(ValueError, match="score must be a vector"):
        ability_at_score(items, [[0.0]])
    with pytest.raises(ValueError, match="weights must have one value an item"):
        characteristic_curve(items, [0.0], weights=[1.0, 2.0])
    with pytest.raises(ValueError, match="weights must be 0 or above"):
        sem_of_score(items, [0.0], weights=[-1.0])
