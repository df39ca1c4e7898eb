"""What was decided about a sitting's items and how often it was marked, as its report tells it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qbank.analysis import Raised
from qbank.ledger import Ledger, counts_of, decisions_of, flags_of, scorings_of, stages_of
from qbank.report import DecisionLine, ScoringLine
from qbank.workflow.gate import all_stand
from qbank.workflow.raised import raised_of
from qbank.workflow.scoring import ScoredSitting


@dataclass(frozen=True, slots=True)
class SittingLog:
    """decisions, scorings : in the order in which they were taken and done ; raised : what earlier sittings and a calibration
    say of the items ; released : whether the results are out ;
    numbers : of each person of the analysis, None until then ;
    standings : word → how many"""

    decisions: tuple[DecisionLine, ...] = ()
    scorings: tuple[ScoringLine, ...] = ()
    raised: tuple[Raised, ...] = ()
    released: bool = False
    numbers: tuple[str, ...] | None = None
    standings: tuple[tuple[str, int], ...] = ()


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
    return SittingLog(decisions, scorings, tuple(raised_of(flag) for flag in flags_of(ledger, id)), all_stand(stages_of(ledger, id)))


def numbers_of(scored: ScoredSitting, rows: Sequence[int]) -> tuple[str, ...]:
    """Return the numbers of the persons in these rows of the answers; of those who were forgotten the pseudonym."""
    persons, known = scored.stored.responses.persons, scored.identities
    return tuple(known[persons[row]].number if persons[row] in known else persons[row] for row in rows)


def minute(at: str) -> str:
    """Return a moment of the ledger to the minute.

    >>> minute("2026-11-23T09:15:42+00:00"), minute("")
    ('2026-11-23 09:15', '')
    """
    return at[:16].replace("T", " ")
