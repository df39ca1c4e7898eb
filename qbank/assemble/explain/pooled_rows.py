"""The rows of all papers together, or of each, over items that exist and items that could be written.

A *block* is a group of papers whose columns are summed: all papers in one block is the pooled program (``y[c]`` papers
hold candidate c), one block a paper the exact one. Every row belongs to a *group*, what a person can name and switch
off: an entry of ``constraints:``, a section, the weights, the enemies; rows of no group are logic.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import gcd

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from qbank.assemble.explain.cells import Wide
from qbank.assemble.explain.model import Bounds
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


def rows_of(wide: Wide, blocks: Blocks) -> Rows:
    """Return the program of the papers named in the blocks."""
    program, n_real = wide.program, wide.n_real
    groups, group_of = _groups(wide)
    kept = _kept(wide)
    matrix, source = program.matrix[kept], np.flatnonzero(kept)
    low, high = _whole_bounds(program, source)
    n, sizes = program.n_columns, [len(block) for block in blocks]
    group = group_of[source]
    n_virtual = program.uses.size - n_real
    n_columns = n * len(blocks) + n_virtual
    parts = [sparse.block_diag([matrix] * len(blocks), format="csr")]
    lows = [np.concatenate([low[list(block)].sum(axis=0) for block in blocks])]
    highs = [np.concatenate([high[list(block)].sum(axis=0) for block in blocks])]
    row_groups = [np.tile(group, len(blocks))]
    sources = [np.tile(source, len(blocks))]
    row_sizes = [np.repeat(np.array(sizes, dtype=np.float64), source.size)]
    item = np.concatenate([np.tile(program.item, len(blocks)), np.arange(n_real, program.uses.size)])
    top = np.concatenate([np.repeat(np.array(sizes, dtype=np.float64), n), np.full(n_virtual, PLENTY)])
    top[np.flatnonzero(program.item[np.arange(n * len(blocks)) % n] >= n_real)] = PLENTY

    def add(found: sparse.csr_matrix, below: Array, above: Array, owner: int, papers: float) -> Indices:
        start = sum(part.shape[0] for part in parts)
        parts.append(found)
        lows.append(below)
        highs.append(above)
        row_groups.append(np.full(found.shape[0], owner, dtype=np.int64))
        sources.append(np.full(found.shape[0], -1, dtype=np.int64))
        row_sizes.append(np.full(found.shape[0], papers))
        return np.arange(start, start + found.shape[0])

    names = {found.name: index for index, found in enumerate(groups)}
    if len(program.enemies):
        holds = _holds(program)
        pairs = holds[program.enemies[:, 0]] + holds[program.enemies[:, 1]]
        for place, size in enumerate(sizes):
            wide_pairs = _placed(pairs, place * n, n_columns)
            add(wide_pairs, np.full(len(program.enemies), -np.inf), np.full(len(program.enemies), float(size)),
                names["enemies"], float(size))  # fmt: skip
    every = sparse.csr_matrix(sparse.hstack([_holds(program)] * len(blocks)))
    per_item = np.diff(every.indptr)
    written = slice(n * len(blocks), n_columns)
    uses = np.minimum(program.uses, sum(sizes))
    if n_virtual:
        takes = _placed(every[n_real:], 0, n_columns)
        budget = sparse.csr_matrix((-uses[n_real:].astype(np.float64), (np.arange(n_virtual), np.arange(n_virtual) + written.start)),
                                   shape=(n_virtual, n_columns))  # fmt: skip
        add(sparse.csr_matrix(takes + budget), np.full(n_virtual, -np.inf), np.zeros(n_virtual), LOGIC, 1.0)
        if len(blocks) > 1:
            one = sparse.csr_matrix((np.ones(n_virtual), (np.arange(n_virtual), np.arange(n_virtual) + written.start)),
                                    shape=(n_virtual, n_columns))  # fmt: skip
            here = _holds(program)[n_real:]
            for place, size in enumerate(sizes):
                add(sparse.csr_matrix(_placed(here, place * n, n_columns) - size * one),
                    np.full(n_virtual, -np.inf), np.zeros(n_virtual), LOGIC, float(size))  # fmt: skip
    several = np.flatnonzero(per_item[:n_real] > 1)
    uses_row = np.full(program.uses.size, -1, dtype=np.int64)
    if several.size:
        uses_row[several] = add(
            _placed(every[several], 0, n_columns), np.full(several.size, -np.inf),
            np.full(several.size, float(sum(sizes))), LOGIC, float(sum(sizes)),
        )  # fmt: skip
    only = np.full(program.uses.size, -1, dtype=np.int64)
    single = np.flatnonzero(per_item[:n_real] == 1)
    only[single] = every.indices[every.indptr[single]]
    limits = tuple(
        (names.get(f"rule {limit.source.rule}", LOGIC), _there(uses_row[limit.items]), _there(only[limit.items]), float(limit.most))
        for limit in program.limits
    )  # fmt: skip
    bans = tuple(
        (names.get(f"rule {ban.source.rule}", LOGIC), _in_every_block(ban.columns, n, len(blocks))) for ban in program.bans
    )
    banned = np.zeros(n, dtype=np.bool_)
    for ban in program.bans:
        banned[ban.columns] = True
    never = np.flatnonzero((program.upper.max(axis=0) <= 0) & ~banned)
    bans += ((LOGIC, _in_every_block(never, n, len(blocks))),) if never.size else ()
    rows = Rows(
        wide, blocks, groups, sparse.csr_matrix((0, n_columns)), np.zeros(0), np.zeros(0), np.zeros(0, np.int64),
        np.zeros(0, np.int64), np.zeros(0), item, top, bans, limits, written, uses_row,
    )  # fmt: skip
    padded = [_placed(part, 0, n_columns) if part.shape[1] != n_columns else part for part in parts]
    return _finished(rows, padded, (lows, highs, row_groups, sources, row_sizes))


def _finished(rows: Rows, parts: list[sparse.csr_matrix], columns: tuple[list[Array], ...]) -> Rows:
    lows, highs, groups, sources, sizes = columns
    return replace(
        rows, matrix=sparse.csr_matrix(sparse.vstack(parts)), low=np.concatenate(lows), high=np.concatenate(highs),
        group=np.concatenate(groups).astype(np.int64), source=np.concatenate(sources).astype(np.int64),
        size=np.concatenate(sizes),
    )  # fmt: skip


def _there(found: Indices) -> Indices:
    return found[found >= 0]


def _in_every_block(columns: Indices, n: int, n_blocks: int) -> Indices:
    return np.concatenate([columns + place * n for place in range(n_blocks)])


def _placed(matrix: sparse.csr_matrix, start: int, n_columns: int) -> sparse.csr_matrix:
    """Return the matrix with its first column at ``start`` of a wider one."""
    return sparse.csr_matrix((matrix.data, matrix.indices + start, matrix.indptr), shape=(matrix.shape[0], n_columns))


def _holds(program: Program) -> sparse.csr_matrix:
    """Return which columns are of which item; shape (n_items, n_columns)."""
    columns = np.flatnonzero(program.item >= 0)
    found = (np.ones(columns.size), (program.item[columns], columns))
    return sparse.csr_matrix(found, shape=(program.uses.size, program.n_columns))


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
    for row, (label, rule, hard) in enumerate(zip(program.labels, program.rules, program.hard, strict=True)):
        if hard:
            continue
        key = f"rule {rule}" if rule != BUILT_IN else "weights" if label.startswith("weights:") else label
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
