"""Groups of up to four exchanges whose effects cancel what a paper deviates by.

A single exchange changes the K terms of a paper by a vector; to come within ε of the target in all of them by chance
takes about ε^−K exchanges. Sums of two exchanges are laid on a grid, and two sums that meet near the wanted point are
found by sorting: from m sums, m² groups of four are examined at the cost of sorting m.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from qbank.assemble.program import Array, Indices
from qbank.assemble.standing import Rows

MEETINGS = 300_000
"""Meetings on the grid that are looked at one by one; where there are more, the grid is made finer."""
BEST = 4096
"""Groups, the best first, whose rows are checked."""
FINER = 0.6
REFINEMENTS = 6


@dataclass(frozen=True, slots=True)
class Singles:
    """Exchanges of one column for another. outs, ins : (n,) columns ; change : (n, n_terms)"""

    outs: Indices
    ins: Indices
    change: Array


def exchanges(outs: Indices, ins: Indices, admitted: NDArray[np.bool_], values: Array) -> Singles:
    """Return the admitted exchanges; admitted : (n_outs, n_ins), values : (n + 1, n_terms)."""
    at, to = np.nonzero(admitted)
    go, come = outs[at], ins[to]
    return Singles(go, come, values[come] - values[go])


def nearest(singles: Singles, goal: Array, tight: NDArray[np.bool_], most: int) -> Singles:
    """Return the exchanges whose change comes nearest to ``goal``, in the largest difference over the tight terms."""
    if singles.outs.size <= most:
        return singles
    far = np.abs(singles.change[:, tight] - goal[tight]).max(axis=1, initial=0.0)
    keep = np.argpartition(far, most)[:most]
    return Singles(singles.outs[keep], singles.ins[keep], singles.change[keep])


def together(first: Singles, second: Singles) -> Singles:
    """Return the exchanges of both."""
    return Singles(
        np.append(first.outs, second.outs), np.append(first.ins, second.ins), np.vstack([first.change, second.change])
    )


def pairs_of(singles: Singles, items: Indices, nothing: int, papers: tuple[Rows, ...]) -> tuple[Indices, Indices]:
    """Return the positions of two exchanges each that have no column and no item in common and that hold every row.

    papers : the rows of the paper on which the columns change places and, where they go to another paper, of that one
    """
    parts, lows, highs = [], [], []
    for rows, sign in zip(papers, (1.0, -1.0), strict=False):
        change = sign * (rows.columns[singles.ins] - rows.columns[singles.outs])
        reach = 2.0 * np.asarray(abs(change).max(axis=0).todense()).ravel()
        binding = np.flatnonzero((rows.totals - reach < rows.low) | (rows.totals + reach > rows.high))
        parts.append(change[:, binding].toarray())
        lows.append((rows.low - rows.totals)[binding])
        highs.append((rows.high - rows.totals)[binding])
    change, low, high = np.hstack(parts), np.concatenate(lows), np.concatenate(highs)
    first, second = [], []
    for one in range(singles.outs.size - 1):
        both = change[one + 1 :] + change[one]
        whole = np.flatnonzero(((both >= low) & (both <= high)).all(axis=1))
        first.append(np.full(whole.size, one))
        second.append(whole + one + 1)
    return _apart(singles, items, nothing, np.concatenate(first), np.concatenate(second))


def _apart(
    singles: Singles, items: Indices, nothing: int, first: Indices, second: Indices
) -> tuple[Indices, Indices]:
    go, come = singles.outs, singles.ins
    apart = ((go[first] != go[second]) | (go[first] == nothing)) & (
        (items[come[first]] != items[come[second]]) | (come[first] == nothing)
    )
    return first[apart], second[apart]


def meet(sums: Array, goal: Array, tight: NDArray[np.bool_], width: float, rng: np.random.Generator) -> tuple[Indices, Indices]:
    """Return positions of sums s, t with s + t near ``goal`` in the tight terms: those that share a cell of a grid.

    Cells are ``width`` wide and begin at a random place: two points at a distance d in a term share a cell with
    probability 1 − d / width. The grid is made finer until there are at most `MEETINGS`, or, where many sums are
    equal, only some of each cell are taken.
    """
    here, there = sums[:, tight], (goal - sums)[:, tight]
    spread = rng.integers(1, 2**61, here.shape[1]) | 1
    for _ in range(REFINEMENTS):
        start = rng.random(here.shape[1]) * width
        keys = (np.floor((here - start) / width).astype(np.int64) * spread).sum(axis=1)
        wanted = (np.floor((there - start) / width).astype(np.int64) * spread).sum(axis=1)
        order, asked = np.argsort(keys), np.argsort(wanted)
        keys, wanted = keys[order], wanted[asked]
        left, right = np.searchsorted(keys, wanted), np.searchsorted(keys, wanted, "right")
        count = right - left
        if count.sum() <= MEETINGS:
            break
        width *= FINER
    else:
        count = np.minimum(count, max(MEETINGS // count.size, 1))
    total = int(count.sum())
    offset = np.arange(total) - np.repeat(np.cumsum(count) - count, count)
    return order[np.repeat(left, count) + offset], np.repeat(asked, count)


def holding(rows: Rows, outs: Indices, ins: Indices) -> NDArray[np.bool_]:
    """Return which groups of exchanges leave every row of a paper whole; outs, ins : (n_groups, n_exchanges)."""
    n_groups, wide = outs.shape
    group = np.repeat(np.arange(n_groups), wide)
    shape = (n_groups, rows.columns.shape[0])
    signs = np.concatenate([np.ones(group.size), -np.ones(group.size)])
    at = (np.concatenate([group, group]), np.concatenate([ins.ravel(), outs.ravel()]))
    totals = (sparse.csr_matrix((signs, at), shape=shape) @ rows.columns).toarray() + rows.totals
    return np.asarray(((totals >= rows.low) & (totals <= rows.high)).all(axis=1))


def distinct(outs: Indices, ins: Indices, items: Indices, nothing: int) -> NDArray[np.bool_]:
    """Return which groups take no column off twice and bring no item twice; outs, ins : (n_groups, n_exchanges)."""

    def different(columns: Indices, names: Indices) -> NDArray[np.bool_]:
        named = np.where(columns == nothing, -1 - np.arange(columns.shape[1]), names[columns])
        named = np.sort(named, axis=1)
        return np.asarray((named[:, 1:] != named[:, :-1]).all(axis=1))

    return different(outs, np.arange(items.size)) & different(ins, items)
