"""Reed–Solomon codes: polynomials of small degree, evaluated (Reed & Solomon 1960).

Two polynomials of degree ≤ k agree in at most k points, for their difference has at most k roots; one more place, the
leading coefficient, keeps this ("the point at infinity"). Nothing better is possible by the Singleton bound.
For q even there are q + 2 places for dimension 3 and q − 1 (MacWilliams & Sloane 1977, chapter 11, theorem 10).
"""

from __future__ import annotations

import numpy as np

from qbank.assemble.family.codes.record import Code
from qbank.assemble.family.fields import Symbols, field, product


def longest(order: int, dimension: int) -> int:
    """Return for how many places such a code of a dimension is known: q + 1, with two exceptions for q even.

    >>> longest(9, 4), longest(8, 3), longest(8, 7), longest(7, 1)
    (10, 10, 10, 8)
    """
    return order + 2 if order % 2 == 0 and order > 2 and dimension in {3, order - 1} else order + 1


def reed_solomon(order: int, length: int, dimension: int) -> Code:
    """Return the code of polynomials of degree < dimension over GF(order), overlap dimension − 1.

    Place j is the value at the element j; place q the leading coefficient; place q + 1, for q even and dimension 3, the
    coefficient of x.
    ValueError where 1 ≤ dimension ≤ length ≤ q + 1 (q + 2 in the two cases) does not hold.

    >>> code = reed_solomon(37, 25, 6)
    >>> code.overlap, code.size
    (5, 2565726409)
    """
    if not 1 <= dimension <= length <= longest(order, dimension):
        raise ValueError(f"no Reed–Solomon code of length {length} and dimension {dimension} over GF({order})")
    over = field(order)
    words = f"Reed–Solomon: polynomials of degree ≤ {dimension - 1} over GF({order})"
    if length == order + 2:
        rows = _hyperoval(order) if dimension == 3 else _dual(order)
        words += ", triply extended"
    else:
        rows = np.zeros((dimension, order + 1), dtype=over.add.dtype)
        rows[0, :order] = 1
        for degree in range(1, dimension):
            rows[degree, :order] = over.multiply[rows[degree - 1, :order], np.arange(order)]
        rows[dimension - 1, order] = 1
        rows = rows[:, :length]
        words += ", extended" if length == order + 1 else ""
    return Code(order, length, dimension, dimension - 1, words, "algebra", rows)


def _hyperoval(order: int) -> Symbols:
    """Return the columns (1, x, x²), (0, 0, 1) and (0, 1, 0): for q even no three depend on each other."""
    over = field(order)
    every = np.arange(order)
    rows = np.zeros((3, order + 2), dtype=over.add.dtype)
    rows[:, :order] = np.stack([np.ones_like(every), every, over.multiply[every, every]])
    rows[2, order] = rows[1, order + 1] = 1
    return rows


def _dual(order: int) -> Symbols:
    """Return a generator of the dual of the hyperoval's code: dimension q − 1, distance 4."""
    over = field(order)
    rows = _hyperoval(order)
    places = [0, 1, order + 1]
    others = [place for place in range(order + 2) if place not in places]
    found = np.zeros((order - 1, order + 2), dtype=over.add.dtype)
    found[np.arange(order - 1), others] = 1
    # columns 0, 1 and q + 1 are (1, 0, 0), (1, 1, 1), (0, 1, 0): (a, b, c) = (a − c)·first + c·second + (b − c)·third,
    # and minus is plus in characteristic 2
    a, b, c = rows[:, others]
    found[:, places] = np.stack([over.add[a, c], c, over.add[b, c]], axis=1)
    assert not product(over, found, rows.T).any()
    return found
