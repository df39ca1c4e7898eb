"""What people decide about items after a sitting."""

from __future__ import annotations

from dataclasses import replace

from qbank.core.form import answer_places
from qbank.ledger import Decision, write_decision
from qbank.problem import Problem, Span, error
from qbank.workflow.scoring import score_sitting
from qbank.workflow.workspace import Workspace


def decide(
    id: str, item: str, workspace: Workspace, *, verdict: str, why: str, who: str, at: str
) -> list[Problem]:
    """Record what was decided about a flagged item; ``keep`` lets it back, ``credit`` gives everybody the marks."""
    scored, problems = score_sitting(id, workspace)
    if scored is None:
        return problems
    if item not in scored.marking:
        return [*problems, error("L103", Span(id), item=item, id=id)]
    prints = {entry.id: entry.fingerprint for form in scored.forms for entry in answer_places(form)}
    ledger = workspace.open()
    try:
        decision = Decision(id, item, prints[item], verdict, why, who, at)
        write_decision(ledger, decision)
        now = scored.marking[item].fingerprint
        if now != decision.fingerprint:
            write_decision(ledger, replace(decision, fingerprint=now))
    finally:
        ledger.close()
    return problems
