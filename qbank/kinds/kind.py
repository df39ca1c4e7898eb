"""The record that describes an item kind to the rest of the engine."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field

from qbank.core.authored import Authored
from qbank.core.item import Item
from qbank.core.presentation import AnswerSpace, GuidePoint, Language, Task
from qbank.problem import Problem, Span

Place = Callable[..., Span]
"""Where a key of the item stands: ``place("options", "C")``; ``place("pin", 0)`` for a list entry."""

Marked = Mapping[str, Any]
"""What decides the marks: the ``marked()`` of a body, kept with every printed paper; each kind knows its own keys."""


Points = Annotated[float, Field(ge=0.5, le=100, multiple_of=0.5)]
"""Marks of one point of a rubric, of one part, of one step: in steps of a half."""

Role = Literal["stem", "option", "prompt", "answer", "rubric", "demand", "rationale", "reference"]


class Passage(NamedTuple):
    """One text of an item's body that people read, for rules, search and exchange.

    A tuple, as rules make ten of them an item, and a frozen dataclass takes three times as long to be made.

    steps : the keys that lead to it, for `Place` ; right : of an option, whether it is (part of) the key
    """

    steps: tuple[int | str, ...]
    role: Role
    text: str
    right: bool | None = None


@dataclass(frozen=True, slots=True)
class Printed:
    """What a kind adds to a printed question beyond stem, options and key (see `Question`).

    answer : what the key sheet shows instead of the key's label, for example a model answer
    """

    prompts: tuple[tuple[str, str], ...] = ()
    n_lines: int = 0
    guide: tuple[GuidePoint, ...] = ()
    task: Task | None = None
    answer: str = ""


def nothing_more(item: Item, marks: float, language: Language) -> Printed:
    """Return that stem, options and key are all there is to print."""
    return Printed()


def no_parts(item: Item) -> tuple[Item, ...]:
    """Return that an item is one question."""
    return ()


def never(marked: Marked) -> bool:
    """Return that the kind gives all the marks or none."""
    return False


def no_other_keys(key: str, letters: str, marked: Marked) -> tuple[Marked, ...]:
    """Return that nothing can take the place of what decides the marks."""
    return ()


def other_keys(
    read: Callable[[str, str, Marked], str | None], *, whole: bool = False
) -> Callable[[str, str, Marked], tuple[Marked, ...]]:
    """Return the reader of keys of a kind whose key is the answer that earns everything.

    whole : a key names as many letters as the one that was printed

    >>> other_keys(lambda text, letters, marked: text if text in letters else None)("B|C", "ABC", {"key": "A"})
    ({'key': 'B'}, {'key': 'C'})
    """

    def keys(key: str, letters: str, marked: Marked) -> tuple[Marked, ...]:
        found = [read(part, letters, marked) for part in alternatives(key)]
        if not found or any(
            label is None or (whole and ("-" in label or len(label) != len(marked["key"]))) for label in found
        ):
            return ()
        return tuple({**marked, "key": label} for label in dict.fromkeys(found))

    return keys


def alternatives(key: str) -> tuple[str, ...]:
    """Return the keys that a text names, parted by ``|``; none where one of them is empty.

    >>> alternatives("B|C"), alternatives("B|")
    (('B', 'C'), ())
    """
    parts = tuple(part.strip() for part in key.replace("｜", "|").split("|"))
    return parts if all(parts) else ()


def no_slips(marked: Marked, order: str) -> tuple[str, ...]:
    """Return that nobody can guess how this is answered wrongly."""
    return ()


@dataclass(frozen=True, slots=True)
class ItemKind:
    """One kind of item.

    body : the schema of the keys that only this kind has
    check : (item, place) → everything wrong inside this one item
    permutations : item → the original letters and those that must keep their place; empty letters: nothing moves
    read : (what a candidate marked, printed order, what decides the marks) → the answer as an original label, or None
        if it is no answer at all for this kind
    credit : (what decides the marks, answer label) → share of the marks, 0 to 1
    answers : what decides the marks → the labels that a candidate can choose, empty where anything can be written
    key_label : what decides the marks → the label of the right answer
    show_answer : (label, printed order, language) → as printed in the key
    space : where the answer goes on the paper
    passages : item → the texts of its body
    printed : (item, its marks on the paper, language) → what else is printed
    parts : item → its sub-items, whose ids are ``CASE.1``, ``CASE.2``; none but for a case
    slips : (what decides the marks, original letters) → likely answers that do not earn everything, for simulation
    keys : (key as people write it, original letters, what decides the marks) → what decides them with that key instead,
        once for every key that it names; empty where it is none for this item
    partial : what decides the marks → whether an answer can earn a part of them
    one_letter : an answer is the letter of one option ; ordered : the order of an answer's letters matters
    rated : people award the marks; what is "marked" is then the number of marks awarded
    own_marks : the item's own ``marks`` stand, whatever a section gives each question (its rubric adds up to them)
    """

    word: str
    body: type[Authored]
    check: Callable[[Item, Place], list[Problem]]
    permutations: Callable[[Item], tuple[str, frozenset[str]]]
    options: Callable[[Item], tuple[tuple[str, str], ...]]
    read: Callable[[str, str, Marked], str | None]
    credit: Callable[[Marked, str], float]
    answers: Callable[[Marked], tuple[str, ...]]
    key_label: Callable[[Marked], str]
    show_answer: Callable[[str, str, Language], str]
    space: AnswerSpace
    passages: Callable[[Item], Iterator[Passage]]
    printed: Callable[[Item, float, Language], Printed] = field(default=nothing_more)
    parts: Callable[[Item], tuple[Item, ...]] = field(default=no_parts)
    slips: Callable[[Marked, str], tuple[str, ...]] = field(default=no_slips)
    keys: Callable[[str, str, Marked], tuple[Marked, ...]] = field(default=no_other_keys)
    partial: Callable[[Marked], bool] = field(default=never)
    one_letter: bool = False
    ordered: bool = False
    rated: bool = False
    own_marks: bool = False


def no_permutation(item: Item) -> tuple[str, frozenset[str]]:
    """Return that nothing of this item can change places."""
    return "", frozenset()


def no_options(item: Item) -> tuple[tuple[str, str], ...]:
    """Return that there is nothing to choose from in print."""
    return ()


def no_passages(item: Item) -> Iterator[Passage]:
    """Return that the body holds no text to read."""
    return iter(())


def folded(text: str) -> str:
    """Return text with full-width letters and digits as ASCII and outer blanks gone.

    >>> folded(" Ａ１．５ ")
    'A1.5'
    """
    return unicodedata.normalize("NFKC", text).strip()

