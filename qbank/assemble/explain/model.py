"""A program that stays in the solver, so that the next one, which differs in bounds, begins where the last one ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from qbank.assemble.solve import LinearProgram, make_solver

Array = NDArray[np.float64]
Verdict = Literal["found", "impossible", "unbounded", "undecided"]


@dataclass(frozen=True, slots=True)
class Bounds:
    """``low ≤ A x ≤ high`` and ``lower ≤ x ≤ upper``"""

    low: Array
    high: Array
    lower: Array
    upper: Array


@dataclass(frozen=True, slots=True)
class Answer:
    """values : (n_columns,) ; bound : proven, nothing is below ; row_price, column_price : of the linear program"""

    verdict: Verdict
    values: Array
    objective: float
    bound: float
    row_price: Array
    column_price: Array

    @property
    def found(self) -> bool:
        """Return whether there is a solution."""
        return self.verdict == "found"


class Model:
    """``minimise cost · x`` over bounds that change from call to call; the matrix stays."""

    def __init__(self, matrix: sparse.csr_matrix, integer: NDArray[np.bool_]) -> None:
        self.integer = integer
        self.n_rows, self.n_columns = n_rows, n_columns = matrix.shape
        zeros, unbounded = np.zeros(n_columns), np.full(n_rows, np.inf)
        self._highs = make_solver(LinearProgram(
            zeros, matrix, -unbounded, unbounded, zeros, zeros, integer, (), (), np.ones(n_rows, dtype=np.bool_)
        ))  # fmt: skip
        self._highs.setOptionValue("random_seed", 1)
        self._highs.setOptionValue("mip_abs_gap", 0.0)

    def solve(self, bounds: Bounds, cost: Array | None = None, *, whole: bool, max_nodes: int = 400) -> Answer:
        """Return the answer of the program with whole numbers, or of its linear relaxation.

        max_nodes : branch-and-bound nodes after which an undecided program is left undecided
        """
        import highspy

        if (bounds.low > bounds.high + 1e-9).any() or (bounds.lower > bounds.upper + 1e-9).any():
            nothing = np.zeros(0)
            return Answer("impossible", nothing, np.inf, np.inf, nothing, nothing)
        highs, rows, columns = self._highs, np.arange(self.n_rows, dtype=np.int32), np.arange(self.n_columns, dtype=np.int32)
        if self.n_rows:
            highs.changeRowsBounds(self.n_rows, rows, bounds.low, bounds.high)
        highs.changeColsBounds(self.n_columns, columns, bounds.lower, bounds.upper)
        highs.changeColsCost(self.n_columns, columns, np.zeros(self.n_columns) if cost is None else cost)
        highs.setOptionValue("solve_relaxation", not whole)
        highs.setOptionValue("mip_max_nodes", max_nodes)
        highs.run()
        status, info, solution = highs.getModelStatus(), highs.getInfo(), highs.getSolution()
        nothing = np.zeros(0)
        words = highspy.HighsModelStatus
        if status == words.kInfeasible or (status == words.kUnboundedOrInfeasible and cost is None):
            return Answer("impossible", nothing, np.inf, np.inf, nothing, nothing)
        if status in (words.kUnbounded, words.kUnboundedOrInfeasible):
            return Answer("unbounded", nothing, -np.inf, -np.inf, nothing, nothing)
        if info.primal_solution_status != 2:
            return Answer("undecided", nothing, np.inf, -np.inf, nothing, nothing)
        values = np.array(solution.col_value)
        if whole:
            values[self.integer] = np.round(values[self.integer])
        prices = (nothing, nothing) if whole else (np.array(solution.row_dual), np.array(solution.col_dual))
        objective = float(info.objective_function_value)
        return Answer("found", values, objective, float(info.mip_dual_bound) if whole else objective, *prices)
