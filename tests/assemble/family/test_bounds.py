"""Upper bounds: never below what exists, equal to what is known to be best, and the figures of the manual."""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbank.assemble.family.codes import codes_for, most_papers, most_papers_in_sections, most_words, trade_off
from qbank.assemble.family.codes.bounds import _krawtchouk, _linear_programme, _plotkin


@pytest.mark.parametrize("order", [2, 3, 4, 5, 8, 9, 16])
@pytest.mark.parametrize("length", [1, 2, 7, 12, 23, 40, 64])
def test_no_code_has_more_words_than_the_bound(order: int, length: int) -> None:
    for row in trade_off(order, length):
        assert row.papers <= row.upper_bound <= order ** (row.overlap + 1)


@pytest.mark.parametrize(
    ("length", "distance", "words"),
    [(5, 3, 4), (6, 3, 8), (7, 3, 16), (8, 3, 20), (11, 5, 24), (12, 5, 32), (13, 5, 64), (15, 7, 32), (23, 7, 4096)],
)
def test_the_bound_is_tight_where_delsarte_and_others_settled_it(length: int, distance: int, words: int) -> None:
    """A(n, d) of MacWilliams & Sloane 1977, appendix A, table I; where plain linear programming leaves more, more is allowed."""
    settled = {(8, 3): 25, (11, 5): 24, (12, 5): 40, (13, 5): 64, (15, 7): 42}
    assert words <= most_words(2, length, length - distance) <= settled.get((length, distance), words)


def test_hadamard_and_simplex_codes_meet_plotkin() -> None:
    assert most_words(2, 16, 8) == 32 and most_words(2, 15, 7) == 16
    assert most_words(9, 91, 10) == 729 and most_words(3, 4, 1) == 9


def test_krawtchouk_polynomials_have_their_known_values() -> None:
    """K_k(0) = C(n, k)(q − 1)^k, K_1(i) = n(q − 1) − qi, and orthogonality (MacWilliams & Sloane 1977, chapter 5)."""
    for order, length in ((2, 9), (3, 7), (9, 6)):
        table = _krawtchouk(order, length)
        for k in range(length + 1):
            assert table[k][0] == comb(length, k) * (order - 1) ** k
            assert table[1][k] == length * (order - 1) - order * k
        for k, other in combinations(range(length + 1), 2):
            assert (
                sum(comb(length, i) * (order - 1) ** i * table[k][i] * table[other][i] for i in range(length + 1)) == 0
            )


def test_the_linear_programme_finds_the_binary_golay_code() -> None:
    assert _linear_programme(2, 23, 7) == 4096 and _linear_programme(3, 11, 5) == 729


@given(st.integers(2, 4), st.integers(2, 6), st.integers(1, 6), st.integers(0, 2**32))
def test_no_greedy_code_beats_the_bound(order: int, length: int, distance: int, seed: int) -> None:
    distance = min(distance, length)
    rng = np.random.default_rng(seed)
    kept: list[np.ndarray] = []
    for word in rng.integers(0, order, (150, length)):
        if all((word != other).sum() >= distance for other in kept):
            kept.append(word)
    assert len(kept) <= most_words(order, length, length - distance)
    assert len(kept) <= _plotkin(order, length, distance)


def test_the_figures_of_long_papers() -> None:
    """1,000 items, 100 a paper, overlap 9: Johnson's second bound gives 91 in fractions, 90 in whole items."""
    assert most_papers(1000, 100, 9) == 90
    assert [most_papers(260, 100, overlap) for overlap in (20, 30)] == [3, 8]
    assert most_papers(1000, 25, 5) == 7_608_930_120


def test_papers_from_a_thousand_items_are_bounded_as_schonheim_has_it() -> None:
    assert most_papers(7, 3, 1) == 7 and most_papers(9, 3, 1) == 12 and most_papers(13, 4, 1) == 13
    assert most_papers(23, 7, 3) == 253 and most_papers(24, 8, 4) == 759


def test_seven_papers_of_a_hundred_from_260_items_share_thirty_at_most() -> None:
    """Every item on two or three of seven papers: so no bound below 7 is true where items are in one heap."""
    fano = [{i % 7, (i + 1) % 7, (i + 3) % 7} for i in range(7)]
    ring = [{i, (i + step) % 7} for i in range(7) for step in (1, 2)]
    uses = [*list(combinations(range(7), 3)) * 5, *list(combinations(range(7), 2)) * 3, *fano, *ring]
    papers = [{item for item, on in enumerate(uses) if paper in on} for paper in range(7)]
    assert len(uses) <= 260 and {len(paper) for paper in papers} == {100}
    assert max(len(a & b) for a, b in combinations(papers, 2)) <= 30
    assert most_papers(260, 100, 30) >= 7


@given(st.integers(4, 14), st.integers(1, 6), st.integers(0, 5), st.integers(0, 2**32))
def test_no_greedy_papers_beat_the_bound(n_items: int, length: int, overlap: int, seed: int) -> None:
    length = min(length, n_items)
    rng = np.random.default_rng(seed)
    kept: list[frozenset[int]] = []
    for _ in range(150):
        paper = frozenset(rng.permutation(n_items)[:length].tolist())
        if paper not in kept and all(len(paper & other) <= overlap for other in kept):
            kept.append(paper)
    assert len(kept) <= most_papers(n_items, length, overlap)
    assert len(kept) <= most_papers_in_sections([(n_items, length)], overlap)


def test_sections_of_uneven_use_allow_fewer_papers() -> None:
    assert most_papers_in_sections([(182, 80), (78, 20)], 30) == 5
    assert most_papers_in_sections([(182, 80), (78, 20)], 20) == 3
    assert most_papers_in_sections([(10, 11)], 3) == 0 and most_papers_in_sections([(5, 0), (4, 2)], 0) == 2


def test_odd_calls() -> None:
    assert most_papers(5, 6, 1) == 0 and most_papers(6, 6, 2) == 1 and most_papers(6, 2, 5) == 15
    assert most_words(3, 4, 4) == most_words(3, 4, 9) == 81
    for wrong in (lambda: most_words(1, 3, 1), lambda: most_words(2, 0, 1), lambda: most_words(2, 3, -1)):
        with pytest.raises(ValueError, match="two symbols"):
            wrong()
    for wrong in (lambda: most_papers(-1, 3, 1), lambda: most_papers(3, 0, 1), lambda: most_papers_in_sections([], 1)):
        with pytest.raises(ValueError, match="one item a paper"):
            wrong()


def test_the_trade_off_of_nine_symbols_and_a_hundred_places_is_what_was_asked() -> None:
    rows = {row.dimension: row for row in trade_off(9, 100)}
    assert rows[4].overlap <= 15 and rows[6].overlap <= 21 and rows[8].overlap <= 24
    for offer in codes_for(9, 100):
        assert rows[offer.dimension].overlap == offer.overlap
