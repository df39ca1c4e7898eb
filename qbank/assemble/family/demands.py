"""What every paper of a family must satisfy, as arrays over the candidates: rows, conflicts, and measures to keep even."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.family.bundles import Bundles, plan_bundles
from qbank.assemble.program import Program
from qbank.problem import Span

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

LARGEST = 256
"""Items of a slot at most: letters are kept in a byte."""
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
    """A candidate is an item, or a group of items that fills several places at once (`bundles`); the groups of one rule
    are a section of their own after those of the blueprint.

    item, section : (n_columns,) of each candidate the (first) item's position in the pool and its section, −1 of those
    that no slot takes ; sizes : (n_sections,) slots of each section ; values : (n_rows, n_columns) ; low, high : (n_rows,) ; labels, origins :
    (n_rows,) whose rows these are ; conflicts : (n_pairs, 2) candidates that never stand on one paper ; reasons :
    (n_pairs,) why not ; measures : what is kept even ; must : (n_columns,) candidates that slots take before others ;
    weights : (n_sections,) questions that a slot fills, () one each ; home : (n_sections,) section of the blueprint, ()
    the same ; groups : (n_columns, widest) all items of each candidate, −1 beyond, of no columns where each has one ; kept :
    labels of rules that the slots keep whatever they hold ; largest : candidates that no slot has more of
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
    weights: tuple[int, ...] = ()
    home: tuple[int, ...] = ()
    groups: Indices = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int64))
    kept: tuple[str, ...] = ()
    largest: int = LARGEST

    @property
    def slot_weights(self) -> Indices:
        """Return how many questions each slot fills, (length,)."""
        return np.repeat(np.array(self.weights or (1,) * len(self.sizes), dtype=np.int64), self.sizes)

    @property
    def slot_homes(self) -> Indices:
        """Return the blueprint's section in which each slot stands, (length,)."""
        return np.repeat(np.array(self.home or range(len(self.sizes)), dtype=np.int64), self.sizes)

    def items_of(self, column: int) -> Indices:
        """Return the positions in the pool of the items of a candidate."""
        if not self.groups.size:
            return self.item[column : column + 1]
        row = self.groups[column]
        return np.asarray(row[row >= 0])

    @property
    def n_columns(self) -> int:
        """Return the number of candidates."""
        return int(self.item.size)

    @property
    def length(self) -> int:
        """Return the number of slots, each of which fills one place of a paper or several."""
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


def demands_of(program: Program, sizes: Sequence[int], measures: Measures) -> tuple[Demands | None, tuple[str, ...]]:
    """Return the demands of the papers of a compiled program for one paper, or nothing and the rules that no slots keep.

    Rows that let at most one of a few candidates stand become pairs that never meet, as enemies are; rows that say how
    many places a section has are kept by the slots and left out. Rules on sets become groups of candidates. measures :
    over the columns of the program.
    """
    n = program.n_candidates
    dense = np.asarray(program.matrix[:, :n].todense(), dtype=np.float64)
    usable = program.upper[0, :n] > 0
    of_sets = {found.source.rule for found in program.sets}
    section, item = program.role[:n].astype(np.int64), program.item[:n].astype(np.int64)
    pairs: dict[tuple[int, int], str] = {}
    kept: list[int] = []
    for row in range(dense.shape[0]):
        there = np.flatnonzero(dense[row] * usable)
        low, high = program.low[0, row], program.high[0, row]
        if program.rules[row] in of_sets or (not there.size and low <= 0 <= high):
            continue
        if _counts_section(dense[row, usable], section[usable], sizes, low, high):
            continue
        if high == 1 and low <= 0 and there.size <= PAIRED and (dense[row, there] == 1).all():
            pairs |= {
                (int(first), int(second)): program.labels[row]
                for place, first in enumerate(there) for second in there[place + 1 :]
            }  # fmt: skip
            continue
        kept.append(row)
    columns_of: dict[int, list[int]] = {}
    for column in np.flatnonzero(usable).tolist():
        columns_of.setdefault(int(item[column]), []).append(column)
    for (first, second), source in zip(program.enemies, program.enemy_sources, strict=True):
        for one in columns_of.get(int(first), ()):
            for other in columns_of.get(int(second), ()):
                pairs[min(one, other), max(one, other)] = source.label
    apart = np.zeros((n if of_sets else 0,) * 2, dtype=np.bool_)
    if of_sets and pairs:
        first_, second_ = np.array(list(pairs)).T
        apart[first_, second_] = apart[second_, first_] = True
    bundles, refused = plan_bundles(program, sizes, apart)
    if refused:
        return None, refused
    return _with_groups(_Rows(program, dense, kept, pairs, usable, section, item), sizes, measures, bundles), ()


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """A program taken apart: the rows that are kept, and the pairs of candidates that never meet with their labels."""

    program: Program
    dense: Array
    kept: list[int]
    pairs: dict[tuple[int, int], str]
    usable: NDArray[np.bool_]
    section: Indices
    item: Indices


