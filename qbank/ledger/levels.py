"""The levels of whole sittings: kept, so that the history of one item need not look at all others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select

from qbank.ledger import tables
from qbank.ledger.bulk import insert_rows
from qbank.ledger.engine import Ledger
from qbank.ledger.flags import HISTORY_FLAGS, ItemFlag, put_flags
from qbank.ledger.trail import record


@dataclass(frozen=True, slots=True)
class StoredLevel:
    """logits : by which the items of a sitting went better than elsewhere, 0 where too few are shared ; n_shared : items
    that other sittings had too"""

    sitting: str
    logits: float
    n_shared: int


def write_levels(ledger: Ledger, sitting: str, levels: Iterable[StoredLevel], flags: Iterable[ItemFlag]) -> None:
    """Replace the levels of all sittings, and what the history says against the items of one (``trend``)."""
    with ledger.begin() as connection:
        forget_levels(connection)
        insert_rows(connection, tables.sitting_level, [(one.sitting, one.logits, one.n_shared) for one in levels])
        flagged = put_flags(connection, sitting, flags, codes=HISTORY_FLAGS)
        record(connection, ledger, "history judged", sitting, {"flags": flagged}, touched=("item_flag", "sitting_level"))


def forget_levels(connection: Connection) -> None:
    """Delete all levels within the caller's transaction: where one analysis changes, none of them holds."""
    connection.execute(delete(tables.sitting_level))


def levels_of(ledger: Ledger) -> dict[str, StoredLevel]:
    """Return the levels that are kept, by sitting; none between a change and the next analysis."""
    table = tables.sitting_level.c
    with ledger.read() as connection:
        rows = connection.execute(select(table.sitting, table.logits, table.n_shared)).all()
    return {name: StoredLevel(name, logits, n_shared) for name, logits, n_shared in rows}
