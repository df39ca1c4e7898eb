"""What papers show: errors by the binomial, shared items over all pairs, papers that show a bank one by one more."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.assemble.family.showing import papers_that_show, shared_items, shown_items


def test_a_sample_tells_a_share_with_the_error_of_the_binomial_and_all_papers_without() -> None:
    papers = np.array([[0, 2], [1, 2], [0, 3], [0, 2]])
    sample = shown_items(papers)
    assert sample.share.tolist() == [0.75, 0.25, 0.75, 0.25] and sample.n_papers == 4 and not sample.every
    assert sample.error == pytest.approx(np.sqrt([0.75 * 0.25 / 4] * 4))
    assert shown_items(papers, every=True).error.tolist() == [0, 0, 0, 0]
    assert (sample.mean, sample.least, sample.most) == (0.5, 0.5, 1.5)


def test_items_in_use_are_told_once_each_in_order_shown_or_not() -> None:
    found = shown_items(np.array([[3, 1], [1, 0]]), [9, 3, 1, 3])
    assert found.items.tolist() == [1, 3, 9]
    assert found.share.tolist() == [1.0, 0.5, 0.0]


def test_two_papers_are_drawn_that_are_different_ones() -> None:
    """Of papers without a common item no pair shares any, however often pairs are drawn; two alike share all."""
    apart = shared_items(np.arange(12).reshape(3, 4), n_pairs=300)
    assert (apart.mean, apart.most, apart.pairs.tolist()) == (0, 0, [300])
    alike = shared_items(np.tile([4, 2, 7], (2, 1)), n_pairs=50)
    assert (alike.mean, alike.most, alike.pairs.tolist()) == (3, 3, [0, 0, 0, 50])


def test_one_paper_has_no_pair() -> None:
    found = shared_items(np.array([[0, 1, 2]]))
    assert math.isnan(found.mean) and found.pairs.size == 0


def test_papers_that_are_none_are_refused() -> None:
    for papers in (np.zeros((0, 3), int), np.array([1, 2]), np.array([[-1, 2]])):
        with pytest.raises(ValueError, match="items from 0"):
            shown_items(papers)


@settings(max_examples=50)
@given(st.lists(st.sampled_from([0.0, 0.02, 0.1, 0.5, 0.9, 1.0]), min_size=1, max_size=12), st.sampled_from([0.1, 0.5, 0.75, 0.95]))
def test_so_many_papers_show_a_part_of_the_items_and_one_paper_fewer_does_not(share: list[float], part: float) -> None:
    there = np.mean([e > 0 for e in share])
    if there < part:
        assert papers_that_show(share, part) is None
    elif there > part:  # of just that part the last is seen when rounding says so
        seen = ((m, float(np.mean([1 - (1 - e) ** m for e in share]))) for m in range(1, 2000))
        assert papers_that_show(share, part) == next(m for m, each in seen if each >= part)


def test_as_many_papers_as_it_takes_exactly() -> None:
    assert papers_that_show([0.5], 0.75) == 2 and papers_that_show([0.5], 0.76) == papers_that_show([0.5], 0.875) == 3
    assert papers_that_show([0.5], 0.5) == 1 and papers_that_show([0.5] * 3, 0.9375) == 4
    assert papers_that_show([1.0, 0.0], 0.5) == 1, "a half is there at once"
    assert papers_that_show([1.0, 0.5], 1.0) is None and papers_that_show([0.5, 0.5], 1.0) is None
    assert papers_that_show([], 0.5) is None
    assert papers_that_show([0.5], 0.0) is None and papers_that_show([0.5], 1.01) is None
