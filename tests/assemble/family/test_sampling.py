"""Papers of a small family file one by one, and samples of papers: which they are, how many, each how often."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qbank.assemble.family import index, sampling
from qbank.assemble.family.codes.reed_solomon import reed_solomon
from qbank.assemble.family.index import first_papers
from qbank.assemble.family.papers import papers_of_family
from qbank.assemble.family.sampling import sample_papers
from qbank.assemble.family.sieve import Sieve, _stays, passes
from tests.core.test_family import OTHER, SETS, SINGLE, tiny

SECRET = bytes(range(16))
NONE = np.zeros(4, np.uint8)


def sieve_of(low: float) -> Sieve:
    """Return a rule that the letters of four slots of five add up to so much at least."""
    return Sieve(
        np.ones((4, 5), dtype=np.bool_), np.tile(np.arange(5.0)[None, :, None], (4, 1, 1)), np.array([low]), np.array([np.inf]), ("sum",),
        np.zeros((0, 4), np.int64), (), (), np.ones((4, 5)), np.ones(4, np.int64),
    )  # fmt: skip


@pytest.mark.parametrize("block", [1 << 16, 125, 100, 31])
def test_all_papers_are_taken_where_there_are_no_more_than_asked_for(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "BLOCK", block)
    code, sieve = reed_solomon(5, 4, 3), sieve_of(9)
    every = sample_papers(code, NONE, sieve, 125, 1)
    n = len(every.words)
    assert every.every and 30 < n < 100 and len(np.unique(every.words, axis=0)) == n
    assert (every.words.sum(axis=1) >= 9).all()
    assert sample_papers(code, NONE, sieve_of(0), 125, 1).every and len(sample_papers(code, NONE, sieve_of(0), 125, 1).words) == 125
    assert sample_papers(code, NONE, sieve, n, 2).every
    fewer = sample_papers(code, NONE, sieve, n - 1, 2)
    assert not fewer.every and len(fewer.words) == len(np.unique(fewer.words, axis=0)) == n - 1
    places = [next(place for place, row in enumerate(every.words) if (row == word).all()) for word in fewer.words]
    assert places == sorted(places), "in the order of the code"


def test_of_a_large_code_papers_are_drawn_until_there_are_enough_or_enough_were_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "EVERY", 124)
    monkeypatch.setattr(sampling, "BLOCK", 50)
    code, sieve = reed_solomon(5, 4, 3), sieve_of(9)
    share = len(sample_papers(code, NONE, sieve, 10**6, 1, most_drawn=20_000).words) / 20_000
    monkeypatch.setattr(sampling, "EVERY", 125)
    every = sample_papers(code, NONE, sieve, 125, 1)
    assert every.every and share == pytest.approx(len(every.words) / 125, abs=0.02)
    monkeypatch.setattr(sampling, "EVERY", 124)
    some = sample_papers(code, NONE, sieve, 77, 1)
    assert len(some.words) == 77 and not some.every and passes(sieve, some.words).all()
    assert len(sample_papers(code, NONE, sieve_of(0), 10**6, 1, most_drawn=101).words) == 150, "whole blocks are drawn"
    assert not np.array_equal(some.words, sample_papers(code, NONE, sieve, 77, 2).words)


@pytest.mark.parametrize("block", [1 << 16, 9, 4])
def test_numbers_of_a_family_file_are_papers_where_every_rule_holds(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nine words of the code (x, x + y + 2, x + 2y + 1): items, sums 1 … 2.5, and b never beside g, each by hand."""
    monkeypatch.setattr(index, "BLOCK", block)
    family = replace(tiny(), slots=tuple(replace(slot, stays=(1.0,) * 3) for slot in (SINGLE, SETS, OTHER)))
    for unusable in ((), ("d",), ("h", "a")):
        papers, good = papers_of_family(family, "digest", SECRET, unusable), []
        for number in range(9):
            place = papers.numbering.place(number)
            x, y = place % 3, place // 3
            word = [x, (x + y + 2) % 3, (x + 2 * y + 1) % 3]
            assert papers.word(number).tolist() == word
            items = (SINGLE.items(word[0]), SETS.items(word[1]), OTHER.items(word[2]))
            assert papers.items(number) == tuple(id for each in items for id in each)
            there = [all(id and id not in unusable for id in each) for each in items]
            total = sum(family.rules[0].values[slot][symbol] for slot, symbol in enumerate(word))
            broken = ["sum"] * (not 1 <= total <= 2.5) + ["enemies"] * (word[0] == 1 and word[2] == 0)
            assert papers.unfilled(number) == (None if all(there) else there.index(False))
            assert papers.broken(number) == (tuple(broken) if all(there) else (f"slot {there.index(False) + 1}",))
            if all(there) and not broken:
                good.append(number)
        assert first_papers(papers, 9)[0].tolist() == good
        assert first_papers(papers, len(good) - 1)[0].tolist() == good[:-1]
        assert first_papers(papers, 0)[1].shape == (0, 3)
        assert len(good) > 0 or unusable


def test_a_listed_family_has_its_rows_as_words() -> None:
    code = replace(tiny().code, listed=((0, 1, 2), (1, 0, 1)), generator=(), translation=())
    papers = papers_of_family(replace(tiny(), code=code, rules=(), apart=()), "digest", SECRET)
    assert papers.size == 2
    assert sorted(papers.word(number).tolist() for number in range(2)) == [[0, 1, 2], [1, 0, 1]]


def test_papers_are_taken_out_by_a_number_drawn_for_each_word_and_slot() -> None:
    """As many as the shares say, independently from slot to slot; whoever raises a share only adds papers."""
    words = np.stack(np.unravel_index(np.arange(4**6), (4,) * 6), axis=1).astype(np.uint8)
    stays = np.ones((6, 4))
    stays[1, 2], stays[4, 0] = 0.5, 0.2
    sieve = replace(sieve_of(0), stays=stays)
    stay = _stays(sieve, words)
    one, other = words[:, 1] == 2, words[:, 4] == 0
    for here, share in ((one & ~other, 0.5), (~one & other, 0.2), (one & other, 0.1), (~one & ~other, 1.0)):
        assert stay[here].mean() == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / here.sum()) + 1e-12)
    more = stays.copy()
    more[1, 2] = 0.7
    assert (_stays(replace(sieve, stays=more), words) >= stay).all()
    assert not _stays(replace(sieve, stays=np.zeros((6, 4))), words).any()
    assert _stays(sieve, words[:40]).tolist() == stay[:40].tolist(), "whatever else is looked at"


def test_which_papers_are_taken_out_stays_what_it_was() -> None:
    """Papers that were given out must stay papers: the numbers drawn for words are part of the format of family files."""
    sieve = replace(sieve_of(0), stays=np.full((4, 5), 0.8))
    words = np.stack(np.unravel_index(np.arange(40), (5,) * 4), axis=1).astype(np.uint8)
    assert np.flatnonzero(_stays(sieve, words)).tolist() == [0, 3, 5, 6, 7, 8, 9, 10, 14, 17, 20, 22, 25, 32, 33, 34, 38, 39]
