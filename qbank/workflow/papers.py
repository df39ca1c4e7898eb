"""assemble, audit, print: from a blueprint to what the printer gets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from qbank.assemble import Audit, Setting, assemble, audit_forms, make_setting
from qbank.assemble.answer_patterns import answer_patterns
from qbank.assemble.compile import read_rules
from qbank.assemble.goals import read_goals
from qbank.assemble.item_columns import vocabulary
from qbank.assemble.watch import ALONE, Watch
from qbank.core.bank import Bank
from qbank.core.blueprint import Blueprint
from qbank.core.form import Form, form_items
from qbank.core.item import PRACTICE_STATUSES
from qbank.core.presentation import PLAIN_PDF, Paper, Part, PdfStyle
from qbank.files.bank import shown_path
from qbank.files.blueprint import read_blueprint
from qbank.files.centre_files import read_logo, read_template
from qbank.files.disk import write_bytes
from qbank.files.forms import form_text, write_form
from qbank.files.media import media_bytes
from qbank.files.roster import Person, read_roster
from qbank.kinds.presentation import default_subject, present_paper
from qbank.kinds.template import variant
from qbank.problem import Problem, Span, error, has_errors, warning
from qbank.workflow.bank import history_of, usable_bank
from qbank.workflow.exam import persons_by_form
from qbank.workflow.packages import PACKAGES, PackageOptions
from qbank.workflow.paper_files import find_blueprint, read_forms
from qbank.workflow.past import near_copies, past_papers, run_of
from qbank.workflow.unprintable import unprintable
from qbank.workflow.versions import (
    alike,
    papers_among,
    version_ids,
    version_letter,
    with_version_checks,
    with_version_maps,
    with_versions,
)
from qbank.workflow.word import WordTemplate, print_word_lists, untaken, word_rooms_of, word_template_of
from qbank.workflow.workspace import Workspace

if TYPE_CHECKING:
    from qbank.render import UnprintableText
    from qbank.render.layout import Layout

    Tell = Callable[[UnprintableText, Paper, Bank], list[Problem]]


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
    history = history_of(workspace)
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
    problems += _violations(audit, blueprint) + _patterns(forms, bank) + alike(forms) + _idle_ties(made.forms, blueprint)
    folder = into or workspace.forms / blueprint.name
    paths = tuple(folder / f"{form.id}.yaml" for form in forms)
    problems += _would_change(forms, paths)
    if has_errors(problems):
        return None, problems
    for form, target in zip(forms, paths, strict=True):
        write_form(form, target)
    return Assembled(forms, paths, audit), problems


def _violations(audit: Audit, blueprint: Blueprint) -> list[Problem]:
    return [
        error("A205", blueprint.span, form=check.form, rule=check.rule, found=f"{check.found:g}")
        for check in audit.checks
        if not check.holds
    ]


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
    blueprint = replace(blueprint, n_forms=len(papers))
    bank, wrong = usable_bank(bank_root(blueprint, source))
    if bank is None:
        return None, problems + wrong
    if any(form.blueprint_digest != blueprint.digest for form in forms):
        problems.append(warning("F107", blueprint.span, blueprint=blueprint.name))
    history = history_of(workspace)
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
    violations = _violations(audit, blueprint)
    if any(form.statistics_digest != history.digest for form in forms):
        # what was within bounds by the estimates of then need not be so by those of now: news, not a mistake
        violations = [_news(found) if _by_estimates(str(dict(found.facts)["rule"])) else found for found in violations]
    problems += violations + _patterns(forms, bank) + alike(forms)
    return Audited(audit, papers, setting, version_ids(forms)), problems


def _by_estimates(rule: str) -> bool:
    """Return whether a rule, in its own words, is about what the items' estimates say."""
    return "of: facility" in rule or rule.partition(":")[0] in ("expected_score", "sd", "information", "csem", "characteristic")


def _news(problem: Problem) -> Problem:
    return replace(problem, severity="warning")


