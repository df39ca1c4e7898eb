"""All of a ledger into another, empty one, on either engine: one transaction, compared table by table before it stands."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, LargeBinary, Table, Text, cast, delete, func, select
from sqlalchemy.types import JSON, Boolean, Float

from qbank.ledger import tables
from qbank.ledger.bulk import insert_rows, json_text
from qbank.ledger.engine import Ledger

FIRST_ROWS = ("secret", "trail_end")
"""Tables that hold a row each from the beginning."""
ROWS, HEAVY_ROWS = 2_000, 8
"""Rows that are in memory at a time; those of blocks hold megabytes."""


@dataclass(frozen=True, slots=True)
class Copied:
    """One table: rows, and a digest of them that does not depend on their order, equal on both sides."""

    table: str
    rows: int
    digest: str


class DifferentCopy(Exception):
    """What was written is not what was read; ``table`` names where."""

    def __init__(self, table: str) -> None:
        super().__init__(table)
        self.table = table


def is_empty(connection: Connection) -> bool:
    """Return whether nothing was ever written to a ledger but its first rows."""
    return not any(
        connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in tables.metadata.sorted_tables
        if table.name not in FIRST_ROWS
    )


def copy_tables(
    source: Ledger, target: Ledger, *, replace: bool = False, finish: Callable[[Connection], object] = lambda _: None
) -> tuple[Copied, ...] | None:
    """Copy one state of everything and return what each table holds, or None, doing nothing, where the target holds
    something already.

    Nothing stands in the target until all of it is written and compared; other processes see all of it or nothing.
    Raises `DifferentCopy`.

    replace : what the target holds is removed in the same transaction ; finish : what is done to the target last, in it
    too
    """
    with source.read() as old, target.begin() as new:
        if not replace and not is_empty(new):
            return None
        for table in reversed(tables.metadata.sorted_tables):
            new.execute(delete(table))
        copied = tuple(_copied(old, new, table) for table in tables.metadata.sorted_tables)
        finish(new)
        return copied


def _copied(old: Connection, new: Connection, table: Table) -> Copied:
    read = [0, 0]
    size = HEAVY_ROWS if any(isinstance(column.type, LargeBinary) for column in table.columns) else ROWS
    for rows in _portions(old, table, size):
        _count(read, rows)
        insert_rows(new, table, rows)
    written = [0, 0]
    for rows in _portions(new, table, size):
        _count(written, rows)
    if read != written:
        raise DifferentCopy(table.name)
    return Copied(table.name, read[0], f"{read[1]:064x}")


def _portions(connection: Connection, table: Table, size: int) -> Iterator[list[tuple[Any, ...]]]:
    columns = [cast(c, Text).label(c.name) if isinstance(c.type, JSON) else c for c in table.columns]
    query = select(*columns)
    for rows in connection.execute(query, execution_options={"yield_per": size}).partitions():
        yield [_plain(table, row) for row in rows]


def _plain(table: Table, row: Any) -> tuple[Any, ...]:
    """Return the values as both engines have them: bytes, floats, truth; JSON as the text that was written."""
    return tuple(
        value if value is None
        else bytes(value) if isinstance(column.type, LargeBinary)
        else float(value) if isinstance(column.type, Float)
        else bool(value) if isinstance(column.type, Boolean)
        else value
        for column, value in zip(table.columns, row, strict=True)
    )  # fmt: skip


def _count(found: list[int], rows: list[tuple[Any, ...]]) -> None:
    """Add rows to a count and to the sum of their SHA-256, which is the same in any order."""
    for row in rows:
        words = "\x1f".join(hashlib.sha256(v).hexdigest() if isinstance(v, bytes) else json_text(v) for v in row)
        found[0] += 1
        found[1] = (found[1] + int.from_bytes(hashlib.sha256(words.encode("utf-8")).digest())) % (1 << 256)
