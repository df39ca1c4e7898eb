"""Pilots: how many items so many persons can calibrate, and how many answers the least used of them will get."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.family.design import Design, without_items
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
FURTHER = 1.6
"""Papers of a pilot that are listed for each of its persons, before those with items shown too seldom go."""
TURNS = 4
"""Times that items with too few answers are left out of a list."""
PAPERS = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """least : answers that the least used item gets, less `DEVIATIONS` standard deviations ; mean : over the items used ;
    items : how many these are ; needed : persons with whom the least would be `ENOUGH_ANSWERS` ; short : (n_slots, order)
    items that get fewer than that
    """

    least: int
    mean: float
    items: int
    needed: int
    short: NDArray[np.bool_]


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
    p, rest = counted(words, filled.shape[1]) / len(words), max(0.0, 1 - persons / max(design.count.papers, 1))
    least = persons * p - DEVIATIONS * np.sqrt(persons * p * (1 - p) * rest)
    lowest, items = float(p[filled].min()), int(design.weights @ filled.sum(axis=1))
    root = DEVIATIONS / 2 * math.sqrt((1 - lowest) * rest)
    needed = math.ceil((root + math.sqrt(root**2 + ENOUGH_ANSWERS)) ** 2 / lowest) if lowest else 0
    fewest = max(0, int(least[filled].min()))
    return Answers(fewest, persons * float(design.weights.sum()) / items, items, needed, filled & (least < ENOUGH_ANSWERS))


def pilot_design(design: Design, must: NDArray[np.bool_], persons: int, papers: int, seed: int) -> tuple[Design, Answers]:
    """Return a family for so many persons, without the few items that too few of them would answer, where it is a list.

    must : (n_slots, order) items that stay ; papers : that it must have. Of a list `SPARE` papers a person remain.
    """
    most, out = math.ceil(SPARE * papers), np.zeros_like(design.sieve.filled)
    answers = answers_of(design, persons, seed)
    for _ in range(TURNS):
        fewer = without_items(design, out, most, seed)
        if fewer is None or fewer.count.papers < papers:
            break
        answers = answers_of(fewer, persons, seed)
        if answers.least >= ENOUGH_ANSWERS:
            return fewer, answers
        if not (further := answers.short & ~must).any():
            break
        out = out | further
    return design, answers
