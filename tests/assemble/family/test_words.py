"""Words of codes: many at a time as one by one, and Reed–Solomon's overlap on every pair."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbank.assemble.family.codes import Code, best_code, codes_for, message_of, place_of, words
from qbank.assemble.family.codes.reed_solomon import longest, reed_solomon
from qbank.assemble.family.fields import field, prime_powers, product


def all_words(code: Code) -> np.ndarray:
    """Return every word of a small code."""
    return words(code, message_of(np.arange(code.size), code.order, code.dimension))


def worst_pair(found: np.ndarray) -> int:
    """Return in how many places the two most alike of all words agree, each pair compared."""
    worst = 0
    for row in range(len(found) - 1):
        worst = max(worst, int((found[row + 1 :] == found[row]).sum(axis=1).max()))
    return worst


@pytest.mark.parametrize("order", [2, 3, 4, 5, 7, 8, 9, 11, 13, 16, 25, 27, 32, 49])
@pytest.mark.parametrize("dimension", [1, 2, 3, 4, 7])
def test_no_two_words_of_a_reed_solomon_code_agree_in_dimension_places(order: int, dimension: int) -> None:
    if order**dimension > 5000 or dimension > order:
        return
    code = reed_solomon(order, longest(order, dimension), dimension)
    assert worst_pair(all_words(code)) == code.overlap == dimension - 1


def test_the_dual_of_the_hyperoval_has_distance_four() -> None:
    for order in (4, 8):
        code = reed_solomon(order, order + 2, order - 1)
        rng = np.random.default_rng(5)
        if order == 4:
            assert worst_pair(all_words(code)) == code.overlap == 2
        else:
            weights = (words(code, message_of(rng.integers(1, code.size, 100_000), 8, 7)) == 0).sum(axis=1)
            assert weights.max() == code.overlap == 6


@given(st.sampled_from(prime_powers(256)), st.integers(1, 8), st.integers(1, 30), st.integers(0, 2**32))
def test_many_words_are_messages_times_generator(order: int, dimension: int, length: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    generator = rng.integers(0, order, (dimension, length))
    code = Code(order, length, dimension, length - 1, "made up", "algebra", generator)
    messages = rng.integers(0, order, (40, dimension))
    expected = product(field(order), messages, generator)
    assert (words(code, messages) == expected).all()
    assert (words(code, messages[3]) == expected[3]).all()
    assert (words(code, messages.reshape(2, 20, dimension)) == expected.reshape(2, 20, length)).all()


@given(st.sampled_from([2, 3, 4, 9, 37, 256]), st.integers(1, 7), st.data())
def test_a_place_is_the_place_of_its_message(order: int, dimension: int, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, order**dimension - 1))
    message = message_of(np.array(place), order, dimension)
    assert sum(int(digit) * order**i for i, digit in enumerate(message)) == place
    assert int(place_of(message, order)) == place


def test_wrong_calls_are_refused() -> None:
    code = reed_solomon(5, 4, 2)
    for messages in (np.zeros((3, 3), dtype=int), np.array(1)):
        with pytest.raises(ValueError, match="2 symbols"):
            words(code, messages)
    with pytest.raises(ValueError, match="from 0 to 4"):
        words(code, np.array([[5, 0]]))
    with pytest.raises(ValueError, match="from 0 to 24"):
        message_of(np.array([25]), 5, 2)
    with pytest.raises(ValueError, match="no Reed"):
        reed_solomon(5, 7, 2)
    for order, length in ((10, 5), (1, 5), (257, 5), (5, 0)):
        with pytest.raises(ValueError, match=r"prime power|one place"):
            codes_for(order, length)


def test_the_best_code_has_most_words_within_overlap_and_size() -> None:
    code = best_code(37, 25, 5)
    assert code is not None and (code.dimension, code.overlap, code.length) == (6, 5, 25)
    fewer = best_code(37, 25, 5, max_words=10**6)
    assert fewer is not None and fewer.size == 37**3
    assert best_code(37, 25, -1) is None
    assert best_code(37, 25, 5, max_words=30) is None


@pytest.mark.parametrize(("order", "length"), [(37, 25), (8, 10), (16, 17), (256, 200), (2, 3), (5, 1)])
def test_codes_grow_in_words_and_in_overlap(order: int, length: int) -> None:
    offers = codes_for(order, length)
    assert offers[0].dimension == 1
    for less, more in pairwise(offers):
        assert less.dimension < more.dimension and less.overlap < more.overlap
    for offer in offers[:4]:
        code = offer.make()
        assert (code.order, code.length, code.dimension) == (order, length, offer.dimension)
        assert code.overlap == offer.overlap and code.proof == offer.proof and offer.size == code.size
