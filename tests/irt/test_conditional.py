"""Conditional maximum likelihood: laws, designs with several forms, and degenerate data."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from qbank.irt import calibrate, calibrate_conditional, item_parameters, score_persons, simulate
from qbank.irt.conditional.estimate import ConditionalCalibration
from tests.irt.samples import sample

few = settings(max_examples=15, deadline=None)
any_scores = st.tuples(
    st.integers(0, 12), st.integers(0, 6), st.integers(1, 4), st.integers(0, 2**32 - 1)
).map(lambda size: np.random.default_rng(size[3]).integers(-1, size[2], size[:2]).astype(np.int8))


def rasch(n_persons: int, n_items: int, seed: int) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
    """Return scores of a complete Rasch test, and its difficulties with sum 0."""
    rng = np.random.default_rng(seed)
    b = rng.normal(0, 1, n_items)
    b -= b.mean()
    items = item_parameters("rasch", a=np.ones(n_items), b=b)
    return simulate(items, rng.normal(0, 1, n_persons), seed=rng), b


def partial_credit(n_persons: int, seed: int) -> NDArray[np.int8]:
    """Return scores of five items of two to four categories."""
    rng = np.random.default_rng(seed)
    steps = np.array([[-1, 0, 1], [-0.5, 0.5, np.nan], [0, np.nan, np.nan], [1, -1, 0.5], [0.2, 0.3, 0.4]])
    items = item_parameters("pcm", a=np.ones(5), steps=steps)
    return simulate(items, rng.normal(0, 1, n_persons), seed=rng)


def same(one: ConditionalCalibration, other: ConditionalCalibration) -> None:
    assert one.log_likelihood == pytest.approx(other.log_likelihood, abs=1e-8)
    for name in one.parameters.names:
        np.testing.assert_allclose(one.parameters.values[name], other.parameters.values[name], atol=1e-7)
        np.testing.assert_allclose(one.parameters.errors[name], other.parameters.errors[name], rtol=1e-6)


def test_two_hundred_items_and_two_thousand_persons_give_the_difficulties_back() -> None:
    scores, b = rasch(2000, 200, 7)
    fit = calibrate_conditional(scores)
    z = (fit.parameters.values["b"] - b) / fit.parameters.errors["b"]
    assert fit.converged and fit.gradient_norm < 1e-6
    assert 0.85 < z.std() < 1.15
    assert np.abs(z).max() < 4
    assert fit.parameters.values["b"].sum() == pytest.approx(0, abs=1e-10)


def test_conditional_and_marginal_difficulties_agree_within_a_part_of_their_errors() -> None:
    scores, _ = rasch(3000, 20, 3)
    fit, marginal = calibrate_conditional(scores), calibrate(scores, model="rasch")
    b = marginal.parameters.values["b"]
    assert (np.abs(fit.parameters.values["b"] - (b - b.mean())) < 0.15 * fit.parameters.errors["b"]).all()


def test_errors_cover_the_truth_in_replications() -> None:
    hits = []
    for seed in range(60):
        scores, b = rasch(200, 12, seed)
        fit = calibrate_conditional(scores)
        hits.append(np.abs(fit.parameters.values["b"] - b) < 1.96 * fit.parameters.errors["b"])
    assert 0.93 < np.mean(hits) < 0.97


def test_one_pair_of_items_has_the_closed_solution_of_rasch() -> None:
    scores = np.repeat(np.array([[1, 0], [0, 1], [1, 1], [0, 0]], dtype=np.int8), [30, 10, 5, 5], axis=0)
    fit = calibrate_conditional(scores)
    half = np.log(30 / 10) / 2
    np.testing.assert_allclose(fit.parameters.values["b"], [-half, half], atol=1e-9)
    np.testing.assert_allclose(fit.parameters.errors["b"], np.sqrt(1 / 30 + 1 / 10) / 2, atol=1e-9)
    assert (fit.n_persons, fit.n_dropped) == (40, 10)
    assert fit.log_likelihood == pytest.approx(30 * np.log(0.75) + 10 * np.log(0.25))


@given(seed=st.integers(0, 10**6))
@few
def test_the_log_likelihood_never_falls_and_is_the_highest_nearby(seed: int) -> None:
    fit = calibrate_conditional(partial_credit(150, seed), model="pcm")
    assert (np.diff(fit.trace) >= -1e-9).all()
    assert fit.converged == (set(fit.status) == {"ok"} or "ok" in fit.status)


@given(seed=st.integers(0, 10**6))
@few
def test_reordering_persons_or_items_reorders_conditional_results(seed: int) -> None:
    scores = sample(300, 6, seed, forms=2)
    rng = np.random.default_rng(seed)
    items = rng.permutation(6)
    fit = calibrate_conditional(scores)
    moved = calibrate_conditional(scores[rng.permutation(300)][:, items])
    np.testing.assert_allclose(
        moved.parameters.values["b"], fit.parameters.values["b"][items], atol=1e-7, equal_nan=True
    )
    np.testing.assert_allclose(moved.covariance, fit.covariance[np.ix_(items, items)], atol=1e-7)


def test_persons_without_information_and_items_never_seen_change_nothing() -> None:
    scores, _ = rasch(300, 8, 2)
    fit = calibrate_conditional(scores)
    telling = (scores.sum(axis=1) > 0) & (scores.sum(axis=1) < 8)
    same(calibrate_conditional(scores[telling]), fit)
    more = calibrate_conditional(np.column_stack((scores, np.full(300, -1))))
    assert more.status[-1] == "not seen"
    assert np.isnan(more.parameters.values["b"][-1])
    np.testing.assert_allclose(more.parameters.values["b"][:8], fit.parameters.values["b"], atol=1e-9)


def test_forms_are_taken_with_gammas_of_their_own() -> None:
    """Every pair of four items as a form of its own: the conditional likelihood is that of paired comparisons."""
    rng = np.random.default_rng(6)
    scores = np.full((600, 4), -1, dtype=np.int8)
    wins = np.zeros((4, 4))
    for form, pair in enumerate(combinations(range(4), 2)):
        rows = slice(100 * form, 100 * form + 100)
        scores[rows, pair] = rng.integers(0, 2, (100, 2))
        one, other = scores[rows, pair[0]], scores[rows, pair[1]]
        wins[pair] = ((one == 1) & (other == 0)).sum()
        wins[pair[::-1]] = ((one == 0) & (other == 1)).sum()
    fit = calibrate_conditional(scores)
    easiness = -fit.parameters.values["b"]
    odds = 1 / (1 + np.exp(easiness[None] - easiness[:, None]))
    expected = ((wins + wins.T) * odds).sum(axis=1)
    np.testing.assert_allclose(expected, wins.sum(axis=1), atol=1e-6)
    assert fit.n_forms == 6
    assert fit.log_likelihood == pytest.approx((wins * np.log(odds)).sum())


def test_incomplete_forms_give_the_difficulties_back() -> None:
    rng = np.random.default_rng(12)
    b = rng.normal(0, 1, 40)
    seen = rng.random((3000, 40)) < 0.4
    # Whoever is able gets the hard half more often: a design that spoils marginal estimates without groups.
    ability = rng.normal(0, 1, 3000)
    seen[ability > 0, :20] &= rng.random((int((ability > 0).sum()), 20)) < 0.3
    scores = simulate(item_parameters("rasch", a=np.ones(40), b=b), ability, seed=rng, seen=seen)
    rows = [0, 1, 2]
    scores = np.where(seen[rows][rng.integers(0, 3, 3000)], scores, -1).astype(np.int8)
    fit = calibrate_conditional(scores)
    used = np.array(fit.status) == "ok"
    truth = b[used] - b[used].mean()
    z = (fit.parameters.values["b"][used] - truth) / fit.parameters.errors["b"][used]
    assert fit.converged and used.sum() > 25
    assert np.abs(z).max() < 4


def test_forms_that_nothing_joins_are_refused_and_named() -> None:
    scores = np.full((200, 6), -1, dtype=np.int8)
    scores[:100, :4] = sample(100, 4, 1)
    scores[100:, 4:] = sample(100, 2, 2)
    fit = calibrate_conditional(scores, items=list("ABCDEF"))
    assert fit.islands == (("A", "B", "C", "D"), ("E", "F"))
    assert [problem.code for problem in fit.problems] == ["C110"]
    assert dict(fit.problems[0].facts)["sets"] == "A, B, C, D; E, F"
    assert set(fit.status) == {"not connected"}
    assert not fit.converged
    assert np.isnan(fit.parameters.values["b"]).all()


def test_items_without_contrast_are_set_aside_and_the_others_estimated() -> None:
    """Item 4 is right only where all others are: its difficulty has no bound (Fischer 1981)."""
    scores, _ = rasch(400, 4, 5)
    guarded = np.column_stack((scores, (scores.sum(axis=1) == 4).astype(np.int8)))
    fit = calibrate_conditional(guarded)
    assert fit.status == ("ok",) * 4 + ("no contrast",)
    np.testing.assert_allclose(
        fit.parameters.values["b"][:4], calibrate_conditional(scores).parameters.values["b"], atol=1e-9
    )


def test_partial_credit_items_of_two_categories_are_rasch_items() -> None:
    scores, _ = rasch(300, 6, 9)
    one, other = calibrate_conditional(scores), calibrate_conditional(scores, model="pcm")
    np.testing.assert_allclose(one.parameters.values["b"], other.parameters.values["b"], atol=1e-9)
    np.testing.assert_allclose(one.covariance, other.covariance, atol=1e-9)


def test_partial_credit_steps_come_back() -> None:
    fit = calibrate_conditional(partial_credit(5000, 1), model="pcm")
    assert fit.parameters.n_categories.tolist() == [4, 3, 2, 4, 4]
    steps = np.stack([fit.parameters.values[f"b{k}"] for k in (1, 2, 3)])
    assert steps[:, 3] - fit.parameters.values["b"][3] == pytest.approx(
        np.array([1, -1, 0.5]) - 0.5 / 3, abs=0.15
    )
    assert np.nansum(fit.parameters.values["b"]) == pytest.approx(0, abs=1e-9)
    assert np.isfinite(np.diag(fit.covariance)).all()


def test_covariance_has_the_errors_on_its_diagonal_and_no_part_along_the_mean() -> None:
    fit = calibrate_conditional(partial_credit(500, 2), model="pcm")
    np.testing.assert_allclose(np.sqrt(np.diag(fit.covariance)), fit.parameters.errors["b"], rtol=1e-6)
    np.testing.assert_allclose(fit.covariance.sum(axis=0), 0.0, atol=1e-9)
    np.testing.assert_array_equal(fit.intercepts[:4], [[0, 1], [0, 2], [0, 3], [1, 1]])
    assert fit.intercept_covariance.shape == (12, 12)


def test_degenerate_items_have_a_word_and_no_number() -> None:
    scores, _ = rasch(100, 5, 1)
    odd = np.column_stack((scores, np.ones(100), np.zeros(100), np.full(100, -1))).astype(np.int8)
    fit = calibrate_conditional(odd)
    assert fit.status[5:] == ("all right", "all wrong", "not seen")
    assert np.isnan(fit.parameters.values["b"][5:]).all()
    assert fit.converged


def test_an_unused_category_sets_a_partial_credit_item_aside() -> None:
    scores = partial_credit(300, 4)
    scores[scores[:, 0] == 1, 0] = 2
    fit = calibrate_conditional(scores, model="pcm")
    assert fit.status[0] == "unused category"
    assert fit.status[1:] == ("ok",) * 4


@given(any_scores)
@settings(max_examples=60, deadline=None)
def test_any_scores_give_a_word_an_item_and_numbers_only_where_it_is_ok(scores: NDArray[np.int8]) -> None:
    fit = calibrate_conditional(scores, model="pcm")
    known = np.array([word == "ok" for word in fit.status], dtype=bool)
    assert len(fit.status) == scores.shape[1]
    np.testing.assert_array_equal(fit.parameters.estimated, known)
    assert fit.converged == known.any()


def test_scores_can_be_turned_into_abilities() -> None:
    scores, _ = rasch(200, 10, 3)
    fit = calibrate_conditional(scores)
    able = score_persons(scores, fit.parameters, method="wle")
    assert np.corrcoef(able.theta, scores.sum(axis=1))[0, 1] > 0.98


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: calibrate_conditional([[1, 0]], model="2pl"), "rasch and pcm"),
        (lambda: calibrate_conditional([[2, 0]]), "found 2"),
        (lambda: calibrate_conditional([[-2, 0]]), "found -2"),
        (lambda: calibrate_conditional([[0.5, 1.0]]), "whole numbers"),
        (lambda: calibrate_conditional([1, 0]), "dimensions"),
        (lambda: calibrate_conditional([[1, 0]], items=["A"]), "1 labels for 2 items"),
    ],
)
def test_wrong_calls_are_refused(call: object, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        call()  # type: ignore[operator]
