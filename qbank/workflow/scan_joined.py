"""Pages of answer sheets → sheets: joined by the candidate's number, with pages that are missing or there twice told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

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


def joined(pages: Sequence[ReadPage], out: Path) -> Joined:
    """Return the sheets of pages, in the order of the numbers; pages whose number is not sure stand alone, at the end.

    Answers of a page that is there twice, or of a candidate with two papers, are not decided; those of a missing page are
    neither.
    """
    sure: dict[str, list[ReadPage]] = {}
    for page in pages:
        if not page.doubt:
            sure.setdefault(page.number, []).append(page)
    rows: list[SheetRow] = []
    twice: list[ReadPage] = []
    problems: list[Problem] = []
    names = _names(pages)
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
            cells = dict.fromkeys(names[form], UNDECIDED) if missing else {}
            for page in of_form:
                _add(cells, page, undecided=page in double)
            rows.append(SheetRow(number, form, cells))
    for page in pages:
        if page.doubt:
            cells = dict.fromkeys(names[page.form], UNDECIDED) if page.n_pages > 1 else {}
            _add(cells, page, undecided=False)
            rows.append(SheetRow("", page.form, cells))
    return Joined(tuple(rows), tuple(twice), tuple(problems))


def _names(pages: Sequence[ReadPage]) -> dict[str, list[str]]:
    names: dict[str, dict[str, None]] = {}
    for page in pages:
        names.setdefault(page.form, {}).update(dict.fromkeys(answer.name for answer in page.answers))
    return {form: list(found) for form, found in names.items()}


def _add(cells: dict[str, str], page: ReadPage, *, undecided: bool) -> None:
    """Add the answers of a page; blanks of one question that stand on two pages are put one behind the other."""
    for answer in page.answers:
        text = UNDECIDED if undecided else answer.text
        before = cells.get(answer.name, UNDECIDED)
        cells[answer.name] = text if before == UNDECIDED else f"{before};{text}"
