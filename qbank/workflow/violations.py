"""What an audit found broken, as problems: a paper a line, or a rule a line where many papers break it."""

from __future__ import annotations

from collections.abc import Sequence

from qbank.assemble import Audit
from qbank.assemble.lines import MANY
from qbank.problem import Problem, Span, error

FEW = 3
"""So many papers that break one rule are told each by itself, and are named where they are not."""


def violations(audit: Audit, span: Span) -> list[Problem]:
    """Return an error for each rule that a paper breaks."""
    return [
        error("A205", span, form=check.form, rule=check.rule, found=f"{check.found:g}")
        for check in audit.checks
        if not check.holds
    ]


def summed_up(found: Sequence[Problem], n_papers: int) -> list[Problem]:
    """Return the violations with one line for each rule that more than `FEW` of many papers break, where its first stood.

    >>> broken = [error("A205", Span("plan.yaml"), form=f"P-{n}", rule="count", found=f"{n}") for n in range(5)]
    >>> [(one.code, dict(one.facts)["n"], dict(one.facts)["low"], dict(one.facts)["high"]) for one in summed_up(broken, 60)]
    [('A214', '5', '0', '4')]
    >>> summed_up(broken, 5) == broken
    True
    """
    if n_papers < MANY:
        return list(found)
    alike: dict[tuple[str, str], list[dict[str, str]]] = {}
    for one in found:
        facts = dict(one.facts)
        alike.setdefault((one.severity, facts["rule"]), []).append(facts)
    told: list[Problem] = []
    for one in found:
        which = (one.severity, dict(one.facts)["rule"])
        same = alike.get(which, [])
        if 0 < len(same) <= FEW:
            told.append(one)
        elif same:
            told.append(_summary(one, same))
            alike[which] = []
    return told


def _summary(first: Problem, same: Sequence[dict[str, str]]) -> Problem:
    """Return how many papers break a rule, the least and the most that was found, and the first of them."""
    values = sorted((facts["found"] for facts in same), key=float)
    facts = (
        ("n", str(len(same))), ("rule", same[0]["rule"]), ("low", values[0]), ("high", values[-1]),
        ("papers", ", ".join(facts["form"] for facts in same[:FEW])),
    )  # fmt: skip
    return Problem("A214", first.severity, first.span, facts)
