"""Proof by counting: in how many places any two words of a linear code agree, from all its words up to multiples.

Two words agree where their difference, again a word, is zero; so the overlap is the largest number of zeros of a word
other than zero, and multiples have their zeros in common.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from qbank.assemble.family.codes.record import Code
from qbank.assemble.family.fields import Field, Symbols, field

TAIL_WORDS = 65_536
"""How many words are counted at a time, as one array for each place: they stay in the cache."""
AT_ONCE = 4_096
"""How many words that others are added to are held at a time."""


def agreements(code: Code) -> NDArray[np.int64]:
    """Return how many words, up to multiples, have 0, 1, … n zeros, the word zero left out: (length + 1,).

    Exact: every word is counted. About 10 ns a word up to multiples for 100 places: 0.05 s for 9^8 words, 6 s for
    9^10. Memory stays below some 20 MB whatever the size.

    >>> from qbank.assemble.family.codes.reed_solomon import reed_solomon
    >>> agreements(reed_solomon(5, 5, 2)).tolist()               # lines a + bx: one constant, five with one root
    [1, 5, 0, 0, 0, 0]
    """
    over = field(code.order)
    head, tail = split(over, code.generator)
    multiples = np.bincount((combinations(over, tail)[1:] == 0).sum(axis=1), minlength=code.length + 1)
    return zeros_of_sums(over, _leading_one(over, head), tail) + multiples // (code.order - 1)


def split(over: Field, rows: Symbols) -> tuple[Symbols, Symbols]:
    """Return the first rows and the last ones, of these as many as have at most TAIL_WORDS combinations, one at least."""
    n_tail = 1
    while n_tail < len(rows) and over.order ** (n_tail + 1) <= TAIL_WORDS:
        n_tail += 1
    return rows[: len(rows) - n_tail], rows[len(rows) - n_tail :]


def zeros_of_sums(over: Field, heads: Iterable[Symbols], tail: Symbols) -> NDArray[np.int64]:
    """Return how many sums of one of the heads and a combination of the tail's rows have 0, 1, … n zeros: (n + 1,)."""
    length = tail.shape[1]
    columns = np.ascontiguousarray(combinations(over, tail).T)
    counts = np.zeros(length + 1, dtype=np.int64)
    zeros = np.empty(columns.shape[1], dtype=np.uint8 if length <= 255 else np.uint16)
    equal = np.empty(columns.shape[1], dtype=bool)
    for word in heads:
        zeros[:] = 0
        for column, wanted in zip(columns, over.negative[word], strict=True):
            np.equal(column, wanted, out=equal)
            np.add(zeros, equal, out=zeros, casting="unsafe")
        counts += np.bincount(zeros, minlength=length + 1)
    return counts


def certify(code: Code) -> int:
    """Return in how many places two different words agree at most, by counting all words again.

    ValueError where that is more than the code promises, or where different messages have one word.
    """
    found = int(np.flatnonzero(agreements(code)).max())
    if found > code.overlap:
        raise ValueError(f"two words agree in {found} places, not in at most {code.overlap}")
    return found


def combinations(over: Field, rows: Symbols) -> Symbols:
    """Return all combinations of rows, the word zero first: (order^rows, length)."""
    found = np.zeros((1, rows.shape[1]), dtype=over.add.dtype)
    for row in rows:
        found = over.add[over.multiply[:, row][:, None, :], found[None, :, :]].reshape(-1, rows.shape[1])
    return found


def _leading_one(over: Field, rows: Symbols) -> Iterator[Symbols]:
    """Yield the combinations of rows whose last factor other than 0 is 1: one of each class of multiples."""
    for last in range(len(rows)):
        yield from with_combinations(over, rows[:last], rows[last])


def with_combinations(over: Field, rows: Symbols, word: Symbols) -> Iterator[Symbols]:
    """Yield a word plus each combination of rows, a few thousand at a time in memory."""
    if not len(rows):
        yield word
    elif over.order ** len(rows) <= AT_ONCE:
        yield from over.add[word, combinations(over, rows)]
    else:
        for factor in range(over.order):
            yield from with_combinations(over, rows[:-1], over.add[word, over.multiply[factor, rows[-1]]])
