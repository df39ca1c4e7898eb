"""sitting add, list, show, remove and score: answers into the ledger and marks out of it."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from qbank.core.bank import Bank
from qbank.core.form import Form, answer_places, form_digest, form_items
from qbank.core.responses import NOT_SEEN, Responses, counted_answers
from qbank.files.bank import BANK_FILE, shown_path
from qbank.files.forms import form_text, parse_form
from qbank.files.responses import read_responses
from qbank.files.sitting import SITTING_FILE, SittingText, read_sitting_text
from qbank.files.tables import Cell, write_csv, write_xlsx
from qbank.kinds.scoring import Marking, Scores, markings, score
from qbank.ledger import (
    Design,
    Identity,
    SittingRecord,
    Source,
    StoredSitting,
    add_answers,
    decisions_of,
    identities_of,
    read_sitting,
)
from qbank.messages import Language, text
from qbank.problem import Problem, Span, error, has_errors
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
    responses, digest, wrong = read_responses(path, forms, name)
    problems += wrong
    if responses is None:
        return None, problems
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


def results_table(scored: ScoredSitting, language: Language) -> tuple[list[str], list[list[Cell]]]:
    """Return the 成绩单: person, paper, groups, marks by section, total, verdict."""
    record, responses, scores = scored.stored.record, scored.stored.responses, scored.scores
    titles = list(dict.fromkeys(section.title for form in scored.forms for section in form.sections))
    header = [text(language, f"result.{name}") for name in ("person", "form")]
    group_names = [name for name, _ in responses.groups]
    header += [text(language, f"result.{name}") for name in group_names]
    header += [*titles, text(language, "result.total"), text(language, "result.verdict")]
    column = {id: index for index, id in enumerate(responses.items)}
    sections = [
        {section.title: [column[entry.id] for entry in answer_places(section)] for section in form.sections}
        for form in scored.forms
    ]
    earned = np.nan_to_num(scores.share) * scores.counted[responses.form]
    rows: list[list[Cell]] = []
    for row, person in enumerate(responses.persons):
        form = int(responses.form[row])
        known = scored.identities.get(person)
        cells: list[Cell] = [known.number if known else person, responses.forms[form], *(values[row] for _, values in responses.groups)]
        if scores.present[row]:
            cells += [round(float(earned[row, sections[form].get(title, [])].sum()), 2) for title in titles]
            total = float(scores.total[row])
            word = "pass" if total >= record.cut - 1e-9 else "fail"
            cells += [round(total, 2), text(language, f"result.{word}")]
        else:
            cells += [*([None] * len(titles)), None, text(language, "result.void")]
        rows.append(cells)
    return header, rows


def write_results(scored: ScoredSitting, folder: Path, language: Language) -> tuple[Path, ...]:
    """Write the results as CSV (with BOM) and XLSX."""
    header, rows = results_table(scored, language)
    name = f"{scored.stored.record.id}-results"
    write_csv(folder / f"{name}.csv", header, rows)
    write_xlsx(folder / f"{name}.xlsx", text(language, "result.sheet"), header, rows)
    return folder / f"{name}.csv", folder / f"{name}.xlsx"


