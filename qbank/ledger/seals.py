"""Who the persons of a file are, in digests that tell nobody: the trail holds them, and verify compares.

They are keyed (HMAC, RFC 2104) by a random salt of the file. Whenever somebody leaves the file, its salt is replaced and
the digests are made anew: the old ones, which the trail keeps for good, are then by a key that nobody has, and nothing
about who was forgotten can be tried out on them.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select, text

from qbank.ledger import tables
from qbank.ledger.persons import pseudonym_key

SEALED: Mapping[str, tuple[str, ...]] = {"person": ("person",), "identity": ("number", "name", "document")}
"""Tables, and the columns of each that say who somebody is."""
SALT_BYTES = 32
Words = Mapping[str, Sequence[Sequence[str]]]
"""Of one file, by table of `SEALED`: each of its columns there, in the order of positions."""


def seal(connection: Connection, intakes: Iterable[str], written: Mapping[str, Words] | None = None) -> dict[str, Any]:
    """Give files new salts and return, as facts of the trail, what their persons are by them.

    written : by file what was just written of it, which is then not read again

    ``seals``: by file the digest of the salt and of each table in `SEALED` ; ``key``: the digest of the key of the
    pseudonyms, which is as random as the salts
    """
    found = {}
    for intake in dict.fromkeys(intakes):
        salt = secrets.token_bytes(SALT_BYTES)
        connection.execute(delete(tables.seal).where(tables.seal.c.intake == intake))
        connection.execute(insert(tables.seal).values(intake=intake, salt=salt))
        known = (written or {}).get(intake, {})
        found[intake] = {"salt": secret_digest(salt)} | {
            name: sealed_words(known[name], salt) if name in known else sealed(connection, intake, name, salt) for name in SEALED
        }
    return {"seals": found, "key": secret_digest(pseudonym_key(connection))}


def sealed(connection: Connection, intake: str, table: str, salt: bytes) -> str:
    """Return the HMAC-SHA256 of the rows that a file has in a table: place and words of each, with their lengths.

    The rows are put together by the database: a hundred thousand take a tenth of a second.
    """
    words = " || ".join(f"' ' || CAST(length({name}) AS TEXT) || ':' || {name}" for name in SEALED[table])
    query = text(f"SELECT CAST(position AS TEXT) || {words} FROM {table} WHERE intake = :intake ORDER BY position")
    cursor = connection.execute(query, {"intake": intake}).cursor
    rows = cursor.fetchall() if cursor is not None else []
    return _digest([str(row[0]) for row in rows], salt)


def sealed_words(columns: Sequence[Sequence[str]], salt: bytes) -> str:
    """Return what `sealed` returns of rows with these columns, at the positions 0, 1, …

    >>> sealed_words([("P1", "P2"), ("王", "")], b"salt") == _digest(["0 2:P1 1:王", "1 2:P2 0:"], b"salt")
    True
    """
    parts = [[f" {len(word)}:{word}" for word in column] for column in columns]
    return _digest([f"{n}{''.join(words)}" for n, words in enumerate(zip(*parts, strict=True))], salt)


def _digest(lines: Sequence[str], salt: bytes) -> str:
    return hmac.digest(salt, "\n".join(lines).encode("utf-8", "surrogatepass"), hashlib.sha256).hex()


def secret_digest(value: bytes) -> str:
    """Return the SHA-256 of random bytes: it shows another value, and leads back to none."""
    return hashlib.sha256(value).hexdigest()


def salt_of(connection: Connection, intake: str) -> bytes | None:
    """Return the salt of a file, None where it has none."""
    found = connection.execute(select(tables.seal.c.salt).where(tables.seal.c.intake == intake)).scalar()
    return None if found is None else bytes(found)