def print_papers(
    paths: tuple[Path, ...], workspace: Workspace, *, to: str, parts: tuple[Part, ...] = (),
    into: Path | None = None, bank_path: Path | None = None, options: PackageOptions | None = None,
    roster: Path | None = None, style: PdfStyle = PLAIN_PDF, word_template: Path | None = None,
) -> tuple[tuple[Path, ...], list[Problem]]:  # fmt: skip
    """Write the wanted parts of each paper, or all that it has, in the wanted format; returns the files.

    to : a word of `RENDERERS`, or of `PACKAGES`, which know no parts ; roster : persons, each of whom gets an exam on
    screen of their own, or as PDF a paper of their own, a file a room with its lists beside it; as Word the lists of each
    room; otherwise it says which papers are printed ; style : of a PDF or a Word file ; word_template : a centre's Word
    file whose styles, page, head and foot a DOCX takes. A paper of which one part cannot be printed is not printed at all.
    """
    forms, problems = read_forms(paths)
    rooms = roster is not None and to == "pdf"
    persons, wrong = persons_of(roster, forms) if roster and not rooms and not has_errors(problems) else ({}, [])
    problems += wrong
    if has_errors(problems):
        return (), problems
    layout, wrong = layout_of_centre(workspace, style)
    problems += wrong
    if has_errors(wrong):
        return (), problems
    template, wrong = word_template_of(word_template)
    if has_errors(wrong):
        return (), problems + wrong
    if to == "docx":
        problems += untaken(layout)
    word_rooms, wrong = word_rooms_of(roster, [form for form in forms if persons.get(form.id)], to)
    problems += wrong
    if has_errors(wrong):
        return (), problems
    folders = [path if path.is_dir() else path.parent for path in paths]
    written: list[Path] = []
    word_papers: list[tuple[Paper, bytes]] = []
    printed: list[tuple[Form, Paper, Bank]] = []
    for form in forms:
        paper, bank, wrong = paper_with_bank(form, workspace, bank_path)
        problems += [problem for problem in wrong if problem not in problems]
        if paper is None or bank is None or (roster and not rooms and not persons.get(form.id)):
            continue
        letter = version_letter(form, forms, [*folders, workspace.forms / form.blueprint])
        printed.append((form, paper if to in PACKAGES else replace(paper, version=letter), bank))
    if to not in PACKAGES:
        printed = with_version_maps(printed)
    for form, paper, bank in printed:
        tell = partial(unprintable, language=workspace.language, settings=settings_of(form, workspace))
        if to in PACKAGES:
            wanted = replace(options or PackageOptions(), persons=persons.get(form.id, ()))
            files, wrong = PACKAGES[to](form, paper, bank, wanted)
        elif style.booklet:
            files, wrong = _booklet(form, paper, bank, to, layout, template, tell)
            word_papers.append((paper, files.get(f"{paper.code}-booklet.docx", b"")))
        else:
            files, wrong = ({}, []) if rooms else _render(paper, bank, to, parts, layout, template, tell)
            word_papers.append((paper, files.get(f"{paper.code}-paper.docx", b"")))
        problems += [problem for problem in wrong if problem not in problems]
        if not has_errors(wrong):
            written += write_files(files, into or workspace.root / "print" / form.blueprint)
    if roster and rooms and not has_errors(problems):
        from qbank.workflow.room import print_rooms

        files, wrong = print_rooms(roster, printed, layout, parts)
        problems += wrong
        written += write_files(files, into or workspace.root / "print" / forms[0].blueprint)
    if roster and word_rooms and not has_errors(problems):
        files, wrong = print_word_lists(roster, word_papers, word_rooms, layout, template)
        problems += wrong
        written += write_files(files, into or workspace.root / "print" / forms[0].blueprint)
    return tuple(written), problems


def _booklet(
    form: Form, paper: Paper, bank: Bank, to: str, layout: Layout, template: WordTemplate, tell: Tell
) -> tuple[dict[str, bytes], list[Problem]]:
    """Return a paper of released items as a booklet, or nothing and the items that are not public."""
    from qbank.render import UnprintableText
    from qbank.render.booklet import booklet_pdf
    from qbank.render.docx import UnusableTemplate, booklet_docx
    from qbank.render.failure import TemplateFailure

    items = [variant(bank.items[entry.id], entry.variant) for entry in form_items(form)]
    secret = [error("Z908", item.span, item=item.id, status=item.status) for item in items if item.status not in PRACTICE_STATUSES]
    if secret:
        return {}, secret
    rationales = {item.id: item.rationale for item in items}
    try:
        if to == "docx":
            return {f"{paper.code}-booklet.docx": booklet_docx(paper, rationales, layout, template.data)}, []
        return {f"{paper.code}-booklet.pdf": booklet_pdf(paper, rationales, layout)}, []
    except UnusableTemplate as fault:
        return {}, [template.problem(fault)]
    except UnprintableText as fault:
        return {}, tell(fault, paper, bank)
    except TemplateFailure as wrong:
        return {}, [wrong.problem(layout.centre.folder)]


