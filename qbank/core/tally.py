"""Counts of persons and of what they reached, as the results of sittings are kept; they add up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

N_BANDS = 20
"""The present are counted by twentieths of a paper's marks; full marks are in the last."""
CENTRE_BANDS = ((0, 60), (60, 70), (70, 80), (80, 90), (90, 100))
"""分数段 as centres print them: per cent of the marks, from … to below; the last with its end."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many were registered and what became of them.

    present : sat and whose paper stands ; waiting : sat, but not all of their tasks are marked ; sum, sum_of_squares : of the totals of the present in per cent of the marks ;
        bands : (20,) of the present by total, each twentieth with its lower end
    """

    registered: int = 0
    present: int = 0
    void: int = 0
    withheld: int = 0
    waiting: int = 0
    passed: int = 0
    sum: float = 0.0
    sum_of_squares: float = 0.0
    bands: tuple[int, ...] = (0,) * N_BANDS

    @property
    def absent(self) -> int:
        """Return who was registered and did not sit."""
        return self.registered - self.present - self.waiting - self.void - self.withheld


def added(tallies: Iterable[Tally]) -> Tally:
    """Return the tally of all persons together.

    >>> both = added([Tally(10, 8, 0, 1, 1, 5, 540.0, 33000.0), Tally(4, 2, 1, 0, 0, 2, 140.0, 9800.0)])
    >>> both.registered, both.present, both.waiting, both.absent, both.passed
    (14, 10, 1, 1, 7)
    """
    registered = present = void = withheld = waiting = passed = 0
    total = squares = 0.0
    bands = [0] * N_BANDS
    for one in tallies:
        registered += one.registered
        present += one.present
        void += one.void
        withheld += one.withheld
        waiting += one.waiting
        passed += one.passed
        total += one.sum
        squares += one.sum_of_squares
        bands = [a + b for a, b in zip(bands, one.bands, strict=True)]
    return Tally(registered, present, void, withheld, waiting, passed, total, squares, tuple(bands))


def centre_bands(bands: tuple[int, ...]) -> tuple[int, ...]:
    """Return the counts by the bands that centres print: below 60, 60–69, 70–79, 80–89, 90–100.

    >>> centre_bands((1,) * 20)
    (12, 2, 2, 2, 2)
    """
    step = 100 // N_BANDS
    return tuple(sum(bands[low // step : high // step]) for low, high in CENTRE_BANDS)
