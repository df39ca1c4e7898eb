"""Exchanges until no paper breaks a row: the least price first, stubborn rows made dearer."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.exchange import arriving, leaving, some, tradable, with_bank, with_paper
from qbank.assemble.program import Array, Indices
from qbank.assemble.standing import Papers, worst_of

AT_MOST = 1500
"""Columns of the bank that one look at a paper weighs."""
PARTNERS = 6
"""Other papers that one look at a paper weighs."""
DEARER = 1.5
CHEAPER = 10
"""Looks after which a loss of the objective weighs half."""
TABU = 12
"""Looks during which a column that has just moved stays where it is."""


def repair(
    papers: Papers, rng: np.random.Generator, *, looks: int, blank: bool, gap: float, should_stop: Callable[[], bool],
    tell: Callable[[float], None],
) -> float:
    """Exchange columns until every paper holds its rows or the looks are used up; returns what is still broken.

    gap : a loss of the objective that is as bad as one broken row

    A look takes a paper that breaks rows and makes the exchange, with the bank or with another paper, that costs
    least; at a standstill the rows that are broken become dearer (breakout, Morris 1993).
    """
    moved = np.full(papers.chosen.shape, -TABU - 1, dtype=np.int64)
    broken = np.array([papers.broken(form) for form in range(papers.frame.n_forms)])
    for look in range(looks):
        if not broken.any() or should_stop():
            break
        tell(float(broken.sum()))
        form = int(rng.choice(np.flatnonzero(broken), p=broken[broken > 0] / broken.sum()))
        best = _cheapest(papers, form, rng, blank=blank, gap=gap * (1 + look / CHEAPER), hot=moved > look - TABU)
        if best is None:
            continue
        change, other, out, come = best
        if change >= -1e-9:
            _make_dearer(papers, form)
        touched = [form] if other < 0 else [form, other]
        papers.exchange(form, np.array([out]), np.array([come]))
        moved[form, [out, come]] = look
        if other >= 0:
            papers.exchange(other, np.array([come]), np.array([out]))
            moved[other, [out, come]] = look
        affected = range(papers.frame.n_forms) if papers.shares else touched
        for one in affected:
            broken[one] = papers.broken(one)
        broken[form] = papers.broken(form)
    papers.weight[:] = papers.frame.weight
    return float(sum(papers.broken(form) for form in range(papers.frame.n_forms)))


def _make_dearer(papers: Papers, form: int) -> None:
    rows = papers.rows(form)
    dear = np.flatnonzero(rows.price(rows.totals, slice(None))[: papers.weight.size] > 0)
    papers.weight[dear] *= DEARER


def _cheapest(
    papers: Papers, form: int, rng: np.random.Generator, *, blank: bool, gap: float, hot: NDArray[np.bool_]
) -> tuple[float, int, int, int] | None:
    """Return change, other paper (−1: the bank), and the columns that go and come, of the cheapest exchange.

    Among equally cheap ones it is one after which the paper deviates least, and with the bank, the sum of all papers.
    """
    found: list[tuple[float, float, int, int, int]] = []

    def note(price: Array, outs: Indices, ins: Indices, other: int) -> None:
        price = price.copy()
        price[hot[form, outs]] += 1e3
        price[:, hot[form, ins]] += 1e3
        least = price.min(initial=np.inf)
        if least > 5e2:
            return
        at, to = np.nonzero(price <= least + 1e-9)
        pick = rng.permutation(at.size)[:200]
        at, to = outs[at[pick]], ins[to[pick]]
        change = papers.frame.values[to] - papers.frame.values[at]
        worst = worst_of(papers.away[form] + change, papers.frame.sense)
        if other < 0:
            worst = worst + worst_of(papers.away.sum(axis=0) + change, papers.frame.sense)
        else:
            worst = np.maximum(worst, worst_of(papers.away[other] - change, papers.frame.sense))
        best = int(np.argmin(worst))
        found.append((float(least), float(worst[best]), other, int(at[best]), int(to[best])))

    outs, ins = leaving(papers, form, blank=blank), some(rng, arriving(papers, form, blank=blank), AT_MOST)
    if outs.size and ins.size:
        loss = papers.frame.loss[form]
        note(with_bank(papers, form, outs, ins) + (loss[ins] - loss[outs][:, None]) / gap, outs, ins, -1)
    others = np.array([other for other in range(papers.frame.n_forms) if other != form], dtype=np.int64)
    for other in some(rng, others, PARTNERS):
        outs, ins = tradable(papers, form, int(other), blank=blank)
        if outs.size and ins.size:
            note(with_paper(papers, form, int(other), outs, ins), outs, ins, int(other))
    if not found:
        return None
    change, _, other, out, come = min(found)
    return change, other, out, come
