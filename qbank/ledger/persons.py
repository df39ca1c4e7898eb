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
N_LETTERS = 16
"""Ten bytes are exactly sixteen letters of base 32."""


def pseudonym_key(connection: Connection) -> bytes:
    """Return the ledger's key."""
    found = connection.execute(select(tables.secret.c.value).where(tables.secret.c.name == "pseudonyms")).scalar()
    return bytes(found or b"")


def pseudonyms(key: bytes, numbers: Iterable[str]) -> list[str]:
    """Return a pseudonym for each number: 80 bits of HMAC-SHA256 (RFC 2104) in base 32.

    >>> pseudonyms(b"key", ["身 1"]) == pseudonyms(b"key", ["身１"])
    True
    """
    digests = [hmac.digest(key, _plain(number), hashlib.sha256)[:DIGEST_BYTES] for number in numbers]
    words = base64.b32encode(b"".join(digests)).decode("ascii").lower()
    return [f"p{words[first : first + N_LETTERS]}" for first in range(0, len(words), N_LETTERS)]


def new_pseudonym() -> str:
    """Return one that leads back to nobody."""
    return "p" + base64.b32encode(secrets.token_bytes(DIGEST_BYTES)).decode("ascii").lower()


def _plain(number: str) -> bytes:
    """Return a number without what typing varies: width of characters, case, spaces."""
    words = number if number.isascii() else unicodedata.normalize("NFKC", number)
    return "".join(words.split()).upper().encode("utf-8", "surrogatepass")
