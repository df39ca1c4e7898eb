"""What if: the ways of marking an item side by side, before anybody decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from qbank.analysis import SittingData, option_table
from qbank.analysis.outcome import Outcome, outcome
from qbank.core.form import answer_places
from qbank.core.scoring_changes import Changes
from qbank.ledger import ON_MARKS, Decision, PaperCut
from qbank.problem import Problem
from qbank.workflow.analysed_data import analysed_data, as_answered
from qbank.workflow.decided import decided_changes, decided_keys
from qbank.workflow.scoring import ScoredSitting, SittingToScore, scored_with
from qbank.workflow.scoring_run import Comparison, compare

Equated = Callable[[ScoredSitting], Mapping[str, float]]
"""A scored sitting → the lowest mark that passes on each paper after equating."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way of marking an item, and what it comes to.

    verdict, named : as `qbank decide` takes them ; stands : whether the item is marked so now ; comparison : with how it
    is marked now ; marks : that a full paper is worth, the most of the papers that hold the item ; cut : of the sitting,
    in marks, the same as before, and cuts : of papers whose equated cut was accepted ; equated : by paper, {} where nothing is
    equated. Facility and item–rest correlation of a credited item are those of its answers.
    """

    verdict: str
    named: str
    stands: bool
    outcome: Outcome
    comparison: Comparison
    marks: float
    cut: float
    equated: Mapping[str, float] = field(default_factory=dict)
    cuts: tuple[PaperCut, ...] = ()


def printed_fingerprint(found: SittingToScore, item: str) -> str:
    """Return the fingerprint of an item as it was printed."""
    return next(place.fingerprint for form in found.forms for place in answer_places(form) if place.id == item)


def with_decision(found: SittingToScore, decision: Decision) -> tuple[SittingToScore, list[Problem]]:
    """Return a sitting as it would be marked after one more decision, and what is wrong with its key."""
    record = found.stored.record
    problems: list[Problem] = []
    if decision.verdict in ("rekey", "accept"):
        _, problems = decided_keys(decision, record.id, found.forms, found.printed, found.corrected)
    decisions = (*found.decisions, decision)
    decided = decided_changes(decisions, record.id, found.forms, found.printed, found.corrected)
    return replace(found, decisions=decisions, decided=decided), problems


def marked_after(found: SittingToScore, now: ScoredSitting, decision: Decision) -> tuple[ScoredSitting, list[Problem]]:
    """Return the marks after a decision: by the rules and the other changes that hold ``now``.

    A verdict on how the answers are marked goes before what a scoring run was asked to do with the item.
    """
    after, problems = with_decision(found, decision)
    return scored_with(after, now.scores.rules, without_asked(now, decision), now.run), problems


def without_asked(now: ScoredSitting, decision: Decision) -> Changes:
    """Return the changes that hold now, without those that a scoring run was asked to make of the item decided on."""
    changes, item = now.changes, decision.item
    if decision.verdict not in ON_MARKS or decision.verdict == "keep":
        return changes
    return replace(
        changes, rekey=tuple(change for change in changes.rekey if change.item != item or change.source == "bank"),
        drop=tuple(each for each in changes.drop if each != item), credit=tuple(each for each in changes.credit if each != item),
    )  # fmt: skip


def alternative(
    found: SittingToScore, now: ScoredSitting, decision: Decision, equated: Equated | None = None
) -> tuple[Alternative, list[Problem]]:
    """Return what one decision would come to, held against how the sitting is marked now."""
    after, problems = marked_after(found, now, decision)
    change = compare(after, now.scores.total, now.run.number if now.run else 0)
    worth = after.scores.counted.sum(axis=1)[after.scores.counted[:, _column(after, decision.item)] >= 0]
    come_to = outcome(analysed_data(after), decision.item)
    if decision.item in after.credited:
        answers = outcome(analysed_data(as_answered(after)), decision.item)
        come_to = replace(come_to, facility=answers.facility, item_rest=answers.item_rest)
    return Alternative(
        decision.verdict, decision.named, _marked_alike(after, now), come_to, change, float(worth.max(initial=0.0)),
        after.stored.record.cut, equated(after) if equated else {}, after.stored.cuts,
    ), problems  # fmt: skip


def alternatives(
    found: SittingToScore, now: ScoredSitting, item: str, *, equated: Equated | None = None
) -> list[Alternative]:
    """Return every way of marking an item: keep, drop, the likeliest other key instead and too, credit.

    Where nobody chose another option that goes with the other marks, there is no likely key, and its two rows are left out.
    """
    id, fingerprint = found.stored.record.id, printed_fingerprint(found, item)
    rival = likely_key(analysed_data(now), item) if now.marking[item].fingerprint == fingerprint else ""
    words = [("keep", ""), ("drop", ""), *([("rekey", rival), ("accept", rival)] if rival else []), ("credit", "")]
    known = [last for last in found.decisions if last.item == item and last.named and last.verdict in ("rekey", "accept")]
    words += [pair for last in known[-1:] if (pair := (last.verdict, last.named)) not in words]
    rows = []
    for verdict, named in words:
        row, problems = alternative(found, now, Decision(id, item, fingerprint, verdict, "", "", "", named), equated)
        if not problems:
            rows.append(row)
    return rows


def likely_key(data: SittingData, item: str) -> str:
    """Return the wrong answer that goes best with the marks on the other items, "" where none goes with them at all."""
    options = option_table(data).filter((pl.col("item") == item) & (pl.col("role") == "distractor"))
    r = pl.col("rest_correlation")
    best = options.filter(r.is_finite() & (r > 0)).sort("rest_correlation", descending=True, maintain_order=True)
    return "" if best.is_empty() else str(best["option"][0])


def _column(scored: ScoredSitting, item: str) -> int:
    return scored.stored.responses.items.index(item)


def _marked_alike(after: ScoredSitting, now: ScoredSitting) -> bool:
    return (after.marking, after.credited, after.dropped) == (now.marking, now.credited, now.dropped)
