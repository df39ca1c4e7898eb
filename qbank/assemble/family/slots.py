"""The slots: the bank cut into as many groups as a paper has places, each of items that can stand for one another.

First the items of a section are dealt to its slots so that like stand with like; then assignment and exchanges take
turns. The assignment gives every item to the slot whose middle it is nearest to, all at once (balanced k-means: the
assignment problem solved exactly, Bradley, Bennett & Demiriz 2000), in the metric in which the variances of the
papers cost most; it groups items that never meet, since two of one slot cannot. Exchanges of two items, of two slots
or of a slot and what is left over, then climb the expected share of papers that meet every rule. Where both are at
an end some items change places at random and the search goes on from there (Lourenço, Martin & Stützle 2003). Where
rules on sums leave papers rare, drawn words tell which of the ends of all turns is the best (`drawn_share`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from qbank.assemble.family.demands import Demands
from qbank.assemble.family.drawn_share import best_of_drawn
from qbank.assemble.family.exchanges import GAIN, exchange
from qbank.assemble.family.fitness import Evens, Rows, features_of, searched_rows, sensitivity
from qbank.assemble.family.partition import Partition

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

ROUNDS = 6
TURNS = 2
"""Turns of assignment and exchange in each round after the first, which is one."""
SHAKEN = 0.08
"""Share of the items that change places at random where a turn has gained nothing."""
FIRST, LATER = 8, 2
"""Assignments in the first turn, and in a later one."""
LARGEST = 4_000
"""Items of a section up to which they are assigned all at once, which takes their cube in time."""


def even_sizes(n_items: int, n_slots: int, order: int) -> tuple[int, ...]:
    """Return how many items each slot of a section gets: as many as there are, at most `order`, larger ones first.

    >>> even_sizes(20, 3, 8), even_sizes(30, 3, 8)
    ((7, 7, 6), (8, 8, 8))
    """
    used = min(n_items, n_slots * order)
    return tuple(used // n_slots + (slot < used % n_slots) for slot in range(n_slots))


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
    rng, ends = np.random.default_rng(seed), list[list[Indices]]()
    for turn in range(1 + TURNS * (rounds - 1)):
        before = value
        for improve in (partial(_assign, times=LATER if turn else FIRST), partial(exchange, rng=rng)):
            improve(work)
            work.refresh()
            found = work.fitness()
            if found > value + GAIN:
                best, value = [each.copy() for each in work.members], found
        ends.append([each.copy() for each in work.members])
        if value == before:
            work.members = [each.copy() for each in best]
            _shake(work, rng)
    if rows.low.size and len(ends) > 1:
        best, value = best_of_drawn(work, [best, *ends], seed)
    return tuple(np.sort(each) for each in best), value


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
