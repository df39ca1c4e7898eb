"""The program of the papers' sum: how many papers each candidate stands on. Small, and nearly as strict as the papers.

Averaging any papers over their forms gives a point of this program, so that its least objective is a bound for all
papers (the deviations are convex), and papers cannot exist where it has no solution.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from qbank.assemble.program import Array, Indices, Program
from qbank.assemble.solve import LinearProgram
from qbank.assemble.standing import whole_bounds
from qbank.problem import Span

NOWHERE = Span("")


@dataclass(frozen=True, slots=True)
class Pooled:
    """groups : (n_forms,) papers of one group have the same bounds and targets ; column ``group · n_columns + c`` of
    the linear program is the number of papers of the group on which c stands"""

    linear: LinearProgram
    groups: Indices

    def counts(self, values: Array, n_columns: int) -> Indices:
        """Return on how many papers of each group each column stands; shape (n_groups, n_columns)."""
        n_groups = int(self.groups.max()) + 1
        return np.round(values[: n_groups * n_columns]).astype(np.int64).reshape(n_groups, n_columns)


class _Blocks:
    """Rows under construction, in blocks."""

    def __init__(self, n_columns: int) -> None:
        self.n_columns = n_columns
        self.parts: list[sparse.csr_matrix] = []
        self.low: list[Array] = []
        self.high: list[Array] = []
        self.labels: list[str] = []
        self.origins: list[Span] = []
        self.hard: list[NDArray[np.bool_]] = []

    def add(
        self, rows: Any, start: int, low: Array | float, high: Array | float, labels: tuple[str, ...],
        origins: tuple[Span, ...] | None = None, hard: NDArray[np.bool_] | None = None,
    ) -> None:  # fmt: skip
        found = sparse.coo_matrix(rows)
        n_rows = found.shape[0]
        shape = (n_rows, self.n_columns)
        self.parts.append(sparse.csr_matrix((found.data, (found.row, found.col + start)), shape=shape))
        self.low.append(np.broadcast_to(np.asarray(low, dtype=np.float64), n_rows))
        self.high.append(np.broadcast_to(np.asarray(high, dtype=np.float64), n_rows))
        self.labels += labels if len(labels) == n_rows else labels * n_rows
        self.origins += origins or (NOWHERE,) * n_rows
        self.hard.append(hard if hard is not None else np.ones(n_rows, dtype=np.bool_))


def groups_of(program: Program) -> Indices:
    """Return the group of each paper: papers with the same bounds and targets are of one group."""
    facts = (program.low, program.high, program.lower, program.upper, program.terms.target)
    names: dict[bytes, int] = {}
    return np.array([
        names.setdefault(b"".join(np.nan_to_num(part[form], nan=1e300).tobytes() for part in facts), len(names))
        for form in range(program.n_forms)
    ])  # fmt: skip


def pooled_program(program: Program, *, room: float = 0.0) -> Pooled:
    """Return the program of the papers' sums, a group of papers each; the last column is the largest deviation.

    room : share by which the bounds of sums with unequal coefficients (time, words) are drawn in on both sides, so
    that every single paper can keep to them when the sum is divided
    """
    groups = groups_of(program)
    n_groups, n = int(groups.max()) + 1, program.n_columns
    sizes = np.bincount(groups)
    low, high = whole_bounds(program)
    inwards = room * _width_of_uneven(program, low, high)
    levels = _n_levels(program)
    blocks = _Blocks(n_groups * n + levels * program.uses.size + 1)
    for group, size in enumerate(sizes):
        form = int(np.flatnonzero(groups == group)[0])
        blocks.add(program.matrix, group * n, size * (low[form] + inwards), size * (high[form] - inwards),
                   program.labels, program.origins, program.hard)  # fmt: skip
        _add_papers_own(blocks, program, group * n, float(size))
        _add_terms(blocks, program, group * n, float(size), form)
    _add_uses(blocks, program, n_groups)
    if levels:
        _add_overlaps(blocks, program, n_groups, levels)
    lower = np.concatenate([*(program.lower[groups == g].sum(axis=0) for g in range(n_groups))])
    upper = np.concatenate([*(program.upper[groups == g].sum(axis=0) for g in range(n_groups))])
    n_levels = levels * program.uses.size
    worst = _least_objective(program)
    linear = LinearProgram(
        np.concatenate([np.tile(program.cost, n_groups), np.zeros(n_levels), [float(worst is not None)]]),
        sparse.csr_matrix(sparse.vstack(blocks.parts)), np.concatenate(blocks.low), np.concatenate(blocks.high),
        np.concatenate([lower, np.zeros(n_levels), [0.0 if worst is None else worst]]),
        np.concatenate([upper, np.ones(n_levels), [0.0 if worst is None else np.inf]]),
        np.append(np.ones(n_groups * n + n_levels, dtype=np.bool_), False),
        tuple(blocks.labels), tuple(blocks.origins), np.concatenate(blocks.hard),
    )  # fmt: skip
    return Pooled(linear, groups)


def _least_objective(program: Program) -> float | None:
    """Return the least value that any deviation can take, None where no deviation counts."""
    terms = program.terms
    counted = terms.weight > 0
    if not counted.any():
        return None
    never_negative = np.isnan(terms.target).any(axis=0) | (terms.sense == 0)
    return 0.0 if never_negative[counted].any() else -np.inf


def _width_of_uneven(program: Program, low: Array, high: Array) -> Array:
    """Return the width between the bounds of rows with unequal coefficients, 0 of all others."""
    matrix = program.matrix
    width = (high - low).min(axis=0)
    uneven = np.zeros(width.size, dtype=np.bool_)
    filled = np.flatnonzero(np.diff(matrix.indptr))
    if filled.size:
        starts = matrix.indptr[filled]
        least, most = np.minimum.reduceat(matrix.data, starts), np.maximum.reduceat(matrix.data, starts)
        uneven[filled] = (most - least > 0) & (np.round(most) != most)
        uneven[filled] |= most - least > 10
    return np.asarray(np.where(uneven & np.isfinite(width), width, 0.0))


def columns_of_items(program: Program) -> sparse.csr_matrix:
    """Return which candidates are of which item; shape (n_items, n_columns)."""
    n = program.n_candidates
    shape = (program.uses.size, program.n_columns)
    return sparse.csr_matrix((np.ones(n), (program.item[:n], np.arange(n))), shape=shape)


def _add_papers_own(blocks: _Blocks, program: Program, start: int, size: float) -> None:
    """Add enemies, and items that may stand in several roles: once on every paper at most."""
    of_item = columns_of_items(program)
    if program.enemies.size:
        first, second = program.enemies.T
        pairs = of_item[first] + of_item[second]
        binding = (np.diff(pairs.indptr) > 0) & (program.uses[first] + program.uses[second] > size)
        labels = tuple(source.label for source, kept in zip(program.enemy_sources, binding, strict=True) if kept)
        blocks.add(pairs[binding], start, -np.inf, size, labels)
    several = (np.diff(of_item.indptr) > 1) & (program.uses > size)
    blocks.add(of_item[several], start, -np.inf, size, ("once",))


def _add_uses(blocks: _Blocks, program: Program, n_groups: int) -> None:
    of_item = sparse.csr_matrix(sparse.hstack([columns_of_items(program)] * n_groups))
    counts = np.diff(of_item.indptr)
    limited = np.flatnonzero((counts > 0) & (program.uses < program.n_forms) | (counts > n_groups))
    source = {int(item): limit.source for limit in program.limits for item in limit.items}
    own = [source.get(int(item)) for item in limited]
    blocks.add(of_item[limited], 0, -np.inf, program.uses[limited].astype(np.float64),
               tuple(s.label if s else "uses" for s in own), tuple(s.origin if s else NOWHERE for s in own),
               np.array([s is None for s in own], dtype=np.bool_))  # fmt: skip


def _add_terms(blocks: _Blocks, program: Program, start: int, size: float, form: int) -> None:
    """Add ``± (mean quantity − target) ≤ worst · unit / weight`` and the caps, of the terms that have a target."""
    terms = program.terms
    for term, name in enumerate(terms.names):
        target, weight, cap = float(terms.target[form, term]), float(terms.weight[term]), float(terms.cap[term])
        if np.isnan(target):
            continue
        values = sparse.csr_matrix(terms.values[[term]])
        for sign in (-1, 1):
            if terms.sense[term] == -sign:
                continue
            edge = size * target
            if weight > 0:
                worst = sparse.csr_matrix(([-sign * size * float(terms.unit[term]) / weight], ([0], [0])), shape=(1, 1))
                gap = sparse.csr_matrix((1, blocks.n_columns - start - program.n_columns - 1))
                row = sparse.hstack([values, gap, worst])
                blocks.add(row, start, *((-np.inf, edge) if sign > 0 else (edge, np.inf)), (name,))
            if np.isfinite(cap):
                bounds = (-np.inf, edge + size * cap) if sign > 0 else (edge - size * cap, np.inf)
                blocks.add(values, start, *bounds, (name,))


def _n_levels(program: Program) -> int:
    """Return up to how many papers an item may stand on, where what papers share is bounded; else 0."""
    most = int(program.uses.max(initial=0))
    binding = any(o.low > 0 or o.high < program.uses.size for o in program.overlaps)
    return min(most, program.n_forms) if binding and most > 1 and program.n_forms > 1 else 0


def _add_overlaps(blocks: _Blocks, program: Program, n_groups: int, levels: int) -> None:
    """Add binaries "item i stands on at least l papers": a pair of papers shares Σ (l − 1) of them in all."""
    n_items, start = program.uses.size, n_groups * program.n_columns
    of_item = sparse.hstack([columns_of_items(program)] * n_groups)
    ladder = sparse.hstack([sparse.identity(n_items)] * levels)
    blocks.add(sparse.hstack([of_item, -ladder]), 0, 0.0, 0.0, ("uses",))
    if levels > 1:
        steps = sparse.hstack([sparse.identity(n_items * (levels - 1)), sparse.csr_matrix((n_items * (levels - 1), n_items))])
        next_ones = sparse.hstack([sparse.csr_matrix((n_items * (levels - 1), n_items)), sparse.identity(n_items * (levels - 1))])
        blocks.add(steps - next_ones, start, 0.0, np.inf, ("uses",))
    shared = sparse.csr_matrix(np.repeat(np.arange(levels, dtype=np.float64), n_items)[None, :])
    pairs = program.n_forms * (program.n_forms - 1) / 2
    for overlap in program.overlaps:
        blocks.add(shared, start, pairs * overlap.low, pairs * overlap.high, (overlap.source.label,),
                   (overlap.source.origin,), np.zeros(1, dtype=np.bool_))  # fmt: skip
