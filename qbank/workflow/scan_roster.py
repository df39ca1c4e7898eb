"""Scanned sheets held against the list of registered persons: who has no sheet, whose sheet nobody expected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from qbank.core.responses import plain_number
from qbank.files.roster import Person, Roster
from qbank.files.scans import ReviewRow
from qbank.messages import Language, text
from qbank.problem import Problem, Span, warning
from qbank.workflow.scan_joined import ReadPage, SheetRow


@dataclass(frozen=True, slots=True)
class Expected:
    """Persons of a list by their plain number; forms : the paper of each, "" where the list names none ; due : those who
    must have a sheet of the papers that are read"""

    path: str
    column: int
    persons: Mapping[str, Person]
    forms: Mapping[str, str]
    due: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Attendance:
    """Numbers of registered persons without a sheet, and numbers on sheets that no list has."""

    absent: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = ()


def expected_of(roster: Roster, forms: Sequence[str]) -> Expected:
    """Return who is on a list, and who must have a sheet of some papers: those to whom the list gives one of them, or all
    where it gives none."""
    persons = {plain_number(person.number): person for person in roster.persons}
    papers = {key: person.cells[roster.form].strip() if roster.form >= 0 else "" for key, person in persons.items()}
    due = tuple(key for key, form in papers.items() if not form or form in forms)
    return Expected(roster.path, roster.column, persons, papers, due)


def attendance(rows: Sequence[SheetRow], expected: Expected) -> tuple[Attendance, list[Problem]]:
    """Return who is missing and who was not expected, with a warning for each; of a sheet of another paper than the
    person's a warning too. Sheets whose number is not decided are nobody's yet."""
    there = {plain_number(row.person): row for row in rows if row.person}
    problems: list[Problem] = []
    absent = [key for key in expected.due if key not in there]
    for key in absent:
        person = expected.persons[key]
        place = " ".join(filter(None, (person.name, person.site, person.room, person.seat)))
        problems.append(warning("O401", Span(expected.path, person.line, expected.column), person=person.number, place=place or "–"))
    unlisted = [row.person for key, row in there.items() if key not in expected.persons]
    problems += [warning("O402", Span(expected.path), person=number, form=there[plain_number(number)].form) for number in unlisted]
    for key, row in there.items():
        if (form := expected.forms.get(key)) and form != row.form:
            where = Span(expected.path, expected.persons[key].line, expected.column)
            problems.append(warning("O403", where, person=row.person, found=row.form, expected=form))
    return Attendance(tuple(expected.persons[key].number for key in absent), tuple(unlisted)), problems


def unlisted_rows(
    pages: Sequence[ReadPage], expected: Expected, digests: Mapping[str, str], review: Sequence[ReviewRow], language: Language
) -> Iterator[ReviewRow]:
    """Yield a row for each page whose number no list has and that nobody has confirmed: a digit may be filled in wrongly."""
    there = {row.scan: row for row in review if row.place == "number"}
    for page in pages:
        if page.doubt or page.scan in there or plain_number(page.number) in expected.persons:
            continue
        why = text(language, "cli.scan.why.unlisted")
        shown = f"{page.page}/{page.n_pages}"
        yield ReviewRow(page.scan, digests[page.scan], page.form, shown, page.number, "number", why, page.number, page.picture)

