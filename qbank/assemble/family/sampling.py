"""Papers of a family drawn at random, each with the same chance: for reports, which need no secret."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.family.codes import Code
from qbank.assemble.family.counting import word_at
from qbank.assemble.family.listing import Listing
from qbank.assemble.family.sieve import Sieve, passes

Words = NDArray[np.integer]

BLOCK = 1 << 16
EVERY = 1_000_000
"""Codes up to so many words are gone through whole."""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """words : (n_papers, n_slots) ; every : whether these are all papers of the family"""

    words: Words
    every: bool


def sample_papers(
    code: Code | Listing, translation: Words, sieve: Sieve, n: int, seed: int, *, most_drawn: int = 4_000_000
) -> Sample:
    """Return papers drawn at random, or all where there are no more than n of them; the same seed gives the same.

    Of a small code all papers are found and n of them taken without replacement; else words are drawn with replacement,
    most_drawn at most, and those that meet every rule kept: fewer than n where few do.
    """
    rng = np.random.default_rng([seed, 5])
    if code.size <= EVERY:
        kept = [_kept(code, translation, sieve, np.arange(start, min(start + BLOCK, code.size))) for start in range(0, code.size, BLOCK)]
        words = np.concatenate(kept) if kept else np.zeros((0, code.length), np.uint8)
        if len(words) <= n:
            return Sample(words, True)
        return Sample(words[np.sort(rng.choice(len(words), n, replace=False))], False)
    found: list[Words] = []
    there = 0
    for _ in range(0, most_drawn, BLOCK):
        found.append(_kept(code, translation, sieve, rng.integers(0, code.size, BLOCK, dtype=np.uint64)))
        there += len(found[-1])
        if there >= n:
            break
    return Sample(np.concatenate(found)[:n], False)


def _kept(code: Code | Listing, translation: Words, sieve: Sieve, places: NDArray[np.integer]) -> Words:
    words = word_at(code, translation, places)
    return np.asarray(words[passes(sieve, words)])
