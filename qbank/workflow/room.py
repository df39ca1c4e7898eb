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
from qbank.render.room import Candidate, Room, room_pdf
from qbank.render.room_lists import lists_pdf
from qbank.render.tagged_room import most_candidates, tagged_room_pdf
from qbank.workflow.assign import seat_order
from qbank.workflow.exam import file_word, persons_by_form
from qbank.workflow.room_papers import RoomPapers
from qbank.workflow.unprintable import found_words


def print_rooms(
    roster_path: Path, forms: Sequence[Form], papers: Sequence[tuple[Form, Paper, Bank]], layout: Layout,
    parts: tuple[Part, ...] = (), *, tagged: bool = False, put: Callable[[Mapping[str, bytes]], None],
) -> list[Problem]:  # fmt: skip
    """Make the files of all rooms of a roster, each put away as it is done; returns what is wrong, all of it.

    The pages of a paper are held from the first room to the last that needs them: one room's where each person has a paper.

    forms : all papers ; papers : of those that could be read, form, paper and bank ; parts : of ``paper`` and
    ``answer-sheet``, both where none is named ; tagged : papers as PDF/UA-1 and PDF/A-2b ; put : files by name
    """
    rooms, problems = rooms_of(roster_path, forms)
    own = RoomPapers(papers, parts, layout)
    wrong: list[Problem] = []
    try:
        if not rooms or has_errors(problems) or len(papers) < len(forms):
            _look_through(own, rooms, forms, papers)
        else:
            last = {candidate.paper: room for room in rooms for candidate in room.candidates}
            for room, name in zip(rooms, room_words(rooms), strict=True):
                used = sorted({candidate.paper for candidate in room.candidates})
                own.hold(used)
                if not own.problems():
                    files, found = _room_files(room, name, own, layout, roster_path, tagged=tagged)
                    wrong += found
                    if not has_errors(problems + wrong):
                        put(files)
                own.drop(index for index in used if last[index] is room)
    except TemplateFailure as fault:
        wrong.append(fault.problem(layout.centre.folder))
    return problems + own.problems() + wrong


def _look_through(own: RoomPapers, rooms: Sequence[Room], forms: Sequence[Form], papers: Sequence[tuple[Form, Paper, Bank]]) -> None:
    """Make the pages of each paper that somebody sits, or of all where nobody sits any, to tell what is wrong with them."""
    used = {forms[candidate.paper].id for room in rooms for candidate in room.candidates}
    for index, (form, _, _) in enumerate(papers):
        if form.id in used or not used:
            own.hold([index])
            own.drop([index])


def _room_files(
    room: Room, name: str, own: RoomPapers, layout: Layout, roster: Path, *, tagged: bool
) -> tuple[dict[str, bytes], list[Problem]]:
    """Return the papers and the lists of a room, or nothing and what is wrong: too many for one tagged file, a name that no
    font has."""
    printed = own.printed()
    if tagged and len(room.candidates) > (most := most_candidates(printed)):
        where = " ".join(filter(None, (room.site, room.room))) or "–"
        return {}, [error("Z910", Span(str(roster)), room=where, n=len(room.candidates), most=most)]
    try:
        pdf = tagged_room_pdf(room, printed, layout) if tagged else room_pdf(room, printed, layout)
        lists = lists_pdf(room, own.bundles(), hashlib.sha256(pdf).hexdigest(), layout)
    except UnprintableText as fault:
        return {}, [error("Z906", _line_of(roster, failure), detail=failure.sentence(fault.language)) for failure in fault.failures]
    return {f"{name}-papers.pdf": pdf, f"{name}-lists.pdf": lists}, []


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
