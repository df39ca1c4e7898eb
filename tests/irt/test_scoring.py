"""Laws of person scores, and persons of whom little is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.irt import calibrate, item_parameters, score_persons, simulate
from tests.irt.samples import sample

METHODS = ("eap", "map", "ml", "wle")
ITEMS = item_parameters("2pl", a=[0.6, 1.0, 1.4, 0.9, 1.2], b=[-1.5, -0.5, 0.0, 0.8, 1.6])
every_method = pytest.mark.parametrize("method", METHODS)
few = settings(max_examples=30, deadline=None)


@given(seed=st.integers(0, 10**6))
@few
def test_eap_lies_within_the_nodes_and_between_prior_and_likelihood(seed: int) -> None:
    scores = sample(50, 5, seed, sparse=0.3)
    found = score_persons(scores, ITEMS)
    assert (np.abs(found.theta) < 6).all()
    assert ((found.errors > 0) & (found.errors <= 1 + 1e-9)).all()


@every_method
@given(seed=st.integers(0, 10**6))
@few
def test_a_right_answer_more_never_lowers_a_person(method: str, seed: int) -> None:
    scores = sample(30, 5, seed)
    better = np.where(np.arange(5) == seed % 5, 1, scores)
    low, high = (score_persons(x, ITEMS, method=method).theta for x in (scores, better))
    assert (high >= low - 1e-7).all()


@every_method
@given(seed=st.integers(0, 10**6))
@few
def test_reordering_persons_or_items_changes_nothing(method: str, seed: int) -> None:
    scores = sample(40, 5, seed, sparse=0.2)
    rng = np.random.default_rng(seed)
    persons, items = rng.permutation(40), rng.permutation(5)
    moved = item_parameters("2pl", a=ITEMS.values["a"][items], b=ITEMS.values["b"][items])
    one, other = (
        score_persons(scores, ITEMS, method=method),
        score_persons(scores[persons][:, items], moved, method=method),
    )
    np.testing.assert_allclose(other.theta, one.theta[persons], atol=1e-8)
    np.testing.assert_allclose(other.errors, one.errors[persons], atol=1e-8)


def test_map_ml_and_wle_are_maxima_of_what_they_say() -> None:
    scores = sample(20, 5, 3)
    scores = scores[(scores.sum(axis=1) > 0) & (scores.sum(axis=1) < 5)]
    grid = np.linspace(-8, 8, 160_001)
    a, d = ITEMS.values["a"][:, None], ITEMS.values["d"][:, None]
    right = 1 / (1 + np.exp(-(a * grid + d)))
    likelihood = scores @ np.log(right) + (1 - scores) @ np.log(1 - right)
    half_log_information = 0.5 * np.log((a**2 * right * (1 - right)).sum(axis=0))
    prior = -0.5 * ((grid - 0.3) / 1.2) ** 2
    for method, target in (
        ("ml", likelihood),
        ("map", likelihood + prior),
        ("wle", likelihood + half_log_information),
    ):
        found = score_persons(scores, ITEMS, method=method, ability=(0.3, 1.2))
        np.testing.assert_allclose(found.theta, grid[target.argmax(axis=1)], atol=1e-4)


def test_who_saw_nothing_keeps_the_prior_or_has_no_score() -> None:
    nothing = np.full((1, 5), -1)
    assert score_persons(nothing, ITEMS, ability=(0.5, 0.8)).theta[0] == pytest.approx(0.5)
    assert score_persons(nothing, ITEMS, ability=(0.5, 0.8)).errors[0] == pytest.approx(0.8)
    assert score_persons(nothing, ITEMS, method="map", ability=(0.5, 0.8)).theta[0] == pytest.approx(0.5)
    for method in ("ml", "wle"):
        found = score_persons(nothing, ITEMS, method=method)
        assert np.isnan(found.theta[0])
        assert found.status == ("no answers",)


def test_all_right_and_all_wrong_have_no_finite_maximum_likelihood() -> None:
    found = score_persons([[1] * 5, [0] * 5], ITEMS, method="ml")
    np.testing.assert_array_equal(found.theta, [np.inf, -np.inf])
    assert np.isnan(found.errors).all()
    assert found.status == ("not finite", "not finite")
    for method in ("eap", "map", "wle"):
        assert np.isfinite(score_persons([[1] * 5, [0] * 5], ITEMS, method=method).theta).all()


def test_items_without_parameters_are_left_out() -> None:
    holed = item_parameters("2pl", a=[np.nan, 1.0], b=[np.nan, 0.0])
    found = score_persons([[1, 0], [0, 0], [1, -1]], holed)
    assert found.theta[0] == found.theta[1]
    assert found.theta[2] == pytest.approx(0.0, abs=1e-12)
    np.testing.assert_array_equal(found.n_answers, [1, 1, 0])


@every_method
@pytest.mark.parametrize("shape", [(0, 5), (1, 5)])
def test_no_person_and_one_person_do_not_crash(method: str, shape: tuple[int, int]) -> None:
    assert score_persons(np.zeros(shape, dtype=np.int8), ITEMS, method=method).theta.shape == shape[:1]


@every_method
def test_no_item_does_not_crash(method: str) -> None:
    nothing = item_parameters("2pl", a=[], b=[])
    assert (
        score_persons(np.zeros((3, 0), dtype=np.int8), nothing, method=method).status == ("no answers",) * 3
    )


def test_a_calibration_brings_its_ability_distribution() -> None:
    scores = sample(500, 6, 1)
    fit = calibrate(scores, model="rasch")
    own = score_persons(scores, fit)
    told = score_persons(scores, fit.parameters, ability=(0.0, float(fit.ability_sd)))
    np.testing.assert_allclose(own.theta, told.theta, atol=1e-12)


def test_each_person_is_scored_with_the_distribution_of_the_group() -> None:
    rng = np.random.default_rng(2)
    groups = ["a", "b"] * 1000
    theta = rng.normal(0, 1, 2000) + np.arange(2000) % 2
    fit = calibrate(simulate(ITEMS, theta, seed=rng), groups=groups)
    found = score_persons([[1, 0, 1, 0, 1]] * 2, fit, groups=["a", "b"])
    assert found.theta[1] > found.theta[0]
    with pytest.raises(ValueError, match="groups"):
        score_persons([[1, 0, 1, 0, 1]], fit)


def test_a_wrong_call_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="unknown method 'mle'"):
        score_persons([[1] * 5], ITEMS, method="mle")
    with pytest.raises(ValueError, match="2 items for parameters of 5"):
        score_persons([[1, 0]], ITEMS)
    with pytest.raises(ValueError, match="above 0"):
        score_persons([[1] * 5], ITEMS, ability=(0.0, 0.0))
