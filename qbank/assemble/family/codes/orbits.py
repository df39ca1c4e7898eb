"""Codes whose columns are orbits of points of projective space under a cyclic group, found by search, proven by counting.

The points of PG(k − 1, q) are the powers of x modulo a primitive polynomial of degree k, up to factors of GF(q) (Singer
1938). Multiplication with x^M, M·o = (q^k − 1)/(q − 1), moves them in orbits of o points; a code takes some orbits,
named by the exponent of a point of each. Two words agree where a hyperplane meets the columns, so the overlap is the
largest number of columns on a hyperplane; hyperplanes of one orbit meet equally many, which made the search fast
(scripts/search_codes.py). Every entry of the table was then counted over all words up to multiples by `certify`, which
anyone can repeat: benchmarks/family_codes.py does for all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from itertools import accumulate

import numpy as np

from qbank.assemble.family.codes.offers import Offer
from qbank.assemble.family.codes.orbit_table import TABLE
from qbank.assemble.family.codes.polynomials import Polynomial, power_of_x, times
from qbank.assemble.family.codes.record import Code


@dataclass(frozen=True, slots=True)
class Orbits:
    """A code of the table: orbits of `points` points each, at the exponents `shifts`, with its counted overlap."""

    order: int
    modulus: Polynomial
    points: int
    overlap: int
    shifts: tuple[int, ...]

    @property
    def dimension(self) -> int:
        """Return the degree of the modulus."""
        return len(self.modulus) - 1

    @property
    def length(self) -> int:
        """Return the number of columns."""
        return self.points * len(self.shifts)


@cache
def entries(order: int) -> tuple[Orbits, ...]:
    """Return the codes of the table over GF(order).

    A line of the table is `q | modulus from the constant up | points:overlap:shift,shift,… …`; a shift is written as
    its distance from the one before.
    """
    found = []
    for line in TABLE.splitlines():
        known, modulus, codes = line.split("|")
        if int(known) == order:
            coefficients = tuple(int(coefficient) for coefficient in modulus.split())
            for code in codes.split():
                points, overlap, shifts = code.split(":")
                exponents = tuple(accumulate(int(shift) for shift in shifts.split(",")))
                found.append(Orbits(order, coefficients, int(points), int(overlap), exponents))
    return tuple(found)


def orbit_offers(order: int, longest: int) -> Iterator[Offer]:
    """Yield the codes of the table; longer ones too, for parts of them serve."""
    for entry in entries(order):
        if entry.length <= 2 * longest:
            yield Offer(
                order, entry.length, entry.dimension, entry.overlap, "orbits", "enumerated", partial(orbit_code, entry)
            )


def orbit_code(entry: Orbits) -> Code:
    """Return the code of an entry; some milliseconds.

    >>> orbit_code(Orbits(2, (1, 1, 0, 1), 7, 3, (0,))).generator.tolist()         # all points of the Fano plane
    [[1, 0, 0, 1, 0, 1, 1], [0, 1, 0, 1, 1, 1, 0], [0, 0, 1, 0, 1, 1, 1]]
    """
    order, modulus, dimension = entry.order, entry.modulus, entry.dimension
    n_points = (order**dimension - 1) // (order - 1)
    step = power_of_x(order, n_points // entry.points, modulus)
    columns = []
    for shift in entry.shifts:
        column = power_of_x(order, shift, modulus)
        for _ in range(entry.points):
            columns.append(column)
            column = times(order, column, step, modulus)
    text = f"{len(entry.shifts)} orbits of {entry.points} points of PG({dimension - 1}, {order})"
    return Code(order, entry.length, dimension, entry.overlap, text, "enumerated", np.array(columns).T)
