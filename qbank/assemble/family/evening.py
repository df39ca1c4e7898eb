"""Exposure: items that hardly any paper shows are left out, so that those that are used are used evenly.

An item far from the others of its slot stands on few papers: with it most words miss a tolerance. Left out, it takes
those few papers with it, and the middle of the slot moves to where the others are.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.family.sieve import Sieve, passes

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

LEAST = 0.54
"""Share of the mean over the items used that an item is shown at least; a little above what shall hold, one half."""
SMALLEST = 8
"""Slots with fewer items are left as they are: each item less costs too many papers."""
WANTED = 300
"""Papers drawn for each item of a slot, about, before its exposure counts as known."""
DRAWN = 3_000_000
"""Words drawn at most."""
BLOCK = 1 << 16


def relative_exposure(sieve: Sieve, seed: int) -> tuple[Array, int]:
    """Return how often papers show each symbol of each slot, over the mean of all items, and from how many papers.

    (n_slots, order), 0 where a symbol has no item. Words are drawn symbol by symbol: any code whose words show all
    symbols of a place equally often, two places independent, has about the same exposure.
    """
    rng = np.random.default_rng([seed, 4])
    sizes, order = sieve.filled.sum(axis=1), sieve.filled.shape[1]
    symbols = np.argsort(~sieve.filled, axis=1, kind="stable")  # the filled ones first
    shown, kept = np.zeros(sieve.filled.shape), 0
    for _ in range(0, DRAWN, BLOCK):
        words = np.take_along_axis(symbols, (rng.random((sizes.size, BLOCK)) * sizes[:, None]).astype(np.int64), axis=1).T
        papers = words[passes(sieve, words)]
        kept += len(papers)
        for slot in range(sizes.size):
            shown[slot] += np.bincount(papers[:, slot], minlength=order)
        if kept >= WANTED * int(sizes.max()):
            break
    return shown / max(kept, 1) * sizes.sum() / sizes.size, kept


def rarely_shown(sieve: Sieve, slots: Indices, seed: int) -> Indices:
    """Return the candidates that papers show less than `LEAST` times as often as the mean of all that are used.

    slots : (n_slots, order), −1 where a symbol has no item. None of small slots, and none where too few papers were
    found to tell.
    """
    exposure, kept = relative_exposure(sieve, seed)
    sizes = sieve.filled.sum(axis=1)
    if kept < WANTED / 10 * int(sizes.max()):
        return np.zeros(0, dtype=np.int64)
    rare = sieve.filled & (exposure < LEAST) & (sizes >= SMALLEST)[:, None]
    return np.sort(slots[rare])
