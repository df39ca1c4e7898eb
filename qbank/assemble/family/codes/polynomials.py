"""Powers of x modulo a primitive polynomial over GF(q): the non-zero elements of GF(q^k), and the points of a geometry.

A polynomial is a tuple of its coefficients from the constant up; modulo a monic one of degree k every residue has k.
"""

from __future__ import annotations

from functools import cache, lru_cache

import numpy as np

from qbank.assemble.family.fields import Symbols, field, prime_factors

Polynomial = tuple[int, ...]
Rows = list[list[int]]


@cache
def _tables(order: int) -> tuple[Rows, Rows, list[int]]:
    """Return the tables of a field as lists, which single elements are read from faster."""
    over = field(order)
    return over.add.tolist(), over.multiply.tolist(), over.negative.tolist()


def times(order: int, left: Polynomial, right: Polynomial, modulus: Polynomial) -> Polynomial:
    """Return the product of two residues modulo a monic polynomial over GF(order).

    >>> times(2, (0, 1), (0, 1), (1, 1, 1))                   # x² = x + 1
    (1, 1)
    """
    add, multiply, negative = _tables(order)
    degree = len(modulus) - 1
    total = [0] * (2 * degree - 1)
    for i, factor in enumerate(left):
        if factor:
            row = multiply[factor]
            for j, other in enumerate(right):
                total[i + j] = add[total[i + j]][row[other]]
    for top in range(2 * degree - 2, degree - 1, -1):
        row = multiply[negative[total[top]]]
        for j in range(degree):
            total[top - degree + j] = add[total[top - degree + j]][row[modulus[j]]]
    return tuple(total[:degree])


def power_of_x(order: int, exponent: int, modulus: Polynomial) -> Polynomial:
    """Return x^exponent modulo a monic polynomial over GF(order).

    >>> power_of_x(9, 80, (4, 1, 1)), power_of_x(3, 2, (2, 1, 1))
    ((1, 0), (1, 2))
    """
    degree = len(modulus) - 1
    result = (1, *([0] * (degree - 1)))
    base = (0, 1, *([0] * (degree - 2))) if degree > 1 else (_tables(order)[2][modulus[0]],)
    while exponent:
        if exponent & 1:
            result = times(order, result, base, modulus)
        base = times(order, base, base, modulus)
        exponent >>= 1
    return result


@lru_cache(maxsize=256)
def first_primitive(order: int, degree: int) -> Polynomial:
    """Return the first monic polynomial of a degree over GF(order) modulo which x has order^degree − 1 powers.

    First in the order of its coefficients read as a number in base `order`, the constant lowest.

    >>> first_primitive(2, 4), first_primitive(9, 2)
    ((1, 1, 0, 0, 1), (4, 1, 1))
    """
    n_powers = order**degree - 1
    one = (1, *([0] * (degree - 1)))
    primes = prime_factors(n_powers)
    for low in range(1, order**degree):
        modulus = (*(low // order**i % order for i in range(degree)), 1)
        if modulus[0] == 0 or power_of_x(order, n_powers, modulus) != one:
            continue
        if all(power_of_x(order, n_powers // prime, modulus) != one for prime in primes):
            return modulus
    raise AssertionError("every finite field has a primitive element")


@lru_cache(maxsize=64)
def powers(order: int, degree: int) -> Symbols:
    """Return the residues 1, x, x², … modulo the first primitive polynomial: (order^degree − 1, degree)."""
    modulus = first_primitive(order, degree)
    add, multiply, negative = _tables(order)
    rows = []
    state = [1] + [0] * (degree - 1)
    for _ in range(order**degree - 1):
        rows.append(state)
        row = multiply[negative[state[-1]]]
        shifted = [0, *state[:-1]]
        state = [add[low][row[coefficient]] for low, coefficient in zip(shifted, modulus, strict=False)]
    found = np.array(rows, dtype=field(order).add.dtype)
    found.setflags(write=False)
    return found
