"""Papers against overlap: what can be had for a number of items a slot and of places, and what nobody could have."""

from __future__ import annotations

from dataclasses import dataclass

from qbank.assemble.family.codes.bounds import most_words
from qbank.assemble.family.codes.table import codes_for


@dataclass(frozen=True, slots=True)
class Trade:
    """So many papers with at most so much overlap between any two.

    `papers` : order^dimension, before any is filtered out;  `overlap` : the most items that two of them share
    `construction` : the constructions that the code is made of;  `proof` : "algebra" or "enumerated"
    `upper_bound` : more papers than that no code over as many symbols has at this overlap, linear or not
    """

    papers: int
    dimension: int
    overlap: int
    construction: str
    proof: str
    upper_bound: int


def trade_off(order: int, length: int) -> tuple[Trade, ...]:
    """Return papers against overlap for slots of `order` items and papers of `length` places, fewest papers first.

    About a second for 100 places, most of it for the upper bounds.
    ValueError where order is no prime power up to 256 or length is below 1.

    >>> for row in trade_off(5, 4):
    ...     print(row.papers, row.overlap, row.construction, row.upper_bound)
    5 0 repetition 5
    25 1 reed-solomon 25
    125 2 reed-solomon 125
    625 3 reed-solomon 625
    """
    return tuple(
        Trade(
            offer.size, offer.dimension, offer.overlap, offer.construction, offer.proof,
            most_words(order, length, offer.overlap),
        )
        for offer in codes_for(order, length)
    )  # fmt: skip
