"""What changed in a text, word by word; Chinese characters count as words, and so do commands of LaTeX."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from typing import Literal

Mark = Literal["=", "-", "+"]
Piece = tuple[Mark, str]

_TOKEN = re.compile(r"\\[A-Za-z]+|[A-Za-z]+|[0-9]+(?:\.[0-9]+)?|\s+|.", re.DOTALL)
_LIMIT = 4_000_000
"""Beyond this product of lengths the middle is told as one change: the search takes time with its square."""


def word_changes(old: str, new: str) -> tuple[Piece, ...]:
    """Return the pieces of both texts in order: kept ``=``, taken away ``-``, put in ``+``.

    A single character that stayed between two changes is told with them, so that a rewritten phrase reads as one.

    >>> word_changes("炉渣碱度高", "炉渣黏度高")
    (('=', '炉渣'), ('-', '碱'), ('+', '黏'), ('=', '度高'))
    >>> word_changes("at 80 °C", "at 90.5 °C")
    (('=', 'at '), ('-', '80'), ('+', '90.5'), ('=', ' °C'))
    """
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    middle = before[head : len(before) - tail], after[head : len(after) - tail]
    pieces: list[tuple[str, str]] = [("".join(before[:head]),) * 2, *_middle(*middle)]
    pieces.append(("".join(before[len(before) - tail :]),) * 2)
    return tuple(_told(_joined(pieces)))


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    n = 0
    while n < min(len(one), len(other)) and one[n] == other[n]:
        n += 1
    return n


def _middle(before: Sequence[str], after: Sequence[str]) -> list[tuple[str, str]]:
    if len(before) * len(after) > _LIMIT:
        return [("".join(before), "".join(after))]
    codes = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    return [("".join(before[a:b]), "".join(after[c:d])) for _, a, b, c, d in codes]


def _joined(pieces: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return pairs of old and new, where what stayed is equal, with lone characters between changes taken in."""
    joined: list[tuple[str, str]] = []
    shown = [piece for piece in pieces if piece != ("", "")]
    for n, (old, new) in enumerate(shown):
        lone = old == new and len(old.strip()) <= 1 and 0 < n < len(shown) - 1
        changed = old != new or lone
        if joined and changed and joined[-1][0] != joined[-1][1]:
            joined[-1] = (joined[-1][0] + old, joined[-1][1] + new)
        else:
            joined.append((old, new))
    return joined


def _told(pairs: Sequence[tuple[str, str]]) -> list[Piece]:
    told: list[Piece] = []
    for old, new in pairs:
        if old == new:
            told.append(("=", old))
            continue
        told += [piece for piece in (("-", old), ("+", new)) if piece[1]]
    return told
