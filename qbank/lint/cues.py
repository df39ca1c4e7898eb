"""The rule that finds the answer to one item in the stem of another."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Container, Iterator
from dataclasses import dataclass

from qbank.core.item import Item
from qbank.kinds import KINDS
from qbank.lint.reading import MATHEMATICS, count_han, has_han, prose
from qbank.lint.rule import RuleInput
from qbank.problem import Problem, warning

GRAM = 6
LONG_KEY = 7
MOST_STEMS = 3
_BLANK = re.compile(r"[（(][\s\u3000_]*[)）]|_{3,}")
_NOISE = re.compile(r"[\s\u3000*“”\"'，,。．；;：:、（）()]+")


@dataclass(frozen=True, slots=True)
class _Clue:
    """A phrase that answers an item: its key, or the words around the blank with the key put in."""

    id: str
    phrase: str
    text: str


def answer_in_another_stem(given: RuleInput) -> Iterator[Problem]:
    """W160: no stem tells the answer to another item.

    On one paper the second question answers the first. Found where a stem contains the key of another item word for
    word (from seven characters on), or the words around its blank together with the key; and the two stems are about
    the same thing. Words that occur in many stems are no clue. Declare the two as ``enemies``, so that no paper holds
    both, or rewrite one. The place given is that of the stem that tells.

    Bad: ``转炉煤气的主要可燃成分是（　　）。`` with the key CO beside ``转炉煤气的主要可燃成分是 CO，检测泄漏应当（　　）。``
    Good: the same two with ``enemies: [BOF4-0002]`` on the first.
    """
    items = {id: item for id, item in given.bank.items.items() if item.status != "retired"}
    clues: defaultdict[str, list[_Clue]] = defaultdict(list)
    for item in items.values():
        for clue in _clues(item):
            clues[clue.phrase[:GRAM]].append(clue)
    stems = {id: _plain(item.stem) for id, item in items.items()}
    hits = [
        (clue, id)
        for id, stem in stems.items()
        for gram in _beginnings(stem, clues)
        for clue in clues[gram]
        if clue.id != id and clue.phrase in stem
    ]
    spread = Counter(clue for clue, _ in hits)
    told: set[tuple[str, str]] = set()
    for clue, id in hits:
        first, second = items[clue.id], items[id]
        if spread[clue] > MOST_STEMS or (clue.id, id) in told or id in first.enemies or clue.id in second.enemies:
            continue
        if _related(stems[clue.id], stems[id], clue.phrase):
            told.add((clue.id, id))
            yield warning(
                "W160", given.place(id, "stem"), id=id, other=clue.id, key=clue.text,
                related=(given.place(clue.id, "stem"),),
            )  # fmt: skip


def _beginnings(stem: str, clues: Container[str]) -> set[str]:
    """Return the pieces of a stem that clues begin with."""
    return {gram for start in range(len(stem) - GRAM + 1) if (gram := stem[start : start + GRAM]) in clues}


def _clues(item: Item) -> Iterator[_Clue]:
    if item.kind != "single":
        return
    right = [passage.text for passage in KINDS[item.kind].passages(item) if passage.role == "option" and passage.right]
    if len(right) != 1:
        return
    text = right[0]
    key = _plain(text)
    if MATHEMATICS in key or len(key) < 2:
        return
    match = _BLANK.search(item.stem)
    before, after = (_plain(item.stem[: match.start()]), _plain(item.stem[match.end() :])) if match else ("", "")
    if count_han(key) >= LONG_KEY or (not has_han(key) and len(key) >= 20):
        yield _Clue(item.id, key, text)
    if MATHEMATICS not in before[-6:] and len(before) >= 4 and len(key) + 4 >= GRAM and has_han(key + before[-4:]):
        yield _Clue(item.id, before[-4:] + key, text)
    if MATHEMATICS not in after[:4] and len(after) >= 4 and has_han(key + after[:4]):
        phrase = key + after[:4]
        if len(phrase) >= GRAM:
            yield _Clue(item.id, phrase, text)


def _plain(text: str) -> str:
    return _NOISE.sub("", prose(text)).casefold()


def _related(first: str, second: str, phrase: str) -> bool:
    """Return whether two stems share words beside the phrase itself: two different pairs of characters at least."""
    first, rest = first[:500], second.replace(phrase, " ")[:500]
    grams = {first[start : start + 2] for start in range(len(first) - 1)}
    return sum(gram in rest for gram in grams if count_han(gram) == 2) >= 2 or not has_han(second)
