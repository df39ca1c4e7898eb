"""The slots: the bank cut into as many groups as a paper has places, each of items that can stand for one another.

First the items of a section are dealt to its slots so that like stand with like; then assignment and exchanges take
turns. The assignment gives every item to the slot whose middle it is nearest to, all at once (balanced k-means: the
assignment problem solved exactly, Bradley, Bennett & Demiriz 2000), in the metric in which the variances of the
papers cost most; it groups items that never meet, since two of one slot cannot. Exchanges of two items, of two slots
or of a slot and what is left over, then climb the expected share of papers that meet every rule. Where both are at
an end some items change places at random and the search goes on from there (Lourenço, Martin & Stützle 2003).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from qbank.assemble.family.demands import Demands
from qbank.assemble.family.fitness import (
    Evens,
    Rows,
    features_of,
    log_even,
    log_share,
    searched_rows,
    sensitivity,
)

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

ROUNDS = 6
TURNS = 2
"""Turns of assignment and exchange in each round after the first, which is one."""
SHAKEN = 0.08
"""Share of the items that change places at random where a turn has gained nothing."""
SWEEPS = 12
"""Sweeps over all pairs of slots in one turn."""
FIRST, LATER = 8, 2
"""Assignments in the first turn, and in a later one."""
ALONGSIDE = 8
"""Slots that one is compared with at once, twice as many each time that no exchange gains."""
LARGEST = 4_000
"""Items of a section up to which they are assigned all at once, which takes their cube in time."""
GAIN = 1e-6
"""A smaller gain in the logarithm of the share is none."""


def even_sizes(n_items: int, n_slots: int, order: int) -> tuple[int, ...]:
    """Return how many items each slot of a section gets: as many as there are, at most `order`, larger ones first.

    >>> even_sizes(20, 3, 8), even_sizes(30, 3, 8)
    ((7, 7, 6), (8, 8, 8))
    """
    used = min(n_items, n_slots * order)
    return tuple(used // n_slots + (slot < used % n_slots) for slot in range(n_slots))


@dataclass(slots=True)
class Partition:
    """Slots under construction.

    members : by slot its candidates ; section : (n_slots,) ; x : (n_columns, n_rows + n_measures) what each adds to the
    rows, and to the measures in the metric of the moment ; conflict : (n_columns, n_columns) which never meet ; near :
    (n_columns, n_slots) how many conflicts each slot's share of a paper holds ; away : (n_columns,) all slots'
    """

    demands: Demands
    rows: Rows
    evens: Evens
    section: Indices
    members: list[Indices]
    conflict: NDArray[np.bool_]
    x: Array = field(init=False)
    mean: Array = field(init=False)
    square: Array = field(init=False)
    near: Array = field(init=False)
    away: Array = field(init=False)
    even: float = field(init=False)

    def __post_init__(self) -> None:
        self.refresh()

    def refresh(self) -> None:
        """Take the metric in which the measures' variances cost most now, and measure all slots in it."""
        y = self.evens.values.T
        covariance = sum((_covariance(y[found]) for found in self.members), np.zeros((y.shape[1],) * 2))
        mean = sum((y[found].mean(axis=0) for found in self.members), np.zeros(y.shape[1]))
        self.even, metric = log_even(covariance, self.evens.width(mean))
        size, turn = np.linalg.eigh(metric)
        self.x = np.hstack([self.rows.values.T, y @ (turn * np.sqrt(np.maximum(size, 0.0)))])
        self.measure()

    def measure(self) -> None:
        """Work out anew the mean and the mean square of each slot, and how many of whose conflicts each slot holds."""
        self.mean = np.array([self.x[found].mean(axis=0) for found in self.members])
        self.square = np.array([(self.x[found] ** 2).mean(axis=0) for found in self.members])
        self.near = np.array([self.conflict[found].sum(axis=0) / found.size for found in self.members]).T
        self.away = self.near.sum(axis=1)

    @property
    def spare(self) -> list[Indices]:
        """Return by section the candidates that are in no slot."""
        used = np.zeros(self.demands.n_columns, dtype=np.bool_)
        used[np.concatenate(self.members)] = True
        return [np.flatnonzero((self.demands.section == s) & ~used) for s in range(len(self.demands.sizes))]

    def clashes(self) -> float:
        """Return the expected number of pairs on a random paper that must not meet."""
        return float(sum(
            (self.near[found].sum() - self.near[found, slot].sum()) / found.size for slot, found in enumerate(self.members)
        ) / 2)  # fmt: skip

    def differing(self, *groups: Indices) -> Indices:
        """Return the rows that an exchange among some candidates can change: those in which they are not all alike."""
        found = self.x[np.concatenate(groups), : self.rows.low.size]
        return np.flatnonzero((found != found[0]).any(axis=0))

    def rows_change(self, which: Indices, step: Array, variance: Array) -> Array:
        """Return by how much the logarithm of the share that keeps all bounds changes.

        which : (n,) the rows that change ; step, variance : (…, n) by how much the mean of papers changes, and by how
        much their variance
        """
        mean = self.mean[:, which].sum(axis=0)
        now = self.square[:, which].sum(axis=0) - (self.mean[:, which] ** 2).sum(axis=0)
        return np.asarray(log_share(self.rows, mean + step, now + variance, which) - log_share(self.rows, mean, now, which))

    def fitness(self) -> float:
        """Return the logarithm of the share of papers that are expected to meet every rule, in a metric just taken."""
        n = self.rows.low.size
        variance = (self.square - self.mean**2).sum(axis=0)
        return float(log_share(self.rows, self.mean.sum(axis=0)[:n], variance[:n])) + self.even - self.clashes()


