"""Which items the papers are made of, and on how many papers each stands: a solution of the pooled program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from qbank.assemble.pooled import Pooled, pooled_program
from qbank.assemble.program import Array, Indices, Program
from qbank.assemble.solve import LinearProgram, Solution, relaxed, solve

ROOM = 0.05
"""Share of its width by which the range of a sum is drawn in, so that every paper can keep to it."""
FREE = 400
"""Columns that may still change once the relaxation is solved."""
NODES = 50
EVEN = 1e-4
"""Share of a one-sided objective to which the selection is solved."""


@dataclass(frozen=True, slots=True)
class Selected:
    """counts : (n_groups, n_columns) ; groups : (n_forms,) ; centre : (n_terms,) mean of each term over the papers ;
    loss : (n_forms, n_candidates) what a column adds to the objective of one paper ; bound : of the objective"""

    counts: Indices
    groups: Indices
    centre: Array
    loss: Array
    bound: float


def bound_of(program: Program, *, seed: int) -> tuple[Pooled, Solution]:
    """Return the pooled program and the solution of its relaxation, whose objective is a bound for all papers."""
    pooled = pooled_program(program)
    return pooled, solve(relaxed(pooled.linear), seed=seed, absolute_gap=0.0, max_nodes=0)


def select(
    program: Program, *, seed: int, gap: float, max_nodes: int, should_stop: Callable[[], bool] | None = None
) -> Selected | None:
    """Return a selection that the papers can be dealt from, None where there is none at all.

    The relaxation has few fractional columns; those, the columns nearest to being exchanged and some at random
    are solved in whole numbers while the others stay where they are; only where that fails, all are.
    """
    plain, bound = bound_of(program, seed=seed)
    if bound.status == "infeasible":
        return None
    roomy = pooled_program(program, room=ROOM)
    relaxation = solve(relaxed(roomy.linear), seed=seed, absolute_gap=0.0, max_nodes=0)
    pooled = roomy
    if not relaxation.values.size:
        pooled, relaxation = plain, bound
    near = EVEN * abs(relaxation.bound) if (program.terms.sense != 0).any() else 10 * gap
    stop = {"seed": seed, "absolute_gap": max(near, gap / 4), "should_stop": should_stop}
    solution = solve(_around(pooled.linear, relaxation, seed), max_nodes=NODES, **stop)  # type: ignore[arg-type]
    if not solution.values.size:
        solution = solve(pooled.linear, max_nodes=max_nodes, **stop)  # type: ignore[arg-type]
    if not solution.values.size and pooled is not plain:
        solution = solve(plain.linear, max_nodes=max_nodes, **stop)  # type: ignore[arg-type]
    if solution.status == "infeasible":
        return None
    values = solution.values if solution.values.size else relaxation.values
    n, sizes = program.n_columns, np.bincount(pooled.groups)
    counts = pooled.counts(values, n)
    losses = -_merit(pooled.linear, relaxation)[: counts.size].reshape(counts.shape) * sizes[:, None] + program.cost
    return Selected(
        counts, pooled.groups, program.terms.values @ counts.sum(axis=0) / program.n_forms,
        losses[pooled.groups][:, : program.n_candidates], float(bound.bound),
    )  # fmt: skip


def _merit(linear: LinearProgram, relaxation: Solution) -> Array:
    """Return by how much each column lessens the largest deviation, at the prices of the terms that bind."""
    comparing = np.flatnonzero(linear.matrix[:, [linear.cost.size - 1]].toarray().ravel())
    if not relaxation.duals.size or not comparing.size:
        return np.zeros(linear.cost.size)
    return np.asarray(relaxation.duals[comparing] @ linear.matrix[comparing])


def _around(linear: LinearProgram, relaxation: Solution, seed: int) -> LinearProgram:
    """Return the program in which only some columns may leave where the relaxation puts them."""
    whole = np.round(relaxation.values)
    free = ~linear.integer | (np.abs(relaxation.values - whole) > 1e-6)
    order = np.random.default_rng(seed).permutation(whole.size)
    dear = np.abs(relaxation.reduced_costs[order]) + 1e-9
    free[order[np.argsort(np.round(np.log10(dear)), kind="stable")[:FREE]]] = True
    whole = np.clip(whole, linear.lower, linear.upper)
    return replace(linear, lower=np.where(free, linear.lower, whole), upper=np.where(free, linear.upper, whole))
