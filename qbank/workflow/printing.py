"""print: from papers to what the printer, Word and computer rooms get."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from qbank.core.bank import Bank
from qbank.core.form import Form, form_items
from qbank.core.item import PRACTICE_STATUSES
from qbank.core.presentation import PLAIN_PDF, Paper, Part, PdfStyle
from qbank.files.blueprint import read_blueprint
from qbank.files.centre_files import read_logo, read_template
from qbank.files.media import media_bytes
from qbank.files.roster import Person, read_roster
from qbank.files.staged import Staged
from qbank.kinds.presentation import present_paper
from qbank.kinds.template import variant
from qbank.problem import Problem, Span, error, has_errors, warning
from qbank.workflow.exam import persons_by_form
from qbank.workflow.packages import PACKAGES, PackageOptions
from qbank.workflow.paper_files import find_blueprint, read_forms
from qbank.workflow.papers import bank_of
from qbank.workflow.unprintable import unprintable
from qbank.workflow.versions import Lettered, with_version_maps
from qbank.workflow.word import WordTemplate, print_word_lists, untaken, word_rooms_of, word_template_of
from qbank.workflow.workspace import Workspace

if TYPE_CHECKING:
    from qbank.render.layout import Layout
    from qbank.workflow.unprintable import Tell


def print_papers(
    paths: tuple[Path, ...], workspace: Workspace, *, to: str, parts: tuple[Part, ...] = (),
    into: Path | None = None, bank_path: Path | None = None, options: PackageOptions | None = None,
    roster: Path | None = None, style: PdfStyle = PLAIN_PDF, word_template: Path | None = None, accessible: bool = False,
) -> tuple[tuple[Path, ...], list[Problem]]:  # fmt: skip
    """Write the wanted parts of each paper, or all that it has, in the wanted format; returns the files.

    All files of all papers are written, or none: with an error in one paper, every error of every paper is told.

    to : a word of `RENDERERS`, or of `PACKAGES`, which know no parts ; roster : persons, each of whom gets an exam on
    screen of their own, or as PDF a paper of their own, a file a room with its lists beside it; as Word the lists of each
    room; otherwise it says which papers are printed ; style : of a PDF or a Word file ; word_template : a centre's Word
    file whose styles, page, head and foot a DOCX takes ; accessible : papers of a room as PDF/UA-1 and PDF/A-2b.
    """
    forms, problems = read_forms(paths)
    if has_errors(problems):
        roster = None  # who sits what cannot be told while a paper cannot be read; the others are looked at all the same
    rooms = roster is not None and to == "pdf"
    persons, wrong = persons_of(roster, forms) if roster and not rooms and not has_errors(problems) else ({}, [])
    problems += wrong
    if not forms or has_errors(wrong):
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
    lettered = None if to in PACKAGES else Lettered(forms, [path if path.is_dir() else path.parent for path in paths], workspace.forms)
    word_papers: list[tuple[Paper, bytes]] = []
    printed: list[tuple[Form, Paper, Bank]] = []
    sources = _Sources(workspace, bank_path)
    for form in forms:
        paper, bank, wrong = _paper_of(form, sources)
        problems += [problem for problem in wrong if problem not in problems]
        if paper is None or bank is None or (roster and not rooms and not persons.get(form.id)):
            continue
        printed.append((form, replace(paper, version=lettered.letter(form)) if lettered else paper, bank))
    if lettered:
        printed = with_version_maps(printed)
    with Staged() as staged:
        for form, paper, bank in printed:
            tell = partial(unprintable, language=workspace.language, settings=settings_of(form, workspace))
            if to in PACKAGES:
                wanted = replace(options or PackageOptions(), persons=persons.get(form.id, ()), tell=tell)
                files, wrong = PACKAGES[to](form, paper, bank, wanted)
            elif style.booklet:
                files, wrong = _booklet(form, paper, bank, to, layout, template, tell)
                word_papers.append((paper, files.get(f"{paper.code}-booklet.docx", b"")))
            else:
                files, wrong = ({}, []) if rooms else _render(paper, bank, to, parts, layout, template, tell)
                word_papers.append((paper, files.get(f"{paper.code}-paper.docx", b"")))
            problems += [problem for problem in wrong if problem not in problems]
            if not has_errors(problems):
                staged.put(into or workspace.root / "print" / form.blueprint, files)
        folder = into or workspace.root / "print" / forms[0].blueprint
        if roster and rooms:
            from qbank.workflow.room import print_rooms

            put = partial(staged.put, folder)
            problems += print_rooms(roster, forms, printed, layout, parts, tagged=accessible, put=put)
        if roster and word_rooms and not has_errors(problems):
            files, wrong = print_word_lists(roster, word_papers, word_rooms, layout, template)
            problems += wrong
            staged.put(folder, files)
        return (() if has_errors(problems) else staged.commit()), problems


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
    return _paper_of(form, _Sources(workspace, bank_path))


class _Sources:
    """The banks and notices of the papers that are printed together, each read once."""

    def __init__(self, workspace: Workspace, bank_path: Path | None) -> None:
        self._workspace, self._bank_path = workspace, bank_path
        self._known: dict[tuple[str, str], tuple[Bank, tuple[str, ...]]] = {}
        self._pictures: dict[str, dict[str, bytes]] = {}

    def of(self, form: Form) -> tuple[Bank | None, tuple[str, ...], list[Problem]]:
        """Return the bank of a paper and its notices, or no bank and why."""
        which = form.blueprint, form.bank
        if which not in self._known:
            bank, problems = bank_of(form, self._workspace, self._bank_path)
            if bank is None:
                return None, (), problems
            self._known[which] = bank, _notices(form, self._workspace)
        return *self._known[which], []

    def pictures(self, form: Form, bank: Bank) -> tuple[dict[str, bytes], list[Problem]]:
        """Return the pictures of a paper by path, each read once for all papers of the bank, and what is wrong with any."""
        items = [bank.items[entry.id] for entry in form_items(form)]
        stimuli = [bank.stimuli[item.stimulus] for item in items if item.stimulus in bank.stimuli]
        return media_bytes([*items, *stimuli], Path(bank.root), self._pictures.setdefault(bank.root, {}))


def _paper_of(form: Form, sources: _Sources) -> tuple[Paper | None, Bank | None, list[Problem]]:
    bank, notices, problems = sources.of(form)
    if bank is None:
        return None, None, problems
    paper, wrong = present_paper(form, bank, notices)
    problems += wrong
    if paper is None:
        return None, bank, problems
    media, wrong = sources.pictures(form, bank)
    return (None if wrong else replace(paper, media=media)), bank, problems + wrong


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
