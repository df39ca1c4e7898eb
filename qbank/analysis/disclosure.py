"""Which groups may be shown so that no small one follows from the others by subtraction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from qbank.analysis.arrays import BoolArray, IntArray

EVERYBODY = ("", "")


@dataclass(frozen=True, slots=True, eq=False)
class Disclosure:
    """(column, word) → (n_items,) True, everybody being ``EVERYBODY``: shown ; few: fewer than ``least`` persons, though some ;
    withheld : enough of them, but fewer than ``least`` others would follow by subtraction."""

    shown: Mapping[tuple[str, str], BoolArray]
    few: Mapping[tuple[str, str], BoolArray]
    withheld: Mapping[tuple[str, str], BoolArray]


@dataclass(slots=True, eq=False)
class _Column:
    """code : (n_persons,) place in ``words``, −1 none ; n, shown : (n_words, n_items)"""

    name: str
    words: tuple[str, ...]
    code: IntArray
    n: IntArray
    shown: BoolArray


def disclosure(seen: BoolArray, columns: Mapping[str, Sequence[str]], *, least: int) -> Disclosure:
    """Return which group's statistics of which item may be shown beside everybody's.

    seen : (n_persons, n_items) ; columns : name → a word a person, "" none ; least : persons that a number must rest on

    Hidden is a group of fewer than ``least`` persons, and of the groups that lie wholly inside a larger one (everybody, or
    a group of another column: the rooms of a site) the smallest, where all that are shown leave fewer than ``least`` of it:
    complementary suppression (Cox 1980). A group that has the same persons as a hidden one is hidden as well. Groups of two columns that
    overlap without one holding the other are not combined. Cost: a pass over (n_persons, n_items) a pair of columns.

    >>> site = ["A"] * 20 + ["B"] * 12 + ["C"] * 3
    >>> found = disclosure(np.ones((35, 1), bool), {"site": site}, least=10)
    >>> [word for (_, word), items in found.shown.items() if items.all()], [word for _, word in found.withheld]
    (['', 'A'], ['B'])
    """
    whole = _column("", ("",) * len(seen), seen, least, everybody=True)
    found = [whole, *(_column(name, words, seen, least) for name, words in columns.items())]
    pairs = [(outer, inner, *_crossed(outer, inner, seen)) for outer, inner in _ordered(found)]
    while True:
        before = sum(int(column.shown.sum()) for column in found)
        for outer, inner, of, inside, n in pairs:
            _within(outer, inner, of, inside, n, least)
            _alike(outer, inner, of, inside, n)
            _mixed(whole, outer, inner, of, inside, n, least)
        if sum(int(column.shown.sum()) for column in found) == before:
            break
    cells = [((column.name, word), column.n[row], column.shown[row]) for column in found for row, word in enumerate(column.words)]
    return Disclosure(
        {name: shown for name, _, shown in cells if shown.any()},
        {name: (n > 0) & (n < least) for name, n, _ in cells if ((n > 0) & (n < least)).any()},
        {name: (n >= least) & ~shown for name, n, shown in cells if ((n >= least) & ~shown).any()},
    )


def _column(name: str, words: Sequence[str], seen: BoolArray, least: int, *, everybody: bool = False) -> _Column:
    listed = ("",) if everybody else tuple(sorted({word for word in words if word}))
    place = {word: row for row, word in enumerate(listed)}
    code = np.array([place.get(word, -1) for word in words], np.int64)
    of, n = _counted(code, seen)
    counts = np.zeros((len(listed), seen.shape[1]), np.int64)
    counts[of] = n
    return _Column(name, listed, code, counts, counts >= least)


def _counted(code: IntArray, seen: BoolArray) -> tuple[IntArray, IntArray]:
    """Return every code that is not negative, in order, and how many persons of it saw each item, (n_codes, n_items)."""
    order = np.argsort(code, kind="stable")
    order = order[code[order] >= 0]
    if not len(order):
        return np.zeros(0, np.int64), np.zeros((0, seen.shape[1]), np.int64)
    of, first = np.unique(code[order], return_index=True)
    return of, np.add.reduceat(seen[order], first, axis=0, dtype=np.int64)


def _ordered(columns: Sequence[_Column]) -> Iterator[tuple[_Column, _Column]]:
    return ((outer, inner) for outer in columns for inner in columns[1:] if outer is not inner)


def _crossed(outer: _Column, inner: _Column, seen: BoolArray) -> tuple[IntArray, IntArray, IntArray]:
    """Return outer group, inner group and persons by item of each pair that has persons; 0 where the inner group is not
    wholly inside."""
    width = max(len(inner.words), 1)
    both = (outer.code >= 0) & (inner.code >= 0)
    pair, n = _counted(np.where(both, outer.code * width + inner.code, -1), seen)
    of, inside = pair // width, pair % width
    return of, inside, np.where(n == inner.n[inside], n, 0)


def _within(outer: _Column, inner: _Column, of: IntArray, inside: IntArray, n: IntArray, least: int) -> None:
    """Hide the smallest inner group where all shown ones leave too few persons of an outer one."""
    used = np.where(inner.shown[inside], n, 0)
    _hide(outer.n - _summed(of, used, outer.n.shape), outer.shown, inner, of, inside, used, least)


def _alike(outer: _Column, inner: _Column, of: IntArray, inside: IntArray, n: IntArray) -> None:
    """Hide what has the same persons as something hidden."""
    for row, item in np.argwhere((n > 0) & (n == outer.n[of])):
        one, other = outer.shown[of[row], item], inner.shown[inside[row], item]
        if one != other and outer.name:
            outer.shown[of[row], item] = inner.shown[inside[row], item] = False


def _mixed(whole: _Column, outer: _Column, inner: _Column, of: IntArray, inside: IntArray, n: IntArray, least: int) -> None:
    """Hide the smallest inner group where everybody less the outer groups, or less the inner ones of a hidden outer one,
    leaves too few."""
    if outer is whole:
        return
    used = np.where(inner.shown[inside] & ~outer.shown[of], n, 0)
    rest = whole.n - np.where(outer.shown, outer.n, 0).sum(axis=0) - used.sum(axis=0)
    _hide(rest, whole.shown, inner, np.zeros_like(of), inside, used, least)


def _summed(of: IntArray, values: IntArray, shape: tuple[int, ...]) -> IntArray:
    found = np.zeros(shape, np.int64)
    np.add.at(found, of, values)
    return found


def _hide(
    rest: IntArray, shown: BoolArray, inner: _Column, of: IntArray, inside: IntArray, used: IntArray, least: int
) -> None:
    """Hide the smallest group in use wherever ``rest`` of a shown outer group is some persons but too few."""
    for group, item in np.argwhere(shown & (rest > 0) & (rest < least)):
        rows = np.flatnonzero((of == group) & (used[:, item] > 0))
        if len(rows):
            smallest = rows[np.argmin(used[rows, item])]
            inner.shown[inside[smallest], item] = False
