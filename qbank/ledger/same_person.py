"""One person, one pseudonym within a sitting: a sheet of marks has the number only, the list of answers the document too."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select, update

from qbank.core.responses import plain_number
from qbank.ledger import tables
from qbank.ledger.answer_marks import move_marks

Moved = tuple[str, int, str, str]
"""Part's intake and position of a row, the pseudonym that it had, and the one that it takes."""


def linked(
    connection: Connection, sitting: str, part: str, numbers: Sequence[str], documents: Sequence[str], who: Sequence[str]
) -> tuple[list[str], tuple[str, ...]]:
    """Return the pseudonyms of the persons of a part, the same as other parts of the sitting gave the same number, and
    the other files whose rows took another one.

    who : what they would be alone. Where this part knows the document and an earlier one had only the number, the earlier
    rows take the pseudonym of the document, which is the one that other sittings know. Two documents under one number are
    two persons.
    """
    found, moved = pseudonyms_beside(connection, sitting, part, numbers, documents, who)
    p = tables.person.c
    for intake, position, _, person in moved:
        here = (p.intake == intake) & (p.position == position)
        connection.execute(update(tables.person).where(here).values(person=person))
    move_marks(connection, {before: person for _, _, before, person in moved}, sitting=sitting)
    return found, tuple(dict.fromkeys(intake for intake, *_ in moved))


def pseudonyms_beside(
    connection: Connection, sitting: str, part: str, numbers: Sequence[str], documents: Sequence[str], who: Sequence[str]
) -> tuple[list[str], list[Moved]]:
    """Return what `linked` returns, and which rows of other parts take another pseudonym, without changing any."""
    i, p, d = tables.intake.c, tables.person.c, tables.identity.c
    rows = connection.execute(
        select(p.intake, p.position, p.person, d.number, d.document)
        .join(tables.identity, (d.intake == p.intake) & (d.position == p.position))
        .join(tables.intake, i.id == p.intake)
        .where(i.sitting == sitting, i.current, i.part != part)
    ).all()
    if not rows:
        return list(who), []
    known: dict[str, list[tuple[str, int, str, str]]] = {}
    for intake, position, person, number, document in rows:
        known.setdefault(plain_number(number), []).append((intake, position, person, document))
    found: list[str] = []
    moved: list[Moved] = []
    for number, document, alone in zip(numbers, documents or [""] * len(numbers), who, strict=True):
        others = known.get(plain_number(number), [])
        told = {person for _, _, person, theirs in others if theirs}
        if document:
            moved += [
                (intake, position, person, alone) for intake, position, person, theirs in others if not theirs and person != alone
            ]
            found.append(alone)
        elif len(told) == 1:
            found.append(next(iter(told)))
        else:
            found.append(others[0][2] if others and not told else alone)
    return found, moved
