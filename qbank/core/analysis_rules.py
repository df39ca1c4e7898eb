"""The thresholds and choices by which sittings are analysed, as written under ``analysis:`` in qbank.yaml.

What nobody writes is as usual; the usual values stand here for editors to see, and a test holds them equal to those of the
analysis. Every report prints them all, and which were set.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from qbank.core.authored import Authored, Many, WrittenText

Persons = Annotated[int, Field(ge=3, le=1_000_000)]
Share = Annotated[float, Field(ge=0, le=1)]
Correlation = Annotated[float, Field(ge=-1, le=1)]
Level = Annotated[float, Field(gt=0, lt=1)]


class PersonsRules(Authored):
    """How many persons each part of a report needs: never fewer than 3, or single persons would show."""

    marks_only_below: Persons = 10
    options_only_below: Persons = 30
    small_below: Persons = 100
    dif_from: Persons = 200
    dif_focal_from: Persons = 100
    two_pl_from: Persons = 500
    three_pl_from: Persons = 1000


class FlagRules(Authored):
    """What flags an item."""

    miskey_key_at_most: Correlation = 0.05
    miskey_option_at_least: Correlation = 0.10
    miskey_margin: Annotated[float, Field(ge=0, le=2)] = 0.15
    miskey_certainty: Level = 0.95
    miskey_top_share: Share = 0.25
    miskey_majority: Share = 0.50
    two_keys_of_key: Share = 0.80
    two_keys_top_share: Share = 0.25
    negative_below: Correlation = 0.0
    low_discrimination_below: Correlation = 0.15
    too_easy_above: Share = 0.95
    too_hard_below: Share = 0.20
    non_functioning_below: Share = 0.02
    high_omit_above: Share = 0.05
    not_reached_above: Share = 0.05
    misfit_beyond: Annotated[float, Field(gt=0, le=10)] = 3.0
    misfit_groups: Annotated[int, Field(ge=1, le=10)] = 2
    dependent_above: Share = 0.2


class DifRules(Authored):
    """How groups are compared; reference, focal : column → the word of the reference group, the words of those compared"""

    alpha: Level = 0.05
    purify_by: Literal["class", "p", "none"] = "class"
    correction: Literal["bh", "holm"] = "bh"
    max_steps: Annotated[int, Field(ge=1, le=100)] = 10
    reference: dict[WrittenText, WrittenText] = Field(default_factory=dict)
    focal: dict[WrittenText, Annotated[Many[WrittenText], Field(min_length=1)]] = Field(default_factory=dict)


class EquatingRules(Authored):
    """When an equating may be told."""

    see_below: Annotated[float, Field(gt=0, le=100)] = 1.0
    anchors_enough: Annotated[int, Field(ge=2, le=1000)] = 20
    anchor_share: Level = 0.2
    alike_within: Annotated[float, Field(ge=0, le=2)] = 0.1


class AnalysisRules(Authored):
    """Everything that is a choice when a sitting is analysed."""

    persons: PersonsRules = PersonsRules()
    flags: FlagRules = FlagRules()
    dif: DifRules = DifRules()
    equating: EquatingRules = EquatingRules()
    ability_groups: Annotated[int, Field(ge=2, le=10)] = 5
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] = 1
    confidence: Annotated[float, Field(ge=0.5, le=0.999)] = 0.95


ORDER = (
    ("persons", "marks_only_below", "options_only_below"),
    ("persons", "options_only_below", "small_below"),
    ("persons", "small_below", "dif_from"),
    ("persons", "dif_focal_from", "dif_from"),
    ("persons", "dif_from", "two_pl_from"),
    ("persons", "two_pl_from", "three_pl_from"),
    ("flags", "miskey_key_at_most", "miskey_option_at_least"),
    ("flags", "negative_below", "low_discrimination_below"),
    ("flags", "too_hard_below", "too_easy_above"),
)
"""group, key, key that must not be less: other orders contradict themselves"""


def contradictions(rules: AnalysisRules) -> list[tuple[str, str, str]]:
    """Return every row of `ORDER` that the rules break, what nobody wrote taken as usual.

    >>> contradictions(AnalysisRules(persons=PersonsRules(options_only_below=150)))
    [('persons', 'options_only_below', 'small_below')]
    """
    return [
        (group, less, more)
        for group, less, more in ORDER
        if getattr(getattr(rules, group), less) > getattr(getattr(rules, group), more)
    ]
