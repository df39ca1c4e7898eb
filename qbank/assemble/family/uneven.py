"""Which items the papers of a family show too often or too seldom, and what is behind it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.family.design import Design
from qbank.assemble.family.exposure import counted
from qbank.assemble.family.sampling import sample_papers

Indices = NDArray[np.int64]

LEAST, MOST = 0.5, 1.35
"""Times the mean over the items used that each item shall be shown."""
ERRORS = 3.0
"""Standard errors by which a sample of papers must be beyond."""
PAPERS, DRAWN = 20_000, 1_000_000
KNOWN = 20
"""Papers for each item of a slot below which nothing is said."""


@dataclass(frozen=True, slots=True, eq=False)
class Uneven:
    """columns : candidates shown too seldom or too often ; least, most : times the mean, of all items ; rule : the tried
    rule on which they stand out, "" where ; section : whose places have too few items to choose among, else −1
    """

    columns: Indices
    least: float
    most: float
    rule: str
    section: int


def uneven_items(design: Design, seed: int) -> Uneven | None:
    """Return the items shown less than `LEAST` or more than `MOST` times as often as the mean; None where there are none."""
    sieve = design.sieve
    words = sample_papers(design.code, design.translation, sieve, PAPERS, seed, most_drawn=DRAWN).words
    filled, n_slots, order = sieve.filled, *sieve.filled.shape
    if len(words) < KNOWN * order:
        return None
    counts = counted(words, order)
    mean = len(words) * n_slots / filled.sum()
    error = ERRORS * np.sqrt(counts) if design.count.papers > len(words) else np.zeros(counts.shape)
    off = filled & ((counts + error < LEAST * mean) | (counts - error > MOST * mean))
    if not off.any():
        return None
    size = filled.sum(axis=1)
    crowded = off.any(axis=1) & (filled.sum() > MOST * n_slots * size)
    away = np.abs(sieve.values - np.where(filled[:, :, None], sieve.values, 0).sum(axis=1, keepdims=True) / size[:, None, None])
    usual = np.sqrt((away[filled] ** 2).mean(axis=0)) + 1e-12
    stands_out = (away[off] / usual).mean(axis=0)
    shown = counts[filled] / mean
    return Uneven(
        np.sort(design.slots[off]), float(shown.min()), float(shown.max()),
        sieve.labels[int(stands_out.argmax())] if sieve.labels else "",
        int(design.section[crowded][0]) if crowded.any() else -1,
    )  # fmt: skip
