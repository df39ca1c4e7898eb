"""How large a ledger is and what it holds, and giving space back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, func, select, text

from qbank.ledger import tables
from qbank.ledger.engine import Ledger, LedgerError, reason_of
from qbank.ledger.migrations import revision_of
from qbank.ledger.trail import last_entry


@dataclass(frozen=True, slots=True)
class Condition:
    """engine : name and version ; bytes : of the files, log included, or of the tables ; hash : of the trail's last row"""

    engine: str
    place: str
    revision: str
    bytes: int
    sittings: int
    files: int
    persons: int
    identities: int
    blocks: int
    entries: int
    hash: str


def condition(ledger: Ledger) -> Condition:
    """Return how a ledger stands: persons of the files that hold, counted once however often they sat."""
    i, p = tables.intake.c, tables.person.c
    with ledger.read() as connection:
        query = select(func.count(p.person.distinct())).join(tables.intake, i.id == p.intake).where(i.current)
        entries, hash = last_entry(connection)
        return Condition(
            engine=_engine(connection), place=str(ledger.path.absolute()) if ledger.path else ledger.place, revision=revision_of(connection), bytes=_size(ledger, connection),
            sittings=_rows(connection, "sitting"), files=_rows(connection, "intake"),
            persons=int(connection.execute(query).scalar_one()), identities=_rows(connection, "identity"),
            blocks=_rows(connection, "response_block"), entries=entries, hash=hash,
        )  # fmt: skip


def vacuum(ledger: Ledger) -> tuple[int, int]:
    """Give back the space of deleted rows and refresh the planner's statistics; return the bytes before and after."""
    with ledger.read() as connection:
        before = _size(ledger, connection)
    raw = ledger.engine.raw_connection()
    try:
        driver = raw.driver_connection
        assert driver is not None
        if ledger.path is not None:
            for words in ("VACUUM", "ANALYZE", "PRAGMA wal_checkpoint(TRUNCATE)"):
                driver.execute(words).close()
        else:
            driver.autocommit = True
            try:
                for table in tables.metadata.sorted_tables:
                    driver.execute(f'VACUUM (ANALYZE) "{table.name}"')
            finally:
                driver.autocommit = False
    except Exception as fault:
        raise LedgerError(reason_of(fault), ledger.place, fault) from fault
    finally:
        raw.close()
    with ledger.read() as connection:
        return before, _size(ledger, connection)


def _rows(connection: Connection, name: str) -> int:
    return int(connection.execute(select(func.count()).select_from(tables.metadata.tables[name])).scalar_one())


def _engine(connection: Connection) -> str:
    version = ".".join(str(part) for part in connection.dialect.server_version_info or ())
    return f"{'SQLite' if connection.dialect.name == 'sqlite' else 'PostgreSQL'} {version}"


def _size(ledger: Ledger, connection: Connection) -> int:
    if ledger.path is not None:
        files = (ledger.path, Path(f"{ledger.path}-wal"))
        return sum(file.stat().st_size for file in files if file.exists())
    names = [table.name for table in tables.metadata.sorted_tables]
    query = text("SELECT coalesce(sum(pg_total_relation_size(to_regclass(name))), 0) FROM unnest(CAST(:names AS text[])) AS name")
    return int(connection.execute(query, {"names": names}).scalar_one())
