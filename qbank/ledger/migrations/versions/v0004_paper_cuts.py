"""Cuts of papers that were accepted after equating: nothing that is there is changed."""

from __future__ import annotations

import datetime
import getpass
import hashlib
import json
import os
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

STRING = sa.String().with_variant(sa.String(collation="C"), "postgresql")
NO_ROWS = hashlib.sha256(b"").hexdigest()


def upgrade() -> None:
    """Make the table, and write down that no sitting has a row in it yet."""
    make_tables()
    connection = op.get_bind()
    sittings = connection.execute(sa.text("SELECT id FROM sitting ORDER BY id")).scalars().all()
    say_so(connection, {
        "before": {"revision": down_revision}, "after": {"revision": revision},
        "elsewhere": {sitting: {"paper_cut": NO_ROWS} for sitting in sittings},
    })  # fmt: skip


def say_so(connection: sa.Connection, facts: dict[str, Any]) -> None:
    """Add the step to the trail."""
    number, previous = connection.execute(sa.text("SELECT number, hash FROM trail_end WHERE id = 1")).one()
    row = {
        "number": number + 1, "at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "who": os.environ.get("QBANK_USER") or getpass.getuser(), "action": "ledger upgraded", "subject": "", "facts": facts,
        "previous": previous,
    }  # fmt: skip
    words = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    row |= {"facts": json.dumps(facts), "hash": hashlib.sha256(words.encode()).hexdigest()}
    names = ", ".join(row)
    connection.execute(sa.text(f"INSERT INTO trail ({names}) VALUES ({', '.join(f':{name}' for name in row)})"), row)
    connection.execute(
        sa.text("UPDATE trail_end SET number = :number, hash = :hash WHERE id = 1"), {"number": number + 1, "hash": row["hash"]}
    )


def make_tables() -> None:
    """Make the table of this revision."""
    op.create_table("paper_cut",
        sa.Column("sitting", STRING, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("paper", STRING, nullable=False),
        sa.Column("cut", sa.Float(), nullable=False),
        sa.Column("equated", sa.Float(), nullable=False),
        sa.Column("base", STRING, nullable=False),
        sa.Column("base_cut", sa.Float(), nullable=False),
        sa.Column("method", STRING, nullable=False),
        sa.Column("se", sa.Float(), nullable=True),
        sa.Column("basis", STRING, nullable=False),
        sa.Column("at", STRING, nullable=False),
        sa.Column("who", STRING, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["sitting"], ["sitting.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("sitting", "number")
    )  # fmt: skip
