"""Numbers that give nothing away: a keyed permutation of 0 … size − 1, for papers and for persons.

A paper's number is public; which word of the code it is depends on a secret. The permutation is a Feistel network on
a × b ≥ size with cycle walking (Black & Rogaway 2002, "Ciphers with arbitrary finite domains", method 3), its rounds
keyed by SipHash-2-4 (Aumasson & Bernstein 2012), the keys of the rounds drawn from the secret by BLAKE2b.
"""

from __future__ import annotations

import hashlib
import math
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.family.siphash import siphash_7

LARGEST = 2**62
"""The largest size: sums of two halves stay within 64 bits."""
ROUNDS = 10
BLOCK = 8192
"""How many numbers are turned at a time: the arrays of a round stay in the cache."""


@dataclass(frozen=True, slots=True)
class Numbering:
    """A permutation of 0 … size − 1 that only the holder of the secret can follow.

    The same secret and size give the same permutation in every process and on every machine; numbers as Python
    integers and as arrays give the same places.
    ValueError where size is below 1 or above 2^62, the secret is shorter than 16 bytes, or a number is out of range.

    >>> order = Numbering(b"0123456789abcdef", 1000)
    >>> sorted(order.place(number) for number in range(1000)) == list(range(1000))
    True
    >>> order.number(order.place(7))
    7
    """

    secret: bytes
    size: int

    def __post_init__(self) -> None:
        if not 1 <= self.size <= LARGEST:
            raise ValueError(f"a numbering is of 1 to 2^62 things, not {self.size}")
        if len(self.secret) < 16:
            raise ValueError("a secret has at least 16 bytes")

    def place(self, number: int) -> int:
        """Return where one number stands; about 0.1 ms."""
        return _walk(_Network(self.secret, self.size).forward, self._checked(number), self.size)

    def number(self, place: int) -> int:
        """Return the number that stands at one place: the inverse of `place`."""
        return _walk(_Network(self.secret, self.size).backward, self._checked(place), self.size)

    def places(self, numbers: NDArray[np.integer]) -> NDArray[np.uint64]:
        """Return where each number stands, in the shape of `numbers`; about 1 second a million."""
        return self._all(numbers, forward=True)

    def numbers(self, places: NDArray[np.integer]) -> NDArray[np.uint64]:
        """Return the number at each place: the inverse of `places`."""
        return self._all(places, forward=False)

    def _all(self, values: NDArray[np.integer], *, forward: bool) -> NDArray[np.uint64]:
        given = np.asarray(values)
        if given.size and (int(given.min()) < 0 or int(given.max()) >= self.size):
            raise ValueError(f"numbers run from 0 to {self.size - 1}")
        network = _Network(self.secret, self.size)
        turn = network.forward if forward else network.backward
        flat = np.array(given, dtype=np.uint64).reshape(-1)
        for start in range(0, flat.size, BLOCK):
            block = flat[start : start + BLOCK]
            block[:] = turn(block)
            while (outside := np.flatnonzero(block >= self.size)).size:
                block[outside] = turn(block[outside])
        return flat.reshape(given.shape)

    def _checked(self, value: int) -> int:
        if not 0 <= value < self.size:
            raise ValueError(f"numbers run from 0 to {self.size - 1}, not {value}")
        return int(value)


class _Network:
    """The Feistel network of a numbering: a number is left + a · right, left below a and right below b.

    Each round replaces (left, right) by (right, left + F(right) modulo the range of left): the two ranges change
    places, so an even number of rounds ends where it began. Every number up to a · b − 1 has one image.
    """

    def __init__(self, secret: bytes, size: int) -> None:
        self.a = math.isqrt(size - 1) + 1
        self.b = -(-size // self.a)
        self.keys = round_keys(secret, size)

    def forward(self, value: Any) -> Any:
        """Return the image of a number below a · b, or of each in an array."""
        left, right, range_left, range_right = value % self.a, value // self.a, self.a, self.b
        for key in self.keys:
            left, right = right, (left + siphash_7(key, right) % range_left) % range_left
            range_left, range_right = range_right, range_left
        return left + right * self.a

    def backward(self, value: Any) -> Any:
        """Return what `forward` turns into each number."""
        left, right, range_left, range_right = value % self.a, value // self.a, self.a, self.b
        for key in reversed(self.keys):
            range_left, range_right = range_right, range_left
            left, right = (right + (range_left - siphash_7(key, left) % range_left)) % range_left, left
        return left + right * self.a


def _walk(turn: Callable[[Any], Any], value: int, size: int) -> int:
    """Return the first image below size on the cycle of a number (Black & Rogaway 2002, §3)."""
    found = int(turn(value))
    while found >= size:
        found = int(turn(found))
    return found


def round_keys(secret: bytes, size: int) -> tuple[tuple[int, int], ...]:
    """Return a key of 128 bits, as two words of 64, for each round; another size has other keys."""
    keys = []
    for turn in range(ROUNDS):
        drawn = hashlib.blake2b(
            turn.to_bytes(2, "little") + size.to_bytes(8, "little"),
            key=_key(secret),
            digest_size=16,
            person=b"qbank numbering",
        ).digest()
        keys.append((int.from_bytes(drawn[:8], "little"), int.from_bytes(drawn[8:], "little")))
    return tuple(keys)


def person_number(secret: bytes, family_digest: str, person: str, size: int) -> int:
    """Return the number of a person's paper, from 0 to size − 1: a keyed hash of the normalised person.

    The same person has the same number in a family and unrelated numbers in two families; without the secret it
    cannot be derived. 128 bits are reduced modulo size, so that no number is more likely than another by more than
    2^−66. Two persons can have one number: of n persons about n²/(2·size) pairs do.

    >>> person_number(b"0123456789abcdef", "f1", " 11010119900307123x ", 10**6) == person_number(
    ...     b"0123456789abcdef", "f1", "11010119900307123Ｘ", 10**6)
    True
    """
    if not 1 <= size <= LARGEST:
        raise ValueError(f"a numbering is of 1 to 2^62 things, not {size}")
    text = normalised_person(person).encode("utf-8")
    family = hashlib.blake2b(family_digest.encode("utf-8"), digest_size=32).digest()
    drawn = hashlib.blake2b(family + text, key=_key(secret), digest_size=16, person=b"qbank person").digest()
    return int.from_bytes(drawn, "little") % size


def normalised_person(person: str) -> str:
    """Return a person's number as it is compared: half-width, without spaces, in capitals.

    ValueError where nothing is left.
    """
    text = "".join(unicodedata.normalize("NFKC", person).split()).upper()
    if not text:
        raise ValueError("a person has a number or a name")
    return text


def _key(secret: bytes) -> bytes:
    """Return a secret as a key of BLAKE2b, which takes at most 64 bytes."""
    if len(secret) < 16:
        raise ValueError("a secret has at least 16 bytes")
    return secret if len(secret) <= 64 else hashlib.blake2b(secret).digest()
