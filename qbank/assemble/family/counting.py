"""How many words of a code are papers: counted where they are few enough to try all, else estimated with an interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qbank.assemble.family.codes import Code, message_of, words
from qbank.assemble.family.fields import field
from qbank.assemble.family.listing import Listing
from qbank.assemble.family.sieve import Array, Sieve, Words, passes

EXACT = 2_000_000
"""Up to so many words all are tried."""
SAMPLE = 400_000
"""Words drawn to estimate the share of papers."""
WIDE = 1_000
"""Places × rules from which on fewer words are drawn."""
CONFIDENCE = 0.99
BLOCK = 1 << 16


@dataclass(frozen=True, slots=True)
class Count:
    """How many papers a family has.

    words : of the code ; papers : counted, or the estimate ; low, high : its interval at `CONFIDENCE`, both equal to
    papers where they were counted ; tried, kept : how many words were tried, and how many of them are papers
    """

    words: int
    papers: int
    low: int
    high: int
    tried: int
    kept: int

    @property
    def exact(self) -> bool:
        """Return whether every word was tried."""
        return self.tried == self.words

    @property
    def share(self) -> float:
        """Return the share of words that are papers."""
        return self.kept / self.tried if self.tried else 0.0


def word_at(code: Code | Listing, translation: Words, places: Words) -> Words:
    """Return the words at some places of a translated code, (n_places, length); translation : (length,).

    Added to every word symbol by symbol, one fixed word changes no agreement of two of them.
    """
    if isinstance(code, Listing):
        return np.asarray(code.rows[np.asarray(places, dtype=np.int64)])
    found = words(code, message_of(places, code.order, code.dimension))
    return np.asarray(field(code.order).add[found, translation]) if translation.any() else found


def count_papers(code: Code, translation: Words, sieve: Sieve, seed: int, *, exact: int = EXACT, sample: int = SAMPLE) -> Count:
    """Return how many papers there are; the interval is that of Clopper & Pearson (1934), exact for any share.

    Words are drawn with replacement from all, so that the number kept is binomial.
    """
    if code.size <= exact:
        kept = sum(
            int(passes(sieve, word_at(code, translation, np.arange(start, min(start + BLOCK, code.size)))).sum())
            for start in range(0, code.size, BLOCK)
        )
        return Count(code.size, kept, kept, kept, code.size, kept)
    rng = np.random.default_rng([seed, 1])
    kept, sample = 0, max(sample // (1 + code.length * sieve.low.size // WIDE), sample // 8)
    for start in range(0, sample, BLOCK):
        drawn = rng.integers(0, code.size, min(BLOCK, sample - start), dtype=np.uint64)
        kept += int(passes(sieve, word_at(code, translation, drawn)).sum())
    low, high = share_interval(kept, sample)
    return Count(code.size, round(code.size * kept / sample), int(code.size * low), int(code.size * high), sample, kept)


def share_interval(kept: int, tried: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the exact binomial interval of a share (Clopper & Pearson 1934).

    >>> tuple(round(end, 4) for end in share_interval(0, 100)), tuple(round(end, 3) for end in share_interval(50, 100))
    ((0.0, 0.0516), (0.369, 0.631))
    """
    from scipy.special import betaincinv

    tail = (1 - confidence) / 2
    low = float(betaincinv(kept, tried - kept + 1, tail)) if kept else 0.0
    high = float(betaincinv(kept + 1, tried - kept, 1 - tail)) if kept < tried else 1.0
    return low, high


def exposure(sieve: Sieve, kept: Words, factor: Array | None = None) -> Array:
    """Return the share of papers that show each symbol of each slot; kept : (n_papers, n_slots) ; (n_slots, order).

    factor : (n_papers,) how often each paper is counted, None: once
    """
    shares = np.zeros(sieve.filled.shape)
    for slot in range(kept.shape[1]):
        shares[slot] = np.bincount(kept[:, slot], factor, minlength=sieve.filled.shape[1]) / max(len(kept), 1)
    return shares
