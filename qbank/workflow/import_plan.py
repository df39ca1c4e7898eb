"""What an import is told and what it would do: options, changes, the bytes to write."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from qbank.core.item import Item
from qbank.problem import Problem, Span
from qbank.workflow.new_items import Writing

Action = Literal["new", "updated", "unchanged", "refused"]
ACTIONS: tuple[Action, ...] = ("new", "updated", "unchanged", "refused")
HEAD = (
    "id", "kind", "competency", "level", "stem", "marks", "grade", "cognitive", "seconds", "rationale", "reference",
    "enemies", "tags", "author", "congruence", "source_id", "stimulus",
)  # fmt: skip
"""What an import may change of an item's head; never its status or history."""


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What the command line says beside file and bank."""

    format: str = ""
    kind: str = ""
    level: int = 0
    competency: str = ""
    prefix: str = "IMP"
    into: str = ""
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one question: ``keys`` are those of the item that change; ``span`` is where it was read."""

    action: Action
    id: str
    span: Span
    stem: str
    keys: tuple[str, ...] = ()


@dataclass(slots=True)
class Plan:
    """What an import would do: the changes in the order of the file, and the bytes to write by path."""

    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    writing: Writing = field(default_factory=Writing)


def counts(plan: Plan) -> dict[str, int]:
    """Return how many questions meet each fate."""
    return {word: sum(change.action == word for change in plan.changes) for word in ACTIONS}


def changed_keys(before: Item, after: Item) -> tuple[str, ...]:
    """Return which keys of two items differ; ``media`` where only the bytes of a picture do."""
    keys = [key for key in HEAD if getattr(before, key) != getattr(after, key)]
    if type(before.body) is type(after.body):
        fields = getattr(type(before.body), "model_fields", {})
        keys += [name for name in fields if getattr(before.body, name) != getattr(after.body, name)]
    if before.media != after.media:
        keys.append("media")
    return tuple(keys)
