"""How many papers a family has: against every word looked at alone, and intervals against the tails of the binomial."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from qbank.assemble.family import counting, design, sieve
from qbank.assemble.family.codes import Code
from qbank.assemble.family.codes.offers import repetition
from qbank.assemble.family.codes.reed_solomon import reed_solomon
from qbank.assemble.family.counting import CONFIDENCE, Count, count_papers, exposure, share_interval, word_at
from qbank.assemble.family.design import _best_translation
from qbank.assemble.family.fields import field
from qbank.assemble.family.sieve import Sieve, passes


def sieve_of(values: np.ndarray, low: float, high: float = np.inf, copies: int = 1) -> Sieve:
    """Return a sieve that asks a sum of letters' values to lie between two bounds, in some rows alike."""
    each = np.repeat(values.astype(float)[:, :, None], copies, axis=2)
    return Sieve(
        np.ones(values.shape, dtype=np.bool_), each, np.full(copies, low), np.full(copies, high), ("sum",) * copies,
        np.zeros((0, 4), np.int64), (), (), np.ones(values.shape), np.ones(len(values), np.int64),
    )  # fmt: skip


def looked_at(code: Code, translation: np.ndarray, values: np.ndarray, low: float) -> int:
    """Return how many words add up to so much, each word worked out symbol by symbol."""
    over, n = field(code.order), 0
    for message in product(range(code.order), repeat=code.dimension):
        word = [int(symbol) for symbol in translation]
        for factor, row in zip(message, code.generator, strict=True):
            word = [int(over.add[symbol, over.multiply[factor, other]]) for symbol, other in zip(word, row, strict=True)]
        n += sum(float(values[slot, symbol]) for slot, symbol in enumerate(word)) >= low
    return n


@pytest.mark.parametrize("block", [1 << 16, 125, 124, 50, 7])
def test_every_word_is_counted_whatever_the_size_of_the_last_block(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "BLOCK", block)
    code, translation = reed_solomon(5, 4, 3), np.array([1, 0, 4, 2], np.uint8)
    values = np.random.default_rng(1).integers(0, 9, (4, 5))
    found = count_papers(code, translation, sieve_of(values, 18), 1)
    n = looked_at(code, translation, values, 18)
    assert 20 < n < 100
    assert (found.words, found.papers, found.low, found.high, found.tried, found.kept) == (125, n, n, n, 125, n)
    assert found.exact and found.share == n / 125
    assert count_papers(code, translation, sieve_of(values, 0), 1, exact=125) == Count(125, 125, 125, 125, 125, 125)


