"""What an equating may be told; every limit with its reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from qbank.analysis.intervals import CONFIDENCE
from qbank.analysis.tiers import Tiers

Criterion = Literal["aic", "bic", "caic"]


@dataclass(frozen=True, slots=True)
class EquatingSettings:
    """Settings of `equate_papers`.

    base : the paper whose scale and cut stand; None: the first that somebody sat
    method : the method to report; None: by the number of persons (see `reported_method`)
    anchors : the common items to use; None: all, less those held or removed
    weight : of the new group in the synthetic population; None: its share of the persons
    see_below : mean equating below 200 persons is reported only if its standard error at the cut is under so many marks
    anchors_enough, anchor_share : an anchor needs so many items, or this share of the shorter paper if that is fewer
        (Angoff 1971; K&B 2014, p. 288)
    robust_z, least_shift, certain_z : a common item is removed as drifted when its shift in logit lies so many robust
        standard deviations from the median (Huynh & Meyer 2010), is at least so large, and so many standard errors
        beyond chance
    alike_within : anchor means within so many standard deviations: groups alike, Tucker and frequency estimation;
        beyond, Levine and chained (K&B 2014, p. 303)
    choose_by, most_degree : criterion of log-linear models, and the highest power tried
    spline_s : Kolen's S of the postsmoothing
    confidence : of the bands about an equated score
    n_reps, seed : bootstrap replications (0: analytic errors only)
    """

    base: str | None = None
    method: str | None = None
    anchors: tuple[str, ...] | None = None
    weight: float | None = None
    see_below: float = 1.0
    anchors_enough: int = 20
    anchor_share: float = 0.2
    robust_z: float = 1.645
    least_shift: float = 0.5
    certain_z: float = 2.58
    alike_within: float = 0.1
    choose_by: Criterion = "aic"
    most_degree: int = 6
    spline_s: float = 0.3
    confidence: float = CONFIDENCE
    n_reps: int = 0
    seed: int = 20261126
    tiers: Tiers = field(default_factory=Tiers)

    def anchors_needed(self, n_items: int) -> int:
        """Return how many common items the shorter paper of so many items needs, at least two.

        >>> EquatingSettings().anchors_needed(40), EquatingSettings().anchors_needed(200)
        (8, 20)
        """
        share = -int(-self.anchor_share * n_items // 1)
        return max(2, min(self.anchors_enough, share))
