"""What the rows of a sitting are, table by table, in one digest each: the trail holds it, and verify compares."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column, Connection, LargeBinary, Table, Text, cast, select, true
from sqlalchemy.types import JSON, Boolean, Float

from qbank.ledger import tables

DIGESTED = (
    tables.sitting, tables.paper, tables.intake, tables.rating_block, tables.exposure, tables.scoring, tables.result,
    tables.item_use, tables.item_flag, tables.calibration, tables.parameter, tables.planned, tables.link, tables.decision,
    tables.gate, tables.answer_mark, tables.sitting_level, tables.paper_cut,
)  # fmt: skip
"""Tables of which the trail knows all rows of a sitting. Blocks of answers have digests of their own, so has what is said
of persons (`contents`), and who they are (`seals`)."""
WHOLE = (tables.sitting_level.name,)
"""Tables of which the trail knows all rows of all sittings: they are written together."""
ALL = tuple(table.name for table in DIGESTED)
_BY_NAME = {table.name: table for table in DIGESTED}


def digests(connection: Connection, sitting: str, names: Iterable[str]) -> dict[str, str]:
    """Return by table the SHA-256 of all rows that it has of a sitting, the same on both engines and in any order.

    Blocks count by their checksum, JSON by the text that was written. Of the tables in `WHOLE` it is all their rows.
    """
    return {name: _digest(connection, _BY_NAME[name], sitting) for name in names}


def _digest(connection: Connection, table: Table, sitting: str) -> str:
    columns = [column for column in table.columns if not isinstance(column.type, LargeBinary)]
    # Numbers are taken as they come: whatever stands in a column of numbers, it is to be read.
    taken = [cast(column, Text).label(column.name) if isinstance(column.type, JSON) else column for column in columns]
    rows = connection.execute(select(*taken).where(_of(table, sitting)))
    lines = sorted(json.dumps([_plain(*pair) for pair in zip(columns, row, strict=True)]) for row in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _of(table: Table, sitting: str) -> Any:
    """Return which rows of a table are those of a sitting."""
    own = table.columns
    if table.name in WHOLE:
        return true()
    if table is tables.sitting:
        return own.id == sitting
    if "sitting" in own:
        return own.sitting == sitting
    above = tables.intake if "intake" in own else tables.calibration
    return own[above.name].in_(select(above.c.id).where(above.c.sitting == sitting))


def _plain(column: Column[Any], value: Any) -> Any:
    """Return a value as both engines have it: floats where numbers are floats, truth as such."""
    if isinstance(column.type, Float) and isinstance(value, int | float):
        return float(value)
    if isinstance(column.type, Boolean) and value in (0, 1):
        return bool(value)
    return value if value is None or isinstance(value, int | float) else str(value)