def layout_of_centre(workspace: Workspace, style: PdfStyle) -> tuple[Layout, list[Problem]]:
    """Return the layout with what qbank.yaml says of the centre, and what is wrong with its files."""
    from qbank.render.layout import Centre, Layout

    rules = workspace.print
    logo, problems = read_logo(workspace.root, rules.logo) if rules.logo else (b"", [])
    files, folder, wrong = read_template(workspace.root, rules.template)
    centre = Centre(rules.centre, logo, rules.footer, files, folder)
    return Layout(style.sheet, style.large, centre=centre), problems + wrong


def settings_of(form: Form, workspace: Workspace) -> tuple[Path, ...]:
    """Return the files in which the head of a paper is written: its blueprint and qbank.yaml."""
    source = find_blueprint(form, workspace)
    return (*([source] if source else []), workspace.root / "qbank.yaml")


def write_files(files: Mapping[str, bytes], folder: Path) -> list[Path]:
    """Write files into a folder; returns their paths."""
    for name, data in files.items():
        write_bytes(folder / name, data)
    return [folder / name for name in files]


def persons_of(path: Path, forms: tuple[Form, ...]) -> tuple[dict[str, tuple[Person, ...]], list[Problem]]:
    """Return the persons of each paper in a roster, and what is wrong with it."""
    roster, problems = read_roster(path)
    if roster is None:
        return {}, problems
    found, wrong = persons_by_form(roster, forms)
    return found, problems + wrong


def paper_with_bank(
    form: Form, workspace: Workspace, bank_path: Path | None
) -> tuple[Paper | None, Bank | None, list[Problem]]:
    """Return the paper with the bytes of its pictures, and its bank, or nothing and why."""
    bank, problems = bank_of(form, workspace, bank_path)
    if bank is None:
        return None, None, problems
    paper, wrong = present_paper(form, bank, _notices(form, workspace))
    problems += wrong
    if paper is None:
        return None, bank, problems
    items = [bank.items[entry.id] for entry in form_items(form)]
    stimuli = [bank.stimuli[item.stimulus] for item in items if item.stimulus in bank.stimuli]
    media, wrong = media_bytes([*items, *stimuli], Path(bank.root))
    return (None if wrong else replace(paper, media=media)), bank, problems + wrong


def bank_of(form: Form, workspace: Workspace, path: Path | None = None) -> tuple[Bank | None, list[Problem]]:
    """Return the bank of a paper: the folder given, the one that its blueprint names, or ``banks/<name>``."""
    if path is None:
        source = find_blueprint(form, workspace)
        blueprint = read_blueprint(source)[0] if source else None
        path = bank_root(blueprint, source) if blueprint and source else workspace.root / "banks" / form.bank
    if not path.is_dir():
        return None, [error("F106", Span(form.id), blueprint=form.blueprint)]
    return usable_bank(path)


def _notices(form: Form, workspace: Workspace) -> tuple[str, ...]:
    source = find_blueprint(form, workspace)
    blueprint = read_blueprint(source)[0] if source else None
    return blueprint.notices if blueprint and blueprint.notices else workspace.print.notices


def _render(
    paper: Paper, bank: Bank, to: str, parts: tuple[Part, ...], layout: Layout, template: WordTemplate, tell: Tell
) -> tuple[dict[str, bytes], list[Problem]]:
    """Return the files of a paper by name, all of them or none."""
    from qbank.render import RENDERERS, UnprintableText, parts_of, render_pdf
    from qbank.render.docx import UnusableTemplate, render_docx
    from qbank.render.failure import TemplateFailure

    renderer = RENDERERS[to]
    files: dict[str, bytes] = {}
    there = parts_of(paper)
    missing = [part for part in parts if part not in there]
    problems = [warning("F110", Span(paper.code), part=part, parts=", ".join(there)) for part in missing]
    for part in (part for part in there if not parts or part in parts):
        try:
            if to == "pdf":
                data = render_pdf(paper, part, layout)
            elif to == "docx":
                data = render_docx(paper, part, template.data, layout=layout)
            else:
                data = renderer.render(paper, part)
        except UnusableTemplate as fault:
            return {}, [*problems, template.problem(fault)]
        except UnprintableText as fault:
            return {}, problems + tell(fault, paper, bank)
        except TemplateFailure as wrong:
            return {}, [*problems, wrong.problem(layout.centre.folder)]
        files[f"{paper.code}-{part}{renderer.suffix}"] = data
    return files, problems
