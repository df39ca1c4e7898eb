"""Elementary symmetric functions against enumeration and against the summation recursion in long doubles."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from qbank.irt.conditional.symmetric import log_symmetric, score_law, single_score_laws

few = settings(max_examples=40, deadline=None)
small_forms = st.tuples(st.integers(1, 5), st.integers(0, 2**32 - 1), st.sampled_from([0.0, 1.0, 4.0]))


def drawn(n_items: int, seed: int, spread: float) -> NDArray[np.float64]:
    """Return log weights of items of two to four categories; a spread of 0 makes all answers alike."""
    rng = np.random.default_rng(seed)
    weights = np.column_stack((np.zeros(n_items), spread * rng.normal(size=(n_items, 3))))
    for row, n_categories in zip(weights, rng.integers(2, 5, n_items), strict=True):
        row[n_categories:] = -np.inf
    return weights


def recursion(log_weights: NDArray[np.float64]) -> NDArray[np.longdouble]:
    """Return log gamma by the summation algorithm, item by item."""
    gamma = np.ones(1, dtype=np.longdouble)
    for row in log_weights:
        epsilon = np.exp(row[np.isfinite(row)].astype(np.longdouble))
        longer = np.zeros(gamma.size + epsilon.size - 1, dtype=np.longdouble)
        for category, weight in enumerate(epsilon):
            longer[category : category + gamma.size] += weight * gamma
        gamma = longer
    return np.log(gamma)


@given(small_forms)
@few
def test_the_law_of_a_score_equals_enumeration_of_all_answers(form: tuple[int, int, float]) -> None:
    weights = drawn(*form)
    n_own = np.isfinite(weights).sum(axis=1)
    counts = np.random.default_rng(form[1]).integers(0, 4, (n_own - 1).sum() + 1).astype(float)
    answers = np.array(list(product(*(range(k) for k in n_own))))
    chance = np.exp(weights[np.arange(n_own.size), answers].sum(axis=1))
    indicators = np.column_stack([answers[:, j] == k for j, top in enumerate(n_own) for k in range(1, top)])
    expected, information = np.zeros(indicators.shape[1]), np.zeros((indicators.shape[1],) * 2)
    law = score_law(weights, counts)
    for score in np.flatnonzero(counts):
        way = answers.sum(axis=1) == score
        share = chance[way] / chance[way].sum()
        mean = share @ indicators[way]
        assert law.log_gamma[score] == pytest.approx(np.log(chance[way].sum()), abs=1e-11)
        expected += counts[score] * mean
        information += counts[score] * ((indicators[way].T * share) @ indicators[way] - np.outer(mean, mean))
    np.testing.assert_allclose(law.expected, expected, atol=1e-10)
    np.testing.assert_allclose(law.information, information, atol=1e-10)
    assert np.isnan(law.log_gamma[counts == 0]).all()


@pytest.mark.parametrize(("n_items", "spread"), [(200, 1.0), (200, 4.0), (300, 0.0)])
def test_hundreds_of_items_keep_twelve_digits(n_items: int, spread: float) -> None:
    weights = np.column_stack((np.zeros(n_items), spread * np.random.default_rng(4).normal(size=n_items)))
    np.testing.assert_allclose(
        log_symmetric(weights), recursion(weights).astype(np.float64), rtol=0, atol=1e-11
    )


def test_items_of_many_categories_keep_twelve_digits() -> None:
    weights = np.vstack([drawn(40, seed, spread) for seed, spread in ((1, 0.0), (2, 1.0), (3, 3.0))])
    np.testing.assert_allclose(
        log_symmetric(weights), recursion(weights).astype(np.float64), rtol=0, atol=1e-11
    )


def test_items_far_apart_keep_twelve_digits() -> None:
    weights = np.column_stack((np.zeros(8), [-30.0, -20.0, -10.0, -5.0, 5.0, 10.0, 20.0, 30.0]))
    np.testing.assert_allclose(
        log_symmetric(weights), recursion(weights).astype(np.float64), rtol=0, atol=1e-11
    )


def test_the_derivatives_of_two_hundred_items_equal_differences_of_the_recursion() -> None:
    rng = np.random.default_rng(5)
    weights = np.column_stack((np.zeros(200), rng.normal(0, 1.5, 200)))
    counts = rng.integers(0, 30, 201).astype(np.float64)
    law = score_law(weights, counts)

    def total(log_weights: NDArray[np.float64]) -> np.longdouble:
        return np.longdouble(counts @ recursion(log_weights))

    for item in (0, 77, 199):
        up, down = weights.copy(), weights.copy()
        up[item, 1] += 1e-4
        down[item, 1] -= 1e-4
        assert law.expected[item] == pytest.approx(float((total(up) - total(down)) / 2e-4), rel=1e-8)
    slope = (score_law(up, counts).expected - score_law(down, counts).expected) / 2e-4
    np.testing.assert_allclose(law.information[item], slope, rtol=1e-5, atol=1e-5)


def test_information_has_no_part_along_the_category_numbers() -> None:
    weights = drawn(12, 8, 1.5)
    category = np.nonzero(np.isfinite(weights[:, 1:]))[1] + 1
    law = score_law(weights, np.ones(category.size + 1))
    np.testing.assert_allclose(law.information @ category, 0.0, atol=1e-9)


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 1.0, 4.0]))
@few
def test_many_short_forms_at_once_are_the_forms_one_by_one(seed: int, spread: float) -> None:
    rng = np.random.default_rng(seed)
    forms = [drawn(int(rng.integers(2, 7)), int(rng.integers(0, 10**6)), spread) for _ in range(5)]
    padded = np.full((5, 7, 4), -np.inf)
    padded[:, :, 0] = 0.0
    scores = []
    for row, form in zip(padded, forms, strict=True):
        row[: form.shape[0]] = form
        scores.append(rng.integers(1, np.isfinite(form[:, 1:]).sum()))
    log_gamma, expected, information = single_score_laws(padded, np.array(scores, dtype=np.float64))
    for row, form in enumerate(forms):
        counts = np.zeros(np.isfinite(form[:, 1:]).sum() + 1)
        counts[scores[row]] = 1.0
        law = score_law(form, counts)
        own = np.isfinite(padded[row, :, 1:]).ravel()
        assert log_gamma[row] == pytest.approx(law.log_gamma[scores[row]], abs=1e-10)
        np.testing.assert_allclose(expected[row, own], law.expected, atol=1e-10)
        np.testing.assert_allclose(information[row][np.ix_(own, own)], law.information, atol=1e-10)
        assert not expected[row, ~own].any() and not information[row, ~own].any()
