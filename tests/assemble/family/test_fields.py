"""Finite fields: the axioms, Frobenius, and products worked out the long way."""

from __future__ import annotations

from itertools import product as pairs

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbank.assemble.family import fields
from qbank.assemble.family.fields import Field, field, prime_power, prime_powers, product

ORDERS = prime_powers(256)
orders = st.sampled_from(ORDERS)


def long_product(over: Field, left: int, right: int) -> int:
    """Multiply two elements as polynomials and divide by the modulus, digit by digit."""
    p, m = over.characteristic, over.degree
    total = [0] * (2 * m - 1)
    for i, j in pairs(range(m), range(m)):
        total[i + j] += (left // p**i % p) * (right // p**j % p)
    for top in range(2 * m - 2, m - 1, -1):
        factor = total[top]
        for i, coefficient in enumerate(over.polynomial):
            total[top - m + i] -= factor * coefficient
    return sum(digit % p * p**i for i, digit in enumerate(total[:m]))


@pytest.mark.parametrize("order", [q for q in ORDERS if q <= 32])
def test_every_product_is_that_of_polynomials(order: int) -> None:
    over = field(order)
    for left, right in pairs(range(order), range(order)):
        assert over.multiply[left, right] == long_product(over, left, right)


@given(orders, st.data())
def test_products_and_sums_of_large_fields_are_those_of_polynomials(order: int, data: st.DataObject) -> None:
    over = field(order)
    left, right = (data.draw(st.integers(0, order - 1)) for _ in range(2))
    p = over.characteristic
    assert over.multiply[left, right] == long_product(over, left, right)
    assert over.add[left, right] == sum(
        (left // p**i + right // p**i) % p * p**i for i in range(over.degree)
    )  # fmt: skip


@given(orders, st.data())
def test_the_axioms_of_a_field_hold(order: int, data: st.DataObject) -> None:
    over = field(order)
    add, multiply = over.add, over.multiply
    a, b, c = (data.draw(st.integers(0, order - 1)) for _ in range(3))
    assert add[a, b] == add[b, a] and multiply[a, b] == multiply[b, a]
    assert add[add[a, b], c] == add[a, add[b, c]]
    assert multiply[multiply[a, b], c] == multiply[a, multiply[b, c]]
    assert multiply[a, add[b, c]] == add[multiply[a, b], multiply[a, c]]
    assert add[a, 0] == a and multiply[a, 1] == a and add[a, over.negative[a]] == 0
    assert a == 0 or multiply[a, over.inverse[a]] == 1


@given(orders, st.data())
def test_the_pth_power_is_additive(order: int, data: st.DataObject) -> None:
    over = field(order)
    a, b = (data.draw(st.integers(0, order - 1)) for _ in range(2))

    def power(element: int) -> int:
        found = 1
        for _ in range(over.characteristic):
            found = int(over.multiply[found, element])
        return found

    assert power(int(over.add[a, b])) == over.add[power(a), power(b)]


@pytest.mark.parametrize("order", ORDERS)
def test_the_powers_of_the_primitive_element_are_all_elements_but_zero(order: int) -> None:
    over = field(order)
    assert sorted(over.powers.tolist()) == list(range(1, order))
    assert (over.logarithm[over.powers] == np.arange(order - 1)).all() and over.logarithm[0] == -1
    generator = int(over.powers[1 % (order - 1)])
    assert (over.multiply[over.powers[:-1], generator] == over.powers[1:]).all()


@pytest.mark.parametrize(
    ("order", "polynomial"),
    [(4, (1, 1, 1)), (8, (1, 1, 0, 1)), (9, (2, 1, 1)), (16, (1, 1, 0, 0, 1)), (25, (2, 1, 1)), (27, (1, 2, 0, 1))],
)
def test_the_modulus_is_the_first_primitive_polynomial(order: int, polynomial: tuple[int, ...]) -> None:
    assert field(order).polynomial == polynomial


def test_fields_of_more_elements_than_a_byte_holds_have_wider_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    over = field(257)
    assert int(over.add.max()) == int(over.multiply.max()) == int(over.inverse.max()) == 256
    assert over.multiply[256, 256] == 1 and over.add[256, over.negative[256]] == 0
    assert field(256).add.itemsize == 1
    monkeypatch.setattr(fields, "LARGEST", 16)
    assert field.__wrapped__(16).order == 16
    with pytest.raises(ValueError, match="from 2 to 16"):
        field.__wrapped__(17)


def test_orders_that_are_no_prime_power_are_refused() -> None:
    assert prime_power(12) is None and prime_power(0) is None
    for order in (-3, 0, 1, 6, 100, 2048):
        with pytest.raises(ValueError, match="prime power"):
            field(order)


def test_tables_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="read-only"):
        field(9).add[0, 0] = 1


@given(orders, st.integers(0, 2**32))
def test_products_of_matrices_are_sums_of_products(order: int, seed: int) -> None:
    over = field(order)
    rng = np.random.default_rng(seed)
    left, right = rng.integers(0, order, (2, 3)), rng.integers(0, order, (3, 2))
    found = product(over, left, right)
    for row, column in pairs(range(2), range(2)):
        total = 0
        for place in range(3):
            total = int(over.add[total, over.multiply[left[row, place], right[place, column]]])
        assert found[row, column] == total
