"""assemble, audit: from a blueprint to papers, and every rule counted again on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from qbank.assemble import Audit, Setting, assemble, audit_forms, make_setting
from qbank.assemble.answer_patterns import answer_patterns
from qbank.assemble.compile import read_rules
from qbank.assemble.goals import read_goals
from qbank.assemble.item_columns import vocabulary
from qbank.assemble.watch import ALONE, Watch
from qbank.core.bank import Bank
from qbank.core.blueprint import Blueprint, Rule
from qbank.core.form import Form
from qbank.files.bank import shown_path
from qbank.files.blueprint import read_blueprint
from qbank.files.forms import form_text, write_form
from qbank.kinds.presentation import default_subject
from qbank.problem import Problem, Span, error, has_errors, warning
from qbank.workflow.bank import history_of, usable_bank
from qbank.workflow.paper_files import find_blueprint, read_forms
from qbank.workflow.past import near_copies, past_papers, run_of
from qbank.workflow.versions import (
    alike,
    papers_among,
    version_ids,
    with_version_checks,
    with_versions,
)
from qbank.workflow.violations import summed_up, violations
from qbank.workflow.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Assembled:
    """forms : the papers, each followed by its further versions ; paths : their files ; audit : every rule counted
    again"""

    forms: tuple[Form, ...]
    paths: tuple[Path, ...]
    audit: Audit


def bank_root(blueprint: Blueprint, path: Path) -> Path:
    """Return the folder of the bank that a blueprint names, relative to the blueprint's own file."""
    return path.parent / blueprint.bank


def bank_of(form: Form, workspace: Workspace, path: Path | None = None) -> tuple[Bank | None, list[Problem]]:
    """Return the bank of a paper: the folder given, the one that its blueprint names, or ``banks/<name>``."""
    if path is None:
        source = find_blueprint(form, workspace)
        blueprint = read_blueprint(source)[0] if source else None
        path = bank_root(blueprint, source) if blueprint and source else workspace.root / "banks" / form.bank
    if not path.is_dir():
        return None, [error("F106", Span(form.id), blueprint=form.blueprint)]
    return usable_bank(path)


def assemble_papers(
    path: Path, workspace: Workspace, *, n_forms: int | None = None, n_versions: int | None = None,
    seed: int | None = None, series: str = "1", as_of: str, into: Path | None = None, watch: Watch = ALONE,
) -> tuple[Assembled | None, list[Problem]]:  # fmt: skip
    """Write parallel papers for a blueprint, audited, or nothing and why."""
    blueprint, problems = read_blueprint(path)
    if blueprint is None:
        return None, problems
    blueprint = replace(
        blueprint, n_forms=n_forms or blueprint.n_forms, versions=n_versions or blueprint.versions,
        seed=blueprint.seed if seed is None else seed,
    )  # fmt: skip
    bank, wrong = usable_bank(bank_root(blueprint, path))
    if bank is None:
        return None, [*problems, *wrong]
    if has_errors(problems):
        return None, problems + read_rules(blueprint, vocabulary(bank))[1] + read_goals(blueprint)[1]
    history = history_of(workspace, bank.name)
    made, more = assemble(
        blueprint, bank, history, series=series, as_of=as_of, title=blueprint.title,
        subject=default_subject(bank, blueprint.level), watch=watch,
        past=past_papers(blueprint, workspace, {f"{blueprint.name}-{series}"}), alike=near_copies(blueprint, bank),
    )  # fmt: skip
    problems += more
    if made is None:
        return None, problems
    forms = with_versions(made.forms, made.setting)
    audit = with_version_checks(audit_forms(made.forms, made.setting), forms, made.setting)
    problems += violations(audit, blueprint.span) + _patterns(forms, bank) + alike(forms) + _idle_ties(made.forms, blueprint)
    folder = into or workspace.forms / blueprint.name
    paths = tuple(folder / f"{form.id}.yaml" for form in forms)
    problems += _would_change(forms, paths)
    if has_errors(problems):
        return None, problems
    for form, target in zip(forms, paths, strict=True):
        write_form(form, target)
    return Assembled(forms, paths, audit), problems


def _patterns(forms: tuple[Form, ...], bank: Bank) -> list[Problem]:
    return [
        warning("W155", Span(form.id), form=form.id, what=pattern.what, n=pattern.n, found=f"{pattern.found:.2g}")
        for form in forms
        for pattern in answer_patterns(form, bank)
        if pattern.suspicious
    ]


