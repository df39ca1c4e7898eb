"""Papers taken one after the other out of a pool, the rest always keeping enough for the papers that follow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.explain.cells import Wide
from qbank.assemble.explain.model import Model
from qbank.assemble.explain.pooled_rows import rows_of
from qbank.assemble.program import items_on, violations

NODES = 300


def peeled_papers(wide: Wide) -> NDArray[np.bool_] | None:
    """Return papers (n_forms, n_columns) that hold every row of the program, or nothing where this way finds none.

    Each step solves one paper together with the sum of those that follow, so a paper never takes what the others
    cannot do without. Overlap between pairs is only counted at the end.
    """
    program = wide.program
    n, n_forms = program.n_columns, program.n_forms
    chosen = np.zeros((n_forms, n), dtype=np.bool_)
    for form in range(n_forms):
        rest = tuple(range(form + 1, n_forms))
        rows = rows_of(wide, ((form,), rest) if rest else ((form,),))
        bounds = rows.bounds(most_written=0.0)
        used = items_on(program, chosen[:form]).sum(axis=0) if form else np.zeros(program.uses.size, dtype=np.int64)
        left = program.uses - used
        columns = np.flatnonzero(rows.item[: rows.written.start] >= 0)
        bounds.upper[columns] = np.minimum(bounds.upper[columns], left[rows.item[columns]])
        several = np.flatnonzero(rows.uses_row >= 0)
        bounds.high[rows.uses_row[several]] = np.minimum(bounds.high[rows.uses_row[several]], left[several])
        answer = Model(rows.matrix, np.ones(rows.item.size, dtype=np.bool_)).solve(bounds, whole=True, max_nodes=NODES)
        if not answer.found:
            return None
        chosen[form] = answer.values[:n] > 0.5
    return None if violations(program, chosen) else chosen
