"""Opening the database: SQLite in WAL mode with full synchronisation unless a URL says otherwise."""

from __future__ import annotations

import datetime
import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from qbank.ledger.migrations import NewerSchemaError, bring_up_to_date

BUSY_SECONDS = 30
READ_ONLY = "qbank_read"

Reason = Literal["locked", "full", "read_only", "newer", "damaged", "unreachable", "refused"]


class LedgerError(OSError):
    """The database cannot be used.

    reason : locked by another process for too long, disk full, not writable, of a newer program, damaged, not reached,
        or refused for what ``detail`` says
    """

    def __init__(self, reason: Reason, place: str, detail: object = "") -> None:
        super().__init__(f"{place}: {detail}" if str(detail) else place)
        self.reason, self.place, self.detail = reason, place, str(detail)


@dataclass(frozen=True, slots=True)
class Ledger:
    """An open database; ``place`` is its path or URL as people know it; ``who`` is named in the trail."""

    engine: Engine
    place: str
    who: str = field(default_factory=lambda: os.environ.get("QBANK_USER") or getpass.getuser())

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Yield a connection inside one transaction that may write: committed at the end, rolled back on any exception."""
        try:
            with self.engine.begin() as connection:
                yield connection
        except (DBAPIError, PoolTimeout) as fault:
            raise LedgerError(reason_of(fault), self.place, getattr(fault, "orig", None) or fault) from fault

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Yield a connection that only reads, all of it the same state; on SQLite nobody waits for it."""
        try:
            with self.engine.connect() as connection:
                yield connection.execution_options(**{READ_ONLY: True})
        except (DBAPIError, PoolTimeout) as fault:
            raise LedgerError(reason_of(fault), self.place, getattr(fault, "orig", None) or fault) from fault

    def close(self) -> None:
        """Release all connections."""
        self.engine.dispose()


def now() -> str:
    """Return the time as it stands in every row: UTC to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def open_ledger(place: str | Path, *, who: str = "") -> Ledger:
    """Return the ledger at a path or URL, made where it is missing and brought to the present schema.

    who : the name that the trail gives to whoever writes; the user of the system if none is given
    """
    text = str(place)
    url = text if "://" in text else f"sqlite:///{Path(text).as_posix()}"
    if url.startswith(("postgresql://", "postgres://")):
        url = "postgresql+psycopg://" + url.split("://", 1)[1]
    try:
        engine = create_engine(url)
    except ArgumentError as fault:
        raise LedgerError("unreachable", shown_place(text), fault) from fault
    if url.startswith("sqlite"):
        _make_sqlite_durable(engine)
    ledger = Ledger(engine, shown_place(text), **({"who": who} if who else {}))
    try:
        bring_up_to_date(ledger.read, ledger.begin)
    except NewerSchemaError as fault:
        ledger.close()
        raise LedgerError("newer", ledger.place, fault) from fault
    except BaseException:
        ledger.close()
        raise
    return ledger


def shown_place(text: str) -> str:
    """Return a path or URL without its password.

    >>> shown_place("postgresql://bank:secret@host:5432/ledger")
    'postgresql://bank:***@host:5432/ledger'
    """
    head, mark, tail = text.partition("://")
    if not mark or "@" not in tail:
        return text
    login, _, rest = tail.rpartition("@")
    user, colon, _ = login.partition(":")
    return f"{head}://{user}{':***' if colon else ''}@{rest}"


def reason_of(fault: Exception) -> Reason:
    """Return what kept a database from doing what was asked."""
    orig = getattr(fault, "orig", None) or fault
    words = str(orig).lower()
    state = getattr(orig, "sqlstate", None) or ""
    found: list[tuple[bool, Reason]] = [
        ("locked" in words or isinstance(fault, PoolTimeout) or state in ("55P03", "40P01"), "locked"),
        ("disk is full" in words or "no space" in words or state.startswith("53"), "full"),
        ("readonly" in words or "read-only" in words or state == "25006", "read_only"),
        ("malformed" in words or "not a database" in words, "damaged"),
        ("unable to open" in words or "connection" in words or state.startswith("08"), "unreachable"),
        ("disk i/o error" in words, "full"),
    ]
    return next((reason for holds, reason in found if holds), "refused")


def _make_sqlite_durable(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver's own transactions would leave DDL outside of them
        cursor = connection.cursor()
        pragmas = (f"busy_timeout = {BUSY_SECONDS * 1000}", "journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON")
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        read_only = connection.get_execution_options().get(READ_ONLY)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


