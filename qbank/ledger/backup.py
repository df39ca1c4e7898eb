"""Backups: one SQLite file, whatever the engine; written whole or not at all, read before they replace anything."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from qbank.ledger.copy import copy_tables
from qbank.ledger.engine import Ledger, LedgerError, open_ledger
from qbank.ledger.sqlite_file import copy_database, replace_file
from qbank.ledger.trail import last_entry, record


def write_backup(ledger: Ledger, target: Path) -> None:
    """Write one state of the ledger to a SQLite file; others go on reading and writing meanwhile."""
    try:
        if ledger.path is not None:
            copy_database(ledger.path, target)
            return
        with _temporary(target) as file:
            copy = open_ledger(file)
            copy_tables(ledger, copy)
            copy.close()
            _fold(file)
            replace_file(file, target)
    except sqlite3.Error as fault:
        raise LedgerError("full" if "full" in str(fault) else "refused", str(target), fault) from fault


@contextmanager
def opened_backup(file: Path, beside: Path) -> Iterator[Ledger]:
    """Yield the ledger of a backup from a copy of it, of the present schema; the file itself is left alone.

    Raises `LedgerError` where it is no ledger.
    """
    with _temporary(beside) as copy:
        try:
            copy_database(file, copy)
        except sqlite3.Error as fault:
            raise LedgerError("damaged", str(file), fault) from fault
        if not _is_ledger(copy):
            raise LedgerError("damaged", str(file), "no tables of a ledger")
        ledger = open_ledger(copy)
        try:
            yield replace(ledger, place=str(file))
        finally:
            ledger.close()


def put_back(source: Ledger, ledger: Ledger, *, file: str) -> None:
    """Replace all that a ledger holds by another's, in one transaction, and say so in its trail.

    file : name of the backup
    """
    with ledger.read() as connection:
        number, hash = last_entry(connection)
    facts = {"file": file, "before": {"number": number, "hash": hash}}
    copy_tables(
        source, ledger, replace=True, finish=lambda connection: record(connection, ledger, "ledger restored", "", facts)
    )


@contextmanager
def _temporary(target: Path) -> Iterator[Path]:
    """Yield a name beside a file at which nothing is; what is left there at the end is removed."""
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as folder:
        yield Path(folder) / "ledger.db"


def _is_ledger(file: Path) -> bool:
    with contextlib.closing(sqlite3.connect(file)) as connection:
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return bool(names & {"alembic_version", "schema_version"})


def _fold(file: Path) -> None:
    """Make a database one file, without its log."""
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE").close()
    with file.open("rb+") as handle:
        os.fsync(handle.fileno())
