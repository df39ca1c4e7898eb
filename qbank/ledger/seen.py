"""Which questions persons had before, in sittings that the ledger knows: by the item's id, through every revision."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from qbank.core.responses import NOT_SEEN
from qbank.ledger import tables
from qbank.ledger.blocks import DamagedBlock, unpacked
from qbank.ledger.engine import Ledger, LedgerError
from qbank.ledger.persons import pseudonym_key, pseudonyms

CHUNK = 5_000
"""Persons of one query; databases take some ten thousand values at most."""


@dataclass(frozen=True, slots=True)
class Seen:
    """seen : bool (n_persons, n_items), who had which question in an earlier sitting ; sittings : (n_persons,) the
    sittings that a person sat, in the order of their days
    """

    persons: tuple[str, ...]
    items: tuple[str, ...]
    seen: NDArray[np.bool_]
    sittings: tuple[tuple[str, ...], ...]


def known_as(ledger: Ledger, numbers: Iterable[str]) -> list[str]:
    """Return the pseudonyms that this ledger has for numbers or documents, whether they sat before or not."""
    with ledger.read() as connection:
        return pseudonyms(pseudonym_key(connection), numbers)


def seen_items(
    ledger: Ledger, persons: Sequence[str], items: Sequence[str], *, without: str = ""
) -> Seen:
    """Return which of some items some persons had in the sittings of the ledger but one (``without``).

    persons : pseudonyms, see `known_as` ; items : ids of places that take an answer: ``CASE.1``, not ``CASE``

    Who was absent had none; a paper that is void or withheld was seen. Only files that stand count, not those that were
    replaced. Reads the blocks of those sittings only that any of the persons sat.
    """
    row_of: dict[str, list[int]] = {}
    for row, person in enumerate(persons):
        row_of.setdefault(person, []).append(row)
    seen = np.zeros((len(persons), len(items)), dtype=np.bool_)
    sat: list[list[str]] = [[] for _ in persons]
    column = {item: n for n, item in enumerate(items)}
    with ledger.read() as connection:
        for intake, sitting, places in _places(connection, list(row_of), without):
            here = connection.execute(select(tables.intake.c["items"]).where(tables.intake.c.id == intake)).scalar_one()
            common = [(n, column[item]) for n, item in enumerate(here) if item in column]
            rows = [(position, row) for position, person in places for row in row_of[person]]
            for _, row in rows:
                if sitting not in sat[row]:
                    sat[row].append(sitting)
            if common:
                own, asked = np.array(common, dtype=np.intp).T
                position, row_at = np.array(rows, dtype=np.intp).T
                had = _had(connection, ledger, intake, position)[:, own]
                # a person may stand twice in a roster, and the same row then twice in the index
                for one, line in zip(row_at.tolist(), had, strict=True):
                    seen[one, asked] |= line
    seen.flags.writeable = False
    return Seen(tuple(persons), tuple(items), seen, tuple(tuple(words) for words in sat))


def sat_before(ledger: Ledger, sitting: str) -> tuple[str, ...]:
    """Return the pseudonyms of a sitting that stand in another sitting too, in the order of their alphabet."""
    p, i = tables.person.c, tables.intake.c
    other, elsewhere = tables.person.alias(), tables.intake.alias()
    query = (
        select(p.person)
        .join(tables.intake, i.id == p.intake)
        .join(other, other.c.person == p.person)
        .join(elsewhere, elsewhere.c.id == other.c.intake)
        .where(i.sitting == sitting, i.current, elsewhere.c.sitting != sitting, elsewhere.c.current)
        .distinct()
        .order_by(p.person)
    )
    s = tables.sitting.c
    with ledger.read() as connection:
        if connection.execute(select(s.id).where(s.id != sitting).limit(1)).first() is None:
            return ()
        return tuple(connection.execute(query).scalars().all())


def _places(
    connection: Connection, persons: list[str], without: str
) -> list[tuple[str, str, list[tuple[int, str]]]]:
    """Return (intake, sitting, [(position, person)]) of all files that stand and hold any of the persons."""
    p, i, s = tables.person.c, tables.intake.c, tables.sitting.c
    found: dict[tuple[str, str, str], list[tuple[int, str]]] = {}
    for first in range(0, len(persons), CHUNK):
        query = (
            select(s.date, i.sitting, p.intake, p.position, p.person)
            .join(tables.intake, i.id == p.intake)
            .join(tables.sitting, s.id == i.sitting)
            .where(p.person.in_(persons[first : first + CHUNK]), i.current, i.sitting != without, p.standing != "absent")
        )
        for date, sitting, intake, position, person in connection.execute(query).all():
            found.setdefault((date, sitting, intake), []).append((position, person))
    return [(intake, sitting, sorted(found[date, sitting, intake])) for date, sitting, intake in sorted(found)]


def _had(connection: Connection, ledger: Ledger, intake: str, position: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return which questions stood on the papers of some rows of a file, (n_positions, n_items)."""
    b = tables.response_block.c
    rows = connection.execute(select(tables.response_block).where(b.intake == intake).order_by(b.block)).all()
    had = np.zeros((position.size, rows[0].n_items if rows else 0), dtype=np.bool_)
    for row in rows:
        here = (position >= row.first) & (position < row.first + row.n_persons)
        if not here.any():
            continue
        try:
            block = unpacked(row.dtype, (row.n_persons, row.n_items), row.answer, row.checksum)
        except DamagedBlock as fault:
            raise LedgerError("damaged", ledger.place, f"{intake} block {row.block}: {fault}") from fault
        had[here] = block[position[here] - row.first] != NOT_SEEN
    return had
