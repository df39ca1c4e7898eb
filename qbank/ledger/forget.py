"""Forgetting a person: the identity is erased everywhere, answers and statistics stay with somebody who is nobody."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from sqlalchemy import Connection, delete, or_, select, update

from qbank.ledger import tables
from qbank.ledger.answer_marks import move_marks
from qbank.ledger.engine import Ledger
from qbank.ledger.identities import Identity
from qbank.ledger.persons import new_pseudonym, pseudonym_key, pseudonyms
from qbank.ledger.seals import seal
from qbank.ledger.trail import record


@dataclass(frozen=True, slots=True)
class Known:
    """A person as the ledger knows them.

    rows : (sitting, intake, position) of every file, corrected ones too ; identities : what is still known, in the order
    of the sittings
    """

    person: str
    rows: tuple[tuple[str, str, int], ...]
    identities: tuple[Identity, ...]


def known_as(ledger: Ledger, words: str) -> tuple[Known, ...]:
    """Return the persons who have this number, document or pseudonym in any sitting; width, case and spaces make no
    difference."""
    with ledger.read() as connection:
        found = _pseudonyms_of(connection, words)
        return tuple(_known(connection, person) for person in found)


def forget(ledger: Ledger, person: str) -> tuple[str, int] | None:
    """Erase who a person is and return (new pseudonym, identities erased), or None where there is no such pseudonym.

    All rows of the person get one new random pseudonym, so that neither number nor key leads back to them. The trail
    names the new pseudonym and the rows only; its digests of the files are made anew by new keys (`seals`).
    """
    p, d = tables.person.c, tables.identity.c
    with ledger.begin() as connection:
        known = _known(connection, person)
        if not known.rows:
            return None
        fresh, erased = new_pseudonym(), 0
        for _, intake, position in known.rows:
            erased += connection.execute(delete(tables.identity).where(d.intake == intake, d.position == position)).rowcount
        connection.execute(update(tables.person).where(p.person == person).values(person=fresh))
        marked = move_marks(connection, {person: fresh})
        facts = {
            "rows": [[intake, position + 1] for _, intake, position in known.rows], "identities": erased,
            **seal(connection, [intake for _, intake, _ in known.rows]),
        }  # fmt: skip
        record(connection, ledger, "person forgotten", fresh, facts, elsewhere=dict.fromkeys(marked, ("answer_mark",)))
    return fresh, erased


def sweep(ledger: Ledger) -> bool:
    """Overwrite what deleted rows left in the files; returns whether nothing is left there that could be.

    SQLite: deleted cells are overwritten at once, the log is emptied here unless another process is reading.
    PostgreSQL: the table of identities is written anew; its own logs and backups are the administrator's.
    """
    raw = ledger.engine.raw_connection()
    try:
        if ledger.path is not None:
            cursor = raw.cursor()
            busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            cursor.close()
            return not busy
        driver = raw.driver_connection
        assert driver is not None
        driver.autocommit = True
        try:
            driver.execute("VACUUM FULL identity")
            driver.execute("VACUUM person")
        finally:
            driver.autocommit = False
        return True
    except Exception:  # not the owner of the tables, or locked: what is forgotten is forgotten, only not swept
        return False
    finally:
        raw.close()


def _pseudonyms_of(connection: Connection, words: str) -> list[str]:
    plain = "".join(unicodedata.normalize("NFKC", words).split())
    if not plain:
        return []
    spelled = sorted({words, words.strip(), plain, plain.upper(), plain.lower()})
    p, d = tables.person.c, tables.identity.c
    named = (
        select(p.person)
        .join(tables.identity, (d.intake == p.intake) & (d.position == p.position))
        .where(or_(d.number.in_(spelled), d.document.in_(spelled)))
    )
    derived = pseudonyms(pseudonym_key(connection), [plain])
    direct = select(p.person).where(p.person.in_([plain.lower(), *derived]))
    return sorted({*connection.execute(named).scalars(), *connection.execute(direct).scalars()})


def _known(connection: Connection, person: str) -> Known:
    i, p, d, s = tables.intake.c, tables.person.c, tables.identity.c, tables.sitting.c
    rows = connection.execute(
        select(i.sitting, p.intake, p.position, d.number, d.name, d.document)
        .join(tables.intake, i.id == p.intake)
        .join(tables.sitting, s.id == i.sitting)
        .outerjoin(tables.identity, (d.intake == p.intake) & (d.position == p.position))
        .where(p.person == person)
        .order_by(s.date, i.sitting, p.intake, p.position)
    ).all()
    identities = dict.fromkeys(Identity(*row[3:]) for row in rows if row[3] is not None)
    return Known(person, tuple((row[0], row[1], row[2]) for row in rows), tuple(identities))
