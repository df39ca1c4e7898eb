"""capacity, why: what a bank supports, and why an item is on a paper or not."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from pathlib import Path

from qbank.assemble.capacity import Capacity, capacity
from qbank.assemble.compile import compile_program
from qbank.assemble.growth import Growth, growth
from qbank.assemble.setting import Setting, make_setting, scene_of
from qbank.assemble.sittings import Policy, play_policy
from qbank.assemble.verify import selection_of
from qbank.assemble.why import Why, objective_kind, papers_of, why_on, why_planned
from qbank.core.bank import Bank
from qbank.core.blueprint import Blueprint
from qbank.core.form import Form, form_items
from qbank.files.bank import shown_path
from qbank.files.blueprint import read_blueprint
from qbank.files.forms import read_form
from qbank.files.tables import Cell as TableCell
from qbank.files.tables import write_csv
from qbank.messages import Language, text
from qbank.problem import Problem, Span, error, has_errors, warning
from qbank.workflow.bank import history_of, usable_bank
from qbank.workflow.paper_files import find_blueprint
from qbank.workflow.papers import bank_root
from qbank.workflow.past import near_copies, past_papers, run_of
from qbank.workflow.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Supported:
    """What a bank supports by a blueprint: papers now, sittings to come."""

    setting: Setting
    capacity: Capacity
    growth: tuple[Growth, ...]
    policy: Policy | None


def count_papers(
    path: Path, workspace: Workspace, *, as_of: str, overlap: int = 0, most: int, every: int, quick: bool = False
) -> tuple[Supported | None, list[Problem]]:
    """Return how many papers and sittings the bank supports, or nothing and what is wrong with the blueprint.

    quick : leave out what would have to be written, and the sittings
    """
    setting, problems = _setting_of(path, workspace, as_of)
    if setting is None:
        return None, problems
    size = sum(section.items for section in setting.blueprint.sections)
    if overlap >= size:
        return None, [*problems, error("A254", setting.blueprint.span, overlap=overlap, size=size)]
    found = capacity(setting, overlap=overlap, most=most)
    more = () if quick or found.capped else growth(setting, found.found, overlap=overlap)
    return Supported(setting, found, more, None if quick else play_policy(setting, every=every)), problems


def _setting_of(path: Path, workspace: Workspace, as_of: str) -> tuple[Setting | None, list[Problem]]:
    blueprint, bank, problems = _read(path)
    if blueprint is None or bank is None:
        return None, problems
    setting, wrong = make_setting(
        blueprint, bank, history_of(workspace, bank.name), as_of=as_of, past=past_papers(blueprint, workspace, ()),
        alike=near_copies(blueprint, bank),
    )  # fmt: skip
    return (None if has_errors(problems) else setting), problems + wrong


def _read(path: Path) -> tuple[Blueprint | None, Bank | None, list[Problem]]:
    blueprint, problems = read_blueprint(path)
    if blueprint is None:
        return None, None, problems
    bank, wrong = usable_bank(bank_root(blueprint, path))
    return blueprint, bank, problems + wrong


@dataclass(frozen=True, slots=True)
class Explained:
    """Why an item is on a paper or not; form : the paper's id, "" where only a blueprint was asked about ; printed :
    whether the paper holds the item, usable today or not ; kind : what the objective counts
    """

    setting: Setting
    why: Why
    form: str
    papers: tuple[str, ...]
    printed: bool = False
    kind: str = "information"


def explain_item(
    item: str, workspace: Workspace, *, form_path: Path | None, blueprint_path: Path | None, as_of: str
) -> tuple[Explained | None, list[Problem]]:
    """Return why an item is on a paper or not, or whether it may stand on a blueprint's papers at all."""
    if form_path is not None:
        return _explain_on_paper(item, form_path, blueprint_path, workspace)
    if blueprint_path is None:
        return None, [error("A251", Span(item), item=item)]
    setting, problems = _setting_of(blueprint_path, workspace, as_of)
    if setting is None:
        return None, problems
    problems += _unknown(item, setting.bank, None)
    if has_errors(problems):
        return None, problems
    program = compile_program(setting.rules, scene_of(setting))
    return Explained(setting, why_planned(item, setting, program), "", ()), problems


