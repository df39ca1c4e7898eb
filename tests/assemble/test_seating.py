"""Papers for registered persons: only allowed ones, as balanced as can be, neighbours different."""

from __future__ import annotations

import itertools
import time

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.assemble.seating import balanced_counts, neighbours_alike, spread_papers


def spread(allowed: np.ndarray, room: np.ndarray, seed: int = 1) -> np.ndarray:
    return spread_papers(allowed, room, rng=np.random.default_rng(seed))


def best_squares(allowed: np.ndarray) -> int:
    """Return the least sum of squares of the papers' counts, by trying every assignment."""
    choices = [np.flatnonzero(row).tolist() for row in allowed if row.any()]
    counts = (np.bincount(given, minlength=allowed.shape[1]) for given in itertools.product(*choices))
    return min(int((count.astype(int) ** 2).sum()) for count in counts)


MASKS = st.integers(1, 3).flatmap(
    lambda n_papers: st.lists(st.lists(st.booleans(), min_size=n_papers, max_size=n_papers), min_size=1, max_size=7)
)


@settings(max_examples=120, deadline=None)
@given(MASKS, st.integers(0, 5), st.integers(1, 3))
def test_the_counts_are_the_most_alike_of_all_assignments(rows: list[list[bool]], seed: int, n_rooms: int) -> None:
    allowed = np.array(rows, dtype=bool)
    room = np.arange(len(rows)) % n_rooms
    room.sort()
    found = spread(allowed, room, seed)
    assert ((found >= 0) == allowed.any(axis=1)).all()
    someone = np.flatnonzero(found >= 0)
    assert allowed[someone, found[someone]].all()
    if someone.size:
        counts = np.bincount(found[someone], minlength=allowed.shape[1])
        assert int((counts**2).sum()) == best_squares(allowed)
    assert np.array_equal(found, spread(allowed, room, seed))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 12), min_size=1, max_size=6), st.integers(2, 5), st.integers(0, 99))
def test_free_choice_balances_every_room_and_parts_all_neighbours(sizes: list[int], n_papers: int, seed: int) -> None:
    room = np.repeat(np.arange(len(sizes)), sizes)
    found = spread(np.ones((room.size, n_papers), dtype=bool), room, seed)
    assert neighbours_alike(found, room) == 0
    assert np.ptp(np.bincount(found, minlength=n_papers)) <= 1
    for number in range(len(sizes)):
        assert np.ptp(np.bincount(found[room == number], minlength=n_papers)) <= 1


def test_a_chain_of_exchanges_is_found_where_no_single_one_helps() -> None:
    kinds = np.array([[True, True, False], [False, True, True], [True, False, False]])
    counts = balanced_counts(np.array([2, 2, 2]), kinds)
    assert counts.sum(axis=0).tolist() == [2, 2, 2]
    assert counts.sum(axis=1).tolist() == [2, 2, 2] and not counts[~kinds].any()


def test_another_seed_gives_another_seating() -> None:
    allowed, room = np.ones((60, 4), dtype=bool), np.repeat([0, 1], 30)
    assert not np.array_equal(spread(allowed, room, 1), spread(allowed, room, 2))


def test_repeaters_among_others_leave_few_neighbours_alike() -> None:
    rng = np.random.default_rng(5)
    allowed = np.ones((1200, 4), dtype=bool)
    again = rng.random(1200) < 0.2
    allowed[again, rng.integers(0, 4, again.sum())] = False
    room = np.arange(1200) // 30
    found = spread(allowed, room)
    assert neighbours_alike(found, room) == 0
    assert np.ptp(np.bincount(found)) <= 1


def test_ten_thousand_persons_take_a_moment() -> None:
    rng = np.random.default_rng(3)
    allowed = rng.random((10_000, 4)) < 0.6
    start = time.process_time()
    spread(allowed, np.arange(10_000) // 30)
    assert time.process_time() - start < 2
