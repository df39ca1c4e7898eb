"""Codes from norm–trace curves, of which the Hermitian curve is the first (Stichtenoth 1988; Geil 2003).

Over GF(s^r), q = s^r, the curve X^((q−1)/(s−1)) = Y^(s^(r−1)) + … + Y^s + Y, norm equals trace, has q·s^(r−1) affine
points: each value x has s^(r−1) values y of that trace. At its one point at infinity X has a pole of order a = s^(r−1)
and Y one of order b = (q − 1)/(s − 1); the monomials X^i Y^j with j < a have different pole orders a·i + b·j. A
function whose pole order is at most v has at most v zeros, and vanishes at more points only if it is zero.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from qbank.assemble.family.codes.offers import Offer, largest_dimension
from qbank.assemble.family.codes.record import Code
from qbank.assemble.family.fields import Field, Symbols, field, prime_power


def norm_trace_offers(order: int, longest: int) -> Iterator[Offer]:
    """Yield the codes of each dimension on the curves over GF(order), one for each subfield but itself."""
    for small, degree in _subfields(order):
        n_points = min(order * small ** (degree - 1), longest)
        for dimension, (pole, _, _) in enumerate(_poles(order, small, degree, n_points), 1):
            if 2 <= dimension <= largest_dimension(order):
                make = partial(norm_trace, order, small, n_points, dimension)
                yield Offer(order, n_points, dimension, pole, "norm-trace", "algebra", make)


def norm_trace(order: int, small: int, length: int, dimension: int) -> Code:
    """Return the code of the functions with the smallest poles at points of the curve over GF(order).

    `small` : the order of the subfield that norm and trace go to
    ValueError where the curve has fewer points or functions, or GF(small) is no proper subfield.

    >>> code = norm_trace(9, 3, 27, 5)                   # the Hermitian curve: 1, X, Y, X², XY with poles 0, 3, 4, 6, 7
    >>> code.length, code.dimension, code.overlap
    (27, 5, 7)
    """
    degrees = [degree for known, degree in _subfields(order) if known == small]
    if not degrees or not 1 <= length <= order * small ** (degrees[0] - 1):
        raise ValueError(f"no curve over GF({order}) with {length} points and norms in GF({small})")
    over = field(order)
    functions = _poles(order, small, degrees[0], length)[:dimension]
    if len(functions) < dimension:
        raise ValueError(f"no {dimension} functions with fewer than {length} poles")
    points = _points(over, small, degrees[0])[:length]
    rows = np.stack(
        [over.multiply[_power(over, points[:, 0], i), _power(over, points[:, 1], j)] for _, i, j in functions]
    )
    text = f"norm–trace curve of GF({order}) over GF({small}): {dimension} functions of pole order ≤ {functions[-1][0]}"
    return Code(order, length, dimension, functions[-1][0], text, "algebra", rows)


def _subfields(order: int) -> list[tuple[int, int]]:
    """Return (s, r) with s^r = order, r ≥ 2."""
    found = prime_power(order)
    assert found is not None
    p, m = found
    return [(p ** (m // degree), degree) for degree in range(2, m + 1) if m % degree == 0]


def _poles(order: int, small: int, degree: int, below: int) -> list[tuple[int, int, int]]:
    """Return (pole order, i, j) of the monomials X^i Y^j with a pole order below a number, smallest first."""
    a, b = small ** (degree - 1), (order - 1) // (small - 1)
    return sorted((a * i + b * j, i, j) for j in range(a) for i in range(order) if a * i + b * j < below)


def _points(over: Field, small: int, degree: int) -> Symbols:
    """Return the affine points: (order · s^(r−1), 2), those of one x together."""
    every = np.arange(over.order)
    norms = _power(over, every, (over.order - 1) // (small - 1))
    traces = np.zeros_like(over.negative)
    conjugate = every.astype(over.add.dtype)
    for _ in range(degree):
        traces = over.add[traces, conjugate]
        conjugate = _power(over, conjugate, small)
    return np.argwhere(norms[:, None] == traces[None, :])


def _power(over: Field, values: Symbols, exponent: int) -> Symbols:
    """Return each element to a power, 0⁰ = 1."""
    found: Symbols = np.ones(values.shape, dtype=over.add.dtype)
    for _ in range(exponent):
        found = over.multiply[found, values]
    return found
