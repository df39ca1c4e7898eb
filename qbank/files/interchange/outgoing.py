"""What a writer of another program's file gets: items as plain data with what their bank knows about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qbank.core.item import Item
from qbank.problem import Problem, Span


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An item on its way out.

    entries : its keys as plain data ; points : code and title of its domains, then of its competency ;
    media : the bytes of its pictures
    """

    item: Item
    entries: Mapping[str, Any]
    points: tuple[str, ...]
    media: Mapping[str, bytes]


Writer = Callable[[Sequence[Outgoing]], tuple[bytes, list[Problem]]]
"""items → the file, and a note for whatever it cannot hold"""


def loss(one: Outgoing, format: str, key: str) -> Problem:
    """Return a note that a key of an item does not travel."""
    return Problem("I201", "note", one.item.span, (("id", one.item.id), ("format", format), ("key", key)))


def left_out(one: Outgoing, format: str, reason: str) -> Problem:
    """Return a note that an item was not written; the reason is a word of the catalogue."""
    return Problem(
        "I202", "note", one.item.span, (("id", one.item.id), ("kind", one.item.kind), ("format", format), ("reason", reason))
    )


def history(items: Sequence[Outgoing], format: str) -> list[Problem]:
    """Return a note that status and history of the items stay in the bank."""
    with_history = [one for one in items if one.item.steps or one.item.status != "draft"]
    if not with_history:
        return []
    return [Problem("I203", "note", Span(format), (("n", str(len(with_history))),))]


def other_marking(items: Sequence[Outgoing], format: str) -> list[Problem]:
    """Return a note that a platform adds weights, which marks no item all or nothing and none half for a part."""
    n = sum(one.item.kind == "multiple" and one.entries.get("credit", "all") in ("all", "subset") for one in items)
    return [Problem("I206", "note", Span(format), (("n", str(n)), ("format", format)))] if n else []
