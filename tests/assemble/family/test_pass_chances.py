"""Chances of passing on many papers at once: against distributions convolved one by one, and marks as steps by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.assemble.family import pass_chances as module
from qbank.assemble.family.item_curves import InPart, ItemCurves
from qbank.assemble.family.pass_chances import MOST_POINTS, pass_chances, places_of, step_of


def curves(n_items: int, n_theta: int, seed: int, parts: dict[int, list[float]] | None = None) -> ItemCurves:
    """Return items of made-up chances, of which some earn the shares that are said."""
    rng = np.random.default_rng(seed)
    share = rng.uniform(0.05, 0.95, (n_items, n_theta))
    made = []
    for item, worth in (parts or {}).items():
        chance = rng.dirichlet(np.ones(len(worth)), n_theta).T
        made.append(InPart(item, np.array(worth), chance))
        share[item] = np.array(worth) @ chance
    return ItemCurves(np.arange(float(n_theta)), np.ones(n_theta), 1.0, share, share, share, tuple(made))


def convolved(items: ItemCurves, row: np.ndarray, whole: np.ndarray, node: int) -> np.ndarray:
    """Return how likely each sum of one paper is; whole : (n_slots,) the steps of a place's full marks."""
    part, found = {each.item: each for each in items.in_part}, np.ones(1)
    for item, steps in zip(row.tolist(), whole.tolist(), strict=True):
        own = np.zeros(steps + 1)
        if item in part:
            np.add.at(own, np.rint(part[item].worth * steps).astype(int), part[item].chance[:, node])
        else:
            own[0], own[steps] = 1 - items.share[item, node], items.share[item, node]
        found = np.convolve(found, own)
    return found


@settings(max_examples=40)
@given(st.lists(st.sampled_from([2, 4, 6, 10]), min_size=1, max_size=5), st.integers(0, 2**32 - 1), st.sampled_from([1, 40, 130_000]))
def test_each_paper_is_passed_with_the_chance_of_sums_at_or_above_its_own_cuts(whole: list[int], seed: int, block: int) -> None:
    rng = np.random.default_rng(seed)
    items = curves(9, 2, seed, {1: [0.0, 0.5, 1.0], 4: [0.5, 1.0], 7: [0.0, 0.5]})
    marks = np.array(whole)
    papers = np.array([rng.permutation(9)[: marks.size] for _ in range(5)])
    cuts = rng.integers(-2, marks.sum() + 3, (3, 5))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK", block)
        found = pass_chances(places_of(items, papers, marks.astype(float), 1.0), cuts)
    assert found.shape == (3, 5, 2)
    for paper, row in enumerate(papers):
        for node in range(2):
            sums = convolved(items, row, marks, node)
            expected = [float(sums[max(cut, 0) :].sum()) for cut in cuts[:, paper]]
            assert found[:, paper, node] == pytest.approx(expected, abs=1e-12)


def test_papers_without_a_scored_place_pass_where_nothing_is_asked() -> None:
    assert pass_chances((), np.array([[0, 1], [-3, 2]])).tolist() == [[[1.0], [0.0]], [[1.0], [0.0]]]


@pytest.mark.parametrize(
    ("marks", "step"),
    [
        ([1.0, 2.0], 1.0), ([0.5, 1.5, 2.0], 0.5), ([2.0, 4.0, 0.0], 2.0), ([600.0, 900.0], 300.0), ([0.1, 0.3, 0.7], 0.1),
        ([1199.0, 1.0], 1.0), ([1200.0, 1.0], 1201 / 1200), ([2**0.5, 1.0], (2**0.5 + 1) / 1200), ([0.0, 0.0], 1.0),
    ],
)  # fmt: skip
def test_the_step_is_the_largest_that_all_marks_are_multiples_of_or_one_of_1200(marks: list[float], step: float) -> None:
    papers = np.array([np.arange(len(marks))])
    assert MOST_POINTS == 1200
    assert step_of(curves(4, 1, 1), papers, np.array(marks)) == pytest.approx(step)


def test_the_step_divides_what_items_on_any_paper_earn_in_part() -> None:
    items = curves(6, 1, 1, {1: [0.0, 0.25, 1.0], 3: [0.0, 1 / 3, 1.0]})
    for papers, marks, step in (
        ([[0, 2]], [2.0, 4.0], 2.0), ([[0, 2], [1, 2]], [2.0, 4.0], 0.5), ([[0, 2], [2, 1]], [2.0, 4.0], 1.0),
        ([[1, 3]], [1.0, 3.0], 0.25), ([[1, 0]], [0.0, 4.0], 4.0), ([[4, 0], [0, 3]], [1.0, 1.0], 1 / 3),
    ):  # fmt: skip
        assert step_of(items, np.array(papers), np.array(marks)) == pytest.approx(step)


def test_places_have_the_steps_of_their_marks_where_these_are_multiples_of_the_step() -> None:
    items, marks = curves(6, 2, 1, {3: [0.0, 1 / 3, 1.0]}), np.array([0.1, 0.0, 3 * 0.1, 1.1])
    places = places_of(items, np.array([[0, 1, 2, 4], [5, 1, 3, 4]]), marks, 0.1)
    assert [place.most for place in places] == [1, 3, 11], "3 * 0.1 is a little more than .3; a place without marks is none"
    assert [[level for level, _ in place.levels] for place in places] == [[0, 1], [0, 1, 3], [0, 11]]
    assert [place.item.tolist() for place in places] == [[0, 1], [0, 1], [0, 0]]
    part = items.in_part[0]
    assert places[1].levels[1][1] == pytest.approx(np.stack([np.zeros(2), part.chance[1]]))
    assert places[1].levels[2][1] == pytest.approx(np.stack([items.share[2], part.chance[2]]))


@given(st.lists(st.floats(0.05, 3), min_size=1, max_size=4), st.floats(0.1, 0.9))
def test_finer_marks_are_divided_over_the_two_steps_around_them(marks: list[float], step: float) -> None:
    """So that chances add up to one and every item is expected to bring its marks."""
    items = curves(6, 2, 3, {0: [0.0, 0.4, 0.45, 1.0], 2: [0.0, 0.7]})
    places = places_of(items, np.array([[0, 1, 2, 3][: len(marks)], [4, 2, 0, 5][: len(marks)]]), np.array(marks), step)
    for place, mark, row in zip(places, marks, np.array([[0, 4], [1, 2], [2, 0], [3, 5]]), strict=False):
        assert sum(chance for _, chance in place.levels) == pytest.approx(np.ones((2, 2)))
        expected = sum(level * chance for level, chance in place.levels)[place.item]
        assert expected == pytest.approx(mark / step * items.share[row])
        assert max(level for level, _ in place.levels) <= place.most == int(np.ceil(mark / step - 1e-9))
