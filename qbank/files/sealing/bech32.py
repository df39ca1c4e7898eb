"""The 32 bytes inside a key as age writes it: Bech32 (BIP 173) of any length, the checksum included."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def _checksum(values: Iterable[int]) -> int:
    state = 1
    for value in values:
        top = state >> 25
        state = (state & 0x1FFFFFF) << 5 ^ value
        for bit, term in enumerate(_GENERATOR):
            state ^= term if top >> bit & 1 else 0
    return state


def _expanded(prefix: str) -> list[int]:
    return [ord(letter) >> 5 for letter in prefix] + [0] + [ord(letter) & 31 for letter in prefix]


def _regrouped(values: Iterable[int], old: int, new: int) -> Iterator[int]:
    """Yield the same bits in groups of another size, the last one filled up with zeros."""
    bits = number = 0
    for value in values:
        number, bits = number << old | value, bits + old
        while bits >= new:
            bits -= new
            yield number >> bits & (1 << new) - 1
    if bits:
        yield number << new - bits & (1 << new) - 1


def encoded(prefix: str, data: bytes) -> str:
    """Return the Bech32 text of bytes, in small letters.

    >>> encoded("age", bytes(4))
    'age1qqqqqqqd9e8ae'
    """
    values = list(_regrouped(data, 8, 5))
    rest = _checksum([*_expanded(prefix), *values, *[0] * 6]) ^ 1
    values += [rest >> 5 * (5 - place) & 31 for place in range(6)]
    return f"{prefix}1{''.join(ALPHABET[value] for value in values)}"


def decoded(text: str) -> tuple[str, bytes] | None:
    """Return prefix and bytes of a Bech32 text, nothing where it is none.

    >>> decoded("age1qqqqqqqd9e8ae"), decoded("age1qqqqqqqd9e8aq")
    (('age', b'\\x00\\x00\\x00\\x00'), None)
    """
    small = text.lower()
    prefix, mark, rest = small.rpartition("1")
    if text not in (small, text.upper()) or not mark or len(rest) < 6 or any(letter not in ALPHABET for letter in rest):
        return None
    values = [ALPHABET.index(letter) for letter in rest]
    if _checksum([*_expanded(prefix), *values]) != 1:
        return None
    n_bytes = (len(values) - 6) * 5 // 8
    return prefix, bytes(_regrouped(values[:-6], 5, 8))[:n_bytes]
