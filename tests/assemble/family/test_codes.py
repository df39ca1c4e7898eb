"""Every construction keeps its word: no two words agree in more places than it promises."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from qbank.assemble.family.codes import (
    CONSTRUCTIONS,
    Code,
    Offer,
    agreements,
    best_code,
    certify,
    codes_for,
    words,
)
from qbank.assemble.family.codes.joined import fewer_words, side_by_side, with_symbols
from qbank.assemble.family.codes.orbits import entries, orbit_code
from qbank.assemble.family.codes.polynomials import first_primitive, power_of_x, powers
from qbank.assemble.family.codes.quasi_cyclic import (
    QuasiCyclic,
    certify_quasi_cyclic,
    quasi_cyclic_code,
    quasi_cyclic_entries,
)
from qbank.assemble.family.codes.record import message_of
from qbank.assemble.family.codes.reed_solomon import reed_solomon
from tests.assemble.family.test_words import all_words, worst_pair

ORDERS = (2, 3, 4, 5, 7, 8, 9, 11, 13, 16, 25)
CASES = [(word, order) for word in CONSTRUCTIONS for order in ORDERS]


def offered(word: str, order: int) -> list[Offer]:
    """Return what a construction offers up to 128 places."""
    return list(CONSTRUCTIONS[word](order, 128))


def some(offers: list[Offer], most: int) -> list[Offer]:
    """Return at most so many of a list, spread over it."""
    return offers[:: max(1, len(offers) // most)]


@pytest.mark.parametrize(("word", "order"), CASES)
def test_small_codes_agree_as_promised_on_all_pairs(word: str, order: int) -> None:
    for offer in some([o for o in offered(word, order) if o.size <= 800], 12):
        code = offer.make()
        assert worst_pair(all_words(code)) <= code.overlap


@pytest.mark.parametrize(("word", "order"), CASES)
def test_codes_that_can_be_counted_agree_as_promised(word: str, order: int) -> None:
    for offer in some([o for o in offered(word, order) if o.size <= 100_000], 25):
        code = offer.make()
        assert certify(code) <= code.overlap


@pytest.mark.parametrize(("word", "order"), CASES)
def test_offers_tell_the_truth_about_what_they_make(word: str, order: int) -> None:
    for offer in some(offered(word, order), 25):
        code = offer.make()
        assert (code.order, code.length, code.dimension) == (order, offer.length, offer.dimension)
        assert (code.overlap, code.proof) == (offer.overlap, offer.proof)
        assert code.generator.any(axis=0).all()


@pytest.mark.parametrize(("word", "order"), CASES)
def test_random_pairs_of_large_codes_agree_as_promised(word: str, order: int) -> None:
    for offer in some([o for o in offered(word, order) if o.size > 10**6], 3):
        code = offer.make()
        assert most_alike(code, 300, 2000, seed=order) <= code.overlap


def most_alike(code: Code, n_rows: int, n_columns: int, seed: int) -> int:
    """Return the most places in which two of the random words, one of each group, agree."""
    rng = np.random.default_rng(seed)
    messages = rng.integers(0, code.order, (n_rows + n_columns, code.dimension))
    found = words(code, messages)
    return int(max(both for both in _agreements_of(found[:n_rows], found[n_rows:], messages)))


def _agreements_of(left: np.ndarray, right: np.ndarray, messages: np.ndarray) -> Iterator[int]:
    for row, word in enumerate(left):
        other = (messages[len(left) :] != messages[row]).any(axis=1)
        yield int((right[other] == word).sum(axis=1, dtype=np.int16).max(initial=0))


@pytest.mark.parametrize(
    ("order", "length"), [(8, 100), (9, 100), (9, 80), (4, 50), (2, 100), (3, 77), (16, 33), (5, 300)]
)
def test_the_codes_of_a_length_keep_their_promise_and_use_every_symbol(order: int, length: int) -> None:
    offers = codes_for(order, length)
    for offer in offers:
        code = offer.make()
        assert (code.order, code.length, code.dimension) == (order, length, offer.dimension)
        assert (code.overlap, code.proof) == (offer.overlap, offer.proof)
        assert code.generator.any(axis=0).all()
        if code.size < 3 * 10**6:
            assert certify(code) <= code.overlap
        else:
            assert most_alike(code, 50, 2000, seed=length) <= code.overlap


@pytest.mark.parametrize("order", ORDERS)
def test_the_smaller_codes_of_the_table_have_exactly_the_overlap_written_there(order: int) -> None:
    for entry in some([e for e in entries(order) if order**e.dimension <= 10**7], 12):
        assert certify(orbit_code(entry)) == entry.overlap


def test_a_hundred_places_from_nine_symbols_reach_what_was_asked() -> None:
    for overlap, papers in ((16, 6_561), (22, 531_441), (30, 43_000_000)):
        code = best_code(9, 100, overlap)
        assert code is not None and code.size >= papers and code.overlap <= overlap


def test_counting_finds_the_known_weights_of_the_simplex_and_the_golay_code() -> None:
    fano = reed_solomon(7, 8, 2)
    assert agreements(fano).tolist() == [0, 8, 0, 0, 0, 0, 0, 0, 0]
    taps = [1, 0, 1, 0, 1, 1, 1, 0, 0, 0, 1, 1]
    rows = np.array([[0] * shift + taps + [0] * (11 - shift) for shift in range(12)])
    golay = Code(2, 23, 12, 16, "the binary Golay code", "algebra", rows)
    counts = agreements(golay)
    assert {23 - zeros: int(counts[zeros]) for zeros in np.flatnonzero(counts)} == {
        7: 253,
        8: 506,
        11: 1288,
        12: 1288,
        15: 506,
        16: 253,
        23: 1,
    }


def test_counting_covers_each_class_of_multiples_once() -> None:
    rng = np.random.default_rng(3)
    for order, dimension in ((2, 18), (3, 12), (4, 9), (9, 6), (17, 4), (5, 1)):
        code = Code(order, 20, dimension, 19, "made up", "enumerated", rng.integers(0, order, (dimension, 20)))
        assert agreements(code).sum() == (code.size - 1) // (order - 1)


def test_counting_agrees_with_looking_at_every_word() -> None:
    rng = np.random.default_rng(8)
    for order, dimension in ((3, 8), (4, 6), (8, 4), (9, 4), (2, 12)):
        code = Code(order, 11, dimension, 10, "made up", "enumerated", rng.integers(0, order, (dimension, 11)))
        zeros = (all_words(code)[1:] == 0).sum(axis=1)
        assert (np.bincount(zeros, minlength=12) == agreements(code) * (order - 1)).all()


def test_a_promise_that_is_too_good_is_found_out() -> None:
    code = best_code(9, 30, 6)
    assert code is not None
    assert certify(code) == code.overlap
    with pytest.raises(ValueError, match=f"agree in {code.overlap} places, not in at most {code.overlap - 1}"):
        certify(replace(code, overlap=code.overlap - 1))
    doubled = replace(code, dimension=2, overlap=29, generator=code.generator[[0, 0]])
    with pytest.raises(ValueError, match="agree in 30 places"):
        certify(doubled)


def test_codes_side_by_side_add_their_overlaps() -> None:
    left, right = reed_solomon(7, 8, 3), reed_solomon(7, 5, 3)
    both = side_by_side(left, right)
    assert (both.length, both.overlap, certify(both)) == (13, 4, 4)
    longer = with_symbols(left, 10)
    assert longer.overlap == 4 and worst_pair(all_words(longer)) <= 4


def test_a_subcode_still_has_every_symbol_at_every_place() -> None:
    code = reed_solomon(9, 10, 5)
    for dimension in range(1, 5):
        found = fewer_words(code, dimension)
        assert found.generator.any(axis=0).all() and certify(found) <= 4


@pytest.mark.parametrize(("order", "degree"), [(2, 5), (3, 3), (4, 2), (9, 2), (8, 3), (16, 1)])
def test_powers_of_x_run_through_all_residues(order: int, degree: int) -> None:
    every = powers(order, degree)
    assert len(np.unique(every, axis=0)) == order**degree - 1 and every.any(axis=1).all()
    modulus = first_primitive(order, degree)
    for exponent in (0, 1, 2, 5, order**degree - 2):
        assert tuple(every[exponent % len(every)].tolist()) == power_of_x(order, exponent, modulus)


def test_every_place_of_a_code_shows_each_symbol_equally_often() -> None:
    code = best_code(9, 100, 15)
    assert code is not None
    found = words(code, message_of(np.arange(code.size), 9, code.dimension))
    for place in range(100):
        assert (np.bincount(found[:, place], minlength=9) == code.size // 9).all()


@pytest.mark.parametrize(
    ("order", "points", "components"),
    [
        (9, 13, ((3, 56), (3, 112))),
        (8, 13, ((1, 7), (4, 315))),
        (2, 7, ((3, 1), (3, 3), (1, 1))),
        (4, 5, ((2, 3), (2, 6), (1, 3))),
        (9, 11, ((5, 5368), (1, 8))),
        (3, 4, ((2, 2), (2, 4))),
    ],
)
def test_counting_up_to_shifts_finds_what_counting_all_words_finds(
    order: int, points: int, components: tuple[tuple[int, int], ...]
) -> None:
    rng = np.random.default_rng(points)
    for n_blocks in (5, 8):
        blocks = tuple(tuple(int(rng.integers(order**r - 1)) for r, _ in components) for _ in range(n_blocks))
        entry = QuasiCyclic(order, points, points * n_blocks - 1, components, blocks)
        assert certify_quasi_cyclic(entry) == certify(quasi_cyclic_code(entry))


def test_a_shift_that_does_not_close_is_refused() -> None:
    with pytest.raises(ValueError, match="component 1 does not close after 7 steps"):
        certify_quasi_cyclic(QuasiCyclic(2, 7, 6, ((3, 1), (2, 1)), ((0, 0),)))


@pytest.mark.parametrize("order", ORDERS)
def test_the_smaller_quasi_cyclic_codes_have_exactly_the_overlap_written_there(order: int) -> None:
    for entry in quasi_cyclic_entries(order):
        if order**entry.dimension <= 10**8:
            assert certify_quasi_cyclic(entry) == entry.overlap == certify(quasi_cyclic_code(entry))


def test_a_shorter_code_names_the_code_that_it_is_a_part_of_once() -> None:
    for offer in codes_for(64, 300):
        assert offer.make().construction.count("the first") <= 2
