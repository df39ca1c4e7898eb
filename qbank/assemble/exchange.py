"""What every exchange of one column for another would break or mend on a paper, all of them as one array."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from qbank.assemble.program import Array, Indices
from qbank.assemble.standing import Papers, Rows

FORBIDDEN = 1e9
"""The price of an exchange that no row may admit."""


def price_changes(rows: Rows, outs: Indices, ins: Indices) -> Array:
    """Return by how much each exchange changes the price of broken rows; shape (n_outs, n_ins).

    The price of a row is a convex function p of its total t. For a column j that comes and a column i that goes,
    p(t + aj − ai) − p(t) = [p(t + aj) − p(t)] + [p(t − ai) − p(t)] + bend, and the bend is 0 unless both stand in the
    row. Where all coefficients of a row are one step a, it is 2p(t) − p(t + a) − p(t − a): one matrix product over
    the rows that have a bound within a step.
    """
    coming, going = rows.columns[ins], rows.columns[outs]
    price = _alone(rows, going, -1.0)[:, None] + _alone(rows, coming, 1.0)[None, :]
    here = rows.price(rows.totals, slice(None))
    step = np.where(np.isnan(rows.step), 0.0, rows.step)
    bend = rows.price(rows.totals + step, slice(None)) + rows.price(rows.totals - step, slice(None)) - 2 * here
    bent = np.flatnonzero(bend > 0)
    if bent.size:
        leaving = (going[:, bent].toarray() != 0) * bend[bent]
        price -= np.asarray(coming[:, bent].astype(np.bool_) @ leaving.T).T
    for row in np.flatnonzero(np.isnan(rows.step) & np.isfinite(np.maximum(rows.low, -rows.high))):
        _bend_of(rows, int(row), going, coming, price)
    return price


def _alone(rows: Rows, columns: sparse.csr_matrix, sign: float) -> Array:
    """Return the change of price when one column alone comes (+1) or goes (−1)."""
    at = columns.indices
    before = rows.totals[at]
    moved = np.asarray(rows.price(before + sign * columns.data, at) - rows.price(before, at))
    changed = sparse.csr_matrix((moved, at, columns.indptr), shape=columns.shape)
    return np.asarray(changed.sum(axis=1)).ravel()


def _bend_of(rows: Rows, row: int, going: sparse.csr_matrix, coming: sparse.csr_matrix, price: Array) -> None:
    """Take the bend of one row with unequal coefficients off the prices, in place."""
    away, come = going[:, [row]].toarray().ravel(), coming[:, [row]].toarray().ravel()
    total, low, high = rows.totals[row], rows.low[row], rows.high[row]
    reach = np.abs(away).max(initial=0.0) + np.abs(come).max(initial=0.0)
    if total - reach >= low and total + reach <= high:
        return
    outs, ins = np.flatnonzero(away), np.flatnonzero(come)
    if not (outs.size and ins.size):
        return

    def cost(totals: Array) -> Array:
        return np.asarray(rows.weight[row] * np.maximum(np.maximum(low - totals, totals - high), 0.0))

    leaving, arriving = away[outs][:, None], come[ins][None, :]
    bend = cost(total + arriving - leaving) - cost(total - leaving) - cost(total + arriving) + cost(np.asarray(total))
    if outs.size == away.size and ins.size == come.size:
        price += bend
    else:
        price[np.ix_(outs, ins)] += bend


def with_bank(papers: Papers, form: int, outs: Indices, ins: Indices) -> Array:
    """Return the changes of price for exchanges of a paper with columns that come from the bank."""
    price = price_changes(papers.rows(form), outs, ins)
    _keep_sets(papers, form, outs, ins, price)
    return price


def with_paper(papers: Papers, form: int, other: int, outs: Indices, ins: Indices) -> Array:
    """Return the changes of price, both papers' together, where ``outs`` and ``ins`` change places."""
    price = price_changes(papers.rows(form, other), outs, ins)
    price += price_changes(papers.rows(other, form), ins, outs).T
    _keep_sets(papers, form, outs, ins, price)
    _keep_sets(papers, other, ins, outs, price.T)
    return price


def _keep_sets(papers: Papers, form: int, outs: Indices, ins: Indices, price: Array) -> None:
    """Forbid exchanges within a set of which one member stands: its indicator would be counted as taken away."""
    member = papers.frame.member
    alone = member[outs]
    if not papers.in_set.shape[1]:
        return
    lone = np.flatnonzero((alone >= 0) & (np.append(papers.in_set[form], 0)[alone] == 1))
    for out in lone:
        price[out, member[ins] == alone[out]] = FORBIDDEN


def leaving(papers: Papers, form: int, *, blank: bool) -> Indices:
    """Return the columns that may go from a paper, with `nothing` where places may be empty."""
    found = np.flatnonzero(papers.chosen[form] & ~papers.frame.must_stand[form])
    return np.append(found, papers.frame.nothing) if blank else found


def arriving(papers: Papers, form: int, *, blank: bool) -> Indices:
    """Return the columns of the bank that may come to a paper: allowed, not used up, not there already."""
    frame = papers.frame
    free = (papers.used < frame.uses) & ~papers.seen[form]
    free[-1] = blank
    return np.flatnonzero(frame.may_stand[form] & free[frame.item])


def tradable(papers: Papers, form: int, other: int, *, blank: bool) -> tuple[Indices, Indices]:
    """Return the columns of two papers that may change places."""
    frame = papers.frame

    def from_to(here: int, there: int) -> Indices:
        found = papers.chosen[here] & ~frame.must_stand[here] & frame.may_stand[there] & ~papers.seen[there][frame.item]
        found[-1] = blank
        return np.flatnonzero(found)

    return from_to(form, other), from_to(other, form)


def some(rng: np.random.Generator, columns: Indices, most: int) -> Indices:
    """Return at most so many of the columns, drawn at random, in ascending order."""
    return columns if columns.size <= most else np.sort(rng.choice(columns, most, replace=False))


def empty_places(papers: Papers) -> bool:
    """Return whether some column stands in no row that fixes a number of places."""
    frame = papers.frame
    fixed = ~np.isnan(frame.step) & (frame.low == frame.high).all(axis=0)
    return bool((np.diff(frame.columns[:-1][:, np.flatnonzero(fixed)].indptr) == 0).any())


