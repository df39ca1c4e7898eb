"""Generalised concatenated codes: long codes from short Reed–Solomon codes inside longer ones outside.

The inner code of length m over GF(q) is a chain B₁ ⊃ B₂ ⊃ … of Reed–Solomon codes; a coset of Bᵢ₊₁ in Bᵢ is named by μᵢ
symbols of GF(q), that is one of GF(q^μᵢ), and these form, over the M blocks, a word of an outer code of distance Dᵢ. A
word other than zero whose first outer word other than zero is the i-th has Dᵢ blocks at least that are not in Bᵢ₊₁ but
in Bᵢ, each of weight at least d(Bᵢ): the distance is at least min Dᵢ·d(Bᵢ) (Blokh & Zyablov 1974; Forney 1966 for one
step; MacWilliams & Sloane 1977, chapter 18, §8.2). With steps of one symbol these are the hyperbolic codes and contain
the affine generalised Reed–Muller codes in two variables.

Inner chains: for m ≤ q polynomials of degree < k at m elements, every k; for m = q + 1 forms of degree k − 1 in X and Y
at all points of the projective line, where a form of lower degree is put in by multiplying it with an irreducible
form, which has no zero: steps of two or more symbols, but the last. Each is of distance m − k + 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.family.codes.offers import Offer, largest_dimension
from qbank.assemble.family.codes.polynomials import first_primitive, powers
from qbank.assemble.family.codes.record import Code
from qbank.assemble.family.codes.reed_solomon import reed_solomon
from qbank.assemble.family.fields import Field, Symbols, field, product

LONGEST_BLOCK = 40
"""Inner codes are not longer: over large fields longer ones gain little, and there are many."""
MOST_ELEMENTS = 4096
"""The largest alphabet of an outer code."""


@dataclass(frozen=True, slots=True)
class Step:
    """The cosets of the inner code of dimension inner − symbols in that of dimension inner, and their outer code."""

    inner: int
    symbols: int
    outer: int


def concatenated_offers(order: int, longest: int) -> Iterator[Offer]:
    """Yield for each number of blocks and block length what the best chains give."""
    most = largest_dimension(order)
    best: dict[tuple[int, int], tuple[int, int, int]] = {}
    for block in range(2, min(order + 1, longest // 2, LONGEST_BLOCK) + 1):
        for blocks in range(2, longest // block + 1):
            length = block * blocks
            for dimension, distance in enumerate(_distances(order, block, blocks, most)):
                key = (dimension, length)
                if distance and (key not in best or length - distance < best[key][0]):
                    best[key] = (length - distance, block, blocks)
    for (dimension, length), (overlap, block, blocks) in best.items():
        make = partial(concatenated, order, block, blocks, dimension, length - overlap)
        yield Offer(order, length, dimension, overlap, "concatenated", "algebra", make)


def _distances(order: int, block: int, blocks: int, most: int) -> list[int]:
    """Return for each dimension up to `most` the largest distance that some chain proves, 0 where none."""
    found = [0] * (most + 1)
    dimensions = chain_dimensions(order, block, blocks).max(axis=0)
    for distance in range(1, len(dimensions)):
        if 2 <= dimensions[distance] <= most:
            found[dimensions[distance]] = distance
    return found


def chain_dimensions(order: int, block: int, blocks: int) -> NDArray[np.int64]:
    """Return the dimension that the best chain from each inner dimension has at each distance.

    Row k, column d: the chain starts with the inner code of dimension k, the distance is d at least.
    """
    best = np.zeros((block + 1, block * blocks + 1), dtype=np.int64)
    distances = np.arange(block * blocks + 1)
    for inner in range(1, block + 1):
        for symbols in _steps(order, block, inner, blocks):
            outer = _outer_dimension(blocks, -(-distances // (block - inner + 1)))
            best[inner] = np.maximum(best[inner], best[inner - symbols] + symbols * outer)
    return best


def _steps(order: int, block: int, inner: int, blocks: int) -> list[int]:
    """Return how many symbols a step from an inner dimension can take so that the outer code is Reed–Solomon."""
    least = 2 if block == order + 1 and inner > 1 else 1
    return [
        symbols
        for symbols in range(1, inner + 1)
        if (symbols >= least or symbols == inner) and blocks - 1 <= order**symbols <= MOST_ELEMENTS
    ]


def _outer_dimension(blocks: int, distance: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the dimension of the Reed–Solomon code of each distance."""
    return np.clip(blocks - distance + 1, 0, blocks)


