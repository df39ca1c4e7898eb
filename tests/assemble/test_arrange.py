"""Where questions stand within a section: by rank, stimuli together, fixed and pretest places, no long runs of keys."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbank.assemble.arrange import Waiting, arranged


@st.composite
def sections(draw: st.DrawFn, *, fixed: bool = False) -> list[Waiting]:
    """Return 1 to 20 questions, some of one stimulus, some not scored, some with a fixed place."""
    n = draw(st.integers(1, 20))
    rank = st.integers(1, 4).map(float)
    questions = [
        Waiting(draw(rank), tie, draw(st.sampled_from(["", "", "", "S1", "S2"])), draw(st.integers(0, 4)) > 0, draw(st.sampled_from("TF")))
        for tie in draw(st.permutations(range(n)))
    ]
    if not fixed:
        return questions
    places = draw(st.lists(st.integers(1, n), unique=True, max_size=3))
    held = draw(st.permutations(range(n)))[: len(places)]
    for index, place in zip(held, places, strict=True):
        questions[index] = replace(questions[index], place=place)
    return questions


def longest(keys: list[str]) -> int:
    """Return how many equal keys stand in a row at most."""
    return max(len(list(run)) for _, run in groupby(keys))


def runs(questions: list[Waiting], order: tuple[int, ...]) -> list[str]:
    """Return the stimuli in the order in which they begin to stand."""
    return [stimulus for stimulus, _ in groupby(questions[index].stimulus for index in order) if stimulus]


@given(sections(fixed=True), st.sampled_from(["spread", "end", (1, 4), (2, 2, 99)]))
def test_every_question_stands_in_exactly_one_place(questions: list[Waiting], pretest: str) -> None:
    assert sorted(arranged(questions, pretest)) == list(range(len(questions)))  # type: ignore[arg-type]


@given(sections(fixed=True))
def test_a_question_alone_stands_in_its_fixed_place(questions: list[Waiting]) -> None:
    alone = [replace(question, stimulus="") for question in questions]
    order = arranged(alone)
    assert all(order[question.place - 1] == index for index, question in enumerate(alone) if question.place)


@given(sections())
def test_questions_of_one_stimulus_stand_together(questions: list[Waiting]) -> None:
    found = runs(questions, arranged(questions))
    assert len(found) == len(set(found))


@given(sections())
def test_scored_questions_without_stimuli_stand_by_rank_whatever_runs_their_keys_make(questions: list[Waiting]) -> None:
    alone = [replace(question, stimulus="") for question in questions]
    ranks = [alone[index].rank for index in arranged(alone) if alone[index].scored]
    assert ranks == sorted(ranks)


@given(sections(fixed=True), st.randoms())
def test_the_order_in_which_questions_arrive_plays_no_part(questions: list[Waiting], random: object) -> None:
    shuffled = list(range(len(questions)))
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    again = arranged([questions[index] for index in shuffled])
    assert tuple(shuffled[index] for index in again) == arranged(questions)


@given(st.lists(st.sampled_from("TF"), min_size=4, max_size=40))
def test_keys_of_equal_rank_stand_in_no_long_run_where_there_are_enough_of_both(keys: list[str]) -> None:
    order = arranged([Waiting(0, tie, key=key) for tie, key in enumerate(keys)])
    enough = max(keys.count("T"), keys.count("F")) <= 2 * min(keys.count("T"), keys.count("F"))
    assert not enough or longest([keys[index] for index in order]) <= 3


def test_a_stimulus_with_a_fixed_question_stands_around_it_in_one_run() -> None:
    questions = [Waiting(float(n), n) for n in range(8)]
    for index in (1, 2, 5):
        questions[index] = replace(questions[index], stimulus="S")
    questions[5] = replace(questions[5], place=6)
    order = arranged(questions)
    assert order[5] == 5
    assert sorted(order[3:6]) == [1, 2, 5]


def test_a_stimulus_that_cannot_stand_together_beside_fixed_places_is_parted_and_the_places_stay() -> None:
    questions = [Waiting(0, 0, place=2), Waiting(0, 1, place=4), *(Waiting(1, n, "S") for n in range(2, 5))]
    order = arranged(questions)
    assert (order[1], order[3]) == (0, 1)


def test_two_questions_that_want_one_place_leave_it_to_the_first() -> None:
    assert arranged([Waiting(2, "a", place=1), Waiting(1, "b", place=1), Waiting(0, "c", place=9)]) == (1, 2, 0)


@pytest.mark.parametrize(
    ("pretest", "places"), [("spread", [3, 8]), ("end", [9, 10]), ((2, 5), [2, 5]), ((7,), [6, 7])]
)
def test_unscored_questions_stand_where_it_is_said(pretest: object, places: list[int]) -> None:
    questions = [Waiting(float(n), n, scored=n not in (0, 1)) for n in range(10)]
    order = arranged(questions, pretest)  # type: ignore[arg-type]
    assert [place for place, index in enumerate(order, start=1) if not questions[index].scored] == places
    assert all(a < b for a, b in pairwise(index for index in order if questions[index].scored))
