"""Which words of a code are papers: slots of items, the rules that hold for every word, and those that must be tried."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.family.demands import Demands

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Words = NDArray[np.integer]
Mask = NDArray[np.bool_]

SLACK = 1e-9
"""Sums of real numbers may miss a bound by so much, relative to the bound."""
BLOCK = 1 << 15
"""Words that are tried at once."""
TOGETHER = 32
"""Rows that are tried at once: words that break one of them are not tried on further ones."""


@dataclass(frozen=True, slots=True, eq=False)
class Sieve:
    """What is tried on every word.

    filled : (n_slots, order) whether a symbol has an item ; values : (n_slots, order, n_rows) what it adds to each row
    that is tried ; low, high : (n_rows,) ; labels : (n_rows,) ; pairs : (n_pairs, 4) slot, symbol, slot, symbol of
    items that never meet ; reasons : (n_pairs,) ; proven : labels of the rules that hold for every word ; stays :
    (n_slots, order) the share of an item's papers that are not taken out to even exposure ; weights : (n_slots,) questions
    that a letter of each slot stands for
    """

    filled: Mask
    values: Array
    low: Array
    high: Array
    labels: tuple[str, ...]
    pairs: Indices
    reasons: tuple[str, ...]
    proven: tuple[str, ...]
    stays: Array
    weights: Indices


def make_sieve(demands: Demands, slots: Indices) -> Sieve:
    """Return the sieve of slots of candidates; slots : (n_slots, order), −1 where a symbol has no item.

    A row is proven where the least and the most that the slots can give lie within its bounds: no word can break it.
    Two items that never meet and stand in one slot cannot meet. All other rules are tried on each word.
    """
    filled = slots >= 0
    place = np.where(filled, slots, 0)
    target = _targets(demands, slots)
    width = demands.measures.width(target)
    values = np.concatenate([demands.values, demands.measures.values])
    low = np.concatenate([demands.low, target - width])
    high = np.concatenate([demands.high, target + width])
    labels = (*demands.labels, *demands.measures.names)
    found = np.where(filled[None], values[:, place], np.nan)
    slack = SLACK * np.maximum(1.0, np.maximum(np.abs(np.nan_to_num(low, posinf=0, neginf=0)), np.abs(np.nan_to_num(high, posinf=0, neginf=0))))
    least, most = np.nanmin(found, axis=2).sum(axis=1), np.nanmax(found, axis=2).sum(axis=1)
    safe = (least >= low - slack) & (most <= high + slack)
    tried = np.flatnonzero(~safe)
    where = np.full((demands.n_columns, 2), -1, dtype=np.int64)
    for slot, symbol in np.argwhere(filled):
        where[slots[slot, symbol]] = slot, symbol
    first, second = where[demands.conflicts[:, 0]], where[demands.conflicts[:, 1]]
    meet = (first[:, 0] >= 0) & (second[:, 0] >= 0) & (first[:, 0] != second[:, 0])
    apart = {reason for reason, here in zip(demands.reasons, meet, strict=True) if here}
    proven = dict.fromkeys(demands.kept)
    proven |= dict.fromkeys([labels[row] for row in np.flatnonzero(safe)])
    proven |= dict.fromkeys(reason for reason in demands.reasons if reason not in apart)
    return Sieve(
        filled, np.nan_to_num(np.moveaxis(found[tried], 0, 2)), (low - slack)[tried], (high + slack)[tried],
        tuple(labels[row] for row in tried), np.hstack([first[meet], second[meet]]),
        tuple(reason for reason, here in zip(demands.reasons, meet, strict=True) if here), tuple(proven),
        np.ones(filled.shape), demands.slot_weights,
    )  # fmt: skip


def _targets(demands: Demands, slots: Indices) -> Array:
    """Return the target of each measure: as asked for, else the mean over all that the slots can give."""
    filled = slots >= 0
    found = np.where(filled[None], demands.measures.values[:, np.where(filled, slots, 0)], 0.0)
    mean = (found.sum(axis=2) / filled.sum(axis=1)).sum(axis=1)
    return np.where(np.isnan(demands.measures.target), mean, demands.measures.target)


def passes(sieve: Sieve, words: Words) -> Mask:
    """Return which words are papers that meet every rule; words : (n_words, n_slots)."""
    kept = np.zeros(len(words), dtype=np.bool_)
    for start in range(0, len(words), BLOCK):
        kept[start : start + BLOCK] = _passes(sieve, words[start : start + BLOCK])
    return kept


def _passes(sieve: Sieve, words: Words) -> Mask:
    alive = np.arange(len(words))
    for slot in np.flatnonzero(~sieve.filled.all(axis=1)):
        alive = alive[sieve.filled[slot][words[alive, slot]]]
    for stop in range(sieve.low.size, 0, -TOGETHER):  # what is kept even comes last, and fewest words keep it
        rows = slice(max(stop - TOGETHER, 0), stop)
        sums = totals(sieve, words[alive], rows)
        alive = alive[((sums >= sieve.low[rows]) & (sums <= sieve.high[rows])).all(axis=1)]
    for first, one, second, other in sieve.pairs:
        alive = alive[~((words[alive, first] == one) & (words[alive, second] == other))]
    alive = alive[_stays(sieve, words[alive])]
    kept = np.zeros(len(words), dtype=np.bool_)
    kept[alive] = True
    return kept


def _stays(sieve: Sieve, words: Words) -> Mask:
    """Return which words are not taken out to even exposure: a number that a hash of the word draws decides."""
    stay = np.ones(len(words), dtype=np.bool_)
    thinned = np.flatnonzero((sieve.stays < 1).any(axis=1))
    if not thinned.size:
        return stay
    weights = _mixed(np.arange(1, words.shape[1] + 1, dtype=np.uint64)) | np.uint64(1)
    drawn = (words.astype(np.uint64) * weights).sum(axis=1, dtype=np.uint64)
    for slot in thinned:
        share = _mixed(drawn + np.uint64(int(slot) + 1)) / np.float64(2**64)
        stay &= share < sieve.stays[slot][words[:, slot]]
    return stay


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return 64 bits that look drawn for each number: the finaliser of SplitMix64 (Steele, Lea & Flood 2014)."""
    z = numbers + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def totals(sieve: Sieve, words: Words, rows: slice = slice(None)) -> Array:
    """Return what words add up to in each row that is tried, or in some; shape (n_words, n_rows)."""
    values = np.ascontiguousarray(sieve.values[:, :, rows])
    sums = np.zeros((len(words), values.shape[2]))
    for slot in range(words.shape[1]):
        sums += values[slot].take(words[:, slot], axis=0)
    return sums


def broken(sieve: Sieve, word: Words) -> tuple[str, ...]:
    """Return the rules that one word breaks, in their own words; word : (n_slots,)."""
    missing = [slot for slot, symbol in enumerate(word) if not sieve.filled[slot, symbol]]
    if missing:
        return (f"slot {missing[0] + 1}",)
    sums = totals(sieve, word[None])[0]
    rows = [label for label, found, low, high in zip(sieve.labels, sums, sieve.low, sieve.high, strict=True) if not low <= found <= high]
    rows += [
        reason for (first, one, second, other), reason in zip(sieve.pairs, sieve.reasons, strict=True)
        if word[first] == one and word[second] == other
    ]  # fmt: skip
    return tuple(dict.fromkeys(rows)) or (() if _stays(sieve, word[None])[0] else ("exposure",))
