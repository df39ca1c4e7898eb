"""Linear relaxations kept warm: the price of rows and columns, and which rows cannot hold together."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from qbank.assemble.solve import LinearProgram, elastic, make_solver, relaxed, solve

Array = NDArray[np.float64]
Rows = NDArray[np.bool_]

TOUCHED = 1e-7
"""Duals below this are rounding."""


@dataclass(frozen=True, slots=True)
class Point:
    """An optimum: values and reduced costs (n_columns,), the objective's change per unit of each row (n_rows,)"""

    objective: float
    values: Array
    prices: Array
    reduced: Array


class Relaxation:
    """A program without its integrality; after the first solution another cost needs few steps."""

    def __init__(self, program: LinearProgram) -> None:
        self.highs = make_solver(relaxed(program))

    def minimise(self, cost: Array | None = None) -> Point | None:
        """Return the optimum at the program's cost or another, nothing where there is none."""
        import highspy

        if cost is not None:
            self.highs.changeColsCost(cost.size, np.arange(cost.size, dtype=np.int32), cost)
        self.highs.run()
        if self.highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        found = self.highs.getSolution()
        return Point(
            float(self.highs.getInfo().objective_function_value), np.array(found.col_value),
            np.array(found.row_dual), np.array(found.col_dual),
        )  # fmt: skip

    def hold(self, column: int, low: float, high: float) -> None:
        """Keep a column within other bounds from now on."""
        self.highs.changeColBounds(int(column), float(low), float(high))


def rows_of(program: LinearProgram, keep: Rows) -> LinearProgram:
    """Return the program with some of its rows only."""
    kept = np.flatnonzero(keep)
    return replace(
        program, matrix=sparse.csr_matrix(program.matrix[kept]), low=program.low[kept], high=program.high[kept],
        labels=tuple(program.labels[row] for row in kept), origins=tuple(program.origins[row] for row in kept),
        hard=program.hard[kept],
    )  # fmt: skip


def is_empty(program: LinearProgram, *, whole: bool, max_nodes: int) -> bool:
    """Return whether it is proven that nothing satisfies a program.

    whole : of whole numbers; else of its relaxation, which proves less and faster
    """
    free = merged(program)
    if (free.upper < free.lower).any():
        return True
    if not whole:
        return Relaxation(free).minimise() is None
    return solve(free, seed=0, absolute_gap=np.inf, max_nodes=max_nodes).status == "infeasible"


def conflict(program: LinearProgram, *, whole: bool, max_nodes: int) -> tuple[str, ...]:
    """Return the labels of soft rows that cannot hold together, none of which can be left out.

    Rows of one label are one rule. The prices of the elastic relaxation tell a first set; then each rule is left out on
    trial, and stays out where the others still cannot hold. Hard rows and the columns' bounds are taken as given.

    whole : whether only the whole numbers are refused, and the relaxation is not
    """
    labels = np.array(program.labels, dtype=object)
    names = list(dict.fromkeys(labels[~program.hard]))
    if not whole:
        loose = elastic(replace(program, integer=np.zeros(program.cost.size, dtype=np.bool_)))
        point = Relaxation(loose).minimise()
        if point is not None:
            priced = set(labels[np.abs(point.prices) > TOUCHED])
            suspects = [name for name in names if name in priced]
            if is_empty(_with_rules(program, labels, suspects), whole=False, max_nodes=max_nodes):
                names = suspects
    for name in list(names):
        others = [other for other in names if other != name]
        if is_empty(_with_rules(program, labels, others), whole=whole, max_nodes=max_nodes):
            names = others
    return tuple(names)


def _with_rules(program: LinearProgram, labels: NDArray[Any], names: list[str]) -> LinearProgram:
    return rows_of(program, program.hard | np.isin(labels, names))


def shortfall(program: LinearProgram, names: tuple[str, ...], name: str, *, whole: bool, max_nodes: int) -> float:
    """Return by how much one rule of a set must give way before the set can hold; NaN where that is not enough."""
    labels = np.array(program.labels, dtype=object)
    part = _with_rules(program, labels, list(names))
    soft = replace(part, hard=np.array(part.labels, dtype=object) != name)
    loose = elastic(soft)
    if whole:
        found = solve(loose, seed=0, absolute_gap=0.5, max_nodes=max_nodes)
        return found.objective if found.values.size else np.nan
    point = Relaxation(loose).minimise()
    return np.nan if point is None else point.objective


def merged(program: LinearProgram) -> LinearProgram:
    """Return a program that has solutions exactly where this one has, with fewer rows and columns.

    Rows that the columns' bounds keep already are left out, and columns that count alike in all others become their
    sum. The cost is dropped.
    """
    matrix = sparse.csr_matrix(program.matrix)
    up, down = matrix.maximum(0), matrix.minimum(0)
    most = up @ program.upper + down @ program.lower
    least = up @ program.lower + down @ program.upper
    part = rows_of(program, (most > program.high) | (least < program.low))
    columns = sparse.csc_matrix(part.matrix)
    columns.sort_indices()
    names: dict[bytes, int] = {}
    group = np.array([
        names.setdefault(columns.indices[a:b].tobytes() + columns.data[a:b].tobytes() + bytes([int(program.integer[n])]), len(names))
        for n, (a, b) in enumerate(itertools.pairwise(columns.indptr))
    ], dtype=np.int64)  # fmt: skip
    first = np.unique(group, return_index=True)[1]
    return replace(
        part, cost=np.zeros(first.size), matrix=sparse.csr_matrix(columns[:, first]),
        lower=_summed(program.lower, group), upper=_summed(program.upper, group),
        integer=program.integer[first],
    )  # fmt: skip


def _summed(values: Array, group: NDArray[np.int64]) -> Array:
    return np.bincount(group, weights=values).astype(np.float64)
