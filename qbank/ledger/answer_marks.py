"""Single answers declared void or withheld after the import: laid over what stands on paper, which stays."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, insert, select

from qbank.core.responses import NOT_SEEN, VOID, WITHHELD, Responses
from qbank.ledger import tables
from qbank.ledger.engine import Ledger, now
from qbank.ledger.gate import take_back_within
from qbank.ledger.stages import Stage
from qbank.ledger.trail import record

AnswerStanding = Literal["void", "withheld"]
ANSWER_STANDINGS: tuple[AnswerStanding, ...] = get_args(AnswerStanding)
CODES: Mapping[str, int] = {"void": VOID, "withheld": WITHHELD}
CHUNK = 5_000
"""Rows of one statement."""


@dataclass(frozen=True, slots=True)
class AnswerMark:
    """One answer that does not stand: ``void`` (nobody's fault: what it counts as is a rule of scoring), or ``withheld``
    for a breach of the rules (no marks); ``person`` is the pseudonym."""

    person: str
    item: str
    standing: AnswerStanding
    at: str = ""
    who: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class MarkedAnswers:
    """What one call changed.

    n_persons : who have any of the questions ; n_changed : answers that stand otherwise than before ; taken_back : stages
    of the gate that stood
    """

    n_persons: int
    n_changed: int
    taken_back: tuple[Stage, ...]


def answer_marks_of(ledger: Ledger, sitting: str) -> tuple[AnswerMark, ...]:
    """Return the answers of a sitting that were declared void or withheld, by item and person."""
    with ledger.read() as connection:
        return read_marks(connection, sitting)


def read_marks(connection: Connection, sitting: str) -> tuple[AnswerMark, ...]:
    """Do what `answer_marks_of` does, inside the caller's transaction."""
    m = tables.answer_mark.c
    query = select(m.person, m.item, m.standing, m.at, m.who, m.why).where(m.sitting == sitting)
    return tuple(AnswerMark(*row) for row in connection.execute(query.order_by(m.item, m.person)).all())


def with_marks(responses: Responses, marks: Sequence[AnswerMark]) -> tuple[Responses, tuple[AnswerMark, ...]]:
    """Return responses with the answers that were marked as void or withheld, and the marks that fit no answer.

    A mark fits where the person is in a file that counts and has the question on paper; a question that nobody had
    stays not seen.
    """
    if not marks:
        return responses, ()
    row = {person: n for n, person in enumerate(responses.persons)}
    column = {item: n for n, item in enumerate(responses.items)}
    answer, left = responses.answer.copy(), []
    for mark in marks:
        n, k = row.get(mark.person), column.get(mark.item)
        if n is None or k is None or responses.answer[n, k] == NOT_SEEN:
            left.append(mark)
        else:
            answer[n, k] = CODES[mark.standing]
    answer.flags.writeable = False
    return dataclasses.replace(responses, answer=answer), tuple(left)


def mark_answers(
    ledger: Ledger, responses: Responses, rows: NDArray[np.intp], items: Sequence[str],
    standing: Literal["present", "void", "withheld"], why: str, where: Mapping[str, str],
) -> MarkedAnswers:  # fmt: skip
    """Declare the answers of some persons to some questions void or withheld, or take that back (``present``).

    responses : of the sitting, as on paper ; rows : persons in them ; where : how they were chosen, in words for the
    trail (site, room), never a number or a name

    One transaction; scores, and what rests on them, are taken back. Persons who did not have a question are passed over.
    """
    sitting = responses.sitting
    column = {item: n for n, item in enumerate(responses.items)}
    asked = np.array([column[item] for item in items], dtype=np.intp)
    had = responses.answer[np.ix_(rows, asked)] != NOT_SEEN
    n_persons = int(had.any(axis=1).sum())
    with ledger.begin() as connection:
        connection.execute(select(tables.sitting.c.id).where(tables.sitting.c.id == sitting).with_for_update())
        known = {(mark.person, mark.item): mark.standing for mark in read_marks(connection, sitting)}
        changed: dict[tuple[str, str], str] = {}
        for n, row in enumerate(rows.tolist()):
            person = responses.persons[row]
            for k in np.flatnonzero(had[n]).tolist():
                before = known.get((person, items[k]), "present")
                if before != standing:
                    changed[person, items[k]] = before
        if not changed:
            return MarkedAnswers(n_persons, 0, ())
        _write(connection, ledger, sitting, changed, standing, why)
        facts = {
            "items": list(dict.fromkeys(item for _, item in changed)), "where": dict(where),
            "rows": _places(connection, sitting, {person for person, _ in changed}),
            "before": _counted(changed.values()), "after": standing, "n": len(changed), "why": why,
        }  # fmt: skip
        record(connection, ledger, "answer marked", sitting, facts, touched=("answer_mark",))
        said = {name: facts[name] for name in ("items", "n", "after")}
        taken = take_back_within(connection, ledger, sitting, "scored", why, said)
    return MarkedAnswers(n_persons, len(changed), taken)


def move_marks(connection: Connection, moved: Mapping[str, str], *, sitting: str | None = None) -> tuple[str, ...]:
    """Give marks to the pseudonyms that persons have from now on; returns the sittings whose marks changed.

    moved : pseudonym before → after ; sitting : the only one it is about
    """
    m = tables.answer_mark.c
    names = list(moved)
    touched: dict[str, None] = {}
    for first in range(0, len(names), CHUNK):
        query = select(tables.answer_mark).where(m.person.in_(names[first : first + CHUNK]))
        rows = connection.execute(query if sitting is None else query.where(m.sitting == sitting)).mappings().all()
        for row in rows:
            key = (m.sitting == row["sitting"]) & (m.item == row["item"])
            connection.execute(delete(tables.answer_mark).where(key, m.person.in_([row["person"], moved[row["person"]]])))
            connection.execute(insert(tables.answer_mark).values({**row, "person": moved[row["person"]]}))
            touched[row["sitting"]] = None
    return tuple(touched)


def _write(
    connection: Connection, ledger: Ledger, sitting: str, changed: Mapping[tuple[str, str], str], standing: str, why: str
) -> None:
    m = tables.answer_mark.c
    persons_of: dict[str, list[str]] = {}
    for person, item in changed:
        persons_of.setdefault(item, []).append(person)
    at = now()
    for item, persons in persons_of.items():
        for first in range(0, len(persons), CHUNK):
            some = persons[first : first + CHUNK]
            here = (m.sitting == sitting) & (m.item == item) & m.person.in_(some)
            connection.execute(delete(tables.answer_mark).where(here))
            if standing != "present":
                row = {"sitting": sitting, "item": item, "standing": standing, "at": at, "who": ledger.who, "why": why}
                connection.execute(insert(tables.answer_mark), [{**row, "person": person} for person in some])


def _places(connection: Connection, sitting: str, persons: set[str]) -> dict[str, str]:
    """Return by file the rows of some persons, as in ``3,17-40``: what the trail says of them."""
    i, p = tables.intake.c, tables.person.c
    query = (
        select(p.intake, p.position, p.person)
        .join(tables.intake, i.id == p.intake)
        .where(i.sitting == sitting, i.current)
        .order_by(p.intake, p.position)
    )
    found: dict[str, list[int]] = {}
    for intake, position, person in connection.execute(query):
        if person in persons:
            found.setdefault(intake, []).append(position + 1)
    return {intake: ranges(rows) for intake, rows in found.items()}


def ranges(numbers: Sequence[int]) -> str:
    """Return ascending numbers as people write them.

    >>> ranges([3, 17, 18, 19, 21])
    '3,17-19,21'
    """
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1][1:] = [number]
        else:
            runs.append([number])
    return ",".join("-".join(map(str, run)) for run in runs)


def _counted(words: Iterable[Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for word in words:
        found[word] = found.get(word, 0) + 1
    return found
