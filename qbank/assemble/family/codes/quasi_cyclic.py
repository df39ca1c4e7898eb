"""Codes of larger dimension that a cyclic shift of all blocks leaves unchanged, found by search, proven by counting.

A column of block i is (x₁^(s_i1 + e₁t), x₂^(s_i2 + e₂t), …), t = 0 … m − 1, x_c a primitive element of GF(q^r_c) written
as r_c coordinates over GF(q), and e_c·m a multiple of q^r_c − 1: a quasi-cyclic code of m·blocks places (Ling & Solé
2001). Multiplying each component with x_c^e_c moves the places of every block by one and turns words into words with
as many zeros; so do factors of GF(q). Of the words whose first component other than zero is c, only those need be
counted in which it is one of a few that no such step leads into each other: 1/88 of 9^10 words, 1/104 of 9^12.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from math import gcd

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.family.codes.counting import split, with_combinations, zeros_of_sums
from qbank.assemble.family.codes.offers import Offer
from qbank.assemble.family.codes.polynomials import powers
from qbank.assemble.family.codes.quasi_cyclic_table import TABLE
from qbank.assemble.family.codes.record import Code
from qbank.assemble.family.fields import Symbols, field, product


@dataclass(frozen=True, slots=True)
class QuasiCyclic:
    """A code of the table: for each component its degree and step, for each block the exponent in each component.

    `points` : places of a block, m;  `components` : (r_c, e_c);  `blocks` : (s_i1, s_i2, …) for each block i
    """

    order: int
    points: int
    overlap: int
    components: tuple[tuple[int, int], ...]
    blocks: tuple[tuple[int, ...], ...]

    @property
    def dimension(self) -> int:
        """Return the sum of the degrees."""
        return sum(degree for degree, _ in self.components)

    @property
    def length(self) -> int:
        """Return the number of places."""
        return self.points * len(self.blocks)


@cache
def quasi_cyclic_entries(order: int) -> tuple[QuasiCyclic, ...]:
    """Return the codes of the table over GF(order).

    A line of the table is `q | places of a block | overlap | degree:step … | exponent,exponent,… …`.
    """
    found = []
    for line in TABLE.splitlines():
        known, points, overlap, components, blocks = line.split("|")
        if int(known) == order:
            pairs = tuple((int(degree), int(step)) for degree, step in (part.split(":") for part in components.split()))
            shifts = tuple(tuple(int(shift) for shift in block.split(",")) for block in blocks.split())
            found.append(QuasiCyclic(order, int(points), int(overlap), pairs, shifts))
    return tuple(found)


def quasi_cyclic_offers(order: int, longest: int) -> Iterator[Offer]:
    """Yield the codes of the table."""
    for entry in quasi_cyclic_entries(order):
        if entry.length <= 2 * longest:
            make = partial(quasi_cyclic_code, entry)
            yield Offer(order, entry.length, entry.dimension, entry.overlap, "quasi-cyclic", "enumerated", make)


def quasi_cyclic_code(entry: QuasiCyclic) -> Code:
    """Return the code of an entry.

    >>> quasi_cyclic_code(QuasiCyclic(2, 7, 4, ((3, 1), (1, 1)), ((0, 0),))).generator.tolist()
    [[1, 0, 0, 1, 0, 1, 1], [0, 1, 0, 1, 1, 1, 0], [0, 0, 1, 0, 1, 1, 1], [1, 1, 1, 1, 1, 1, 1]]
    """
    rows = np.concatenate([_component_rows(entry, place) for place in range(len(entry.components))])
    degrees = " + ".join(str(degree) for degree, _ in entry.components)
    text = f"quasi-cyclic: {len(entry.blocks)} blocks of {entry.points} places over GF({entry.order}), components of degree {degrees}"
    return Code(entry.order, entry.length, entry.dimension, entry.overlap, text, "enumerated", rows)


def _component_rows(entry: QuasiCyclic, place: int) -> Symbols:
    """Return the rows of a component: (degree, length)."""
    degree, step = entry.components[place]
    elements = powers(entry.order, degree)
    shifts = np.array([block[place] for block in entry.blocks])
    exponents = shifts[:, None] + step * np.arange(entry.points)
    return elements[exponents.reshape(-1) % len(elements)].T


def certify_quasi_cyclic(entry: QuasiCyclic) -> int:
    """Return the exact overlap of a code, counted over words that no shift and no factor leads into each other.

    ValueError where a component does not close after `points` steps: the shift would then not leave the code unchanged.

    >>> certify_quasi_cyclic(QuasiCyclic(2, 7, 4, ((3, 1), (1, 1)), ((0, 0),)))
    4
    """
    over = field(entry.order)
    counts: NDArray[np.int64] = np.zeros(entry.length + 1, dtype=np.int64)
    for place, (degree, step) in enumerate(entry.components):
        if step * entry.points % (entry.order**degree - 1):
            raise ValueError(f"component {place} does not close after {entry.points} steps")
        later = [_component_rows(entry, other) for other in range(place + 1, len(entry.components))]
        heads = product(over, _representatives(entry.order, degree, step), _component_rows(entry, place))
        if not later:
            counts += np.bincount((heads == 0).sum(axis=1), minlength=entry.length + 1)
            continue
        middle, tail = split(over, np.concatenate(later))
        sums = (word for head in heads for word in with_combinations(over, middle, head))
        counts += zeros_of_sums(over, sums, tail)
    return int(np.flatnonzero(counts).max())


def _representatives(order: int, degree: int, step: int) -> Symbols:
    """Return messages of a component, other than zero, to one of which every such leads: (n, degree).

    The message that takes the constant coordinate of x^j times a column has the constant coordinates of x^j, x^(j+1), …
    as its symbols; j counts up to steps and factors of GF(order).
    """
    constants = powers(order, degree)[:, 0]
    n_elements = len(constants)
    classes = gcd(step, n_elements // (order - 1))
    places = np.arange(classes)[:, None] + np.arange(degree)
    found: Symbols = constants[places % n_elements]
    return found
