"""What became of a person's paper, changed by hand after the import: present, absent, void, withheld."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, or_, select, update

from qbank.core.responses import NOT_SEEN, Standing
from qbank.ledger import tables
from qbank.ledger.blocks import DamagedBlock, unpacked
from qbank.ledger.engine import Ledger, LedgerError
from qbank.ledger.gate import Stage, take_back_within
from qbank.ledger.trail import record


@dataclass(frozen=True, slots=True)
class Found:
    """A person of a sitting: ``position`` in the file of one part, ``person`` the pseudonym."""

    intake: str
    part: str
    position: int
    person: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class Marked:
    """before, after : standings, equal where nothing was changed ; taken_back : stages of the gate that stood"""

    person: str
    before: Standing
    after: Standing
    taken_back: tuple[Stage, ...]


def find_person(ledger: Ledger, sitting: str, words: str) -> tuple[Found, ...]:
    """Return who of a sitting has this number, document or pseudonym; several where parts number alike.

    Full-width digits and spaces make no difference.
    """
    with ledger.read() as connection:
        return _find(connection, sitting, words)


def mark_person(ledger: Ledger, sitting: str, found: Found, standing: Standing, why: str) -> Marked:
    """Change what a person's paper counts as, and take back the scores of the sitting and what rests on them.

    Who was absent saw no question: exposure follows.
    """
    p = tables.person.c
    here = (p.intake == found.intake) & (p.position == found.position)
    with ledger.begin() as connection:
        connection.execute(select(tables.sitting.c.id).where(tables.sitting.c.id == sitting).with_for_update())
        before: Standing = connection.execute(select(p.standing).where(here)).scalar_one()
        if before == standing:
            return Marked(found.person, before, standing, ())
        connection.execute(update(tables.person).where(here).values(standing=standing))
        if "absent" in (before, standing):
            _change_exposure(connection, ledger, found, by=-1 if standing == "absent" else 1)
        facts = {"intake": found.intake, "row": found.position + 1, "before": before, "after": standing, "why": why}
        record(connection, ledger, "person marked", sitting, facts, touched=("exposure",))
        said = {name: facts[name] for name in ("row", "before", "after")}
        taken = take_back_within(connection, ledger, sitting, "scored", why, said)
    return Marked(found.person, before, standing, taken)


def _find(connection: Connection, sitting: str, words: str) -> tuple[Found, ...]:
    plain = "".join(unicodedata.normalize("NFKC", words).split())
    i, p, d = tables.intake.c, tables.person.c, tables.identity.c
    query = (
        select(p.intake, i.part, p.position, p.person, p.standing)
        .join(tables.intake, i.id == p.intake)
        .outerjoin(tables.identity, (d.intake == p.intake) & (d.position == p.position))
        .where(i.sitting == sitting, i.current)
        .where(or_(d.number.in_([words, plain]), d.document.in_([words, plain, plain.upper()]), p.person == plain.lower()))
        .order_by(i.part, p.position)
    )
    return tuple(Found(*row) for row in connection.execute(query).all()) if plain else ()


def _change_exposure(connection: Connection, ledger: Ledger, found: Found, *, by: int) -> None:
    """Count one person more or fewer for every item, and every case, that stood on the person's paper."""
    e = tables.exposure.c
    seen = _seen_items(connection, ledger, found)
    counted = connection.execute(select(e.item).where(e.intake == found.intake)).scalars().all()
    whole = {item.rsplit(".", 1)[0] for item in seen}
    touched = [item for item in counted if item in seen or item in whole]
    if touched:
        here = (e.intake == found.intake) & e.item.in_(touched)
        connection.execute(update(tables.exposure).where(here).values(n_seen=tables.exposure.c.n_seen + by))


def _seen_items(connection: Connection, ledger: Ledger, found: Found) -> frozenset[str]:
    b = tables.response_block.c
    items: list[str] = connection.execute(
        select(tables.intake.c["items"]).where(tables.intake.c.id == found.intake)
    ).scalar_one()
    row: Any = connection.execute(
        select(tables.response_block)
        .where(b.intake == found.intake, b.first <= found.position)
        .order_by(b.first.desc())
    ).first()
    try:
        block = unpacked(row.dtype, (row.n_persons, row.n_items), row.answer, row.checksum)
    except DamagedBlock as fault:
        raise LedgerError("damaged", ledger.place, f"{found.intake} block {row.block}: {fault}") from fault
    answer = block[found.position - row.first]
    return frozenset(items[n] for n in np.flatnonzero(answer != NOT_SEEN))
