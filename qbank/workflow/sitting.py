"""sitting add, list, show, remove and score: answers into the ledger and marks out of it."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from qbank.core.bank import Bank
from qbank.core.form import Form, answer_places, form_digest, form_items
from qbank.core.responses import NOT_SEEN, Responses, counted_answers
from qbank.files.answers import Reading, read_answers
from qbank.files.bank import BANK_FILE, shown_path
from qbank.files.forms import form_text
from qbank.files.sitting import SITTING_FILE, SittingText, read_sitting_text
from qbank.ledger import (
    Design,
    SittingRecord,
    Source,
    add_answers,
)
from qbank.problem import Problem, Span, error, has_errors
from qbank.workflow.assign import seen_before
from qbank.workflow.bank import usable_bank
from qbank.workflow.papers import read_forms
from qbank.workflow.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Added:
    """outcome : ``added`` or ``unchanged``"""

    outcome: str
    id: str
    n_persons: int
    n_items: int


def add_responses(
    path: Path, form_paths: tuple[Path, ...], workspace: Workspace, *, id: str | None = None,
    date: str | None = None, place: str | None = None, design: Design | None = None,
) -> tuple[Added | None, list[Problem]]:  # fmt: skip
    """Store a sitting whole, or nothing: every answer that does not fit is reported with row and column."""
    declared, problems = _declaration(path)
    forms, wrong = read_forms(form_paths or tuple(_declared_forms(declared, workspace)))
    problems += wrong
    name = id or declared.sitting or ""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
        problems.append(error("R115", Span(shown_path(path)), id=name))
    day = date or declared.date or ""
    if not _is_date(day):
        problems.append(error("R116", Span(shown_path(path)), date=day))
    if has_errors(problems) or not forms:
        return None, problems
    intake, wrong = read_answers(path, forms, name, reading=Reading(), texts={})
    problems += wrong
    if intake is None:
        return None, problems
    responses, digest = intake.responses, intake.digest
    where, how = place if place is not None else declared.place, design or declared.design
    cut = forms[0].cut if declared.cut is None else declared.cut
    source = ":".join([digest, *(form_digest(form) for form in forms), day, where, how, f"{cut:g}"])
    record = SittingRecord(
        name, day, where, how, cut, forms[0].marks, forms[0].bank, _occupation(forms[0], workspace), forms[0].level
    )
    prints = {entry.id: entry.fingerprint for form in forms for entry in answer_places(form)}
    seen = (counted_answers(responses) != NOT_SEEN).sum(axis=0)
    uses = tuple((item, prints[item], int(n)) for item, n in zip(responses.items, seen, strict=True))
    uses += case_uses(forms, responses)
    ledger = workspace.open()
    try:
        papers = tuple((form.id, form_digest(form), form_text(form)) for form in forms)
        outcome = add_answers(ledger, record, papers, responses, Source(source, path.name, exposure=uses))
    finally:
        ledger.close()
    if outcome == "different":
        return None, [*problems, error("R117", Span(shown_path(path)), id=name)]
    problems += seen_before(name, workspace) if outcome != "unchanged" else []
    return Added(outcome, name, len(responses.persons), len(responses.items)), problems


def _occupation(form: Form, workspace: Workspace) -> str:
    """Return code and title of the occupation that a paper examines, "" where its bank is away."""
    bank, _ = sitting_bank(form.bank, workspace, None)
    return "" if bank is None else f"{bank.standard.occupation.code} {bank.standard.occupation.title}".strip()


def case_uses(forms: tuple[Form, ...], responses: Responses) -> tuple[tuple[str, str, int], ...]:
    """Return (id, fingerprint, persons who had it) of every case: exposure counts by the case, not by its parts."""
    column = {id: index for index, id in enumerate(responses.items)}
    cases = {entry.id: entry for form in forms for entry in form_items(form) if entry.parts}
    seen = counted_answers(responses) != NOT_SEEN
    return tuple(
        (id, entry.fingerprint, int(seen[:, [column[part.id] for part in entry.parts]].any(axis=1).sum()))
        for id, entry in cases.items()
    )


def _is_date(text: str) -> bool:
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _declaration(path: Path) -> tuple[SittingText, list[Problem]]:
    beside = path.parent / SITTING_FILE
    if not beside.is_file():
        return SittingText(), []
    declared, problems = read_sitting_text(beside)
    return declared or SittingText(), problems


def _declared_forms(declared: SittingText, workspace: Workspace) -> list[Path]:
    found = []
    for name in declared.forms:
        matches = sorted(workspace.forms.glob(f"*/{name}.yaml")) if re.fullmatch(r"[\w.-]+", name) else []
        found.append(matches[0] if matches else workspace.forms / f"{name}.yaml")
    return found


def sitting_bank(name: str, workspace: Workspace, path: Path | None) -> tuple[Bank | None, list[Problem]]:
    """Return the bank of a sitting; None where it is away.

    It is the folder given, ``banks/<name>`` of the workspace, another of its ``banks/`` that has the name, or the
    workspace itself where that is the bank.
    """
    for root in (path,) if path else (workspace.root / "banks" / name, *_banks_named(name, workspace), workspace.root):
        if (root / BANK_FILE).is_file():
            bank, problems = usable_bank(root)
            return (bank, problems) if bank is None or bank.name == name else (None, [])
    return None, []


def _banks_named(name: str, workspace: Workspace) -> Iterator[Path]:
    """Yield the folders of ``banks/`` whose bank file has the name, without reading the banks."""
    line = re.compile(rf"^bank:[ \t]*(['\"]?){re.escape(name)}\1[ \t]*(#.*)?$".encode(), re.MULTILINE)
    for file in sorted(workspace.root.glob(f"banks/*/{BANK_FILE}")):
        if line.search(file.read_bytes().replace(b"\r", b"")):
            yield file.parent
