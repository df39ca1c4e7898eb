"""From stored answers to marks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from qbank.core.form import Form, answer_places
from qbank.files.forms import parse_form
from qbank.kinds.scoring import Marking, Scores, markings, score
from qbank.ledger import Identity, StoredSitting, decisions_of, identities_of, read_sitting
from qbank.problem import Problem, Span, error, has_errors
from qbank.workflow.sitting import sitting_bank
from qbank.workflow.workspace import Workspace


@dataclass(frozen=True, slots=True)
class ScoredSitting:
    """A stored sitting with the marks that its answers earn now; ``identities`` by pseudonym, who is still known."""

    stored: StoredSitting
    forms: tuple[Form, ...]
    marking: dict[str, Marking]
    credited: frozenset[str]
    scores: Scores
    identities: Mapping[str, Identity]


def score_sitting(
    id: str, workspace: Workspace, bank_path: Path | None = None
) -> tuple[ScoredSitting | None, list[Problem]]:
    """Return the marks of a sitting: by the keys as printed, or by keys corrected in the bank since."""
    if not workspace.has_ledger():
        return None, [error("L102", Span(id), id=id)]
    ledger = workspace.open()
    try:
        stored = read_sitting(ledger, id)
        decisions = decisions_of(ledger, id)
        identities = identities_of(ledger, id)
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
    bank, wrong = sitting_bank(stored.record.bank, workspace, bank_path)
    marking = markings(tuple(forms), bank)
    verdicts = {(entry.item, entry.fingerprint): entry.verdict for entry in decisions}
    prints = {entry.id: entry.fingerprint for form in forms for entry in answer_places(form)}
    credited = frozenset(item for item, found in prints.items() if verdicts.get((item, found)) == "credit")
    scores = score(stored.responses, marking, credited)
    return ScoredSitting(stored, tuple(forms), marking, credited, scores, identities), problems + wrong
