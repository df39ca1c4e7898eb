"""One decision from several parts, against closed forms of the normal distribution."""

from __future__ import annotations

import numpy as np
import pytest

from qbank.analysis.classification import Part, combined_decision

HALF = [Part("theory", 60, 60, 10, 0.8), Part("practice", 60, 60, 8, 0.8)]


def test_independent_parts_multiply() -> None:
    found = combined_decision(HALF, np.eye(2))
    # true and observed are together above the middle with (π/2 + asin √.8)/2π in each part
    both = (0.25 + np.arcsin(np.sqrt(0.8)) / (2 * np.pi)) ** 2
    assert found.confusion[1, 1] == pytest.approx(both, abs=0.004)
    assert found.true_shares[1] == pytest.approx(0.25, abs=0.004)


def test_perfectly_reliable_parts_are_always_right() -> None:
    sure = [Part("a", 60, 65, 10, 1.0), Part("b", 60, 62, 8, 1.0)]
    found = combined_decision(sure, [[1, 0.5], [0.5, 1]])
    assert (found.accuracy, found.consistency) == pytest.approx((1.0, 1.0), abs=1e-9)


def test_a_compensatory_sum_of_two_is_one_longer_part() -> None:
    found = combined_decision(HALF[:1] * 2, [[1, 0.8], [0.8, 1]], rule="compensatory", cut=120)
    reliability = 2 * 0.8 / 1.8  # Spearman and Brown
    assert found.accuracy == pytest.approx(0.5 + np.arcsin(np.sqrt(reliability)) / np.pi, abs=0.004)


def test_the_same_seed_gives_the_same_table() -> None:
    first, again = (combined_decision(HALF, np.eye(2), n=1000, seed=3) for _ in range(2))
    assert np.array_equal(first.confusion, again.confusion)
