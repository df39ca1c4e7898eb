"""Which slots of several give most papers, told by drawn words: what a search ends at is judged as it will be counted.

The share that exchanges climb takes rows as normal and as independent of each other; among slots that it finds about
as good, the share of words that meet all rows differs by a third or more. Pairs that never meet are left to their
expected number: the few words that also avoid all of these would tell less.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.family.partition import Partition
from qbank.assemble.family.sieve import make_sieve, passes

Indices = NDArray[np.int64]
Members = list[Indices]

DRAWN = 20_000
"""Words drawn, the same ones for all slots that are compared."""
FEWEST, MOST = 0.02, 0.5
"""Of a smaller share too few words are found to choose by; of a larger one there is little to gain."""


def best_of_drawn(work: Partition, found: Sequence[Members], seed: int) -> tuple[Members, float]:
    """Return the slots of which most papers are expected, and the logarithm of the share by the search's own measure.

    work : measures them, and is left at those returned ; found : slots of the same sizes, those first that are taken
    where drawn words do not tell
    """
    rng = np.random.default_rng([seed, 9])
    words = np.stack([rng.integers(0, each.size, DRAWN, dtype=np.uint8) for each in found[0]], axis=1)
    chosen, most = found[0], -math.inf
    for members in found:
        share = kept_share(work, members, words)
        if members is found[0] and not FEWEST <= share <= MOST:
            break
        work.members = members
        work.measure()
        worth = math.log(max(share, 1 / DRAWN)) - work.clashes()
        if worth > most:
            chosen, most = members, worth
    work.members = chosen
    work.refresh()
    return chosen, work.fitness()


def kept_share(work: Partition, members: Members, words: NDArray[np.uint8]) -> float:
    """Return the share of words that keep all rows and stay near the mean in all measures; words : (n_words, n_slots)."""
    slots = np.full((len(members), max(each.size for each in members)), -1, dtype=np.int64)
    for row, each in zip(slots, members, strict=True):
        row[: each.size] = each
    sieve = make_sieve(work.demands, slots)
    return float(passes(replace(sieve, pairs=sieve.pairs[:0], reasons=()), words).mean())
