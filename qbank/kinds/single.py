"""single: one key among lettered options (单项选择题)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from pydantic import Field

from qbank.core.authored import Authored, FilledText, Many, WrittenText
from qbank.core.form import original_letter, printed_letter
from qbank.core.item import Item, Plain
from qbank.core.presentation import Language
from qbank.kinds.formula import check_option
from qbank.kinds.kind import ItemKind, Marked, Passage, Place, folded, other_keys
from qbank.kinds.letters import MOST, letter_of, wrong_letters, wrong_misconceptions, wrong_pins
from qbank.problem import Problem, error


class SingleBody(Authored):
    """Options by letter, the key's letter; ``pin`` keeps options in place, ``shuffle: false`` keeps all.

    misconception : for a wrong option, the mistake that leads to it ; formula : the calculation whose result the
    key's option begins with
    """

    options: dict[str, FilledText]
    key: str
    pin: Many[str] = ()
    shuffle: bool = True
    misconception: dict[str, FilledText] = Field(default_factory=dict)
    formula: WrittenText = ""

    def seen(self) -> Plain:
        """Return the options by letter; answers are stored by these letters."""
        return {"options": dict(self.options)}

    def marked(self) -> Marked:
        """Return the key's letter."""
        return {"key": self.key}


def _body(item: Item) -> SingleBody:
    return cast("SingleBody", item.body)


def check(item: Item, place: Place) -> list[Problem]:
    """Return what is wrong with letters, key, pins and equal options."""
    body = _body(item)
    problems = wrong_letters(body.options, place, most=MOST)
    if body.key not in body.options:
        problems.append(error("Q104", place("key"), key=body.key, options=", ".join(body.options)))
    elif body.formula:
        problems += check_option(body.formula, body.key, body.options[body.key], place)
    problems += wrong_misconceptions(body.misconception, body.options, (body.key,), place)
    return problems + wrong_pins(body.pin, body.options, place)


def permutations(item: Item) -> tuple[str, frozenset[str]]:
    """Return the option letters and the pinned ones; no letters at all where nothing may move."""
    body = _body(item)
    letters = "".join(sorted(body.options))
    return (letters, frozenset(body.pin)) if body.shuffle else (letters, frozenset(letters))


def options(item: Item) -> tuple[tuple[str, str], ...]:
    """Return (letter, text) in the order of the letters."""
    return tuple(sorted(_body(item).options.items()))


def passages(item: Item) -> Iterator[Passage]:
    """Yield the options, and which of them is the key."""
    body = _body(item)
    for letter, text in body.options.items():
        yield Passage(("options", letter), "option", text, letter == body.key)


def read(marked: str, order: str, given: Marked) -> str | None:
    """Return the original letter behind what was marked, or None for what is no option of this item.

    >>> read("ａ", "CADB", {"key": "A"}), read("E", "CADB", {"key": "A"})
    ('C', None)
    """
    letter = folded(marked).upper()
    return original_letter(order, letter) if len(letter) == 1 and letter_of(letter, order) else None


def credit(marked: Marked, answer: str) -> float:
    """Return 1 for the key, else 0."""
    return 1.0 if answer == marked["key"] else 0.0


def show_answer(answer: str, order: str, language: Language) -> str:
    """Return the printed letter of an original one."""
    return printed_letter(order, answer)


SINGLE = ItemKind(
    word="single",
    body=SingleBody,
    check=check,
    permutations=permutations,
    options=options,
    read=read,
    credit=credit,
    answers=lambda marked: (),
    key_label=lambda marked: str(marked["key"]),
    show_answer=show_answer,
    space="bracket",
    passages=passages,
    slips=lambda marked, order: tuple(letter for letter in sorted(order) if letter != marked["key"]),
    keys=other_keys(read),
    one_letter=True,
)
