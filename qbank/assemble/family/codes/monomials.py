"""Codes of polynomials in several variables: hyperbolic codes on affine space, Reed–Muller codes on projective space.

Hyperbolic: all monomials X₁^e₁ … X_r^e_r, 0 ≤ e < q, with ∏(q − eᵢ) ≥ d, evaluated at all q^r points, have distance at
least d: by the order of the leading monomial a polynomial is other than zero at ∏(q − eᵢ) points at least (the
footprint; Kasami, Lin & Peterson 1968 for generalised Reed–Muller codes, which these contain).

Projective Reed–Muller: forms of degree v ≤ q − 1 in r + 1 variables at the (q^(r+1) − 1)/(q − 1) points of projective
space have at most v·q^(r−1) + (q^(r−1) − 1)/(q − 1) zeros (Serre 1991; Lachaud 1990).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import product as combinations
from math import comb, prod

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.family.codes.offers import Offer, largest_dimension
from qbank.assemble.family.codes.record import Code
from qbank.assemble.family.fields import Field, Symbols, field

Exponents = NDArray[np.int64]
MOST_POINTS = 600
"""Spaces with more points are left alone: papers are shorter."""


def hyperbolic_offers(order: int, longest: int) -> Iterator[Offer]:
    """Yield the codes of each distance on affine spaces of three and more dimensions (two: concatenated codes)."""
    variables = 3
    while order**variables <= min(MOST_POINTS, 2 * longest):
        footprints = np.array(sorted((_footprint(order, e) for e in _exponents(order, variables)), reverse=True))
        for distance in sorted({int(footprint) for footprint in footprints}):
            dimension = int((footprints >= distance).sum())
            if 2 <= dimension <= largest_dimension(order):
                yield Offer(
                    order, order**variables, dimension, order**variables - distance, "hyperbolic", "algebra",
                    partial(hyperbolic, order, variables, distance),
                )  # fmt: skip
        variables += 1


def hyperbolic(order: int, variables: int, distance: int) -> Code:
    """Return the code of all monomials whose footprint is at least a distance, at all points of affine space.

    >>> code = hyperbolic(2, 4, 8)                       # the Reed–Muller code of order 1
    >>> code.length, code.dimension, code.overlap
    (16, 5, 8)
    """
    chosen = [e for e in _exponents(order, variables) if _footprint(order, e) >= distance]
    points = np.array(list(combinations(range(order), repeat=variables)))
    text = f"hyperbolic: monomials of footprint ≥ {distance} in {variables} variables over GF({order})"
    rows = _evaluated(field(order), np.array(chosen), points)
    return Code(order, len(points), len(chosen), len(points) - distance, text, "algebra", rows)


def projective_offers(order: int, longest: int) -> Iterator[Offer]:
    """Yield the projective Reed–Muller codes of degree up to q − 1."""
    space = 2
    while (n_points := (order ** (space + 1) - 1) // (order - 1)) <= min(MOST_POINTS, 2 * longest):
        for degree in range(1, order):
            dimension = comb(space + degree, degree)
            if dimension <= largest_dimension(order):
                overlap = _most_zeros(order, space, degree)
                yield Offer(
                    order, n_points, dimension, overlap, "projective", "algebra",
                    partial(projective, order, space, degree),
                )  # fmt: skip
        space += 1


def projective(order: int, space: int, degree: int) -> Code:
    """Return the code of forms of a degree at the points of a projective space.

    ValueError where the degree is not 1 … q − 1.

    >>> code = projective(9, 2, 2)                       # conics of the plane: two lines have most points
    >>> code.length, code.dimension, code.overlap
    (91, 6, 19)
    """
    if not 1 <= degree < order:
        raise ValueError(f"forms of degree 1 to {order - 1} are meant, not {degree}")
    points = np.array([p for p in combinations(range(order), repeat=space + 1) if _normalised(p)])
    chosen = np.array([e for e in combinations(range(degree + 1), repeat=space + 1) if sum(e) == degree])
    text = f"projective Reed–Muller: forms of degree {degree} in {space + 1} variables over GF({order})"
    rows = _evaluated(field(order), chosen, points)
    return Code(order, len(points), len(chosen), _most_zeros(order, space, degree), text, "algebra", rows)


def _most_zeros(order: int, space: int, degree: int) -> int:
    """Return how many points the zeros of a form have at most: as many hyperplanes through one subspace."""
    below: int = order ** (space - 1)
    return degree * below + (below - 1) // (order - 1)


def _normalised(point: tuple[int, ...]) -> bool:
    """Return whether the first coordinate other than 0 is 1: one of the names of a point."""
    return next((coordinate for coordinate in point if coordinate), 0) == 1


def _exponents(order: int, variables: int) -> list[tuple[int, ...]]:
    """Return the exponents of all monomials that are different functions."""
    return list(combinations(range(order), repeat=variables))


def _footprint(order: int, exponents: tuple[int, ...]) -> int:
    """Return at how many points at least a polynomial with this leading monomial is not 0."""
    return prod(order - exponent for exponent in exponents)


def _evaluated(over: Field, exponents: Exponents, points: Exponents) -> Symbols:
    """Return the values of monomials at points: (n_monomials, n_points)."""
    table = np.ones((int(exponents.max()) + 1, over.order), dtype=over.add.dtype)
    for power in range(1, len(table)):
        table[power] = over.multiply[table[power - 1], np.arange(over.order)]
    rows = np.ones((len(exponents), len(points)), dtype=over.add.dtype)
    for variable in range(points.shape[1]):
        rows = over.multiply[rows, table[exponents[:, variable, None], points[:, variable]]]
    return rows
