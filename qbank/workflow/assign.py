"""assign: a paper for every registered person, none with more questions that the person had before than is allowed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.seating import neighbours_alike, spread_papers
from qbank.core.form import Form
from qbank.files.roster import Person, Roster, read_roster
from qbank.files.tables import Cell, write_csv, write_xlsx
from qbank.ledger.seen import known_as, seen_items
from qbank.messages import Language, text
from qbank.problem import Problem, Span, error, has_errors, warning
from qbank.workflow.had_before import allowed_overlap, answers_of, shared_questions
from qbank.workflow.paper_files import read_forms
from qbank.workflow.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Assigned:
    """Who gets which paper.

    form : (n_persons,) index into the forms, −1 for whom no paper is allowed ; shared : (n_persons, n_forms) questions
    of each paper that each person had before ; most : (n_forms,) how many are allowed ; repeaters : persons who sat
    before ; alike : neighbours with the same paper ; files : what was written
    """

    roster: Roster
    forms: tuple[Form, ...]
    form: NDArray[np.int64]
    shared: NDArray[np.int64]
    most: tuple[int, ...]
    repeaters: int
    alike: int
    files: tuple[Path, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Return how many persons get each paper."""
        return {form.id: int((self.form == n).sum()) for n, form in enumerate(self.forms)}


def assign_papers(
    roster_path: Path, form_paths: tuple[Path, ...], workspace: Workspace, *, seed: int = 1, most_seen: int | None = None,
    into: Path | None = None,
) -> tuple[Assigned | None, list[Problem]]:  # fmt: skip
    """Give papers out at random within rooms, and write the roster with its papers and a seating list.

    most_seen : questions of a paper that a person may have had before; None: what ``overlap: {max: N}`` of the paper's
    blueprint says, 0 where it says nothing
    """
    roster, problems = read_roster(roster_path)
    forms, wrong = read_forms(form_paths)
    problems += wrong
    if roster is None or not forms or has_errors(problems):
        return None, problems
    most = tuple(most_seen if most_seen is not None else allowed_overlap(form, workspace) for form in forms)
    shared, repeaters = _shared(roster.persons, forms, workspace)
    order = np.array(sorted(range(len(roster.persons)), key=lambda n: seat_order(roster.persons[n])), dtype=np.intp)
    rooms: dict[tuple[str, str], int] = {}
    room = np.array([rooms.setdefault((p.site, p.room), len(rooms)) for p in (roster.persons[n] for n in order)], dtype=np.int64)
    found = spread_papers((shared <= np.array(most))[order], room, rng=np.random.default_rng(seed))
    form = np.empty(order.size, dtype=np.int64)
    form[order] = found
    alike = neighbours_alike(found, room)
    problems += _without(roster, forms, form, shared, most)
    if alike:
        problems.append(warning("H212", Span(roster.path), n=alike))
    target = into or roster_path.with_name(f"{roster_path.stem}-assigned.csv")
    done = Assigned(roster, forms, form, shared, most, repeaters, alike, ())
    files = _write(done, order, target, workspace.language)
    return replace(done, files=files), problems


def seat_order(person: Person) -> tuple[tuple[int, str, str], ...]:
    """Return the key by which persons follow each other: site, room, seat, numbers as numbers.

    >>> seats = [Person(1, "", "", "", "", "", seat, ()) for seat in ("10", "9", "B2")]
    >>> [person.seat for person in sorted(seats, key=seat_order)]
    ['9', '10', 'B2']
    """

    def natural(words: str) -> tuple[int, str, str]:
        digits = re.match(r"\d+", words)
        return (0, digits.group().zfill(20), words) if digits else (1, words, "")

    return (natural(person.site), natural(person.room), natural(person.seat), (0, f"{person.line:09d}", ""))


def _shared(
    persons: Sequence[Person], forms: tuple[Form, ...], workspace: Workspace
) -> tuple[NDArray[np.int64], int]:
    """Return the questions that persons had before, and how many persons the ledger knows from earlier sittings."""
    if not workspace.has_ledger():
        return np.zeros((len(persons), len(forms)), dtype=np.int64), 0
    ledger = workspace.open()
    try:
        seen = seen_items(ledger, known_as(ledger, [person.key for person in persons]), answers_of(forms))
    finally:
        ledger.close()
    return shared_questions(forms, seen), sum(1 for sat in seen.sittings if sat)


def _without(
    roster: Roster, forms: tuple[Form, ...], form: NDArray[np.int64], shared: NDArray[np.int64], most: tuple[int, ...]
) -> list[Problem]:
    return [
        error(
            "H210", Span(roster.path, roster.persons[n].line, roster.column), number=roster.persons[n].number,
            papers=", ".join(f"{paper.id} {shared[n, m]}" for m, paper in enumerate(forms)), most=max(most),
        )
        for n in np.flatnonzero(form < 0).tolist()
    ]  # fmt: skip


def _write(done: Assigned, order: NDArray[np.intp], target: Path, language: Language) -> tuple[Path, ...]:
    """Write the roster with its papers, as CSV or XLSX by the name of the file, and the seating list beside it."""
    roster = done.roster
    given = [done.forms[n].id if n >= 0 else "" for n in done.form.tolist()]
    header = [*roster.header, "form"] if roster.form < 0 else list(roster.header)
    rows: list[list[Cell]] = []
    for person, form in zip(roster.persons, given, strict=True):
        cells: list[Cell] = list(person.cells)
        if roster.form < 0:
            cells.append(form)
        else:
            cells[roster.form] = form
        rows.append(cells)
    words = ("site", "room", "seat", "person", "name", "form")
    seats: list[list[Cell]] = []
    for n in order.tolist():
        person = roster.persons[n]
        seats.append([person.site, person.room, person.seat, person.number, person.name, given[n], None])
    titles = [*(text(language, f"result.{word}") for word in words), text(language, "result.signature")]
    seating = target.with_name(f"{target.stem}-seating{target.suffix}")
    for path, head, table in ((target, header, rows), (seating, titles, seats)):
        if path.suffix == ".xlsx":
            write_xlsx(path, text(language, "result.seating"), head, table)
        else:
            write_csv(path, head, table)
    return target, seating
