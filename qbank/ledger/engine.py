"""Opening the database: a SQLite file in WAL mode with full synchronisation, or PostgreSQL by URL.

SQLite lets one transaction write at a time. On PostgreSQL writers of different sittings work side by side; whoever does
not say which sitting it writes to is alone. Nobody waits for readers, and a reader sees one state throughout.
"""

from __future__ import annotations

import datetime
import getpass
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from qbank.ledger.failures import LedgerError, can_be_repeated, reason_of, shown_place, without_password
from qbank.ledger.migrations import NewerSchemaError, bring_up_to_date
from qbank.ledger.sqlite_file import copy_database

__all__ = ["BUSY_SECONDS", "Ledger", "LedgerError", "now", "open_ledger", "reason_of", "shown_place"]

BUSY_SECONDS = 30
"""How long a process waits for another one that writes, before it gives up and says so."""
CONNECT_SECONDS = 10
PAUSES = (0.2, 1.0, 3.0)
"""Seconds before a transaction that the server took back is run again."""
READ_ONLY = "qbank_read"
ALL, ONE = 7178, 7179
"""Names of the advisory locks of PostgreSQL: of the whole ledger, and of one sitting."""

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Ledger:
    """An open database; ``place`` is its path or URL as people know it; ``who`` is named in the trail."""

    engine: Engine
    place: str
    who: str = field(default_factory=lambda: os.environ.get("QBANK_USER") or getpass.getuser())

    @contextmanager
    def begin(self, sitting: str = "") -> Iterator[Connection]:
        """Yield a connection inside one transaction that may write: committed at the end, rolled back on any exception.

        sitting : the only one that is written to; on PostgreSQL others may then be written to at the same time
        """
        with self._failing(), self.engine.begin() as connection:
            _wait_for_others(connection, sitting)
            yield connection

    def write(self, work: Callable[[Connection], Found], *, sitting: str = "") -> Found:
        """Return what ``work`` returns, run inside one transaction as by `begin`.

        ``work`` does nothing but on its connection: where PostgreSQL took the transaction back (deadlock, serialisation)
        or the connection was lost before the commit was asked for, nothing of it stands and it is run again.
        """
        for pause in (*PAUSES, None):
            asked = False
            try:
                with self.begin(sitting) as connection:
                    found = work(connection)
                    asked = True  # from here on nobody can know whether the server has it
                return found
            except LedgerError as fault:
                if asked or pause is None or not can_be_repeated(fault.__cause__):
                    raise
                time.sleep(pause)
        raise AssertionError("unreachable")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Yield a connection that only reads, all of it the same state; it waits for nobody and nobody for it."""
        with self._failing(), self.engine.connect() as connection:
            yield connection.execution_options(**{READ_ONLY: True})

    @contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, PoolTimeout) as fault:
            url = self.engine.url.render_as_string(hide_password=False)
            detail = without_password(str(getattr(fault, "orig", None) or fault), url)
            raise LedgerError(reason_of(fault), self.place, detail) from fault

    @property
    def path(self) -> Path | None:
        """Return the file of a SQLite ledger, None of another."""
        name = self.engine.url.database if self.engine.dialect.name == "sqlite" else None
        return Path(name) if name else None

    def close(self) -> None:
        """Release all connections."""
        self.engine.dispose()


def now() -> str:
    """Return the time as it stands in every row: UTC to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def open_ledger(place: str | Path, *, who: str = "") -> Ledger:
    """Return the ledger at a path or URL, made where it is missing and brought to the present schema.

    An older SQLite ledger is first copied to ``<file>.before-<revision>``. Raises `LedgerError` with its reason.

    who : the name that the trail gives to whoever writes; the user of the system if none is given
    """
    ledger = Ledger(_engine(str(place)), shown_place(str(place)), **({"who": who} if who else {}))

    def keep(revision: str) -> None:
        if ledger.path is not None:
            copy_database(ledger.path, ledger.path.with_name(f"{ledger.path.name}.before-{revision}"))

    try:
        bring_up_to_date(ledger.read, ledger.begin, keep)
    except NewerSchemaError as fault:
        ledger.close()
        raise LedgerError("newer", ledger.place, fault) from fault
    except (ValueError, sqlite3.Error) as fault:  # an old ledger that is not what it says, or cannot be copied
        ledger.close()
        raise LedgerError("damaged" if isinstance(fault, ValueError) else reason_of(fault), ledger.place, fault) from fault
    except BaseException:
        ledger.close()
        raise
    return ledger


