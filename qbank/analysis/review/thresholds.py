"""The limits of every flag, which a report prints."""

from __future__ import annotations

from dataclasses import dataclass, field

from qbank.analysis.intervals import CONFIDENCE
from qbank.analysis.tiers import Tiers


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The limits of every flag and of every table; a report prints them.

    tiers : how many persons each part needs: below ``suppress_below`` no statistics are shown, below ``small_below``
        no flags, below ``tiers.small_below`` a flag only where the 95 % interval lies wholly beyond the limit
    miskey_key_at_most, miskey_option_at_least, miskey_margin : correlations with the rest score
    miskey_certainty : that the option leads the key at all, over all its distractors (`qbank.analysis.likely_keys`)
    miskey_top_share : share of the highest third that must have chosen the option
    miskey_majority : the same where nobody chose the key
    two_keys_of_key, two_keys_top_share : a second right answer draws so much of the highest third, as a share of what the
        key draws and by itself, and goes with the rest score
    dependent_above : Q3 less the mean of all pairs, from which a pair depends on each other
    confidence : of every interval, those that hold a flag back below ``tiers.small_below`` persons among them
    misfit_beyond, misfit_groups : residuals of the model curve in standard errors, in so many groups of ability
    """

    miskey_key_at_most: float = 0.05
    miskey_option_at_least: float = 0.10
    miskey_margin: float = 0.15
    miskey_certainty: float = 0.95
    miskey_top_share: float = 0.25
    miskey_majority: float = 0.50
    two_keys_of_key: float = 0.80
    two_keys_top_share: float = 0.25
    negative_below: float = 0.0
    low_discrimination_below: float = 0.15
    too_easy_above: float = 0.95
    too_hard_below: float = 0.20
    non_functioning_below: float = 0.02
    high_omit_above: float = 0.05
    not_reached_above: float = 0.05
    misfit_beyond: float = 3.0
    misfit_groups: int = 2
    dependent_above: float = 0.2
    confidence: float = CONFIDENCE
    tiers: Tiers = field(default_factory=Tiers)

    @property
    def suppress_below(self) -> int:
        return self.tiers.marks_only_below

    @property
    def small_below(self) -> int:
        return self.tiers.options_only_below

    def limits(self) -> dict[str, float]:
        """Return every number by its name, those of the tiers first.

        >>> list(Thresholds().limits())[:2]
        ['marks_only_below', 'options_only_below']
        """
        return {
            name: float(getattr(holder, name))
            for holder in (self.tiers, self)
            for name in type(holder).__annotations__
            if name != "tiers"
        }
