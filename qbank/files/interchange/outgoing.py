"""What a writer of another program's file gets: items as plain data with what their bank knows about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from qbank.core.item import Item
from qbank.core.stimulus import Stimulus
from qbank.problem import Problem, Span


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An item on its way out.

    entries : its keys as plain data ; points : code and title of its domains, then of its competency ;
    media : the bytes of its pictures and those of its stimulus ; stimulus : what it shares with other items
    """

    item: Item
    entries: Mapping[str, Any]
    points: tuple[str, ...]
    media: Mapping[str, bytes]
    stimulus: Stimulus | None = None


TABLES = frozenset({"xlsx", "csv"})
"""Formats that keep the id of an item's stimulus; the others hold its text before the stem of every item."""


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


def with_shared_text(one: Outgoing) -> Outgoing:
    """Return an item whose stem begins with the text of its stimulus, and that names none."""
    if one.stimulus is None:
        return one
    title = f"**{one.stimulus.title}**" if one.stimulus.title else ""
    stem = "\n\n".join(text.strip() for text in (title, one.stimulus.text, one.entries["stem"]) if text)
    entries = {key: value for key, value in one.entries.items() if key != "stimulus"} | {"stem": stem}
    return replace(one, entries=entries, stimulus=None)


def shared_texts(items: Sequence[Outgoing], format: str) -> list[Problem]:
    """Return a note on what becomes of the stimuli of the items."""
    n = sum(one.stimulus is not None for one in items)
    return [Problem("I207" if format in TABLES else "I208", "note", Span(format), (("n", str(n)),))] if n else []


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
