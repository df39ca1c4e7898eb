"""Every dimension and length over one field: the least overlap that any construction, or several combined, gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.family.codes.joined import fewer_places, fewer_words, side_by_side, with_symbols
from qbank.assemble.family.codes.offers import Offer, largest_dimension
from qbank.assemble.family.codes.record import Code

Source = tuple[str, int]
COUNTED = {"orbits", "quasi-cyclic"}
"""The constructions whose overlap is proven by counting."""


@dataclass(frozen=True, slots=True, eq=False)
class Shelf:
    """The least overlap for each (dimension, length), and where it comes from.

    `overlap` : (dimensions + 1, longest + 1); where it equals the length, words could coincide: no code
    `sources` : ("natural", 0), ("subcode", larger dimension), ("places", longer length), ("beside", first length) or
    ("symbols", shorter length)
    """

    order: int
    overlap: NDArray[np.int64]
    natural: dict[tuple[int, int], Offer]
    sources: dict[tuple[int, int], Source]

    def make(self, dimension: int, length: int) -> Code:
        """Return the code that stands at a dimension and length."""
        word, other = self.sources[dimension, length]
        if word == "natural":
            return self.natural[dimension, length].make()
        if word == "subcode":
            return fewer_words(self.make(other, length), dimension)
        if word == "places":
            return fewer_places(self.make(dimension, other), length)
        if word == "symbols":
            return with_symbols(self.make(dimension, other), length)
        return side_by_side(self.make(dimension, other), self.make(dimension, length - other))

    def words_of(self, dimension: int, length: int) -> list[str]:
        """Return the constructions that a code is made of, with the larger part first."""
        word, other = self.sources[dimension, length]
        if word == "natural":
            return [self.natural[dimension, length].construction]
        if word == "subcode":
            return self.words_of(other, length)
        if word in {"places", "symbols"}:
            return self.words_of(dimension, other)
        parts = sorted((other, length - other), reverse=True)
        return [part for side in parts for part in self.words_of(dimension, side)]

    def offer(self, dimension: int, length: int) -> Offer:
        """Return the code at a dimension and length as an offer."""
        words = list(dict.fromkeys(self.words_of(dimension, length)))
        return Offer(
            self.order, length, dimension, int(self.overlap[dimension, length]), " + ".join(words),
            "enumerated" if COUNTED & set(words) else "algebra", partial(self.make, dimension, length),
        )  # fmt: skip

    def offers(self, length: int) -> Iterable[Offer]:
        """Return every code of a length."""
        found = np.flatnonzero(self.overlap[:, length] < length)
        return [self.offer(int(dimension), length) for dimension in found if dimension]


def fill(order: int, longest: int, constructions: Iterable[Callable[[int, int], Iterable[Offer]]]) -> Shelf:
    """Return the shelf of a field up to a length: what is offered, then subcodes, fewer places, and codes combined.

    That order loses nothing: a part of codes side by side is parts side by side, and so is a subcode.
    """
    overlap, natural, sources = _natural(order, longest, constructions)
    top, width = overlap.shape[0] - 1, overlap.shape[1] - 1
    for dimension in range(top - 1, 0, -1):
        better = overlap[dimension + 1] < overlap[dimension]
        overlap[dimension] = np.minimum(overlap[dimension], overlap[dimension + 1])
        for place in np.flatnonzero(better):
            sources[dimension, int(place)] = ("subcode", dimension + 1)
    for length in range(width - 1, 0, -1):
        for row in np.flatnonzero(overlap[:, length + 1] < overlap[:, length]):
            longer = sources.get((int(row), length + 1), ("natural", 0))
            sources[int(row), length] = longer if longer[0] == "places" else ("places", length + 1)
        overlap[:, length] = np.minimum(overlap[:, length], overlap[:, length + 1])
    for length in range(2, width + 1):
        _combine(overlap, sources, length)
    return Shelf(order, overlap[:, : longest + 1], natural, sources)


def _natural(
    order: int, longest: int, constructions: Iterable[Callable[[int, int], Iterable[Offer]]]
) -> tuple[NDArray[np.int64], dict[tuple[int, int], Offer], dict[tuple[int, int], Source]]:
    """Return the least overlap offered at each dimension and length, who offers it, and that it is natural."""
    natural: dict[tuple[int, int], Offer] = {}
    for construction in constructions:
        for offer in construction(order, longest):
            key = (offer.dimension, offer.length)
            if offer.dimension <= largest_dimension(order) and (
                key not in natural or offer.overlap < natural[key].overlap
            ):
                natural[key] = offer
    width = max(longest, max((length for _, length in natural), default=0))
    overlap = np.tile(np.arange(width + 1), (largest_dimension(order) + 1, 1))
    sources: dict[tuple[int, int], Source] = {}
    for key, offer in natural.items():
        if offer.overlap < overlap[key]:
            overlap[key] = offer.overlap
            sources[key] = ("natural", 0)
    return overlap, natural, sources


def _combine(overlap: NDArray[np.int64], sources: dict[tuple[int, int], Source], length: int) -> None:
    """Improve one length by two shorter codes side by side, or by symbols of the message at more places."""
    sums = overlap[:, 1:length] + overlap[:, length - 1 : 0 : -1]
    first = sums.argmin(axis=1) + 1
    least = sums.min(axis=1)
    for dimension in np.flatnonzero(least < overlap[:, length]):
        left = int(first[dimension])
        right = length - left
        if overlap[dimension, left] == left:
            sources[int(dimension), length] = ("symbols", right)
        elif overlap[dimension, right] == right:
            sources[int(dimension), length] = ("symbols", left)
        else:
            sources[int(dimension), length] = ("beside", left)
    overlap[:, length] = np.minimum(overlap[:, length], least)
