"""Splitting a secret, against published vectors and by its laws.

Reference: draft-mcgrew-tss-03 (2011), section 9 (threshold 2 of 2, secret "test" with a zero byte); products of FIPS 197,
section 4.2 (the same field).
"""

from __future__ import annotations

import itertools
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbank.files.sealing.shamir import MOST, combine, divide, multiply, split

byte = st.integers(0, 255)


def test_products_are_those_of_the_standard() -> None:
    assert (multiply(0x57, 0x83), multiply(0x57, 0x13), multiply(0x57, 0x02)) == (0xC1, 0xFE, 0xAE)


def test_the_published_shares_give_the_published_secret() -> None:
    shares = {1: bytes.fromhex("B9FA07E185"), 2: bytes.fromhex("F5409B4511")}
    assert combine(shares) == b"test\0"


def by_hand(a: int, b: int) -> int:
    """Multiply polynomials over GF(2) and reduce, bit by bit."""
    total = 0
    for bit in range(8):
        total ^= a << bit if b >> bit & 1 else 0
    for bit in range(14, 7, -1):
        total ^= 0x11B << (bit - 8) if total >> bit & 1 else 0
    return total


def test_every_product_and_quotient_is_that_of_polynomials() -> None:
    for a, b in itertools.product(range(256), repeat=2):
        product = multiply(a, b)
        assert product == by_hand(a, b)
        assert b == 0 or divide(product, b) == a
    with pytest.raises(ZeroDivisionError):
        divide(1, 0)


@given(st.data(), st.binary(min_size=1, max_size=40))
def test_any_k_shares_give_the_secret_and_every_other_share(data: st.DataObject, secret: bytes) -> None:
    n = data.draw(st.integers(2, 12))
    k = data.draw(st.integers(2, n))
    shares = split(secret, k, n)
    some = data.draw(st.permutations(sorted(shares)))[: data.draw(st.integers(k, n))]
    given_shares = {x: shares[x] for x in some}
    assert combine(given_shares) == secret
    assert all(combine(given_shares, x) == share for x, share in shares.items())


def test_the_largest_split_works() -> None:
    shares = split(bytes(range(32)), MOST, MOST)
    assert combine(shares) == bytes(range(32))


@pytest.mark.parametrize("secret", [0, 1, 0x80, 255])
@pytest.mark.parametrize("x", [1, 2, 255])
def test_one_share_of_two_needed_is_uniform_whatever_the_secret(secret: int, x: int) -> None:
    """Over all coefficients that can be drawn, each value of the share comes exactly once."""
    seen = Counter(split(bytes([secret]), 2, x if x > 1 else 2, lambda _, c=c: bytes([c]))[x][0] for c in range(256))  # type: ignore[misc]
    assert seen == Counter(range(256))


@pytest.mark.parametrize("secret", [0, 77])
def test_two_shares_of_three_needed_are_uniform_together(secret: int) -> None:
    """Over all 65,536 pairs of coefficients each pair of values comes exactly once: nothing of the secret is in them."""
    seen = set()
    for low, high in itertools.product(range(256), repeat=2):
        first = secret ^ low ^ high  # the polynomial at 1
        second = secret ^ multiply(2, low ^ multiply(2, high))
        seen.add((first, second))
    assert len(seen) == 65536
    assert split(bytes([secret]), 3, 3, lambda _: bytes([5, 9]))[2][0] == secret ^ multiply(2, 5 ^ multiply(2, 9))


@given(st.integers(2, 5), st.data())
def test_k_minus_1_shares_fit_every_secret_equally(k: int, data: st.DataObject) -> None:
    """For each secret there is exactly one polynomial through it and k − 1 shares; so they speak for none."""
    shares = split(data.draw(st.binary(min_size=1, max_size=1)), k, k + 1)
    seen = data.draw(st.permutations(sorted(shares)))[: k - 1]
    other = next(x for x in shares if x not in seen)
    guesses = {combine({0: bytes([secret]), **{x: shares[x] for x in seen}}, other) for secret in range(256)}
    assert len(guesses) == 256


@pytest.mark.parametrize(("k", "n"), [(1, 2), (3, 2), (2, 256), (0, 0)])
def test_splits_that_protect_nothing_or_cannot_be_are_refused(k: int, n: int) -> None:
    with pytest.raises(ValueError, match="k"):
        split(b"x", k, n)
