"""Single answers that are declared void, and digests of who sat: nothing that is there is changed."""

from __future__ import annotations

import datetime
import getpass
import hashlib
import hmac
import json
import os
import secrets
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

STRING = sa.String().with_variant(sa.String(collation="C"), "postgresql")
SEALED = {"person": ("person",), "identity": ("number", "name", "document")}


def upgrade() -> None:
    """Make the new tables, write down what stands by now of persons and of the levels of sittings, and say so."""
    make_tables()
    connection = op.get_bind()
    intakes = connection.execute(sa.text("SELECT id FROM intake ORDER BY id")).scalars().all()
    key = connection.execute(sa.text("SELECT value FROM secret WHERE name = 'pseudonyms'")).scalar()
    if key is None:
        raise ValueError("the key of the pseudonyms is gone")
    say_so(connection, {
        "before": {"revision": down_revision}, "after": {"revision": revision},
        "seals": {intake: seal(connection, intake) for intake in intakes}, "key": hashlib.sha256(bytes(key)).hexdigest(),
        "digests": {"sitting_level": levels(connection)},
    })  # fmt: skip


def seal(connection: sa.Connection, intake: str) -> dict[str, str]:
    """Give a file its salt, and return the digests of the salt and, by it, of who its persons are."""
    salt = secrets.token_bytes(32)
    connection.execute(sa.text("INSERT INTO seal (intake, salt) VALUES (:intake, :salt)"), {"intake": intake, "salt": salt})
    found = {"salt": hashlib.sha256(salt).hexdigest()}
    for table, columns in SEALED.items():
        words = " || ".join(f"' ' || CAST(length({name}) AS TEXT) || ':' || {name}" for name in columns)
        query = sa.text(f"SELECT CAST(position AS TEXT) || {words} FROM {table} WHERE intake = :intake ORDER BY position")
        lines = "\n".join(str(line) for line in connection.execute(query, {"intake": intake}).scalars())
        found[table] = hmac.digest(salt, lines.encode("utf-8", "surrogatepass"), hashlib.sha256).hex()
    return found


def levels(connection: sa.Connection) -> str:
    """Return the digest of the levels of all sittings."""
    rows = connection.execute(sa.text("SELECT sitting, logits, n_shared FROM sitting_level")).all()
    lines = sorted(json.dumps([str(row[0]), float(row[1]), row[2]]) for row in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


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
    """Make the tables of this revision."""
    op.create_table("answer_mark",
        sa.Column("sitting", STRING, nullable=False),
        sa.Column("person", STRING, nullable=False),
        sa.Column("item", STRING, nullable=False),
        sa.Column("standing", STRING, nullable=False),
        sa.Column("at", STRING, nullable=False),
        sa.Column("who", STRING, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["sitting"], ["sitting.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("sitting", "person", "item")
    )  # fmt: skip
    op.create_index("answer_mark_by_person", "answer_mark", ["person"], unique=False)
    op.create_table("seal",
        sa.Column("intake", STRING, nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["intake"], ["intake.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("intake")
    )  # fmt: skip
