"""Papers found one by one and compared with all others: where a family is so small that no code gives as many.

Words are drawn at random and mended until they meet every rule; one that agrees in few enough places with all kept so
far is kept (a lexicode by chance: Levenšteĭn 1960). Each pair has been compared, which is the proof. In the end letters
are exchanged until all items are shown as evenly as the rules let them (`levelling`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.family.even_shares import even_shares
from qbank.assemble.family.levelling import agreement, levelled
from qbank.assemble.family.sieve import Array, Sieve, passes, totals

Words = NDArray[np.integer]

MOST = 5_000
"""Where a list ends if no more papers are asked for."""
LONGEST = 20_000
"""Where it ends in any case: it takes the square of the papers in memory, 400 MB for so many."""
DRAWN = 8
"""Words drawn and mended in all, for each paper of the longest list that may come."""
BLOCK = 4_096
WIDE = 64
"""Rows that are tried from which on fewer words are mended at once: each of their sums is held in memory."""
CHUNK = 256
"""Words that are compared with all others at once."""
GROWTH = 0.01
"""A block of words that lengthens the list by a smaller share is the last."""
ASIDE = 128
"""Words that are mended away from those kept at once."""
SPREAD = 1_000
"""Up to so many words kept, further ones are mended away from them."""
MISSES = 3
"""Blocks in a row without a new word after which that ends."""
TOO_NEAR = 0.02
"""What a place of agreement too many costs, in widths of a rule."""
TURNS = 4
"""How often mending goes through all slots."""


@dataclass(frozen=True, slots=True, eq=False)
class Listing:
    """Words that were compared pair by pair: rows (n_words, length); no two share more than `overlap` items."""

    order: int
    length: int
    overlap: int
    rows: Words
    construction: str = "papers compared one by one"
    proof: str = "compared"

    @property
    def size(self) -> int:
        """Return how many words there are."""
        return len(self.rows)


def list_papers(sieve: Sieve, order: int, overlap: int, seed: int, *, most: int = MOST, drawn: int = 0) -> Listing:
    """Return as many words as chance finds that meet every rule, no two of which share more than `overlap` items.

    A place of agreement counts as many items as a letter of its slot stands for.

    most : where the list ends ; drawn : words that are drawn and mended in all, 0: `DRAWN` for each of these papers, and
    no fewer than for `MOST`
    """
    drawn = drawn or DRAWN * max(most, MOST)
    rng = np.random.default_rng([seed, 2])
    shares, _ = even_shares(sieve)
    kept: Words = np.zeros((0, sieve.filled.shape[0]), dtype=np.uint8)
    block = BLOCK // (1 + sieve.low.size // WIDE)
    for start in range(0, drawn, block):
        words = mended(sieve, random_words(shares, min(block, drawn - start), rng), rng)
        found = far_enough(words[passes(sieve, words)], kept, overlap, sieve.weights)
        before = len(kept)
        kept = np.concatenate([kept, found])[:most]
        if len(kept) >= most or (before and len(kept) - before < GROWTH * before):
            break
    misses = 0
    while 0 < len(kept) < min(most, SPREAD) and misses < MISSES:
        words = mended(sieve, random_words(shares, ASIDE, rng), rng, kept, overlap)
        found = far_enough(words[passes(sieve, words)], kept, overlap, sieve.weights)
        misses = 0 if len(found) else misses + 1
        kept = np.concatenate([kept, found])[:most]
    if len(kept):
        kept = levelled(sieve, kept, overlap, shares, rng)
    return Listing(order, sieve.filled.shape[0], overlap, kept)


def random_words(shares: Array, n: int, rng: np.random.Generator) -> Words:
    """Return n random words, (n, n_slots), whose letters come as often as the shares say, (n_slots, order)."""
    words = np.zeros((n, len(shares)), dtype=np.uint8)
    for slot, row in enumerate(shares):
        words[:, slot] = rng.choice(row.size, n, p=row)
    return words


def mended(
    sieve: Sieve, words: Words, rng: np.random.Generator, kept: Words | None = None, overlap: int = 0
) -> Words:
    """Return words in which symbols were changed, slot after slot, where that brings a word nearer to every rule.

    How far a word is from a rule is counted in the rule's own width, and a pair that must not meet counts one. What
    keeps every rule is left alone. kept : words from which it shall stay away: each place that makes them share
    more than `overlap` items counts `TOO_NEAR`
    """
    words = words.copy()
    length, order = sieve.filled.shape
    unit = _units(sieve)
    clash = _clashes(sieve)
    varying = [np.flatnonzero(np.ptp(values[there], axis=0) > 0) for values, there in zip(sieve.values, sieve.filled, strict=True)]
    sums = totals(sieve, words)
    astray = _astray(sieve, sums)
    near = None if kept is None else np.array([(kept == word) @ sieve.weights for word in words], dtype=np.int64)
    for slot in np.tile(rng.permutation(length), TURNS):
        bad = astray.copy()
        for symbol, other_slot, other_symbol in clash[slot]:
            bad |= (words[:, slot] == symbol) & (words[:, other_slot] == other_symbol)
        if near is not None:
            bad |= (near > overlap).any(axis=1)
        here = np.flatnonzero(bad)
        if not here.size:
            continue
        now, weight, rows = words[here, slot].astype(np.int64), int(sieve.weights[slot]), varying[slot]
        values = sieve.values[slot][:, rows]
        each = (sums[np.ix_(here, rows)] - values[now])[:, None, :] + values[None]
        cost = ((np.maximum(sieve.low[rows] - each, 0) + np.maximum(each - sieve.high[rows], 0)) / unit[rows]).sum(axis=2)
        for symbol, other_slot, other_symbol in clash[slot]:
            cost[:, symbol] += words[here, other_slot] == other_symbol
        if kept is not None and near is not None:
            without = near[here] - weight * (kept[None, :, slot] == words[here, slot, None])
            for symbol in range(order):
                there = np.flatnonzero(kept[:, slot] == symbol)
                cost[:, symbol] += TOO_NEAR * (without[:, there] > overlap - weight).sum(axis=1)
        cost[:, ~sieve.filled[slot]] = np.inf
        best = cost.min(axis=1)
        better = best < cost[np.arange(here.size), now] - 1e-12
        here, now, cost, best = here[better], now[better], cost[better], best[better]
        chosen = np.where(cost <= best[:, None] + 1e-12, rng.random(cost.shape), -1.0).argmax(axis=1)
        if kept is not None and near is not None:
            agree = (kept[None, :, slot] == chosen[:, None]).astype(np.int64) - (kept[None, :, slot] == now[:, None])
            near[here] += weight * agree
        words[here, slot] = chosen
        sums[here] += sieve.values[slot][chosen] - sieve.values[slot][now]
        astray[here] = _astray(sieve, sums[here])
    return words


def _units(sieve: Sieve) -> Array:
    """Return in what each row's distance is counted, (n_rows,): its width, of one bound alone the most a symbol adds."""
    finite = np.isfinite(sieve.high) & np.isfinite(sieve.low)
    most = np.abs(sieve.values).max(axis=(0, 1), initial=0.0)
    return np.maximum(np.where(finite, np.where(finite, sieve.high, 0) - np.where(finite, sieve.low, 0), most), 1e-9)


