"""From a number to a paper and to the next one, against a loop over all numbers."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest

from qbank.assemble.family.codes import message_of, words
from qbank.assemble.family.codes.reed_solomon import reed_solomon
from qbank.assemble.family.fields import field
from qbank.assemble.family.index import first_papers
from qbank.assemble.family.numbering import Numbering, person_number
from qbank.assemble.family.papers import Papers
from qbank.assemble.family.sieve import Sieve
from qbank.core.family import Family

SECRET = b"a secret of the centre"
TRANSLATION = np.array([0, 3, 1, 2], dtype=np.uint8)


def papers_of(low: float) -> Papers:
    """Return a family of 25 numbers, of which those are papers whose letters add up to `low` at least."""
    filled = np.ones((4, 5), dtype=np.bool_)
    values = np.tile(np.arange(5.0)[None, :, None], (4, 1, 1))
    sieve = Sieve(
        filled, values, np.array([low]), np.array([np.inf]), ("sum",), np.zeros((0, 4), np.int64), (), (), np.ones((4, 5)),
        np.ones(4, np.int64),
    )  # fmt: skip
    return Papers(cast("Family", None), reed_solomon(5, 4, 2), TRANSLATION, sieve, Numbering(SECRET, 25), "digest")


def word_of(papers: Papers, number: int) -> list[int]:
    message = message_of(np.array(papers.numbering.place(number)), 5, 2)
    plain = words(reed_solomon(5, 4, 2), message)
    return [int(field(5).add[symbol, more]) for symbol, more in zip(plain, TRANSLATION, strict=True)]


@pytest.mark.parametrize("low", [0.0, 9.0, 12.0, 17.0])
def test_the_next_paper_is_the_first_from_a_number_on_and_around_that_nobody_has(low: float) -> None:
    papers = papers_of(low)
    good = [number for number in range(25) if sum(word_of(papers, number)) >= low]
    assert [number for number in range(25) if not papers.broken(number)] == good
    assert all(papers.word(number).tolist() == word_of(papers, number) for number in range(25))
    assert papers.words(np.arange(25)).tolist() == [word_of(papers, number) for number in range(25)]
    for taken in (set(), set(good[1::2]), set(good)):
        for number in range(25):
            around = [found % 25 for found in range(number, number + 25)]
            assert papers.next(number, taken) == next((found for found in around if found in good and found not in taken), None)
    numbers, found = first_papers(papers, 4, start=3)
    assert numbers.tolist() == [number for number in good if number >= 3][:4]
    assert found.tolist() == [word_of(papers, number) for number in numbers.tolist()]


def test_persons_have_papers_of_their_own_whatever_their_order_and_none_where_there_are_no_more() -> None:
    papers = papers_of(9.0)
    good = [number for number in range(25) if sum(word_of(papers, number)) >= 9]
    persons = [f"{k:03d}" for k in range(len(good) + 2)]
    found = papers.numbers_of(persons)
    assert sorted(number for number in found if number is not None) == good
    assert found.count(None) == 2
    assert papers.numbers_of(persons[::-1]) == found[::-1]
    assert [papers.number_of(person) for person in persons[:3]] == [
        papers.next(person_number(SECRET, "digest", person, 25)) for person in persons[:3]
    ]
