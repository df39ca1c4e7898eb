"""Raters' marks become one: by the mean, by a third rater where two are far apart, and never by guessing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbank.core.ratings import Ratings
from qbank.kinds.ratings import Awarded, RaterRule, award, rated_steps, rule_settings

NOBODY = float("nan")
Row = tuple[int, str, str, float]
"""Person, step, rater, marks; the item is the only one."""


def ratings(rows: Sequence[Row]) -> Ratings:
    steps = tuple(dict.fromkeys(step for _, step, _, _ in rows))
    raters = tuple(dict.fromkeys(rater for _, _, rater, _ in rows))
    numbers = [[person, 0, steps.index(step), raters.index(rater)] for person, step, rater, _ in rows]
    table = np.array(numbers, dtype=np.int32).reshape(len(rows), 4)
    marks = np.array([marks for *_, marks in rows], dtype=np.float64)
    return Ratings(table[:, 0], table[:, 1], table[:, 2], table[:, 3], marks, steps, raters)


def awarded(
    rows: Sequence[Row], rule: RaterRule | None = None, *, steps: tuple[float, ...] = (60.0, 40.0), n_persons: int = 1
) -> Awarded:
    return award(ratings(rows), n_persons, {0: steps}, {0: sum(steps) or 100.0}, rule or RaterRule())


def whole(*marks: float, person: int = 0) -> list[Row]:
    return [(person, "", f"r{n}", value) for n, value in enumerate(marks)]


def test_two_raters_count_by_the_mean_of_each_step() -> None:
    rows = [(0, "1", "甲", 50.0), (0, "2", "甲", 30.0), (0, "1", "乙", 45.0), (0, "2", "乙", 33.0)]
    found = awarded(rows)
    assert found.marks.tolist() == [[47.5 + 31.5]]
    assert found.n_raters.tolist() == [[2]] and not found.disputes


@pytest.mark.parametrize(("rounding", "expected"), [(0.5, 80.5), (1.0, 80.0), (0.1, 80.3), (0.0, 80.25)])
def test_marks_are_rounded_at_the_end_and_halves_of_the_step_go_up(rounding: float, expected: float) -> None:
    assert awarded(whole(80.0, 80.5), RaterRule(rounding=rounding)).marks[0, 0] == pytest.approx(expected)


def test_exactly_the_limit_apart_is_no_dispute_and_a_hair_more_is() -> None:
    assert awarded(whole(40.0, 70.0)).marks.tolist() == [[55.0]]
    found = awarded(whole(40.0, 70.5))
    assert math.isnan(found.marks[0, 0])
    (dispute,) = found.disputes
    assert (dispute.person, dispute.item, dispute.raters, dispute.totals) == (0, 0, ("r0", "r1"), (40.0, 70.5))
    assert dispute.full == 100.0 and not dispute.settled


def test_a_third_rater_settles_it_by_the_mean_of_three_or_of_the_two_nearest() -> None:
    marks = whole(40.0, 80.0, 70.0)
    mean = awarded(marks)
    assert mean.marks.tolist() == [[63.5]]  # 63.33 to the half mark
    assert mean.disputes[0].settled
    assert awarded(marks, RaterRule(third="nearest_two")).marks.tolist() == [[75.0]]


def test_of_two_pairs_equally_near_the_one_that_gave_more_counts() -> None:
    for order in permutations((40.0, 60.0, 80.0)):
        assert awarded(whole(*order), RaterRule(third="nearest_two", gap_limit=0.3)).marks.tolist() == [[70.0]]


def test_three_of_whom_no_two_are_near_settle_nothing_by_the_nearest_two() -> None:
    found = awarded(whole(0.0, 50.0, 100.0), RaterRule(third="nearest_two"))
    assert math.isnan(found.marks[0, 0]) and not found.disputes[0].settled
    assert awarded(whole(0.0, 50.0, 100.0)).marks.tolist() == [[50.0]]


def test_three_raters_who_agree_all_count_even_by_the_nearest_two() -> None:
    assert awarded(whole(70.0, 80.0, 90.0), RaterRule(third="nearest_two")).marks.tolist() == [[80.0]]


def test_a_step_that_one_of_two_raters_left_blank_waits_and_is_not_0() -> None:
    rows = [(0, "1", "a", 50.0), (0, "2", "a", 30.0), (0, "1", "b", 50.0), (0, "2", "b", NOBODY)]
    assert math.isnan(awarded(rows).marks[0, 0])
    assert awarded(rows, RaterRule(least=1)).marks.tolist() == [[80.0]]


def test_raters_may_share_the_steps_between_them() -> None:
    rows = [(0, "1", "a", 50.0), (0, "2", "b", 30.0)]
    assert awarded(rows).marks.tolist() == [[80.0]]
    assert math.isnan(awarded(rows[:1]).marks[0, 0])


def test_where_others_had_two_raters_one_is_not_enough() -> None:
    found = awarded([*whole(80.0, 90.0), (1, "", "r0", 70.0)], n_persons=2)
    assert found.marks[0, 0] == 85.0 and math.isnan(found.marks[1, 0])
    assert found.n_raters[:, 0].tolist() == [2, 1]


def test_raters_are_compared_on_the_steps_that_both_rated() -> None:
    rows = [(0, "1", "a", 60.0), (0, "2", "a", 0.0), (0, "2", "b", 40.0), (0, "1", "c", 60.0)]
    assert len(awarded(rows).disputes) == 1  # 40 of 40 apart on the second step, though only 40 of the whole 100
    assert not awarded([(0, "1", "a", 60.0), (0, "2", "b", 0.0)]).disputes


def test_one_rater_who_saw_a_veto_is_enough_or_all_must_by_the_rule() -> None:
    rows = [*whole(80.0, 85.0), (0, "veto", "r1", 1.0)]
    found = awarded(rows)
    assert found.veto.tolist() == [[True]] and found.split_vetoes == ((0, 0),)
    strict = awarded(rows, RaterRule(veto="all"))
    assert strict.veto.tolist() == [[False]] and strict.marks.tolist() == [[82.5]]
    both = awarded([*rows, (0, "veto", "r0", 1.0)], RaterRule(veto="all"))
    assert both.veto.tolist() == [[True]] and not both.split_vetoes


def test_a_veto_needs_no_third_rater() -> None:
    assert not awarded([*whole(0.0, 85.0), (0, "veto", "r0", 1.0)]).disputes


def test_nobody_rated_is_no_mark_at_all() -> None:
    found = award(ratings([]), 2, {0: ()}, {0: 10.0}, RaterRule())
    assert np.isnan(found.marks).all() and found.n_raters.tolist() == [[0], [0]]


@pytest.mark.parametrize(
    "wrong", [{"how": "mode"}, {"gap_limit": 30}, {"gap_limit": float("nan")}, {"rounding": -1}, {"third": "first"}]
)
def test_a_rule_that_nobody_could_follow_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"no such rule|out of range"):
        replace(RaterRule(), **wrong)  # type: ignore[arg-type]


def test_the_rule_is_printed_whole() -> None:
    assert rule_settings(RaterRule()) == {
        "how": "mean", "gap_limit": 0.3, "third": "mean_of_three", "rounding": 0.5, "least": 0, "veto": "any"}  # fmt: skip


def test_steps_of_a_task_and_points_of_a_rubric_are_steps() -> None:
    task = {"most": 3.0, "steps": ({"title": "取样", "points": 1.0}, {"title": "测温", "points": 2.0})}
    assert [(step.title, step.most) for step in rated_steps(task)] == [("取样", 1.0), ("测温", 2.0)]
    assert rated_steps({"most": 3.0}) == ()


HALVES = st.integers(0, 200).map(lambda n: n / 2)


@given(st.lists(st.lists(HALVES, min_size=1, max_size=4), min_size=1, max_size=5), st.sampled_from(["mean_of_three", "nearest_two"]))
def test_marks_lie_between_those_of_the_raters_and_their_order_decides_nothing(
    persons: list[list[float]], third: str
) -> None:
    rule = RaterRule(third=third, rounding=0.0, least=1)  # type: ignore[arg-type]
    rows = [row for n, marks in enumerate(persons) for row in whole(*marks, person=n)]
    found = awarded(rows, rule, n_persons=len(persons))
    turned = awarded(rows[::-1], rule, n_persons=len(persons))
    np.testing.assert_allclose(found.marks, turned.marks)
    for n, marks in enumerate(persons):
        value = found.marks[n, 0]
        unsettled = any(one.person == n and not one.settled for one in found.disputes)
        assert math.isnan(value) == unsettled
        assert unsettled or min(marks) - 1e-9 <= value <= max(marks) + 1e-9
        assert any(one.person == n for one in found.disputes) == (max(marks) - min(marks) > 30 + 1e-9)


@given(st.lists(st.tuples(HALVES.map(lambda x: x * 0.6), HALVES.map(lambda x: x * 0.4)), min_size=1, max_size=3))
def test_marks_by_step_are_those_of_their_sums_where_every_rater_rated_every_step(steps: list[tuple[float, float]]) -> None:
    rule = RaterRule(gap_limit=1.0, rounding=0.0)
    by_step = [(0, str(s + 1), f"r{n}", marks[s]) for n, marks in enumerate(steps) for s in range(2)]
    by_total = [(0, "", f"r{n}", sum(marks)) for n, marks in enumerate(steps)]
    np.testing.assert_allclose(awarded(by_step, rule).marks, awarded(by_total, rule).marks)