@pytest.mark.parametrize("block", [1 << 15, 21, 20, 8, 1])
def test_words_pass_alike_in_blocks_of_any_size(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(2).integers(0, 9, (3, 4))
    words = np.random.default_rng(3).integers(0, 4, (21, 3))
    expected = [sum(int(values[slot, symbol]) for slot, symbol in enumerate(word)) >= 12 for word in words]
    monkeypatch.setattr(sieve, "BLOCK", block)
    assert passes(sieve_of(values, 12), words).tolist() == expected
    assert expected[-1] and len(set(expected)) == 2  # the last word of the last block passes


@pytest.mark.parametrize("block", [1 << 16, 1000, 300])
def test_an_estimate_tries_as_many_words_as_asked_and_tells_their_share_and_its_interval(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "BLOCK", block)
    code, values = reed_solomon(31, 5, 4), np.tile(np.arange(31), (5, 1))
    found = count_papers(code, np.zeros(5, np.uint8), sieve_of(values, 75), 3, exact=code.size - 1, sample=1000)
    assert not found.exact and (found.words, found.tried) == (31**4, 1000)
    assert found.share == found.kept / 1000
    low, high = share_interval(found.kept, 1000)
    assert (found.papers, found.low, found.high) == (round(31**4 * found.kept / 1000), int(31**4 * low), int(31**4 * high))
    assert 420 < found.kept < 580  # half of the words by symmetry: 75 of 0 … 150, some on it
    assert count_papers(code, np.zeros(5, np.uint8), sieve_of(values, 75), 4, exact=0, sample=1000).kept != found.kept


@pytest.mark.parametrize(("copies", "tried"), [(1, 800), (199, 800), (200, 400), (400, 266), (4000, 100)])
def test_fewer_words_are_drawn_where_each_has_many_sums(copies: int, tried: int) -> None:
    code = reed_solomon(7, 5, 3)
    found = count_papers(code, np.zeros(5, np.uint8), sieve_of(np.zeros((5, 7)), 0.0, copies=copies), 1, exact=0, sample=800)
    assert (found.tried, found.kept) == (tried, tried)


@given(st.integers(1, 300), st.floats(0, 1))
def test_beyond_each_end_of_the_interval_lies_half_of_what_it_leaves_out(tried: int, part: float) -> None:
    """Clopper & Pearson 1934: at the ends what was kept, or more (or fewer), has the chance ½ (1 − CONFIDENCE)."""
    kept = round(part * tried)
    low, high = share_interval(kept, tried)
    assert low == 0 if kept == 0 else binom.sf(kept - 1, tried, low) == pytest.approx((1 - CONFIDENCE) / 2, rel=1e-6)
    assert high == 1 if kept == tried else binom.cdf(kept, tried, high) == pytest.approx((1 - CONFIDENCE) / 2, rel=1e-6)


@pytest.mark.parametrize(("seed", "low"), [(10, 17), (17, 15), (40, 13)])
def test_the_translation_of_a_small_code_is_the_one_with_most_papers(seed: int, low: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 27 translations 200 are drawn, so all but surely each: most give one paper or none, three of them two."""
    monkeypatch.setattr(design, "TRANSLATED", 200 * 3 * 3 * 2)
    values, code = np.random.default_rng(seed).integers(0, 9, (3, 3)), repetition(3, 3)
    every = [looked_at(code, np.array(each), values, low) for each in product(range(3), repeat=3)]
    assert (every[0], sorted(set(every)), every.count(2)) == (0, [0, 1, 2], 3)
    for draw in (1, 2):
        assert looked_at(code, _best_translation(code, sieve_of(values, low), draw), values, low) == 2


def test_a_code_is_not_translated_where_that_would_take_long_or_gains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(design, "TRANSLATED", 200 * 3 * 3 * 2)
    values, code = np.array([[0, 1, 0], [0, 0, 1], [1, 0, 0]]), repetition(3, 3)
    rule = sieve_of(values, 3)
    assert looked_at(code, np.zeros(3, int), values, 3) == 0
    assert looked_at(code, _best_translation(code, rule, 1), values, 3) == 1
    monkeypatch.setattr(design, "TRANSLATED", 2 * 3 * 3 * 2 - 1)  # sums of two tries
    assert _best_translation(code, rule, 1).tolist() == [0, 0, 0]
    monkeypatch.setattr(design, "TRANSLATED", 40 * 3 * 3 * 2)
    assert _best_translation(code, sieve_of(values, 0), 1).tolist() == [0, 0, 0]


def test_few_translations_tried_never_leave_fewer_papers_than_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(design, "TRANSLATED", 2 * 3 * 3 * 2)
    values, code = np.array([[2, 0, 1], [2, 0, 1], [2, 0, 1]]), repetition(3, 3)
    plain = looked_at(code, np.zeros(3, int), values, 3)
    assert plain == 2
    best = [_best_translation(code, sieve_of(values, 3), seed) for seed in range(30)]
    found = [looked_at(code, each, values, 3) for each in best]
    assert min(found) == 2 and max(found) == 3
    assert all((each == 0).all() for each, n in zip(best, found, strict=True) if n == 2)


def test_words_are_those_of_the_code_with_the_translation_added_to_each() -> None:
    code, translation = reed_solomon(9, 10, 2), np.arange(10) % 9
    plain, moved = (word_at(code, np.asarray(each), np.arange(81)) for each in (np.zeros(10, int), translation))
    assert moved.tolist() == [[int(field(9).add[a, b]) for a, b in zip(word, translation, strict=True)] for word in plain]


def test_exposure_is_the_share_of_papers_with_a_letter_each_counted_as_often_as_said() -> None:
    words = np.array([[0, 2], [1, 2], [0, 0], [0, 2]])
    rule = sieve_of(np.zeros((2, 3)), 0)
    assert exposure(rule, words).tolist() == [[0.75, 0.25, 0], [0.25, 0, 0.75]]
    assert exposure(rule, words, np.array([1.0, 3, 2, 0])).tolist() == [[0.75, 0.75, 0], [0.5, 0, 1.0]]
    assert exposure(rule, words[:0]).tolist() == [[0, 0, 0], [0, 0, 0]]
