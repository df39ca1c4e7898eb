"""Pages of answer sheets → sheets: joined by the candidate's number, with pages that are missing or there twice told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from qbank.files.answers.cells import UNTYPED
from qbank.files.paths import shown_path
from qbank.omr.answers import UNDECIDED, Answer
from qbank.omr.records import Doubt
from qbank.problem import Problem, Span, error


@dataclass(frozen=True, slots=True)
class ReadPage:
    """What one page says, without its picture.

    scan : ``file#picture`` ; number, doubt : the candidate's, and why it is not sure ; picture : of the number, JPEG
    """

    scan: str
    form: str
    page: int
    n_pages: int
    number: str
    doubt: Doubt
    answers: tuple[Answer, ...]
    picture: bytes


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row of the file of answers; ``person`` is empty where the number is not decided."""

    person: str
    form: str
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Joined:
    """The sheets of some pages, the pages that are there twice, and what is wrong."""

    rows: tuple[SheetRow, ...]
    twice: tuple[ReadPage, ...]
    problems: tuple[Problem, ...]


def joined(pages: Sequence[ReadPage], asked: Mapping[str, Mapping[str, str]], out: Path) -> Joined:
    """Return the sheets of pages, in the order of the numbers; pages whose number is not sure stand alone, at the end.

    Answers of a page that is there twice, or of a candidate with two papers, are not decided; those of a missing page are
    neither. asked : of each paper, column → what stands there until it is decided
    """
    sure: dict[str, list[ReadPage]] = {}
    for page in pages:
        if not page.doubt:
            sure.setdefault(page.number, []).append(page)
    rows: list[SheetRow] = []
    twice: list[ReadPage] = []
    problems: list[Problem] = []
    for number in sorted(sure):
        mine = sorted(sure[number], key=lambda page: (page.form, page.page))
        forms = sorted({page.form for page in mine})
        counts = Counter((page.form, page.page) for page in mine)
        double = [page for page in mine if counts[page.form, page.page] > 1 or len(forms) > 1]
        if double:
            twice += double
            scans = ", ".join(page.scan for page in double)
            problems.append(error("O202", Span(double[0].scan), person=number, scans=scans, form=", ".join(forms)))
        for form in forms:
            of_form = [page for page in mine if page.form == form]
            n_pages = of_form[0].n_pages
            if missing := sorted(set(range(1, n_pages + 1)) - {page.page for page in of_form}):
                told = ", ".join(map(str, missing))
                problems.append(error("O203", Span(shown_path(out)), person=number, form=form, pages=told, n=n_pages))
            rows.append(SheetRow(number, form, _cells(of_form, double, asked[form], whole=not missing)))
    alone = [page for page in pages if page.doubt]
    rows += [SheetRow("", page.form, _cells([page], [], asked[page.form], whole=page.n_pages == 1)) for page in alone]
    return Joined(tuple(rows), tuple(twice), tuple(problems))


def _cells(
    pages: Sequence[ReadPage], double: Sequence[ReadPage], asked: Mapping[str, str], *, whole: bool
) -> dict[str, str]:
    """Return the cells of one sheet; blanks of a question that goes on on the next page are put one behind the other."""
    texts: dict[str, list[str]] = {}
    for page in pages:
        for answer in page.answers:
            texts.setdefault(answer.name, []).append(UNDECIDED if page in double else answer.text)
    cells: dict[str, str] = {}
    for name, mark in asked.items():
        told = texts.get(name, [] if whole else [UNDECIDED])
        is_open = any(text in (UNDECIDED, UNTYPED) for text in told) or (not whole and mark == UNTYPED)
        cells[name] = mark if is_open else ";".join(told)
    return cells
