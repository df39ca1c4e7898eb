"""What codes refuse, words in blocks and of wide symbols, splits of a count, and codes combined, each by hand."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from qbank.assemble.family.codes import Code, Offer, agreements, best_code, codes_for, counting, record
from qbank.assemble.family.codes.joined import fewer_places, fewer_words, side_by_side, with_symbols
from qbank.assemble.family.codes.offers import largest_dimension, not_dominated, repetition
from qbank.assemble.family.codes.record import message_of, place_of, words
from qbank.assemble.family.codes.reed_solomon import longest, reed_solomon
from qbank.assemble.family.codes.table import reed_solomon_offers
from qbank.assemble.family.fields import field, product
from tests.assemble.family.test_words import all_words, worst_pair


def made_up(order: int, generator: np.ndarray, proof: str = "algebra") -> Code:
    dimension, length = generator.shape
    return Code(order, length, dimension, length - 1, "made up", proof, generator)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ((5, 3, 2, 1, np.ones((2, 4), int)), "2 × 3"), ((5, 4, 3, 1, np.ones((2, 4), int)), "3 × 4"), ((5, 3, 0, 1, np.ones((0, 3), int)), "0 × 3"),
        ((5, 3, 2, 3, np.ones((2, 3), int)), "all places"), ((5, 3, 2, -1, np.ones((2, 3), int)), "all places"),
        ((5, 3, 1, 1, np.array([[0, 1, 5]])), "from 0 to 4"), ((5, 3, 1, 1, np.array([[0, 1, -1]])), "from 0 to 4"),
    ],
)  # fmt: skip
def test_generators_that_do_not_fit_are_refused(change: tuple[int, int, int, int, np.ndarray], said: str) -> None:
    order, length, dimension, overlap, generator = change
    with pytest.raises(ValueError, match=said):
        Code(order, length, dimension, overlap, "made up", "algebra", generator)


def test_places_up_to_the_last_of_the_largest_code_have_messages() -> None:
    last = 2**62 - 1
    assert message_of(np.array([last, 2**40], dtype=np.uint64), 2, 62).tolist() == [[1] * 62, [0] * 40 + [1] + [0] * 21]
    assert place_of(np.ones((1, 62), np.uint8), 2).tolist() == [last]
    assert message_of(np.array([256 * 257 + 3]), 257, 2).tolist() == [[3, 256]]
    for wrong in (-1, 9):
        with pytest.raises(ValueError, match="from 0 to 8"):
            message_of(np.array([0, wrong]), 3, 2)
    with pytest.raises(ValueError, match="from 0 to 2"):
        words(made_up(3, np.ones((1, 2), int)), np.array([[3]]))


@pytest.mark.parametrize("n", [32, 33, 48, 49, 63])
def test_words_are_the_same_in_blocks_of_any_size(n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "BLOCK", 16)
    rng = np.random.default_rng(n)
    generator, messages = rng.integers(0, 9, (5, 7)), rng.integers(0, 9, (n, 5))
    assert (words(made_up(9, generator), messages) == product(field(9), messages, generator)).all()


@pytest.mark.parametrize(("order", "dimension"), [(243, 5), (125, 8), (7, 40), (251, 3), (257, 1)])
def test_sums_of_many_rows_stay_apart_however_large_symbols_and_rows_are(order: int, dimension: int) -> None:
    """243 = 3⁵ in five tables: 11⁵ sums, more than two bytes tell apart. All rows and factors at their largest as well."""
    rng = np.random.default_rng(order)
    generator, messages = rng.integers(0, order, (dimension, 6)), rng.integers(0, order, (40, dimension))
    generator[:, 0], messages[0] = order - 1, 1
    generator[:, 1], messages[1] = 1, order - 1
    assert (words(made_up(order, generator), messages) == product(field(order), messages, generator)).all()


def test_reed_solomon_codes_exist_from_one_place_a_dimension_to_their_longest() -> None:
    assert [longest(2, 3), longest(4, 3), longest(8, 6), longest(8, 7), longest(9, 3)] == [3, 6, 9, 10, 10]
    assert worst_pair(all_words(reed_solomon(5, 3, 3))) == 2
    for order, length, dimension in ((5, 3, 0), (5, 3, 4), (5, 7, 2), (2, 4, 3), (8, 10, 4), (8, 11, 3)):
        with pytest.raises(ValueError, match="no Reed"):
            reed_solomon(order, length, dimension)
    said = [reed_solomon(order, length, 3).construction.rpartition(")")[2] for order, length in ((8, 8), (8, 9), (8, 10), (9, 10))]
    assert said == ["", ", extended", ", triply extended", ", extended"]


@pytest.mark.parametrize(("order", "dimension", "tail"), [(2, 8, 2), (3, 6, 2), (4, 5, 16), (9, 4, 81), (5, 1, 2)])
def test_counting_agrees_with_every_word_wherever_rows_are_split(order: int, dimension: int, tail: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "TAIL_WORDS", tail)
    monkeypatch.setattr(counting, "AT_ONCE", 4)
    code = made_up(order, np.random.default_rng(order).integers(0, order, (dimension, 5)), "enumerated")
    zeros = (all_words(code)[1:] == 0).sum(axis=1)
    assert (np.bincount(zeros, minlength=6) == agreements(code) * (order - 1)).all()
    head, rest = counting.split(field(order), code.generator)
    assert order ** len(rest) <= max(tail, order) < order ** (len(rest) + 1) or not len(head)


@pytest.mark.parametrize("length", [255, 256])
def test_words_of_more_zeros_than_a_byte_counts_are_counted(length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """One row of two is all zeros: up to multiples one word is, and of the others none has a zero."""
    monkeypatch.setattr(counting, "TAIL_WORDS", 4)
    counts = agreements(made_up(4, np.stack([np.ones(length, int), np.zeros(length, int)])))
    assert {int(zeros): int(counts[zeros]) for zeros in np.flatnonzero(counts)} == {0: 4, length: 1}
    counts = agreements(made_up(4, np.stack([np.zeros(length, int), np.ones(length, int)])))
    assert {int(zeros): int(counts[zeros]) for zeros in np.flatnonzero(counts)} == {0: 4, length: 1}


def test_codes_side_by_side_are_proven_as_the_weaker_of_the_two() -> None:
    one, other = (made_up(5, np.ones((2, 3), int), proof) for proof in ("algebra", "enumerated"))
    proofs = [side_by_side(left, right).proof for left in (one, other) for right in (one, other)]
    assert proofs == ["algebra", "enumerated", "enumerated", "enumerated"]
    other = made_up(5, np.ones((2, 3), int), "enumerated")
    assert with_symbols(other, 4).proof == fewer_words(other, 1).proof == "enumerated"
    shorter = fewer_places(replace(other, overlap=1), 2)
    assert (shorter.length, shorter.overlap, shorter.proof) == (2, 1, "enumerated")


def test_symbols_of_the_message_stand_in_turn_at_further_places() -> None:
    code = reed_solomon(5, 4, 3)
    longer = with_symbols(code, 8)
    assert (longer.length, longer.overlap) == (8, 2 + 4)
    message = np.array([2, 0, 3])
    assert words(longer, message).tolist() == [*words(code, message).tolist(), 2, 0, 3, 2]


def test_rows_left_out_of_a_subcode_are_added_until_no_place_is_always_zero() -> None:
    """Place 3 has a symbol in the rows left out only, and places 2 and 3 must not be zero in the one that stays."""
    code = made_up(2, np.array([[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 0, 1], [0, 1, 0, 1]]))
    for dimension in (1, 2, 3):
        found = fewer_words(code, dimension)
        assert (found.dimension, len(found.generator)) == (dimension, dimension)
        assert found.generator.any(axis=0).all()
        every = {tuple(word) for word in all_words(code).tolist()}
        assert {tuple(word) for word in all_words(found).tolist()} <= every
        assert len(np.unique(all_words(found), axis=0)) == 2**dimension
    assert (fewer_words(reed_solomon(5, 4, 3), 2).generator == reed_solomon(5, 4, 3).generator[:2]).all(), "nothing to add"


def offer(dimension: int, overlap: int, word: str) -> Offer:
    return Offer(4, 10, dimension, overlap, word, "algebra", partial(repetition, 4, 10))


def test_an_offer_stays_where_no_other_has_as_many_words_and_no_more_overlap() -> None:
    offers = [offer(2, 3, "a"), offer(2, 3, "b"), offer(2, 2, "c"), offer(2, 2, "d"), offer(3, 5, "e"), offer(4, 5, "f"), offer(5, 9, "g"), offer(6, 10, "h")]
    assert [found.construction for found in not_dominated(offers)] == ["c", "f", "g"]
    assert [found.construction for found in not_dominated(reversed(offers))] == ["d", "f", "g"]
    assert not_dominated([]) == ()


def test_no_code_has_more_words_than_62_bits_number() -> None:
    for order in (2, 4, 8, 3, 251):
        most = largest_dimension(order)
        assert order**most <= 2**62 < order ** (most + 1)
    assert [found.dimension for found in reed_solomon_offers(64, 70)] == [*range(2, 11), 3]
    assert sorted((found.length, found.dimension) for found in reed_solomon_offers(8, 10) if found.length == 10) == [(10, 3), (10, 7)]
    assert {found.length for found in reed_solomon_offers(8, 9)} == {9} and {found.length for found in reed_solomon_offers(4, 3)} == {3}
    assert {(found.length, found.dimension) for found in reed_solomon_offers(2, 9)} == {(3, 2), (3, 3)}


def test_the_best_code_has_just_so_many_words_and_so_much_overlap_if_that_is_allowed() -> None:
    for most, dimension in ((37**6, 6), (37**6 - 1, 5), (37**3, 3), (36, None)):
        code = best_code(37, 25, 5, max_words=most)
        assert (code and code.dimension) == dimension
    assert [offer.dimension for offer in codes_for(5, 6)] == [1, 2, 3, 4, 5, 6] and codes_for(5, 6)[-1].overlap == 5
    assert {offer.dimension: offer.overlap for offer in codes_for(4, 6)}[3] == 2, "the hyperoval's code is longer by one place"
