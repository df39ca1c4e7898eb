"""Plausible values: draws that repeat, match the posterior and carry the error of the calibration."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.irt import calibrate, combine_draws, item_parameters, plausible_values, score_persons, simulate
from qbank.irt.parameters import from_estimates
from qbank.irt.scoring.plausible import drawn_parameters
from tests.irt.mixed import mixed_items, patterns
from tests.irt.samples import sample

few = settings(max_examples=20, deadline=None)
ITEMS = item_parameters("2pl", a=[0.8, 1.2, 1.0, 1.5], b=[-1.0, 0.0, 0.5, 1.0])


def test_draws_have_mean_and_variance_of_the_posterior() -> None:
    rng = np.random.default_rng(1)
    for n_items, ability in ((5, (0.0, 1.0)), (60, (0.5, 0.7))):
        items = mixed_items(n_items, rng)
        scores = patterns(items, 60, rng, sparse=0.3)
        eap = score_persons(scores, items, ability=ability)
        draws = plausible_values(scores, items, n_draws=2000, seed=2, ability=ability)
        z = (draws.mean(axis=1) - eap.theta) / (eap.errors / np.sqrt(2000))
        assert np.abs(z).max() < 4.5
        assert abs(z.mean()) < 0.6
        assert (draws.var(axis=1, ddof=1) / eap.errors**2).mean() == pytest.approx(1.0, abs=0.02)


def test_draws_of_a_population_have_its_spread_where_point_scores_have_not() -> None:
    theta = np.random.default_rng(3).normal(0, 1, 20_000)
    scores = simulate(ITEMS, theta, seed=4)
    draws = plausible_values(scores, ITEMS, n_draws=2, seed=5)
    assert draws.std(axis=0) == pytest.approx([1.0, 1.0], abs=0.02)
    assert score_persons(scores, ITEMS).theta.std() < 0.75


@given(seed=st.integers(0, 10**6))
@few
def test_the_same_seed_gives_the_same_draws_whoever_else_is_there(seed: int) -> None:
    rng = np.random.default_rng(seed)
    items = mixed_items(5, rng)
    scores = patterns(items, 30, rng, sparse=0.4)
    one = plausible_values(scores, items, seed=seed)
    np.testing.assert_array_equal(one, plausible_values(scores, items, seed=seed))
    assert (one != plausible_values(scores, items, seed=seed + 1)).any()
    first = plausible_values(scores[:11], items, seed=seed)
    np.testing.assert_allclose(first, one[:11], atol=1e-9)
    assert np.isfinite(one).all()


def test_who_saw_nothing_is_drawn_from_the_ability_distribution() -> None:
    nothing = np.full((4000, 4), -1)
    draws = plausible_values(nothing, ITEMS, n_draws=1, seed=1, ability=(0.5, 0.6))
    assert draws.mean() == pytest.approx(0.5, abs=0.04)
    assert draws.std() == pytest.approx(0.6, abs=0.03)
    own = plausible_values(nothing, ITEMS, n_draws=1, seed=1, ability=(np.linspace(-1, 1, 4000), 0.2))
    assert np.corrcoef(own[:, 0], np.linspace(-1, 1, 4000))[0, 1] > 0.9


def test_a_calibration_with_a_histogram_is_drawn_from_its_histogram() -> None:
    rng = np.random.default_rng(6)
    items = item_parameters("2pl", a=rng.lognormal(0, 0.2, 10), b=rng.normal(0, 1, 10))
    theta = np.where(rng.random(1500) < 0.5, -1.2, 1.2) + rng.normal(0, 0.3, 1500)
    scores = simulate(items, theta, seed=7)
    fit = calibrate(scores, ability="histogram", errors="none", max_iterations=60)
    draws = plausible_values(scores, fit, n_draws=4, seed=8)
    eap = score_persons(scores, fit)
    whole = float(eap.theta.var() + (eap.errors**2).mean())
    # Between nodes the histogram is joined by curves, which adds a part of spacing^2 / 6.
    assert draws.var() == pytest.approx(whole, rel=0.03)
    assert draws.mean() == pytest.approx(float(eap.theta.mean()), abs=0.02)


def test_uncertain_draws_are_wider_and_average_to_the_same() -> None:
    scores = sample(250, 8, 9)
    fit = calibrate(scores, model="2pl")
    certain, uncertain = (
        plausible_values(scores, fit, n_draws=60, seed=10, uncertain=uncertain) for uncertain in (False, True)
    )
    assert uncertain.var(axis=1).mean() > certain.var(axis=1).mean() * 1.01
    # All persons share the drawn parameters, so that the mean over persons moves from draw to draw.
    assert uncertain.mean(axis=0).std() > 1.5 * certain.mean(axis=0).std()
    assert uncertain.mean() == pytest.approx(certain.mean(), abs=0.1)


def test_drawn_parameters_have_the_covariance_and_stay_in_the_domain() -> None:
    covariance = np.array([[[0.04, 0.02], [0.02, 0.09]], [[np.nan, np.nan], [np.nan, np.nan]]])
    items = from_estimates("2pl", [2, 2], np.array([[1.0, 0.3], [0.7, -0.2]]), covariance=covariance)
    rng = np.random.default_rng(11)
    drawn = np.array([drawn_parameters(items, rng).estimates for _ in range(1500)])
    np.testing.assert_allclose(drawn[:, 0].mean(axis=0), [1.0, 0.3], atol=0.03)
    np.testing.assert_allclose(np.cov(drawn[:, 0].T), covariance[0], atol=0.01)
    np.testing.assert_array_equal(drawn[:, 1], np.broadcast_to([0.7, -0.2], (1500, 2)))
    graded = from_estimates("grm", [3], np.array([[1.0, 0.1, -0.1]]), covariance=np.eye(3)[None] * 0.5)
    for _ in range(50):
        values = drawn_parameters(graded, rng).estimates[0]
        assert values[1] > values[2]
    fixed = from_estimates("3pl", [2], np.array([[1.0, 0.0, -np.inf]]), covariance=np.diag([0.1, 0.1, 0.0])[None])
    assert drawn_parameters(fixed, rng).estimates[0, 2] == -np.inf


def test_rubins_rules_on_a_worked_example() -> None:
    found = combine_draws([10.0, 12.0, 11.0, 13.0], [4.0, 4.4, 3.6, 4.0])
    between = 5.0 / 3.0
    total = 4.0 + 1.25 * between
    assert float(found.estimate) == 11.5
    assert float(found.within) == pytest.approx(4.0)
    assert float(found.between) == pytest.approx(between)
    assert float(found.error) == pytest.approx(np.sqrt(total))
    assert float(found.missing) == pytest.approx(1.25 * between / total)
    assert float(found.df) == pytest.approx(3.0 * (1.0 + 4.0 / (1.25 * between)) ** 2)
    alike = combine_draws(np.ones((3, 2)), np.full((3, 2), 0.5))
    assert np.isinf(alike.df).all() and (alike.missing == 0).all()


def test_intervals_from_pooled_draws_cover_the_mean_of_ability() -> None:
    covered = 0
    for seed in range(100):
        theta = np.random.default_rng(seed).normal(0.0, 1.0, 200)
        draws = plausible_values(simulate(ITEMS, theta, seed=seed), ITEMS, n_draws=5, seed=seed)
        found = combine_draws(draws.mean(axis=0), draws.var(axis=0, ddof=1) / 200)
        covered += abs(float(found.estimate)) < 1.96 * float(found.error)
    assert 88 <= covered <= 100


def test_nobody_and_nothing_do_not_crash() -> None:
    assert plausible_values(np.zeros((0, 4), dtype=np.int8), ITEMS, seed=1).shape == (0, 5)
    nothing = item_parameters("2pl", a=[], b=[])
    assert plausible_values(np.zeros((3, 0), dtype=np.int8), nothing, seed=1).shape == (3, 5)
    unknown = replace(ITEMS, estimates=np.full((4, 2), np.nan))
    assert np.isfinite(plausible_values([[1, 0, 1, 0]], unknown, seed=1, uncertain=True)).all()


def test_a_wrong_call_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="n_draws must be at least 1"):
        plausible_values([[1, 0, 1, 0]], ITEMS, n_draws=0, seed=1)
    with pytest.raises(ValueError, match="two draws or more"):
        combine_draws([1.0], [1.0])
    with pytest.raises(ValueError, match="two draws or more"):
        combine_draws([1.0, 2.0], [1.0])
