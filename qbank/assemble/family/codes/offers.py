"""What a construction offers: a code that can be made, with its size and overlap known beforehand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from qbank.assemble.family.codes.record import Code

MOST_WORDS = 2**62
"""No code with more words is offered: a paper's number fits in 62 bits."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A code over GF(order) that `make` makes: its numbers are known without making it.

    `construction` : the word of the table of constructions;  `proof` : "algebra" or "enumerated"
    """

    order: int
    length: int
    dimension: int
    overlap: int
    construction: str
    proof: str
    make: Callable[[], Code]

    @property
    def size(self) -> int:
        """Return how many words the code has."""
        return int(self.order**self.dimension)


def largest_dimension(order: int) -> int:
    """Return the largest dimension whose words number at most 2^62.

    >>> largest_dimension(9), largest_dimension(2), largest_dimension(37)
    (19, 62, 11)
    """
    dimension, size = 0, order
    while size <= MOST_WORDS:
        dimension, size = dimension + 1, size * order
    return dimension


def not_dominated(offers: Iterable[Offer]) -> tuple[Offer, ...]:
    """Return the offers than which none has as many words and no more overlap, smallest first.

    Between equals the first stays; offers in which different words could coincide are dropped.
    """
    best: dict[int, Offer] = {}
    for offer in offers:
        known = best.get(offer.dimension)
        if offer.overlap < offer.length and (known is None or offer.overlap < known.overlap):
            best[offer.dimension] = offer
    return tuple(reversed(list(_falling(best[dimension] for dimension in sorted(best, reverse=True)))))


def _falling(offers: Iterable[Offer]) -> Iterator[Offer]:
    """Yield, from the largest down, each offer with less overlap than all larger ones."""
    least: int | None = None
    for offer in offers:
        if least is None or offer.overlap < least:
            least = offer.overlap
            yield offer


def repetition(order: int, length: int) -> Code:
    """Return the code of dimension 1 whose words are constant: no two agree anywhere."""
    rows = np.ones((1, length), dtype=np.int64)
    return Code(order, length, 1, 0, f"repetition of one symbol of GF({order})", "algebra", rows)
