"""Packages in the trail: sealed, opened, and what somebody failed to open. Rows of the trail only; no table of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from sqlalchemy import select

from qbank.ledger import tables
from qbank.ledger.engine import Ledger
from qbank.ledger.trail import Entry, record

PackageAction = Literal["package sealed", "package opened", "package not opened"]
PACKAGE_ACTIONS: tuple[PackageAction, ...] = ("package sealed", "package opened", "package not opened")


def record_package(ledger: Ledger, action: PackageAction, subject: str, facts: Mapping[str, Any]) -> str:
    """Append what was done with a package and return the hash of the row.

    subject : the sitting, or the archive's name where no sitting is known ; facts : the archive's ``sha256`` and what
    else is known of it
    """
    with ledger.begin() as connection:
        return record(connection, ledger, action, subject, facts)


def packages_in_trail(ledger: Ledger) -> tuple[Entry, ...]:
    """Return all rows about packages, oldest first."""
    t = tables.trail.c
    query = select(tables.trail).where(t.action.in_(PACKAGE_ACTIONS)).order_by(t.number)
    with ledger.read() as connection:
        return tuple(Entry(*row) for row in connection.execute(query).all())
