"""Marks of several raters, step by step, become the marks of an item: by a rule that is printed with the result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from qbank.core.ratings import Ratings
from qbank.kinds.kind import Marked

WHOLE = ""
"""The step of a rating that is the marks of the whole item."""
VETO_STEP = "veto"
"""The step of a rating that says whether a rater saw what makes the whole task 0 (否定项): 1 or 0."""

How = Literal["mean", "median"]
Third = Literal["mean_of_three", "nearest_two"]
Veto = Literal["any", "all"]


@dataclass(frozen=True, slots=True)
class RaterRule:
    """How the marks of several raters become one.

    how : of the raters, for each step where steps were rated ; gap_limit : share of the full marks; raters whose totals
        differ by more need a third ; third : what counts once there are three (or more) such raters: all of them, or the
        two nearest ; rounding : marks are rounded at the end to a multiple of this, halves of it up; 0 leaves them ;
    least : raters that a step needs before it counts; 0: as many as anybody's step got, at most 2 ; veto : the word of
        one rater makes a task 0, or it takes all of them
    """

    how: How = "mean"
    gap_limit: float = 0.30
    third: Third = "mean_of_three"
    rounding: float = 0.5
    least: int = 0
    veto: Veto = "any"

    def __post_init__(self) -> None:
        """Refuse a rule that no one could follow."""
        if self.how not in get_args(How) or self.third not in get_args(Third) or self.veto not in get_args(Veto):
            raise ValueError(f"no such rule: {self.how}, {self.third}, {self.veto}")
        if not 0 <= self.gap_limit <= 1 or not 0 <= self.rounding <= 10 or not 0 <= self.least <= 10:
            raise ValueError(f"out of range: gap_limit {self.gap_limit}, rounding {self.rounding}, least {self.least}")


def rule_settings(rule: RaterRule) -> dict[str, Any]:
    """Return the rule as plain values, to be printed with every result.

    >>> rule_settings(RaterRule())["gap_limit"]
    0.3
    """
    return asdict(rule)


@dataclass(frozen=True, slots=True)
class RatedStep:
    """One step of a task or point of a rubric: what it is called and the most that it earns."""

    title: str
    most: float


def rated_steps(marked: Marked) -> tuple[RatedStep, ...]:
    """Return the steps of a task or the points of a rubric as they were printed; none where there are none.

    >>> rated_steps({"most": 5.0, "rubric": ({"points": 2.0, "text": "汽化"}, {"points": 3.0, "text": "爆炸"})})[1].most
    3.0
    """
    found = marked.get("steps") or marked.get("rubric") or ()
    return tuple(RatedStep(str(one.get("title") or one.get("text") or ""), float(one["points"])) for one in found)


@dataclass(frozen=True, slots=True)
class Dispute:
    """Raters of one person's item who are too far apart.

    person, item : positions in the responses ; raters : their words ; totals : the marks that each gave ; full : marks
        that they could give ; settled : false where a third rater is still needed, or three did not settle it
    """

    person: int
    item: int
    raters: tuple[str, ...]
    totals: tuple[float, ...]
    full: float
    settled: bool


@dataclass(frozen=True, slots=True)
class Awarded:
    """What the raters' marks come to.

    marks : (n_persons, n_items), NaN where nobody rated, a step still waits for marks, or raters are too far apart ;
    veto : (n_persons, n_items), whether the item is 0 whatever its marks ; n_raters : (n_persons, n_items) who gave at least one mark ;
    split_vetoes : (person, item) where some raters but not all saw a veto
    """

    marks: NDArray[np.float64]
    veto: NDArray[np.bool_]
    n_raters: NDArray[np.int16]
    disputes: tuple[Dispute, ...]
    split_vetoes: tuple[tuple[int, int], ...]


def award(
    ratings: Ratings, n_persons: int, steps: Mapping[int, tuple[float, ...]], full: Mapping[int, float], rule: RaterRule
) -> Awarded:
    """Return the marks of every person's rated items.

    steps : by item, the most that each step earns, in order; a rating's step is its number from 1 as a word, ``""`` for
    the whole item, or ``veto`` ; full : by item, its full marks. Two raters are compared by what they gave on the steps
    that both rated, as a share of those steps' marks.

    >>> two = Ratings(*(np.array(a, np.int32) for a in ([0, 0], [0, 0], [0, 0], [0, 1])), np.array([7.0, 8.5]), ("",), ("甲", "乙"))
    >>> award(two, 1, {0: ()}, {0: 10.0}, RaterRule()).marks.tolist()
    [[8.0]]
    """
    shape = (n_persons, max(full, default=-1) + 1)
    marks, veto, n_raters = np.full(shape, np.nan), np.zeros(shape, dtype=bool), np.zeros(shape, dtype=np.int16)
    disputes: list[Dispute] = []
    split: list[tuple[int, int]] = []
    for item, most in full.items():
        cube = _cube(ratings, item, len(steps[item]))
        if cube is None:
            continue
        means, apart = _item_marks(cube, np.array(steps[item]), most, rule)
        seen = cube.vetoes.max(axis=1, initial=0) > 0
        all_seen = np.where(cube.here, cube.vetoes, 1).min(axis=1, initial=1) > 0
        marks[cube.persons, item] = means
        veto[cube.persons, item] = seen if rule.veto == "any" else seen & all_seen
        n_raters[cube.persons, item] = cube.rated.sum(axis=1)
        split += [(int(person), item) for person in cube.persons[seen & ~all_seen]]
        apart &= ~veto[cube.persons, item]
        disputes += [_dispute(cube, int(row), item, most, means, ratings.raters) for row in np.flatnonzero(apart)]
    return Awarded(marks, veto, n_raters, tuple(disputes), tuple(split))


@dataclass(frozen=True, slots=True)
class _Cube:
    """The ratings of one item, each person's raters in the order of the file.

    persons : (n,) ; raters : (n, n_slots), −1 where a person has fewer ; steps : (n, n_slots, n_steps) and whole :
    (n, n_slots), NaN where not rated ; vetoes : (n, n_slots) 0 or 1
    """

    persons: NDArray[np.int64]
    raters: NDArray[np.int64]
    steps: NDArray[np.float64]
    whole: NDArray[np.float64]
    vetoes: NDArray[np.int8]

    @property
    def here(self) -> NDArray[np.bool_]:
        """Return which slots hold a rater who gave a mark or saw a veto, (n, n_slots)."""
        return np.asarray(self.rated | (self.vetoes > 0))

    @property
    def rated(self) -> NDArray[np.bool_]:
        """Return which slots hold a rater who gave a mark, (n, n_slots)."""
        return np.asarray(~np.isnan(self.whole) | (~np.isnan(self.steps)).any(axis=2))

    @property
    def totals(self) -> NDArray[np.float64]:
        """Return what each rater gave in all, NaN where a step is missing, (n, n_slots)."""
        summed = self.steps.sum(axis=2) if self.steps.shape[2] else np.full(self.whole.shape, np.nan)
        return np.where(np.isnan(self.whole), summed, self.whole)


def _cube(ratings: Ratings, item: int, n_steps: int) -> _Cube | None:
    rows = np.flatnonzero(ratings.item == item)
    if not rows.size:
        return None
    persons, row = np.unique(ratings.person[rows], return_inverse=True)
    key = row.astype(np.int64) * (len(ratings.raters) + 1) + ratings.rater[rows]
    pairs, first, back = np.unique(key, return_index=True, return_inverse=True)
    whose = pairs // (len(ratings.raters) + 1)
    order = np.lexsort((first, whose))
    begins = np.searchsorted(whose[order], np.arange(len(persons)))
    slot_of_pair = np.empty(len(pairs), dtype=np.int64)
    slot_of_pair[order] = np.arange(len(pairs)) - begins[whose[order]]
    slot, n_slots = slot_of_pair[back], int(slot_of_pair.max()) + 1
    raters = np.full((len(persons), n_slots), -1, dtype=np.int64)
    raters[row, slot] = ratings.rater[rows]
    cells = np.full((len(persons), n_slots, n_steps), np.nan)
    whole = np.full((len(persons), n_slots), np.nan)
    vetoes = np.zeros((len(persons), n_slots), dtype=np.int8)
    given = ratings.marks[rows]
    for number, word in enumerate(ratings.steps):
        here = ratings.step[rows] == number
        if word == WHOLE:
            whole[row[here], slot[here]] = given[here]
        elif word == VETO_STEP:
            vetoes[row[here], slot[here]] = np.nan_to_num(given[here]) > 0
        elif int(word) <= n_steps:
            cells[row[here], slot[here], int(word) - 1] = given[here]
    return _Cube(persons.astype(np.int64), raters, cells, whole, vetoes)


def _item_marks(
    cube: _Cube, most: NDArray[np.float64], full: float, rule: RaterRule
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the marks of each person and whose raters are too far apart, both (n,)."""
    widest, nearest, pair = _gaps(cube, most, full)
    apart = widest > rule.gap_limit + 1e-9
    counted = cube.rated.copy()
    settled = np.ones(len(apart), dtype=bool)
    settled[apart & (counted.sum(axis=1) < 3)] = False
    if rule.third == "nearest_two":
        chosen = apart & settled
        settled &= ~(chosen & (nearest > rule.gap_limit + 1e-9))
        slots = np.arange(counted.shape[1])
        counted[chosen] &= (slots == pair[chosen, :1]) | (slots == pair[chosen, 1:])
    marks = _middle(cube, counted, rule)
    marks[~settled] = np.nan
    if rule.rounding:
        marks = np.floor(marks / rule.rounding + 0.5 + 1e-9) * rule.rounding
    return np.minimum(marks, full), apart


