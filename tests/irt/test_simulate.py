"""Simulated answers follow the model, the seed and the design."""

import numpy as np
import pytest

from qbank.irt import MODELS, expected_score, item_parameters, simulate
from qbank.irt.parameters import first_rows, from_estimates, log_probability_table

ITEMS = item_parameters("2pl", a=[1.0, 1.5, np.nan], b=[-0.5, 1.0, np.nan])


def test_shares_are_the_model_s_probabilities() -> None:
    scores = simulate(ITEMS, np.full(40_000, 0.3), seed=1)[:, :2]
    expected = expected_score(ITEMS, [0.3])[:2, 0]
    # Four standard errors of a share.
    np.testing.assert_allclose(scores.mean(axis=0), expected, atol=4 * 0.5 / 200)


def test_in_every_model_the_shares_of_the_categories_are_its_probabilities() -> None:
    cases = [(word, n) for word, model in MODELS.items() for n in (2, 4) if n <= model.categories[1]]
    rng = np.random.default_rng(3)
    estimates = np.full((len(cases), 6), np.nan)
    for row, (word, n) in zip(estimates, cases, strict=True):
        shares = rng.dirichlet(np.full(n, 5.0), 1)
        start = MODELS[word].start(shares)[0]
        row[: start.size] = start * np.where(MODELS[word].slopes(n), 1.4, 1.0)
    words, n_categories = zip(*cases, strict=True)
    items = from_estimates(words, n_categories, estimates)
    theta = np.repeat([-1.5, 0.3, 2.0], 20_000)
    scores = simulate(items, theta, seed=4)
    expected = np.exp(log_probability_table(items, theta[::20_000]))
    first = first_rows(items.n_categories)
    for item, n in enumerate(n_categories):
        assert scores[:, item].min() >= 0
        assert scores[:, item].max() < n
        for k in range(n):
            share = (scores[:, item] == k).reshape(3, -1).mean(axis=1)
            probability = expected[first[item] + k]
            error = np.sqrt(probability * (1.0 - probability) / 20_000)
            assert (np.abs(share - probability) < 4.5 * error + 1e-4).all()


def test_the_same_seed_gives_the_same_answers_and_who_sees_what_changes_no_other() -> None:
    theta = np.linspace(-2, 2, 9000)
    seen = np.arange(9000)[:, None] % 3 != np.arange(3)
    whole, part = simulate(ITEMS, theta, seed=5), simulate(ITEMS, theta, seed=5, seen=seen)
    assert whole.dtype == np.int8
    np.testing.assert_array_equal(part, np.where(seen, whole, -1))
    assert (simulate(ITEMS, theta, seed=6) != whole).any()


def test_items_without_parameters_are_not_seen() -> None:
    assert (simulate(ITEMS, [0.0, 1.0], seed=1)[:, 2] == -1).all()


def test_nobody_and_nothing_are_allowed() -> None:
    assert simulate(ITEMS, [], seed=1).shape == (0, 3)
    assert simulate(item_parameters("2pl", a=[], b=[]), [0.0], seed=1).shape == (1, 0)


def test_a_wrong_call_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="vector"):
        simulate(ITEMS, [[0.0]], seed=1)
    with pytest.raises(ValueError, match="shape"):
        simulate(ITEMS, [0.0], seed=1, seen=[[True]])
