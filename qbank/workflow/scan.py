"""scan: a folder of answer sheets → a file of answers, and what a person must decide before it is one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from qbank.core.form import Form, FormItem, answer_names, answer_places, form_digest, form_items
from qbank.files.answers.cells import UNTYPED
from qbank.files.paths import shown_path
from qbank.files.roster import read_roster
from qbank.files.scans import Decision, ReviewRow, read_decisions, read_scan, scan_files, write_review
from qbank.files.tables import Cell, write_csv, write_xlsx
from qbank.kinds import KINDS
from qbank.kinds.presentation import present_paper
from qbank.messages import Language, text
from qbank.messages.lists import some
from qbank.omr import SUFFIXES, Damaged, PageReading, SheetPaper, Unread, is_two_toned, pictures_of, read_page
from qbank.omr.answers import UNDECIDED, answers_of, picture_of_number, small_picture
from qbank.problem import Problem, Span, error, has_errors, warning
from qbank.render.sheet import Sheet
from qbank.render.sheet_layout import answer_sheet
from qbank.workflow.paper_files import read_forms
from qbank.workflow.papers import bank_of
from qbank.workflow.scan_joined import Joined, ReadPage, joined
from qbank.workflow.scan_page import review_page
from qbank.workflow.scan_roster import Attendance, Expected, attendance, expected_of, unlisted_rows
from qbank.workflow.workspace import Workspace

DROP = frozenset({"drop", "丢弃", "删除"})
"""Decided of a picture or of a candidate's number: the picture does not count."""
NOTHING = frozenset({"-", "－", "空", "blank"})
"""Decided of a question: nothing was answered."""
FAULTS: Mapping[str, str] = {"damaged": "O101", "none": "O102", "other": "O103", "code": "O104", "page": "O105"}
Said = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Scanning:
    """What the command line says of a run.

    out : the file of answers, .csv or .xlsx ; review : the folder for what a person decides ; decisions : that table filled
    in ; dpi : at which pages of PDF are drawn ; paper : the paper of sheets whose code cannot be read ; digits : of a
    candidate's number ; roster : the list of registered persons that sheets are held against
    """

    out: Path
    review: Path
    decisions: Path | None = None
    dpi: int = 200
    paper: str = ""
    digits: int = 12
    roster: Path | None = None


@dataclass(frozen=True, slots=True)
class Scanned:
    """What became of a folder: how many pictures, sheets, answers; how many answers and numbers a person decided or must;
    which registered persons have no sheet, and which numbers on sheets no list has (both empty without a list)."""

    files: tuple[Path, ...]
    n_pictures: int
    n_unread: int
    n_sheets: int
    n_answers: int
    n_decided: int
    n_open: int
    doubts: Mapping[str, int]
    absent: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Picture:
    """One picture and what became of it."""

    scan: str
    digest: str
    found: ReadPage | Unread
    thumb: bytes
    two_toned: bool = False


def scan_sheets(
    folder: Path, form_paths: tuple[Path, ...], workspace: Workspace, how: Scanning, *, bank_path: Path | None = None,
    said: Said = lambda done, of: None,
) -> tuple[Scanned | None, list[Problem]]:  # fmt: skip
    """Read every answer sheet in a folder; write what is clear, and what a person must decide with pictures.

    Nothing is guessed: what is not clear stands as ``?`` in the file of answers until it is decided, and no sitting takes
    such a file in. said : called with how many files are read, of how many
    """
    files, problems = scan_files(folder, SUFFIXES)
    forms, wrong = read_forms(form_paths or _all_forms(workspace))
    problems += wrong
    papers, wrong = _papers(forms, workspace, bank_path)
    problems += wrong
    if how.paper and how.paper not in {paper.code for paper in papers}:
        problems.append(error("O108", Span(how.paper), forms=some([paper.code for paper in papers])))
    decisions, wrong = read_decisions(how.decisions) if how.decisions else ((), [])
    problems += wrong
    roster, wrong = read_roster(how.roster) if how.roster else (None, [])
    problems += wrong
    if has_errors(problems):
        return None, problems
    expected = expected_of(roster, [form.id for form in forms]) if roster else None
    pictures: list[_Picture] = []
    for n, path in enumerate(files, start=1):
        read, wrong = _pictures(path, folder, papers, how)
        pictures += read
        problems += wrong
        said(n, len(files))
    if flat := [one.scan for one in pictures if one.two_toned]:
        problems.append(warning("O109", Span(shown_path(folder)), n=len(flat), scan=flat[0]))
    return _outcome(pictures, forms, papers, decisions, how, workspace.language, problems, expected)


def _all_forms(workspace: Workspace) -> tuple[Path, ...]:
    return tuple(sorted(workspace.forms.glob("*/*.yaml"))) or (workspace.forms,)


