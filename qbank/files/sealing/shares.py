"""The share of a key that one person carries: 25 words in five rows, each row with a check word of its own."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from qbank.files.sealing import bech32
from qbank.files.sealing.shamir import combine, split
from qbank.files.sealing.words import bytes_of, words_of
from qbank.problem import Problem, Span, error

VERSION = 1
PREFIX = "age-secret-key-"
N_ROWS, ROW_BYTES = 5, 8
ROW_WORDS = ROW_BYTES // 2 + 1
_WORD = re.compile(r"[^\s-]+")


@dataclass(frozen=True, slots=True)
class Share:
    """number : 1…n ; k of the n give the key ; key : first four bytes of the SHA-256 of the key's public half, the same
    on all shares of one key ; data : what this person holds of the 32 bytes"""

    number: int
    k: int
    n: int
    key: bytes
    data: bytes


def key_mark(recipient: str) -> bytes:
    """Return what all shares of a key have in common; it is made of the public half only."""
    return hashlib.sha256(recipient.encode()).digest()[:4]


def shares_of(secret_key: str, recipient: str, k: int, n: int) -> tuple[Share, ...]:
    """Return the n shares of a key as age writes it (``AGE-SECRET-KEY-1…``)."""
    found = bech32.decoded(secret_key)
    if found is None or found[0] != PREFIX or len(found[1]) != 32:
        raise ValueError("not a secret key of X25519")
    mark = key_mark(recipient)
    return tuple(Share(number, k, n, mark, data) for number, data in split(found[1], k, n).items())


def share_rows(share: Share) -> list[list[str]]:
    """Return a share as five rows of five words; the last of each checks it and all before it."""
    data = bytes([VERSION, share.k, share.n, share.number]) + share.key + share.data
    return [words_of(data[ROW_BYTES * row :][:ROW_BYTES] + _check(data, row)) for row in range(N_ROWS)]


def _check(data: bytes, row: int) -> bytes:
    return hashlib.sha256(b"qbank share" + bytes([row]) + data[: ROW_BYTES * (row + 1)]).digest()[:2]


def parse_share(text: str, shown: str) -> tuple[Share | None, list[Problem]]:
    """Return the share that words say, however they are spaced, or which word or row is wrong.

    Lines that begin with ``#`` are left out, so are numbers before a row.
    """
    words: list[tuple[str, int, int]] = []
    for line, row in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        if not row.lstrip().startswith("#"):
            typed = [match for match in _WORD.finditer(row) if not match.group().rstrip(".").isdigit()]
            words += [(match.group().casefold(), line, match.start() + 1) for match in typed]
    problems = [
        error("Z121", Span(shown, line, column), word=word[:20]) for word, line, column in words if bytes_of(word) is None
    ]
    if len(words) != N_ROWS * ROW_WORDS:
        problems.append(error("Z122", Span(shown), n=len(words), wanted=N_ROWS * ROW_WORDS))
    if problems:
        return None, problems
    data = b"".join(bytes_of(word) or b"" for word, _, _ in words)
    rows = [data[(ROW_BYTES + 2) * row :][: ROW_BYTES + 2] for row in range(N_ROWS)]
    plain = b"".join(row[:ROW_BYTES] for row in rows)
    for place, found in enumerate(rows):
        if found[ROW_BYTES:] != _check(plain, place):
            _, line, column = words[place * ROW_WORDS]
            return None, [error("Z123", Span(shown, line, column), row=place + 1)]
    version, k, n, number = plain[:4]
    if version != VERSION or not (2 <= k <= n and 1 <= number <= n):
        return None, [error("Z124", Span(shown), version=version)]
    return Share(number, k, n, plain[4:8], plain[8:]), []


def joined_key(shares: Sequence[Share], shown: Sequence[str]) -> tuple[bytes | None, list[Problem]]:
    """Return the 32 bytes of the key that shares give, or nothing and what keeps them from it.

    A share given twice counts once. Where there are more than needed all have to agree.
    """
    first = shares[0]
    problems = [
        error("Z131", Span(name), number=share.number, first=shown[0])
        for share, name in zip(shares, shown, strict=True)
        if (share.key, share.k, share.n) != (first.key, first.k, first.n)
    ]
    by_number: dict[int, bytes] = {}
    for share, name in zip(shares, shown, strict=True):
        if by_number.setdefault(share.number, share.data) != share.data and not problems:
            problems.append(error("Z132", Span(name), number=share.number))
    if problems:
        return None, problems
    if len(by_number) < first.k:
        numbers = ", ".join(map(str, sorted(by_number)))
        return None, [error("Z133", Span(shown[0]), n=len(by_number), numbers=numbers, k=first.k, total=first.n)]
    needed = dict(list(by_number.items())[: first.k])
    odd = [x for x, data in by_number.items() if combine(needed, x) != data]
    if odd:
        return None, [error("Z134", Span(shown[0]), numbers=", ".join(map(str, sorted(by_number))))]
    return combine(needed), []


def secret_key_of(data: bytes) -> str:
    """Return 32 bytes as age writes a secret key."""
    return bech32.encoded(PREFIX, data).upper()
