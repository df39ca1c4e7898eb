"""print --roster: one PDF of papers and one of lists for each room, and what each candidate gets there."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from pathlib import Path

from qbank.core.bank import Bank
from qbank.core.form import Form
from qbank.core.presentation import Paper, Part
from qbank.files.roster import read_roster
from qbank.problem import Problem, Span, error, has_errors
from qbank.render.failure import TemplateFailure, TextFailure, UnprintableText
from qbank.render.layout import Layout
from qbank.render.room import PERSONAL_PARTS, Candidate, Printed, Room, personal_base, room_pdf
from qbank.render.room_lists import lists_pdf
from qbank.render.room_tables import Bundle
from qbank.render.tagged_room import most_candidates, tagged_room_pdf
from qbank.render.texts import parts_of
from qbank.workflow.assign import seat_order
from qbank.workflow.exam import file_word, persons_by_form
from qbank.workflow.unprintable import found_words, unprintable


def print_rooms(
    roster_path: Path, forms: Sequence[Form], papers: Sequence[tuple[Form, Paper, Bank]], layout: Layout,
    parts: tuple[Part, ...] = (), *, tagged: bool = False, put: Callable[[Mapping[str, bytes]], None],
) -> list[Problem]:  # fmt: skip
    """Make the files of all rooms of a roster, each put away as it is done; returns what is wrong, all of it.

    forms : all papers ; papers : of those that could be read, form, paper and bank ; parts : of ``paper`` and
    ``answer-sheet``, both where none is named ; tagged : papers as PDF/UA-1 and PDF/A-2b ; put : files by name
    """
    rooms, problems = rooms_of(roster_path, forms)
    used = {forms[candidate.paper].id for room in rooms for candidate in room.candidates} or {form.id for form in forms}
    printed: dict[str, list[Printed]] = {}
    for form, paper, bank in papers:
        wanted = [part for part in PERSONAL_PARTS if part in (parts or PERSONAL_PARTS) and part in parts_of(paper)]
        if not wanted:
            problems.append(error("Z905", Span(paper.code), parts=", ".join(PERSONAL_PARTS)))
            continue
        try:
            printed[form.id] = [personal_base(paper, part, layout) for part in wanted] if form.id in used else []
        except UnprintableText as fault:
            problems += unprintable(fault, paper, bank)
        except TemplateFailure as fault:
            return [*problems, fault.problem(layout.centre.folder)]
    if has_errors(problems) or len(printed) < len(forms):
        return problems
    if tagged and (wrong := _too_large(rooms, list(printed.values()), roster_path)):
        return problems + wrong
    shown = [paper for _, paper, _ in papers]
    return problems + _room_files(rooms, shown, list(printed.values()), layout, roster_path, tagged=tagged, put=put)


def _too_large(rooms: Sequence[Room], printed: Sequence[Sequence[Printed]], roster: Path) -> list[Problem]:
    """Return an error for each room with more candidates than one tagged file can hold."""
    most = most_candidates(printed)
    return [
        error("Z910", Span(str(roster)), room=" ".join(filter(None, (room.site, room.room))) or "–", n=len(room.candidates), most=most)
        for room in rooms
        if len(room.candidates) > most
    ]


def _room_files(
    rooms: Sequence[Room], papers: Sequence[Paper], printed: Sequence[Sequence[Printed]], layout: Layout, roster: Path, *,
    tagged: bool, put: Callable[[Mapping[str, bytes]], None],
) -> list[Problem]:  # fmt: skip
    problems: list[Problem] = []
    bundles = [
        Bundle(paper, sum(part.n_pages for part in parts), hashlib.sha256(b"".join(part.pdf for part in parts)).hexdigest())
        for paper, parts in zip(papers, printed, strict=True)
    ]
    for room, name in zip(rooms, room_words(rooms), strict=True):
        try:
            pdf = tagged_room_pdf(room, printed, layout) if tagged else room_pdf(room, printed, layout)
            lists = lists_pdf(room, bundles, hashlib.sha256(pdf).hexdigest(), layout)
        except UnprintableText as fault:
            problems += [error("Z906", _line_of(roster, failure), detail=failure.sentence(fault.language)) for failure in fault.failures]
            continue
        except TemplateFailure as fault:
            return [*problems, fault.problem(layout.centre.folder)]
        if not problems:
            put({f"{name}-papers.pdf": pdf, f"{name}-lists.pdf": lists})
    return problems


def _line_of(path: Path, failure: TextFailure) -> Span:
    """Return the line of the first person of a roster with what cannot be printed, or the file."""
    words = found_words(failure)
    roster, _ = read_roster(path)
    for person in roster.persons if roster else ():
        if any(words in one for one in (person.number, person.name, person.site, person.room, person.seat)):
            return Span(roster.path if roster else str(path), person.line, 1)
    return Span(str(path))


def room_words(rooms: Sequence[Room]) -> tuple[str, ...]:
    """Return what the names of each room's files begin with; rooms whose words come to be the same are counted.

    >>> room_words((Room("North site", "03", ()), Room("", "", ())))
    ('room-North_site-03', 'room')
    >>> room_words((Room("", "a/b", ()), Room("", "a_b", ()), Room("", "A b", ()), Room("", "a_b-2", ())))
    ('room-a_b', 'room-a_b-2', 'room-A_b-3', 'room-a_b-2-2')
    """
    taken: set[str] = set()
    words = []
    for room in rooms:
        word = "-".join(filter(None, ("room", file_word(room.site), file_word(room.room))))
        number = count(2)
        shown = word
        while shown.casefold() in taken:
            shown = f"{word}-{next(number)}"
        taken.add(shown.casefold())
        words.append(shown)
    return tuple(words)


def rooms_of(path: Path, forms: Sequence[Form]) -> tuple[tuple[Room, ...], list[Problem]]:
    """Return the rooms of a roster in order, persons by seat, or none and what is wrong with the list."""
    roster, problems = read_roster(path)
    if roster is None:
        return (), problems
    by_form, wrong = persons_by_form(roster, forms)
    problems += wrong
    paper_of_line = {person.line: index for index, form in enumerate(forms) for person in by_form.get(form.id, ())}
    rooms: dict[tuple[str, str], list[Candidate]] = {}
    seats: dict[tuple[str, str, str], int] = {}
    for person in sorted(roster.persons, key=seat_order):
        if person.line not in paper_of_line:
            continue
        if person.seat and (first := seats.setdefault((person.site, person.room, person.seat), person.line)) != person.line:
            problems.append(error("Z907", Span(roster.path, person.line, 1), seat=person.seat, room=person.room, first=first))
        candidate = Candidate(person.number, person.name, person.seat, paper_of_line[person.line])
        rooms.setdefault((person.site, person.room), []).append(candidate)
    return tuple(Room(site, room, tuple(found)) for (site, room), found in rooms.items()), problems
