"""Simulated sittings: forms in a ring, answers missing at random, items chosen by what was answered."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.irt import (
    adaptive_items,
    calibrate,
    item_parameters,
    linked_forms,
    random_items,
    random_missing,
    simulate,
)


@given(n_items=st.integers(1, 60), n_forms=st.integers(1, 12), blocks=st.integers(1, 12))
@settings(max_examples=60, deadline=None)
def test_every_item_stands_in_as_many_forms_as_a_form_has_blocks(n_items: int, n_forms: int, blocks: int) -> None:
    n_forms, blocks = min(n_forms, n_items), min(blocks, n_forms, n_items)
    seen = linked_forms(n_forms * 3, n_items, n_forms, blocks_a_form=blocks)
    assert (seen.sum(axis=0) == 3 * blocks).all()
    np.testing.assert_array_equal(seen[:n_forms], seen[n_forms : 2 * n_forms])
    # Neighbours share all blocks but one.
    if n_forms > 1 and blocks > 1:
        assert all((seen[form] & seen[(form + 1) % n_forms]).any() for form in range(n_forms))


def test_the_share_that_is_missing_is_the_one_asked_for() -> None:
    assert random_missing(1000, 100, 0.3, seed=1).mean() == pytest.approx(0.7, abs=0.01)
    assert random_missing(10, 10, 0.0, seed=1).all()
    assert not random_missing(10, 10, 1.0, seed=1).any()


def test_everybody_gets_items_of_his_own() -> None:
    seen = random_items(2000, 20, 5, seed=3)
    assert (seen.sum(axis=1) == 5).all()
    # 500 persons an item, give or take five standard errors.
    np.testing.assert_allclose(seen.sum(axis=0), 500, atol=5 * np.sqrt(2000 * 0.25 * 0.75))
    assert len(np.unique(seen, axis=0)) > 1000


ITEMS = item_parameters("2pl", a=np.linspace(0.8, 1.6, 60), b=np.linspace(-2.5, 2.5, 60))


def test_an_adaptive_test_gives_the_able_the_difficult_items() -> None:
    theta = np.repeat([-2.0, 2.0], 50)
    seen = adaptive_items(simulate(ITEMS, theta, seed=1), ITEMS, 12, seed=2)
    assert (seen.sum(axis=1) == 12).all()
    mean = (seen * ITEMS.values["b"]).sum(axis=1) / 12
    assert mean[50:].mean() - mean[:50].mean() > 1.5


def test_what_is_seen_depends_on_seen_answers_only() -> None:
    scores = simulate(ITEMS, np.random.default_rng(4).normal(size=80), seed=4)
    seen = adaptive_items(scores, ITEMS, 15, seed=5)
    np.testing.assert_array_equal(adaptive_items(np.where(seen, scores, 1 - scores), ITEMS, 15, seed=5), seen)
    assert (adaptive_items(1 - scores, ITEMS, 15, seed=5) != seen).any()


def test_items_without_parameters_are_never_seen() -> None:
    items = item_parameters("2pl", a=[1.0, np.nan, 1.0], b=[0.0, 0.0, 0.0])
    seen = adaptive_items(simulate(items, np.zeros(9), seed=1), items, 2, seed=1)
    np.testing.assert_array_equal(seen, np.tile([True, False, True], (9, 1)))
    with pytest.raises(ValueError, match="2 items make a test of 0 to 2"):
        adaptive_items(simulate(items, np.zeros(9), seed=1), items, 3, seed=1)


def test_an_adaptive_sitting_can_be_calibrated_as_if_the_choice_were_made_by_chance() -> None:
    theta = np.random.default_rng(8).normal(size=2000)
    scores = simulate(ITEMS, theta, seed=9)
    seen = adaptive_items(scores, ITEMS, 20, seed=10)
    fit = calibrate(np.where(seen, scores, -1).astype(np.int8), model="2pl", errors="cross-product")
    z = (fit.parameters.values["b"] - ITEMS.values["b"]) / fit.parameters.errors["b"]
    assert np.nanmean(z**2) < 2.0
    assert abs(np.nanmean(z)) < 0.6


def test_a_wrong_call_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="6 items make 1 to 6 forms, not 7"):
        linked_forms(10, 6, 7)
    with pytest.raises(ValueError, match="a form has 1 to 3 blocks, not 4"):
        linked_forms(10, 6, 3, blocks_a_form=4)
    with pytest.raises(ValueError, match=r"lies between 0 and 1, found 1\.5"):
        random_missing(10, 6, 1.5, seed=1)
    with pytest.raises(ValueError, match="6 items make a test of 0 to 6, not 7"):
        random_items(10, 6, 7, seed=1)
