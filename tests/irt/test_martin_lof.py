"""Martin-Löf's test: against the likelihoods themselves, its size under one ability and its power against two."""

from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from qbank.irt import calibrate_conditional, martin_lof_test
from qbank.irt.conditional.martin_lof import draw_given_scores

HALVES = ["a"] * 3 + ["b"] * 3


def answers(n_persons: int, seed: int, correlation: float = 1.0, n_items: int = 6) -> NDArray[np.int8]:
    """Return scores of two halves whose abilities correlate."""
    rng = np.random.default_rng(seed)
    first, other = rng.normal(size=(2, n_persons))
    second = correlation * first + np.sqrt(1 - correlation**2) * other
    ability = np.column_stack([first] * (n_items // 2) + [second] * (n_items // 2))
    logit = ability - np.tile(np.linspace(-0.7, 0.7, n_items // 2), 2)
    return (rng.logistic(size=logit.shape) < logit).astype(np.int8)


def test_the_statistic_has_its_chi_square_under_one_ability() -> None:
    tests = []
    for seed in range(40):
        scores = answers(1000, seed)
        tests.append(martin_lof_test(scores, calibrate_conditional(scores), split=HALVES))
    assert {(test.df, test.status) for test in tests} == {(8, "ok")}
    assert abs(np.mean([test.statistic for test in tests]) - 8) < 4 * np.sqrt(16 / 40)


def test_two_abilities_are_seen() -> None:
    scores = answers(1000, 1, correlation=0.3)
    assert martin_lof_test(scores, calibrate_conditional(scores), split=HALVES).p_value < 1e-4


def test_sparse_tables_need_simulation_and_get_it() -> None:
    scores = answers(150, 104, n_items=12)
    fit = calibrate_conditional(scores)
    plain = martin_lof_test(scores, fit)
    assert (plain.status, plain.parts, plain.n_items) == ("sparse", ("easier", "harder"), (6, 6))
    assert np.isnan(plain.p_value)
    drawn = martin_lof_test(scores, fit, n_simulations=39, seed=1)
    assert drawn.p_value > 0.05
    apart = answers(150, 3, correlation=0.0, n_items=12)
    split = ["a"] * 6 + ["b"] * 6
    seen = martin_lof_test(apart, calibrate_conditional(apart), split=split, n_simulations=39, seed=1)
    assert seen.p_value == pytest.approx(1 / 40)


def test_answers_drawn_given_a_score_have_their_exact_probabilities() -> None:
    weights = np.log([[1.0, 2.0, 0.5], [1.0, 3.0, 1.0], [1.0, 0.7, 1.0]])
    weights[2, 2] = -np.inf
    drawn = draw_given_scores(weights, np.full(40_000, 2), np.random.default_rng(1))
    assert (drawn.sum(axis=1) == 2).all()
    ways = [way for way in product(range(3), range(3), range(2)) if sum(way) == 2]
    chance = np.array([np.exp(weights[range(3), way].sum()) for way in ways])
    share = np.array([(drawn == way).all(axis=1).mean() for way in ways])
    np.testing.assert_allclose(share, chance / chance.sum(), atol=0.01)


def test_parts_that_leave_nothing_to_test_have_a_word() -> None:
    scores = answers(200, 4)
    fit = calibrate_conditional(scores)
    assert martin_lof_test(scores, fit, split=["a"] * 6).status == "one part"
    assert martin_lof_test(scores, fit, split=["a"] * 5 + ["b"]).status == "few items"
    gaps = scores.copy()
    gaps[np.arange(200), np.arange(200) % 6] = -1
    assert martin_lof_test(gaps, calibrate_conditional(gaps), split=HALVES).status == "no persons"
    with pytest.raises(ValueError, match="1 labels for 6 items"):
        martin_lof_test(scores, fit, split=["a"])
