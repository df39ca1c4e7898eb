"""SipHash-2-4: a keyed hash of short messages (Aumasson & Bernstein 2012, "SipHash: a fast short-input PRF", §2).

Written once for Python integers and for arrays of unsigned 64-bit words: sums and shifts are cut to 64 bits, which
costs arrays little and integers need.
"""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Word = TypeVar("Word", int, NDArray[np.uint64])
State = tuple[Any, Any, Any, Any]
"""Four words: integers or arrays. Arithmetic that serves both is beyond what their types can say."""
MASK = 2**64 - 1


def _round(v0: Any, v1: Any, v2: Any, v3: Any) -> State:
    """Return the state after one SipRound (figure 2.1)."""
    v0 = (v0 + v1) & MASK
    v2 = (v2 + v3) & MASK
    v1 = ((v1 << 13) & MASK | v1 >> 51) ^ v0
    v3 = ((v3 << 16) & MASK | v3 >> 48) ^ v2
    v0 = (v0 << 32) & MASK | v0 >> 32
    v2 = (v2 + v1) & MASK
    v0 = (v0 + v3) & MASK
    v1 = ((v1 << 17) & MASK | v1 >> 47) ^ v2
    v3 = ((v3 << 21) & MASK | v3 >> 43) ^ v0
    v2 = (v2 << 32) & MASK | v2 >> 32
    return v0, v1, v2, v3


def _start(key: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return the state that a key of two 64-bit words begins with."""
    low, high = key
    return (
        low ^ 0x736F6D6570736575,
        high ^ 0x646F72616E646F6D,
        low ^ 0x6C7967656E657261,
        high ^ 0x7465646279746573,
    )


def _absorbed(state: State, word: Any) -> State:
    """Return the state after a word of the message: two rounds between two exclusive ors."""
    v0, v1, v2, v3 = state
    v0, v1, v2, v3 = _round(*_round(v0, v1, v2, v3 ^ word))
    return v0 ^ word, v1, v2, v3


def _finished(state: State) -> Any:
    """Return the hash of a state: four rounds, then the four words folded."""
    v0, v1, v2, v3 = state
    v0, v1, v2, v3 = _round(*_round(*_round(*_round(v0, v1, v2 ^ 0xFF, v3))))
    return v0 ^ v1 ^ v2 ^ v3


def siphash(key: tuple[int, int], message: bytes) -> int:
    """Return the hash of a message.

    >>> hex(siphash((0x0706050403020100, 0x0F0E0D0C0B0A0908), bytes(range(15))))
    '0xa129ca6149be45e5'
    """
    padded = message + bytes(7 - len(message) % 8) + bytes([len(message) % 256])
    state: State = _start(key)
    for place in range(0, len(padded), 8):
        state = _absorbed(state, int.from_bytes(padded[place : place + 8], "little"))
    return int(_finished(state))


def siphash_7(key: tuple[int, int], value: Word) -> Word:
    """Return the hash of each value below 2^56 as a message of seven bytes, lowest first: a single word.

    >>> siphash_7((1, 2), 77) == siphash((1, 2), (77).to_bytes(7, "little"))
    True
    """
    found: Word = _finished(_absorbed(_start(key), value | 7 << 56))
    return found
