"""Stimulus sets as letters: a set of m questions on one stimulus fills m places of a paper at once, or none.

Where a rule ``sets`` asks for questions in groups, slots are set aside whose letters are such groups, all of the same
number of questions: which questions of a stimulus stand together is fixed, and how many groups a paper has too. A
stimulus with twice as many questions or more gives several groups, which never stand on one paper. A rule that speaks of
several sections may have groups in each, of another number and size in each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, islice, product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qbank.assemble.program import ItemSet, Program

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]

CHOICES = 50_000
"""Combinations of numbers of groups and questions that are looked at, over all rules."""


@dataclass(frozen=True, slots=True)
class Bundles:
    """Slots for the groups of one rule in one section.

    rule : index of the rule ; label : its words ; section : where the groups stand ; places : groups on every paper ;
    size : questions of each ; groups : (n_groups,) of each its candidates ; owner : (n_groups,) of which stimulus of the rule ; held :
    all candidates that the rule speaks of, which stand in groups or not at all
    """

    rule: int
    label: str
    section: int
    places: int
    size: int
    groups: tuple[Indices, ...]
    owner: tuple[int, ...]
    held: Indices


def shared_at_most(weights: ArrayLike, places: int) -> int:
    """Return how many items two different papers share at most whose words agree in at most so many places.

    weights : (n_slots,) how many items a letter of each slot stands for. An item stands in one slot and under one letter
    only, so papers share it exactly if their words agree in that slot, on that letter; where they agree in the slots A they share
    ``Σ w_s, s ∈ A`` items. With all weights positive and ``|A| ≤ k`` no choice of A gives more than the k largest weights.

    >>> shared_at_most([1, 1, 1, 5, 5], 1), shared_at_most([1, 1, 1, 5, 5], 3), shared_at_most([1] * 5, 3)
    (5, 11, 3)
    """
    return int(np.sort(np.asarray(weights, dtype=np.int64))[::-1][:places].sum())


def places_within(weights: ArrayLike, overlap: int) -> int:
    """Return the largest number of places in which words may agree so that papers share at most `overlap` items.

    It is at most the number of slots less one, as two words are different: the inverse of `shared_at_most`.

    >>> places_within([1, 1, 1, 5, 5], 10), places_within([1, 1, 1, 5, 5], 11), places_within([1] * 4, 9)
    (2, 3, 3)
    """
    sums = np.sort(np.asarray(weights, dtype=np.int64))[::-1].cumsum()
    return min(int((sums <= overlap).sum()), sums.size - 1)


def plan_bundles(program: Program, sizes: Sequence[int], apart: Mask) -> tuple[tuple[Bundles, ...], tuple[str, ...]]:
    """Return the slots for the groups of every rule on sets, or the labels of the rules that no such slots keep.

    sizes : (n_sections,) questions of each ; apart : (n_columns, n_columns) of candidates that never meet. Of all numbers of
    groups and of questions to a group that the rules allow those are taken that put fewest questions into groups, so that most of
    a paper stays free; the other questions of a section must then be there without the rules' candidates.
    """
    rules: dict[int, list[ItemSet]] = {}
    for found in program.sets:
        rules.setdefault(found.source.rule, []).append(found)
    if not rules:
        return (), ()
    labels = {rule: sets[0].source.label.rpartition(" (")[0] for rule, sets in rules.items()}
    taken: set[int] = set()
    for rule, sets in rules.items():
        here = {int(column) for each in sets for column in each.columns}
        if here & taken or sum(each.columns.size for each in sets) != len(here):
            return (), (labels[rule],)
        taken |= here
    free = np.ones(program.n_candidates, dtype=np.bool_)
    free[list(taken)] = False
    free &= program.upper[0, : program.n_candidates] > 0
    spare = [int((free & (program.role[: program.n_candidates] == section)).sum()) for section in range(len(sizes))]
    options = {rule: _options(program, rule, labels[rule], sets, sizes, apart) for rule, sets in rules.items()}
    without = tuple(labels[rule] for rule, found in options.items() if not found)
    if without:
        return (), without
    best: tuple[Bundles, ...] = ()
    least = None
    for of_rules in islice(product(*options.values()), CHOICES):
        chosen = tuple(each for of_rule in of_rules for each in of_rule)
        rest = list(sizes)
        for each in chosen:
            rest[each.section] -= each.places * each.size
        cost = sum(each.places * each.size for each in chosen), max(each.size for each in chosen)
        if all(0 <= left <= there for left, there in zip(rest, spare, strict=True)) and (least is None or cost < least):
            best, least = chosen, cost
    return (best, ()) if least is not None else ((), tuple(labels.values()))


def _options(
    program: Program, rule: int, label: str, sets: Sequence[ItemSet], sizes: Sequence[int], apart: Mask
) -> list[tuple[Bundles, ...]]:
    """Return all numbers of groups and of questions to a group that a rule allows and the bank has, in one section or several.

    Of those that fill equally many places of each section only the one with the smallest groups.
    """
    n = program.n_candidates
    rows = np.flatnonzero(np.array(program.rules) == rule)
    dense = np.asarray(program.matrix[rows].todense(), dtype=np.float64)
    number = rows[~dense[:, :n].any(axis=1)]
    fewest = max([0, *program.low[0, number].tolist()])
    most = min([np.inf, *program.high[0, number].tolist()])
    held = np.unique(np.concatenate([each.columns for each in sets]))
    sections = sorted({int(role) for role in program.role[held]})
    there = [
        list(_in_section(program, dense, rows, Bundles(rule, label, section, 0, 0, (), (), held), sets, sizes, apart)) for section in sections
    ]
    found: dict[tuple[tuple[int, int], ...], tuple[Bundles, ...]] = {}
    for chosen in _joined(there):
        if not fewest <= sum(each.places for each in chosen) <= most:
            continue
        filled = tuple((each.section, each.places * each.size) for each in chosen)
        if filled not in found or max(each.size for each in chosen) < max(each.size for each in found[filled]):
            found[filled] = chosen
    return list(found.values())


def _joined(there: Sequence[Sequence[Bundles]]) -> Iterator[tuple[Bundles, ...]]:
    """Yield what one section alone has, then what several have together, of as many stimuli as groups."""
    for section in there:
        yield from ((each,) for each in section)
    with_groups = [[each for each in section if each.places] for section in there]
    for n_sections in range(2, len(there) + 1):
        for some in combinations(with_groups, n_sections):
            for chosen in islice(product(*some), CHOICES):
                if sum(each.places for each in chosen) <= len({owner for each in chosen for owner in each.owner}):
                    yield chosen


def _in_section(
    program: Program, dense: Array, rows: Indices, none: Bundles, sets: Sequence[ItemSet], sizes: Sequence[int], apart: Mask
) -> Iterator[Bundles]:
    """Yield all numbers of groups, 0 among them, and of questions to a group that a section has room and items for.

    dense : (n_rows, n_columns) the rule's rows ; rows : which these are ; none : its bundles without a group
    """
    n = program.n_candidates
    usable, section = program.upper[0, :n] > 0, none.section
    here = [each.columns[usable[each.columns] & (program.role[each.columns] == section)] for each in sets]
    sized = range(max(min(each.low for each in sets), 1), max(each.high for each in sets) + 1)
    for size in (each for each in sized if each <= sizes[section]):
        groups, owner = [], []
        for index, (each, columns) in enumerate(zip(sets, here, strict=True)):
            found = [
                group for group in _groups(columns, size, apart)
                if each.low <= size <= each.high and _fits(program, dense, rows, group, each.indicator)
            ]  # fmt: skip
            groups += found
            owner += [index] * len(found)
        yield replace(none, size=size)
        for places in range(1, min(len(set(owner)), sizes[section] // size) + 1):
            yield replace(none, places=places, size=size, groups=tuple(groups), owner=tuple(owner))


def _groups(columns: Indices, size: int, apart: Mask) -> list[Indices]:
    """Return as many groups of so many candidates as going through them in order gives, none of whom are apart."""
    left, found = columns.tolist(), []
    while len(left) >= size:
        group: list[int] = []
        for column in left:
            if len(group) < size and not apart[column, group].any():
                group.append(column)
        if len(group) < size:
            break
        found.append(np.array(group, dtype=np.int64))
        left = [column for column in left if column not in group]
    return found


def _fits(program: Program, dense: Array, rows: Indices, group: Indices, indicator: int) -> bool:
    """Return whether a group keeps what its rule says of one stimulus alone."""
    about = dense[:, group].any(axis=1)
    sums = dense[about][:, group].sum(axis=1) + dense[about, indicator]
    low, high = program.low[0, rows[about]], program.high[0, rows[about]]
    return bool(((sums >= low - 1e-9) & (sums <= high + 1e-9)).all())
