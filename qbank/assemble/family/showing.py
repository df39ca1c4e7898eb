"""What papers of a family show: how often each item, how many items two papers share, how soon the bank is known."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qbank.assemble.item_parameters import Array

Indices = NDArray[np.int64]

MOST_PAPERS = 10_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """How evenly the papers show the items.

    items : (n_used,) the items in use ; share : (n_used,) of papers that show each ; n_papers : looked at ; every :
    whether these were all papers of the family ; error : (n_used,) standard error of share, 0 where all were looked at
    """

    items: Indices
    share: Array
    n_papers: int
    every: bool

    @property
    def error(self) -> Array:
        """Return the standard error of each share."""
        return np.zeros(self.share.size) if self.every else np.sqrt(self.share * (1 - self.share) / self.n_papers)

    @property
    def mean(self) -> float:
        """Return the mean share over the items in use."""
        return float(self.share.mean())

    @property
    def least(self) -> float:
        """Return the least share as a multiple of the mean."""
        return float(self.share.min() / self.mean)

    @property
    def most(self) -> float:
        """Return the largest share as a multiple of the mean."""
        return float(self.share.max() / self.mean)


@dataclass(frozen=True, slots=True, eq=False)
class Shared:
    """How many items two papers drawn at random share.

    mean : expected number, over all pairs of different papers looked at ; pairs : (most + 1,) how many of the drawn pairs
    share 0, 1, … items ; overlap : the most that any drawn pair shares
    """

    mean: float
    pairs: Indices

    @property
    def most(self) -> int:
        """Return the most items that a drawn pair shares."""
        return len(self.pairs) - 1


def shown_items(papers: NDArray[np.integer], used: ArrayLike | None = None, *, every: bool = False) -> Shown:
    """Return how often papers show each item.

    papers : (n_papers, n_slots) items ; used : the items that stand in slots, None: those that any paper shows ; every :
    whether these are all papers of the family. Of a sample the share of an item that stands on one paper in q has the
    standard error √(q / n_papers) of itself: 200,000 papers tell it to 1.4 % where q = 37.

    >>> found = shown_items(np.array([[0, 2], [1, 2], [0, 3], [1, 2]]), every=True)
    >>> found.share.tolist(), found.least, found.most
    ([0.5, 0.5, 0.75, 0.25], 0.5, 1.5)
    """
    rows = _checked(papers)
    most = int(rows.max()) if used is None else max(int(rows.max()), int(np.max(used, initial=0)))
    counts = np.bincount(rows.ravel(), minlength=most + 1)
    items = np.flatnonzero(counts) if used is None else np.unique(np.asarray(used, dtype=np.int64))
    return Shown(items, counts[items] / len(rows), len(rows), every)


def shared_items(papers: NDArray[np.integer], *, n_pairs: int = 20_000, seed: int = 0) -> Shared:
    """Return how many items two papers share: the mean of all pairs, the distribution of pairs drawn with replacement.

    papers : (n_papers, n_slots) items, none of them twice on a paper. With c papers that show an item, all pairs share
    ``Σ c (c − 1) / n (n − 1)`` items on average.

    >>> found = shared_items(np.array([[0, 2], [1, 2], [0, 3]]), n_pairs=1000)
    >>> round(found.mean, 4), found.most
    (0.6667, 1)
    """
    rows = _checked(papers)
    n = len(rows)
    if n < 2:
        return Shared(math.nan, np.zeros(0, dtype=np.int64))
    counts = np.bincount(rows.ravel()).astype(np.float64)
    mean = float((counts * (counts - 1)).sum() / (n * (n - 1)))
    rng = np.random.default_rng([seed, 4])
    first = rng.integers(0, n, n_pairs)
    second = (first + rng.integers(1, n, n_pairs)) % n
    both = np.sort(np.hstack([rows[first], rows[second]]), axis=1)
    agree = (both[:, 1:] == both[:, :-1]).sum(axis=1)
    return Shared(mean, np.bincount(agree))


def papers_that_show(share: ArrayLike, part: float = 0.95) -> int | None:
    """Return how many papers drawn at random show at least so large a part of the items, on average.

    share : (n_items,) of papers that show each item. Of m independent papers an item with share e is on one at least with
    chance ``1 − (1 − e)^m``. None where some items stand on too few papers for that.

    >>> papers_that_show(np.full(925, 25 / 925)), papers_that_show([1.0, 0.0]), papers_that_show([1.0, 1.0])
    (110, None, 1)
    """
    e = np.asarray(share, dtype=np.float64)
    if not 0 < part <= 1 or not e.size or (e > 0).mean() < part or ((e >= 1).mean() < part == 1):
        return None

    def seen(m: int) -> float:
        return float((1 - (1 - e) ** m).mean())

    high = 1
    while seen(high) < part:
        high *= 2
        if high > MOST_PAPERS:
            return None
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if seen(middle) >= part else (middle, high)
    return high


def _checked(papers: NDArray[np.integer]) -> Indices:
    rows = np.asarray(papers)
    if rows.ndim != 2 or not rows.size or rows.min() < 0:
        raise ValueError(f"papers must be (n_papers, n_slots) items from 0, at least one of each, found shape {rows.shape}")
    return rows.astype(np.int64)
