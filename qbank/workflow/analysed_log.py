"""What was decided about a sitting's items and how often it was marked, as its report tells it."""

from __future__ import annotations

from dataclasses import dataclass

from qbank.analysis import Raised
from qbank.ledger import Ledger, counts_of, decisions_of, flags_of, scorings_of
from qbank.report import DecisionLine, ScoringLine
from qbank.workflow.raised import raised_of


@dataclass(frozen=True, slots=True)
class SittingLog:
    """decisions, scorings : in the order in which they were taken and done ; raised : what earlier sittings and a calibration
    say of the items"""

    decisions: tuple[DecisionLine, ...] = ()
    scorings: tuple[ScoringLine, ...] = ()
    raised: tuple[Raised, ...] = ()


NO_LOG = SittingLog()


def sitting_log(ledger: Ledger, id: str) -> SittingLog:
    """Return what the ledger tells of a sitting beside its answers."""
    decisions = tuple(
        DecisionLine(each.item, each.verdict, each.named, each.why, each.who, minute(each.at))
        for each in decisions_of(ledger, id)
    )
    scorings = tuple(
        ScoringLine(
            each.number, minute(each.at), each.who, each.why, sum(row.present for row in counts),
            sum(row.passed for row in counts), each.current,
        )
        for each in scorings_of(ledger, id)
        for counts in (counts_of(ledger, id, each.number),)
    )  # fmt: skip
    return SittingLog(decisions, scorings, tuple(raised_of(flag) for flag in flags_of(ledger, id)))


def minute(at: str) -> str:
    """Return a moment of the ledger to the minute.

    >>> minute("2026-11-23T09:15:42+00:00"), minute("")
    ('2026-11-23 09:15', '')
    """
    return at[:16].replace("T", " ")
