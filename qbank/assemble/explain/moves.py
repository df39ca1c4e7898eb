"""What of a plan can be moved: a bound, a tolerance, the number of papers; or a rule that is dropped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from qbank.core.authored import written_number
from qbank.core.blueprint import Blueprint, Rule
from qbank.problem import Span

DROP = "drop"


@dataclass(frozen=True, slots=True)
class Move:
    """One change of the text of a plan: the value under ``key`` reads ``new``; `DROP` as key: the rule goes.

    rule : index under ``constraints:``, −1 for the plan's own keys ; label : the rule in its own words ; span : of the
    value ; size : how far, in units of the old value
    """

    rule: int
    key: str
    old: str
    new: str
    label: str
    span: Span
    size: float


def moved(blueprint: Blueprint, moves: tuple[Move, ...]) -> Blueprint:
    """Return the plan after some moves."""
    rules: list[Rule | None] = list(blueprint.rules)
    for move in moves:
        if move.key == "forms":
            blueprint = replace(blueprint, n_forms=int(move.new))
        elif move.key == "tolerance":
            blueprint = replace(blueprint, weights_tolerance=float(move.new))
        elif move.key == DROP:
            rules[move.rule] = None
        else:
            rule = rules[move.rule]
            assert rule is not None
            rules[move.rule] = replace(rule, value={**rule.value, move.key: _read(move.new)})
    return replace(blueprint, rules=tuple(rule for rule in rules if rule is not None))


def _read(text: str) -> Any:
    """Return a value as the reader of a plan would: a number remembers how it was written."""
    if text.endswith("%"):
        return text
    return written_number(float(text) if "." in text else int(text), text)


def amount_text(value: float, old: str, whole: float, *, upward: bool) -> str:
    """Return a bound written as the old one was, rounded outward; whole : of what a percentage is.

    >>> amount_text(7.0, "80%", 10, upward=False), amount_text(0.61349, "0.62", 1, upward=False)
    ('70%', '0.61')
    >>> amount_text(2.0, "50%", 3, upward=True), amount_text(12.0, "10", 1, upward=True)
    ('66.67%', '12')
    """
    percent = old.endswith("%")
    scaled = value / whole * 100 if percent else value
    written = old.rstrip("% ")
    digits = len(written.partition(".")[2]) if "." in written else 0
    for places in range(digits, 7):
        step = 10.0**-places
        near = round(scaled / step)
        outward = near if abs(scaled / step - near) < 1e-6 else int(scaled // step) + (1 if upward else 0)
        found = max(outward * step, 0.0)
        if not percent or places >= 2 or abs(found - scaled) < 1e-6:
            return f"{found:.{places}f}" + ("%" if percent else "")
    return f"{scaled:g}" + ("%" if percent else "")
