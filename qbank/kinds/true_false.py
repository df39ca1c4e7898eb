"""true_false: a statement that is right or wrong (判断题), with its correction where it is wrong (改错)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from qbank.core.authored import Authored, WrittenText
from qbank.core.item import Item, Plain
from qbank.core.presentation import Language
from qbank.kinds.kind import (
    ItemKind,
    Marked,
    Passage,
    Place,
    Printed,
    folded,
    no_options,
    no_permutation,
    other_keys,
)
from qbank.problem import Problem, error

TRUE_WORDS = frozenset({"√", "✓", "✔", "☑", "对", "正确", "正", "真", "是", "勾", "T", "TRUE", "Y", "YES", "1", "R", "V"})
FALSE_WORDS = frozenset({"×", "✕", "✖", "✗", "✘", "☒", "╳", "X", "错", "错误", "误", "假", "否", "叉", "F", "FALSE", "N", "NO", "0", "W"})


class TrueFalseBody(Authored):
    """The key: ``true`` or ``false``; ``correction``: what would make a false statement true."""

    key: bool
    correction: WrittenText = ""

    def seen(self) -> Plain:
        """Return nothing: the stem is all there is to see."""
        return {}

    def marked(self) -> Marked:
        """Return the key as a word."""
        return {"key": "true" if self.key else "false"}


def _body(item: Item) -> TrueFalseBody:
    return cast("TrueFalseBody", item.body)


def check(item: Item, place: Place) -> list[Problem]:
    """Return whether a true statement carries a correction."""
    body = _body(item)
    return [error("Q203", place("correction", key=True))] if body.key and body.correction else []


def passages(item: Item) -> Iterator[Passage]:
    """Yield the correction."""
    if correction := _body(item).correction:
        yield Passage(("correction",), "answer", correction)


def read(marked: str, order: str, given: Marked) -> str | None:
    """Return ``true`` or ``false`` for what was marked, or None.

    >>> read("√", "", {}), read("✔\ufe0f", "", {}), read("错", "", {}), read("B", "", {})
    ('true', 'true', 'false', None)
    """
    word = folded(marked).upper().removesuffix("\ufe0f")
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


def printed(item: Item, marks: float, language: Language) -> Printed:
    """Return the correction behind the key."""
    correction = _body(item).correction
    return Printed(answer=f"{show_answer('false', '', language)} {correction}") if correction else Printed()


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
    passages=passages,
    printed=printed,
    slips=lambda marked, order: ("false" if marked["key"] == "true" else "true",),
    keys=other_keys(read),
)
