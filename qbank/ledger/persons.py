"""Pseudonyms: the same person has the same one in every sitting, and only this ledger can tell whose it is."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Iterable

import numpy as np
from sqlalchemy import Connection, select

from qbank.ledger import tables

DIGEST_BYTES = 10
N_LETTERS = 16
"""Ten bytes are exactly sixteen letters of base 32."""
LETTERS = np.frombuffer(b"abcdefghijklmnopqrstuvwxyz234567", np.uint8)


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
    words = _letters(b"".join(digests))
    return [f"p{words[first : first + N_LETTERS]}" for first in range(0, len(words), N_LETTERS)]


def new_pseudonym() -> str:
    """Return one that leads back to nobody."""
    return "p" + base64.b32encode(secrets.token_bytes(DIGEST_BYTES)).decode("ascii").lower()


def _letters(data: bytes) -> str:
    """Return base 32 (RFC 4648) in small letters of as many bytes as need no padding, all groups of five bits at once.

    >>> _letters(b"qbank") == base64.b32encode(b"qbank").decode().lower()
    True
    """
    bits = np.unpackbits(np.frombuffer(data, np.uint8)).reshape(-1, 5)
    return LETTERS[bits @ np.array([16, 8, 4, 2, 1], np.uint8)].tobytes().decode("ascii")


def _plain(number: str) -> bytes:
    """Return a number without what typing varies: width of characters, case, spaces."""
    if number.isascii() and number.isalnum():
        return number.upper().encode("ascii")
    words = number if number.isascii() else unicodedata.normalize("NFKC", number)
    return "".join(words.split()).upper().encode("utf-8", "surrogatepass")
