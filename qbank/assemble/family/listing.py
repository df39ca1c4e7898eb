"""Papers found one by one and compared with all others: where a family is so small that no code gives as many.

Words are drawn at random, or taken from a code with more agreement than is allowed; one that meets every rule and
agrees in few enough places with all kept so far is kept (a lexicode by chance: Levenšteĭn 1960). Each pair has been
compared, which is the proof.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.family.sieve import Sieve, passes

Words = NDArray[np.integer]

MOST = 2_000
"""More papers are never compared one by one."""
DRAWN = 600_000
"""Words drawn in all."""
BLOCK = 1 << 15
TRIES = 8
"""Orders in which the words that meet every rule are gone through; the longest list stays."""


@dataclass(frozen=True, slots=True, eq=False)
class Listing:
    """Words that were compared pair by pair: rows (n_words, length); no two agree in more than `overlap` places."""

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


def list_papers(sieve: Sieve, order: int, overlap: int, seed: int, *, drawn: int = DRAWN, most: int = MOST) -> Listing:
    """Return as many words as chance finds that meet every rule, no two of which agree in more than `overlap` places."""
    rng = np.random.default_rng([seed, 2])
    sizes = sieve.filled.sum(axis=1)
    symbols = [np.flatnonzero(row) for row in sieve.filled]
    found: list[Words] = []
    for start in range(0, drawn, BLOCK):
        n = min(BLOCK, drawn - start)
        words = np.stack([each[rng.integers(0, size, n)] for each, size in zip(symbols, sizes, strict=True)], axis=1).astype(np.uint8)
        found.append(words[passes(sieve, words)])
        if sum(map(len, found)) > 20 * most:
            break
    pool = np.concatenate(found)
    best: list[int] = []
    for _ in range(TRIES):
        kept = _greedy(pool, rng.permutation(len(pool)), overlap, most)
        if len(kept) > len(best):
            best = kept
        if len(best) >= most:
            break
    return Listing(order, sieve.filled.shape[0], overlap, pool[np.sort(np.array(best, dtype=np.int64))])


def _greedy(pool: Words, order: NDArray[np.int64], overlap: int, most: int) -> list[int]:
    """Return the words kept when they are gone through in this order; each kept word strikes out those too near it."""
    kept: list[int] = []
    left = order
    while left.size and len(kept) < most:
        word = pool[left[0]]
        kept.append(int(left[0]))
        agree = (pool[left] == word).sum(axis=1)
        left = left[agree <= overlap]
    return kept
