"""The lines of an audit in words, and of many papers in a few numbers."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from qbank.messages import Language, text

MANY = 9
"""From so many papers on, tables give a spread in place of a column a paper, and figures a band in place of lines."""


@dataclass(frozen=True, slots=True)
class Spread:
    """furthest : position of the paper furthest from the target, else from the median; None where all are the same"""

    low: float
    median: float
    high: float
    furthest: int | None


def spread(values: Sequence[float], target: float | None = None) -> Spread:
    """Return the spread of one value a paper; a value that does not exist counts nowhere.

    >>> spread([5.0, 4.0, 7.0, 5.0], target=5.0)
    Spread(low=4.0, median=5.0, high=7.0, furthest=2)
    >>> spread([3.0, 3.0, 3.0], target=5.0).furthest is None
    True
    """
    known = [value for value in values if math.isfinite(value)]
    if not known:
        return Spread(math.nan, math.nan, math.nan, None)
    median = statistics.median(known)
    centre = median if target is None else target
    away = [abs(value - centre) if math.isfinite(value) else -1.0 for value in values]
    furthest = away.index(max(away)) if max(known) - min(known) > 1e-9 else None
    return Spread(min(known), median, max(known), furthest)


def short_names(ids: Sequence[str]) -> tuple[str, ...]:
    """Return what tells papers apart: their ids without the part, up to a hyphen, that they all begin with.

    >>> short_names(["bof-4-theory-1-A", "bof-4-theory-1-B"]), short_names(["only-one"])
    (('A', 'B'), ('only-one',))
    """
    if len(ids) < 2:
        return tuple(ids)
    first, last = min(ids), max(ids)
    same = next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    start = first.rfind("-", 0, same) + 1
    return tuple(id[start:] for id in ids) if all(len(id) > start for id in ids) else tuple(ids)


def line_name(name: str, language: Language) -> str:
    """Return the words for a line of the audit's table.

    >>> line_name("grade 3", "en"), line_name("expected score at θ=-0.43", "en")
    ('grade 3', 'expected score θ=-0.43')
    """
    head, _, rest = name.partition(" ")
    if head in ("domain", "importance", "grade"):
        return f"{text(language, f'cli.audit.{head}')} {rest}"
    if " at θ=" in name:
        what, theta = name.split(" at θ=")
        return f"{text(language, 'cli.audit.' + what.replace(' ', '_'))} θ={theta}"
    return text(language, "cli.audit." + name.replace(" ", "_"))


_OWN_RULES = (
    ("items in the bank", "known"), ("marks", "marks"), ("distinct items", "distinct"), ("questions as in the bank", "unchanged"),
    ("section ", "section"), ("weights: ", "weights"), ("enemies together", "enemies"), ("keys ", "keys"),
    ("version: questions as on the paper", "version_questions"), ("version: number of questions", "version_number"),
    ("version: map back to the paper", "version_map"), ("version: longest run of one key", "version_run"),
)  # fmt: skip
"""How the rules begin that no blueprint writes down, and the words for them; what follows is the user's."""


def rule_name(rule: str, language: Language) -> str:
    """Return a rule of the audit: its line of the blueprint as it stands, else words for what every paper must satisfy.

    >>> rule_name("section Multiple choice", "en"), rule_name("once_per: competency", "en")
    ('items of the section Multiple choice', 'once_per: competency')
    """
    if rule == "overlap":
        return text(language, "cli.audit.overlap")
    for head, word in _OWN_RULES:
        if rule == head.strip() or (rule.startswith(head) and head != "marks"):
            rest = rule.removeprefix(head) if head.endswith(" ") else ""
            return f"{text(language, f'cli.audit.rule.{word}')} {rest}".strip()
    return rule
