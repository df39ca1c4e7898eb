"""status, queue: the steps of items through the editorial office, and who has what to do."""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from qbank.core.bank import Bank
from qbank.core.editorial import (
    CHANGED,
    SIGNED,
    Person,
    Standing,
    Workflow,
    changed_halves,
    effective_status,
    follow,
)
from qbank.core.item import Item, Status, Step
from qbank.files.bank import BankSource
from qbank.files.disk import read_text
from qbank.files.item_files import yaml_files
from qbank.files.splice import Edit, Planned, appending, edit_files, file_digest, item_block, setting, splice
from qbank.lint.editorial import fault_problem
from qbank.messages import text
from qbank.problem import Problem, Span, error
from qbank.workflow.bank import check_bank

FORWARD: tuple[Status, ...] = ("in_review", "approved", "live", "released")
"""Steps that no item with an error takes; it can still be sent back, suspended and retired."""


@dataclass(frozen=True, slots=True)
class Request:
    """A step that somebody wants to take with items; ``patterns`` are ids, ``*`` stands for any characters."""

    patterns: tuple[str, ...]
    to: Status
    by: str
    on: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """An item that took a step: what it counted as before, what it is now, the file that says so."""

    id: str
    start: Status
    reached: Status
    path: str


@dataclass(frozen=True, slots=True)
class _Plan:
    moved: Moved
    edits: tuple[Edit, ...]


def change_status(root: Path, request: Request) -> tuple[list[Moved], list[Problem]]:
    """Take a step with items and write it down beside them; all of them or none.

    Only the lines of these items change, and only in files that are still what was read.
    """
    paths, _ = yaml_files(root / "items", root) if root.is_dir() else ([], [])
    digests = {shown: (path, file_digest(path)) for path, shown in paths}
    source, found = check_bank(root, cached=True)
    if source.bank is None:
        return [], [problem for problem in found if problem.severity == "error"]
    wrong = _errors_by_file([problem for problem in found if problem.severity == "error"], digests)
    ids, problems = _chosen(source, request, wrong)
    plans: list[_Plan] = []
    for id in ids:
        place = source.texts[id].place("id")
        if request.to in FORWARD and (codes := _codes_within(id, wrong.get(place.path))):
            problems.append(error("J121", place, id=id, codes=codes, to=request.to))
            continue
        plan, refused = _plan(source, id, request)
        problems += refused
        if plan:
            plans.append(plan)
    if problems:
        return [], problems
    files = dict.fromkeys(plan.moved.path for plan in plans)
    problems = edit_files({digests[shown][0]: _planned(shown, digests[shown][1], plans) for shown in files})
    return ([], problems) if problems else ([plan.moved for plan in plans], [])


def _planned(shown: str, digest: str, plans: Sequence[_Plan]) -> Planned:
    edits = [edit for plan in plans if plan.moved.path == shown for edit in plan.edits]
    return Planned(shown, digest, lambda words: splice(words, edits, path=shown))


def _chosen(
    source: BankSource, request: Request, wrong: Mapping[str, _Wrong]
) -> tuple[list[str], list[Problem]]:
    """Return the ids that the patterns mean, in the order given; items that cannot be read take no step at all."""
    chosen: dict[str, None] = {}
    problems = []
    place = Span(source.bank.root if source.bank else "")
    for pattern in request.patterns:
        matching = [id for id in sorted(source.texts) if fnmatch.fnmatchcase(id, pattern)]
        chosen.update(dict.fromkeys(matching))
        broken = sorted(id for id in source.declared - {*source.texts} if fnmatch.fnmatchcase(id, pattern))
        for id in broken:
            codes = next((found for one in wrong.values() if (found := _codes_within(id, one))), "–")
            problems.append(error("J121", place, id=id, codes=codes, to=request.to))
        if not matching and not broken:
            near = difflib.get_close_matches(pattern, source.declared, n=1)
            problems.append(error("J120", place, pattern=pattern, suggestion=near[0] if near else ""))
    return [*chosen], problems


@dataclass(frozen=True, slots=True)
class _Wrong:
    """A file with errors: its text and they."""

    text: str
    errors: tuple[Problem, ...]


def _errors_by_file(errors: Sequence[Problem], digests: Mapping[str, tuple[Path, str]]) -> dict[str, _Wrong]:
    found = {}
    for shown in sorted({problem.span.path for problem in errors} & {*digests}):
        words, _ = read_text(digests[shown][0], shown)
        found[shown] = _Wrong(words or "", tuple(problem for problem in errors if problem.span.path == shown))
    return found


def _codes_within(id: str, wrong: _Wrong | None) -> str:
    """Return the codes of the errors that stand in the lines of an item, an empty text where there are none."""
    block = item_block(wrong.text, id) if wrong else None
    if wrong is None or block is None or isinstance(block, Problem):
        return ""
    codes = {p.code for p in wrong.errors if block.first_line <= p.span.line <= block.last_line}
    return ", ".join(sorted(codes))


