"""The error at a score: figures by hand, and what its mean over persons has to be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from qbank.analysis.conditional_errors import binomial_error, conditional_error


def test_figures_by_hand() -> None:
    # Lord (1957): x (n - x) / (n - 1); of 50 questions 25 right: 625 / 49, 45 right: 225 / 49
    assert binomial_error([25, 45, 0, 50], 50).tolist() == pytest.approx([3.571428, 2.142857, 0, 0], abs=1e-6)
    assert np.isnan(binomial_error(1, 1))


RIGHT = arrays.arrays(np.int8, st.tuples(st.integers(2, 12), st.integers(2, 15)), elements=st.integers(0, 1))


@settings(max_examples=80, deadline=None)
@given(RIGHT)
def test_right_and_wrong_answers_have_lords_error_and_its_mean_square_is_that_of_kr21(right: np.ndarray) -> None:
    earned, n = right.astype(float), right.shape[1]
    error, left_out = conditional_error(earned, np.zeros(n, dtype=np.int64))
    x = earned.sum(axis=1)
    assert left_out == ()
    assert error == pytest.approx(binomial_error(x, n), abs=1e-9)
    # Lord (1955): s^2 (1 - KR21), with the variance s^2 of these very persons
    variance, mean = x.var(), x.mean()
    if variance > 0:
        kr21 = n / (n - 1) * (1 - mean * (n - mean) / (n * variance))
        assert (error**2).mean() == pytest.approx(variance * (1 - kr21), abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(RIGHT, st.sampled_from([0.5, 2.0, 3.0]))
def test_errors_grow_with_the_marks_and_strata_add_up(right: np.ndarray, marks: float) -> None:
    earned, n = right.astype(float), right.shape[1]
    one, _ = conditional_error(earned, np.zeros(n, dtype=np.int64))
    more, _ = conditional_error(earned * marks, np.zeros(n, dtype=np.int64))
    assert more == pytest.approx(one * marks, abs=1e-9)
    both, _ = conditional_error(np.hstack([earned, earned * marks]), np.repeat([0, 1], n))
    assert both**2 == pytest.approx(one**2 + more**2, abs=1e-9)


def test_marks_in_part_are_averaged_over_equal_scores() -> None:
    # both have 2 of 4 marks: variance 2/1 * (0 + 0) and 2/1 * (1 + 1), their mean 2
    error, _ = conditional_error(np.array([[1.0, 1.0], [2.0, 0.0]]), np.array([0, 0]))
    assert (error**2).tolist() == pytest.approx([2.0, 2.0])


def test_questions_of_unequal_worth_are_compared_by_their_shares() -> None:
    # worth 2 and 10, shares 1 and 0.5: variance of the shares 0.125, times 4 + 100
    error, _ = conditional_error(np.array([[2.0, 5.0]]), np.array([0, 0]), np.array([2.0, 10.0]))
    assert (error**2).tolist() == pytest.approx([13.0])


def test_a_single_question_is_left_out_and_named_and_unseen_ones_do_not_count() -> None:
    earned = np.array([[1.0, 0.0, np.nan, 7.0, 9.0]])
    error, left_out = conditional_error(earned, np.array([0, 0, 0, 1, -1]))
    assert left_out == (1,)
    assert error.tolist() == [1.0]
    with pytest.raises(ValueError, match="strata"):
        conditional_error(earned, np.array([0]))
