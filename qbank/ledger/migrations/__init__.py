"""From any earlier schema to the present one: steps in ``versions``, run by alembic inside one transaction."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text

from qbank.ledger import tables

HEAD = "0004"
"""The revision that ``tables`` describes; a test holds it to the newest step."""
FOLDER = Path(__file__).parent

Begin = Callable[[], AbstractContextManager[Connection]]


class NewerSchemaError(Exception):
    """The ledger was written by a newer program."""


def bring_up_to_date(read: Begin, begin: Begin, keep: Callable[[str], None]) -> None:
    """Make the tables where there are none, or upgrade them; nothing is written where they are as they should be.

    read, begin : open a transaction that only reads, and one that may write ; keep : sets a copy of the former state
        aside, given the revision that is to come; called once the transaction keeps others from writing
    """
    with read() as connection:
        if revision_of(connection) == HEAD:
            return
    with begin() as connection:
        found = revision_of(connection)  # another process may have been quicker
        if found == "":
            tables.metadata.create_all(connection)
            connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
            connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})
            first_rows(connection)
        elif found != HEAD:
            upgrade(connection, found, keep=keep)


def revision_of(connection: Connection) -> str:
    """Return the revision of a database, "" of an empty one; ``0001`` was before revisions were written down."""
    names = set(inspect(connection).get_table_names())
    if "alembic_version" in names:
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")
    if "schema_version" not in names:
        return ""
    version = connection.execute(text("SELECT version FROM schema_version")).scalar()
    return "0001" if version == 1 else f"schema {version}"


def upgrade(
    connection: Connection, found: str, target: str = HEAD, *, keep: Callable[[str], None] = lambda _: None
) -> None:
    """Run all steps after the revision found, inside the caller's transaction; a revision of a newer program is refused
    before anything is done."""
    from alembic.migration import MigrationContext
    from alembic.operations import Operations
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(FOLDER))
    known = {script.revision for script in scripts.walk_revisions()}
    if found not in known:
        raise NewerSchemaError(f"revision {found} is not known here (newest: {HEAD})")
    keep(target)

    def steps(_revision: Any, _context: Any) -> Any:
        return scripts._upgrade_revs(target, found)

    context = MigrationContext.configure(connection, opts={"fn": steps, "transactional_ddl": True})
    with Operations.context(context):
        context.run_migrations()


def first_rows(connection: Connection) -> None:
    """Write the rows that every ledger has: the key of its pseudonyms and the beginning of its trail."""
    key = secrets.token_bytes(32)
    connection.execute(tables.secret.insert().values(name="pseudonyms", value=key))
    connection.execute(tables.trail_end.insert().values(id=1, number=0, hash=""))