def _plan(source: BankSource, id: str, request: Request) -> tuple[_Plan | None, list[Problem]]:
    bank, item = source.bank, source.texts[id].item
    assert bank is not None
    revision, workflow = bank.fingerprints[id], bank.workflow
    start = effective_status(item, revision, workflow)
    step = Step(request.to, request.by, request.on, request.note, revision if request.to == "approved" else "")
    fell_back = start != item.status and bool(item.steps) and request.to != "in_review"
    again = Step("in_review", request.by, request.on, text(bank.language, "cli.status.changed"))
    new = (again, step) if fell_back else (step,)
    steps = (*item.steps, *new)
    standing = follow(steps, workflow, item.author, start=None if item.steps else start)
    place = source.texts[id].place("id")
    problems = [fault_problem(fault, place) for fault in standing.faults if fault.step >= len(item.steps)]
    if not problems:
        problems = list(_refused(standing, start, step, revision, workflow, id, place))
    if problems:
        return None, problems
    edits = [appending(id, "log", _entry(one)) for one in new]
    if standing.status != item.status:
        edits.insert(0, setting(id, "status", standing.status))
    return _Plan(Moved(id, start, standing.status, source.texts[id].path), tuple(edits)), []


def _refused(
    standing: Standing, start: Status, step: Step, revision: str, workflow: Workflow | None, id: str, place: Span
) -> Iterator[Problem]:
    """Yield what only the step about to be taken can have wrong."""
    if step.to == "draft" and start == "in_review" and not step.note.strip():
        yield error("J116", place, id=id)
    if workflow and step.to == "live" and standing.approved != revision:
        yield error("J115", place, id=id, to=step.to)


def _entry(step: Step) -> dict[str, str]:
    entry = {"to": step.to, "by": step.by, "on": step.on, "note": step.note, "fingerprint": step.fingerprint}
    return {key: value for key, value in entry.items() if value}


@dataclass(frozen=True, slots=True)
class Task:
    """What somebody has to do with an item.

    person : id, empty where anybody may ; task : write, name (say who the author is), review, approve, release, decide ; since : the day of the last
    step ; note : what the last step said ; changed : what is not as it was approved
    """

    person: str
    task: str
    item: str
    status: Status
    author: str
    since: str
    note: str
    changed: str


TASKS = ("write", "name", "review", "approve", "release", "decide")


def tasks(bank: Bank, *, by: str | None = None) -> list[Task]:
    """Return what everybody has to do, by person as bank.yaml lists them, then by task and item.

    bank : as written, not settled ; by : of this person only
    """
    workflow = bank.workflow
    found: list[Task] = []
    for id, item in bank.items.items():
        status = effective_status(item, bank.fingerprints[id], workflow)
        standing = follow(item.steps, workflow, item.author)
        note = standing.last.note if standing.last else ""
        since = standing.last.on if standing.last else ""
        changed = ""
        if item.status in SIGNED and status == "in_review" and standing.approved:
            changed = CHANGED[changed_halves(standing.approved, bank.fingerprints[id])]
            note = ""
        for person, task in _duties(item, status, standing, bank.fingerprints[id], workflow):
            found.append(Task(person, task, id, status, item.author, since, note, changed))
    order = [*workflow.people, ""] if workflow else sorted({task.person for task in found})
    found = [task for task in found if by is None or task.person == by]
    return sorted(found, key=lambda task: (order.index(task.person), TASKS.index(task.task), task.item))


def _duties(
    item: Item, status: Status, standing: Standing, revision: str, workflow: Workflow | None
) -> Iterator[tuple[str, str]]:
    """Yield who has to do what with an item."""
    if workflow is None:
        person = item.author if status == "draft" else ""
        task = {"draft": "write", "in_review": "approve", "approved": "release", "suspended": "decide"}.get(status)
        if task:
            yield person, task
        return
    present = [person for person in workflow.people.values() if not person.until]
    approvers = [person for person in present if "approver" in person.roles]
    match status:
        case "draft":
            writers = [person for person in present if "writer" in person.roles]
            own = [person for person in writers if person.id == item.author]
            yield from ((person.id, "write") for person in own or writers)
        case "in_review" if workflow.four_eyes and not item.author:
            yield "", "name"  # nobody may sign before it is known whose own item it is
        case "in_review":
            yield from _judges(item, standing.reviewers(revision), present, workflow)
        case "approved":
            yield from ((person.id, "release") for person in approvers)
        case "suspended":
            yield from ((person.id, "decide") for person in approvers)


def _judges(
    item: Item, signed: frozenset[str], present: Sequence[Person], workflow: Workflow
) -> Iterator[tuple[str, str]]:
    """Yield who is to review or to approve an item that waits: never its author, nobody who has signed already."""
    n_signed = sum("reviewer" in workflow.people[name].roles for name in signed if name in workflow.people)
    for person in present:
        if person.id in signed or (workflow.four_eyes and person.id == item.author):
            continue
        reviews, approves = "reviewer" in person.roles, "approver" in person.roles
        if approves and n_signed + reviews >= workflow.reviewers:
            yield person.id, "approve"
        elif reviews and n_signed < workflow.reviewers:
            yield person.id, "review"
