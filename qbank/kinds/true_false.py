"""true_false: a statement that is right or wrong (判断题)."""

from __future__ import annotations

from qbank.core.authored import Authored
from qbank.core.item import Item, Plain
from qbank.core.presentation import Language
from qbank.kinds.kind import ItemKind, Marked, Place, folded, no_options, no_passages, no_permutation
from qbank.problem import Problem

TRUE_WORDS = frozenset({"√", "✓", "✔", "对", "正确", "是", "T", "TRUE", "Y", "YES", "1", "R", "V"})
FALSE_WORDS = frozenset({"×", "✗", "✘", "X", "错", "错误", "否", "F", "FALSE", "N", "NO", "0", "W"})


class TrueFalseBody(Authored):
    """The key: ``true`` or ``false``."""

    key: bool

    def seen(self) -> Plain:
        """Return nothing: the stem is all there is to see."""
        return {}

    def marked(self) -> Marked:
        """Return the key as a word."""
        return {"key": "true" if self.key else "false"}


def check(item: Item, place: Place) -> list[Problem]:
    """Return nothing: the schema says it all."""
    return []


def read(marked: str, order: str) -> str | None:
    """Return ``true`` or ``false`` for what was marked, or None.

    >>> read("√", ""), read("错", ""), read("B", "")
    ('true', 'false', None)
    """
    word = folded(marked).upper()
    if word in TRUE_WORDS:
        return "true"
    return "false" if word in FALSE_WORDS else None


def credit(marked: Marked, answer: str) -> float:
    """Return 1 for the key, else 0."""
    return 1.0 if answer == marked["key"] else 0.0


def show_answer(answer: str, order: str, language: Language) -> str:
    """Return a tick or a cross, or T and F in English."""
    if language == "zh":
        return "√" if answer == "true" else "×"
    return "T" if answer == "true" else "F"


TRUE_FALSE = ItemKind(
    word="true_false",
    body=TrueFalseBody,
    check=check,
    permutations=no_permutation,
    options=no_options,
    read=read,
    credit=credit,
    answers=lambda marked: ("true", "false"),
    key_label=lambda marked: str(marked["key"]),
    show_answer=show_answer,
    space="tick",
    passages=no_passages,
)
