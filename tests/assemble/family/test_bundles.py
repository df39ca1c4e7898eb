"""Slots that fill several places: what two papers share by brute force, and which groups stand for a rule on sets."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.assemble.family.bundles import places_within, plan_bundles, shared_at_most
from qbank.assemble.family.codes import best_code
from qbank.assemble.family.counting import word_at
from qbank.assemble.family.demands import Demands, demands_of, no_measures, plain_demands
from qbank.assemble.family.design import design_family
from qbank.assemble.family.even_shares import even_shares
from qbank.assemble.family.levelling import levelled
from qbank.assemble.family.listing import far_enough, list_papers, random_words
from qbank.assemble.family.sieve import make_sieve, passes
from qbank.assemble.program import Draft, Program, Source
from qbank.problem import Span

WEIGHTS = st.lists(st.integers(1, 6), min_size=2, max_size=8)


@given(WEIGHTS, st.integers(0, 8))
def test_the_bound_is_the_most_that_any_places_of_agreement_hold(weights: list[int], places: int) -> None:
    every = [sum(chosen) for n in range(min(places, len(weights)) + 1) for chosen in combinations(weights, n)]
    assert shared_at_most(weights, places) == max(every)


@given(WEIGHTS, st.integers(0, 40))
def test_words_may_agree_in_as_many_places_as_the_bound_allows_and_in_no_more(weights: list[int], overlap: int) -> None:
    places = places_within(weights, overlap)
    assert shared_at_most(weights, places) <= overlap
    assert places == len(weights) - 1 or shared_at_most(weights, places + 1) > overlap


def with_groups(n_alone: int, places: int, n_groups: int, size: int, slots: int) -> Demands:
    """Return the demands of papers of some single items and some groups, without any rule."""
    n = n_alone + n_groups
    plain = plain_demands([places, slots], np.repeat([0, 1], [n_alone, n_groups]), no_measures(n))
    groups = np.full((n, size), -1, dtype=np.int64)
    groups[:n_alone, 0] = np.arange(n_alone)
    groups[n_alone:] = n_alone + np.arange(n_groups * size).reshape(n_groups, size)
    return replace(plain, item=groups[:, 0], weights=(1, size), home=(0, 0), groups=groups)


def items_on(demands: Demands, slots: np.ndarray, words: np.ndarray) -> list[set[int]]:
    columns = slots[np.arange(len(slots)), words]
    return [{int(item) for column in row for item in demands.items_of(column)} for row in columns]


@pytest.mark.parametrize(("slots", "size", "overlap", "most"), [(1, 3, 4, 4), (2, 2, 3, 3), (2, 4, 5, 5)])
def test_no_two_papers_share_more_items_than_allowed_where_slots_fill_several_places(
    slots: int, size: int, overlap: int, most: int
) -> None:
    demands = with_groups(42, 6, 7 * slots, size, slots)
    found = design_family(demands, overlap, seed=2)
    assert found is not None and found.overlap == most
    words = word_at(found.code, found.translation, np.arange(found.code.size))
    papers = items_on(demands, found.slots, words[passes(found.sieve, words)])
    assert len(papers) == found.count.papers > 40
    assert {len(paper) for paper in papers} == {6 + slots * size}
    assert max(len(one & other) for one, other in combinations(papers[:700], 2)) == most


def test_a_code_is_chosen_by_the_items_that_its_places_of_agreement_hold() -> None:
    demands = with_groups(42, 6, 14, 2, 2)
    places = places_within(demands.slot_weights, 5)
    code = best_code(7, 8, places)
    assert code is not None and places == 3
    slots = np.vstack([np.arange(42).reshape(6, 7), 42 + np.arange(14).reshape(2, 7)])
    words = word_at(code, np.zeros(8, np.uint8), np.random.default_rng(1).choice(code.size, 400, replace=False))
    papers = items_on(demands, slots, words)
    assert max(len(one & other) for one, other in combinations(papers, 2)) == shared_at_most(demands.slot_weights, places) == 5


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=10)
def test_lists_compare_papers_by_the_items_that_they_share(seed: int) -> None:
    rng = np.random.default_rng(seed)
    demands = with_groups(15, 5, 6, 3, 2)
    slots = np.vstack([rng.permutation(15).reshape(5, 3), 15 + rng.permutation(6).reshape(2, 3)])
    sieve = make_sieve(demands, slots)
    assert sieve.weights.tolist() == [1] * 5 + [3] * 2
    listing = list_papers(sieve, 3, 5, seed=seed % 99, drawn=400)
    some = far_enough(random_words(np.full((7, 3), 1 / 3), 200, rng), np.zeros((0, 7), np.uint8), 5, sieve.weights)
    again = levelled(sieve, some, 5, even_shares(sieve)[0], rng)
    for words in (listing.rows, some, again):
        papers = items_on(demands, slots, words)
        assert len(papers) > 3
        assert max(len(one & other) for one, other in combinations(papers, 2)) <= 5


def program_of(sections: list[int], stimuli: list[int], **rule: int) -> Program:
    """Return a program with a rule on sets; sections, stimuli : of each candidate, stimulus 0 for none."""
    draft = Draft(np.arange(len(sections)), np.array(sections), len(sections), 1)
    indicators = []
    for name in sorted(set(stimuli) - {0}):
        columns = np.flatnonzero(np.array(stimuli) == name)
        source = Source(f"sets: {{…}} (S-{name})", Span("x.yaml", 9, 1), 0)
        indicators.append(draft.add_set(columns, rule["low"], min(rule["high"], columns.size), source))
    if "number" in rule:
        source = Source("sets: {…}", Span("x.yaml", 9, 1), 0)
        draft.add(np.array(indicators), np.ones(len(indicators)), rule["number"], rule["number"], source)
    return draft.freeze()


NEVER = np.zeros((30, 30), dtype=np.bool_)


def test_fewest_questions_stand_in_groups_and_a_large_stimulus_gives_several() -> None:
    program = program_of([0] * 30, [1] * 5 + [2] * 4 + [3] * 3 + [0] * 18, low=2, high=4, number=2)
    ((found,), refused) = plan_bundles(program, [8], NEVER)
    assert not refused and found.label == "sets: {…}"
    assert (found.places, found.size, len(found.groups), found.owner) == (2, 2, 5, (0, 0, 1, 1, 2))
    assert np.unique(np.concatenate(found.groups)).size == 10
    demands, _ = demands_of(program, [8], no_measures(program.item.size))
    assert demands is not None
    assert (demands.sizes, demands.weights, demands.home) == ((4, 2), (1, 2), (0, 0))
    assert demands.conflicts.tolist() == [[18, 19], [20, 21]]
    assert demands.kept == ("sets: {…}",)
    assert [demands.items_of(column).size for column in (0, 17, 18, 22)] == [1, 1, 2, 2]


def test_a_section_of_stimuli_alone_is_filled_by_groups() -> None:
    program = program_of([0] * 24, [k // 6 + 1 for k in range(24)], low=2, high=5)
    ((found,), _) = plan_bundles(program, [8], NEVER)
    assert found.places * found.size == 8 and found.size == 2


def test_members_of_a_group_never_exclude_each_other() -> None:
    program = program_of([0] * 30, [1] * 4 + [2] * 4 + [0] * 22, low=2, high=2, number=1)
    apart = NEVER.copy()
    apart[0, 1] = apart[1, 0] = True
    ((found,), _) = plan_bundles(program, [8], apart)
    assert [group.tolist() for group in found.groups] == [[0, 2], [1, 3], [4, 5], [6, 7]]


def test_no_paper_has_more_groups_than_there_are_stimuli() -> None:
    """Two stimuli of four questions give four pairs, of which two at most can stand together."""
    two, three = (program_of([0] * 30, [1] * 4 + [2] * 4 + [0] * 22, low=2, high=2, number=n) for n in (2, 3))
    ((found,), _) = plan_bundles(two, [8], NEVER)
    assert (found.places, found.size, found.owner) == (2, 2, (0, 0, 1, 1))
    assert plan_bundles(three, [8], NEVER) == ((), ("sets: {…}",))


def test_rules_that_no_fixed_groups_keep_are_named() -> None:
    program = program_of([0] * 12, [1] * 3 + [2] * 3 + [0] * 6, low=2, high=3, number=3)
    assert plan_bundles(program, [8], NEVER) == ((), ("sets: {…}",))
    program = program_of([0] * 12, [k // 4 + 1 for k in range(12)], low=3, high=3)
    assert demands_of(program, [8], no_measures(program.item.size)) == (None, ("sets: {…}",))
