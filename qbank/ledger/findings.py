"""Rows of a ledger as they stand, whoever wrote them, and what is found wrong with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Integer, Table, Text, cast, select
from sqlalchemy.types import JSON, Boolean

from qbank.problem import Problem, Span, error

MOST = 200
"""Findings that are listed; the last one says how many more there are."""
UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, OverflowError, IndexError)


@dataclass(slots=True)
class Findings:
    """What is wrong with a ledger, as it is found; of more than `MOST` findings the number only."""

    place: str
    found: list[Problem] = field(default_factory=list)
    n: int = 0

    def add(self, code: str, table: Table | str, row: object = "", **facts: object) -> None:
        """Note a finding of a table's row."""
        self.n += 1
        if len(self.found) < MOST:
            name = table if isinstance(table, str) else table.name
            words = {"table": name, "row": row, **facts}
            found = tuple((name, str(value)) for name, value in words.items())
            self.found.append(Problem(code, "error", Span(self.place), found))

    def problems(self) -> list[Problem]:
        """Return the findings, and as the last how many more there are."""
        more = self.n - len(self.found)
        return self.found + ([error("L219", Span(self.place), n=more)] if more else [])


def stored_rows(connection: Connection, table: Table, *where: Any) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table in the order of their keys: JSON as text, truth as 0 or 1."""
    columns = [
        cast(column, Text).label(column.name) if isinstance(column.type, JSON)
        else cast(column, Integer).label(column.name) if isinstance(column.type, Boolean)
        else column
        for column in table.columns
    ]  # fmt: skip
    query = select(*columns).where(*where).order_by(*table.primary_key.columns)
    for row in connection.execute(query, execution_options={"yield_per": 64}).mappings():
        yield dict(row)


def named(row: Any) -> str:
    """Return the key of a row as a finding names it.

    >>> named(("2026-11", 2))
    '2026-11 / 2'
    """
    return " / ".join(str(part) for part in row)
