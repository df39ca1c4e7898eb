"""From a program to its papers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.direct import direct_program
from qbank.assemble.program import Program
from qbank.assemble.solve import solve
from qbank.assemble.watch import Progress

Status = Literal["optimal", "within gap", "stopped", "infeasible", "not found"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """chosen : (n_forms, n_columns), no rows where no papers were found ; bound : proven, no papers are better ;
    broken : by label what the best papers still break, where none were found"""

    status: Status
    chosen: NDArray[np.bool_]
    objective: float
    bound: float
    method: str
    broken: dict[str, float] = field(default_factory=dict)


def search_papers(
    program: Program, *, seed: int, effort: int, absolute_gap: float, max_nodes: int,
    progress: Callable[[Progress], None] | None = None, should_stop: Callable[[], bool] | None = None,
) -> Outcome:  # fmt: skip
    """Return papers within ``absolute_gap`` of the bound, or the best after a fixed amount of work.

    effort : rounds of the search ; should_stop : asked now and then; the best papers so far are returned
    """
    shape = (program.n_forms, program.n_columns)
    solution = solve(direct_program(program), seed=seed, absolute_gap=absolute_gap, max_nodes=max_nodes)
    if not solution.values.size:
        status: Status = "infeasible" if solution.status == "infeasible" else "not found"
        return Outcome(status, np.zeros((0, shape[1]), dtype=np.bool_), np.inf, np.inf, "HiGHS")
    chosen = solution.values[: shape[0] * shape[1]].reshape(shape) > 0.5
    found: Status = "optimal" if solution.status == "optimal" else "stopped"
    return Outcome(found, chosen, solution.objective, solution.bound, f"HiGHS, one thread, {solution.status}")
