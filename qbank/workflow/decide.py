"""What people decide about items after a sitting: told beforehand, recorded, scored again, written into the bank."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from qbank.ledger import NAMING, ON_MARKS, Decision, Stage, stages_of, write_decision
from qbank.problem import Problem, Span, error, has_errors, warning
from qbank.workflow.alternatives import (
    Alternative,
    alternative,
    alternatives,
    printed_fingerprint,
    with_decision,
    without_asked,
)
from qbank.workflow.bank import check_bank
from qbank.workflow.decided_bank import Written, enemy_problems, write_enemies, write_key, write_status
from qbank.workflow.equating import equated_cuts
from qbank.workflow.rekeying import unknown_item
from qbank.workflow.scoring import SittingToScore, as_it_stands, outdated_cuts, scored_with, sitting_to_score
from qbank.workflow.scoring_run import ScoringRun, stored_run
from qbank.workflow.sitting import bank_root
from qbank.workflow.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Decided:
    """What a decision came to.

    decision : as it stands in the ledger, or would ; alternative : what it makes of the marks, against how they were ;
    run : the scoring that follows, None where nothing about the marks was decided ; taken_back : stages of the release
    gate that stood and do not any more ; written : changes of the bank
    """

    decision: Decision
    alternative: Alternative
    run: ScoringRun | None
    taken_back: tuple[Stage, ...]
    written: tuple[Written, ...]


def compare_alternatives(
    id: str, item: str, workspace: Workspace, *, bank_path: Path | None = None
) -> tuple[list[Alternative], list[Problem]]:
    """Return every way of marking an item with what it would come to; nothing is stored."""
    found, problems = sitting_to_score(id, workspace, bank_path)
    if found is None or (unknown := unknown_item(item, id, found.forms, found.printed)):
        return [], problems if found is None else [*problems, *unknown]
    return alternatives(found, as_it_stands(found, workspace), item, equated=equated_cuts(id, workspace)), problems


def decide(
    id: str, item: str, workspace: Workspace, *, verdict: str, why: str, who: str, at: str, named: str = "",
    bank_path: Path | None = None, dry_run: bool = False, into_bank: bool = True,
) -> tuple[Decided | None, list[Problem]]:  # fmt: skip
    """Record what was decided about an item, score the sitting again, and write into the bank what belongs there.

    verdict : ``keep`` lets the item back, ``drop`` takes it off its papers, ``rekey`` and ``accept`` give it another key
    and a second one (``named``), ``credit`` gives everybody the marks, ``revise`` and ``retire`` change its status,
    ``enemy`` keeps it off every paper with another item (``named``)
    dry_run : nothing is stored or written ; into_bank : whether the bank is changed
    """
    found, problems = sitting_to_score(id, workspace, bank_path)
    if found is None:
        return None, problems
    wrong = unknown_item(item, id, found.forms, found.printed) or _named_problems(id, item, verdict, named)
    if wrong:
        return None, [*problems, *wrong]
    decision = Decision(id, item, printed_fingerprint(found, item), verdict, why, who, at, named)
    now = as_it_stands(found, workspace)
    equated = equated_cuts(id, workspace) if verdict in ON_MARKS else None
    what_if, wrong = alternative(found, now, decision, equated)
    if has_errors(wrong):
        return None, [*problems, *wrong]
    root = bank_root(found.stored.record.bank, workspace, bank_path)
    written, more = _into_bank(found, decision, root, write=not dry_run) if into_bank else ([], [])
    problems += [*wrong, *more]
    if has_errors(more):
        return None, problems
    stood = _standing(id, workspace)
    if not dry_run:
        _record(found, decision, now.marking[item].fingerprint, workspace)
    run = None
    if verdict in ON_MARKS:
        after, _ = with_decision(found, decision)
        scored = scored_with(after, now.scores.rules, without_asked(now, decision))
        run = stored_run(after, scored, workspace, why=f"{item} {verdict} {named}".strip() + f": {why}", who=who, dry_run=dry_run)
        problems += [] if dry_run else outdated_cuts(scored)
    gone = set(stood) - set(_standing(id, workspace))
    return Decided(decision, what_if, run, tuple(stage for stage in stood if stage in gone), tuple(written)), problems


def _named_problems(id: str, item: str, verdict: str, named: str) -> list[Problem]:
    if verdict in NAMING and not named.strip():
        return [error("V304" if verdict == "enemy" else "V305", Span(id), item=item, verdict=verdict)]
    return [error("V306", Span(id), verdict=verdict, named=named)] if named and verdict not in NAMING else []


def _standing(id: str, workspace: Workspace) -> tuple[Stage, ...]:
    ledger = workspace.open()
    try:
        return tuple(state.stage for state in stages_of(ledger, id) if state.passed)
    finally:
        ledger.close()


def _record(found: SittingToScore, decision: Decision, marked_as: str, workspace: Workspace) -> None:
    """Write the decision on the revision that was printed, and on the one that the answers were marked by until now."""
    ledger = workspace.open(who=decision.who)
    try:
        write_decision(ledger, decision)
        if marked_as == decision.fingerprint:
            return
        changes, _ = with_decision(found, decision)
        mine = [change.fingerprint for change in changes.decided.rekey if change.item == decision.item]
        confirmed = decision.verdict == "rekey" and marked_as in mine
        also = replace(decision, verdict="keep", named="") if confirmed else decision
        write_decision(ledger, replace(also, fingerprint=marked_as))
    finally:
        ledger.close()


def _into_bank(
    found: SittingToScore, decision: Decision, root: Path | None, *, write: bool
) -> tuple[list[Written], list[Problem]]:
    """Write into the bank what the decision asks for; nothing where it asks for nothing."""
    if decision.verdict not in ("rekey", "revise", "retire", "enemy"):
        return [], []
    if root is None:
        missing = warning if decision.verdict == "rekey" else error
        return [], [missing("V307", Span(decision.sitting), bank=found.stored.record.bank, item=decision.item)]
    if not write:
        return [], enemy_problems(check_bank(root, cached=True)[0], root, decision.item, decision.named) if decision.verdict == "enemy" else []
    if decision.verdict == "enemy":
        return write_enemies(root, decision.item, decision.named)
    if decision.verdict != "rekey":
        return write_status(root, decision)
    changes, _ = with_decision(found, decision)
    mine = [change for change in changes.decided.rekey if change.item == decision.item]
    if not mine:
        return [], []
    return write_key(root, decision.item, found.printed[decision.item].kind, decision.fingerprint, mine[0])