def _idle_ties(forms: tuple[Form, ...], blueprint: Blueprint) -> list[Problem]:
    """Return a warning of every tie-break for which a paper has no question: it can break no tie."""
    return [
        warning("P192", blueprint.span, title=tie.title, form=form.id)
        for form in forms
        for tie in (form.ranking.ties if form.ranking else ())
        if not tie.is_time and not tie.items
    ]


def _would_change(forms: tuple[Form, ...], paths: tuple[Path, ...]) -> list[Problem]:
    """Refuse to overwrite another paper of the same name: it may have been printed."""
    return [
        error("A206", Span(shown_path(path)), form=form.id)
        for form, path in zip(forms, paths, strict=True)
        if path.exists() and path.read_text("utf-8") != form_text(form)
    ]


@dataclass(frozen=True, slots=True)
class Audited:
    """audit : every rule counted again on the papers ; forms : the papers, without their further versions ;
    setting : what it was counted with ; versions : paper → the ids of its versions, where it has several"""

    audit: Audit
    forms: tuple[Form, ...]
    setting: Setting
    versions: Mapping[str, tuple[str, ...]]


def audit_papers(
    paths: tuple[Path, ...], workspace: Workspace, blueprint_path: Path | None = None
) -> tuple[Audited | None, list[Problem]]:
    """Count every rule again on finished papers. Items that came to be held since are counted all the same."""
    forms, problems = read_forms(paths)
    if not forms or has_errors(problems):
        return None, problems
    source = blueprint_path or find_blueprint(forms[0], workspace)
    if source is None:
        return None, [*problems, error("F106", Span(forms[0].id), blueprint=forms[0].blueprint)]
    blueprint, wrong = read_blueprint(source)
    problems += wrong
    if blueprint is None or has_errors(problems):
        return None, problems
    papers = papers_among(forms)
    blueprint = as_family(replace(blueprint, n_forms=len(papers)), papers)
    bank, wrong = usable_bank(bank_root(blueprint, source))
    if bank is None:
        return None, problems + wrong
    if any(form.blueprint_digest != blueprint.digest for form in forms):
        problems.append(warning("F107", blueprint.span, blueprint=blueprint.name))
    history = history_of(workspace, bank.name)
    if any(form.statistics_digest != history.digest for form in forms):
        problems.append(warning("F108", blueprint.span))
    history = replace(history, held={})
    runs = {run_of(form.id) for form in forms}
    setting, wrong = make_setting(
        blueprint, bank, history, as_of=forms[0].as_of, same_day=False,
        past=past_papers(blueprint, workspace, runs), alike=near_copies(blueprint, bank),
    )  # fmt: skip
    if setting is None:
        return None, problems + wrong
    audit = with_version_checks(audit_forms(papers, setting), forms, setting)
    broken = violations(audit, blueprint.span)
    if any(form.statistics_digest != history.digest for form in forms):
        # what was within bounds by the estimates of then need not be so by those of now: news, not a mistake
        broken = [_news(found) if _by_estimates(str(dict(found.facts)["rule"])) else found for found in broken]
    problems += summed_up(broken, len(papers)) + _patterns(forms, bank) + alike(forms)
    return Audited(audit, papers, setting, version_ids(forms)), problems


def as_family(blueprint: Blueprint, papers: tuple[Form, ...]) -> Blueprint:
    """Return a blueprint with what a family promises between its papers in place of what it says of assembled ones.

    papers : of one family all of them, else the blueprint stands as it is
    """
    place = papers[0].family
    if place is None or any(paper.family is None or paper.family.digest != place.digest for paper in papers):
        return blueprint
    apart = papers[0].certificate.score_apart
    promised = (("overlap", {"max": place.overlap}), ("characteristic", {"at": "cut", "within": f"{apart:.6g}"}))
    between = {word for word, _ in promised}
    past = ("with", "since")
    rules = [
        rule for rule in blueprint.rules
        if rule.word not in between or (isinstance(rule.value, dict) and any(key in rule.value for key in past))
    ]  # fmt: skip
    rules += [Rule(word, value, blueprint.span, lambda *_steps, **_how: blueprint.span) for word, value in promised]
    return replace(blueprint, rules=tuple(rules))


def _by_estimates(rule: str) -> bool:
    """Return whether a rule, in its own words, is about what the items' estimates say."""
    return "of: facility" in rule or rule.partition(":")[0] in ("expected_score", "sd", "information", "csem", "characteristic")


def _news(problem: Problem) -> Problem:
    return replace(problem, severity="warning")
