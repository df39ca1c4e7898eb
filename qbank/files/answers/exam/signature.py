"""The signature of answers given on screen, as the page makes it.

It is made on the candidate's machine by a key that comes from the room code and the candidate's number. It shows that a file
was neither damaged nor edited by somebody who does not know the code; whoever knows the code can sign anything.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

ROUNDS = 10_000
SIGNED_BY = ("checksum", "signature")


def canonical(value: Any) -> bytes:
    """Return plain data as the bytes that are signed: JSON in UTF-8, keys sorted, no blanks.

    >>> canonical({"b": "炉", "a": [1, True]}).decode()
    '{"a":[1,true],"b":"炉"}'
    """
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("utf-8")


def signed_bytes(document: Mapping[str, Any]) -> bytes:
    """Return the bytes of a document that its checksum and signature are about."""
    return canonical({key: value for key, value in document.items() if key not in SIGNED_BY})


@lru_cache(maxsize=100_000)
def signing_key(room_code: str, number: str, digest: str) -> bytes:
    """Return the key of a candidate's signature: PBKDF2-HMAC-SHA-256 of the room code, 10,000 rounds (4 ms)."""
    secret = "".join(unicodedata.normalize("NFKC", room_code).split()).encode("utf-8")
    return hashlib.pbkdf2_hmac("sha256", secret, f"qbank-exam|{digest}|{number}".encode(), ROUNDS, 32)


def signature(room_code: str, document: Mapping[str, Any]) -> str:
    """Return the signature of a document under a room code, 64 hexadecimal digits (HMAC-SHA-256)."""
    key = signing_key(room_code, document["candidate"]["number"], document["digest"])
    return hmac.new(key, signed_bytes(document), hashlib.sha256).hexdigest()


def sealed(document: Mapping[str, Any], room_code: str) -> dict[str, Any]:
    """Return a document with checksum and signature, as the page makes them."""
    checksum = hashlib.sha256(signed_bytes(document)).hexdigest()
    return {**document, "checksum": checksum, "signature": signature(room_code, document)}
