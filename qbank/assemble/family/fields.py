"""Finite fields GF(q), q a prime power, as tables: elements are the integers 0 … q − 1.

The integer a₀ + a₁p + … + a_{m−1}p^{m−1} stands for the polynomial a₀ + a₁x + … over GF(p), p^m = q, modulo the first
monic primitive polynomial of degree m in the order of that integer (MacWilliams & Sloane 1977, chapter 4).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Symbols = NDArray[np.integer]

LARGEST = 1024
"""The largest field with tables: two tables of 2 MB."""


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """The tables of GF(order); all arrays are read-only and hold elements as integers.

    `polynomial` : coefficients of the modulus from the constant up, over GF(characteristic), the last one 1
    `add`, `multiply` : (order, order); `negative`, `inverse` : (order,), the inverse of 0 is written 0
    `powers` : (order − 1,), the powers of a primitive element, from 1;  `logarithm` : (order,), of 0 it is −1
    """

    order: int
    characteristic: int
    degree: int
    polynomial: tuple[int, ...]
    add: Symbols
    multiply: Symbols
    negative: Symbols
    inverse: Symbols
    powers: Symbols
    logarithm: Symbols


def prime_factors(number: int) -> tuple[int, ...]:
    """Return the different primes that divide a number, smallest first, by trial division.

    >>> prime_factors(728)
    (2, 7, 13)
    """
    primes, divisor = [], 2
    while divisor * divisor <= number:
        if number % divisor == 0:
            primes.append(divisor)
            while number % divisor == 0:
                number //= divisor
        divisor += 1
    return (*primes, number) if number > 1 else tuple(primes)


def prime_power(order: int) -> tuple[int, int] | None:
    """Return (p, m) with p prime and p^m = order, or None where no field has that many elements.

    >>> prime_power(81), prime_power(10), prime_power(1)
    ((3, 4), None, None)
    """
    primes = prime_factors(order)
    if len(primes) != 1:
        return None
    degree = 0
    while order > 1:
        order //= primes[0]
        degree += 1
    return primes[0], degree


def prime_powers(most: int = 256) -> tuple[int, ...]:
    """Return every order of a field up to `most`.

    >>> prime_powers(17)
    (2, 3, 4, 5, 7, 8, 9, 11, 13, 16, 17)
    """
    return tuple(order for order in range(2, most + 1) if prime_power(order))


@cache
def field(order: int) -> Field:
    """Return GF(order); made once in a process (some milliseconds for the largest).

    ValueError where order is no prime power or exceeds LARGEST.

    >>> nine = field(9)
    >>> nine.polynomial, int(nine.multiply[3, 3]), int(nine.add[5, 7])        # x² = x + 1 (2 + x + x² = 0)
    ((2, 1, 1), 7, 0)
    """
    found = prime_power(order) if 2 <= order <= LARGEST else None
    if found is None:
        raise ValueError(f"no field of {order} elements here: a prime power from 2 to {LARGEST} is wanted")
    p, m = found
    polynomial, powers = _first_primitive(p, m)
    kind: np.dtype[np.integer] = np.dtype(np.uint8) if order <= 256 else np.dtype(np.uint16)
    digits = _digits(p, m)
    weights = p ** np.arange(m)
    add = ((digits[:, None, :] + digits[None, :, :]) % p) @ weights
    logarithm = np.full(order, -1, dtype=np.int64)
    logarithm[powers] = np.arange(order - 1)
    nonzero = np.arange(1, order)
    multiply = np.zeros((order, order), dtype=np.int64)
    exponent = logarithm[nonzero][:, None] + logarithm[nonzero][None, :]
    multiply[1:, 1:] = powers[exponent % (order - 1)]
    inverse = np.zeros(order, dtype=np.int64)
    inverse[nonzero] = powers[-logarithm[nonzero] % (order - 1)]
    return Field(
        order, p, m, polynomial,
        _frozen(add, kind), _frozen(multiply, kind), _frozen((-digits % p) @ weights, kind), _frozen(inverse, kind),
        _frozen(powers, kind), _frozen(logarithm, np.dtype(np.int16)),
    )  # fmt: skip


def _digits(p: int, m: int) -> NDArray[np.int64]:
    """Return the base-p digits of 0 … p^m − 1, lowest first: (p^m, m)."""
    return np.arange(p**m)[:, None] // p ** np.arange(m) % p


def _frozen(values: NDArray[np.int64], kind: np.dtype[np.integer]) -> Symbols:
    """Return the values in a small integer type, read-only."""
    small: Symbols = np.ascontiguousarray(values, dtype=kind)
    small.setflags(write=False)
    return small


def _first_primitive(p: int, m: int) -> tuple[tuple[int, ...], NDArray[np.int64]]:
    """Return the first monic polynomial whose root has p^m − 1 different powers, and these powers as integers."""
    for low in range(1, p**m):
        coefficients = tuple(low // p**i % p for i in range(m))
        powers = _powers_of_root(p, coefficients)
        if len(powers) == p**m - 1:
            return (*coefficients, 1), np.array(powers)
    raise AssertionError("every finite field has a primitive element")


def _powers_of_root(p: int, coefficients: tuple[int, ...]) -> list[int]:
    """Return 1, x, x², … modulo the polynomial until 1 comes again, or what came until 0 or p^m steps."""
    m = len(coefficients)
    if coefficients[0] == 0:
        return []
    weights = [p**i for i in range(m)]
    state = (1, *([0] * (m - 1)))
    powers = [1]
    for _ in range(p**m - 2):
        top = state[-1]
        shifted = (0, *state[:-1])
        state = tuple((low - top * c) % p for low, c in zip(shifted, coefficients, strict=True))
        value = sum(digit * weight for digit, weight in zip(state, weights, strict=True))
        if value == 1:
            break
        powers.append(value)
    return powers


def product(over: Field, left: Symbols, right: Symbols) -> Symbols:
    """Return the matrix product over the field: (…, k) times (k, n); for small matrices, one row of `right` a step.

    >>> product(field(4), np.array([[2, 3]]), np.array([[1, 2], [2, 1]])).tolist()
    [[3, 0]]
    """
    total = np.zeros((*left.shape[:-1], right.shape[1]), dtype=over.add.dtype)
    for place in range(right.shape[0]):
        total = over.add[total, over.multiply[left[..., place, None], right[place]]]
    return total
