"""Pilots: the fewest answers of an item by hand and by persons who take papers at random, and how many persons it takes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbank.assemble.family import design as design_module
from qbank.assemble.family import pilot
from qbank.assemble.family.codes.reed_solomon import reed_solomon
from qbank.assemble.family.counting import Count
from qbank.assemble.family.design import Design
from qbank.assemble.family.listing import Listing
from qbank.assemble.family.pilot import (
    ENOUGH_ANSWERS,
    answers_of,
    largest_slot,
    persons_for,
    pilot_design,
)
from qbank.assemble.family.sieve import Sieve


def listed(rows: np.ndarray, order: int, weights: list[int], filled: np.ndarray | None = None) -> Design:
    """Return a list of papers without any rule."""
    n, length = rows.shape
    there, none = np.ones((length, order), dtype=np.bool_) if filled is None else filled, np.zeros(0)
    sieve = Sieve(
        there, np.zeros((length, order, 0)), none, none, (), np.zeros((0, 4), np.int64), (), (), np.ones(there.shape), np.array(weights),
    )  # fmt: skip
    slots = np.where(there, np.arange(length * order).reshape(length, order), -1)
    code = Listing(order, length, length - 1, rows.astype(np.uint8))
    return Design(code, np.zeros(length, np.uint8), slots, np.zeros(length, np.int64), sieve, Count(n, n, n, n, n, n), np.array(weights))


def even_rows(n: int, length: int, order: int) -> np.ndarray:
    """Return n words with every letter at every place equally often where order divides n."""
    rng = np.random.default_rng(1)
    return np.stack([rng.permutation(np.arange(n) % order) for _ in range(length)], axis=1)


@given(st.integers(1, 40), st.integers(1, 20_000))
def test_so_many_persons_give_each_item_of_a_slot_enough_answers_and_one_fewer_do_not(largest: int, persons: int) -> None:
    """Taken to get .8 of the mean n / q, less two standard deviations of a Poisson number: x − 2 √x ≥ 200."""

    def enough(n: int, q: int) -> bool:
        x = 0.8 * n / q
        return x - 2 * math.sqrt(x) >= ENOUGH_ANSWERS - 1e-9

    assert enough(persons_for(largest), largest) and not enough(persons_for(largest) - 1, largest)
    found = largest_slot(persons)
    assert found == 0 or enough(persons, found)
    assert not enough(persons, found + 1)


def test_the_fewest_answers_are_those_of_the_item_least_shown_less_two_standard_deviations() -> None:
    """40 papers of two slots, of two letters and of four: letter 3 of slot 1 on 5 of them. 30 persons take 30 papers."""
    rows = np.stack([np.arange(40) % 2, np.repeat([0, 1, 2, 3], [13, 12, 10, 5])], axis=1)
    filled = np.array([[True, True, False, False], [True] * 4])
    design = listed(rows, 4, [1, 3], filled)
    found = answers_of(design, 30, 1)
    p = 5 / 40
    assert found.least == int(30 * p - 2 * np.sqrt(30 * p * (1 - p) * (1 - 30 / 40))) == 1
    assert found.items == 2 + 3 * 4 and found.mean == pytest.approx(30 * 4 / 14)
    assert found.short.tolist() == filled.tolist()
    assert answers_of(design, 40, 1).least == 5, "all papers are taken: nothing is left to chance"
    assert answers_of(design, 60, 1).least == 7


def test_items_that_get_fewer_answers_than_enough_are_short_and_persons_for_the_least_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pilot, "ENOUGH_ANSWERS", 6)
    rows = np.stack([np.arange(80) % 2, np.repeat([0, 1, 2, 3], [26, 24, 20, 10])], axis=1)
    filled = np.array([[True, True, False, False], [True] * 4])
    for persons in (30, 40, 60):
        found, rest = answers_of(listed(rows, 4, [1, 1], filled), persons, 1), 1 - persons / 80
        p = np.array([[0.5, 0.5, 0, 0], [26 / 80, 24 / 80, 20 / 80, 10 / 80]])
        least = persons * p - 2 * np.sqrt(persons * p * (1 - p) * rest)
        assert found.short.tolist() == (filled & (least < 6)).tolist()
        assert found.least == max(0, int(least[filled].min()))
        low = p[filled].min()
        assert [n * low - 2 * np.sqrt(n * low * (1 - low) * rest) >= 6 - 1e-9 for n in (found.needed - 1, found.needed)] == [False, True]


def test_an_item_that_gets_just_enough_answers_is_not_short(monkeypatch: pytest.MonkeyPatch) -> None:
    design = listed(np.repeat([[0], [1]], [10, 30], axis=0), 2, [1])
    for enough, short in ((10, False), (11, True)):
        monkeypatch.setattr(pilot, "ENOUGH_ANSWERS", enough)
        assert answers_of(design, 40, 1).short.tolist() == [[short, False]], "every paper is taken"


def test_persons_who_take_papers_at_random_give_the_least_used_item_as_many_answers() -> None:
    """Two standard deviations below the mean are fallen short of in one case of 44 or so."""
    rows = np.repeat([[0], [1], [2]], [100, 200, 300], axis=0)
    rng = np.random.default_rng(1)
    answers = np.array([(rows[rng.permutation(600)[:300], 0] == 0).sum() for _ in range(2000)])
    found = answers_of(listed(rows, 3, [1]), 300, 1)
    assert answers.mean() - 2 * answers.std() == pytest.approx(found.least, abs=1)
    assert 0.005 < (answers < found.least).mean() < 0.05


def test_an_item_that_no_paper_shows_gets_no_answers() -> None:
    found = answers_of(listed(np.array([[0], [1]] * 20), 3, [1]), 30, 1)
    assert (found.least, found.needed) == (0, 0)
    assert found.short[0, 2]


def test_a_list_for_a_pilot_goes_without_items_that_too_few_would_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pilot, "ENOUGH_ANSWERS", 20)
    monkeypatch.setattr(design_module, "levelled", lambda sieve, rows, *_: rows)  # as if rules allowed no exchange
    rows = even_rows(300, 4, 4)
    rows[(rows[:, 2] == 3) & (np.arange(300) % 8 > 0), 2] = 0
    design, none = listed(rows, 4, [1] * 4), np.zeros((4, 4), dtype=np.bool_)
    assert answers_of(design, 150, 1).least < 20
    found, answers = pilot_design(design, none, 150, 150, 1)
    assert np.argwhere(~found.sieve.filled).tolist() == [[2, 3]]
    assert found.count.papers == 165, "a tenth more papers than are asked for"
    assert answers.least >= 20 and answers == answers_like(answers_of(found, 150, 1), answers)
    must = none.copy()
    must[2, 3] = True
    kept, answers = pilot_design(design, must, 150, 150, 1)
    assert kept is design and answers.least < 20, "it must stay"
    left = int((rows[:, 2] != 3).sum())
    assert pilot_design(design, none, 150, left, 1)[0].count.papers == left, "just as many as asked for remain"
    kept, _ = pilot_design(design, none, 150, left + 1, 1)
    assert kept is design, "too few papers would remain"


def test_items_left_out_stay_out_where_others_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Letter 3 of slot 0 is seldom; without its papers letter 3 of slot 1, which is on all of them, is too."""
    monkeypatch.setattr(pilot, "ENOUGH_ANSWERS", 20)
    monkeypatch.setattr(design_module, "levelled", lambda sieve, rows, *_: rows)
    rows = np.random.default_rng(2).integers(0, 3, (300, 3))
    rows[::25, 0] = rows[::25, 1] = 3
    rows[1:211:5, 1] = 3
    design = listed(rows, 4, [1] * 3, np.array([[True] * 4, [True] * 4, [True, True, True, False]]))
    found, answers = pilot_design(design, np.zeros((3, 4), dtype=np.bool_), 150, 230, 1)
    assert np.argwhere(design.sieve.filled & ~found.sieve.filled).tolist() == [[0, 3], [1, 3]]
    assert answers.least >= 20 and found.count.papers == 246


