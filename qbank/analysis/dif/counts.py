"""Persons of each group at each matching score, by item: all that most DIF statistics need to know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qbank.analysis.arrays import BoolArray, FloatArray, IntArray, ratio


@dataclass(frozen=True, slots=True, eq=False)
class Strata:
    """Persons by matching score within form.

    index : (n_persons,) the stratum of each person; score : (n_strata,) mean matching score in it
    form : (n_strata,) ; merged : whether neighbouring scores were put together
    """

    index: IntArray
    score: FloatArray
    form: IntArray
    merged: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class MatchedCounts:
    """Counts of n_items items; group 0 is the reference. Strata that an item does not use hold no persons.

    n, total, square : (n_items, n_groups, n_strata) persons with marks, the sum of their marks as shares of
    full marks (dichotomous: how many were right), and of the squares
    score, form : (n_items, n_strata) matching score and form of the stratum; merged : (n_items,)
    """

    n: FloatArray
    total: FloatArray
    square: FloatArray
    score: FloatArray
    form: IntArray
    merged: BoolArray

    @property
    def n_items(self) -> int:
        return int(self.n.shape[0])

    def of(self, items: IntArray | BoolArray) -> MatchedCounts:
        """Return the counts of some items."""
        return MatchedCounts(
            self.n[items], self.total[items], self.square[items], self.score[items], self.form[items], self.merged[items]
        )


def strata_of(
    score: FloatArray, group: IntArray, n_groups: int, *, form: IntArray | None = None, least: int = 0
) -> Strata:
    """Return the strata: one a score and form that occurs, or neighbouring scores merged upwards from the lowest.

    score : (n_persons,) ; group : (n_persons,) 0 … n_groups − 1
    least : persons of every group that a stratum must hold (0: scores are not merged); what is left over at
    the top joins the stratum below it

    >>> strata_of(np.array([0.0, 1.0, 2.0, 3.0]), np.array([0, 1, 0, 1]), 2, least=1).index
    array([0, 0, 1, 1])
    """
    forms = np.zeros(len(score), np.int64) if form is None else form
    rounded = np.round(score, 9)
    index = np.zeros(len(score), np.int64)
    levels, of_form = 0, []
    for word in np.unique(forms):
        here = forms == word
        values, inverse = np.unique(rounded[here], return_inverse=True)
        inverse = inverse.reshape(-1)
        if least:
            by_level = np.zeros((n_groups, len(values)))
            np.add.at(by_level, (group[here], inverse), 1)
            inverse = _merged(by_level, least)[inverse]
        count = int(inverse.max(initial=-1)) + 1
        index[here] = inverse + levels
        levels += count
        of_form += [int(word)] * count
    persons = np.bincount(index, minlength=levels)
    mean = ratio(np.bincount(index, weights=rounded, minlength=levels), persons)
    return Strata(index, mean, np.array(of_form, np.int64), least > 0)


def _merged(by_level: FloatArray, least: int) -> IntArray:
    """Return the new place of every level."""
    place = np.zeros(by_level.shape[1], np.int64)
    held, at = np.zeros(by_level.shape[0]), 0
    for level in range(by_level.shape[1]):
        if (held >= least).all():
            at, held = at + 1, np.zeros(by_level.shape[0])
        place[level] = at
        held = held + by_level[:, level]
    if at and (held < least).any():
        place[place == at] = at - 1
    return place


def lost_share(strata: Strata, group: IntArray, n_groups: int) -> float:
    """Return the largest share of a group that meets nobody of another group at its matching score."""
    counts = np.zeros((n_groups, len(strata.score)))
    np.add.at(counts, (group, strata.index), 1)
    alone = (counts > 0).sum(axis=0) < 2
    shares = ratio(counts[:, alone].sum(axis=1), counts.sum(axis=1))
    return float(np.nanmax(shares, initial=0.0)) if len(shares) else 0.0


def count(marks: FloatArray, strata: Strata, group: IntArray, n_groups: int) -> MatchedCounts:
    """Return the counts of items that are matched on the same score.

    marks : (n_persons, n_items) shares of full marks, NaN where there are none. Cost: two passes over marks.
    """
    n_items, n_strata = marks.shape[1], len(strata.score)
    cell = group * n_strata + strata.index
    order = np.argsort(cell, kind="stable")
    first = np.flatnonzero(np.diff(cell[order], prepend=-1))
    held = cell[order][first]
    tables = np.zeros((3, n_groups * n_strata, n_items))
    if len(order):
        sorted_marks = marks[order]
        seen = ~np.isnan(sorted_marks)
        if seen.all():
            tables[0, held] = np.diff(first, append=len(order))[:, None]
        else:
            sorted_marks = np.where(seen, sorted_marks, 0.0)
            tables[0, held] = np.add.reduceat(seen, first, axis=0, dtype=np.float64)
        tables[1, held] = np.add.reduceat(sorted_marks, first, axis=0)
        whole = ((sorted_marks == 0) | (sorted_marks == 1)).all()
        tables[2, held] = tables[1, held] if whole else np.add.reduceat(sorted_marks**2, first, axis=0)
    n, total, square = tables.reshape(3, n_groups, n_strata, n_items).transpose(0, 3, 1, 2)
    score = np.broadcast_to(strata.score, (n_items, n_strata)).copy()
    form = np.broadcast_to(strata.form, (n_items, n_strata)).copy()
    return MatchedCounts(n, total, square, score, form, np.full(n_items, strata.merged))


def stacked(parts: Sequence[tuple[IntArray, MatchedCounts]], n_items: int, n_groups: int) -> MatchedCounts:
    """Return the counts of items that were counted apart, in one record; parts : (items, their counts)."""
    n_strata = max((part.n.shape[2] for _, part in parts), default=0)
    n, total, square = np.zeros((3, n_items, n_groups, n_strata))
    score, form = np.zeros((n_items, n_strata)), np.zeros((n_items, n_strata), np.int64)
    merged = np.zeros(n_items, bool)
    for items, part in parts:
        own = part.n.shape[2]
        n[items, :, :own], total[items, :, :own], square[items, :, :own] = part.n, part.total, part.square
        score[items, :own], form[items, :own], merged[items] = part.score, part.form, part.merged
    return MatchedCounts(n, total, square, score, form, merged)