def _explain_on_paper(
    item: str, path: Path, blueprint_path: Path | None, workspace: Workspace
) -> tuple[Explained | None, list[Problem]]:
    form, problems = read_form(path)
    if form is None or has_errors(problems):
        return None, problems
    source = blueprint_path or find_blueprint(form, workspace)
    if source is None:
        return None, [*problems, error("F106", Span(form.id), blueprint=form.blueprint)]
    blueprint, bank, wrong = _read(source)
    problems += wrong
    if blueprint is None or bank is None or has_errors(problems):
        return None, problems
    if blueprint.name != form.blueprint:
        return None, [*problems, error("A252", blueprint.span, form=form.id, made_by=form.blueprint, given=blueprint.name)]
    problems += _unknown(item, bank, form)
    if has_errors(problems):
        return None, problems
    forms = _siblings(form, path)
    history = history_of(workspace, bank.name)
    if form.blueprint_digest != blueprint.digest:
        problems.append(warning("F107", blueprint.span, blueprint=blueprint.name))
    if form.statistics_digest != history.digest:
        problems.append(warning("F108", blueprint.span))
    blueprint = replace(blueprint, n_forms=len(forms))
    setting, wrong = make_setting(
        blueprint, bank, history, as_of=form.as_of, same_day=False,
        past=past_papers(blueprint, workspace, {run_of(form.id)}), alike=near_copies(blueprint, bank),
    )  # fmt: skip
    problems += wrong
    if setting is None:
        return None, problems
    gone = [entry.id for entry in form_items(form) if entry.id not in setting.pool.ids]
    if gone:
        problems.append(warning("A253", Span(shown_path(path)), form=form.id, n=len(gone), items=", ".join(gone[:5])))
    names = tuple(one.id for one in forms)
    selections = tuple(selection_of(one, setting.pool) for one in forms)
    papers = papers_of(setting, selections, names, names.index(form.id))
    printed = any(entry.id == item for entry in form_items(form))
    return Explained(setting, why_on(item, setting, papers), form.id, names, printed, objective_kind(papers)), problems


def _siblings(form: Form, path: Path) -> tuple[Form, ...]:
    """Return the papers of the set that a paper was made in, as far as they lie beside it."""
    series = form.id.rpartition("-")[0]
    forms = {form.id: form}
    for other in sorted(path.resolve().parent.glob("*.yaml")):
        found = read_form(other)[0] if other.stem.startswith(f"{series}-") else None
        if found and found.id.rpartition("-")[0] == series and _made_with(found) == _made_with(form):
            forms.setdefault(found.id, found)
    return tuple(forms[id] for id in sorted(forms))


def _made_with(form: Form) -> tuple[object, ...]:
    return form.blueprint, form.blueprint_digest, form.bank_digest, form.statistics_digest, form.as_of, form.seed


def _unknown(item: str, bank: Bank, form: Form | None) -> list[Problem]:
    if item in bank.items:
        return []
    if form is not None and any(entry.id == item for entry in form_items(form)):
        return [error("F102", Span(bank.root), item=item, form=form.id)]
    near = difflib.get_close_matches(item, bank.items, n=1, cutoff=0.5)
    return [error("A250", Span(bank.root), item=item, n=len(bank.items), suggestion=near[0] if near else "")]


def write_cells(found: Supported, path: Path, language: Language) -> None:
    """Write the cells with what they allow as CSV."""
    names = ("section", "domain", "domain_title", "grade", "have", "least", "used", "papers")
    titles = {domain.code: domain.title for domain in found.setting.bank.standard.domains}
    rows: list[list[TableCell]] = [
        [
            cell.section, cell.domain, titles.get(cell.domain, ""), cell.grade or None, cell.have, cell.least, cell.used,
            None if cell.papers < 0 else cell.papers,
        ]
        for cell in found.capacity.cells
    ]  # fmt: skip
    write_csv(path, [text(language, f"cli.capacity.{name}") for name in names], rows)
