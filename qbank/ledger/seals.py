"""Who the persons of a file are, in digests that tell nobody: the trail holds them, and verify compares.

They are keyed (HMAC, RFC 2104) by a random salt of the file. Whenever somebody leaves the file, its salt is replaced and
the digests are made anew: the old ones, which the trail keeps for good, are then by a key that nobody has, and nothing
about who was forgotten can be tried out on them.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, delete, insert, select, text

from qbank.ledger import tables
from qbank.ledger.persons import pseudonym_key

SEALED: Mapping[str, tuple[str, ...]] = {"person": ("person",), "identity": ("number", "name", "document")}
"""Tables, and the columns of each that say who somebody is."""
SALT_BYTES = 32


def seal(connection: Connection, intakes: Iterable[str]) -> dict[str, Any]:
    """Give files new salts and return, as facts of the trail, what their persons are by them.

    ``seals``: by file the digest of the salt and of each table in `SEALED` ; ``key``: the digest of the key of the
    pseudonyms, which is as random as the salts
    """
    found = {}
    for intake in dict.fromkeys(intakes):
        salt = secrets.token_bytes(SALT_BYTES)
        connection.execute(delete(tables.seal).where(tables.seal.c.intake == intake))
        connection.execute(insert(tables.seal).values(intake=intake, salt=salt))
        found[intake] = {"salt": secret_digest(salt), **{name: sealed(connection, intake, name, salt) for name in SEALED}}
    return {"seals": found, "key": secret_digest(pseudonym_key(connection))}


def sealed(connection: Connection, intake: str, table: str, salt: bytes) -> str:
    """Return the HMAC-SHA256 of the rows that a file has in a table: place and words of each, with their lengths.

    The rows are put together by the database: a hundred thousand take a tenth of a second.
    """
    words = " || ".join(f"' ' || CAST(length({name}) AS TEXT) || ':' || {name}" for name in SEALED[table])
    query = text(f"SELECT CAST(position AS TEXT) || {words} FROM {table} WHERE intake = :intake ORDER BY position")
    cursor = connection.execute(query, {"intake": intake}).cursor
    rows = cursor.fetchall() if cursor is not None else []
    lines = "\n".join([str(row[0]) for row in rows])
    return hmac.digest(salt, lines.encode("utf-8", "surrogatepass"), hashlib.sha256).hex()


def secret_digest(value: bytes) -> str:
    """Return the SHA-256 of random bytes: it shows another value, and leads back to none."""
    return hashlib.sha256(value).hexdigest()


def salt_of(connection: Connection, intake: str) -> bytes | None:
    """Return the salt of a file, None where it has none."""
    found = connection.execute(select(tables.seal.c.salt).where(tables.seal.c.intake == intake)).scalar()
    return None if found is None else bytes(found)
