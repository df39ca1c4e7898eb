"""Accepting what equating found: the cut of each paper stands in the ledger, and the sitting is scored by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from qbank.ledger import PaperCut, Stage, accept_cuts, take_back_cuts
from qbank.messages.lists import some
from qbank.problem import Problem, Span, error, has_errors, warning
from qbank.workflow.equating import Equated
from qbank.workflow.scoring import ScoredSitting, as_it_stands, sitting_to_score
from qbank.workflow.scoring_run import ScoringRun, stored_run
from qbank.workflow.workspace import Workspace


@dataclass(frozen=True, slots=True)
class AcceptedCuts:
    """cuts : that hold now, () after they were taken back ; before : that held ; run : the scoring that follows, with who
    flips ; taken_back : stages of the release gate that stood and do not any more"""

    cuts: tuple[PaperCut, ...]
    before: tuple[PaperCut, ...]
    run: ScoringRun
    taken_back: tuple[Stage, ...]


def accept(
    done: Equated, workspace: Workspace, *, why: str, who: str = "", bank_path: Path | None = None
) -> tuple[AcceptedCuts | None, list[Problem]]:
    """Make the equated cuts those of their papers, and score the sitting by them.

    Papers that were not equated keep the cut of the sitting, and so does the base paper.
    """
    cuts, problems = proposed_cuts(done, why)
    return accept_these(done.scored, cuts, problems, workspace, why=why, who=who, bank_path=bank_path)


def accept_these(
    scored: ScoredSitting, cuts: tuple[PaperCut, ...], problems: list[Problem], workspace: Workspace, *, why: str, who: str = "",
    bank_path: Path | None = None,
) -> tuple[AcceptedCuts | None, list[Problem]]:  # fmt: skip
    """Make these the cuts of their papers, and score the sitting by them; problems : that are known already, of which that
    the former cuts are outdated (N121) is settled."""
    id = scored.stored.record.id
    if not why.strip():
        problems = [*problems, error("N120", Span(id))]
    if has_errors(problems):
        return None, problems
    ledger = workspace.open(who=who)
    try:
        gone = accept_cuts(ledger, id, cuts)
    finally:
        ledger.close()
    left = [problem for problem in problems if problem.code != "N121"]
    return _scored_again(id, workspace, scored.stored.cuts, gone, why, who, bank_path), left


def take_back(
    id: str, workspace: Workspace, *, why: str, who: str = "", bank_path: Path | None = None
) -> tuple[AcceptedCuts | None, list[Problem]]:
    """Let the cut of the sitting hold on every paper again, and score the sitting by it."""
    found, problems = sitting_to_score(id, workspace, bank_path)
    if found is None:
        return None, problems
    if not why.strip():
        problems.append(error("N120", Span(id)))
    if not found.stored.cuts:
        problems.append(error("N123", Span(id), id=id))
    if has_errors(problems):
        return None, problems
    ledger = workspace.open(who=who)
    try:
        before, gone = take_back_cuts(ledger, id, why)
    finally:
        ledger.close()
    return _scored_again(id, workspace, before, gone, why, who, bank_path), problems


def proposed_cuts(done: Equated, why: str) -> tuple[tuple[PaperCut, ...], list[Problem]]:
    """Return the cut of each equated paper, and what is wrong where there is none.

    It is the lowest mark of the paper that earns the cut of the base paper: the exact mark rounded up to the paper's step.
    """
    record, found = done.scored.stored.record, done.analysis
    cuts, without = [], []
    for row in found.pairs.iter_rows(named=True):
        mark, exact = row["cut_mark"], row["equated_cut"]
        if row["status"] != "ok" or mark is None or not np.isfinite([mark, exact]).all():
            without.append(row["paper"])
            continue
        se = float("nan") if row["cut_see"] is None else float(row["cut_see"])
        cuts.append(
            PaperCut(record.id, row["paper"], mark, exact, row["base"], row["cut"], row["method"], se, done.scored.basis, why)
        )
    if not cuts:
        return (), [error("N122", Span(record.id), id=record.id)]
    return tuple(cuts), [warning("N124", Span(record.id), papers=some(without), cut=f"{record.cut:g}")] if without else []


def _scored_again(
    id: str, workspace: Workspace, before: Sequence[PaperCut], gone: tuple[Stage, ...], why: str, who: str, bank_path: Path | None
) -> AcceptedCuts:
    found, _ = sitting_to_score(id, workspace, bank_path)
    assert found is not None  # it was there a moment ago
    scored = replace(as_it_stands(found, workspace), run=None)
    run = stored_run(found, scored, workspace, why=why, who=who, dry_run=False)
    return AcceptedCuts(found.stored.cuts, tuple(before), run, gone)
