"""The record that describes an item kind to the rest of the engine."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from qbank.core.authored import Authored
from qbank.core.item import Item
from qbank.core.presentation import AnswerSpace, Language
from qbank.problem import Problem, Span

Place = Callable[..., Span]
"""Where a key of the item stands: ``place("options", "C")``; ``place("pin", 0)`` for a list entry."""

Marked = Mapping[str, Any]
"""What decides the marks: the ``marked()`` of a body, kept with every printed paper; each kind knows its own keys."""


@dataclass(frozen=True, slots=True)
class ItemKind:
    """One kind of item.

    body : the schema of the keys that only this kind has
    check : (item, place) → everything wrong inside this one item
    permutations : item → the original letters and those that must keep their place; empty letters: nothing moves
    read : (what a candidate marked, printed order, language) → the answer as an original label, or None if it is
        no answer at all for this kind
    credit : (what decides the marks, answer label) → share of the marks, 0 to 1
    answers : what decides the marks → the labels that a candidate can choose, empty where anything can be written
    key_label : what decides the marks → the label of the right answer
    show_answer : (label, printed order, language) → as printed in the key
    space : where the answer goes on the paper
    """

    word: str
    body: type[Authored]
    check: Callable[[Item, Place], list[Problem]]
    permutations: Callable[[Item], tuple[str, frozenset[str]]]
    options: Callable[[Item], tuple[tuple[str, str], ...]]
    read: Callable[[str, str], str | None]
    credit: Callable[[Marked, str], float]
    answers: Callable[[Marked], tuple[str, ...]]
    key_label: Callable[[Marked], str]
    show_answer: Callable[[str, str, Language], str]
    space: AnswerSpace


def no_permutation(item: Item) -> tuple[str, frozenset[str]]:
    """Return that nothing of this item can change places."""
    return "", frozenset()


def no_options(item: Item) -> tuple[tuple[str, str], ...]:
    """Return that there is nothing to choose from in print."""
    return ()


def folded(text: str) -> str:
    """Return text with full-width letters and digits as ASCII and outer blanks gone.

    >>> folded(" Ａ１．５ ")
    'A1.5'
    """
    return unicodedata.normalize("NFKC", text).strip()

