"""Exposure evened out: items that pass the rules oftener than others stand on fewer of the papers that hold them.

Before any rule is tried every item of a slot stands on equally many words. Rules prefer some items to others. Where one
would stand on far more papers than the mean, a share of its papers, drawn by a fixed hash of the word, is taken out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.family.codes import Code
from qbank.assemble.family.counting import word_at
from qbank.assemble.family.sieve import Sieve, Words, passes

Array = NDArray[np.float64]

LEAST, MOST = 0.53, 1.32
"""Shares of the mean of its slot between which every item shall stand, once any is further out than that by `TRIGGER`."""
TRIGGER = 0.02
LOSS = 0.25
"""Evening exposure takes out no larger share of the papers."""
WANTED = 20_000
"""Papers from which exposure is judged."""
TRIED = 2_000_000
"""Words tried at most to find so many."""
TURNS = 60
BLOCK = 1 << 16


def sample_papers(code: Code, translation: Words, sieve: Sieve, seed: int) -> Words:
    """Return random papers, (n_papers, n_slots), up to `WANTED`."""
    rng = np.random.default_rng([seed, 5])
    found: list[Words] = []
    kept = tried = 0
    limit = min(TRIED, 4 * code.size)
    while kept < WANTED and tried < limit:
        if code.size <= TRIED:
            places = np.arange(tried, min(tried + BLOCK, code.size), dtype=np.uint64)
        else:
            places = rng.integers(0, code.size, BLOCK, dtype=np.uint64)
        if not places.size:
            break
        words = word_at(code, translation, places)
        found.append(words[passes(sieve, words)])
        kept, tried = kept + len(found[-1]), tried + len(places)
    return np.concatenate(found) if found else np.zeros((0, code.length), np.uint8)


def evened(papers: Words, filled: NDArray[np.bool_]) -> Array:
    """Return the share of the papers of each item that stay, (n_slots, order), so that exposure is within bounds.

    papers : (n_papers, n_slots) a sample ; filled : (n_slots, order). Where both bounds would cost more than `LOSS` of
    the papers only the upper one is kept, and where that costs too much none is taken out.
    """
    none = np.ones(filled.shape)
    if len(papers) < 20 * filled.shape[1]:
        return none
    slots = np.arange(filled.shape[0])
    for least in (LEAST, 0.0):
        keep = _fitted(papers, filled, least)
        if float(np.prod(keep[slots, papers], axis=1).mean()) >= 1 - LOSS:
            return keep
    return none


def _fitted(papers: Words, filled: NDArray[np.bool_], least: float) -> Array:
    """Scale down, turn by turn, the items above the bounds, or all others of a slot with one below them, by the ratio to
    the bound (iterative proportional fitting, Deming & Stephan 1940).
    """
    keep = np.ones(filled.shape)
    sizes, slots = filled.sum(axis=1), np.arange(filled.shape[0])
    for _ in range(TURNS):
        weight = np.prod(keep[slots, papers], axis=1)
        shares = np.array([np.bincount(papers[:, slot], weight, filled.shape[1]) for slot in slots]) / weight.sum()
        ratio = np.where(filled, shares * sizes[:, None], 1.0)
        if ratio.max() <= MOST + TRIGGER and ratio.min() >= least - TRIGGER:
            break
        # an item that no sampled paper holds cannot be scaled up
        wanted = np.clip(ratio, least, MOST) / np.where(ratio > 0, ratio, 1.0)
        keep *= np.where(ratio > 0, wanted, 1.0)
        keep /= np.where(filled, keep, 0.0).max(axis=1, keepdims=True)
    return np.asarray(np.where(filled, np.minimum(keep, 1.0), 1.0))