def _papers(
    forms: tuple[Form, ...], workspace: Workspace, bank_path: Path | None
) -> tuple[tuple[SheetPaper, ...], list[Problem]]:
    """Return what the answer sheets of some papers look like."""
    papers: list[SheetPaper] = []
    problems: list[Problem] = []
    for form in forms:
        bank, wrong = bank_of(form, workspace, bank_path)
        problems += [problem for problem in wrong if problem not in problems]
        paper, wrong = present_paper(form, bank) if bank else (None, [])
        problems += wrong
        if paper is not None:
            papers.append(sheet_paper(form, paper.digest, answer_sheet(paper)))
    return tuple(papers), problems


def sheet_paper(form: Form, digest: str, sheet: Sheet) -> SheetPaper:
    """Return what is looked for on the answer sheets of a paper."""
    places = [
        (number, part if entry.parts else 0)
        for number, entry in enumerate(form_items(form), start=1)
        for part, _ in enumerate(entry.parts or (entry,), start=1)
    ]
    kinds = {place: entry.kind for place, entry in zip(places, answer_places(form), strict=True)}
    names = dict(zip(places, answer_names(form), strict=True))
    return SheetPaper(form.id, digest, sheet, kinds, names, earlier=form_digest(form)[:8])


def _pictures(
    path: Path, folder: Path, papers: Sequence[SheetPaper], how: Scanning
) -> tuple[list[_Picture], list[Problem]]:
    """Return what stands on the pictures of a file; a damaged one is one problem, whatever was read before it broke off."""
    data, problems = read_scan(path)
    if data is None:
        return [], problems
    name = path.relative_to(folder).as_posix() if folder.is_dir() else path.name
    digest = hashlib.sha256(data).hexdigest()[:12]
    read: list[_Picture] = []
    try:
        for number, gray in enumerate(pictures_of(data, dpi=how.dpi), start=1):
            scan = f"{name}#{number}"
            found = read_page(gray, papers, assumed=how.paper)
            if isinstance(found, Unread):
                thumb = b"" if found.picture is None else small_picture(found.picture)
                read.append(_Picture(scan, digest, replace(found, picture=None), thumb))
            else:
                read.append(_Picture(scan, digest, _page(found, scan, how.digits), b"", is_two_toned(gray)))
    except Damaged as fault:
        read.append(_Picture(f"{name}#{len(read) + 1}", digest, Unread("damaged", {"detail": fault}), b""))
    return read, problems


def _page(found: PageReading, scan: str, digits: int) -> ReadPage:
    doubt = found.doubt or ("number" if len(found.number) != digits else "")
    return ReadPage(
        scan, found.paper.code, found.page, found.paper.sheet.n_pages, found.number, doubt, answers_of(found),
        picture_of_number(found),
    )  # fmt: skip


def _outcome(
    pictures: Sequence[_Picture], forms: tuple[Form, ...], papers: Sequence[SheetPaper],
    decisions: Sequence[Decision], how: Scanning, language: Language, problems: list[Problem], expected: Expected | None,
) -> tuple[Scanned | None, list[Problem]]:  # fmt: skip
    """Apply what was decided, join pages to sheets, and write everything: the answers last."""
    by_place, wrong = _by_place(decisions, pictures)
    problems = problems + wrong
    entries = {(form.id, name): entry for form in forms for name, entry in zip(answer_names(form), answer_places(form), strict=True)}
    pages: list[ReadPage] = []
    review: list[ReviewRow] = []
    n_unread = n_decided = 0
    for one in pictures:
        if isinstance(one.found, Unread):
            dropped = by_place.get((one.scan, "page"))
            if dropped is None:
                problems.append(error(FAULTS[one.found.fault], Span(one.scan), **dict(one.found.facts)))
                n_unread += 1
            elif dropped.value.casefold() not in DROP:
                problems.append(error("O306", dropped.span, found=dropped.value))
            why = text(language, f"cli.scan.why.{one.found.fault}")
            review.append(ReviewRow(one.scan, one.digest, "", "", "", "page", why, "", one.thumb, dropped.value if dropped else ""))
            continue
        page, rows, wrong = _decided(one, by_place, entries, language)
        problems += wrong
        review += rows
        n_decided += sum(1 for row in rows if row.decision)
        pages += [page] if page else []
    if has_errors([problem for problem in problems if problem.code in ("O303", "O304", "O305", "O306", "O307")]):
        return None, problems
    asked = {paper.code: _asked(paper) for paper in papers}
    sheets = joined(pages, asked, how.out)
    problems += sheets.problems
    scans = {one.scan: one.digest for one in pictures}
    review += _twice(sheets, scans, review, language)
    if expected is not None:
        review += unlisted_rows(pages, expected, scans, review, language)
    came, wrong = attendance(sheets.rows, expected) if expected is not None else (Attendance(), [])
    problems += wrong
    n_open = sum(1 for row in review if not row.decision and row.place != "page")
    files: list[Path] = []
    if review or how.review.is_dir():
        review_digest = hashlib.sha256("\n".join(one.digest for one in pictures).encode()).hexdigest()[:12]
        files += write_review(how.review, review, review_page(review, review_digest, language))
    if n_open:
        problems.append(error("O201", Span(shown_path(how.review / "review.csv")), n=n_open))
    if sheets.rows:
        _write_answers(how.out, sheets, asked)
        files.append(how.out)
    doubts: dict[str, int] = {}
    for row in review:
        doubts[row.why] = doubts.get(row.why, 0) + 1
    n_answers = sum(len(page.answers) for page in pages)
    return Scanned(tuple(files), len(pictures), n_unread, len(sheets.rows), n_answers, n_decided, n_open, doubts,
                   came.absent, came.unlisted), problems  # fmt: skip


