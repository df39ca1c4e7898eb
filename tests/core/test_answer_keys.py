"""Statistics of keys against scipy 1.x (stats.chi2.sf, stats.binom.sf, stats.chisquare), to the last digits that matter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from qbank.core.answer_keys import binomial_tail, chi_square_tail, longest_run, position_test


@given(st.floats(0, 200), st.integers(1, 9))
def test_the_tail_of_chi_square_is_that_of_scipy(statistic: float, df: int) -> None:
    assert chi_square_tail(statistic, df) == pytest.approx(float(stats.chi2.sf(statistic, df)), rel=1e-9, abs=1e-14)


@given(st.integers(1, 400), st.data())
def test_the_tail_of_the_binomial_is_that_of_scipy(n: int, data: st.DataObject) -> None:
    k, p = data.draw(st.integers(0, n)), data.draw(st.floats(0.05, 0.95))
    assert binomial_tail(n, k, p) == pytest.approx(float(stats.binom.sf(k - 1, n, p)), rel=1e-8, abs=1e-14)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=200))
def test_the_test_of_positions_is_pearsons(positions: list[int]) -> None:
    expected = stats.chisquare([positions.count(place) for place in range(4)])
    statistic, df, p = position_test(positions, [4] * len(positions))
    assert (statistic, df) == (pytest.approx(float(expected.statistic)), 3)
    assert p == pytest.approx(float(expected.pvalue), rel=1e-9, abs=1e-14)


def test_questions_with_fewer_options_expect_no_key_at_the_places_they_lack() -> None:
    """Two questions with two options and two with four: expected are 1.5, 1.5, 0.5 and 0.5."""
    statistic, df, _ = position_test([0, 1, 2, 3], [2, 2, 4, 4])
    assert (statistic, df) == (pytest.approx(2 * 0.25 / 1.5 + 2 * 0.25 / 0.5), 3)


@given(st.text("ABCD", max_size=60))
def test_the_longest_run_is_in_the_text_and_no_longer_one_is(keys: str) -> None:
    length, start = longest_run(keys)
    assert keys[start : start + length] == keys[start : start + 1] * length
    assert not any(letter * (length + 1) in keys for letter in "ABCD")


def test_no_keys_have_no_run_and_no_unevenness() -> None:
    assert longest_run("") == (0, 0)
    assert position_test([], []) == (0.0, 0, 1.0)
