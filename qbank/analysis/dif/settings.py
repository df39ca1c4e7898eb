"""Every choice of a DIF analysis, by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from qbank.analysis.intervals import CONFIDENCE

PurifyBy = Literal["class", "p", "none"]
Correction = Literal["bh", "holm"]


@dataclass(frozen=True, slots=True)
class DifSettings:
    """The settings of `dif_analysis`; a report prints them.

    total_from, focal_from : persons of reference and focal group together, and of the smaller of them, from which
        a comparison is given; also asked of each item
    purify_by : what sends an item out of the matching score: class B or C, a p below ``alpha``, or nothing does
    correction : of p over the items, where a report or a verdict rests on all of them (`benjamini_hochberg`, `holm`)
    alpha : level of all tests ; max_steps : of purification ; anchors_at_least : items that the matching score must keep
    lost_at_most : neighbouring scores are merged where a larger share of a group would meet nobody at its score
    exact_up_to : persons up to which the exact conditional test is computed
    most_groups : the largest focal groups, so many, are compared one by one; all groups take part in the test of all at once
    power : of the smallest Δ said to be detectable
    """

    total_from: int = 200
    focal_from: int = 100
    purify_by: PurifyBy = "class"
    correction: Correction = "bh"
    alpha: float = 0.05
    max_steps: int = 10
    anchors_at_least: int = 4
    lost_at_most: float = 0.25
    exact_up_to: int = 2000
    most_groups: int = 8
    power: float = 0.8
    confidence: float = CONFIDENCE
