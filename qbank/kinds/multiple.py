"""multiple: two or more keys among lettered options (多项选择题)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, cast

from pydantic import Field

from qbank.core.authored import Authored, FilledText, Many
from qbank.core.form import printed_letter
from qbank.core.item import Item, Plain
from qbank.core.presentation import Language
from qbank.kinds.kind import ItemKind, Marked, Passage, Place, other_keys
from qbank.kinds.letters import (
    MOST,
    read_letters,
    wrong_key_letters,
    wrong_letters,
    wrong_misconceptions,
    wrong_pins,
)
from qbank.problem import Problem, error


class MultipleBody(Authored):
    """Options by letter, the letters of the keys, and the rule by which an incomplete answer is marked.

    credit : ``all`` the keys and nothing else; ``subset`` a proper part of the keys without a wrong option earns half;
        ``share`` of the keys found, where nothing wrong is marked; ``balance`` (found − wrong) / keys, never below 0
    """

    options: dict[str, FilledText]
    key: Many[str]
    pin: Many[str] = ()
    shuffle: bool = True
    misconception: dict[str, FilledText] = Field(default_factory=dict)
    credit: Literal["all", "subset", "share", "balance"] = "all"

    def seen(self) -> Plain:
        """Return the options by letter; answers are stored by these letters."""
        return {"options": dict(self.options)}

    def marked(self) -> Marked:
        """Return the letters of the keys, sorted, and the rule."""
        return {"key": "".join(sorted(self.key)), "credit": self.credit}


def _body(item: Item) -> MultipleBody:
    return cast("MultipleBody", item.body)


def check(item: Item, place: Place) -> list[Problem]:
    """Return what is wrong with letters, keys, pins and equal options; at least two keys, and one wrong option."""
    body = _body(item)
    problems = wrong_letters(body.options, place, most=MOST)
    problems += wrong_key_letters(body.key, body.options, place)
    n_keys = len(set(body.key))
    if not 2 <= n_keys < max(len(body.options), 3):
        problems.append(error("Q202", place("key"), n=n_keys, options=len(body.options)))
    problems += wrong_misconceptions(body.misconception, body.options, body.key, place)
    return problems + wrong_pins(body.pin, body.options, place)


def permutations(item: Item) -> tuple[str, frozenset[str]]:
    """Return the option letters and those that keep their place."""
    body = _body(item)
    letters = "".join(sorted(body.options))
    return (letters, frozenset(body.pin)) if body.shuffle else (letters, frozenset(letters))


def passages(item: Item) -> Iterator[Passage]:
    """Yield the options, and which of them belong to the key."""
    body = _body(item)
    for letter, text in body.options.items():
        yield Passage(("options", letter), "option", text, letter in body.key)


def read(marked: str, order: str, given: Marked) -> str | None:
    """Return the original letters, sorted, or None where a letter is no option or stands twice.

    >>> [read(text, "CADB", {}) for text in ("ＡＣ", "C、A", "a c", "AE", "AA", "")]
    ['CD', 'CD', 'CD', None, None, None]
    """
    letters = read_letters(marked, order)
    return None if letters is None or len(set(letters)) < len(letters) else "".join(sorted(letters))


def credit(marked: Marked, answer: str) -> float:
    """Return the share of the marks by the item's rule.

    >>> [credit({"key": "ACD", "credit": rule}, "AC") for rule in ("all", "subset", "share", "balance")]
    [0.0, 0.5, 0.6666666666666666, 0.6666666666666666]
    """
    key, rule = frozenset(str(marked["key"])), marked["credit"]
    hits, wrong = len(key & set(answer)), len(set(answer) - key)
    if hits == len(key) and not wrong:
        return 1.0
    if rule == "balance":
        return max(0.0, (hits - wrong) / len(key))
    if wrong or not hits or rule == "all":
        return 0.0
    return 0.5 if rule == "subset" else hits / len(key)


def show_answer(answer: str, order: str, language: Language) -> str:
    """Return the printed letters in the order of the alphabet."""
    return "".join(sorted(printed_letter(order, letter) for letter in answer))


def slips(marked: Marked, order: str) -> tuple[str, ...]:
    """Return the answers that miss one key or mark one option too many.

    >>> slips({"key": "AC", "credit": "all"}, "ABC")
    ('C', 'A', 'ABC')
    """
    key = str(marked["key"])
    fewer = [key.replace(letter, "") for letter in key]
    more = ["".join(sorted(key + letter)) for letter in sorted(order) if letter not in key]
    return tuple(fewer + more)


MULTIPLE = ItemKind(
    word="multiple",
    body=MultipleBody,
    check=check,
    permutations=permutations,
    options=lambda item: tuple(sorted(_body(item).options.items())),
    read=read,
    credit=credit,
    answers=lambda marked: (),
    key_label=lambda marked: str(marked["key"]),
    show_answer=show_answer,
    space="bracket",
    passages=passages,
    slips=slips,
    keys=other_keys(read),
    partial=lambda marked: marked["credit"] != "all",
)
