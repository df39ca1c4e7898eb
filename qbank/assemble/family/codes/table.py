"""The constructions, and the codes that the best of them give for a number of symbols and of places."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial

from qbank.assemble.family.codes.offers import MOST_WORDS, Offer, largest_dimension, not_dominated, repetition
from qbank.assemble.family.codes.record import Code
from qbank.assemble.family.codes.reed_solomon import longest, reed_solomon
from qbank.assemble.family.fields import prime_power


def _repetitions(order: int, length: int) -> Iterator[Offer]:
    yield Offer(order, length, 1, 0, "repetition", "algebra", partial(repetition, order, length))


def _reed_solomon(order: int, length: int) -> Iterator[Offer]:
    for dimension in range(2, min(length, largest_dimension(order)) + 1):
        if length <= longest(order, dimension):
            yield Offer(
                order, length, dimension, dimension - 1, "reed-solomon", "algebra",
                partial(reed_solomon, order, length, dimension),
            )  # fmt: skip


Construction = Callable[[int, int], Iterable[Offer]]
CONSTRUCTIONS: dict[str, Construction] = {
    "repetition": _repetitions,
    "reed-solomon": _reed_solomon,
}
"""Word → what this construction offers over GF(order) for a length."""


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
    return not_dominated(offer for offers in CONSTRUCTIONS.values() for offer in offers(order, length))


def best_code(order: int, length: int, overlap: int, max_words: int = MOST_WORDS) -> Code | None:
    """Return the code of a length over GF(order) with most words, none two of which agree in more than overlap places.

    None where none is known with at most max_words words (overlap below 0, or max_words below the order).

    >>> code = best_code(37, 25, 5)
    >>> code.dimension, code.overlap, code.proof
    (6, 5, 'algebra')
    """
    fitting = [offer for offer in codes_for(order, length) if offer.overlap <= overlap and offer.size <= max_words]
    return fitting[-1].make() if fitting else None
