"""Papers taken one after the other out of a pool, the rest always keeping enough for the papers that follow."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from qbank.assemble.explain.cells import Wide
from qbank.assemble.explain.model import Bounds, Model
from qbank.assemble.explain.pooled_rows import Rows, pooled_blocks, rows_of
from qbank.assemble.program import items_on, violations

NODES = 300
MANY = 1500
"""Items from which on only some are drawn."""
SPARE = 10
"""Of so many others one is drawn too."""


def peeled_papers(wide: Wide) -> NDArray[np.bool_]:
    """Return papers (n_forms, n_columns) that hold every row of the program, or no rows where this way finds none.

    Each step solves one paper together with the sum of those that follow, so a paper never takes what the others
    cannot do without. From a large bank only the items of one solution of the sum are drawn, and a tenth of the others.
    """
    n_items = wide.program.uses.size
    everything = np.ones(n_items, dtype=np.bool_)
    if n_items > MANY:
        few = _enough(wide)
        found = _peeled(wide, few) if few.any() else np.zeros((0, wide.program.n_columns), dtype=np.bool_)
        if len(found):
            return found
    return _peeled(wide, everything)


def _enough(wide: Wide) -> NDArray[np.bool_]:
    """Return the items of one solution of the sum of all papers, and some to spare; shape (n_items,)."""
    rows = rows_of(wide, pooled_blocks(wide.program.n_forms))
    answer = Model(rows.matrix, np.ones(rows.item.size, dtype=np.bool_)).solve(
        rows.bounds(most_written=0.0), whole=True, max_nodes=NODES
    )
    chosen = np.zeros(wide.program.uses.size, dtype=np.bool_)
    if answer.found:
        held = np.flatnonzero(answer.values[: rows.written.start] > 0.5)
        chosen[rows.item[held[rows.item[held] >= 0]]] = True
        chosen[SPARE // 2 :: SPARE] = True
    return chosen


def _peeled(wide: Wide, allowed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    program = wide.program
    n, n_forms = program.n_columns, program.n_forms
    chosen = np.zeros((n_forms, n), dtype=np.bool_)
    for form in range(n_forms):
        rest = tuple(range(form + 1, n_forms))
        rows = rows_of(wide, ((form,), rest) if rest else ((form,),))
        bounds = rows.bounds(most_written=0.0)
        used = items_on(program, chosen[:form]).sum(axis=0) if form else np.zeros(program.uses.size, dtype=np.int64)
        left = np.where(allowed, program.uses - used, 0)
        columns = np.flatnonzero(rows.item[: rows.written.start] >= 0)
        bounds.upper[columns] = np.minimum(bounds.upper[columns], left[rows.item[columns]])
        several = np.flatnonzero(rows.uses_row >= 0)
        bounds.high[rows.uses_row[several]] = np.minimum(bounds.high[rows.uses_row[several]], left[several])
        matrix, bounds = _with_overlap(rows, bounds, chosen[:form], len(rest))
        matrix, bounds = _with_caps(rows, matrix, bounds, chosen[:form], len(rest))
        free = np.flatnonzero(bounds.upper > 0)
        bounds = replace(bounds, lower=bounds.lower[free], upper=bounds.upper[free])
        model = Model(sparse.csr_matrix(matrix[:, free]), np.ones(free.size, dtype=np.bool_))
        answer = model.solve(bounds, whole=True, max_nodes=NODES)
        if not answer.found:
            return chosen[:0]
        values = np.zeros(rows.item.size)
        values[free] = answer.values
        chosen[form] = values[:n] > 0.5
    return chosen[:0] if violations(program, chosen) else chosen


def _with_overlap(
    rows: Rows, bounds: Bounds, before: NDArray[np.bool_], n_after: int
) -> tuple[sparse.csr_matrix, Bounds]:
    """Return the rows, and below them what this paper and those that follow may share with each one before."""
    program = rows.wide.program
    if not program.overlaps or not len(before):
        return rows.matrix, bounds
    shares = items_on(program, before).astype(np.float64)
    low, high = max(o.low for o in program.overlaps), min(o.high for o in program.overlaps)
    parts, n = [], program.n_columns
    item = np.where(program.item >= 0, program.item, 0)
    for place, papers in enumerate((1, n_after) if n_after else (1,)):
        held = sparse.csr_matrix(shares[:, item] * (program.item >= 0))
        wide = sparse.csr_matrix((held.data, held.indices + place * n, held.indptr), shape=(len(before), rows.item.size))
        parts.append((wide, papers))
    return sparse.csr_matrix(sparse.vstack([rows.matrix, *(part for part, _ in parts)])), Bounds(
        np.concatenate([bounds.low, *(np.full(len(before), float(low * papers)) for _, papers in parts)]),
        np.concatenate([bounds.high, *(np.full(len(before), float(high * papers)) for _, papers in parts)]),
        bounds.lower, bounds.upper,
    )  # fmt: skip


def _with_caps(
    rows: Rows, matrix: sparse.csr_matrix, bounds: Bounds, before: NDArray[np.bool_], n_after: int
) -> tuple[sparse.csr_matrix, Bounds]:
    """Return the rows, and below them how far this paper and the mean of those that follow may be from the first.

    Papers compared with each other stay within half of what is allowed from the first, so within all of it from any.
    """
    terms, n, form = rows.wide.program.terms, rows.wide.program.n_columns, len(before)
    parts, low, high = [], [], []
    for term in np.flatnonzero(np.isfinite(terms.cap)):
        values, cap = terms.values[term], float(terms.cap[term])
        target = terms.target[:, term]
        blocks = [(0, 1, target[form : form + 1]), (1, n_after, target[form + 1 :])][: 2 if n_after else 1]
        if np.isnan(target).any():
            if not form and n_after:
                parts.append(_row(np.append(values * n_after, -values), rows.item.size))
                low.append(-cap * n_after / 4)
                high.append(cap * n_after / 4)
                continue
            first = float(values @ before[0]) if form else 0.0
            blocks = [(place, papers, np.full(papers, first)) for place, papers, _ in blocks] if form else []
            cap, sense = cap / 2, 0
        else:
            sense = int(terms.sense[term])
        for place, papers, wanted in blocks:
            parts.append(_row(np.append(np.zeros(place * n), values), rows.item.size))
            low.append(wanted.sum() - cap * papers if sense <= 0 else -np.inf)
            high.append(wanted.sum() + cap * papers if sense >= 0 else np.inf)
    if not parts:
        return matrix, bounds
    return sparse.csr_matrix(sparse.vstack([matrix, *parts])), replace(
        bounds, low=np.append(bounds.low, low), high=np.append(bounds.high, high)
    )


def _row(values: NDArray[np.float64], width: int) -> sparse.csr_matrix:
    return sparse.csr_matrix((values, (np.zeros(values.size, np.int64), np.arange(values.size))), shape=(1, width))