def partition(demands: Demands, sizes: Sequence[Sequence[int]], seed: int, rounds: int = ROUNDS) -> tuple[tuple[Indices, ...], float]:
    """Return the slots, section after section, and the logarithm of the share that is expected to meet every rule.

    sizes : by section how many candidates each of its slots gets ; each slot holds the candidates in the order of
    their columns.
    """
    rows, evens = features_of(demands, _usual(demands))
    members = [
        found for section, wanted in enumerate(sizes)
        for found in (_dealt(demands, rows, evens, np.flatnonzero(demands.section == section), wanted) if wanted else ())
    ]  # fmt: skip
    conflict = np.zeros((demands.n_columns,) * 2, dtype=np.bool_)
    conflict[demands.conflicts[:, 0], demands.conflicts[:, 1]] = True
    conflict |= conflict.T
    section = np.repeat(np.arange(len(sizes)), [len(wanted) for wanted in sizes])
    work = Partition(demands, rows, evens, section, members, conflict)
    best, value = [found.copy() for found in work.members], work.fitness()
    rng = np.random.default_rng(seed)
    for turn in range(1 + TURNS * (rounds - 1)):
        before = value
        for improve in (partial(_assign, times=LATER if turn else FIRST), partial(_exchange, rng=rng)):
            improve(work)
            work.refresh()
            found = work.fitness()
            if found > value + GAIN:
                best, value = [each.copy() for each in work.members], found
        if value == before:
            work.members = [each.copy() for each in best]
            _shake(work, rng)
    return tuple(np.sort(each) for each in best), value


def _covariance(y: Array) -> Array:
    """Return the covariance of the columns of (n, d) numbers about their mean, with the divisor n."""
    away = y - y.mean(axis=0)
    return np.asarray(away.T @ away / len(y))


def _usual(demands: Demands) -> Array:
    """Return about what a paper adds up to in each measure: its places filled with average items."""
    if not demands.measures.names:
        return np.zeros(0)
    means = np.array([
        demands.measures.values[:, demands.section == section].mean(axis=1) if (demands.section == section).any() else np.zeros(len(demands.measures.names))
        for section in range(len(demands.sizes))
    ])  # fmt: skip
    return np.asarray(np.array(demands.sizes, dtype=np.float64) @ means)


