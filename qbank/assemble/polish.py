"""Papers that hold their rows brought nearer to their targets, the worst paper first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.compensate import (
    BEST,
    Singles,
    distinct,
    exchanges,
    holding,
    meet,
    nearest,
    pairs_of,
    together,
)
from qbank.assemble.exchange import arriving, leaving, some, tradable, with_bank, with_paper
from qbank.assemble.program import Array, Indices
from qbank.assemble.standing import Papers, worst_of

LAME = 2.5
"""A price up to which an exchange that breaks rows is tried together with one that mends them."""
WHOLE = 1e-9
"""A change of price up to which a row counts as whole."""
AT_MOST = 3000
"""Columns of the bank that one look at a paper weighs."""
ENOUGH = 0.8
"""A single exchange is taken at once where it brings the deviation to this share."""
SINGLES = (300, 500, 700, 900)
"""Exchanges from which groups are made; more after each failure."""
CHECKED = 256
PATIENCE = 4
"""Failures of a paper after which it is unsettled."""
UNSETTLING = 12
WORTH = (0.1, 0.03, 0.01, 0.001)
"""Share of the deviation that a group must take off to be made; less is asked after each failure."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a paper, alone with the bank (other −1) or with another paper.

    goal : (n_terms,) the change that is wanted ; tight : (n_terms,) the terms in which it matters ; floor : the
    deviation that the papers have on average, which exchanges between them cannot beat ; worth : share of the deviation above the floor that must go
    """

    form: int
    other: int
    goal: Array
    tight: NDArray[np.bool_]
    floor: float
    worth: float


@dataclass(slots=True)
class Best:
    """The best papers so far that hold every row. chosen : (n_forms, n + 1), empty while there are none"""

    chosen: NDArray[np.bool_] = field(default_factory=lambda: np.zeros((0, 0), dtype=np.bool_))
    objective: float = np.inf

    def note(self, papers: Papers) -> bool:
        """Keep the papers if they are the best so far; returns whether they are."""
        reached = papers.objective()
        if reached >= self.objective:
            return False
        self.chosen, self.objective = papers.chosen.copy(), reached
        return True

    def keep(self, other: Best) -> None:
        """Keep the other papers if they are better."""
        if other.objective < self.objective:
            self.chosen, self.objective = other.chosen, other.objective


def polish(
    papers: Papers, rng: np.random.Generator, best: Best, *, work: float, aim: float, blank: bool,
    should_stop: Callable[[], bool], tell: Callable[[float], None],
) -> None:  # fmt: skip
    """Improve the worst paper again and again, until the objective is ``aim`` or the work is done.

    work : pairs of exchanges that may be weighed
    """
    frame = papers.frame
    failures = np.zeros(frame.n_forms, dtype=np.int64)
    while work > 0:
        if best.note(papers):
            tell(best.objective)
        if best.objective <= aim or should_stop():
            break
        form = int(np.argmax(papers.worst()))
        level = int(failures[form])
        work -= SINGLES[min(level, len(SINGLES) - 1)] ** 2 / 2 * min(2 + level, frame.n_forms)
        if improve(papers, form, rng, level=level, blank=blank):
            failures[form] = 0
            continue
        failures[form] += 1
        if failures[form] > PATIENCE:
            failures[form] = 0
            unsettle(papers, form, rng, blank=blank)
    best.note(papers)


def improve(papers: Papers, form: int, rng: np.random.Generator, *, level: int, blank: bool) -> bool:
    """Return whether a group of exchanges was found, and made, that lessens the deviation of a paper.

    The higher the level, the more groups are weighed, and the more papers are asked.
    """
    most = SINGLES[min(level, len(SINGLES) - 1)]
    asked = _asked(papers, form, rng, 1 + level)
    return any(_improve_with(papers, _look(papers, form, other, level), rng, most, blank=blank) for other in asked)


def _asked(papers: Papers, form: int, rng: np.random.Generator, n_papers: int) -> list[int]:
    """Return whom a paper asks for exchanges: the bank (−1) and other papers, those first that could balance it best.

    Where only one side counts, exchanges with the bank cost all papers something, and papers are asked first.
    """
    balance = worst_of((papers.away + papers.away[form]) / 2, papers.frame.sense)
    balance *= 1.0 + 0.1 * rng.random(balance.size)
    papers_first = [int(other) for other in np.argsort(balance, kind="stable") if other != form][:n_papers]
    return [*papers_first, -1] if (papers.frame.sense != 0).any() else [-1, *papers_first]


def unsettle(papers: Papers, form: int, rng: np.random.Generator, *, blank: bool) -> None:
    """Make one of the least harmful exchanges with the bank or another paper, so that others become possible."""
    other = int(rng.choice([-1, *(g for g in range(papers.frame.n_forms) if g != form)]))
    look = _look(papers, form, other)
    outs, ins, price = _choices(papers, look, rng, blank=blank)
    whole = exchanges(outs, ins, price <= WHOLE, papers.frame.values)
    if not whole.outs.size:
        return
    scores = _score(papers, look, whole.change) + _loss(papers, look, whole)
    one = int(rng.choice(np.argsort(scores, kind="stable")[:UNSETTLING]))
    _stands(papers, look, whole.outs[[one]], whole.ins[[one]])


def _choices(papers: Papers, look: Look, rng: np.random.Generator, *, blank: bool) -> tuple[Indices, Indices, Array]:
    """Return the columns that may go and come, and what each exchange of them would break."""
    form, other = look.form, look.other
    if other >= 0:
        outs, ins = tradable(papers, form, other, blank=blank)
        return outs, ins, with_paper(papers, form, other, outs, ins)
    outs, ins = leaving(papers, form, blank=blank), some(rng, arriving(papers, form, blank=blank), AT_MOST)
    return outs, ins, with_bank(papers, form, outs, ins)


def _look(papers: Papers, form: int, other: int, level: int = 0) -> Look:
    """Return what is wanted: the target, or where only one side counts what the papers reach on average."""
    frame = papers.frame
    one_sided = frame.sense != 0
    mean = papers.away.mean(axis=0)
    reached = (frame.sense * mean)[one_sided].max(initial=-np.inf)
    aim = np.where(one_sided, mean, 0.0)
    away = papers.away[form]
    goal = aim - away if other < 0 else (papers.away[other] - away) / 2
    floor = 0.0 if not one_sided.all() or not one_sided.size else min(float(reached), float(papers.worst().max()))
    slack = np.where(one_sided, reached - frame.sense * mean, 0.0)
    return Look(form, other, goal, slack <= 2.0 * (papers.worst().max() - floor), floor, WORTH[min(level, len(WORTH) - 1)])


def _improve_with(papers: Papers, look: Look, rng: np.random.Generator, most: int, *, blank: bool) -> bool:
    frame = papers.frame
    outs, ins, price = _choices(papers, look, rng, blank=blank)
    now = float(_score(papers, look, np.zeros((1, frame.target.shape[1])))[0])
    whole = exchanges(outs, ins, price <= WHOLE, frame.values)
    scores = _score(papers, look, whole.change) + _loss(papers, look, whole)
    better = _best_of(scores, now, look)
    alone = whole.outs[better][:, None], whole.ins[better][:, None], scores[better]
    if better.size and scores[better].min() - look.floor < ENOUGH * (now - look.floor) and _make(papers, look, *alone):
        return True
    singles = nearest(whole, look.goal / 4, look.tight, most)
    if singles.outs.size < most:
        lame = exchanges(outs, ins, (price > WHOLE) & (price <= LAME), frame.values)
        singles = together(singles, nearest(lame, look.goal / 4, look.tight, most - singles.outs.size))
    if _compensate(papers, look, singles, now, rng):
        return True
    return bool(better.size) and _make(papers, look, *alone)


def _best_of(scores: Array, now: float, look: Look) -> Indices:
    """Return the positions of the best scores among those that are worth a change."""
    better = np.flatnonzero(scores < now - look.worth * abs(now - look.floor))
    if better.size > BEST:
        better = better[np.argpartition(scores[better], BEST)[:BEST]]
    return better


def _compensate(papers: Papers, look: Look, singles: Singles, now: float, rng: np.random.Generator) -> bool:
    """Make the best group of up to four exchanges, if one is better than what stands."""
    frame, nothing = papers.frame, papers.frame.nothing
    if singles.outs.size < 2:
        return False
    empty = Singles(np.array([nothing]), np.array([nothing]), np.zeros((1, frame.target.shape[1])))
    singles = together(singles, empty)
    form, other = look.form, look.other
    rows = (papers.rows(form, other), *((papers.rows(other, form),) if other >= 0 else ()))
    first, second = pairs_of(singles, frame.item, nothing, rows)
    if not first.size:
        return False
    sums, loss = singles.change[first] + singles.change[second], _loss(papers, look, singles)
    loss = loss[first] + loss[second]
    scores = _score(papers, look, sums) + loss
    best = _best_of(scores, now, look)
    pairs = np.stack([first[best], second[best]], axis=1)
    fill = np.full_like(pairs, singles.outs.size - 1)
    groups, reached = [np.hstack([pairs, fill])], [scores[best]]
    here, there = meet(sums, look.goal, look.tight, max(2.5 * (now - look.floor), 1e-9), rng)
    scores = _score(papers, look, sums[here] + sums[there]) + loss[here] + loss[there]
    best = _best_of(scores, now, look)
    here, there = here[best], there[best]
    groups.append(np.stack([first[here], second[here], first[there], second[there]], axis=1))
    reached.append(scores[best])
    group = np.vstack(groups)
    outs, ins = singles.outs[group], singles.ins[group]
    apart = distinct(outs, ins, frame.item, nothing)
    return _make(papers, look, outs[apart], ins[apart], np.concatenate(reached)[apart])


def _loss(papers: Papers, look: Look, singles: Singles) -> Array:
    """Return what the objective must lose by exchanges with the bank; between papers nothing is lost."""
    if look.other >= 0:
        return np.zeros(singles.outs.size)
    loss = papers.frame.loss[look.form]
    return np.asarray(loss[singles.ins] - loss[singles.outs])


def _score(papers: Papers, look: Look, change: Array) -> Array:
    """Return the deviation after changes (n, n_terms), the worse of the two papers where there are two."""
    sense = papers.frame.sense
    worst = worst_of(papers.away[look.form] + change, sense)
    if look.other < 0:
        return worst
    return np.maximum(worst, worst_of(papers.away[look.other] - change, sense))


def _make(papers: Papers, look: Look, outs: Indices, ins: Indices, scores: Array) -> bool:
    """Make the best group that leaves every row whole; outs, ins : (n_groups, n_exchanges)."""
    form, other = look.form, look.other
    rows = papers.rows(form, other)
    others = papers.rows(other, form) if other >= 0 else None
    order = np.argsort(scores, kind="stable")
    step = int(max(min(CHECKED, 2e6 // rows.totals.size), 1))
    for start in range(0, order.size, step):
        part = order[start : start + step]
        whole = holding(rows, outs[part], ins[part])
        if others is not None:
            whole &= holding(others, ins[part], outs[part])
        for group in part[whole][:4]:
            if _stands(papers, look, outs[group], ins[group]):
                return True
    return False


def _stands(papers: Papers, look: Look, outs: Indices, ins: Indices) -> bool:
    """Make the exchanges, and unmake them where the papers then break a row after all (sets, overlaps)."""
    touched = [look.form] if look.other < 0 else [look.form, look.other]
    before = [papers.columns_on(form) for form in touched]
    papers.exchange(look.form, outs, ins)
    if look.other >= 0:
        papers.exchange(look.other, ins, outs)
    if not any(papers.broken(form) > 0 for form in touched):
        return True
    for form, columns in zip(touched, before, strict=True):
        papers.put(form, columns)
    return False
