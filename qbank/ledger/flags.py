"""Flags that a calibration raises: an item drifted, or was known beforehand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, insert, select

from qbank.ledger import tables
from qbank.ledger.engine import Ledger
from qbank.ledger.trail import record


@dataclass(frozen=True, slots=True)
class ItemFlag:
    """code : ``drift``, ``easier`` or ``leak`` ; held : whether the item waits for a decision ; facts : what was found"""

    sitting: str
    item: str
    fingerprint: str
    code: str
    held: bool
    facts: Mapping[str, Any] = field(default_factory=dict)


def write_flags(ledger: Ledger, sitting: str, flags: Iterable[ItemFlag]) -> None:
    """Replace the flags that the calibration of a sitting raised."""
    rows = [{name: getattr(flag, name) for name in flag.__slots__} | {"facts": dict(flag.facts)} for flag in flags]
    table = tables.item_flag
    with ledger.begin() as connection:
        former = connection.execute(select(table.c.item, table.c.code).where(table.c.sitting == sitting)).all()
        if not rows and not former:
            return
        connection.execute(delete(table).where(table.c.sitting == sitting))
        if rows:
            connection.execute(insert(table), rows)
        facts = {"before": [list(row) for row in former], "after": [[row["item"], row["code"]] for row in rows]}
        record(connection, ledger, "items flagged", sitting, facts)


def flags_of(ledger: Ledger, sitting: str | None = None) -> tuple[ItemFlag, ...]:
    """Return the flags of one sitting, or of all."""
    table = tables.item_flag
    query = select(
        table.c.sitting, table.c.item, table.c.fingerprint, table.c.code, table.c.held, table.c.facts
    ).order_by(table.c.sitting, table.c.item, table.c.code)
    with ledger.read() as connection:
        rows = connection.execute(query if sitting is None else query.where(table.c.sitting == sitting)).all()
    return tuple(ItemFlag(*row) for row in rows)