def _dealt(demands: Demands, rows: Rows, evens: Evens, here: Indices, sizes: Sequence[int]) -> list[Indices]:
    """Return the first slots of a section: like items in a row, cut into runs."""
    marks = demands.values[np.ix_(searched_rows(demands), here)]
    signature = [tuple(np.flatnonzero(column)) for column in marks.T] if _is_tagged(demands) else [()] * here.size
    lowest = {found: min(found, default=-1) for found in signature}
    values = np.concatenate([rows.values, evens.values])[:, here]
    scaled = values / (values.std(axis=1)[:, None] + 1e-12)
    along = _along(scaled.T)
    order = sorted(range(here.size), key=lambda k: (lowest[signature[k]], signature[k], along[k], int(here[k])))
    left_over = here.size - sum(sizes)
    # those left over are taken evenly from the row, so that no group is lost; what must be used comes last of all
    free = [place for place, k in enumerate(order) if not demands.must[here[k]]]
    spaced = np.linspace(0, max(len(free) - 1, 0), left_over + 2)[1:-1].round().astype(np.int64)
    drop = {free[place] for place in spaced.tolist()} if free else set()
    kept = [here[k] for place, k in enumerate(order) if place not in drop]
    kept += [here[order[place]] for place in sorted(drop)]  # two may have fallen on one place
    cuts = np.cumsum([0, *sizes])
    return [np.array(kept[low:high], dtype=np.int64) for low, high in pairwise(cuts)]


def _is_tagged(demands: Demands) -> bool:
    return bool(demands.low.size)


def _along(x: Array) -> Array:
    """Return where points stand along the line on which they differ most; x : (n, d)."""
    centred = x - x.mean(axis=0)
    if x.shape[0] < 2 or not centred.any():
        return np.zeros(x.shape[0])
    direction = np.linalg.svd(centred, full_matrices=False)[2][0]
    return np.asarray(centred @ (direction * np.sign(direction[np.abs(direction).argmax()])))


def _shake(work: Partition, rng: np.random.Generator) -> None:
    """Let some items of each section change places at random, those left over among them."""
    spare = work.spare
    for section in range(len(work.demands.sizes)):
        slots = np.flatnonzero(work.section == section)
        groups = [work.members[slot] for slot in slots]
        every = np.concatenate([*groups, spare[section]])
        moved = np.flatnonzero((rng.random(every.size) < SHAKEN) & ~work.demands.must[every])
        every[moved] = every[rng.permutation(moved)]
        for slot, found in zip(slots, np.split(every, np.cumsum([group.size for group in groups])), strict=False):
            work.members[slot] = found
    work.refresh()


def _assign(work: Partition, *, times: int) -> None:
    """Give every item to the slot whose middle is nearest, section by section, until nothing changes."""
    for _ in range(times):
        variance = (work.square - work.mean**2).sum(axis=0)
        n = work.rows.low.size
        weight = np.concatenate([sensitivity(work.rows, work.mean.sum(axis=0)[:n], variance[:n]), np.ones(variance.size - n)]) + 1e-9
        scaled = work.x * np.sqrt(weight)
        middle = work.mean * np.sqrt(weight)
        moved = False
        for section in range(len(work.demands.sizes)):
            here = np.flatnonzero(work.demands.section == section)
            slots = np.flatnonzero(work.section == section)
            if here.size > LARGEST or not slots.size:
                continue
            sizes = [work.members[slot].size for slot in slots]
            far = ((scaled[here][:, None, :] - middle[slots][None]) ** 2).sum(axis=2) / np.mean(sizes)
            far -= work.near[here][:, slots] / np.mean(sizes)  # what stands together cannot clash
            cost = np.zeros((here.size, here.size))
            cost[:, : sum(sizes)] = np.repeat(far, sizes, axis=1)
            cost[work.demands.must[here], sum(sizes) :] = 1 + np.abs(far).max() * here.size
            rows, seats = linear_sum_assignment(cost)
            owner = np.repeat(np.arange(slots.size), sizes)
            for place, slot in enumerate(slots):
                mine = np.sort(here[rows[seats < owner.size][owner[seats[seats < owner.size]] == place]])
                moved |= not np.array_equal(mine, np.sort(work.members[slot]))
                work.members[slot] = mine
        work.measure()
        if not moved:
            return


def _exchange(work: Partition, *, rng: np.random.Generator) -> None:
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
