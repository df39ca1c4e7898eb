"""What a rule gets and gives: rules over one item, and rules over the whole bank.

A rule over one item sees that item, the standard and the bank's settings, never another item: what it finds can be
kept with the file until the file, the standard or the settings change.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from qbank.core.bank import Bank
from qbank.core.item import Item
from qbank.core.presentation import Language
from qbank.core.standard import Standard
from qbank.kinds import KINDS
from qbank.kinds.kind import Passage, Place
from qbank.lint.reading import Reading, prose, read_item
from qbank.problem import Problem, Span


@dataclass(frozen=True, slots=True)
class ItemInput:
    """One item under its standard; ``place("options", "B")`` is where a key of it stands.

    language : of the bank ; reading : what the item says, read once for all rules
    """

    item: Item
    standard: Standard
    language: Language
    place: Place
    reading: Reading = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Read the item."""
        object.__setattr__(self, "reading", read_item(self.item))


@dataclass(frozen=True, slots=True)
class RuleInput:
    """A bank with positions: ``place(id, "key")`` is where an item's key stands; ``declared`` holds every id
    that stands in a file, even where the item itself could not be read; ``stimuli`` is the place of each stimulus's
    keys, even where it could not be read."""

    bank: Bank
    places: Mapping[str, Callable[..., Span]]
    declared: frozenset[str]
    stimuli: Mapping[str, Callable[..., Span]] = field(default_factory=dict)

    def place(self, id: str, *steps: int | str) -> Span:
        """Return where the key of an item stands."""
        return self.places[id](*steps)


ItemRule = Callable[[ItemInput], Iterator[Problem]]
Rule = Callable[[RuleInput], Iterator[Problem]]


def all_passages(item: Item) -> Iterator[Passage]:
    """Yield every text of an item that candidates or markers read: the stem, then its body's."""
    yield Passage(("stem",), "stem", item.stem)
    yield from KINDS[item.kind].passages(item)


def unit_texts(given: ItemInput, *patterns: re.Pattern[str]) -> Iterator[tuple[tuple[int | str, ...], str]]:
    """Yield what is read, where one of the patterns for Latin units occurs in it, with the keys that lead to each text; and
    the unit of the key, as if a blank stood before it.
    """
    if given.reading.latin and any(pattern.search(given.reading.prose) for pattern in patterns):
        for passage in given.reading.written:
            yield passage.steps, prose(passage.text)
    for question in given.reading.questions:
        if question.kind == "numeric" and (unit := question.item.body.marked().get("unit")):
            yield (*question.steps, "key", "unit"), f"_{unit}"
