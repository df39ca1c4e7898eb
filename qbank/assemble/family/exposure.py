"""Exposure of families of codes: items that hardly any paper shows are left out, papers with items shown too often thinned.

Before any rule is tried every item of a slot stands on equally many words. Rules prefer some items to others: one far
from the others of its slot misses a tolerance with most words. Left out, it takes its few papers with it. Where an item
would still stand on far more papers than the mean, a share of its papers, drawn by a fixed hash of the word, is taken out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.family.codes import Code
from qbank.assemble.family.counting import word_at
from qbank.assemble.family.sieve import Sieve, Words, passes

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]

LEAST, MOST = 0.53, 1.28
"""Shares of the mean over the items used to which papers are thinned: a little inside of what shall hold, .5 and 1.35."""
TRIGGERS = 0.51, 1.34
"""Nothing is thinned where all items lie between these."""
SHALL = 0.5, 1.35
ERRORS = 3.0
"""Standard errors of an item's count in the sample by which the bounds lie inside of what shall hold, at least."""
LOOSER = 1.06, 1.15, 1.3, 1.5
"""Times the upper bound that is kept where it costs too many papers itself."""
NEAR = 0.005
RARE = 0.54
"""Share of the mean below which an item is left out."""
SMALLEST = 8
"""Slots with fewer items are left as they are: each item less costs too many papers."""
CROWDED = 1.2
"""Slots keep so many items that these are shown no oftener than so many times the mean."""
LOSS = 0.7
"""Evening exposure takes out no larger share of the papers, unless very many remain."""
WANTED = 60_000
"""Papers from which exposure is judged."""
TRIED = 20_000_000
"""Words tried at most to find so many; fewer where a word has many sums."""
WIDE = 250
"""Places × rules from which on fewer words are tried."""
PER_ITEM = 300
"""Papers drawn for each item of a slot, about, before slots are searched anew without items rarely shown."""
DRAWN = 3_000_000
"""Words drawn for that at most."""
TURNS = 60
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
        shown += counted(papers, order)
        if kept >= PER_ITEM * int(sizes.max()):
            break
    return shown / max(kept, 1) * sizes.sum() / sizes.size, kept


def rarely_shown(sieve: Sieve, slots: Indices, seed: int) -> Indices:
    """Return the candidates that papers show less than `RARE` times as often as the mean of all that are used.

    slots : (n_slots, order), −1 where a symbol has no item. None of small slots, and none where too few papers were
    found to tell.
    """
    exposure, kept = relative_exposure(sieve, seed)
    sizes = sieve.filled.sum(axis=1)
    if kept < PER_ITEM / 10 * int(sizes.max()):
        return np.zeros(0, dtype=np.int64)
    return np.sort(slots[sieve.filled & (exposure < RARE) & (sizes >= SMALLEST)[:, None]])


def counted(papers: Words, order: int, weight: Array | None = None) -> Array:
    """Return on how many papers each symbol of each slot stands, (n_slots, order); weight : (n_papers,), else 1 each."""
    return np.array([np.bincount(column, weight, order) for column in papers.T], dtype=np.float64)