def _engine(place: str) -> Engine:
    shown = shown_place(place)
    scheme, mark, rest = place.partition("://")
    if not mark:
        _check_file(Path(place), shown)
        url = f"sqlite:///{Path(place).as_posix()}"
        return _unwritable_engine(url, Path(place), shown) if _is_unwritable(Path(place)) else _sqlite_engine(url, shown)
    if scheme == "sqlite":
        if rest.startswith("/"):
            _check_file(Path(rest[1:].partition("?")[0]), shown)
        return _sqlite_engine(place, shown)
    if scheme.partition("+")[0] not in ("postgresql", "postgres"):
        raise LedgerError("unknown_engine", shown, scheme)
    url = f"postgresql+psycopg://{rest}"
    engine = _made(url, shown, pool_pre_ping=True, connect_args=_timeouts(rest))

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.autocommit = True
        for name, value in (("lock_timeout", BUSY_SECONDS * 4), ("idle_in_transaction_session_timeout", 600)):
            connection.execute(f"SET {name} = '{value}s'")
        connection.autocommit = False

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        if connection.get_execution_options().get(READ_ONLY):
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")

    return engine


def _timeouts(rest: str) -> dict[str, int]:
    """Return what makes a server that is away or a line that is cut be noticed, unless the URL says otherwise."""
    usual = {
        "connect_timeout": CONNECT_SECONDS, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3,
        "tcp_user_timeout": 60_000,
    }  # fmt: skip
    return {name: value for name, value in usual.items() if f"{name}=" not in rest}


def _made(url: str, shown: str, **options: Any) -> Engine:
    try:
        return create_engine(url, **options)
    except ModuleNotFoundError:
        raise  # the command line says which extra to install
    except (ArgumentError, ValueError, ImportError) as fault:
        raise LedgerError("bad_address", shown, without_password(str(fault), url)) from None


def _check_file(path: Path, shown: str) -> None:
    if path.is_dir():
        raise LedgerError("is_folder", shown)
    if not path.parent.is_dir():
        raise LedgerError("no_folder", shown, path.parent)


def _is_unwritable(path: Path) -> bool:
    """Return whether a ledger lies where nothing can be written, as on a read-only disk."""
    return path.exists() and not os.access(path.parent, os.W_OK)


def _unwritable_engine(url: str, path: Path, shown: str) -> Engine:
    """Return an engine that only reads: SQLite cannot make the files there that it shares a ledger by.

    What still stands in the log of a process that was killed would be missed, so such a ledger is not opened at all.
    """
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and log.stat().st_size:
        raise LedgerError("read_only", shown, log.name)
    file = f"{path.resolve().as_uri()}?immutable=1"
    engine = _made(url, shown, creator=lambda: sqlite3.connect(file, uri=True, isolation_level=None, check_same_thread=False))

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        if not connection.get_execution_options().get(READ_ONLY):
            raise LedgerError("read_only", shown)
        connection.exec_driver_sql("BEGIN")

    return engine


def _sqlite_engine(url: str, shown: str) -> Engine:
    engine = _made(url, shown)

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver's own transactions would leave DDL outside of them
        pragmas = (
            f"busy_timeout = {int(BUSY_SECONDS * 1000)}", "journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON",
            "secure_delete = ON",  # what was deleted is overwritten: a name that is forgotten is gone from the file
        )  # fmt: skip
        for pragma in pragmas:
            _patiently(partial(connection.execute, f"PRAGMA {pragma}"))

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        read_only = connection.get_execution_options().get(READ_ONLY)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


def _patiently(action: Callable[[], object]) -> None:
    """Do it, and wait where another process is just making the same file: SQLite itself does not wait for that."""
    end = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            action()
            return
        except Exception as fault:
            if "locked" not in str(fault) or time.monotonic() > end:
                raise
            time.sleep(0.05)


def _wait_for_others(connection: Connection, sitting: str) -> None:
    """Take the locks of PostgreSQL in one order, so that nobody waits in a circle: the ledger's, then the sitting's."""
    if connection.dialect.name != "postgresql":
        return
    if not sitting:
        connection.execute(text("SELECT pg_advisory_xact_lock(:all, 0)"), {"all": ALL})
        return
    connection.execute(text("SELECT pg_advisory_xact_lock_shared(:all, 0)"), {"all": ALL})
    connection.execute(text("SELECT pg_advisory_xact_lock(:one, hashtext(:sitting))"), {"one": ONE, "sitting": sitting})
