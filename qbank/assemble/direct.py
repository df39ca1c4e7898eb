"""The program of all papers at once: one binary for each candidate on each paper. Exact, and slow for many papers."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from qbank.assemble.program import Program, items_on, objective, quantities
from qbank.assemble.solve import LinearProgram
from qbank.problem import Span

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

NOWHERE = Span("")


@dataclass(slots=True)
class _Rows:
    """Rows and columns under construction."""

    columns: list[Indices] = field(default_factory=list)
    values: list[Array] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    origins: list[Span] = field(default_factory=list)
    hard: list[bool] = field(default_factory=list)

    def add(
        self, columns: Indices, values: Array, low: float, high: float, label: str, origin: Span = NOWHERE,
        hard: bool = True,
    ) -> None:  # fmt: skip
        self.columns.append(columns)
        self.values.append(values)
        self.low.append(low)
        self.high.append(high)
        self.labels.append(label)
        self.origins.append(origin)
        self.hard.append(hard)


def direct_program(program: Program) -> LinearProgram:
    """Return the linear program whose column ``form · n_columns + column`` says what stands on which paper.

    Further columns follow for what two papers share, for the least and the most of a quantity that papers are
    compared in, and for the largest deviation.
    """
    n, n_forms = program.n_columns, program.n_forms
    rows = _Rows()
    _add_rows(rows, program)
    _add_enemies_and_uses(rows, program)
    n_columns = _add_overlaps(rows, program, n * n_forms)
    shared = n_columns - n * n_forms
    n_columns = _add_terms(rows, program, n_columns)
    free = n_columns - n * n_forms - shared
    cost = np.concatenate([np.tile(program.cost, n_forms), np.zeros(shared + free)])
    lower = np.concatenate([program.lower.ravel(), np.zeros(shared), np.full(free, -np.inf)])
    upper = np.concatenate([program.upper.ravel(), np.ones(shared), np.full(free, np.inf)])
    if (program.terms.weight > 0).any():
        cost[-1] = 1.0
    indptr = np.cumsum([0, *(found.size for found in rows.columns)])
    data = (np.concatenate(rows.values), np.concatenate(rows.columns), indptr) if rows.columns else None
    matrix = sparse.csr_matrix(data, shape=(len(rows.low), n_columns)) if data else sparse.csr_matrix((0, n_columns))
    integer = np.arange(n_columns) < n * n_forms + shared
    return LinearProgram(
        cost, matrix, np.array(rows.low), np.array(rows.high), lower, upper, integer, tuple(rows.labels),
        tuple(rows.origins), np.array(rows.hard, dtype=np.bool_),
    )  # fmt: skip


def values_of(program: Program, linear: LinearProgram, chosen: NDArray[np.bool_]) -> Array:
    """Return the point of the linear program that stands for some papers; its last columns say how they compare."""
    terms, n_forms = program.terms, program.n_forms
    n_edges = 2 * int(np.isnan(terms.target).any(axis=0).sum()) + 1 if terms.names else 0
    values = np.zeros(linear.cost.size)
    values[: chosen.size] = chosen.ravel()
    items = [items_on(program, row[None, :])[0] for row in chosen]
    standing = [item for item in range(program.uses.size) if (program.item == item).any()]
    shared = [
        items[first][item] and items[second][item]
        for _ in program.overlaps
        for first in range(n_forms)
        for second in range(first + 1, n_forms)
        for item in standing
    ]
    values[chosen.size : chosen.size + len(shared)] = shared
    if n_edges:
        found = quantities(program, chosen)
        compared = np.isnan(terms.target).any(axis=0)
        values[values.size - n_edges : -1] = np.stack([found.min(axis=0), found.max(axis=0)], axis=1)[compared].ravel()
        values[-1] = objective(program, chosen) - float(chosen.sum(axis=0) @ program.cost)
    return values


def _add_rows(rows: _Rows, program: Program) -> None:
    for form in range(program.n_forms):
        for row, label in enumerate(program.labels):
            part = slice(program.matrix.indptr[row], program.matrix.indptr[row + 1])
            columns = program.matrix.indices[part].astype(np.int64) + form * program.n_columns
            rows.add(columns, program.matrix.data[part], float(program.low[form, row]), float(program.high[form, row]),
                     label, program.origins[row], bool(program.hard[row]))  # fmt: skip


def _add_enemies_and_uses(rows: _Rows, program: Program) -> None:
    of_item = [np.zeros(0, np.int64)] * program.uses.size
    order = np.argsort(program.item[: program.n_candidates], kind="stable")
    found, starts = np.unique(program.item[order], return_index=True)
    for item, columns in zip(found, np.split(order, starts[1:]), strict=True):
        of_item[item] = columns
    for form in range(program.n_forms):
        for columns in of_item:
            if columns.size > 1:
                rows.add(columns + form * program.n_columns, np.ones(columns.size), -np.inf, 1.0, "once")
        for source, (first, second) in zip(program.enemy_sources, program.enemies, strict=True):
            columns = np.concatenate([of_item[first], of_item[second]]) + form * program.n_columns
            rows.add(columns, np.ones(columns.size), -np.inf, 1.0, source.label, source.origin)
    origin = {int(item): limit.source for limit in program.limits for item in limit.items}
    for item in np.flatnonzero(program.uses < program.n_forms):
        columns = np.concatenate([of_item[item] + form * program.n_columns for form in range(program.n_forms)])
        limit = origin.get(int(item))
        rows.add(columns, np.ones(columns.size), -np.inf, float(program.uses[item]), limit.label if limit else "uses",
                 limit.origin if limit else NOWHERE)  # fmt: skip


def _add_overlaps(rows: _Rows, program: Program, n_columns: int) -> int:
    """Add a column for each item and pair of papers that is 1 where both hold it; returns the number of columns."""
    n = program.n_columns
    for overlap in program.overlaps:
        for first in range(program.n_forms):
            for second in range(first + 1, program.n_forms):
                start = n_columns
                for item in range(program.uses.size):
                    own = np.flatnonzero(program.item == item)
                    if not own.size:
                        continue
                    ones = np.ones(own.size)
                    both = np.array([n_columns])
                    here, there = own + first * n, own + second * n
                    rows.add(np.concatenate([here, there, both]), np.concatenate([ones, ones, [-1.0]]), -np.inf, 1.0,
                             overlap.source.label, overlap.source.origin)  # fmt: skip
                    for side in (here, there):
                        rows.add(np.append(side, both), np.append(ones, -1.0), 0.0, np.inf, overlap.source.label,
                                 overlap.source.origin)  # fmt: skip
                    n_columns += 1
                shared = np.arange(start, n_columns)
                rows.add(shared, np.ones(shared.size), float(overlap.low), float(overlap.high), overlap.source.label,
                         overlap.source.origin, hard=False)  # fmt: skip
    return n_columns


def _add_terms(rows: _Rows, program: Program, n_columns: int) -> int:
    """Add the largest deviation as the last column, and before it least and most of each compared quantity."""
    terms, n = program.terms, program.n_columns
    if not terms.names:
        return n_columns
    compared = np.isnan(terms.target).any(axis=0)
    first = n_columns
    edges = {int(term): (first + 2 * place, first + 2 * place + 1) for place, term in enumerate(np.flatnonzero(compared))}
    worst = first + 2 * len(edges)
    for term, name in enumerate(terms.names):
        own = np.flatnonzero(terms.values[term])
        values, unit, weight = terms.values[term, own], float(terms.unit[term]), float(terms.weight[term])
        share = unit / weight if weight else 0.0
        if term in edges:
            least, most = edges[term]
            for form in range(program.n_forms):
                columns = own + form * n
                rows.add(np.append(columns, least), np.append(values, -1.0), 0.0, np.inf, name)
                rows.add(np.append(columns, most), np.append(values, -1.0), -np.inf, 0.0, name)
            if weight:
                rows.add(np.array([most, least, worst]), np.array([1.0, -1.0, -share]), -np.inf, 0.0, name)
            if np.isfinite(terms.cap[term]):
                source = terms.sources[term] if terms.sources else None
                rows.add(np.array([most, least]), np.array([1.0, -1.0]), -np.inf, float(terms.cap[term]), name,
                         source.origin if source else NOWHERE, hard=not (source and source.label))  # fmt: skip
            continue
        for form in range(program.n_forms):
            columns, target, cap = own + form * n, float(terms.target[form, term]), float(terms.cap[term])
            low = target - cap if terms.sense[term] <= 0 else -np.inf
            high = target + cap if terms.sense[term] >= 0 else np.inf
            if np.isfinite(low) or np.isfinite(high):
                rows.add(columns, values, low, high, name)
            if weight and terms.sense[term] <= 0:
                rows.add(np.append(columns, worst), np.append(values, share), target, np.inf, name)
            if weight and terms.sense[term] >= 0:
                rows.add(np.append(columns, worst), np.append(values, -share), -np.inf, target, name)
    return worst + 1
