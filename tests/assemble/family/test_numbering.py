"""Numbers that give nothing away: a permutation, the same for one number and for many, another for another secret."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbank.assemble.family.numbering import Numbering, person_number, round_keys
from qbank.assemble.family.siphash import siphash, siphash_7

SECRET = b"a secret of the centre"
sizes = st.one_of(st.integers(1, 3000), st.integers(1, 2**62))
KEY = (0x0706050403020100, 0x0F0E0D0C0B0A0908)


def test_siphash_has_its_published_value() -> None:
    """Aumasson & Bernstein 2012, appendix A: key 00 … 0f, message 00 … 0e."""
    assert siphash(KEY, bytes(range(15))) == 0xA129CA6149BE45E5


def test_siphash_has_the_first_values_of_its_authors_reference_vectors() -> None:
    """The vectors for messages of 0, 1, 2, … bytes 00, 01, … under the same key, printed as bytes, lowest first."""
    published = ["310e0edd47db6f72", "fd67dc93c539f874", "5a4fa9d909806c0d", "2d7efbd796666785"]
    for length, value in enumerate(published):
        assert siphash(KEY, bytes(range(length))) == int.from_bytes(bytes.fromhex(value), "little")


@given(st.tuples(*[st.integers(0, 2**64 - 1)] * 2), st.lists(st.integers(0, 2**56 - 1), min_size=1, max_size=5))
def test_siphash_of_arrays_is_that_of_seven_bytes(key: tuple[int, int], values: list[int]) -> None:
    expected = [siphash(key, value.to_bytes(7, "little")) for value in values]
    assert siphash_7(key, np.array(values, dtype=np.uint64)).tolist() == expected
    assert [siphash_7(key, value) for value in values] == expected


@pytest.mark.parametrize("size", [*range(1, 40), 97, 100, 729, 1000, 4096, 6561])
def test_small_numberings_are_permutations(size: int) -> None:
    order = Numbering(SECRET, size)
    places = order.places(np.arange(size))
    assert sorted(places.tolist()) == list(range(size))
    assert (order.numbers(places) == np.arange(size)).all()
    if size < 100:
        assert [order.place(number) for number in range(size)] == places.tolist()
        assert [order.number(place) for place in places.tolist()] == list(range(size))


@given(sizes, st.data())
def test_going_back_undoes_going_forth(size: int, data: st.DataObject) -> None:
    order = Numbering(SECRET, size)
    number = data.draw(st.integers(0, size - 1))
    place = order.place(number)
    assert 0 <= place < size and order.number(place) == number
    assert order.places(np.array([number])).tolist() == [place]
    assert order.numbers(np.array([place])).tolist() == [number]


def test_another_secret_or_size_gives_an_unrelated_order() -> None:
    numbers = np.arange(20_000)
    one = Numbering(SECRET, 2_000_000).places(numbers)
    for other in (Numbering(SECRET + b"!", 2_000_000), Numbering(SECRET, 2_000_001)):
        found = other.places(numbers)
        assert (one == found).mean() < 0.001
        assert abs(np.corrcoef(one.astype(float), found.astype(float))[0, 1]) < 0.03


def test_neighbouring_numbers_stand_anywhere() -> None:
    places = Numbering(SECRET, 1_000_003).places(np.arange(50_000)).astype(float)
    assert abs(np.corrcoef(places[1:], places[:-1])[0, 1]) < 0.02
    counts = np.histogram(places, bins=50, range=(0, 1_000_003))[0]
    assert (np.abs(counts - 1000) < 160).all()


def test_all_six_orders_of_three_things_occur() -> None:
    secrets = [bytes([i]) * 16 for i in range(200)]
    found = {tuple(Numbering(secret, 3).places(np.arange(3)).tolist()) for secret in secrets}
    assert len(found) == 6


def test_rounds_have_different_keys() -> None:
    assert len(set(round_keys(SECRET, 1000))) == len(round_keys(SECRET, 1000)) >= 8
    assert not set(round_keys(SECRET, 1000)) & set(round_keys(SECRET, 1001))


def test_wrong_calls_are_refused() -> None:
    for size in (0, -1, 2**62 + 1):
        with pytest.raises(ValueError, match="1 to 2"):
            Numbering(SECRET, size)
    with pytest.raises(ValueError, match="16 bytes"):
        Numbering(b"short", 10)
    for number in (-1, 10):
        with pytest.raises(ValueError, match="from 0 to 9"):
            Numbering(SECRET, 10).place(number)
        with pytest.raises(ValueError, match="from 0 to 9"):
            Numbering(SECRET, 10).places(np.array([0, number]))
    assert Numbering(SECRET, 10).places(np.array([], dtype=np.uint64)).size == 0


def test_a_person_has_the_same_number_however_it_is_typed() -> None:
    number = person_number(SECRET, "family", "11010119900307123X", 10**9)
    for typed in (" 11010119900307123x", "１１０１０１19900307123Ｘ", "110101 19900307 123X"):
        assert person_number(SECRET, "family", typed, 10**9) == number
    with pytest.raises(ValueError, match="person"):
        person_number(SECRET, "family", "  ", 10)


def test_numbers_of_persons_depend_on_secret_and_family_and_spread_evenly() -> None:
    numbers = [person_number(SECRET, "family", f"{i:06d}", 1000) for i in range(5000)]
    assert min(numbers) >= 0 and max(numbers) < 1000
    counts = np.bincount(np.array(numbers) // 100, minlength=10)
    assert (np.abs(counts - 500) < 110).all()
    for secret, family in ((SECRET + b"!", "family"), (SECRET, "familx")):
        others = [person_number(secret, family, f"{i:06d}", 1000) for i in range(5000)]
        assert sum(a == b for a, b in zip(numbers, others, strict=True)) < 30


def test_numbers_stay_what_they_were() -> None:
    """Papers that were given out bear them: with another permutation each would be another paper."""
    assert [Numbering(SECRET, 1000).place(number) for number in range(5)] == [752, 618, 932, 964, 16]
    assert Numbering(SECRET * 4, 2**62).place(2**61) == 161_298_351_146_197_087
    assert person_number(SECRET, "family", "11010119900307123X", 10**9) == 208_833_513
