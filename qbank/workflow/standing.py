"""sitting mark: a paper, or single answers, that turn out to be void, withheld, or of somebody who was not there."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from qbank.core.responses import NOT_SEEN, STANDINGS, VOID, Responses, Standing
from qbank.ledger import (
    AnswerMark,
    Found,
    Ledger,
    Marked,
    MarkedAnswers,
    find_person,
    mark_answers,
    mark_person,
    read_sitting,
    stages_of,
)
from qbank.messages.lists import some
from qbank.problem import Problem, Span, error, warning
from qbank.workflow.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose answers are marked: one person by number, document or pseudonym, or everybody at a site or in a room."""

    person: str = ""
    site: str = ""
    room: str = ""


@dataclass(frozen=True, slots=True)
class AnswersMarked:
    """items : the questions concerned, those of a case by themselves ; done : what changed"""

    items: tuple[str, ...]
    done: MarkedAnswers


def mark_standing(
    id: str, person: str, standing: Standing, workspace: Workspace, *, why: str, who: str = ""
) -> tuple[Marked | None, list[Problem]]:
    """Change what the paper of one person counts as; ``person`` is the number, the document or the pseudonym."""
    if not workspace.has_ledger():
        return None, [error("L102", Span(id), id=id)]
    opened = workspace.open()
    try:
        ledger = replace(opened, who=who) if who else opened
        if not stages_of(ledger, id):
            return None, [error("L102", Span(id), id=id)]
        found, problems = _one_person(ledger, id, person)
        return (None, problems) if found is None else (mark_person(ledger, id, found, standing, why), problems)
    finally:
        opened.close()


def mark_single_answers(
    id: str, whose: Whose, items: Sequence[str], standing: Literal["present", "void", "withheld"], workspace: Workspace, *,
    why: str, who: str = "",
) -> tuple[AnswersMarked | None, list[Problem]]:  # fmt: skip
    """Declare answers void or withheld, or take that back (``present``): of one person, or of a whole site or room.

    items : ids of questions; that of a case stands for all its parts. Of a site or room those are meant who sat and have
    the question on paper; who is added to the room later is not.
    """
    if not workspace.has_ledger():
        return None, [error("L102", Span(id), id=id)]
    ledger = workspace.open(who=who)
    try:
        stored = read_sitting(ledger, id, as_on_paper=True)
        if stored is None:
            return None, [error("L102", Span(id), id=id)]
        responses = stored.responses
        columns, problems = _columns(id, items, responses)
        rows, wrong = _rows(ledger, id, whose, responses)
        if problems or wrong:
            return None, problems + wrong
        asked = tuple(responses.items[n] for n in columns)
        nobody = [
            item for item, n in zip(asked, columns, strict=True) if not (responses.answer[rows, n] != NOT_SEEN).any()
        ]
        if nobody:
            on = sorted({responses.forms[n] for n in responses.form[rows].tolist()})
            return None, [error("H113", Span(id), id=id, items=", ".join(nobody), papers=some(on))]
        where = {} if whose.person else {name: word for name in ("site", "room") if (word := getattr(whose, name))}
        done = AnswersMarked(asked, mark_answers(ledger, responses, rows, asked, standing, why, where))
        return done, _nothing_left(id, ledger, rows) if standing == "void" else []
    finally:
        ledger.close()


def _nothing_left(id: str, ledger: Ledger, rows: NDArray[np.intp]) -> list[Problem]:
    """Return a warning where every answer of a person who was marked is void now: nothing can be scored. rows : of persons"""
    stored = read_sitting(ledger, id)
    if stored is None:
        return []
    answer = stored.responses.answer[rows]
    whole = (answer != NOT_SEEN).any(axis=1) & ((answer == NOT_SEEN) | (answer == VOID)).all(axis=1)
    whole &= stored.responses.standing[rows] == STANDINGS.index("present")
    if not whole.any():
        return []
    persons = [stored.responses.persons[row] for row in rows[whole]]
    said = ", ".join(persons[:3]) + (" …" if len(persons) > 3 else "")
    return [warning("H116", Span(id), id=id, n=len(persons), persons=said, first=persons[0])]


def unfitting_marks(id: str, marks: Iterable[AnswerMark]) -> list[Problem]:
    """Return a warning of single answers that were declared void, where no file has the person or the question any more."""
    counts: dict[str, int] = {}
    for mark in marks:
        counts[mark.item] = counts.get(mark.item, 0) + 1
    said = ", ".join(f"{item} × {n}" for item, n in counts.items())
    return [warning("H115", Span(id), id=id, n=sum(counts.values()), items=said)] if counts else []


def _one_person(ledger: Ledger, id: str, person: str) -> tuple[Found | None, list[Problem]]:
    found = find_person(ledger, id, person)
    if not found:
        return None, [error("H110", Span(id), id=id, person=person)]
    if len(found) > 1:
        # the file's row is what a person at the desk can look up; it says nobody's name
        rows = ", ".join(f"{place.part or '-'}:{place.position + 1} {one.person}" for one in found for place in one.places)
        return None, [error("H111", Span(id), id=id, person=person, n=len(found), rows=rows)]
    return found[0], []


def _columns(id: str, items: Sequence[str], responses: Responses) -> tuple[list[int], list[Problem]]:
    """Return the columns of questions, those of a case's parts for the case, in their order."""
    found: dict[int, None] = {}
    problems = []
    for item in items:
        own = [n for n, known in enumerate(responses.items) if known == item or known.startswith(f"{item}.")]
        if not own:
            near = difflib.get_close_matches(item, responses.items, n=1, cutoff=0.6)
            problems.append(error("H112", Span(id), id=id, item=item, suggestion=near[0] if near else "–"))
        found |= dict.fromkeys(own)
    return sorted(found), problems


def _rows(
    ledger: Ledger, id: str, whose: Whose, responses: Responses
) -> tuple[NDArray[np.intp], list[Problem]]:
    """Return the rows of the persons who are meant: whoever was absent is none of a room."""
    if whose.person:
        found, problems = _one_person(ledger, id, whose.person)
        row = [] if found is None else [responses.persons.index(found.person)]
        return np.array(row, dtype=np.intp), problems
    columns = dict(responses.groups)
    meant = responses.standing != STANDINGS.index("absent")
    for name in ("site", "room"):
        word = getattr(whose, name)
        if word:
            column = np.array([_plain(one) for one in columns.get(name, ("",) * len(responses.persons))], dtype=np.str_)
            meant &= column == _plain(word)
    rows = np.flatnonzero(meant)
    if rows.size:
        return rows, []
    return rows, [error("H114", Span(id), id=id, where=_words(whose), known=_known(columns, whose))]


def _known(columns: Mapping[str, tuple[str, ...]], whose: Whose) -> str:
    """Return which places of the sort that was asked for there are."""
    names = [name for name in ("site", "room") if getattr(whose, name)]
    rows = zip(*(columns[name] for name in names), strict=True) if all(name in columns for name in names) else []
    known = sorted({" / ".join(row) for row in rows if all(row)})
    return ", ".join(known[:12]) + (" …" if len(known) > 12 else "") if known else "–"


def _words(whose: Whose) -> str:
    return " / ".join(word for word in (whose.site, whose.room) if word)


def _plain(word: str) -> str:
    return "".join(unicodedata.normalize("NFKC", word).split()).upper()
