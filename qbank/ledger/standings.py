"""What became of a person's paper, changed by hand after the import: present, absent, void, withheld."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, or_, select, update

from qbank.core.responses import NOT_SEEN, Standing
from qbank.ledger import tables
from qbank.ledger.blocks import DamagedBlock, unpacked
from qbank.ledger.engine import Ledger, LedgerError
from qbank.ledger.gate import take_back_within
from qbank.ledger.joining import heaviest
from qbank.ledger.stages import Stage
from qbank.ledger.trail import record


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person stands: ``position`` in the file of one part."""

    intake: str
    part: str
    position: int
    standing: Standing


@dataclass(frozen=True, slots=True)
class Found:
    """A person of a sitting: the pseudonym, and the places in all its parts, theory and raters' marks alike."""

    person: str
    places: tuple[Place, ...]

    @property
    def standing(self) -> Standing:
        """Return what the person's papers count as together."""
        return heaviest(place.standing for place in self.places)


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
    """Change what a person's papers count as in all parts of a sitting, and take back its scores and what rests on them.

    Who was absent saw no question: exposure follows.
    """
    p = tables.person.c
    with ledger.begin() as connection:
        connection.execute(select(tables.sitting.c.id).where(tables.sitting.c.id == sitting).with_for_update())
        places = _places(connection, sitting, [found.person]).get(found.person, ())
        if all(place.standing == standing for place in places):
            return Marked(found.person, standing, standing, ())
        before = heaviest(place.standing for place in places)
        had = _had(connection, ledger, [place for place in places if place.standing != "absent"])
        has = _had(connection, ledger, places) if standing != "absent" else frozenset()
        changed = [place for place in places if place.standing != standing]
        for place in changed:
            here = (p.intake == place.intake) & (p.position == place.position)
            connection.execute(update(tables.person).where(here).values(standing=standing))
        _change_exposure(connection, places, has - had, by=1)
        _change_exposure(connection, places, had - has, by=-1)
        for place in changed:
            facts = {
                "intake": place.intake, "row": place.position + 1, "before": place.standing, "after": standing, "why": why,
            }  # fmt: skip
            record(connection, ledger, "person marked", sitting, facts, touched=("exposure",))
        said = {"row": changed[0].position + 1, "before": before, "after": standing}
        taken = take_back_within(connection, ledger, sitting, "scored", why, said)
    return Marked(found.person, before, standing, taken)


def _find(connection: Connection, sitting: str, words: str) -> tuple[Found, ...]:
    plain = "".join(unicodedata.normalize("NFKC", words).split())
    if not plain:
        return ()
    i, p, d = tables.intake.c, tables.person.c, tables.identity.c
    query = (
        select(p.person)
        .join(tables.intake, i.id == p.intake)
        .outerjoin(tables.identity, (d.intake == p.intake) & (d.position == p.position))
        .where(i.sitting == sitting, i.current)
        .where(or_(d.number.in_([words, plain]), d.document.in_([words, plain, plain.upper()]), p.person == plain.lower()))
    )
    persons = set(connection.execute(query).scalars())
    return tuple(Found(person, places) for person, places in _places(connection, sitting, sorted(persons)).items())


def _places(connection: Connection, sitting: str, persons: list[str]) -> dict[str, tuple[Place, ...]]:
    """Return where persons stand in the files of a sitting that count, in the order of parts and rows."""
    i, p = tables.intake.c, tables.person.c
    query = (
        select(p.person, p.intake, i.part, p.position, p.standing)
        .join(tables.intake, i.id == p.intake)
        .where(i.sitting == sitting, i.current, p.person.in_(persons))
        .order_by(i.part, p.position)
    )
    found: dict[str, list[Place]] = {}
    for person, *place in connection.execute(query).all():
        found.setdefault(person, []).append(Place(*place))
    return {person: tuple(places) for person, places in found.items()}


def _change_exposure(connection: Connection, places: Sequence[Place], items: frozenset[str], *, by: int) -> None:
    """Count one person more or fewer for every item, and every case, that the person's papers had.

    A person counts once for an item, in whichever part of the sitting: the one that has most of them changes.
    """
    e = tables.exposure.c
    if not items:
        return
    query = select(e.item, e.intake).where(e.intake.in_([place.intake for place in places]))
    most = {row.item: row.intake for row in connection.execute(query.order_by(e.n_seen, e.intake.desc()))}
    for intake in sorted({most[item] for item in items if item in most}):
        touched = [item for item in items if most.get(item) == intake]
        here = (e.intake == intake) & e.item.in_(touched)
        connection.execute(update(tables.exposure).where(here).values(n_seen=tables.exposure.c.n_seen + by))


def _had(connection: Connection, ledger: Ledger, places: Sequence[Place]) -> frozenset[str]:
    """Return the items, and the cases, that stand on a person's papers."""
    seen = frozenset[str]().union(*(_seen_items(connection, ledger, place) for place in places))
    return seen | {item.rsplit(".", 1)[0] for item in seen}


def _seen_items(connection: Connection, ledger: Ledger, found: Place) -> frozenset[str]:
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
