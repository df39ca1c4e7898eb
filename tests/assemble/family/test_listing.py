"""Words mended, compared and levelled: against rules and sums counted letter by letter."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from qbank.assemble.family.levelling import ROWS, Levelling, agreement
from qbank.assemble.family.listing import CHUNK, far_enough, list_papers, mended, random_words
from qbank.assemble.family.sieve import Sieve, broken, passes, totals


def sieve_of(rng: np.random.Generator, weights: list[int], order: int = 3, n_pairs: int = 4) -> Sieve:
    """Return random slots with a row of two bounds, one of an upper and one of a lower bound, and pairs that never meet."""
    length = len(weights)
    filled = np.ones((length, order), dtype=np.bool_)
    filled[1, order - 1] = False
    values = np.stack(
        [
            rng.integers(0, 4, (length, order)),
            rng.random((length, order)),
            rng.integers(0, 2, (length, order)),
        ],
        axis=2,
    ).astype(float)
    values[2, :, 0] = 1.0  # a slot whose letters are alike
    values[~filled] = 0.0
    usual = np.array([values[slot][filled[slot]].mean(axis=0) for slot in range(length)]).sum(axis=0)
    low, high = (
        np.array([np.ceil(usual[0] - 1), -np.inf, np.floor(usual[2])]),
        np.array([np.floor(usual[0] + 1), usual[1] - 0.2, np.inf]),
    )
    pairs = np.array([
        (one, rng.integers(0, order), other, rng.integers(0, order))
        for one, other in (rng.choice(length, 2, replace=False) for _ in range(n_pairs))
    ], dtype=np.int64).reshape(-1, 4)  # fmt: skip
    return Sieve(
        filled,
        values,
        low,
        high,
        ("a", "b", "c"),
        pairs,
        ("enemies",) * n_pairs,
        (),
        np.ones(filled.shape),
        np.array(weights),
    )


def without_rules(weights: list[int]) -> Sieve:
    n, none = len(weights), np.zeros(0)
    every = np.ones((n, 3), dtype=np.bool_)
    return Sieve(
        every,
        np.zeros((n, 3, 0)),
        none,
        none,
        (),
        np.zeros((0, 4), np.int64),
        (),
        (),
        np.ones((n, 3)),
        np.array(weights),
    )


def shared(one: np.ndarray, other: np.ndarray, weights: np.ndarray) -> int:
    return int(sum(int(weight) for a, b, weight in zip(one, other, weights, strict=True) if a == b))


def off(sieve: Sieve, word: np.ndarray) -> float:
    """Return how far a word is from every rule, as mending counts it: in widths of rows, one a pair."""
    sums = sum(sieve.values[slot, symbol] for slot, symbol in enumerate(word))
    wide = [
        sieve.high[0] - sieve.low[0],
        np.abs(sieve.values[:, :, 1]).max(),
        np.abs(sieve.values[:, :, 2]).max(),
    ]
    rows = sum(
        max(low - found, 0.0, found - high) / unit
        for found, low, high, unit in zip(sums, sieve.low, sieve.high, wide, strict=True)
    )
    return float(rows) + sum(
        word[first] == one and word[second] == other for first, one, second, other in sieve.pairs
    )


def test_mending_leaves_papers_alone_and_never_takes_a_word_further_from_the_rules() -> None:
    n_mended = n_drawn = 0
    for seed in range(8):
        rng = np.random.default_rng(seed)
        sieve = sieve_of(rng, [1] * 7)
        shares = sieve.filled / sieve.filled.sum(axis=1, keepdims=True)
        words = random_words(shares, 60, rng)
        good = passes(sieve, words)
        found = mended(sieve, words, rng)
        assert (found[good] == words[good]).all()
        assert sieve.filled[np.arange(7), found].all()
        for before, after in zip(words, found, strict=True):
            assert off(sieve, after) <= off(sieve, before) + 1e-9
        # letters change where that helps and only there, so no single letter is left that would make a paper
        for word in found[~passes(sieve, found)][:3]:
            for slot in range(7):
                every = np.array(
                    [
                        [*word[:slot], symbol, *word[slot + 1 :]]
                        for symbol in np.flatnonzero(sieve.filled[slot])
                    ]
                )
                assert not passes(sieve, every).any()
        n_mended, n_drawn = n_mended + int(passes(sieve, found).sum()), n_drawn + int(good.sum())
    assert n_drawn < 120
    assert n_mended > 400


def test_words_are_mended_away_from_those_that_are_kept() -> None:
    """Without rules a word is mended where it shares too much with one kept, and what it shares in excess never grows."""
    for seed in range(4):
        rng = np.random.default_rng(seed)
        sieve = without_rules([1] * 7)
        every = np.full((7, 3), 1 / 3)
        kept = far_enough(random_words(every, 200, rng), np.zeros((0, 7), np.uint8), 4, sieve.weights)
        words = random_words(every, 80, rng)
        found = mended(sieve, words, rng, kept, 4)
        before, after = (
            np.maximum((some[:, None] == kept).sum(axis=2) - 4, 0).sum(axis=1) for some in (words, found)
        )
        assert (found[before == 0] == words[before == 0]).all()
        assert (after <= before).all()
        assert after.sum() < 0.5 * before.sum()


def test_a_word_is_left_alone_once_it_shares_no_more_items_than_it_may() -> None:
    """Slot 0 stands for three questions: after it has changed nothing else need, before it a letter alike changes too."""
    sieve = without_rules([3, 1, 1])
    for seed in range(6):
        found = mended(
            sieve,
            np.array([[0, 1, 0]], np.uint8),
            np.random.default_rng(seed),
            np.array([[0, 0, 0]], np.uint8),
            2,
        )[0]
        turn = np.random.default_rng(seed).permutation(3).tolist()
        assert found[0] != 0 and found[1] == 1
        assert (found[2] == 0) == (turn.index(0) < turn.index(2))


@pytest.mark.parametrize("weights", [[1, 1, 1, 1, 1], [1, 4, 1, 2, 7], [60, 70, 1, 80, 90]])
def test_agreement_is_that_of_a_loop_over_places(weights: list[int]) -> None:
    rng = np.random.default_rng(1)
    words, others = (rng.integers(0, 3, (n, 5)).astype(np.uint8) for n in (2 * ROWS + 5, 7))
    expected = [[shared(one, other, np.array(weights)) for other in others] for one in words]
    assert agreement(words, others, np.array(weights)).tolist() == expected


def test_words_far_enough_are_those_that_a_loop_keeps() -> None:
    rng = np.random.default_rng(2)
    weights = np.array([1, 3, 1, 1, 2, 1])
    words = rng.integers(0, 12, (3 * CHUNK + 50, 6)).astype(np.uint8)
    first, second = words[: 2 * CHUNK], words[2 * CHUNK :]
    kept: list[np.ndarray] = []
    for word in first:
        if all(shared(word, other, weights) <= 5 for other in kept):
            kept.append(word)
    assert len(kept) > CHUNK  # several chunks on both sides
    found = far_enough(first, words[:0], 5, weights)
    assert found.tolist() == np.array(kept).tolist()
    further: list[np.ndarray] = []
    for word in second:
        if all(shared(word, other, weights) <= 5 for other in [*kept, *further]):
            further.append(word)
    assert further
    assert far_enough(second, found, 5, weights).tolist() == np.array(further).tolist()


def test_letters_can_be_exchanged_on_papers_where_the_rules_and_the_overlap_say_so() -> None:
    """Each paper alone, with its letter exchanged, against all others; and what an exchange carries on is true after it."""
    n_able = n_refused = n_done = 0
    for seed in range(6):
        rng = np.random.default_rng(seed)
        sieve = sieve_of(rng, [1, 1, 2, 1, 1, 3, 1, 1])
        shares = sieve.filled / sieve.filled.sum(axis=1, keepdims=True)
        words = mended(sieve, random_words(shares, 300, rng), rng)
        words = far_enough(words[passes(sieve, words)], words[:0], 6, sieve.weights)
        work = Levelling(sieve, words, 6)
        for slot, old, new in product(range(8), range(3), range(3)):
            if old == new or not sieve.filled[slot, new]:
                continue
            papers = work.able(slot, old, new).tolist()
            for paper in np.flatnonzero(work.words[:, slot] == old).tolist():
                other = work.words[paper].copy()
                other[slot] = new
                near = max(
                    shared(other, each, sieve.weights)
                    for place, each in enumerate(work.words)
                    if place != paper
                )
                able = not broken(sieve, other) and near <= 6
                assert (paper in papers) == able
                n_able, n_refused = n_able + able, n_refused + (not able)
            some = np.array(papers[::2], dtype=np.int64)
            if some.size:
                work.exchange(some, slot, old, new)
                n_done += 1
        assert work.agree.tolist() == agreement(work.words, work.words, sieve.weights).tolist()
        assert work.sums == pytest.approx(totals(sieve, work.words))
        assert passes(sieve, work.words).all()
    assert min(n_able, n_refused, n_done) > 20


@pytest.mark.parametrize("most", [9, 40])
def test_a_list_ends_where_it_is_asked_to_and_holds_papers_alone(most: int) -> None:
    rng = np.random.default_rng(3)
    sieve = sieve_of(rng, [1] * 9)
    listing = list_papers(sieve, 3, 5, seed=1, most=most, drawn=2000)
    assert listing.size <= most
    assert passes(sieve, listing.rows).all()
    assert (
        max(
            shared(one, other, sieve.weights)
            for place, one in enumerate(listing.rows)
            for other in listing.rows[:place]
        )
        <= 5
    )
