"""What it would cost to insist on an item or to do without it, and the rules that no paper with it can hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.capacity import MAX_NODES
from qbank.assemble.direct import direct_program
from qbank.assemble.program import Program, items_on, quantities
from qbank.assemble.relaxed import Relaxation, conflict, is_empty
from qbank.assemble.sums import summed_program

Mask = NDArray[np.bool_]
Indices = NDArray[np.int64]


def impossible(program: Program, own: Indices) -> tuple[str, ...]:
    """Return the rules because of which no single paper can hold any of some candidates; nothing where one can."""
    one = _single(program, 0)
    names: tuple[str, ...] = ()
    for column in own:
        lower = one.lower.copy()
        lower[0, column] = 1.0
        linear = summed_program(replace(one, lower=lower))
        whole = not is_empty(linear, whole=False, max_nodes=MAX_NODES)
        if whole and not is_empty(linear, whole=True, max_nodes=MAX_NODES):
            return ()
        names = conflict(linear, whole=whole, max_nodes=MAX_NODES)
    return names


def _single(program: Program, form: int) -> Program:
    """Return the program of one of the papers by itself."""
    part = slice(form, form + 1)
    return replace(
        program, n_forms=1, low=program.low[part], high=program.high[part], lower=program.lower[part],
        upper=program.upper[part], uses=np.minimum(program.uses, 1), overlaps=(),
        terms=replace(program.terms, target=program.terms.target[part]),
    )  # fmt: skip


def price(program: Program, chosen: Mask, form: int, own: Indices, *, forced: bool) -> float:
    """Return how much worse the relaxed paper becomes where some candidates must or must not stand on it.

    The other papers stay as they are; quantities that papers are compared in have the middle of the others' as their
    target. NaN where nothing is compared, ∞ where no paper is left.
    """
    one = _single(program, form)
    others = np.delete(quantities(program, chosen), form, axis=0)
    target = one.terms.target.copy()
    compared = np.isnan(target[0])
    if compared.any() and others.size:
        target[0, compared] = ((others.max(axis=0) + others.min(axis=0)) / 2)[compared]
    if np.isnan(target).any() or not ((program.terms.weight > 0).any() or program.cost.any()):
        return float("nan")
    used_up = np.delete(items_on(program, chosen), form, axis=0).sum(axis=0) >= program.uses
    upper = one.upper.copy()
    upper[0, : program.n_candidates][used_up[program.item[: program.n_candidates]]] = 0.0
    relaxed = Relaxation(direct_program(replace(one, upper=upper, terms=replace(one.terms, target=target))))
    free = relaxed.minimise()
    if free is None:
        return float("nan")
    if not forced:
        for column in own:
            relaxed.hold(int(column), 0.0, 0.0)
        point = relaxed.minimise()
        return float("inf") if point is None else max(point.objective - free.objective, 0.0)
    worst = [float("inf")]
    for column in own[upper[0, own] > 0]:
        relaxed.hold(int(column), 1.0, 1.0)
        point = relaxed.minimise()
        relaxed.hold(int(column), 0.0, 1.0)
        worst += [] if point is None else [max(point.objective - free.objective, 0.0)]
    return min(worst)
