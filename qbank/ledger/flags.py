"""Flags beside those of an analysis: a calibration says that an item drifted or was known, its history that it is out of control."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from qbank.ledger import tables
from qbank.ledger.engine import Ledger

CALIBRATION_FLAGS = ("drift", "easier", "leak")
HISTORY_FLAGS = ("trend",)


@dataclass(frozen=True, slots=True)
class ItemFlag:
    """code : ``drift``, ``easier`` or ``leak`` of a calibration, ``trend`` of the history ; held : whether the item waits for a decision ; facts : what was found"""

    sitting: str
    item: str
    fingerprint: str
    code: str
    held: bool
    facts: Mapping[str, Any] = field(default_factory=dict)


def put_flags(
    connection: Connection, sitting: str, flags: Iterable[ItemFlag], *, codes: Sequence[str] = CALIBRATION_FLAGS
) -> list[list[str]]:
    """Replace the flags of these codes of a sitting within the caller's transaction; returns (item, code) of each."""
    rows = [{name: getattr(flag, name) for name in flag.__slots__} | {"facts": dict(flag.facts)} for flag in flags]
    connection.execute(
        delete(tables.item_flag).where(tables.item_flag.c.sitting == sitting, tables.item_flag.c.code.in_(codes))
    )
    if rows:
        connection.execute(insert(tables.item_flag), rows)
    return [[row["item"], row["code"]] for row in rows]


def flags_of(ledger: Ledger, sitting: str | None = None) -> tuple[ItemFlag, ...]:
    """Return the flags of one sitting, or of all."""
    table = tables.item_flag
    query = select(
        table.c.sitting, table.c.item, table.c.fingerprint, table.c.code, table.c.held, table.c.facts
    ).order_by(table.c.sitting, table.c.item, table.c.code)
    with ledger.read() as connection:
        rows = connection.execute(query if sitting is None else query.where(table.c.sitting == sitting)).all()
    return tuple(ItemFlag(*row) for row in rows)
