"""sitting add: files of answers into the ledger, whole or not at all."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from qbank.core.bank import Bank
from qbank.core.form import Form, form_digest
from qbank.core.item import digest as digest_of
from qbank.core.scoring_rules import as_settings
from qbank.files.answers import MAPPING_FILE, Accepting, Intake, Reading, read_answers, read_mapping
from qbank.files.bank import BANK_FILE, shown_path
from qbank.files.forms import form_text, parse_form
from qbank.files.sitting import SITTING_FILE, SittingText, read_sitting_text
from qbank.kinds.answer_texts import answer_texts
from qbank.ledger import (
    Design,
    Ledger,
    OtherParts,
    SittingRecord,
    Source,
    add_answers,
    answer_marks_of,
    as_facts,
    changes_by,
    file_parts,
    list_sittings,
    read_other_parts,
    read_papers,
    read_sitting,
)
from qbank.problem import Problem, Span, error, has_errors
from qbank.workflow.bank import usable_bank
from qbank.workflow.exam_answers import shown_texts, written_answers
from qbank.workflow.had_before import seen_before
from qbank.workflow.paper_files import read_forms
from qbank.workflow.parts import RATINGS, clashes, papers_of_persons, part_name, uses_of
from qbank.workflow.repeaters import unmatched_persons
from qbank.workflow.sitting_facts import answer_counts, standing_counts
from qbank.workflow.standing import unfitting_marks
from qbank.workflow.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Intaking:
    """What the command line says of how a file is taken in.

    mapping : the file that says how it is read ; scored : cells are marks ; sheet : of a workbook ; replace, why : it
    corrects the one before ; who : answers for it, the system's user if nobody is named ; format : what the file is,
    "" where its content tells ; also : further files of answers given on screen, one a candidate ; room_codes : by which
    their signatures are checked ; unsigned : they are taken in without a signature that fits ; written : where answers that
    people must mark are written, by the ending of its name
    """

    mapping: Path | None = None
    scored: bool = False
    sheet: str = ""
    replace: bool = False
    why: str = ""
    who: str = ""
    format: str = ""
    also: tuple[Path, ...] = ()
    room_codes: tuple[str, ...] = ()
    unsigned: bool = False
    written: Path | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """What became of one file.

    outcome : ``added``, ``unchanged`` or ``replaced`` ; standings, answers : word → how many ; changes : counts of what a
    corrected file changed ; settings : how it was read
    """

    outcome: str
    id: str
    n_persons: int
    n_items: int
    part: str = ""
    standings: Mapping[str, int] = field(default_factory=dict)
    answers: Mapping[str, int] = field(default_factory=dict)
    changes: Mapping[str, int] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)


def add_responses(
    path: Path, form_paths: tuple[Path, ...], workspace: Workspace, *, id: str | None = None,
    date: str | None = None, place: str | None = None, design: Design | None = None, part: str | None = None,
    how: Intaking | None = None,
) -> tuple[Added | None, list[Problem]]:  # fmt: skip
    """Store one file of answers whole, or nothing: every answer that does not fit is reported with row and column.

    part : the station whose file it is, where a sitting has several; marks of raters are a part of their own. What nobody
    says of a sitting that is there already stays as it is.
    """
    how = how or Intaking()
    declared, problems = _declaration(path)
    reading, wrong = _reading(path, declared, how)
    problems += wrong
    name = id or declared.sitting or ""
    there = None if (path.parent / SITTING_FILE).is_file() else sitting_there(name, workspace)
    forms, wrong = (there[1], []) if there and not form_paths else read_forms(form_paths or tuple(_declared_forms(declared, workspace)))
    problems += wrong
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
        problems.append(error("R115", Span(shown_path(path)), id=name))
    day = date or declared.date or (there[0].date if there else "")
    if not _is_date(day):
        problems.append(error("R116", Span(shown_path(path)), date=day))
    if part is not None and not re.fullmatch(r"[^\s/][^/\n]{0,99}|", part):
        problems.append(error("R225", Span(shown_path(path)), part=part))
    if how.replace and not how.why.strip():
        problems.append(error("R224", Span(shown_path(path))))
    if has_errors(problems) or not forms or reading is None:
        return None, problems
    bank, _ = sitting_bank(forms[0].bank, workspace, None)
    others = other_parts(name, part_name(part, rated=True), workspace)
    intake, wrong = read_answers(
        path, forms, name, reading=reading, texts=answer_texts(forms, bank), known=papers_of_persons(others), also=how.also,
        accepting=Accepting(how.room_codes, how.unsigned, shown_texts(forms, bank)),
    )  # fmt: skip
    part = part_name(part, rated=intake is not None and intake.ratings is not None)
    problems += [problem for problem in wrong if not (part and problem.code == "R205")]
    if intake is None:
        return None, problems
    if intake.written:
        problems.append(written_answers(intake.written, how.written, path, workspace.language))
    others = others if part == RATINGS else other_parts(name, part, workspace)
    if wrong := clashes(intake.responses, others, shown_path(path)):
        return None, [*problems, *wrong]
    where, plan = place if place is not None else declared.place, design or declared.design
    cut = forms[0].cut if declared.cut is None else declared.cut
    settings: dict[str, Any] = {"scoring": as_settings(declared.scoring, given_only=True)} if declared.scoring else {}
    if pilots := sorted({form.family.family for form in forms if form.family is not None and form.family.pilot}):
        settings["pilot"] = pilots
    record = SittingRecord(
        name, day, where, plan, cut, forms[0].marks, forms[0].bank, occupation_of(bank), forms[0].level, settings
    )
    if there:
        record = replace(there[0], date=day, place=place if place is not None else there[0].place,
                         design=design or there[0].design)  # fmt: skip
    ledger = workspace.open()
    try:
        ledger = replace(ledger, who=how.who) if how.who else ledger
        uses = uses_of(forms, intake.responses, others)
        outcome, changes = _stored(ledger, record, forms, intake, path.name, part, how, uses)
        problems += _marks_left(name, ledger) if outcome == "replaced" else []
        problems += unmatched_persons(ledger, name, Span(shown_path(path))) if outcome in ("added", "replaced") else []
    finally:
        ledger.close()
    if outcome == "different":
        return None, [*problems, error("R117", Span(shown_path(path)), id=name)]
    problems += seen_before(name, workspace) if outcome != "unchanged" else []
    found = intake.responses
    return Added(
        outcome, name, len(found.persons), len(found.items), part, standing_counts(found), answer_counts(found), changes,
        intake.settings,
    ), problems  # fmt: skip


def _stored(
    ledger: Ledger, record: SittingRecord, forms: tuple[Form, ...], intake: Intake, file: str, part: str, how: Intaking,
    uses: tuple[tuple[str, str, int], ...],
) -> tuple[str, Mapping[str, int]]:  # fmt: skip
    """Return what became of the answers in the ledger, and what a corrected file changed."""
    responses = intake.responses
    read_by = digest_of({"settings": repr(sorted(intake.settings.items()))})
    digest = ":".join([intake.digest, *(form_digest(form) for form in forms), read_by])
    changes = as_facts(changes_by(ledger, record.id, part, responses, intake.documents)) if how.replace else {}
    source = Source(
        digest, file, part, how.why.strip(), intake.settings, intake.names, intake.documents,
        tuple(use for use in uses if use[2]), changes,
    )  # fmt: skip
    papers = tuple((form.id, form_digest(form), form_text(form)) for form in forms)
    outcome = add_answers(ledger, record, papers, responses, source, ratings=intake.ratings, replace=how.replace)
    return outcome, changes if outcome == "replaced" else {}


def _marks_left(id: str, ledger: Ledger) -> list[Problem]:
    """Return a warning where answers were declared void, and a corrected file has nothing of them any more."""
    stored = read_sitting(ledger, id) if answer_marks_of(ledger, id) else None
    return unfitting_marks(id, stored.unfitting) if stored else []


def _reading(path: Path, declared: SittingText, how: Intaking) -> tuple[Reading | None, list[Problem]]:
    """Return how a file is read: by the mapping file named, declared or beside it, and what the command line says."""
    beside = path.parent / MAPPING_FILE
    file = how.mapping or (path.parent / declared.mapping if declared.mapping else beside if beside.is_file() else None)
    reading, problems = read_mapping(file) if file else (Reading(), [])
    if reading is None:
        return None, problems
    return replace(
        reading, scored=reading.scored or how.scored, sheet=how.sheet or reading.sheet,
        forms={**declared.aliases, **reading.forms}, format=how.format or reading.format,
    ), problems  # fmt: skip


def sitting_there(id: str, workspace: Workspace) -> tuple[SittingRecord, tuple[Form, ...]] | None:
    """Return what is stored of a sitting and its papers, None where there is none of that name."""
    if not id or not workspace.has_ledger():
        return None
    ledger = workspace.open()
    try:
        record = next((record for record, _ in list_sittings(ledger) if record.id == id), None)
        papers = read_papers(ledger, id) if record else ()
    finally:
        ledger.close()
    forms = [parse_form(source, id)[0] for _, source in papers]
    return None if record is None or not forms or None in forms else (record, tuple(form for form in forms if form))


def other_parts(id: str, part: str, workspace: Workspace) -> OtherParts | None:
    """Return what a sitting has besides a part, None where that is nothing."""
    if not workspace.has_ledger():
        return None
    ledger = workspace.open()
    try:
        return read_other_parts(ledger, id, part)
    finally:
        ledger.close()


def part_counts(ledger: Ledger, id: str) -> dict[str, int]:
    """Return how many parts a sitting has, and how many files were corrected."""
    parts = file_parts(ledger, id)
    return {"parts": sum(one.current for one in parts), "corrections": sum(not one.current for one in parts)}


def occupation_of(bank: Bank | None) -> str:
    """Return code and title of the occupation that a paper examines, "" where its bank is away."""
    return "" if bank is None else f"{bank.standard.occupation.code} {bank.standard.occupation.title}".strip()


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
    """Return the bank of a sitting; None where it is away. A folder that is named must be that bank."""
    root = path or bank_root(name, workspace, path)
    if root is None:
        return None, []
    bank, problems = usable_bank(root)
    if bank is None or bank.name == name:
        return bank, problems
    return None, [error("M118", Span(shown_path(path)), found=bank.name, bank=name)] if path else []


def bank_root(name: str, workspace: Workspace, path: Path | None) -> Path | None:
    """Return the folder of a sitting's bank, None where there is no bank at all.

    It is the folder given, ``banks/<name>`` of the workspace, another of its ``banks/`` that has the name, or the
    workspace itself where that is the bank.
    """
    roots = (path,) if path else (workspace.root / "banks" / name, *_banks_named(name, workspace), workspace.root)
    return next((root for root in roots if (root / BANK_FILE).is_file()), None)


def _banks_named(name: str, workspace: Workspace) -> Iterator[Path]:
    """Yield the folders of ``banks/`` whose bank file has the name, without reading the banks."""
    line = re.compile(rf"^bank:[ \t]*(['\"]?){re.escape(name)}\1[ \t]*(#.*)?$".encode(), re.MULTILINE)
    for file in sorted(workspace.root.glob(f"banks/*/{BANK_FILE}")):
        if line.search(file.read_bytes().replace(b"\r", b"")):
            yield file.parent