def _gaps(
    cube: _Cube, most: NDArray[np.float64], full: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Return each person's widest and narrowest difference of two raters as a share, and the nearest pair, (n, 2).

    Of equally near pairs the one that gave more is taken.
    """
    n, n_slots = cube.whole.shape
    widest, nearest, best = np.zeros(n), np.full(n, np.inf), np.full(n, -np.inf)
    pair = np.zeros((n, 2), dtype=np.int64)
    totals = cube.totals
    for a, b in combinations(range(n_slots), 2):
        both = ~np.isnan(cube.steps[:, a]) & ~np.isnan(cube.steps[:, b])
        by_steps = np.abs(np.where(both, cube.steps[:, a] - cube.steps[:, b], 0.0).sum(axis=1))
        could = np.where(both, most, 0.0).sum(axis=1)
        share = np.divide(by_steps, could, out=np.full(n, np.nan), where=could > 0)
        either_whole = ~np.isnan(cube.whole[:, a]) | ~np.isnan(cube.whole[:, b])
        share = np.where(either_whole, np.abs(totals[:, a] - totals[:, b]) / full, share)
        known = ~np.isnan(share)
        widest = np.where(known, np.maximum(widest, np.nan_to_num(share)), widest)
        given = np.where(known, np.nan_to_num(totals[:, a] + totals[:, b]), -np.inf)
        better = known & ((share < nearest - 1e-9) | ((share < nearest + 1e-9) & (given > best)))
        nearest, best = np.where(better, share, nearest), np.where(better, given, best)
        pair[better] = (a, b)
    return widest, nearest, pair


def _middle(cube: _Cube, counted: NDArray[np.bool_], rule: RaterRule) -> NDArray[np.float64]:
    """Return the mean or median of the raters that count, summed over steps, (n,); NaN where too few marked a step."""
    by_whole = (~np.isnan(cube.whole)).any(axis=1) | (cube.steps.shape[2] == 0)
    totals = np.where(counted, cube.totals, np.nan)[:, :, None]
    steps = np.where(counted[:, :, None], cube.steps, np.nan)
    found = np.full(len(by_whole), np.nan)
    for rows, values in ((by_whole, totals), (~by_whole, steps)):
        if rows.any():
            n_given = (~np.isnan(values)).sum(axis=1)
            least = rule.least or min(2, int(n_given[rows].max(initial=0)))
            enough = rows & (n_given >= max(least, 1)).all(axis=1)
            taken = values[enough]
            middle = np.nanmean(taken, axis=1) if rule.how == "mean" else np.nanmedian(taken, axis=1)
            found[enough] = middle.sum(axis=1)
    return found


def _dispute(
    cube: _Cube, row: int, item: int, full: float, means: NDArray[np.float64], words: tuple[str, ...]
) -> Dispute:
    slots = np.flatnonzero(cube.rated[row])
    totals = np.where(np.isnan(cube.totals), np.nansum(cube.steps, axis=2), cube.totals)
    return Dispute(
        int(cube.persons[row]), item, tuple(words[cube.raters[row, slot]] for slot in slots),
        tuple(float(totals[row, slot]) for slot in slots), full, bool(~np.isnan(means[row])),
    )  # fmt: skip
