"""Pilots: how many items so many persons can calibrate, and how many answers the least used of them will get."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from qbank.assemble.family.design import Design
from qbank.assemble.family.exposure import counted
from qbank.assemble.family.sampling import sample_papers

ENOUGH_ANSWERS = 200
"""Answers behind the calibration of every item before sittings of a family may count."""
DEVIATIONS = 2.0
"""Standard deviations that the answers of an item may fall behind what is expected."""
USUAL = 0.8
"""Share of the mean that the least used item is taken to get before any paper is known."""
SPARE = 1.1
"""Papers of a pilot for each of its persons: some for those who come late."""
PAPERS = 20_000


@dataclass(frozen=True, slots=True)
class Answers:
    """least : answers that the least used item gets, less `DEVIATIONS` standard deviations ; mean : over the items used ;
    items : how many these are ; needed : persons with whom the least would be `ENOUGH_ANSWERS`
    """

    least: int
    mean: float
    items: int
    needed: int


def largest_slot(persons: int) -> int:
    """Return how many items a place may choose among where each shall get enough answers; 0 or 1: none.

    >>> [largest_slot(n) for n in (200, 600, 1200, 3000)]
    [0, 2, 4, 10]
    """
    return int(USUAL * persons / _expected())


def persons_for(largest: int) -> int:
    """Return how many persons it takes where a place chooses among so many items.

    >>> persons_for(4), largest_slot(persons_for(4))
    (1152, 4)
    """
    return math.ceil(largest * _expected() / USUAL)


def _expected() -> float:
    """Return the answers that are expected of an item that gets `ENOUGH_ANSWERS` all but surely: n − 2 √n is that many."""
    return (DEVIATIONS / 2 + math.sqrt(DEVIATIONS**2 / 4 + ENOUGH_ANSWERS)) ** 2


def answers_of(design: Design, persons: int, seed: int) -> Answers:
    """Return how many answers the items of a family get from so many persons, each with a paper of their own.

    Of the papers of a family persons take some at random: with share p of n persons an item gets ``n p`` answers, with
    the variance ``n p (1 − p)`` times the share of the papers that nobody takes.
    """
    words = sample_papers(design.code, design.translation, design.sieve, PAPERS, seed).words
    filled = design.sieve.filled
    p, rest = (counted(words, filled.shape[1]) / len(words))[filled], max(0.0, 1 - persons / max(design.count.papers, 1))
    least = float((persons * p - DEVIATIONS * np.sqrt(persons * p * (1 - p) * rest)).min())
    lowest, items = float(p.min()), int(design.weights @ filled.sum(axis=1))
    root = DEVIATIONS / 2 * math.sqrt((1 - lowest) * rest)
    needed = math.ceil((root + math.sqrt(root**2 + ENOUGH_ANSWERS)) ** 2 / lowest) if lowest else 0
    return Answers(max(0, int(least)), persons * float(design.weights.sum()) / items, items, needed)
