"""matching: what belongs to what (匹配题): numbered prompts, lettered options, perhaps more options than prompts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal, cast

from pydantic import Field

from qbank.core.authored import Authored, FilledText, Many
from qbank.core.form import original_letter, printed_letter
from qbank.core.item import Item, Plain, normalise
from qbank.core.presentation import Language
from qbank.kinds.kind import ItemKind, Marked, Passage, Place, Printed, folded, other_keys
from qbank.kinds.letters import LETTERS, letter_of, wrong_key_letters, wrong_letters, wrong_pins
from qbank.problem import Problem, error

NONE = "-"
"""Stands in an answer for a prompt that got no letter."""
_DASHES = re.compile("[—–‐‑−ー_~～]")
_BETWEEN = re.compile(r"[\s,;、。.:=()\[\]/|&+>→]+")
_NUMBERED = re.compile(r"(?:\d{1,2}(?: ?[A-Z])? ?)+")


class MatchingBody(Authored):
    """Prompts, options by letter, and for each prompt the letter of its option; marks by pair or for all."""

    prompts: Annotated[Many[FilledText], Field(min_length=2, max_length=10)]
    options: dict[str, FilledText]
    key: Many[str]
    pin: Many[str] = ()
    shuffle: bool = True
    credit: Literal["each", "all"] = "each"

    def seen(self) -> Plain:
        """Return prompts and options."""
        return {"prompts": self.prompts, "options": dict(self.options)}

    def marked(self) -> Marked:
        """Return the letters in the order of the prompts, and the rule."""
        return {"key": "".join(self.key), "credit": self.credit}


def _body(item: Item) -> MatchingBody:
    return cast("MatchingBody", item.body)


def check(item: Item, place: Place) -> list[Problem]:
    """Return what is wrong with letters, keys and prompts; every prompt has one option of its own."""
    body = _body(item)
    problems = wrong_letters(body.options, place, most=len(LETTERS))
    problems += wrong_key_letters(body.key, body.options, place)
    if len(body.key) != len(body.prompts):
        problems.append(error("Q207", place("key"), keys=len(body.key), prompts=len(body.prompts)))
    first: dict[str, int] = {}
    for index, text in enumerate(body.prompts):
        same = first.setdefault(normalise(text).casefold(), index)
        if same != index:
            problems.append(
                error("Q208", place("prompts", index), n=index + 1, same=same + 1, related=(place("prompts", same),))
            )
    return problems + wrong_pins(body.pin, body.options, place)


def permutations(item: Item) -> tuple[str, frozenset[str]]:
    """Return the option letters and those that keep their place."""
    body = _body(item)
    letters = "".join(sorted(body.options))
    return (letters, frozenset(body.pin)) if body.shuffle else (letters, frozenset(letters))


def passages(item: Item) -> Iterator[Passage]:
    """Yield the prompts, then the options, and which of them belong to a prompt."""
    body = _body(item)
    for index, text in enumerate(body.prompts):
        yield Passage(("prompts", index), "prompt", text)
    for letter, text in body.options.items():
        yield Passage(("options", letter), "option", text, letter in body.key)


def read(marked: str, order: str, given: Marked) -> str | None:
    """Return an original letter for each prompt, ``-`` for none; numbered or in the order of the prompts.

    >>> key = {"key": "ABC"}
    >>> [read(text, "ABCD", key) for text in ("1-B 2-A 3-D", "①Ｂ；③D", "b a d", "B→A→D", "B-D", "BA", "4-A")]
    ['BAD', 'B-D', 'BAD', 'BAD', 'B-D', None, None]
    """
    n_prompts = len(str(given["key"]))
    text = _DASHES.sub(NONE, folded(marked).upper())
    if re.search(r"\d", text):
        letters = _numbered(text, n_prompts)
    else:
        dashed = _BETWEEN.sub("", text)
        plain = dashed.replace(NONE, "")
        letters = list(plain if len(plain) == n_prompts else dashed)
    if letters is None or len(letters) != n_prompts or set(letters) == {NONE}:
        return None
    if any(letter != NONE and not letter_of(letter, order) for letter in letters):
        return None
    return "".join(letter if letter == NONE else original_letter(order, letter) for letter in letters)


def _numbered(text: str, n_prompts: int) -> list[str] | None:
    plain = _BETWEEN.sub(" ", text.replace(NONE, " ")).strip()
    if not _NUMBERED.fullmatch(plain):
        return None
    pairs = re.findall(r"(\d{1,2}) ?([A-Z]?)", plain)
    letters = [NONE] * n_prompts
    for number, letter in pairs:
        if not 1 <= int(number) <= n_prompts:
            return None
        letters[int(number) - 1] = letter or NONE
    return letters if len({number for number, _ in pairs}) == len(pairs) else None


def credit(marked: Marked, answer: str) -> float:
    """Return the share of prompts with their own option, or 1 only if all have it.

    >>> credit({"key": "BAC", "credit": "each"}, "BA-"), credit({"key": "BAC", "credit": "all"}, "BA-")
    (0.6666666666666666, 0.0)
    """
    key = str(marked["key"])
    hits = sum(found == right for found, right in zip(answer, key, strict=True))
    return hits / len(key) if marked["credit"] == "each" or hits == len(key) else 0.0


def show_answer(answer: str, order: str, language: Language) -> str:
    """Return numbers with printed letters: ``1-B 2-A 3-C``."""
    letters = [letter if letter == NONE else printed_letter(order, letter) for letter in answer]
    return " ".join(f"{number}-{letter}" for number, letter in enumerate(letters, start=1) if letter != NONE)


def printed(item: Item, marks: float, language: Language) -> Printed:
    """Return the prompts with their numbers."""
    return Printed(prompts=tuple((str(n), text) for n, text in enumerate(_body(item).prompts, start=1)))


def slips(marked: Marked, order: str) -> tuple[str, ...]:
    """Return the key with two neighbours exchanged, and with one left out.

    >>> slips({"key": "ABC", "credit": "each"}, "ABC")
    ('BAC', 'ACB', '-BC', 'A-C', 'AB-')
    """
    key = str(marked["key"])
    swapped = [key[:n] + key[n + 1] + key[n] + key[n + 2 :] for n in range(len(key) - 1)]
    return tuple(swapped + [key[:n] + NONE + key[n + 1 :] for n in range(len(key))])


MATCHING = ItemKind(
    word="matching",
    body=MatchingBody,
    check=check,
    permutations=permutations,
    options=lambda item: tuple(sorted(_body(item).options.items())),
    read=read,
    credit=credit,
    answers=lambda marked: (),
    key_label=lambda marked: str(marked["key"]),
    show_answer=show_answer,
    space="blank",
    passages=passages,
    printed=printed,
    slips=slips,
    keys=other_keys(read, whole=True),
    partial=lambda marked: marked["credit"] == "each",
    ordered=True,
)
