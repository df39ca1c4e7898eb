"""Exchanges of two items, of two slots or of a slot and what is left over, while they make more papers meet every rule.

What an exchange gains follows from the means and mean squares of the slots that it touches: all exchanges of a slot with
some others are worked out at once, and the best of them is made.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.family.partition import Partition

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

SWEEPS = 12
"""Sweeps over all pairs of slots in one turn."""
ALONGSIDE = 8
"""Slots that one is compared with at once, twice as many each time that no exchange gains."""
GAIN = 1e-6
"""A smaller gain in the logarithm of the share is none."""


def exchange(work: Partition, *, rng: np.random.Generator) -> None:
    """Exchange two items at a time while that makes more papers meet every rule.

    Two slots that have not changed since they were last compared are not compared again. A slot is compared with
    several at once, up to the first exchange that gains: what comes after that is compared anew.
    """
    n = len(work.members)
    changed, seen = np.zeros(n, dtype=np.int64), np.full((n, n), -1, dtype=np.int64)
    clock = 0
    for _ in range(SWEEPS):
        gained = 0.0
        spare = work.spare
        for first in map(int, rng.permutation(n)):
            section = int(work.section[first])
            for own in ([True] if spare[section].size else []) + [False]:
                second = np.array([first]) if own else np.flatnonzero(work.section[:first] == section)
                second = second[seen[first, second] < np.maximum(changed[first], changed[second])]
                together = ALONGSIDE
                while second.size:
                    asked = second[:together]
                    if own:
                        gain, done = _with_spare(work, first, spare, section), 1
                    else:
                        gain, done = _between(work, first, asked)
                    clock += 1
                    seen[first, asked[:done]] = clock
                    together *= 2
                    if gain:
                        clock += 1
                        changed[[first, asked[done - 1]]] = clock
                        gained += gain
                        together = ALONGSIDE
                    second = second[done:]
        if gained < GAIN:
            return


def _between(work: Partition, first: int, second: Indices) -> tuple[float, int]:
    """Make the best exchange of a slot with the first of others where one gains; return the gain, 0 where none gains, and
    how many of the others were compared.
    """
    one, others = work.members[first], [work.members[slot] for slot in second]
    other, sizes = np.concatenate(others), np.array([each.size for each in others])
    owner, m = np.repeat(second, sizes), np.repeat(sizes, sizes)
    n = one.size
    gain = -_spread_change(work, one, other, first, owner, m) - _clash_change(work, one, other, first, owner, m)
    which = work.differing(one, other)
    if which.size:
        x, y, part = work.x[np.ix_(one, which)], work.x[np.ix_(other, which)], m[:, None]
        step, step2 = y[None] - x[:, None], (y**2)[None] - (x**2)[:, None]
        here, there = work.mean[first, which], work.mean[np.ix_(owner, which)]
        squares = (here + step / n) ** 2 + (there - step / part) ** 2 - here**2 - there**2
        gain += work.rows_change(which, step / n - step / part, step2 / n - step2 / part - squares)
    starts = np.cumsum([0, *sizes[:-1]])
    gaining = np.flatnonzero(np.maximum.reduceat(gain.max(axis=0), starts) > GAIN)
    if not gaining.size:
        return 0.0, second.size
    place = int(gaining[0])
    start = int(starts[place])
    return _take(work, gain[:, start : start + sizes[place]], first, int(second[place]), None), place + 1


def _spread_change(work: Partition, one: Indices, other: Indices, first: int, owner: Indices | None, m: Indices | None) -> Array:
    """Return by how much exchanges change the sum of the measures' variances; (n_one, n_other).

    owner, m : (n_other,) the slots of the others and the sizes of these, None of what is left over, which has no
    variance. With sizes n and m, means µ and ν and a step s = y − x the change is ``|y|² − |x|²`` times (1/n − 1/m)
    less ``2 (µ/n − ν/m)·s + |s|² (1/n² + 1/m²)``.
    """
    rows = work.rows.low.size
    x, y = work.x[one, rows:], work.x[other, rows:]
    share = np.zeros(other.size) if m is None else 1 / m
    pull = np.broadcast_to(work.mean[first, rows:] / one.size, y.shape)
    if owner is not None:
        pull = pull - work.mean[owner, rows:] * share[:, None]
    weight, bend = 1 / one.size - share, 1 / one.size**2 + share**2
    of_x = (x**2).sum(axis=1)[:, None] * (-weight - bend)
    of_y = (y**2).sum(axis=1) * (weight - bend) - 2 * (y * pull).sum(axis=1)
    return np.asarray(of_x + of_y + 2 * x @ (pull + bend[:, None] * y).T)


def _clash_change(work: Partition, one: Indices, other: Indices, first: int, owner: Indices, m: Indices) -> Array:
    """Return by how much exchanges change the expected number of pairs that must not meet; (n_first, n_other).

    owner, m : (n_other,) the slots of the others and the sizes of these
    """
    if not work.demands.conflicts.size:
        return np.zeros((one.size, other.size))
    n = one.size
    own = work.away[one] - work.near[one, first]
    theirs = work.away[other] - work.near[other, owner]
    moved_one = work.away[one][:, None] - work.near[np.ix_(one, owner)]
    moved_other = work.away[other] - work.near[other, first]
    change = moved_one / m - (own / n)[:, None] + (moved_other / n - theirs / m)
    # a pair of the two themselves was counted as gone from both slots, and stays
    return np.asarray(change + 2 * work.conflict[np.ix_(one, other)] / (n * m))


def _with_spare(work: Partition, slot: int, spare: list[Indices], section: int) -> float:
    """Make the best exchange of a slot with what is left over of its section; return the gain."""
    one, other = work.members[slot], spare[section]
    n = one.size
    gain = -_spread_change(work, one, other, slot, None, None)
    which = work.differing(one, other)
    if which.size:
        x, y, here = work.x[np.ix_(one, which)], work.x[np.ix_(other, which)], work.mean[slot, which]
        step, step2 = y[None] - x[:, None], (y**2)[None] - (x**2)[:, None]
        gain += work.rows_change(which, step / n, step2 / n - (here + step / n) ** 2 + here**2)
    if work.demands.conflicts.size:
        own = (work.away[one] - work.near[one, slot]) / n
        theirs = (work.away[other] - work.near[other, slot]) / n
        gain -= theirs[None, :] - own[:, None]
    gain[work.demands.must[one]] = -np.inf
    return _take(work, gain, slot, None, spare)


def _take(work: Partition, gain: Array, first: int, second: int | None, spare: list[Indices] | None) -> float:
    place = int(gain.argmax())
    if gain.flat[place] <= GAIN:
        return 0.0
    row, column = divmod(place, gain.shape[1])
    section = int(work.section[first])
    pool = work.members[second] if second is not None else (spare or [])[section]
    going, coming = int(work.members[first][row]), int(pool[column])
    work.members[first][row], pool[column] = coming, going
    for slot in (first, second) if second is not None else (first,):
        found = work.members[slot]
        work.mean[slot], work.square[slot] = work.x[found].mean(axis=0), (work.x[found] ** 2).mean(axis=0)
        near = work.conflict[found].sum(axis=0) / found.size
        work.away += near - work.near[:, slot]
        work.near[:, slot] = near
    return float(gain.flat[place])
