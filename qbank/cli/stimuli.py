"""A stimulus for a terminal: above the item that it belongs to, or by itself with all of its items."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from qbank.core.bank import Bank
from qbank.core.item import Item
from qbank.core.stimulus import Stimulus
from qbank.messages import Language, text

INDENT = "    "


def stimulus_record(stimulus: Stimulus | None) -> dict[str, Any]:
    """Return a stimulus as plain data; nothing where there is none."""
    if stimulus is None:
        return {}
    return {"stimulus": {"id": stimulus.id, "title": stimulus.title, "text": stimulus.text}}


def stimulus_lines(stimulus: Stimulus, words: Callable[[str], str], language: Language) -> Iterator[str]:
    """Yield its id, its title and its text, indented."""
    title = f"  {words(stimulus.title)}" if stimulus.title else ""
    yield text(language, "cli.stimulus.head", id=stimulus.id) + title
    yield from (INDENT + line for line in words(stimulus.text).strip().split("\n"))


def items_of(bank: Bank, stimulus: Stimulus) -> tuple[Item, ...]:
    """Return the items that name a stimulus, in the order of their ids."""
    return tuple(item for item in bank.items.values() if item.stimulus == stimulus.id)


def set_lines(bank: Bank, stimulus: Stimulus, words: Callable[[str], str], language: Language) -> Iterator[str]:
    """Yield a stimulus and a line for each of its items: id, kind, status, judged difficulty and stem."""
    yield from stimulus_lines(stimulus, words, language)
    if stimulus.enemies:
        yield text(language, "cli.stimulus.enemies", ids=", ".join(stimulus.enemies))
    items = items_of(bank, stimulus)
    yield text(language, "cli.stimulus.items", n=len(items))
    for item in items:
        kind, status = (text(language, f"authored.{word}") for word in (f"kind.{item.kind}", f"status.{item.status}"))
        yield f"{INDENT}{item.id}  {kind}  {status}  {item.grade}  {words(item.stem).split(chr(10))[0]}"


def set_record(bank: Bank, stimulus: Stimulus) -> dict[str, Any]:
    """Return a stimulus with its items as plain data."""
    return {
        "id": stimulus.id, "title": stimulus.title, "text": stimulus.text, "enemies": list(stimulus.enemies),
        "items": [
            {"id": item.id, "kind": item.kind, "level": item.level, "status": item.status, "grade": item.grade,
             "competency": item.competency, "stem": item.stem, "fingerprint": bank.fingerprints[item.id]}
            for item in items_of(bank, stimulus)
        ],
    }  # fmt: skip