def sample_papers(code: Code, translation: Words, sieve: Sieve, seed: int) -> Words:
    """Return random papers, (n_papers, n_slots), up to `WANTED`."""
    rng = np.random.default_rng([seed, 5])
    found: list[Words] = []
    kept = tried = 0
    limit = min(TRIED // (1 + code.length * sieve.low.size // WIDE), 4 * code.size)
    while kept < WANTED and tried < limit:
        if code.size <= limit:
            places = np.arange(tried, min(tried + BLOCK, code.size), dtype=np.uint64)
        else:
            places = rng.integers(0, code.size, BLOCK, dtype=np.uint64)
        if not places.size:
            break
        words = word_at(code, translation, places)
        found.append(words[passes(sieve, words)])
        kept, tried = kept + len(found[-1]), tried + len(places)
    return np.concatenate(found) if found else np.zeros((0, code.length), np.uint8)


def without_rare(papers: Words, filled: Mask, must: Mask) -> Mask:
    """Return `filled` without the items that papers still show less than `RARE` times the mean, round after round.

    papers : (n_papers, n_slots) a sample ; must : (n_slots, order) items that stay. Each round takes the papers with
    those items out. No slot loses so many that the others of it are crowded.
    """
    filled = filled.copy()
    slots, order = np.arange(len(filled)), filled.shape[1]
    while len(papers) >= 20 * order:
        mean = len(papers) * len(filled) / filled.sum()
        shown = np.where(filled, counted(papers, order), np.inf)
        rare = (shown < RARE * mean) & ~must & _spared(shown, filled)
        if not rare.any():
            break
        filled &= ~rare
        papers = papers[~rare[slots, papers].any(axis=1)]
    return filled


def _spared(shown: Array, filled: Mask) -> Mask:
    """Return the items that slots can spare, those shown least first; shown : (n_slots, order), ∞ without an item."""
    sizes = filled.sum(axis=1)
    least = max(SMALLEST, filled.sum() / len(filled) / CROWDED)
    rank = np.argsort(np.argsort(shown, axis=1, kind="stable"), axis=1)
    return np.asarray(filled & (rank < (sizes - least)[:, None]))


def evened(papers: Words, filled: Mask, loss: float = LOSS) -> Array:
    """Return the share of the papers of each item that stay, (n_slots, order), so that exposure is within bounds.

    papers : (n_papers, n_slots) a sample ; filled : (n_slots, order). Where both bounds would cost a larger share of the
    papers than `loss` only the upper one is kept, or a looser one, and where that costs too much none is taken out.
    """
    none = np.ones(filled.shape)
    if len(papers) < 20 * filled.shape[1]:
        return none
    slots = np.arange(filled.shape[0])
    ratio = counted(papers, filled.shape[1]) / len(papers) * (filled.sum() / len(filled))
    if ratio[filled].min() >= TRIGGERS[0] and ratio.max() <= TRIGGERS[1]:
        return none
    margin = 1 + ERRORS * float(np.sqrt(filled.shape[1] / len(papers)))
    least, most = max(LEAST, SHALL[0] * margin), min(MOST, SHALL[1] / margin)
    for low, high in ((least, most), (0.0, most), *((0.0, most * factor) for factor in LOOSER)):
        keep = _fitted(papers, filled, low, high)
        if float(np.prod(keep[slots, papers], axis=1).mean()) >= 1 - loss:
            return keep
    return none


def _fitted(papers: Words, filled: Mask, least: float, most: float) -> Array:
    """Scale down, turn by turn, the items above the bounds, or all others of a slot with one below them, by the ratio to
    the bound (iterative proportional fitting, Deming & Stephan 1940).

    What a slot with few items shows oftener than the mean, all of them alike, no thinning changes: there the bounds
    are those of the slot's own mean.
    """
    keep = np.ones(filled.shape)
    slots, mean = np.arange(filled.shape[0]), filled.shape[0] / filled.sum()
    usual = 1 / filled.sum(axis=1) / mean
    own = np.where((usual > least) & (usual < most), 1.0, usual)[:, None]
    for _ in range(TURNS):
        weight = np.prod(keep[slots, papers], axis=1)
        if not weight.sum() > 0:
            break
        ratio = np.where(filled, counted(papers, filled.shape[1], weight) / weight.sum() / mean / own, 1.0)
        if ratio.max() <= most + NEAR and ratio.min() >= least - NEAR:
            break
        # an item that no sampled paper holds cannot be scaled up
        wanted = np.clip(ratio, least, most) / np.where(ratio > 0, ratio, 1.0)
        keep *= np.where(ratio > 0, wanted, 1.0)
        keep /= np.where(filled, keep, 0.0).max(axis=1, keepdims=True)
    return np.asarray(np.where(filled, np.minimum(keep, 1.0), 1.0))
