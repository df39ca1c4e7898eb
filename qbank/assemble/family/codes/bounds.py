"""What no code and no set of papers can exceed: upper bounds, to stand beside what is reached.

Of several bounds the least holds. Codes: Singleton, Hamming, Plotkin, Bassalygo–Elias (MacWilliams & Sloane 1977,
chapters 1, 2 and 17) and Delsarte's linear programme (1973), each also after some places have been fixed. Papers that
are just sets of items: Johnson (1962), both bounds, repeated.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from math import comb, prod

import numpy as np

FIXED_BITS = 60
"""Factors of the linear programme are rounded to so many bits before the bound is proven in whole numbers."""
SHORTENED = (0, 1, 2, 4, 8, 12, 16, 24, 32, 40, 48, 56, 64)
"""After how many fixed places the linear programme is tried."""


@lru_cache(maxsize=1024)
def most_words(order: int, length: int, overlap: int) -> int:
    """Return an upper bound on the words over `order` symbols no two of which agree in more than overlap places.

    It holds for every code, linear or not, and for every order ≥ 2. Fixing a place leaves the share 1/order at least of
    the words, so the bound of a shorter length times order^(places fixed) holds as well.
    ValueError where order < 2, length < 1 or overlap < 0.

    >>> most_words(9, 10, 3), most_words(9, 100, 9), most_words(2, 5, 2)
    (6561, 40, 4)
    """
    if order < 2 or length < 1 or overlap < 0:
        raise ValueError("at least two symbols, one place and an overlap of 0 are wanted")
    if overlap >= length:
        return int(order**length)
    distance = length - overlap
    bounds = [order ** (overlap + 1), _hamming(order, length, distance), _elias(order, length, distance)]
    bounds += [order**fixed * _plotkin(order, length - fixed, distance) for fixed in range(overlap + 1)]
    for fixed in SHORTENED:
        if fixed <= overlap and length <= 300:
            bounds.append(order**fixed * _linear_programme(order, length - fixed, distance))
    return int(min(bounds))


def _ball(order: int, length: int, radius: int) -> int:
    """Return how many words differ from one in at most `radius` places."""
    return sum(comb(length, i) * (order - 1) ** i for i in range(radius + 1))


def _hamming(order: int, length: int, distance: int) -> int:
    """Return how many balls of half the distance there is room for."""
    return int(order**length // _ball(order, length, (distance - 1) // 2))


def _plotkin(order: int, length: int, distance: int) -> int:
    """Return the most words whose mean distance can be so large, counted in whole numbers; order^length where any.

    M words have at most, at each place, as many unlike pairs as when every symbol occurs equally often.
    """
    every = int(order**length)
    excess = Fraction(distance) - length * Fraction(order - 1, order)
    if excess <= 0:
        return every
    most = min(every, int(distance / excess))
    while most > 1:
        alike = _fewest_pairs(most, order)
        if (comb(most, 2) - alike) * length >= distance * comb(most, 2):
            return most
        most -= 1
    return most


def _elias(order: int, length: int, distance: int) -> int:
    """Return the least Bassalygo–Elias bound over all radii (MacWilliams & Sloane 1977, chapter 17, theorem 34)."""
    theta = Fraction(order - 1, order)
    least = int(order**length)
    for radius in range(int(theta * length) + 1):
        room = radius * radius - 2 * theta * length * radius + theta * length * distance
        if room > 0:
            ball = _ball(order, length, radius)
            least = min(least, int(theta * length * distance * order**length / (room * ball)))
    return least


@lru_cache(maxsize=64)
def _krawtchouk(order: int, length: int) -> tuple[tuple[int, ...], ...]:
    """Return K_k(i) for k, i = 0 … length (MacWilliams & Sloane 1977, chapter 5, §7), by their recurrence in i."""
    table = [[comb(length, k) * (order - 1) ** k] + [0] * length for k in range(length + 1)]
    for i in range(1, length + 1):
        table[0][i] = 1
        for k in range(1, length + 1):
            table[k][i] = table[k][i - 1] - table[k - 1][i - 1] - (order - 1) * table[k - 1][i]
    return tuple(tuple(row) for row in table)


def _linear_programme(order: int, length: int, distance: int) -> int:
    """Return Delsarte's bound, a weaker proven one where rounding spoils it, or all words where it spoils everything.

    f(i) = 1 + Σ c_k K_k(i) with c_k ≥ 0 and f(i) ≤ 0 for i ≥ distance gives f(0) ≥ the number of words. A solver finds
    the c_k; rounded to fractions, f is evaluated exactly, and what it exceeds 0 by is taken off its constant.
    """
    from scipy.optimize import linprog

    table = _krawtchouk(order, length)
    rows = np.array([[value / row[0] for value in row] for row in table[1:]], dtype=float)
    solved = linprog(np.ones(length), A_ub=rows[:, distance:].T, b_ub=-np.ones(length - distance + 1), method="highs")
    if solved.x is None:
        return int(order**length)
    unit = table[0][0] * max(row[0] for row in table) << FIXED_BITS
    factors = [
        int(max(0.0, c) * 2.0**FIXED_BITS) * (unit >> FIXED_BITS) // row[0]
        for c, row in zip(solved.x, table[1:], strict=True)
    ]

    def value(i: int) -> int:
        return unit + sum(factor * row[i] for factor, row in zip(factors, table[1:], strict=True) if factor)

    excess = max(0, *(value(i) for i in range(distance, length + 1)))
    return (value(0) - excess) // (unit - excess) if excess < unit else int(order**length)


def most_papers(n_items: int, length: int, overlap: int) -> int:
    """Return an upper bound on the papers of `length` items from n_items no two of which share more than overlap.

    By any method, with slots or without: Johnson's bounds. An item is on at most as many papers as there can be
    papers one shorter, sharing one less, from one item less; and papers whose items are counted in pairs cannot share
    little on average where n² > N·K.
    ValueError where a number is negative or a paper has no item.

    >>> most_papers(1000, 100, 9), [most_papers(260, 100, k) for k in (20, 30, 40)]
    (90, [3, 8, 19336])
    """
    if n_items < 0 or length < 1 or overlap < 0:
        raise ValueError("at least one item a paper and an overlap of 0 are wanted")
    if length > n_items:
        return 0
    depth = min(overlap, length - 1)
    found = _by_pairs([(n_items - depth, length - depth)], overlap - depth)
    for fixed in range(depth - 1, -1, -1):
        n, size, common = n_items - fixed, length - fixed, overlap - fixed
        found = min(n * found // size, _by_pairs([(n, size)], common))
    return found


def most_papers_in_sections(sections: Sequence[tuple[int, int]], overlap: int) -> int:
    """Return an upper bound on papers with n_i items from N_i in each section, sharing at most overlap in all.

    `sections` : (items to choose from, items on a paper) for each part of the paper that has items of its own. Where
    sections are used unevenly this is less than for all items in one heap.
    ValueError where a number is negative or no paper has an item.

    >>> most_papers_in_sections([(260, 100)], 30), most_papers_in_sections([(182, 80), (78, 20)], 30)
    (8, 5)
    """
    if overlap < 0 or any(n_items < 0 or length < 0 for n_items, length in sections) or not any(n for _, n in sections):
        raise ValueError("at least one item a paper and an overlap of 0 are wanted")
    if any(length > n_items for n_items, length in sections):
        return 0
    return _by_pairs(sections, overlap)


def _by_pairs(sections: Sequence[tuple[int, int]], overlap: int) -> int:
    """Return the most papers that counting the pairs of papers on each item allows; all there are where it allows any.

    M papers use the items of a section at best evenly, M·n/N or so times each; the pairs of papers that meet on an
    item are then fewest, and all together at most overlap·C(M, 2).
    """
    every = prod(comb(n_items, length) for n_items, length in sections)
    room = sum((Fraction(length * length, n_items) for n_items, length in sections if length), Fraction(0)) - overlap
    if room <= 0:
        return every
    most = min(every, int((sum(length for _, length in sections) - overlap) / room))
    while most > 1 and sum(_fewest_pairs(most * length, n_items) for n_items, length in sections) > overlap * comb(
        most, 2
    ):
        most -= 1
    return most


def _fewest_pairs(uses: int, n_items: int) -> int:
    """Return how many pairs of uses of one item there are when all items are used as evenly as can be."""
    if not n_items:
        return 0
    share, more = divmod(uses, n_items)
    return (n_items - more) * comb(share, 2) + more * comb(share + 1, 2)
