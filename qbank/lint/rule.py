"""What a rule gets and gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from qbank.core.bank import Bank
from qbank.problem import Problem, Span


@dataclass(frozen=True, slots=True)
class RuleInput:
    """A bank with positions: ``place(id, "key")`` is where an item's key stands; ``declared`` holds every id
    that stands in a file, even where the item itself could not be read."""

    bank: Bank
    places: Mapping[str, Callable[..., Span]]
    declared: frozenset[str]

    def place(self, id: str, *steps: int | str) -> Span:
        """Return where the key of an item stands."""
        return self.places[id](*steps)


Rule = Callable[[RuleInput], Iterator[Problem]]
