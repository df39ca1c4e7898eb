"""Person fit without a model: brute force over pairs, planted guessers, papers that say nothing."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from qbank.analysis.pattern_fit import pattern_fit


def answers(seed: int, n: int, k: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (rng.random((n, k)) < 1 / (1 + np.exp(-1.3 * (rng.normal(size=(n, 1)) - np.linspace(-2, 2, k))))).astype(float)


@pytest.mark.parametrize("seed", range(4))
def test_the_three_indices_are_those_of_pairs_counted_one_by_one(seed: int) -> None:
    x = answers(seed, 25, 9)
    found = pattern_fit(x)
    p = x.mean(axis=0)
    kept = [item for item in np.argsort(-p, kind="stable") if 0 < p[item] < 1]
    x, p = x[:, kept], p[kept]
    k = len(kept)
    assert found.n_items == k
    logit = np.log(p / (1 - p))
    usual = [v for v in range(25) if 0 < x[v].sum() < k]
    for v in range(25):
        r = int(x[v].sum())
        if v not in usual:
            assert np.isnan([found.guttman[v], found.u3[v], found.ht[v]]).all()
            continue
        errors = sum(x[v, easy] < x[v, hard] for easy in range(k) for hard in range(easy + 1, k))
        assert found.guttman[v] == pytest.approx(errors / (r * (k - r)))
        best, worst = logit[:r].sum(), np.sort(logit)[:r].sum()
        assert found.u3[v] == pytest.approx((best - logit @ x[v]) / (best - worst))
        shared, most = 0.0, 0.0
        for w in usual:
            if w != v:
                shared += np.cov(x[v], x[w], bias=True)[0, 1]
                low, high = sorted([x[v].mean(), x[w].mean()])
                most += low * (1 - high)
        assert found.ht[v] == pytest.approx(shared / most)


def test_who_answers_at_random_stands_out() -> None:
    x = answers(9, 400, 40)
    x[:20] = np.random.default_rng(1).random((20, 40)) < 0.5
    found = pattern_fit(x)
    for values in (-found.guttman, -found.u3, found.ht):
        assert (values[:20] < np.nanquantile(values[20:], 0.05)).mean() > 0.9


def test_papers_that_say_nothing_give_nan() -> None:
    for x in (np.ones((3, 4)), np.zeros((3, 4)), np.zeros((0, 4)), np.zeros((3, 0)), np.array([[1.0, 0.0]])):
        found = pattern_fit(x)
        assert np.isnan(found.u3).all() and np.isnan(found.ht).all() and np.isnan(found.guttman).all()
        assert found.u3.shape == (len(x),)
    alone = pattern_fit([[1, 0, 1], [1, 1, 1], [0, 0, 0]])  # one usual person: nobody to be compared with
    assert np.isnan(alone.ht).all()
    with pytest.raises(ValueError, match="persons by items"):
        pattern_fit([1, 0])


def test_errors_against_the_order_only_raise_the_indices() -> None:
    x = answers(3, 200, 8)
    order = np.argsort(-x.mean(axis=0))
    weaker = [np.zeros(8) for _ in range(5)]
    for place, row in enumerate(weaker):
        row[order[place : place + 3]] = 1
    found = pattern_fit(np.vstack([x] * 20 + [row[None] for row in weaker]))
    for one, two in pairwise(range(-5, 0)):
        assert found.guttman[one] < found.guttman[two] and found.u3[one] <= found.u3[two]
