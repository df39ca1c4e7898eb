"""Who did what, in a chain of hashes, and the key of the pseudonyms."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Integer, LargeBinary, Table

from qbank.ledger.tables.schema import String, metadata

secret = Table(
    "secret", metadata,
    Column("name", String, primary_key=True),
    Column("value", LargeBinary, nullable=False),
)  # fmt: skip
"""``pseudonyms``: the key by which numbers of persons become pseudonyms."""

trail = Table(
    "trail", metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", String, nullable=False),
    Column("who", String, nullable=False),
    Column("action", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("previous", String, nullable=False),
    Column("hash", String, nullable=False),
)  # fmt: skip
"""Everything that was ever done, in a chain of hashes; rows are only added."""

trail_end = Table(
    "trail_end", metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
    Column("hash", String, nullable=False),
)  # fmt: skip
"""One row: the last of the trail, locked by whoever adds to it."""
