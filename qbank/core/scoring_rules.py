"""How answers become marks: what no answer counts as, what a wrong one costs, how totals are rounded.

Written as ``scoring:`` in qbank.yaml and sitting.yaml, or in a file of its own (``qbank score --rules FILE``); what
stands nearer wins. The rules in force are printed with every result.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import Field

from qbank.core.authored import Authored, WrittenText
from qbank.messages import Language, text

Floor = Literal["none", "item", "section", "total"]
Direction = Literal["half_up", "half_even", "up", "down"]


class CalibrationRules(Authored):
    """What no answer counts as where items are calibrated."""

    omitted: Literal["wrong", "not_seen"] = "wrong"
    not_reached: Literal["not_seen", "wrong"] = "not_seen"


class Rounding(Authored):
    """To what totals are rounded, once, at the end; step 0 leaves them as they are."""

    step: Annotated[float, Field(ge=0, le=100)] = 0.5
    direction: Direction = "half_up"


class ScoringRules(Authored):
    """Everything that is a choice when answers become marks.

    omitted, not_reached : ``zero`` marks, or ``not_seen``: no marks either, and left out of the item's statistics ;
    void_answer : a single answer that is void on a paper that stands: ``rescale``: the question counts neither for nor
    against the person, whose marks of the other questions are scaled to the marks of the whole paper, exactly as if the
    item had been dropped for this person; ``not_seen``: no marks, and the rest stays as it is; ``full`` or ``zero`` marks ;
    calibration : what both count as there ; penalty : kind → share of the item's marks that a wrong answer costs, one
    that was given and earns nothing ; floor : below 0 marks no ``item``, no ``section``, no ``total`` may fall, or
    ``none``: anything may ; round : of totals ; item_step : an item's marks that are not all of them are rounded down
    to this, 0: exact ; dropped : after items left a paper the total is ``rescale``\\ d to its marks, or stays ``as_is``
    """

    omitted: Literal["zero", "not_seen"] = "zero"
    not_reached: Literal["zero", "not_seen"] = "zero"
    void_answer: Literal["rescale", "not_seen", "full", "zero"] = "rescale"
    calibration: CalibrationRules = CalibrationRules()
    penalty: dict[WrittenText, Annotated[float, Field(ge=0, le=1)]] = Field(default_factory=dict)
    floor: Floor = "total"
    round: Rounding = Rounding()
    item_step: Annotated[float, Field(ge=0, le=10)] = 0.0
    dropped: Literal["rescale", "as_is"] = "rescale"


def as_settings(rules: ScoringRules, *, given_only: bool = False) -> dict[str, Any]:
    """Return the rules as plain data, as they are stored and printed with every result.

    given_only : without what nobody wrote

    >>> as_settings(ScoringRules(round=Rounding(step=1)), given_only=True)
    {'round': {'step': 1.0}}
    """
    found: dict[str, Any] = json.loads(json.dumps(rules.model_dump(exclude_unset=given_only)))
    return found


def read_settings(settings: Any) -> ScoringRules:
    """Return the rules that `as_settings` wrote; what is missing is as usual, what there is no such rule for any more is
    left out.

    >>> read_settings({"round": {"step": 1}, "former": ""}).round.step
    1.0
    """
    known = {name: value for name, value in (settings or {}).items() if name in ScoringRules.model_fields}
    return ScoringRules.model_validate(known)


def overlaid(rules: ScoringRules, nearer: ScoringRules) -> ScoringRules:
    """Return the rules with everything replaced that the nearer ones say; a ``penalty`` is replaced whole.

    >>> far, near = ScoringRules(omitted="not_seen", round=Rounding(step=1)), ScoringRules(round=Rounding(direction="up"))
    >>> found = overlaid(far, near)
    >>> found.omitted, found.round.step, found.round.direction
    ('not_seen', 1.0, 'up')
    """
    below, above = as_settings(rules, given_only=True), as_settings(nearer, given_only=True)
    for key, value in above.items():
        inner = isinstance(value, dict) and key != "penalty"
        below[key] = {**below.get(key, {}), **value} if inner else value
    return read_settings(below)


def in_words(rules: ScoringRules, language: Language) -> tuple[tuple[str, str], ...]:
    """Return every rule as (what it is about, what holds), in the words of the language.

    >>> in_words(ScoringRules(), "en")[0]
    ('omitted', '0 marks')
    """

    def word(of: str, value: str) -> str:
        return text(language, f"scoring.{of}.{value}")

    step, fine = rules.round.step, rules.item_step
    penalty = text(language, "scoring.and").join(
        text(language, "scoring.penalty.one", kind=text(language, f"scoring.kind.{kind}"), share=f"{share:g}")
        for kind, share in sorted(rules.penalty.items())
        if share
    )
    lines = [
        ("omitted", word("marks", rules.omitted)),
        ("not_reached", word("marks", rules.not_reached)),
        ("void_answer", word("marks", rules.void_answer)),
        ("calibration_omitted", word("calibration", rules.calibration.omitted)),
        ("calibration_not_reached", word("calibration", rules.calibration.not_reached)),
        ("penalty", penalty or word("penalty", "none")),
        *([("floor", word("floor", rules.floor))] if penalty else []),
        ("round", text(language, f"scoring.round.{rules.round.direction}", step=f"{step:g}") if step else word("round", "exact")),
        ("item_step", text(language, "scoring.item_step.step", step=f"{fine:g}") if fine else word("item_step", "exact")),
        ("dropped", word("dropped", rules.dropped)),
    ]  # fmt: skip
    return tuple((text(language, f"scoring.label.{name}"), words) for name, words in lines)
