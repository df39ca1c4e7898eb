"""How lists of items stand in messages."""

from __future__ import annotations

from collections.abc import Sequence


def some(items: Sequence[str]) -> str:
    """Return the first five, and whether there are more.

    >>> some(["A", "B"]), some(list("ABCDEF"))
    ('A, B', 'A, B, C, D, E, …')
    """
    return ", ".join([*items[:5], *(["…"] if items[5:] else [])])
