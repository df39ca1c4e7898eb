"""How lists of items stand in messages, and what columns of answers are called."""

from __future__ import annotations

from collections.abc import Sequence

from qbank.messages import Language, text

COLUMNS = ("site", "room", "seat", "group", "batch", "sex", "team", "minutes", "version")
"""Columns of answers that have a word in every language; others are called as in the file."""


def some(items: Sequence[str]) -> str:
    """Return the first five, and whether there are more.

    >>> some(["A", "B"]), some(list("ABCDEF"))
    ('A, B', 'A, B, C, D, E, …')
    """
    return ", ".join([*items[:5], *(["…"] if items[5:] else [])])


def group_word(name: str, language: Language) -> str:
    """Return what a column of the answers is called.

    >>> group_word("site", "en"), group_word("minutes", "zh"), group_word("shift", "zh")
    ('site', '用时（分）', 'shift')
    """
    return text(language, f"result.{name}") if name in COLUMNS else name
