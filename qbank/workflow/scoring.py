"""From stored answers to marks: by what was printed, or as the last scoring run says."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qbank.core.form import Form, paper_of
from qbank.core.item import digest
from qbank.core.scoring_changes import NO_CHANGES, Changes, Rekey, read_changes
from qbank.core.scoring_rules import ScoringRules, overlaid, read_settings
from qbank.files.family import ENDING
from qbank.files.forms import parse_form
from qbank.kinds import KINDS
from qbank.kinds.marking import Marking, corrections, printed_markings, rekeyed
from qbank.kinds.scoring import Scores, score
from qbank.ledger import (
    Decision,
    Identity,
    Ledger,
    Scoring,
    StoredSitting,
    decisions_of,
    identities_of,
    read_sitting,
    scorings_of,
    totals,
)
from qbank.messages.lists import some
from qbank.problem import Problem, Span, error, has_errors, warning
from qbank.workflow.decided import decided_changes, with_decided
from qbank.workflow.sitting import sitting_bank
from qbank.workflow.workspace import Workspace


@dataclass(frozen=True, slots=True)
class SittingToScore:
    """A stored sitting with all that marking may need.

    printed : the markings as printed ; corrected : keys that were corrected in the bank since ; decisions : all that were
    taken, oldest first ; decided : what they change of the marking ; runs : scoring runs, oldest first ; last_total : what the last of them stored, () if
    none ; identities : by pseudonym, who is still known
    """

    stored: StoredSitting
    forms: tuple[Form, ...]
    printed: Mapping[str, Marking]
    corrected: tuple[Rekey, ...]
    decisions: tuple[Decision, ...]
    decided: Changes
    runs: tuple[Scoring, ...]
    last_total: NDArray[np.float64]
    identities: Mapping[str, Identity]


@dataclass(frozen=True, slots=True)
class ScoredSitting:
    """A stored sitting with the marks of its answers.

    credited : items whose marks went to everybody ; dropped : items that left their papers ; changes : of the printed
    marking ; identities : by pseudonym, who is still known ; run : the scoring run that this repeats, if any
    """

    stored: StoredSitting
    forms: tuple[Form, ...]
    marking: dict[str, Marking]
    credited: frozenset[str]
    scores: Scores
    identities: Mapping[str, Identity]
    dropped: frozenset[str] = frozenset()
    changes: Changes = NO_CHANGES
    run: Scoring | None = None

    @property
    def cuts(self) -> tuple[float, ...]:
        """Marks needed to pass, a form of the answers each: versions of one paper share its cut."""
        return tuple(self.stored.cut_of(paper_of(form)) for form in self.forms)

    @property
    def cut(self) -> NDArray[np.float64]:
        """Marks that each person needs to pass, (n_persons,)."""
        return np.array(self.cuts, dtype=np.float64)[self.stored.responses.form]

    @property
    def basis(self) -> str:
        """A digest of the totals, by which an accepted cut shows what it was equated from."""
        return hashlib.sha256(np.ascontiguousarray(np.round(self.scores.total, 6)).tobytes()).hexdigest()[:16]

    @property
    def worth_basis(self) -> str:
        """A digest of what every question is worth on every paper and of the keys that are not as printed, on which cuts by a
        family rest: answers are not in it."""
        worth = np.ascontiguousarray(np.round(self.scores.counted, 6))
        counts = {self.stored.responses.items[n] for n in np.flatnonzero(worth.any(axis=0)).tolist()} - self.credited
        keys = [digest({"item": each.item, "paper": each.paper, "accepted": each.accepted}) for each in self.changes.rekey if each.item in counts]
        told = "\n".join([*sorted(self.credited), *sorted(keys)])
        return hashlib.sha256(worth.tobytes() + told.encode()).hexdigest()[:16]


def score_sitting(
    id: str, workspace: Workspace, bank_path: Path | None = None
) -> tuple[ScoredSitting | None, list[Problem]]:
    """Return the marks of a sitting by the rules and keys of its last scoring run.

    Without any run: by the keys as printed and the rules of qbank.yaml and sitting.yaml. Items that a decision
    credited are credited in any case. Keys that were corrected in the bank, and that no run took, are warned of.
    """
    found, problems = sitting_to_score(id, workspace, bank_path)
    if found is None:
        return None, problems
    scored = as_it_stands(found, workspace)
    run = scored.run
    if run is not None and not (run.current and run.changes.get("cuts", {}) == cuts_record(scored.stored) and np.array_equal(found.last_total, scored.scores.total, equal_nan=True)):
        problems.append(warning("M112", Span(id), number=run.number, id=id))
    return scored, [*problems, *unheeded(found, scored.changes), *waiting(scored), *outdated_cuts(scored)]


def as_it_stands(found: SittingToScore, workspace: Workspace) -> ScoredSitting:
    """Return the marks by the rules and changes of the last run, and by the decisions as they are now."""
    run = found.runs[-1] if found.runs else None
    rules, changes = usual_rules(found, workspace), NO_CHANGES
    if run is not None:
        rules, changes = read_settings(run.rules), read_changes(run.changes)
        known = found.printed.keys()
        changes = replace(changes, rekey=tuple(change for change in changes.rekey if change.item in known))
    return scored_with(found, rules, changes, run)


def waiting(scored: ScoredSitting) -> list[Problem]:
    """Return a warning where persons have no total yet because those who mark their tasks have not."""
    n = int((scored.scores.present & np.isnan(scored.scores.total)).sum())
    id = scored.stored.record.id
    return [warning("R341", Span(id), n=n, id=id)] if n else []


def cuts_record(stored: StoredSitting) -> dict[str, float]:
    """Return by paper the cuts that were accepted in place of that of the sitting, as a scoring run keeps them."""
    return {cut.paper: cut.cut for cut in stored.cuts}


def outdated_cuts(scored: ScoredSitting) -> list[Problem]:
    """Return a warning where accepted cuts were equated from totals that are not those of now.

    Cuts by a family do not depend on totals: they are outdated where a question is worth something else or has another key by now.
    """
    id, totals = scored.stored.record.id, {scored.basis}
    of_family = {scored.basis, scored.worth_basis}
    old = [cut for cut in scored.stored.cuts if cut.basis not in (of_family if cut.of_family else totals)]
    if not old:
        return []
    again = f"{id} --family families/{old[0].base}{ENDING}" if old[0].of_family else id
    return [warning("N121", Span(id), n=len(old), papers=some([cut.paper for cut in old]), id=id, again=again)]


def scored_with(found: SittingToScore, rules: ScoringRules, changes: Changes, run: Scoring | None = None) -> ScoredSitting:
    """Return the marks of a sitting by rules and changes, and by the decisions on its items."""
    changes = with_decided(changes, found.decided)
    marking = rekeyed(found.printed, changes.rekey)
    dropped = frozenset((*changes.drop, *changes.decided_drop))
    credited = frozenset((*changes.credit, *changes.decided)) - dropped
    scores = score(found.stored.responses, marking, found.forms, rules, credited=credited, dropped=dropped)
    return ScoredSitting(found.stored, found.forms, marking, credited, scores, found.identities, dropped, changes, run)


def usual_rules(found: SittingToScore, workspace: Workspace) -> ScoringRules:
    """Return the rules of qbank.yaml with what sitting.yaml said when its answers were added."""
    return overlaid(workspace.scoring, read_settings(found.stored.record.settings.get("scoring")))


def unheeded(found: SittingToScore, changes: Changes) -> list[Problem]:
    """Return a warning of keys that were corrected in the bank, where the answers are not marked by them."""
    heeded = {(change.item, change.paper): change.accepted for change in changes.rekey}
    asked = {change.item for change in changes.rekey if change.source != "bank"}
    left = [
        change for change in found.corrected
        if change.item not in asked and heeded.get((change.item, change.paper)) != change.accepted
    ]  # fmt: skip
    if not left:
        return []
    id = found.stored.record.id
    shown: dict[str, str] = {}
    for change in left:
        entry = found.printed[change.item]
        old = KINDS[entry.kind].key_label(entry.by_paper.get(change.paper, entry.marked))
        if change.item not in shown or old != change.words:
            shown[change.item] = f"{change.item} {old}→{change.words}"
    return [warning("M109", Span(id), n=len(shown), items="; ".join(shown.values()), id=id)]


def sitting_to_score(
    id: str, workspace: Workspace, bank_path: Path | None = None
) -> tuple[SittingToScore | None, list[Problem]]:
    """Return a stored sitting as it is to be marked, or nothing and why."""
    if not workspace.has_ledger():
        return None, [error("L102", Span(id), id=id)]
    ledger = workspace.open()
    try:
        stored = read_sitting(ledger, id)
        found = _known(ledger, id)
    finally:
        ledger.close()
    if stored is None:
        return None, [error("L102", Span(id), id=id)]
    problems: list[Problem] = []
    forms: list[Form] = []
    for source in stored.papers:
        form, wrong = parse_form(source, f"{id}: {workspace.database}")
        problems += wrong
        if form is not None:
            forms.append(form)
    if has_errors(problems):
        return None, problems
    decisions, runs, last_total, identities = found
    bank, wrong = sitting_bank(stored.record.bank, workspace, bank_path)
    if bank_path is not None and bank is None:
        return None, problems + wrong
    if has_errors(wrong):
        # the answers are marked by what was printed, whatever became of the bank since
        wrong = [warning("M119", Span(id), bank=stored.record.bank, n=sum(problem.severity == "error" for problem in wrong))]
    corrected = corrections(tuple(forms), bank) if bank is not None else ()
    printed = printed_markings(tuple(forms))
    decided = decided_changes(decisions, id, tuple(forms), printed, corrected)
    to_score = SittingToScore(
        stored, tuple(forms), printed, corrected, decisions, decided, runs, last_total, identities
    )  # fmt: skip
    return to_score, problems + wrong


def _known(
    ledger: Ledger, id: str
) -> tuple[tuple[Decision, ...], tuple[Scoring, ...], NDArray[np.float64], Mapping[str, Identity]]:
    """Return the decisions on items, the scoring runs, the last totals, who the persons are."""
    runs = scorings_of(ledger, id)
    last = totals(ledger, id, runs[-1].number) if runs else np.zeros(0)
    return decisions_of(ledger, id), runs, last, identities_of(ledger, id)
