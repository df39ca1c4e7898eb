"""The persons of two groups, ready to be compared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbank.analysis.arrays import BoolArray, FloatArray, IntArray
from qbank.analysis.dif.counts import MatchedCounts, Strata, lost_share, strata_of
from qbank.analysis.dif.expected import score_above_expectation
from qbank.analysis.dif.matching import item_strata, lost_share_of_items, matched_counts
from qbank.analysis.dif.settings import DifSettings

Words = NDArray[np.str_]
Columns = dict[str, NDArray[np.generic]]


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """Marks as shares of full marks, NaN where there are none.

    marks : (n_persons, n_items) ; group : (n_persons,) 0 reference, 1 … focal ; form : (n_persons,) within which scores match
    expected : (n_items,) `expected_shares` where papers are too many to match within any, else None
    may_match : (n_items,) items that may be in the matching score ; dichotomous : (n_items,)
    """

    marks: FloatArray
    marks_max: FloatArray
    group: IntArray
    form: IntArray
    may_match: BoolArray
    dichotomous: BoolArray
    n_groups: int = 2
    expected: FloatArray | None = None

    @property
    def pooled(self) -> bool:
        """Whether these persons sat papers too many to match within any."""
        return self.expected is not None

    def alone(self, anchors: BoolArray) -> float:
        """Return the largest share of a group that meets nobody of another group at its score on the anchors."""
        if self.expected is None:
            score = np.nan_to_num(self.marks) @ np.where(anchors, self.marks_max, 0.0)
            return lost_share(strata_of(score, self.group, self.n_groups, form=self.form), self.group, self.n_groups)
        score = score_above_expectation(self.marks, self.marks_max, anchors, self.expected).score
        strata = strata_of(score, self.group, self.n_groups, form=self.form)
        return lost_share_of_items(self.marks[:, anchors], strata, self.group, self.n_groups)

    def counts(self, anchors: BoolArray, settings: DifSettings) -> MatchedCounts:
        """Return every item's counts at equal score on the anchors and the item itself."""
        return matched_counts(
            self.marks, self.group, n_groups=self.n_groups, marks_max=self.marks_max, anchors=anchors, form=self.form,
            lost_at_most=settings.lost_at_most, expected=self.expected,
        )  # fmt: skip

    def strata(self, item: int, anchors: BoolArray, settings: DifSettings) -> Strata:
        """Return the strata in which the item's counts stand."""
        return item_strata(
            self.marks, self.group, item, n_groups=self.n_groups, marks_max=self.marks_max, anchors=anchors, form=self.form,
            lost_at_most=settings.lost_at_most, expected=self.expected,
        )  # fmt: skip
