"""Andersen's test: its size under the model, its power against another slope, and data that leave nothing to test."""

import numpy as np
import pytest
from numpy.typing import NDArray

from qbank.irt import andersen_test, calibrate_conditional, item_parameters, simulate


def answers(slopes: NDArray[np.float64], seed: int, n_persons: int = 500) -> NDArray[np.int8]:
    rng = np.random.default_rng(seed)
    items = item_parameters("2pl", a=slopes, b=np.linspace(-1, 1, slopes.size))
    return simulate(items, rng.normal(0, 1, n_persons), seed=rng)


def test_the_statistic_has_its_chi_square_where_the_model_holds() -> None:
    tests = []
    for seed in range(60):
        scores = answers(np.ones(8), seed)
        tests.append(andersen_test(scores, calibrate_conditional(scores)))
    assert {test.df for test in tests} == {7}
    # Mean 7 and standard error sqrt(14 / 60).
    assert abs(np.mean([test.statistic for test in tests]) - 7) < 4 * np.sqrt(14 / 60)


def test_items_that_discriminate_differently_are_seen() -> None:
    scores = answers(np.array([0.4, 2.0] * 4), 1, 1000)
    test = andersen_test(scores, calibrate_conditional(scores))
    assert test.p_value < 1e-6
    assert np.abs(test.z).max() > 4


def test_an_item_that_differs_between_groups_stands_out() -> None:
    rng = np.random.default_rng(3)
    ability, group = rng.normal(0, 1, 800), np.repeat(["here", "there"], 400)
    b = np.tile(np.linspace(-1, 1, 8), (800, 1))
    b[400:, 2] += 1.0
    scores = (rng.logistic(size=(800, 8)) < ability[:, None] - b).astype(np.int8)
    test = andersen_test(scores, calibrate_conditional(scores), split=group.tolist())
    assert test.groups == ("here", "there")
    assert np.abs(test.z).argmax() == 2
    assert test.p_value < 1e-3


def test_an_item_that_one_group_cannot_estimate_is_left_out_of_both() -> None:
    scores = answers(np.ones(6), 4)
    group = np.arange(500) % 2
    scores[group == 1, 3] = 1
    test = andersen_test(scores, calibrate_conditional(scores), split=group.astype(str).tolist())
    assert test.items == ("1", "2", "3", "5", "6")
    assert test.df == 4


def test_one_group_and_no_items_give_a_word() -> None:
    scores = answers(np.ones(4), 5)
    fit = calibrate_conditional(scores)
    assert andersen_test(scores, fit, split=["all"] * 500).status == "one group"
    each = andersen_test(scores, fit, split=[str(person) for person in range(500)])
    assert (each.status, each.df) == ("no items", 0)
    assert np.isnan(each.p_value)


@pytest.mark.parametrize(("split", "says"), [("mean", "found 'mean'"), (["a"], "1 labels for 500 persons")])
def test_a_split_that_cannot_be_meant_is_refused(split: object, says: str) -> None:
    scores = answers(np.ones(4), 5)
    with pytest.raises(ValueError, match=says):
        andersen_test(scores, calibrate_conditional(scores), split=split)  # type: ignore[arg-type]
