"""How likely a person of each ability passes on each of many papers: sum scores item by item, all papers at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.family.item_curves import ItemCurves
from qbank.assemble.item_parameters import Array

Indices = NDArray[np.int64]

MOST_POINTS = 1200
"""A paper counts in at most so many steps; finer marks are divided over the two steps around them."""
BLOCK = 130_000
"""Numbers of a block of papers: they stay in the processor's cache."""


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """One place of the papers.

    item : (n_papers,) row of the item that stands there on each ; levels : by how many steps it adds, the chance,
    (n_rows, n_theta) ; most : the most steps
    """

    item: Indices
    levels: tuple[tuple[int, Array], ...]
    most: int


def step_of(curves: ItemCurves, papers: Indices, marks: Array) -> float:
    """Return the largest step that all marks of the papers are multiples of, or one of 1,200 where there is none so large."""
    # irt costs a quarter of a second to load
    from qbank.irt.scoring.sum_scores import whole_weights

    part = {part.item: part.worth for part in curves.in_part}
    values = {float(mark) for mark in marks if mark > 0}
    for slot, mark in enumerate(marks):
        if mark > 0:
            for item in part.keys() & set(papers[:, slot].tolist()):
                values |= {float(mark * worth) for worth in part[item] if worth > 0}
    total = float(marks.sum())
    try:
        step = whole_weights(np.array(sorted(values)))[1] if values else 1.0
    except ValueError:
        return total / MOST_POINTS
    return step if total / step <= MOST_POINTS else total / MOST_POINTS


def places_of(curves: ItemCurves, papers: Indices, marks: Array, step: float) -> tuple[Place, ...]:
    """Return the places that carry marks, as steps of the sum score.

    papers : (n_papers, n_slots) rows of the curves ; marks : (n_slots,)
    """
    part = {part.item: (part.worth, part.chance) for part in curves.in_part}
    made = []
    for slot in np.flatnonzero(marks > 0):
        items, row = np.unique(papers[:, slot], return_inverse=True)
        most = int(np.ceil(marks[slot] / step - 1e-9))
        levels: dict[int, Array] = {}
        for place, item in enumerate(items.tolist()):
            p = curves.share[item]
            worth, chance = part.get(item, (np.array([0.0, 1.0]), np.stack([1 - p, p])))
            for value, likely in zip(worth * marks[slot] / step, chance, strict=True):
                low = int(np.floor(value + 1e-9))
                over = max(value - low, 0.0) if value - low > 1e-9 else 0.0
                for level, part_of in ((low, 1 - over), (low + 1, over)):
                    if part_of:
                        levels.setdefault(level, np.zeros((items.size, p.size)))[place] += part_of * likely
        made.append(Place(row.ravel().astype(np.int64), tuple(sorted(levels.items())), most))
    return tuple(made)


def pass_chances(places: Sequence[Place], cuts: NDArray[np.int64]) -> Array:
    """Return the chance that the sum of steps reaches each cut, (n_cuts, n_papers, n_theta).

    cuts : (n_cuts, n_papers) in steps. The recursion of Lord & Wingersky (1984; Hanson 1994 for marks given in
    part), for many papers at once; sums that already reach every cut are counted as passed and those that can no
    longer reach any are let go. Cost: papers × abilities × items × about half the cut.
    """
    n_cuts, n_papers = cuts.shape
    n_theta = places[0].levels[0][1].shape[1] if places else 1
    found = np.empty((n_cuts, n_papers, n_theta))
    rows = max(1, BLOCK // max(1, n_theta * max(int(cuts.max(initial=1)), 1)))
    for start in range(0, n_papers, rows):
        here = slice(start, min(start + rows, n_papers))
        _fill(found[:, here], places, here, cuts[:, here])
    return found


def _fill(found: Array, places: Sequence[Place], here: slice, cuts: NDArray[np.int64]) -> None:
    n_papers, n_theta = found.shape[1:]
    ceiling = max(int(cuts.max()), 1)
    floor = int(cuts.min())
    left = sum(place.most for place in places)
    sums = np.zeros((ceiling, n_papers, n_theta))
    sums[0] = 1.0
    passed = np.zeros((n_papers, n_theta))
    low = top = 0
    for place in places:
        item = place.item[here]
        before = sums[low : top + 1].copy()
        stays = place.levels[0][1][item] if place.levels[0][0] == 0 else 0.0
        sums[low : top + 1] *= stays
        for level, chance in place.levels[1 if place.levels[0][0] == 0 else 0 :]:
            likely = chance[item]
            stay = min(top, ceiling - 1 - level)
            if stay >= low:
                sums[low + level : stay + level + 1] += before[: stay - low + 1] * likely
            if stay < top:
                passed += before[max(stay - low + 1, 0) :].sum(axis=0) * likely
        top = min(top + place.most, ceiling - 1)
        left -= place.most
        low = max(low, floor - left)
    for n, row in enumerate(cuts):
        found[n] = passed
        for paper, cut in enumerate(row.tolist()):
            found[n, paper] += sums[max(cut, low) :, paper].sum(axis=0)
