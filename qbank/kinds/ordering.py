"""ordering: steps to put into their order (排序题)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Literal, cast

from qbank.core.authored import Authored, FilledText, Many
from qbank.core.form import printed_letter
from qbank.core.item import Item, Plain
from qbank.core.presentation import Language
from qbank.kinds.kind import ItemKind, Marked, Passage, Place, other_keys
from qbank.kinds.letters import LETTERS, read_letters, wrong_key_letters, wrong_letters
from qbank.problem import Problem, error


class OrderingBody(Authored):
    """Options by letter and their right order; marks for the whole order or by neighbours kept together."""

    options: dict[str, FilledText]
    key: Many[str]
    credit: Literal["all", "pairs"] = "all"

    def seen(self) -> Plain:
        """Return the options by letter."""
        return {"options": dict(self.options)}

    def marked(self) -> Marked:
        """Return the letters in order, and the rule."""
        return {"key": "".join(self.key), "credit": self.credit}


def _body(item: Item) -> OrderingBody:
    return cast("OrderingBody", item.body)


def check(item: Item, place: Place) -> list[Problem]:
    """Return what is wrong with letters and key; the key names every option once."""
    body = _body(item)
    problems = wrong_letters(body.options, place, most=len(LETTERS))
    problems += wrong_key_letters(body.key, body.options, place)
    if missing := [letter for letter in body.options if letter not in body.key]:
        problems.append(error("Q209", place("key"), letters=", ".join(missing)))
    return problems


def passages(item: Item) -> Iterator[Passage]:
    """Yield the options in the order written."""
    for letter, text in _body(item).options.items():
        yield Passage(("options", letter), "option", text)


def read(marked: str, order: str, given: Marked) -> str | None:
    """Return the original letters in the order written, or None where one is no option or stands twice.

    >>> [read(text, "CABD", {}) for text in ("DABC", "d-a-b-c", "Ｄ→Ａ→Ｂ→Ｃ", "DA", "DAA")]
    ['DCAB', 'DCAB', 'DCAB', 'DC', None]
    """
    letters = read_letters(marked.replace("-", " "), order)
    return None if letters is None or len(set(letters)) < len(letters) else letters


def credit(marked: Marked, answer: str) -> float:
    """Return 1 for the order of the key; by ``pairs`` the share of its neighbours that the answer keeps together.

    >>> [credit({"key": "CABD", "credit": "pairs"}, text) for text in ("CABD", "ABDC", "DBAC")]
    [1.0, 0.6666666666666666, 0.0]
    """
    key = str(marked["key"])
    if marked["credit"] == "all" or answer == key:
        return float(answer == key)
    kept = set(pairwise(answer))
    return sum(pair in kept for pair in pairwise(key)) / (len(key) - 1)


def show_answer(answer: str, order: str, language: Language) -> str:
    """Return the printed letters in order."""
    return "".join(printed_letter(order, letter) for letter in answer)


def slips(marked: Marked, order: str) -> tuple[str, ...]:
    """Return the orders with two neighbours exchanged.

    >>> slips({"key": "CAB", "credit": "all"}, "ABC")
    ('ACB', 'CBA')
    """
    key = str(marked["key"])
    return tuple(key[:n] + key[n + 1] + key[n] + key[n + 2 :] for n in range(len(key) - 1))


ORDERING = ItemKind(
    word="ordering",
    body=OrderingBody,
    check=check,
    permutations=lambda item: ("".join(sorted(_body(item).options)), frozenset()),
    options=lambda item: tuple(sorted(_body(item).options.items())),
    read=read,
    credit=credit,
    answers=lambda marked: (),
    key_label=lambda marked: str(marked["key"]),
    show_answer=show_answer,
    space="blank",
    passages=passages,
    slips=slips,
    keys=other_keys(read, whole=True),
    partial=lambda marked: marked["credit"] == "pairs" and len(str(marked["key"])) > 2,
    ordered=True,
)
