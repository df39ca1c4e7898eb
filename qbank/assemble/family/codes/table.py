"""The constructions, and the codes that the best of them give for a number of symbols and of places."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial

from qbank.assemble.family.codes.concatenated import concatenated_offers
from qbank.assemble.family.codes.monomials import hyperbolic_offers, projective_offers
from qbank.assemble.family.codes.norm_trace import norm_trace_offers
from qbank.assemble.family.codes.offers import MOST_WORDS, Offer, largest_dimension, not_dominated, repetition
from qbank.assemble.family.codes.orbits import orbit_offers
from qbank.assemble.family.codes.quasi_cyclic import quasi_cyclic_offers
from qbank.assemble.family.codes.record import Code
from qbank.assemble.family.codes.reed_solomon import reed_solomon
from qbank.assemble.family.codes.shelf import Shelf, fill
from qbank.assemble.family.fields import prime_power


def repetition_offers(order: int, longest: int) -> Iterator[Offer]:
    """Yield the codes of dimension 1."""
    for length in range(1, longest + 1):
        yield Offer(order, length, 1, 0, "repetition", "algebra", partial(repetition, order, length))


def reed_solomon_offers(order: int, longest: int) -> Iterator[Offer]:
    """Yield the codes of q + 1 places, or of `longest` where that is fewer, and those of q + 2."""
    length = min(longest, order + 1)
    for dimension in range(2, min(length, largest_dimension(order)) + 1):
        make = partial(reed_solomon, order, length, dimension)
        yield Offer(order, length, dimension, dimension - 1, "reed-solomon", "algebra", make)
    if order % 2 == 0 and order > 2 and longest >= order + 2:
        for dimension in {3, order - 1} - set(range(largest_dimension(order) + 1, order)):
            make = partial(reed_solomon, order, order + 2, dimension)
            yield Offer(order, order + 2, dimension, dimension - 1, "reed-solomon", "algebra", make)


Construction = Callable[[int, int], Iterable[Offer]]
CONSTRUCTIONS: dict[str, Construction] = {
    "repetition": repetition_offers,
    "reed-solomon": reed_solomon_offers,
    "orbits": orbit_offers,
    "quasi-cyclic": quasi_cyclic_offers,
    "projective": projective_offers,
    "hyperbolic": hyperbolic_offers,
    "concatenated": concatenated_offers,
    "norm-trace": norm_trace_offers,
}
"""Word → what this construction offers over GF(order), at its own lengths, up to about a longest one."""

SHELF = 256
"""Codes are worked out for all lengths up to a multiple of this."""


@lru_cache(maxsize=16)
def shelf(order: int, longest: int) -> Shelf:
    """Return the best code for every dimension and length up to `longest`; about 0.2 s."""
    return fill(order, longest, CONSTRUCTIONS.values())


@lru_cache(maxsize=256)
def codes_for(order: int, length: int) -> tuple[Offer, ...]:
    """Return the codes of a length over GF(order) that no other known here dominates, smallest first.

    Each has more words and more overlap than the one before it; none has more than 2^62 words.
    ValueError where order is no prime power up to 256 or length is below 1.

    >>> [(offer.dimension, offer.overlap) for offer in codes_for(5, 6)]
    [(1, 0), (2, 1), (3, 2), (4, 3), (5, 4), (6, 5)]
    """
    if not 2 <= order <= 256 or prime_power(order) is None:
        raise ValueError(f"{order} is no prime power from 2 to 256")
    if length < 1:
        raise ValueError("a paper has at least one place")
    if length <= order + 1:
        offers = [*repetition_offers(order, length), *reed_solomon_offers(order, length)]
        return not_dominated(offer for offer in offers if offer.length == length)
    return not_dominated(shelf(order, -(-length // SHELF) * SHELF).offers(length))


def best_code(order: int, length: int, overlap: int, max_words: int = MOST_WORDS) -> Code | None:
    """Return the code of a length over GF(order) with most words, none two of which agree in more than overlap places.

    None where none is known with at most max_words words (overlap below 0, or max_words below the order).

    >>> code = best_code(37, 25, 5)
    >>> code.dimension, code.overlap, code.proof
    (6, 5, 'algebra')
    """
    fitting = [offer for offer in codes_for(order, length) if offer.overlap <= overlap and offer.size <= max_words]
    return fitting[-1].make() if fitting else None
