"""Many rows at once: one prepared statement on SQLite, COPY on PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.exc import DBAPIError


def insert_rows(connection: Connection, table: Table, rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert rows with a value for each column of the table, in its order; JSON as text (`json_text`).

    100,000 persons take half a second on either engine, a third of what rows as dicts take.
    """
    if connection.dialect.name == "postgresql":
        _copy(connection, table, rows)
        return
    values = rows if isinstance(rows, list) else list(rows)
    if values:
        connection.exec_driver_sql(_statement(table), values)


def json_text(value: Any) -> str:
    """Return a value as a JSON column holds it."""
    return json.dumps(value)


@cache
def _statement(table: Table) -> str:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    return f'INSERT INTO "{table.name}" ({names}) VALUES ({", ".join("?" for _ in table.columns)})'


def _copy(connection: Connection, table: Table, rows: Iterable[tuple[Any, ...]]) -> None:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    driver: Any = connection.connection.driver_connection
    dialect: Any = connection.dialect
    try:
        with driver.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row(row)
    except dialect.loaded_dbapi.Error as fault:
        lost = dialect.is_disconnect(fault, driver, None)
        if lost:
            connection.invalidate(fault)
        raise DBAPIError(f"COPY {table.name}", None, fault, connection_invalidated=lost) from fault
