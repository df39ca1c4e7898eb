"""Item fit: 1 and uniform p values where the model holds, away from them where it does not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbank.irt import calibrate, item_fit, item_parameters, simulate
from qbank.irt.fit import sum_score_distribution
from tests.irt.samples import sample


@pytest.mark.parametrize("model", ["rasch", "2pl"])
def test_where_the_model_holds_mean_squares_are_1_and_p_values_ordinary(model: str) -> None:
    rng = np.random.default_rng(1)
    true = item_parameters("rasch", a=np.ones(20), b=rng.normal(0, 1, 20))
    scores = simulate(true, rng.normal(0, 1, 4000), seed=rng)
    found = item_fit(scores, calibrate(scores, model=model))
    np.testing.assert_allclose(found.infit, 1.0, atol=0.06)
    np.testing.assert_allclose(found.outfit, 1.0, atol=0.15)
    assert 0.25 < found.s_x2_p.mean() < 0.75
    assert found.s_x2_p.min() > 0.001


def test_an_item_that_goes_against_the_test_stands_out() -> None:
    scores = sample(3000, 15, 2)
    rng = np.random.default_rng(2)
    scores[:, 4] = rng.random(3000) < 0.5
    found = item_fit(scores, calibrate(scores, model="rasch"))
    assert found.infit.argmax() == 4
    assert found.outfit.argmax() == 4
    assert found.s_x2_p[4] < 1e-6


def test_items_without_an_estimate_and_incomplete_data_have_no_fit() -> None:
    scores = sample(500, 6, 3, forms=2)
    scores[:, 0] = np.where(scores[:, 0] == -1, -1, 1)
    found = item_fit(scores, calibrate(scores, model="rasch"))
    assert np.isnan(found.infit[0])
    assert np.isfinite(found.infit[1:]).all()
    assert found.n_complete == 0
    assert np.isnan(found.s_x2).all()


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (1, 1), (3, 0), (2, 3)])
@pytest.mark.parametrize("at", ["posterior", "eap", "wle", "ml"])
def test_tiny_matrices_do_not_crash(shape: tuple[int, int], at: str) -> None:
    scores = (np.arange(shape[0] * shape[1]).reshape(shape) % 2).astype(np.int8)
    assert item_fit(scores, calibrate(scores, model="rasch"), at=at).infit.shape == shape[1:]


@given(st.lists(st.floats(0.01, 0.99), min_size=1, max_size=6))
def test_sum_scores_are_distributed_as_all_patterns_say(right: list[float]) -> None:
    p = np.array(right)
    patterns = (np.arange(2**p.size)[:, None] >> np.arange(p.size)) & 1
    chance = np.where(patterns == 1, p, 1 - p).prod(axis=1)
    expected = np.bincount(patterns.sum(axis=1), weights=chance, minlength=p.size + 1)
    np.testing.assert_allclose(sum_score_distribution(p[:, None])[:, 0], expected, atol=1e-12)


def test_a_wrong_call_is_refused_at_once() -> None:
    scores = sample(100, 4, 1)
    fit = calibrate(scores, model="rasch")
    with pytest.raises(ValueError, match="unknown at 'mode'"):
        item_fit(scores, fit, at="mode")
    with pytest.raises(ValueError, match="3 items for parameters of 4"):
        item_fit(scores[:, :3], fit)
