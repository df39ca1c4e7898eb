"""A secret split among n persons so that any k of them have it and k − 1 know nothing of it.

Shamir (1979), byte by byte over GF(2^8) with the polynomial x^8 + x^4 + x^3 + x + 1, as in the Internet draft of
McGrew, "Threshold Secret Sharing" (draft-mcgrew-tss-03, 2011), whose test vector the tests hold. Written here since no
package of the registry is both kept and reviewed. The tables take time that depends on the secret; that matters to
somebody who measures the same machine while it splits, not to who holds shares.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping

MOST = 255
"""Shares that there can be: the elements of the field other than 0, at which the secret stands."""


def _tables() -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return powers of the generator 3, twice around, and logarithms to it."""
    powers, logarithms = [0] * 510, [0] * 256
    value = 1
    for exponent in range(255):
        powers[exponent] = powers[exponent + 255] = value
        logarithms[value] = exponent
        value ^= (value << 1) ^ (0x11B if value & 0x80 else 0)
    return tuple(powers), tuple(logarithms)


_POWER, _LOG = _tables()


def multiply(a: int, b: int) -> int:
    """Return the product of two elements of the field.

    >>> hex(multiply(0x57, 0x83))
    '0xc1'
    """
    return _POWER[_LOG[a] + _LOG[b]] if a and b else 0


def divide(a: int, b: int) -> int:
    """Return a/b; b is not 0."""
    if not b:
        raise ZeroDivisionError("division by zero in GF(256)")
    return _POWER[_LOG[a] - _LOG[b] + 255] if a else 0


def split(secret: bytes, k: int, n: int, random: Callable[[int], bytes] = secrets.token_bytes) -> dict[int, bytes]:
    """Return n shares by their number 1…n, any k of which give the secret.

    random : returns so many bytes, uniform and independent; the coefficients of each byte's polynomial of degree k − 1
    """
    if not 2 <= k <= n <= MOST:
        raise ValueError(f"2 <= k <= n <= {MOST}, not k = {k}, n = {n}")
    rows = [random(k - 1) for _ in secret]
    return {
        x: bytes(_value(first, row, x) for first, row in zip(secret, rows, strict=True)) for x in range(1, n + 1)
    }


def _value(first: int, rest: bytes, x: int) -> int:
    """Return first + rest[0] x + rest[1] x^2 + … by Horner's rule."""
    value = 0
    for coefficient in reversed(rest):
        value = multiply(value ^ coefficient, x)
    return value ^ first


def combine(shares: Mapping[int, bytes], at: int = 0) -> bytes:
    """Return what the polynomials through the shares are at a place: the secret at 0.

    Lagrange: the sum of y_i times the product over j ≠ i of (at − x_j)/(x_i − x_j). Fewer shares than were agreed upon
    give bytes that have nothing to do with the secret; nobody can tell from these alone.
    """
    if at in shares:
        return shares[at]
    weights = {}
    for x in shares:
        weight = 1
        for other in shares:
            if other != x:
                weight = divide(multiply(weight, at ^ other), x ^ other)
        weights[x] = weight
    total = bytearray(len(next(iter(shares.values()))))
    for x, share in shares.items():
        for place, byte in enumerate(share):
            total[place] ^= multiply(weights[x], byte)
    return bytes(total)
