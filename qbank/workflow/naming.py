"""What columns of answers are called."""

from __future__ import annotations

from qbank.messages import Language, text

COLUMNS = ("site", "room", "seat", "group", "batch", "sex", "team", "minutes", "version")
"""Columns of answers that have a word in every language; others are called as in the file."""


def group_word(name: str, language: Language) -> str:
    """Return what a column of the answers is called.

    >>> group_word("site", "en"), group_word("minutes", "zh"), group_word("shift", "zh")
    ('site', '用时（分）', 'shift')
    """
    return text(language, f"result.{name}") if name in COLUMNS else name