def _with_groups(found: _Rows, sizes: Sequence[int], measures: Measures, bundles: tuple[Bundles, ...]) -> Demands:
    """Return the demands whose candidates are single items and, in sections of their own, groups of them."""
    program, alone = found.program, found.usable.copy()
    for each in bundles:
        alone[each.held] = False
    placed = [each for each in bundles if each.places]
    left = np.array(sizes, dtype=np.int64)
    for each in placed:
        left[each.section] -= each.places * each.size
    alone &= left[found.section] > 0
    singles = np.flatnonzero(alone)
    members = [np.array([column]) for column in singles] + [group for each in placed for group in each.groups]
    section = [found.section[singles]] + [np.full(len(each.groups), len(sizes) + k) for k, each in enumerate(placed)]
    owner = np.full(found.usable.size, -1, dtype=np.int64)
    for column, group in enumerate(members):
        owner[group] = column
    pairs: dict[tuple[int, int], str] = {}
    for (one, other), label in found.pairs.items():
        first, second = sorted((int(owner[one]), int(owner[other])))
        if 0 <= first < second:
            pairs[first, second] = label
    of_groups = [((each.rule, owner), each.label) for each in placed for owner in each.owner]
    for (first, (one_stimulus, label)), (second, (other_stimulus, _)) in combinations(enumerate(of_groups, start=singles.size), 2):
        if one_stimulus == other_stimulus:
            pairs[first, second] = label
    ordered = sorted(pairs)
    sums = np.zeros((found.usable.size, len(members)))
    for column, group in enumerate(members):
        sums[group, column] = 1.0
    values, size = found.dense[found.kept] @ sums, max([1, *(each.size for each in placed)])
    groups = np.full((len(members) if placed else 0, size), -1, dtype=np.int64)
    for column, group in enumerate(members if placed else ()):
        groups[column, : group.size] = found.item[group]
    return Demands(
        np.array([found.item[group[0]] for group in members], dtype=np.int64), np.concatenate(section).astype(np.int64),
        (*left.tolist(), *(each.places for each in placed)), values, program.low[0, found.kept], program.high[0, found.kept],
        tuple(program.labels[row] for row in found.kept), tuple(program.origins[row] for row in found.kept),
        np.array(ordered, dtype=np.int64).reshape(-1, 2), tuple(pairs[pair] for pair in ordered),
        Measures(measures.names, measures.values[:, : found.usable.size] @ sums, measures.share, measures.amount, measures.target),
        np.zeros(len(members), dtype=np.bool_), (*(1 for _ in sizes), *(each.size for each in placed)) if placed else (),
        (*range(len(sizes)), *(each.section for each in placed)) if placed else (), groups,
        tuple(dict.fromkeys(each.label for each in bundles)),
    )  # fmt: skip


def _counts_section(row: Array, section: Indices, sizes: Sequence[int], low: float, high: float) -> bool:
    """Return whether a row says no more than how many places one section has."""
    found = np.flatnonzero(row)
    if not found.size or low != high or not (row[found] == 1).all():
        return False
    here = int(section[found[0]])
    return bool(low == sizes[here] and np.array_equal(found, np.flatnonzero(section == here)))