def steps_of(order: int, block: int, blocks: int, distance: int) -> tuple[Step, ...]:
    """Return the chain of the largest dimension at a distance, from the largest inner code down."""
    best = chain_dimensions(order, block, blocks)[:, distance]
    inner = int(np.argmax(best))
    steps = []
    while inner and best[inner]:
        for symbols in _steps(order, block, inner, blocks):
            outer = int(_outer_dimension(blocks, np.array(-(-distance // (block - inner + 1)))))
            if best[inner] == best[inner - symbols] + symbols * outer:
                steps.append(Step(inner, symbols, outer))
                inner -= symbols
                break
    return tuple(steps)


def concatenated(order: int, block: int, blocks: int, dimension: int, distance: int) -> Code:
    """Return the code of the best chain for a distance, cut to a dimension where it has more.

    ValueError where no chain has that dimension at this distance.

    >>> code = concatenated(4, 4, 5, 6, 9)
    >>> code.length, code.size, code.overlap
    (20, 4096, 11)
    """
    over = field(order)
    steps = steps_of(order, block, blocks, distance)
    rows = []
    scaling = np.ones(block, dtype=over.add.dtype)
    for step in steps:
        if step.outer:
            rows.append(_step_rows(over, block, blocks, step, scaling))
        if block == order + 1 and step.inner > step.symbols:
            scaling = over.multiply[scaling, _irreducible_values(over, step.symbols)]
    generator = np.concatenate(rows) if rows else np.zeros((0, block * blocks), dtype=over.add.dtype)
    if len(generator) < dimension:
        raise ValueError(f"no chain of dimension {dimension} and distance {distance}")
    text = ", ".join(
        f"[{block}, {step.inner}] by [{blocks}, {step.outer}] over GF({order**step.symbols})"
        for step in steps
        if step.outer
    )
    return Code(
        order, block * blocks, dimension, block * blocks - distance,
        f"generalised concatenation of Reed–Solomon codes: {text}", "algebra", generator[:dimension],
    )  # fmt: skip


def _step_rows(over: Field, block: int, blocks: int, step: Step, scaling: Symbols) -> Symbols:
    """Return the rows of a step: every outer row times every basis element, each symbol put into its block."""
    inner = over.multiply[_coset_rows(over, block, step), scaling]
    outer = outer_rows(over.order, step.symbols, blocks, step.outer)
    return product(over, outer, inner).reshape(-1, blocks * block)


def outer_rows(order: int, symbols: int, length: int, dimension: int) -> Symbols:
    """Return a basis over GF(order) of the Reed–Solomon code over GF(order^symbols), each symbol as its coordinates.

    Shape (dimension · symbols, length, symbols). The elements are 0 and the powers of x; the place after them holds the
    leading coefficient.
    """
    if symbols == 1:
        return reed_solomon(order, length, dimension).generator[:, :, None]
    elements = powers(order, symbols)
    n_powers = len(elements)
    rows = np.zeros((dimension, symbols, length, symbols), dtype=elements.dtype)
    points = np.arange(min(length, n_powers))
    for degree in range(dimension):
        for basis in range(symbols):
            rows[degree, basis, points] = elements[(basis + degree * points) % n_powers]
            if length > n_powers and degree == 0:
                rows[degree, basis, n_powers] = elements[basis]
            if length > n_powers + 1 and degree == dimension - 1:
                rows[degree, basis, n_powers + 1] = elements[basis]
    return rows.reshape(dimension * symbols, length, symbols)


def _coset_rows(over: Field, block: int, step: Step) -> Symbols:
    """Return inner words that, with the smaller inner code, span the larger one: (symbols, block).

    On the line these are the forms XⁱY^(k−1−i) with i < symbols: what remains when a form is divided by one of degree
    `symbols` in X.
    """
    if block <= over.order:
        return reed_solomon(over.order, block, step.inner).generator[step.inner - step.symbols :]
    forms = reed_solomon(over.order, block, step.inner).generator
    return forms[: step.symbols]


def _irreducible_values(over: Field, degree: int) -> Symbols:
    """Return an irreducible form of a degree at the points (x : 1) and (1 : 0): nowhere 0."""
    values = np.zeros(over.order, dtype=over.add.dtype)
    for coefficient in reversed(first_primitive(over.order, degree)):
        values = over.add[over.multiply[values, np.arange(over.order)], coefficient]
    return np.append(values, values.dtype.type(1))
