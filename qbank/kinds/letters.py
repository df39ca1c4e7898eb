"""What kinds with lettered options share: their letters, and the letters that a candidate writes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from qbank.core.form import original_letter
from qbank.core.item import normalise
from qbank.kinds.kind import Place, folded
from qbank.problem import Problem, error

LETTERS = "ABCDEFGHIJ"
MOST = 8
"""Options of a question of choice; matching and ordering may have as many as there are `LETTERS`."""

_BETWEEN = re.compile(r"[\s,;:/.|&+>、。→—和与及]+|->")


def wrong_letters(options: Mapping[str, str], place: Place, *, most: int) -> list[Problem]:
    """Return what is wrong with the number of options, their letters, and options that read alike."""
    problems: list[Problem] = []
    letters = list(options)
    if not 2 <= len(letters) <= most:
        problems.append(error("Q105", place("options"), n=len(letters), most=most))
    for letter, expected in zip(letters, LETTERS, strict=False):
        if letter != expected:
            problems.append(error("Q106", place("options", letter, key=True), letter=letter, expected=expected))
            break
    first: dict[str, str] = {}
    for letter, text in options.items():
        same = first.setdefault(normalise(text).casefold(), letter)
        if same != letter:
            problems.append(
                error("Q107", place("options", letter), letter=letter, same=same, related=(place("options", same),))
            )
    return problems


def wrong_pins(pin: tuple[str, ...], options: Mapping[str, str], place: Place) -> list[Problem]:
    """Return the pins that are no options."""
    listed = ", ".join(options)
    return [
        error("Q108", place("pin", index), letter=letter, options=listed)
        for index, letter in enumerate(pin)
        if letter not in options
    ]


def wrong_misconceptions(
    misconception: Mapping[str, str], options: Mapping[str, str], key: Iterable[str], place: Place
) -> list[Problem]:
    """Return the misconceptions that belong to no wrong option."""
    right = list(key)
    return [
        error("Q114", place("misconception", letter, key=True), letter=letter, options=", ".join(options),
              key=", ".join(right))
        for letter in misconception
        if letter not in options or letter in right
    ]  # fmt: skip


def wrong_key_letters(key: tuple[str, ...], options: Mapping[str, str], place: Place) -> list[Problem]:
    """Return the letters of a key that are no options or stand in it twice."""
    listed = ", ".join(options)
    problems: list[Problem] = []
    for index, letter in enumerate(key):
        if letter not in options:
            problems.append(error("Q104", place("key", index), key=letter, options=listed))
        elif letter in key[:index]:
            problems.append(error("Q201", place("key", index), letter=letter))
    return problems


def read_letters(marked: str, order: str) -> str | None:
    """Return the original letters behind printed ones in the order written, or None where one is no option.

    Letters may be parted by commas, blanks, arrows and the like, in full or half width.

    >>> read_letters("Ａ、c", "CADB"), read_letters("a→B", "CADB"), read_letters("AE", "CADB")
    ('CD', 'CA', None)
    """
    letters = _BETWEEN.sub("", folded(marked).upper())
    if not letters or any(not letter_of(letter, order) for letter in letters):
        return None
    return "".join(original_letter(order, letter) for letter in letters)


def letter_of(letter: str, order: str) -> bool:
    """Return whether a capital is the printed letter of one of the options.

    >>> letter_of("D", "CADB"), letter_of("E", "CADB")
    (True, False)
    """
    return letter in LETTERS and LETTERS.index(letter) < len(order)
