"""Many papers of a family at once, in the order of their numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.family.papers import Papers
from qbank.assemble.family.sieve import passes

Words = NDArray[np.integer]

BLOCK = 1 << 16


def first_papers(papers: Papers, n: int, start: int = 0) -> tuple[NDArray[np.uint64], Words]:
    """Return the first n papers from a number on: their numbers (n,) and words (n, n_slots); fewer where there are fewer."""
    numbers: list[NDArray[np.uint64]] = []
    found: list[Words] = []
    kept = 0
    while kept < n and start < papers.size:
        block = np.arange(start, min(start + BLOCK, papers.size), dtype=np.uint64)
        words = papers.words(block)
        good = passes(papers.sieve, words)
        numbers.append(block[good])
        found.append(words[good])
        kept += int(good.sum())
        start += BLOCK
    if not numbers:
        return np.zeros(0, np.uint64), np.zeros((0, len(papers.family.slots)), np.uint8)
    return np.concatenate(numbers)[:n], np.concatenate(found)[:n]
