"""Papers compared one by one, levelled: letters shown too often give way to letters of their slot shown too seldom.

In one paper one item takes the place of another where the paper still meets every rule and shares no more items with
any other paper than it may. The number of papers stays; each exchange brings exposure nearer to its goal.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.family.sieve import Sieve, Words, totals

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

ROWS = 64
"""Papers compared with all others at once: what they share stays in the processor's cache."""
SWEEPS = 12
"""Times that all slots are gone through."""
WORTH = 0.001
"""Where a time gives fewer exchanges than this share of the papers it is the last."""


def agreement(words: Words, others: Words, weights: Indices) -> NDArray[np.unsignedinteger]:
    """Return how many items words share with others; (n_words, n_others).

    words, others : (…, n_slots) ; weights : (n_slots,) items that a place of agreement counts

    >>> agreement(np.array([[0, 1, 2]]), np.array([[0, 1, 1], [3, 3, 2]]), np.array([1, 1, 4])).tolist()
    [[2, 4]]
    """
    found = np.zeros((len(words), len(others)), dtype=np.uint8 if weights.sum() < 256 else np.uint16)
    columns = np.ascontiguousarray(others.T)
    for start in range(0, len(words), ROWS):
        part, block = words[start : start + ROWS], found[start : start + ROWS]
        for slot, weight in enumerate(weights.astype(found.dtype)):
            same = part[:, slot, None] == columns[slot]
            block += same if weight == 1 else same * weight
    return found


class Levelling:
    """Papers under exchange: their words, what they add up to, and in how many places each two agree."""

    def __init__(self, sieve: Sieve, words: Words, overlap: int) -> None:
        """words : (n_words, n_slots) papers, no two of which share more than `overlap` items."""
        self.sieve, self.overlap = sieve, overlap
        self.words = words.astype(np.uint8)
        self.sums = totals(sieve, words)
        self.agree = agreement(self.words, self.words, sieve.weights)

    def able(self, slot: int, old: int, new: int) -> Indices:
        """Return the papers in which `new` can take the place of `old`, each of them or all at once."""
        sieve, words = self.sieve, self.words
        here = np.flatnonzero(words[:, slot] == old)
        sums = self.sums[here] + (sieve.values[slot][new] - sieve.values[slot][old])
        here = here[((sums >= sieve.low) & (sums <= sieve.high)).all(axis=1)]
        for first, one, second, other in sieve.pairs.tolist():
            if (first, one) == (slot, new):
                here = here[words[here, second] != other]
            elif (second, other) == (slot, new):
                here = here[words[here, first] != one]
        there = np.flatnonzero(words[:, slot] == new)
        return np.asarray(here[(self.agree[np.ix_(here, there)] <= self.overlap - int(sieve.weights[slot])).all(axis=1)])

    def exchange(self, papers: Indices, slot: int, old: int, new: int) -> None:
        """Put `new` in the place of `old` on some papers; two of them agree there before and after."""
        there = np.flatnonzero(self.words[:, slot] == new)
        left = np.setdiff1d(np.flatnonzero(self.words[:, slot] == old), papers)
        weight = int(self.sieve.weights[slot])
        for others, step in ((there, weight), (left, -weight)):
            self.agree[np.ix_(papers, others)] += np.array(step).astype(self.agree.dtype)
            self.agree[np.ix_(others, papers)] += np.array(step).astype(self.agree.dtype)
        self.sums[papers] += self.sieve.values[slot][new] - self.sieve.values[slot][old]
        self.words[papers, slot] = new


def levelled(sieve: Sieve, words: Words, overlap: int, shares: Array, rng: np.random.Generator) -> Words:
    """Return as many papers, with letters exchanged until each stands on about the share of papers it shall.

    words : (n_words, n_slots) papers that meet every rule, no two sharing more than `overlap` items ; shares :
    (n_slots, order) the goal. What comes back meets every rule and agrees as little. Takes the square of the papers in
    memory: 25 MB for 5,000.
    """
    work = Levelling(sieve, words, overlap)
    goal = shares * len(words)
    for _ in range(SWEEPS):
        # the freedom that the rules leave goes to the slots that need it most
        shown = np.array([np.bincount(column, minlength=goal.shape[1]) for column in work.words.T])
        order = np.argsort(-np.abs(shown - goal).max(axis=1), kind="stable")
        if sum(_level_slot(work, int(slot), goal[slot], rng) for slot in order) <= WORTH * len(words):
            break
    return work.words


def _level_slot(work: Levelling, slot: int, goal: Array, rng: np.random.Generator) -> int:
    """Exchange letters of one slot, from the one most above its goal to the one most below; return how many times."""
    over = np.bincount(work.words[:, slot], minlength=goal.size) - goal
    letters = np.flatnonzero(work.sieve.filled[slot])
    moved = 0
    for old in letters[np.argsort(-over[letters], kind="stable")]:
        for new in letters[np.argsort(over[letters], kind="stable")]:
            n = int(min(over[old], -over[new]) + 0.5)
            if n < 1:
                continue
            papers = rng.permutation(work.able(slot, int(old), int(new)))[:n]
            if papers.size:
                work.exchange(papers, slot, int(old), int(new))
                over[old] -= papers.size
                over[new] += papers.size
                moved += papers.size
    return moved
