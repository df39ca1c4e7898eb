"""HiGHS on one thread: it stops at a gap or at a node count, by the clock only where the caller says so."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from qbank.problem import Span

Status = Literal["optimal", "node limit", "infeasible", "no solution"]


@dataclass(frozen=True, slots=True)
class LinearProgram:
    """Minimise ``cost · x`` subject to ``low ≤ A x ≤ high`` and ``lower ≤ x ≤ upper``, rows labelled with their rule.

    hard : (n_rows,) logic that no relaxation may touch
    """

    cost: NDArray[np.float64]
    matrix: sparse.csr_matrix
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    integer: NDArray[np.bool_]
    labels: tuple[str, ...]
    origins: tuple[Span, ...]
    hard: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Solution:
    """values : (n_columns,), empty unless a solution was found ; bound : proven lower bound of the objective ;
    reduced_costs, duals : (n_columns,), (n_rows,) of a program without integers, else empty
    """

    status: Status
    values: NDArray[np.float64]
    objective: float
    bound: float
    reduced_costs: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    duals: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))


def solve(
    program: LinearProgram, *, seed: int, absolute_gap: float, max_nodes: int,
    start: NDArray[np.float64] | None = None, should_stop: Callable[[], bool] | None = None,
) -> Solution:  # fmt: skip
    """Return a solution within ``absolute_gap`` of the bound, or the best after ``max_nodes`` nodes.

    start : a feasible point (n_columns,) to begin from ; should_stop : asked now and then, ends the run early
    """
    import highspy

    highs = make_solver(program)
    highs.setOptionValue("random_seed", int(seed) % 2**31)
    highs.setOptionValue("mip_abs_gap", float(absolute_gap))
    highs.setOptionValue("mip_max_nodes", int(max_nodes))
    if start is not None:
        point = highspy.HighsSolution()
        point.col_value = [float(value) for value in start]
        highs.setSolution(point)
    _run(highs, should_stop)
    status = highs.getModelStatus()
    info = highs.getInfo()
    infeasible = (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible)
    if status in infeasible:
        return Solution("infeasible", np.zeros(0), np.inf, np.inf)
    if info.primal_solution_status != 2:
        return Solution("no solution", np.zeros(0), np.inf, info.mip_dual_bound)
    values = np.array(highs.getSolution().col_value)
    values[program.integer] = np.round(values[program.integer])
    found: Status = "optimal" if status == highspy.HighsModelStatus.kOptimal else "node limit"
    value = float(info.objective_function_value)
    if program.integer.any():
        return Solution(found, values, value, float(info.mip_dual_bound))
    duals = highs.getSolution()
    return Solution(found, values, value, value, np.array(duals.col_dual), np.array(duals.row_dual))


def relaxed(program: LinearProgram) -> LinearProgram:
    """Return the program without its integers."""
    return replace(program, integer=np.zeros_like(program.integer))


def _run(highs: Any, should_stop: Callable[[], bool] | None) -> None:
    """Run HiGHS in a thread of its own, so that Ctrl-C is heard; a stop asked for ends the run at its next node."""
    stopped = threading.Event()
    highs.cbMipInterrupt += lambda event: event.interrupt() if stopped.is_set() else None
    highs.cbSimplexInterrupt += lambda event: event.interrupt() if stopped.is_set() else None
    runner = threading.Thread(target=highs.run, daemon=True)
    runner.start()
    interrupted = False
    while runner.is_alive():
        try:
            runner.join(0.05)
            if should_stop is not None and should_stop():
                stopped.set()
        except KeyboardInterrupt:
            interrupted = True
            stopped.set()
    if interrupted:
        raise KeyboardInterrupt


def make_solver(program: LinearProgram) -> Any:
    """Return HiGHS with a program in it: one thread, silent."""
    import highspy

    columns = sparse.csc_matrix(program.matrix)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = program.cost.size, program.low.size
    model.col_cost_, model.col_lower_, model.col_upper_ = program.cost, program.lower, program.upper
    model.row_lower_, model.row_upper_ = program.low, program.high
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = columns.indptr
    model.a_matrix_.index_ = columns.indices
    model.a_matrix_.value_ = columns.data
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    model.integrality_ = [kinds[int(whole)] for whole in program.integer]
    highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, value in (("output_flag", False), ("threads", 1), ("parallel", "off"), ("mip_rel_gap", 0.0)):
        highs.setOptionValue(name, value)
    highs.passModel(model)
    return highs


def elastic(program: LinearProgram) -> LinearProgram:
    """Return the same program with a price of 1 on every unit by which a soft row is broken, and no other cost.

    A solution tells which rules cannot hold together and by how much each falls short. Columns are appended in
    pairs (short of the low bound, beyond the high bound) for each soft row.
    """
    soft = np.flatnonzero(~program.hard)
    n = soft.size
    rows = np.concatenate([soft, soft])
    signs = np.concatenate([np.ones(n), -np.ones(n)])
    slack = sparse.csr_matrix((signs, (rows, np.arange(2 * n))), shape=(program.low.size, 2 * n))
    return LinearProgram(
        np.concatenate([np.zeros(program.cost.size), np.ones(2 * n)]),
        sparse.csr_matrix(sparse.hstack([program.matrix, slack])),
        program.low, program.high,
        np.concatenate([program.lower, np.zeros(2 * n)]),
        np.concatenate([program.upper, np.full(2 * n, np.inf)]),
        np.concatenate([program.integer, np.zeros(2 * n, dtype=np.bool_)]),
        program.labels, program.origins, program.hard,
    )  # fmt: skip
