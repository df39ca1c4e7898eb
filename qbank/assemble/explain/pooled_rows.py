"""The rows of all papers together, or of each, over items that exist and items that could be written.

A *block* is a group of papers whose columns are summed: all papers in one block is the pooled program (``y[c]`` papers
hold candidate c), one block a paper the exact one. Every row belongs to a *group*, what a person can name and switch
off: an entry of ``constraints:``, a section, the weights, the enemies; rows of no group are logic. The search's program
of the sum (`qbank.assemble.pooled`) knows neither groups nor unwritten items, and compares papers, which no explanation
needs; hence two programs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import gcd

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from qbank.assemble.explain.cells import Wide
from qbank.assemble.explain.model import Bounds
from qbank.assemble.pooled import columns_of_items
from qbank.assemble.program import BUILT_IN, Program
from qbank.problem import Span

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Blocks = tuple[tuple[int, ...], ...]

LOGIC = -1
PLENTY = 1e5
"""Items of a cell that any bank could hold."""
MOST_TANGENTS = 4


@dataclass(frozen=True, slots=True)
class Group:
    """What a person can name and change; rule : index under ``constraints:``, `BUILT_IN` for the rest of the plan."""

    name: str
    label: str
    span: Span
    rule: int = BUILT_IN


@dataclass(frozen=True, slots=True)
class Rows:
    """The program of some papers; columns: block by block those of the program, then the items to be written.

    matrix : (n_rows, n_columns) ; low, high : (n_rows,) ; group : (n_rows,) index, `LOGIC` for none ; source : (n_rows,)
    row of the program that it comes from, −1 for none ; size : (n_rows,) papers summed in it ; item : (n_columns,)
    position of its item, −1 ; top : (n_columns,) papers that could hold it at most ; bans : columns that a group keeps
    at 0 ; limits : rows (of one item, over its columns) and columns (the only one of an item) that a group bounds
    """

    wide: Wide
    blocks: Blocks
    groups: tuple[Group, ...]
    matrix: sparse.csr_matrix
    low: Array
    high: Array
    group: Indices
    source: Indices
    size: Array
    item: Indices
    top: Array
    bans: tuple[tuple[int, Indices], ...]
    limits: tuple[tuple[int, Indices, Indices, float], ...]
    written: slice
    uses_row: Indices

    @property
    def n_papers(self) -> int:
        """Return the number of papers."""
        return sum(len(block) for block in self.blocks)

    def bounds(self, active: NDArray[np.bool_] | None = None, *, most_written: float | Array = PLENTY) -> Bounds:
        """Return the bounds where some groups are active and so many items of each cell may be written."""
        low, high, upper = self.low.copy(), self.high.copy(), self.top.copy()
        if active is not None:
            off = (self.group >= 0) & ~active[self.group]
            low[off], high[off] = -np.inf, np.inf
        for group, columns in self.bans:
            if active is None or group == LOGIC or active[group]:
                upper[columns] = 0.0
        for group, rows, columns, most in self.limits:
            if active is None or group == LOGIC or active[group]:
                high[rows] = np.minimum(high[rows], most)
                upper[columns] = np.minimum(upper[columns], most)
        upper[self.written] = most_written
        return Bounds(low, high, np.zeros(upper.size), upper)


def pooled_blocks(n_forms: int) -> Blocks:
    """Return all papers in one block."""
    return (tuple(range(n_forms)),)


def single_blocks(n_forms: int) -> Blocks:
    """Return each paper in a block of its own."""
    return tuple((form,) for form in range(n_forms))


@dataclass(slots=True)
class _Pile:
    """Rows under construction over ``n_columns`` columns."""

    n_columns: int
    parts: list[sparse.csr_matrix] = field(default_factory=list)
    low: list[Array] = field(default_factory=list)
    high: list[Array] = field(default_factory=list)
    group: list[Indices] = field(default_factory=list)
    source: list[Indices] = field(default_factory=list)
    size: list[Array] = field(default_factory=list)
    n_rows: int = 0

    def add(
        self, matrix: sparse.csr_matrix, low: Array, high: Array, group: Indices, size: int,
        source: Indices | None = None,
    ) -> Indices:  # fmt: skip
        """Put rows below the others and return where they stand."""
        n, start = matrix.shape[0], self.n_rows
        self.parts.append(matrix)
        self.low.append(low)
        self.high.append(high)
        self.group.append(group)
        self.source.append(np.full(n, -1, dtype=np.int64) if source is None else source)
        self.size.append(np.full(n, float(size)))
        self.n_rows += n
        return np.arange(start, start + n)

    def at_most(self, matrix: sparse.csr_matrix, most: float, group: int, size: int) -> Indices:
        """Put rows that have an upper bound alone."""
        n = matrix.shape[0]
        return self.add(matrix, np.full(n, -np.inf), np.full(n, most), np.full(n, group, dtype=np.int64), size)


def rows_of(wide: Wide, blocks: Blocks) -> Rows:
    """Return the program of the papers named in the blocks."""
    program, n_real = wide.program, wide.n_real
    groups, group_of = _groups(wide)
    names = {found.name: index for index, found in enumerate(groups)}
    n, sizes = program.n_columns, [len(block) for block in blocks]
    n_virtual, shared = program.uses.size - n_real, _shared_items(wide, sum(sizes))
    written = slice(n * len(blocks), n * len(blocks) + n_virtual)
    pile = _Pile(written.stop + shared.size)
    source = np.flatnonzero(_kept(wide))
    low, high = _whole_bounds(program, source)
    for place, block in enumerate(blocks):
        here = _placed(sparse.csr_matrix(program.matrix[source]), place * n, pile.n_columns)
        forms = list(block)
        below, above, group = low[forms].sum(axis=0), high[forms].sum(axis=0), group_of[source]
        twice = (below > above + 1e-9) | ((group == names["weights"]) & np.isfinite(below) & np.isfinite(above))
        pile.add(here, below, np.where(twice, np.inf, above), group, len(block), source)
        pile.add(sparse.csr_matrix(here[twice]), np.full(int(twice.sum()), -np.inf), above[twice], group[twice], len(block),
                 source[twice])  # fmt: skip
    holds = columns_of_items(program)
    if len(program.enemies):
        pairs = sparse.csr_matrix(holds[program.enemies[:, 0]] + holds[program.enemies[:, 1]])
        whose = np.array([names.get(f"rule {source.rule}", names["enemies"]) for source in program.enemy_sources])
        for place, size in enumerate(sizes):
            pile.add(
                _placed(pairs, place * n, pile.n_columns), np.full(len(whose), -np.inf), np.full(len(whose), float(size)),
                whose, size, np.full(len(whose), -1),
            )  # fmt: skip
    every = _placed(sparse.csr_matrix(sparse.hstack([holds] * len(blocks))), 0, pile.n_columns)
    _add_written(pile, wide, every, holds, sizes, written.start)
    _add_overlap(pile, wide, every, shared, written, names)
    per_item = np.diff(every.indptr)[:n_real]
    uses_row, only = (np.full(program.uses.size, -1, dtype=np.int64) for _ in range(2))
    several, alone = np.flatnonzero(per_item > 1), np.flatnonzero(per_item == 1)
    uses_row[several] = pile.at_most(sparse.csr_matrix(every[several]), float(sum(sizes)), LOGIC, sum(sizes))
    only[alone] = every.indices[every.indptr[alone]]
    limits = tuple(
        (names.get(f"rule {limit.source.rule}", LOGIC), _there(uses_row[limit.items]), _there(only[limit.items]), float(limit.most))
        for limit in program.limits
    )  # fmt: skip
    owner = np.tile(program.item, len(blocks))
    top = np.where(owner >= n_real, PLENTY, np.repeat(np.array(sizes, dtype=np.float64), n))
    return Rows(
        wide, blocks, groups, sparse.csr_matrix(sparse.vstack(pile.parts)), np.concatenate(pile.low),
        np.concatenate(pile.high), np.concatenate(pile.group), np.concatenate(pile.source), np.concatenate(pile.size),
        np.concatenate([owner, np.arange(n_real, program.uses.size), np.full(shared.size, -1)]),
        np.append(top, np.full(n_virtual + shared.size, PLENTY)),
        _bans(program, names, len(blocks)), limits, written, uses_row,
    )  # fmt: skip


def _add_written(
    pile: _Pile, wide: Wide, every: sparse.csr_matrix, holds: sparse.csr_matrix, sizes: list[int], start: int
) -> None:
    """Let papers hold of each cell no more than is written, each item so often as items may be used."""
    program, n_real = wide.program, wide.n_real
    n_virtual = program.uses.size - n_real
    places = np.arange(n_virtual)
    uses = np.minimum(program.uses, sum(sizes))[n_real:].astype(np.float64)

    def budget(values: Array) -> sparse.csr_matrix:
        return sparse.csr_matrix((values, (places, places + start)), shape=(n_virtual, pile.n_columns))

    pile.at_most(sparse.csr_matrix(every[n_real:] - budget(uses)), 0.0, LOGIC, sum(sizes))
    if len(sizes) > 1:
        for place, size in enumerate(sizes):
            here = _placed(sparse.csr_matrix(holds[n_real:]), place * program.n_columns, pile.n_columns)
            pile.at_most(sparse.csr_matrix(here - budget(np.full(n_virtual, float(size)))), 0.0, LOGIC, size)


def _shared_items(wide: Wide, n_papers: int) -> Indices:
    """Return the items that two papers could share, where a rule counts what they share."""
    counted = bool(wide.program.overlaps) and n_papers == wide.program.n_forms > 1
    return np.flatnonzero(wide.program.uses > 1) if counted else np.zeros(0, np.int64)


def _add_overlap(
    pile: _Pile, wide: Wide, every: sparse.csr_matrix, shared: Indices, written: slice, names: dict[str, int]
) -> None:
    """Bound what all pairs of papers share together: an item on u papers is shared by ``u (u − 1) / 2`` pairs.

    That is convex, so its tangents ``s u − s (s + 1) / 2`` are enough: a column a shared item, above each of them.
    """
    if not shared.size:
        return
    n, n_papers = shared.size, wide.program.n_forms
    pairs, first, places = n_papers * (n_papers - 1) / 2, pile.n_columns - shared.size, np.arange(shared.size)
    counted = sparse.csr_matrix((np.ones(n), (places, first + places)), shape=(n, pile.n_columns))
    new = np.flatnonzero(shared >= wide.n_real)
    copies = sparse.csr_matrix(
        (np.ones(new.size), (new, written.start + shared[new] - wide.n_real)), shape=(n, pile.n_columns)
    )
    for tangent in range(1, min(n_papers - 1, MOST_TANGENTS) + 1):
        constant = tangent * (tangent + 1) / 2
        above = np.where(shared >= wide.n_real, 0.0, constant)
        row = sparse.csr_matrix(tangent * every[shared] - constant * copies - counted)
        pile.add(row, np.full(n, -np.inf), above, np.full(n, LOGIC, dtype=np.int64), n_papers)
    whole = sparse.csr_matrix((np.ones(n), (np.zeros(n, np.int64), first + places)), shape=(1, pile.n_columns))
    for overlap in wide.program.overlaps:
        pile.at_most(whole, overlap.high * pairs, names.get(f"rule {overlap.source.rule}", LOGIC), n_papers)


def _bans(program: Program, names: dict[str, int], n_blocks: int) -> tuple[tuple[int, Indices], ...]:
    """Return the columns that rules keep at 0, with the group of each; of no group where no ban says why."""
    n, banned = program.n_columns, np.zeros(program.n_columns, dtype=np.bool_)
    bans = []
    for ban in program.bans:
        banned[ban.columns] = True
        bans.append((names.get(f"rule {ban.source.rule}", LOGIC), _in_every_block(ban.columns, n, n_blocks)))
    never = np.flatnonzero((program.upper.max(axis=0) <= 0) & ~banned)
    return (*bans, (LOGIC, _in_every_block(never, n, n_blocks)))


def _there(found: Indices) -> Indices:
    return found[found >= 0]


def _in_every_block(columns: Indices, n: int, n_blocks: int) -> Indices:
    return np.concatenate([columns + place * n for place in range(n_blocks)])


def _placed(matrix: sparse.csr_matrix, start: int, n_columns: int) -> sparse.csr_matrix:
    """Return the matrix with its first column at ``start`` of a wider one."""
    return sparse.csr_matrix((matrix.data, matrix.indices + start, matrix.indptr), shape=(matrix.shape[0], n_columns))


def _kept(wide: Wide) -> NDArray[np.bool_]:
    """Return the rows but those that keep one prototype from standing twice: it stands for many items."""
    program, kept = wide.program, np.ones(len(wide.program.labels), dtype=np.bool_)
    for row in np.flatnonzero(program.hard):
        columns = program.matrix.indices[program.matrix.indptr[row] : program.matrix.indptr[row + 1]]
        items = np.unique(program.item[columns])
        kept[row] = not (items.size == 1 and items[0] >= wide.n_real)
    return kept


def _groups(wide: Wide) -> tuple[tuple[Group, ...], Indices]:
    """Return what can be named, and for each row of the program the index of what it belongs to."""
    program, blueprint = wide.program, wide.setting.blueprint
    groups: dict[str, Group] = {}
    for section in blueprint.sections:
        label = f"{section.title} ({section.items})"
        groups[label] = Group("section", label, section.span)
    groups["weights"] = Group("weights", f"weights ± {blueprint.weights_tolerance or 0:g}", blueprint.span)
    for rule in wide.setting.rules:
        groups[f"rule {rule.index}"] = Group(f"rule {rule.index}", rule.label, rule.span, rule.index)
    groups["enemies"] = Group("enemies", "enemies", blueprint.span)
    keys = list(groups)
    owner = np.full(len(program.labels), LOGIC, dtype=np.int64)
    for row, (label, index, hard) in enumerate(zip(program.labels, program.rules, program.hard, strict=True)):
        if hard:
            continue
        key = f"rule {index}" if index != BUILT_IN else "weights" if label.startswith("weights:") else label
        if key not in groups:
            groups[key] = Group(key, label, program.origins[row])
            keys.append(key)
        owner[row] = keys.index(key)
    return tuple(groups.values()), owner


def _whole_bounds(program: Program, rows: Indices) -> tuple[Array, Array]:
    """Return the bounds of a paper, moved inward to what whole numbers can reach; shape (n_forms, n_rows)."""
    low, high = program.low[:, rows].copy(), program.high[:, rows].copy()
    for place, row in enumerate(rows):
        values = program.matrix.data[program.matrix.indptr[row] : program.matrix.indptr[row + 1]]
        step = common_step(values)
        if step:
            low[:, place] = np.ceil(low[:, place] / step - 1e-9) * step
            high[:, place] = np.floor(high[:, place] / step + 1e-9) * step
    return low, high


def common_step(values: Array) -> float:
    """Return the largest number of which all values are multiples, 0 where none is found.

    >>> common_step(np.array([4.0, 6.0])), common_step(np.array([0.5, 2.0])), common_step(np.array([0.123457]))
    (2.0, 0.5, 0.0)
    """
    distinct = np.unique(values[values != 0])
    if not distinct.size or distinct.size > 200:
        return 0.0
    for scale in (1, 2, 4, 10, 100):
        scaled = distinct * scale
        whole = np.round(scaled)
        if np.abs(scaled - whole).max() < 1e-9:
            return gcd(*(int(value) for value in whole)) / scale
    return 0.0
