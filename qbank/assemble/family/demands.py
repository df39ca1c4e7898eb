"""What every paper of a family must satisfy, as arrays over the candidates: rows, conflicts, and measures to keep even."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.program import Program
from qbank.problem import Span

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

PAIRED = 24
"""Of more candidates than these of which one may stand the number is counted; pairs of them would be too many."""


@dataclass(frozen=True, slots=True, eq=False)
class Measures:
    """Quantities of a paper that shall be nearly the same on every paper of a family.

    names : what they are called ; values : (n_measures, n_columns) what each candidate adds ; share : (n_measures,)
    by how much of the target a paper may differ, ∞ where only `amount` counts ; amount : (n_measures,) by how much in
    the measure's own unit, ∞ where only the share counts ; target : (n_measures,) NaN where the mean of the papers is it
    """

    names: tuple[str, ...]
    values: Array
    share: Array
    amount: Array
    target: Array

    def width(self, centre: Array) -> Array:
        """Return by how much a paper may differ from the targets `centre`, in the unit of each measure."""
        return np.minimum(self.share * np.abs(centre), self.amount)


def no_measures(n_columns: int) -> Measures:
    """Return nothing to keep even."""
    none = np.zeros(0)
    return Measures((), np.zeros((0, n_columns)), none, none, none)


@dataclass(frozen=True, slots=True, eq=False)
class Demands:
    """item, section : (n_columns,) of each candidate the item's position in the pool and its section, −1 of those that
    no slot takes ; sizes : (n_sections,) places of each section ; values : (n_rows, n_columns) ; low, high : (n_rows,) ; labels, origins :
    (n_rows,) whose rows these are ; conflicts : (n_pairs, 2) candidates that never stand on one paper ; reasons :
    (n_pairs,) why not ; measures : what is kept even ; must : (n_columns,) candidates that slots take before others
    """

    item: Indices
    section: Indices
    sizes: tuple[int, ...]
    values: Array
    low: Array
    high: Array
    labels: tuple[str, ...]
    origins: tuple[Span, ...]
    conflicts: Indices
    reasons: tuple[str, ...]
    measures: Measures
    must: NDArray[np.bool_]

    @property
    def n_columns(self) -> int:
        """Return the number of candidates."""
        return int(self.item.size)

    @property
    def length(self) -> int:
        """Return the number of places of a paper."""
        return sum(self.sizes)


def plain_demands(sizes: Sequence[int], section: Indices, measures: Measures) -> Demands:
    """Return the demands of papers without any rule but the number of places of each section.

    section : (n_columns,) of each item
    """
    n = section.size
    return Demands(
        np.arange(n), section.astype(np.int64), tuple(sizes), np.zeros((0, n)), np.zeros(0), np.zeros(0), (), (),
        np.zeros((0, 2), np.int64), (), measures, np.zeros(n, dtype=np.bool_),
    )  # fmt: skip


def demands_of(program: Program, sizes: Sequence[int], measures: Measures) -> Demands:
    """Return the demands of the papers of a compiled program for one paper.

    Rows that let at most one of a few candidates stand become pairs that never meet, as enemies are; rows that say how
    many places a section has are kept by the slots and left out. measures : over the columns of the program.
    """
    n = program.n_candidates
    free = np.flatnonzero(program.upper[0, :n] > 0)
    dense = np.asarray(program.matrix[:, :n].todense(), dtype=np.float64)[:, free]
    section, item = program.role[free].astype(np.int64), program.item[free].astype(np.int64)
    pairs: dict[tuple[int, int], str] = {}
    kept: list[int] = []
    for row in range(dense.shape[0]):
        there = np.flatnonzero(dense[row])
        low, high = program.low[0, row], program.high[0, row]
        if _counts_section(dense[row], section, sizes, low, high) or not there.size:
            continue
        if high == 1 and low <= 0 and there.size <= PAIRED and (dense[row, there] == 1).all():
            pairs |= {
                (int(first), int(second)): program.labels[row]
                for place, first in enumerate(there) for second in there[place + 1 :]
            }  # fmt: skip
            continue
        kept.append(row)
    columns_of: dict[int, list[int]] = {}
    for column, position in enumerate(item):
        columns_of.setdefault(int(position), []).append(column)
    for (first, second), source in zip(program.enemies, program.enemy_sources, strict=True):
        for one in columns_of.get(int(first), ()):
            for other in columns_of.get(int(second), ()):
                pairs[min(one, other), max(one, other)] = source.label
    ordered = sorted(pairs)
    return Demands(
        item, section, tuple(sizes), dense[kept], program.low[0, kept], program.high[0, kept],
        tuple(program.labels[row] for row in kept), tuple(program.origins[row] for row in kept),
        np.array(ordered, dtype=np.int64).reshape(-1, 2), tuple(pairs[pair] for pair in ordered),
        Measures(measures.names, measures.values[:, free], measures.share, measures.amount, measures.target),
        np.zeros(item.size, dtype=np.bool_),
    )  # fmt: skip


def _counts_section(row: Array, section: Indices, sizes: Sequence[int], low: float, high: float) -> bool:
    """Return whether a row says no more than how many places one section has."""
    found = np.flatnonzero(row)
    if not found.size or low != high or not (row[found] == 1).all():
        return False
    here = int(section[found[0]])
    return bool(low == sizes[here] and np.array_equal(found, np.flatnonzero(section == here)))