def test_just_enough_answers_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(design_module, "levelled", lambda sieve, rows, *_: rows)
    design, none = listed(even_rows(300, 3, 3), 3, [1] * 3), np.zeros((3, 3), dtype=np.bool_)
    least = pilot_design(design, none, 150, 150, 1)[1].least
    for enough, same in ((least, False), (least + 1, True)):
        monkeypatch.setattr(pilot, "ENOUGH_ANSWERS", enough)
        must = np.ones((3, 3), dtype=np.bool_)
        assert (pilot_design(design, must, 150, 150, 1)[0] is design) == same


def answers_like(found: pilot.Answers, other: pilot.Answers) -> pilot.Answers:
    """Return the other record where both say the same."""
    same = (found.least, found.mean, found.items, found.needed) == (other.least, other.mean, other.items, other.needed)
    return other if same and (found.short == other.short).all() else found


def test_a_code_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pilot, "ENOUGH_ANSWERS", 5)
    like = listed(even_rows(16, 3, 4), 4, [1] * 3)
    design = Design(reed_solomon(4, 3, 2), like.translation, like.slots, like.section, like.sieve, Count(*[16] * 6), like.weights)
    found, answers = pilot_design(design, np.zeros((3, 4), dtype=np.bool_), 8, 8, 1)
    assert found is design and answers.least == int(8 / 4 - 2 * np.sqrt(8 / 4 * 3 / 4 / 2))