def _by_place(
    decisions: Sequence[Decision], pictures: Sequence[_Picture]
) -> tuple[dict[tuple[str, str], Decision], list[Problem]]:
    """Return decisions by picture and place; those of pictures that are not here or have changed are problems."""
    digests = {one.scan: one.digest for one in pictures}
    found: dict[tuple[str, str], Decision] = {}
    problems: list[Problem] = []
    for one in decisions:
        if one.scan not in digests:
            problems.append(error("O303", one.span, scan=one.scan))
        elif one.digest != digests[one.scan]:
            problems.append(error("O304", one.span, scan=one.scan))
        elif found.setdefault((one.scan, one.place), one).value != one.value:
            problems.append(error("O305", one.span, scan=one.scan, place=one.place, value=one.value, other=found[one.scan, one.place].value))
    known = {one.scan: _places(one.found) for one in pictures}
    for (scan, place), one in found.items():
        if place not in known[scan]:
            problems.append(error("O307", one.span, scan=scan, place=place, places=", ".join(sorted(known[scan])[:6])))
    return found, problems


def _places(found: ReadPage | Unread) -> set[str]:
    return {"page"} if isinstance(found, Unread) else {"number", *(answer.name for answer in found.answers)}


def _decided(
    one: _Picture, by_place: Mapping[tuple[str, str], Decision], entries: Mapping[tuple[str, str], FormItem], language: Language
) -> tuple[ReadPage | None, list[ReviewRow], list[Problem]]:
    """Return a page with what was decided of it put in, None where it does not count, and its rows for a person."""
    page = one.found
    assert isinstance(page, ReadPage)
    problems: list[Problem] = []
    rows: list[ReviewRow] = []
    shown = f"{page.page}/{page.n_pages}"
    told = by_place.get((one.scan, "number"))
    if page.doubt or told:
        why = text(language, f"cli.scan.why.{page.doubt or 'twice'}")
        rows.append(ReviewRow(one.scan, one.digest, page.form, shown, page.number, "number", why, page.number, page.picture, told.value if told else ""))
    if told and told.value.casefold() in DROP:
        return None, rows, problems
    if told and not (told.value.isascii() and told.value.isalnum()):
        problems.append(error("O306", told.span, found=told.value))
    elif told:
        page = replace(page, number=told.value, doubt="")
    answers = []
    for answer in page.answers:
        told = by_place.get((one.scan, answer.name))
        if answer.doubt or told:
            why = text(language, f"cli.scan.why.{answer.doubt or 'overruled'}")
            rows.append(ReviewRow(one.scan, one.digest, page.form, shown, page.number, answer.name, why, answer.seen, answer.picture, told.value if told else ""))
        if told and told.value.casefold() in NOTHING:
            answer = replace(answer, text="", doubt="")
        elif told:
            entry = entries[page.form, answer.name]
            if KINDS[entry.kind].read(told.value, entry.order, entry.marked) is None:
                problems.append(error("O306", told.span, found=told.value))
            answer = replace(answer, text=told.value, doubt="")
        answers.append(answer)
    return replace(page, answers=tuple(answers)), rows, problems


def _twice(sheets: Joined, digests: Mapping[str, str], review: Sequence[ReviewRow], language: Language) -> Iterator[ReviewRow]:
    """Yield rows for pages of one candidate that are there twice: one gets another number, or is dropped."""
    there = {(row.scan, row.place) for row in review}
    for page in sheets.twice:
        if (page.scan, "number") not in there:
            why = text(language, "cli.scan.why.twice")
            shown = f"{page.page}/{page.n_pages}"
            yield ReviewRow(page.scan, digests[page.scan], page.form, shown, page.number, "number", why, page.number, page.picture)


def _asked(paper: SheetPaper) -> dict[str, str]:
    """Return the columns of a paper, each with what stands there until it is decided; what people mark has none."""
    typed = {(area.question, area.part) for area in paper.sheet.areas}
    return {
        name: UNTYPED if place in typed else UNDECIDED
        for place, name in paper.names.items()
        if not KINDS[paper.kinds[place]].rated
    }


def _write_answers(path: Path, sheets: Joined, asked: Mapping[str, Mapping[str, str]]) -> None:
    forms = {row.form for row in sheets.rows}
    names = sorted({name for form in forms for name in asked[form]}, key=lambda name: [int(part) for part in name.split(".")])
    header = ["person", "form", *names]
    rows: list[list[Cell]] = [[row.person, row.form, *(row.cells.get(name, "") for name in names)] for row in sheets.rows]
    if path.suffix.lower() == ".xlsx":
        write_xlsx(path, "answers", header, rows)
    else:
        write_csv(path, header, rows)
