"""import: drafts of another program's questions → items of a bank, new or brought up to date, all or nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from qbank.core.bank import Bank
from qbank.files.bank import BankSource, lies_below, read_bank, shown_path
from qbank.files.interchange import READERS, parse_any
from qbank.files.interchange.draft import Draft
from qbank.files.interchange.encoding import read_upload
from qbank.files.interchange.qti.reading.archive import folder_package
from qbank.files.items import ItemText
from qbank.kinds import KINDS
from qbank.problem import Problem, Span, error, has_errors
from qbank.workflow.bank import no_garbage_collection
from qbank.workflow.import_placing import Placing
from qbank.workflow.import_plan import ACTIONS, Change, ImportOptions, Plan, counts
from qbank.workflow.new_items import Writing, put_changed, put_new, put_stimuli
from qbank.workflow.points import match_point, points_of


def import_file(path: Path, root: Path, options: ImportOptions, *, dry: bool) -> Plan:
    """Bring a file's questions into a bank; nothing is written where something is wrong, unless ``partial``."""
    with no_garbage_collection():
        return _import(path, root, options, dry=dry)


def _import(path: Path, root: Path, options: ImportOptions, *, dry: bool) -> Plan:
    source, problems = read_bank(root)
    if source.bank is None or has_errors(problems):
        return Plan(problems=[*problems, error("I133", Span(shown_path(root)), bank=shown_path(root))])
    wrong = _wrong_options(source.bank, options, root)
    if wrong:
        return Plan(problems=wrong)
    data, wrong = folder_package(path, shown_path(path)) if path.is_dir() else read_upload(path)
    if data is None:
        return Plan(problems=wrong)
    drafts, found = parse_any(data, shown_path(path), format=options.format, kind=options.kind)
    plan = plan_import(drafts, found, source, root, options, shown_path(path))
    if not dry:
        plan.problems += plan.writing.carry_out(root)
    return plan


def _wrong_options(bank: Bank, options: ImportOptions, root: Path) -> list[Problem]:
    problems = []
    if options.competency and options.competency not in bank.standard.competencies:
        near = match_point(points_of(bank.standard), [options.competency], options.level).near
        problems.append(error("I134", Span("--competency"), code=options.competency, near=", ".join(near)))
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,40}", options.prefix):
        problems.append(error("I135", Span("--prefix"), prefix=options.prefix))
    if options.into and not (lies_below(root / options.into, root / "items") and options.into.endswith((".yaml", ".yml"))):
        problems.append(error("I131", Span("--into"), file=options.into))
    return problems


def plan_import(
    drafts: Sequence[Draft], found: Sequence[Problem], source: BankSource, root: Path, options: ImportOptions, shown: str
) -> Plan:
    """Return what an import would do, and the bytes that it would write; touches nothing."""
    assert source.bank is not None
    plan = Plan(problems=list(found))
    placing = Placing(source, source.bank, root, options, plan)
    unread = dict.fromkeys((problem.span.path, problem.span.line) for problem in found if problem.severity == "error" and problem.span.line)
    plan.changes += [Change("refused", "", Span(path, line, 1), "") for path, line in unread]
    for draft in drafts:
        placing.take(draft)
    placing.say_defaults()
    plan.problems.sort(key=lambda problem: problem.span)
    plan.changes.sort(key=lambda change: change.span)
    if has_errors(plan.problems) and not options.partial:
        return plan
    wrong: list[Problem] = []
    by_file: dict[str, list[tuple[dict[str, Any], ItemText]]] = {}
    for before, entries, text in placing.updated:
        by_file.setdefault(before.path, []).append((entries, text))
    for path, changes in by_file.items():
        wrong += put_changed(plan.writing, Path(path), changes)
    if placing.new:
        target = options.into or f"items/imported/{_file_name(Path(shown).stem)}.yaml"
        wrong += put_new(plan.writing, root / target, placing.new)
        wanted = {str(entries.get("stimulus")) for entries, _ in placing.new}
        wanted |= {str(entries.get("stimulus")) for _, entries, _ in placing.updated}
        if stimuli := [keys for id, keys in placing.new_stimuli.items() if id in wanted]:
            put_stimuli(plan.writing, (root / target).with_suffix(".stimuli.yaml"), stimuli)
    for picture, data in placing.media.items():
        plan.writing.put(picture, data)
    if wrong:
        plan.problems, plan.writing = [*plan.problems, *wrong], Writing()
    return plan


def _file_name(name: str) -> str:
    """Return a file's name that every system can hold.

    >>> _file_name("四级 题库(终)"), _file_name("..")
    ('四级-题库-终', 'items')
    """
    return re.sub(r"[^\w.-]+", "-", name)[:60].strip("-.") or "items"


__all__ = ["ACTIONS", "KINDS", "READERS", "Change", "ImportOptions", "Plan", "counts", "import_file", "plan_import"]
