"""What was worked out of records once and is asked for again, where a thousand papers share the same places."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

Record = TypeVar("Record")
Worked = TypeVar("Worked")
MOST = 32768


class Remembered(Generic[Record, Worked]):
    """A function of frozen records that answers the same record at once the second time.

    A record is known by itself, not by what it equals: 1 and 1.0 are equal and are written differently.

    >>> asked = []
    >>> double = Remembered(lambda word: asked.append(word) or 2 * word)
    >>> word = "ab"
    >>> double(word), double(word), asked
    ('abab', 'abab', ['ab'])
    """

    __slots__ = ("_held", "_most", "_work")

    def __init__(self, work: Callable[[Record], Worked], most: int = MOST) -> None:
        self._work, self._most = work, most
        self._held: dict[int, tuple[Record, Worked]] = {}

    def __call__(self, record: Record) -> Worked:
        """Return what the function gives for the record."""
        held = self._held.get(id(record))
        if held is not None:  # the record is held too, so that no other can have its number
            return held[1]
        found = self._work(record)
        if len(self._held) >= self._most:
            self._held.clear()
        self._held[id(record)] = record, found
        return found
