"""What an item lets expect of persons who sat different papers, and the score on which they are matched."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qbank.analysis.arrays import BoolArray, FloatArray, IntArray, ratio


def expected_shares(marks: FloatArray, group: IntArray, n_groups: int) -> FloatArray:
    """Return the share of full marks that each item lets expect of a person of the groups on average, (n_items,); NaN of nobody's.

    marks : (n_persons, n_items) shares of full marks, NaN not seen ; group : (n_persons,) 0 … n_groups − 1

    a of the least squares of m_ig ≈ a_i + g_g, weighted by persons, m_ig the mean of the item in the group: of two items that one
    group had more often the group's ability does not tell apart. Persons' mean of g is 0.
    Groups that had no item in common are taken to be alike.

    >>> able = [[1, 1, np.nan], [1, 1, np.nan], [1, 0, np.nan], [1, 0, 1]]
    >>> weak = [[1, np.nan, 0], [0, np.nan, 0], [1, np.nan, 1], [0, 0, 0]]
    >>> expected_shares(np.array(able + weak), np.repeat([0, 1], 4), 2).round(3).tolist()
    [0.75, 0.233, 0.567]
    """
    seen = ~np.isnan(marks)
    n, total = np.zeros((2, n_groups, marks.shape[1]))
    np.add.at(n, group, seen)
    np.add.at(total, group, np.where(seen, marks, 0.0))
    had = n.sum(axis=0)
    raw = ratio(total.sum(axis=0), had)
    shares = np.nan_to_num(ratio(n, had))
    between = np.diag(n.sum(axis=1)) - n @ shares.T
    gained = total.sum(axis=1) - n @ np.nan_to_num(raw)
    effect = np.linalg.lstsq(between, gained, rcond=1e-9)[0]
    persons = np.bincount(group, minlength=n_groups)
    effect = effect - ratio(persons @ effect, persons.sum())
    return np.asarray(raw - effect @ shares)


@dataclass(frozen=True, slots=True, eq=False)
class ScoreAboveExpectation:
    """The matching score of persons who sat different papers; built by `score_above_expectation`.

    above, full : (n_persons,) marks above expectation on the anchors of the paper sat, and their full marks ; whole, middle : full marks
    and expected marks of the anchors of a paper on average ; unit : marks to which scores are rounded
    """

    above: FloatArray
    full: FloatArray
    whole: float
    middle: float
    unit: float

    @property
    def score(self) -> FloatArray:
        """Marks on a paper of average anchors, (n_persons,), in whole units."""
        share = np.nan_to_num(ratio(self.above, self.full))
        return np.asarray(np.round((share * self.whole + self.middle) / self.unit) * self.unit)

    def moved(self, marks: FloatArray, expected: float, weight: float) -> FloatArray:
        """Return the score with an item more, or less where the weight is negative, for those who have its marks; (n_persons,)."""
        seen = ~np.isnan(marks)
        above = self.above + np.where(seen, marks - expected, 0.0) * weight
        return ScoreAboveExpectation(above, self.full + seen * weight, self.whole, self.middle, self.unit).score


def score_above_expectation(marks: FloatArray, weight: FloatArray, inside: BoolArray, expected: FloatArray) -> ScoreAboveExpectation:
    """Return the matching score over the anchors: c + F̄ · Σ w(x − e) / Σ w, over the anchors of the paper sat, in whole units.

    marks : (n_persons, n_items) shares of full marks, NaN not seen ; weight : (n_items,) full marks ; inside : (n_items,) the anchors
    expected : (n_items,) `expected_shares` ; c the expected and F̄ the full marks of a paper's anchors, on average

    A paper of hard anchors, or of few, costs nobody a place: raw marks would, where purification takes more anchors from one paper
    than from another. The unit is the least full marks of an anchor. Where everybody had all anchors, scores differ as raw marks do.

    >>> marks = np.array([[1, np.nan, 0], [np.nan, 1, 0], [1, 0, np.nan]])
    >>> score_above_expectation(marks, np.ones(3), np.ones(3, bool), np.array([0.9, 0.3, 0.6])).score.tolist()
    [1.0, 1.0, 1.0]
    """
    weighted = np.where(inside, weight, 0.0)
    seen = ~np.isnan(marks)
    known = np.nan_to_num(expected)
    full = seen @ weighted
    above = np.where(seen, marks - known, 0.0) @ weighted
    middle = float((seen @ (weighted * known)).mean()) if len(marks) else 0.0
    worth = weighted[weighted > 0]
    return ScoreAboveExpectation(above, full, float(full.mean()) if len(full) else 0.0, middle, float(worth.min()) if len(worth) else 1.0)
