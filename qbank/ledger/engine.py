"""Opening the database: SQLite in WAL mode with full synchronisation unless a URL says otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, insert, select
from sqlalchemy.exc import ArgumentError, DatabaseError

from qbank.ledger import tables


class LedgerError(OSError):
    """The database cannot be used: not a ledger, newer than this program, locked, or damaged."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """An open database; ``place`` is its path or URL as people know it."""

    engine: Engine
    place: str

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Yield a connection inside one transaction: committed at the end, rolled back on any exception."""
        try:
            with self.engine.begin() as connection:
                yield connection
        except DatabaseError as fault:
            raise LedgerError(f"{self.place}: {fault.orig or fault}") from fault

    def close(self) -> None:
        """Release all connections."""
        self.engine.dispose()


def open_ledger(place: str | Path) -> Ledger:
    """Return the ledger at a path or URL, with its tables made where they are missing."""
    text = str(place)
    url = text if "://" in text else f"sqlite:///{Path(text).as_posix()}"
    try:
        engine = create_engine(url)
    except (ArgumentError, ModuleNotFoundError) as fault:
        raise LedgerError(f"{text}: {fault}") from fault
    if url.startswith("sqlite"):
        _make_sqlite_durable(engine)
    ledger = Ledger(engine, text)
    try:
        with ledger.begin() as connection:
            tables.metadata.create_all(connection)
            version = connection.execute(select(tables.schema.c.version)).scalar()
            if version is None:
                connection.execute(insert(tables.schema).values(version=tables.SCHEMA_VERSION))
            elif version > tables.SCHEMA_VERSION:
                raise LedgerError(f"{text}: schema version {version} is newer than {tables.SCHEMA_VERSION}")
    except BaseException:
        ledger.close()
        raise
    return ledger


def _make_sqlite_durable(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver's own transactions would leave DDL outside of them
        cursor = connection.cursor()
        for pragma in ("busy_timeout = 30000", "journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
