"""Pseudonyms: the same person has the same one in every sitting, and only this ledger can tell whose it is."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Iterable

from sqlalchemy import Connection, select

from qbank.ledger import tables

DIGEST_BYTES = 10


def pseudonym_key(connection: Connection) -> bytes:
    """Return the ledger's key."""
    found = connection.execute(select(tables.secret.c.value).where(tables.secret.c.name == "pseudonyms")).scalar()
    return bytes(found or b"")


def pseudonyms(key: bytes, numbers: Iterable[str]) -> list[str]:
    """Return a pseudonym for each number: 80 bits of HMAC-SHA256 (RFC 2104) in base 32.

    >>> pseudonyms(b"key", ["身 1"]) == pseudonyms(b"key", ["身１"])
    True
    """
    found = []
    for number in numbers:
        plain = "".join(unicodedata.normalize("NFKC", number).split()).upper().encode()
        digest = hmac.digest(key, plain, hashlib.sha256)[:DIGEST_BYTES]
        found.append(_word(digest))
    return found


def new_pseudonym() -> str:
    """Return one that leads back to nobody."""
    return _word(secrets.token_bytes(DIGEST_BYTES))


def _word(digest: bytes) -> str:
    return "p" + base64.b32encode(digest).decode("ascii").lower()
