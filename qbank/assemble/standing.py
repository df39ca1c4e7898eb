"""What stands on each paper while papers are sought: the rows' totals, the terms, how often each item is used.

The rows of a program, its enemies, "an item once on a paper" and the caps of its terms all become rows of one sparse
matrix over single columns, so that what a change breaks is read from the rows alone. One more column, `nothing`,
stands for an empty place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from qbank.assemble.program import Array, Indices, Program

ROUNDING = 1e-9
"""By how much, relative to a bound, sums of floating-point numbers may miss it."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows over the columns of one paper, with the totals that stand there.

    columns : (n_columns + 1, n_rows) sparse, the last column is `nothing` ; totals, low, high : (n_rows,) ;
    weight : (n_rows,) the price of breaking a row by one ; step : (n_rows,) the coefficient that all columns of the
    row share, NaN where they differ
    """

    columns: sparse.csr_matrix
    totals: Array
    low: Array
    high: Array
    weight: Array
    step: Array

    def price(self, totals: Array, rows: NDArray[np.integer] | slice) -> Array:
        """Return what some rows cost at other totals; shape of ``totals``, whose last axis goes along ``rows``."""
        short = np.maximum(self.low[rows] - totals, totals - self.high[rows])
        return np.asarray(self.weight[rows] * np.maximum(short, 0.0))


@dataclass(frozen=True, slots=True)
class Frame:
    """The part of a program that does not change while papers are sought.

    columns : (n + 1, n_rows) sparse ; low, high : (n_forms, n_rows) ; weight, step : (n_rows,) ; values :
    (n + 1, n_terms) in units of the objective ; target : (n_forms, n_terms) ; sense : (n_terms,) ; shared : (n_terms,) compared
    between papers: the target is where they meet, and deviations are doubled ; item : (n + 1,) ;
    uses : (n_items + 1,) ; may_stand, must_stand : (n_forms, n + 1) ; price : (n + 1,) ; member : (n + 1,) the
    stimulus set of a column, −1 for none ; indicators : (n_sets, n_rows) sparse ; indicator_price : (n_sets,) ;
    loss : (n_forms, n + 1) what a column adds to the objective of one paper, at the prices of the pooled program
    """

    program: Program
    columns: sparse.csr_matrix
    low: Array
    high: Array
    weight: Array
    step: Array
    values: Array
    target: Array
    sense: Indices
    shared: NDArray[np.bool_]
    item: Indices
    uses: Indices
    may_stand: NDArray[np.bool_]
    must_stand: NDArray[np.bool_]
    price: Array
    member: Indices
    indicators: sparse.csr_matrix
    indicator_price: Array
    loss: Array
    overlap: tuple[float, float]

    @property
    def n_forms(self) -> int:
        """Return the number of papers."""
        return int(self.low.shape[0])

    @property
    def nothing(self) -> int:
        """Return the column that stands for an empty place."""
        return int(self.item.size) - 1


def make_frame(program: Program, centre: Array, loss: Array) -> Frame:
    """Return the frame of a program.

    centre : (n_terms,) the target of terms that only papers share ; loss : (n_forms, n_candidates)
    """
    n, n_items = program.n_candidates, int(program.uses.size)
    matrix, low, high = _all_rows(program, centre)
    over = sparse.csc_matrix(matrix)
    columns = sparse.csr_matrix(
        sparse.vstack([sparse.csr_matrix(over[:, :n].T), sparse.csr_matrix((1, matrix.shape[0]))])
    )
    indicators = sparse.csr_matrix(over[:, n:].T)
    size = np.asarray(abs(matrix).sum(axis=1)).ravel() / np.maximum(np.diff(sparse.csr_matrix(matrix).indptr), 1)
    terms, counts = program.terms, program.terms.weight > 0
    shared = np.asarray(np.isnan(terms.target).any(axis=0))
    scale = np.where(shared, 2.0, 1.0)[counts] * terms.weight[counts] / terms.unit[counts]
    target = np.where(np.isnan(terms.target), centre, terms.target)[:, counts]
    member = np.full(n + 1, -1, dtype=np.int64)
    for index, group in enumerate(program.sets):
        member[group.columns] = index
    lows = max((o.low for o in program.overlaps), default=0)
    highs = min((o.high for o in program.overlaps), default=n_items)
    blank = np.ones((program.n_forms, 1), dtype=np.bool_)
    return Frame(
        program=program, columns=columns, low=low, high=high,
        weight=1.0 / np.where(size > 0, size, 1.0), step=_steps(columns, indicators),
        values=np.vstack([(terms.values[counts][:, :n] * scale[:, None]).T, np.zeros((1, int(counts.sum())))]),
        target=target * scale, sense=np.where(shared, 0, terms.sense)[counts], shared=shared[counts],
        item=np.append(program.item[:n], n_items), uses=np.append(program.uses, np.iinfo(np.int64).max),
        may_stand=np.hstack([program.upper[:, :n] > 0.5, blank]),
        must_stand=np.hstack([program.lower[:, :n] > 0.5, ~blank]),
        price=np.append(program.cost[:n], 0.0), member=member, indicators=indicators,
        indicator_price=program.cost[n:], loss=np.hstack([loss, np.zeros((program.n_forms, 1))]), overlap=(float(lows), float(highs)),
    )  # fmt: skip


def _all_rows(program: Program, centre: Array) -> tuple[sparse.csr_matrix, Array, Array]:
    """Return the rows of one paper with those of enemies, of items in several roles, and of capped terms."""
    n, wide = program.n_candidates, program.n_columns
    low, high = whole_bounds(program)
    blocks, lows, highs = [program.matrix], [low], [high]

    def add(rows: Any, least: Array | float, most: Array | float) -> None:
        blocks.append(sparse.csr_matrix(rows))
        shape = (program.n_forms, rows.shape[0])
        lows.append(np.broadcast_to(least, shape))
        highs.append(np.broadcast_to(most, shape))

    of_item = sparse.csr_matrix((np.ones(n), (program.item[:n], np.arange(n))), shape=(program.uses.size, wide))
    if program.enemies.size:
        pairs = of_item[program.enemies[:, 0]] + of_item[program.enemies[:, 1]]
        add(pairs[np.diff(pairs.indptr) > 1], -np.inf, 1.0)
    several = np.diff(of_item.indptr) > 1
    if several.any():
        add(of_item[several], -np.inf, 1.0)
    terms = program.terms
    capped = np.flatnonzero(np.isfinite(terms.cap)) if terms.names else np.zeros(0, np.int64)
    if capped.size:
        shared = np.isnan(terms.target[:, capped])
        aim = np.where(shared, centre[capped], terms.target[:, capped])
        room = np.where(shared, terms.cap[capped] / 2, terms.cap[capped])
        below = np.where(terms.sense[capped] > 0, -np.inf, aim - room)
        above = np.where(terms.sense[capped] < 0, np.inf, aim + room)
        add(sparse.csr_matrix(terms.values[capped]), below, above)
    matrix = sparse.csr_matrix(sparse.vstack(blocks))
    matrix.eliminate_zeros()
    return matrix, np.hstack(lows), np.hstack(highs)


def whole_bounds(program: Program) -> tuple[Array, Array]:
    """Return the bounds of the rows, drawn in to whole numbers where every coefficient is whole."""
    matrix = program.matrix
    whole = np.ones(matrix.shape[0], dtype=np.bool_)
    broken = np.abs(matrix.data - np.round(matrix.data)) > 0
    whole[np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))[broken]] = False
    low = np.where(whole, np.ceil(program.low - 1e-6), program.low)
    high = np.where(whole, np.floor(program.high + 1e-6), program.high)
    return low, high


def _steps(columns: sparse.csr_matrix, indicators: sparse.csr_matrix) -> Array:
    by_row = sparse.csc_matrix(sparse.vstack([columns, indicators]))
    steps = np.full(by_row.shape[1], np.nan)
    filled = np.flatnonzero(np.diff(by_row.indptr))
    if filled.size:
        starts = by_row.indptr[filled]
        least, most = np.minimum.reduceat(by_row.data, starts), np.maximum.reduceat(by_row.data, starts)
        steps[filled] = np.where(least == most, least, np.nan)
    return steps


class Papers:
    """Chosen columns of every paper, and their sums, kept true by `put`.

    chosen : (n_forms, n + 1) ; totals : (n_forms, n_rows) ; away : (n_forms, n_terms) sum − target in units of the
    objective ; used : (n_items + 1,) ; seen : (n_forms, n_items + 1) ; in_set : (n_forms, n_sets) ; shares : whether what two papers share can break a rule
    """

    __slots__ = ("away", "chosen", "frame", "in_set", "price", "seen", "shares", "totals", "used", "weight")

    def __init__(self, frame: Frame, chosen: NDArray[np.bool_]) -> None:
        n_forms, n_items = frame.n_forms, frame.uses.size
        self.frame, self.weight = frame, frame.weight.copy()
        self.chosen = np.zeros((n_forms, frame.item.size), dtype=np.bool_)
        self.totals, self.away = np.zeros(frame.low.shape), -frame.target
        self.used = np.zeros(n_items, dtype=np.int64)
        self.seen = np.zeros((n_forms, n_items), dtype=np.bool_)
        self.in_set = np.zeros((n_forms, frame.indicators.shape[0]), dtype=np.int64)
        self.price = np.zeros(n_forms)
        low, high = frame.overlap
        self.shares = low > 0 or (high < n_items - 1 and bool((frame.uses[:-1] > 1).any()))
        for form in range(n_forms):
            self.put(form, np.flatnonzero(chosen[form]))

    def columns_on(self, form: int) -> Indices:
        """Return the columns that stand on a paper, ascending."""
        return np.flatnonzero(self.chosen[form])

    def put(self, form: int, columns: Indices) -> None:
        """Let exactly these columns stand on a paper."""
        frame = self.frame
        columns = columns[columns != frame.nothing]
        self.used -= self.seen[form]
        self.chosen[form] = False
        self.chosen[form, columns] = True
        self.seen[form] = False
        self.seen[form, frame.item[columns]] = True
        self.used += self.seen[form]
        self.totals[form] = np.asarray(frame.columns[columns].sum(axis=0)).ravel()
        self.away[form] = frame.values[columns].sum(axis=0) - frame.target[form]
        self.price[form] = frame.price[columns].sum()
        if self.in_set.shape[1]:
            members = frame.member[columns]
            self.in_set[form] = np.bincount(members[members >= 0], minlength=self.in_set.shape[1])
            standing = np.flatnonzero(self.in_set[form])
            self.totals[form] += np.asarray(frame.indicators[standing].sum(axis=0)).ravel()
            self.price[form] += frame.indicator_price[standing].sum()

    def exchange(self, form: int, outs: Indices, ins: Indices) -> None:
        """Take columns off a paper and put others on."""
        stay = self.chosen[form].copy()
        stay[outs] = False
        stay[ins] = True
        self.put(form, np.flatnonzero(stay))

    def rows(self, form: int, partner: int = -1) -> Rows:
        """Return the rows of a paper as things stand, with those of its overlaps except the one with a partner."""
        frame = self.frame
        columns, totals, low, high = frame.columns, self.totals[form], frame.low[form], frame.high[form]
        weight, step = self.weight, frame.step
        if frame.program.sets:
            columns = _with_indicators(frame, self.chosen[form], self.in_set[form])
        low_overlap, high_overlap = frame.overlap
        if n_others := self._overlapping(form, partner):
            others = np.array([g for g in range(frame.n_forms) if g not in (form, partner)])
            shared = self.seen[others][:, frame.item].T.astype(np.float64)
            shared[-1] = 0.0
            columns = sparse.csr_matrix(sparse.hstack([columns, sparse.csr_matrix(shared)]))
            found = self.seen[others] @ self.seen[form].astype(np.float64)
            totals, weight = np.append(totals, found), np.append(weight, np.ones(n_others))
            low, high = np.append(low, np.full(n_others, low_overlap)), np.append(high, np.full(n_others, high_overlap))
            step = np.append(step, np.ones(n_others))
        slack = ROUNDING * (1.0 + np.abs(totals))
        return Rows(columns, totals, low - slack, high + slack, weight, step)

    def _overlapping(self, form: int, partner: int) -> int:
        """Return how many overlaps of a paper can be broken at all."""
        return self.frame.n_forms - 1 - (partner >= 0) if self.shares else 0

    def broken(self, form: int) -> float:
        """Return the price of all rows that a paper breaks; overlaps count at both papers."""
        rows = self.rows(form)
        return float(rows.price(rows.totals, slice(None)).sum())

    def worst(self) -> Array:
        """Return the objective of each paper, its price left out; shape (n_forms,)."""
        return worst_of(self.away, self.frame.sense)

    def objective(self) -> float:
        """Return the objective of the papers: the largest deviation, or spread where they share a target, and the cost."""
        away, shared = self.away, self.frame.shared
        spread = (away.max(axis=0) - away.min(axis=0))[shared] / 2
        targeted = worst_of(away[:, ~shared], self.frame.sense[~shared])
        parts = ([float(spread.max())] if spread.size else []) + ([float(targeted.max())] if (~shared).any() else [])
        return max(parts, default=0.0) + float(self.price.sum())


def worst_of(away: Array, sense: Indices) -> Array:
    """Return the largest deviation along the last axis; 0 where there are no terms.

    >>> worst_of(np.array([[0.5, -2.0], [0.5, 1.0]]), np.array([0, -1]))
    array([2. , 0.5])
    """
    if not away.shape[-1]:
        return np.zeros(away.shape[:-1])
    return np.asarray(np.where(sense == 0, np.abs(away), sense * away).max(axis=-1))


def _with_indicators(frame: Frame, chosen: NDArray[np.bool_], in_set: Indices) -> sparse.csr_matrix:
    """Return the columns with the indicator that each would bring with it, or take along as the last of its set."""
    member = frame.member
    count = np.append(in_set, 0)[member]
    brings = (member >= 0) & np.where(chosen, count == 1, count == 0)
    at = np.flatnonzero(brings)
    shape = (member.size, frame.indicators.shape[0])
    share = sparse.csr_matrix((np.ones(at.size), (at, member[at])), shape=shape)
    return sparse.csr_matrix(frame.columns + share @ frame.indicators)