def _astray(sieve: Sieve, sums: Array) -> NDArray[np.bool_]:
    """Return which words break a row; sums : (n_words, n_rows)."""
    return np.asarray(((sums < sieve.low) | (sums > sieve.high)).any(axis=1))


def _clashes(sieve: Sieve) -> list[list[tuple[int, int, int]]]:
    """Return for each slot: symbol, other slot, symbol there, of pairs that must not meet."""
    found: list[list[tuple[int, int, int]]] = [[] for _ in range(sieve.filled.shape[0])]
    for first, one, second, other in sieve.pairs.tolist():
        found[first].append((one, second, other))
        found[second].append((other, first, one))
    return found


def far_enough(words: Words, kept: Words, overlap: int, weights: NDArray[np.int64]) -> Words:
    """Return words, gone through in order, that share with none of those kept, and none of each other, more items.

    weights : (n_slots,) items that a place of agreement counts
    """
    free = np.ones(len(words), dtype=np.bool_)
    for start in range(0, len(kept), CHUNK):
        free[free] = (agreement(words[free], kept[start : start + CHUNK], weights) <= overlap).all(axis=1)
    left, found = words[free], [words[:0]]
    while len(left):
        first, left = left[:CHUNK], left[CHUNK:]
        near = agreement(first, first, weights) > overlap
        chosen: list[int] = []
        for place in range(len(first)):
            if not near[place, chosen].any():
                chosen.append(place)
        found.append(first[chosen])
        left = left[(agreement(left, found[-1], weights) <= overlap).all(axis=1)]
    return np.concatenate(found)
