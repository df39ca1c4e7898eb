"""diff: what changed in a bank between two git revisions, item by item, and what that does to its statistics."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from qbank.core.authored import Authored
from qbank.core.bank import Bank
from qbank.core.history import History
from qbank.core.item import Item, seen_part
from qbank.core.words import Piece, word_changes
from qbank.files.bank import BankSource, read_bank
from qbank.files.revisions import bank_at
from qbank.problem import Problem, Span
from qbank.workflow.bank import history_of
from qbank.workflow.workspace import Workspace

What = Literal["edited", "added", "renamed", "retired", "removed", "unreadable"]
WHAT: tuple[What, ...] = ("edited", "added", "renamed", "retired", "removed", "unreadable")
WORKING_TREE = ""
HEAD_FIELDS = (
    "kind", "competency", "level", "status", "marks", "grade", "cognitive", "seconds", "rationale", "reference",
    "enemies", "tags", "author", "congruence", "stimulus",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One key of an item whose value is another one: the path to it, and the pieces of the old and the new text."""

    field: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class ItemChange:
    """What became of one item; ``id`` is the new one where it was renamed, ``was`` the old one.

    revised : its fingerprint is another one, so that it is another revision
    """

    what: What
    id: str
    level: int
    kind: str
    stem: str
    revised: bool = False
    was: str = ""
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Stale:
    """Statistics that no longer belong to an item: of a revision that it had before.

    rescored : only the key changed, so that the stored answers can be scored again
    """

    id: str
    fingerprint: str
    estimate: bool
    sittings: tuple[str, ...]
    n_seen: int
    rescored: bool


@dataclass(frozen=True, slots=True)
class Renewal:
    """How much of a level is new (更新率): added and revised items among those that are not retired; level 0: all."""

    level: int
    n_items: int
    added: int
    revised: int

    @property
    def share(self) -> float:
        """Return the share renewed, 0 where there is no item."""
        return (self.added + self.revised) / self.n_items if self.n_items else 0.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that differs between two states of a bank; ``new`` is empty for the working tree."""

    old: str
    new: str
    changes: tuple[ItemChange, ...]
    stale: tuple[Stale, ...]
    renewal: tuple[Renewal, ...]


def compare(root: Path, old: str, new: str, workspace: Workspace) -> tuple[Comparison | None, list[Problem]]:
    """Return what changed from one revision to another, or to what stands in the folder now (``new`` empty)."""
    with _state(root, old) as (old_name, before, problems):
        if before is None or before.bank is None:
            return None, problems
        with _state(root, new) as (new_name, after, more):
            if after is None or after.bank is None:
                return None, more
            changes = item_changes(before, after)
            stale = stale_statistics(before.bank, after.bank, history_of(workspace, after.bank.name))
            return Comparison(old_name, new_name, changes, stale, renewal(after.bank, changes)), []


@contextmanager
def _state(root: Path, revision: str) -> Iterator[tuple[str, BankSource | None, list[Problem]]]:
    if revision == WORKING_TREE:
        source, problems = read_bank(root)
        yield WORKING_TREE, source, _fatal(problems)
        return
    with bank_at(root, revision) as (found, problems):
        if found is None:
            yield revision, None, problems
            return
        source, problems = read_bank(found.folder)
        yield found.commit, source, [_at(problem, found.folder, revision) for problem in _fatal(problems)]


def _fatal(problems: Sequence[Problem]) -> list[Problem]:
    return [problem for problem in problems if problem.severity == "error"]


def _at(problem: Problem, folder: Path, revision: str) -> Problem:
    """Return a problem of an old revision, its path as ``REVISION:items/a.yaml``."""
    path = problem.span.path.removeprefix(folder.as_posix()).removeprefix("/")
    span = Span(f"{revision}:{path}", problem.span.line, problem.span.column)
    return dataclasses.replace(problem, span=span)


def item_changes(before: BankSource, after: BankSource) -> tuple[ItemChange, ...]:
    """Return the items that changed, edited ones first, by id within each; an item that only moved has not changed."""
    assert before.bank is not None and after.bank is not None
    old, new = before.bank, after.bank
    found: list[ItemChange] = []
    unread = (before.declared - {*old.items}) | (after.declared - {*new.items})
    gone = [id for id in old.items if id not in new.items and id not in unread]
    fresh = [id for id in new.items if id not in old.items and id not in unread]
    renamed = _renamed(old, new, gone, fresh)
    for id, item in new.items.items():
        if id in unread:
            continue
        if id in renamed:
            found.append(_change("renamed", item, was=renamed[id]))
        elif id in fresh:
            found.append(_change("added", item))
        elif fields := field_changes(old.items[id], item) + shared_changes(old, new, id):
            retired = item.status == "retired" != old.items[id].status
            revised = old.fingerprints[id] != new.fingerprints[id]
            found.append(_change("retired" if retired else "edited", item, fields=fields, revised=revised))
    found += [_change("removed", old.items[id]) for id in gone if id not in renamed.values()]
    known = {**old.items, **new.items}
    found += [
        _change("unreadable", known[id]) if id in known else ItemChange("unreadable", id, 0, "", "") for id in unread
    ]
    return tuple(sorted(found, key=lambda change: (WHAT.index(change.what), change.id)))


def _renamed(old: Bank, new: Bank, gone: Sequence[str], fresh: Sequence[str]) -> dict[str, str]:
    """Return new id → old id of items that stand under another id with nothing else that candidates would notice."""
    by_revision = {old.fingerprints[id]: id for id in reversed(gone)}
    found: dict[str, str] = {}
    for id in fresh:
        if (was := by_revision.pop(new.fingerprints[id], None)) is not None:
            found[id] = was
    return found


def _change(
    what: What, item: Item, *, was: str = "", fields: tuple[FieldChange, ...] = (), revised: bool = False
) -> ItemChange:
    return ItemChange(what, item.id, item.level, item.kind, item.stem, revised, was, fields)


def field_changes(old: Item, new: Item) -> tuple[FieldChange, ...]:
    """Return what differs in an item: what decides the marks first, then the stem, what else is seen, and the rest."""
    before, after = _leaves(old), _leaves(new)
    marked = {*old.body.marked(), *new.body.marked(), "kind", "key", "rubric"} - {"parts"}
    names = [*after, *(name for name in before if name not in after)]
    changed = [name for name in names if before.get(name) != after.get(name)]

    def rank(name: str) -> int:
        root = re.sub(r"^parts\.\d+\.", "", name).split(".", 1)[0]  # a part's key before another part's stem
        if root in marked:
            return 0
        return 1 if root == "stem" else 2 if root == "options" else 4 if root in HEAD_FIELDS else 3

    return tuple(
        FieldChange(name, word_changes(before.get(name, ""), after.get(name, ""))) for name in sorted(changed, key=rank)
    )


def shared_changes(old: Bank, new: Bank, id: str) -> tuple[FieldChange, ...]:
    """Return what differs in the stimulus that an item belongs to, before as after: all its items are revised."""
    before, after = (bank.stimuli.get(bank.items[id].stimulus) for bank in (old, new))
    if before is None or after is None or before.id != after.id:
        return ()
    texts = [
        dict(_flat({"title": one.title, "text": one.text, "media": one.media}, "stimulus")) for one in (before, after)
    ]
    names = dict.fromkeys([*texts[1], *texts[0]])
    return tuple(
        FieldChange(name, word_changes(texts[0].get(name, ""), texts[1].get(name, "")))
        for name in names
        if texts[0].get(name) != texts[1].get(name)
    )


def _leaves(item: Item) -> dict[str, str]:
    """Return every value of an item as text, by the path of keys that leads to it."""
    leaves = {"stem": str(item.template.text.get("stem", item.stem)) if item.template else item.stem}
    if isinstance(item.body, Authored):
        leaves.update(_flat(item.body.model_dump(), ""))
    for name in HEAD_FIELDS:
        leaves.update(_flat(getattr(item, name), name))
    if item.template:
        leaves.update(_flat(item.template.parameters, "parameters"))
        leaves.update(_flat(item.template.conditions, "conditions"))
        leaves.update(_flat({key: value for key, value in item.template.text.items() if key != "stem"}, ""))
    leaves.update(_flat(item.media, "media"))
    return leaves


def _flat(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, entry in value.items():
            yield from _flat(entry, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple) and any(isinstance(entry, Mapping | list | tuple) for entry in value):
        for n, entry in enumerate(value, 1):
            yield from _flat(entry, f"{path}.{n}")
    elif isinstance(value, list | tuple | set | frozenset):
        entries = sorted(map(_leaf, value)) if isinstance(value, set | frozenset) else [*map(_leaf, value)]
        yield path, ", ".join(entries)
    elif value is not None:
        yield path, _leaf(value)


def _leaf(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def stale_statistics(old: Bank, new: Bank, history: History) -> tuple[Stale, ...]:
    """Return the items whose revision is another one than the ledger has statistics of."""
    found = []
    for id, revision in new.fingerprints.items():
        was = old.fingerprints.get(id, revision)
        uses = [use for use in history.uses if use.fingerprint == was and use.item == id] if was != revision else []
        estimate = was != revision and was in history.estimates
        if uses or estimate:
            sittings = tuple(dict.fromkeys(use.sitting for use in uses))
            n_seen = sum(use.n_seen for use in uses)
            found.append(Stale(id, was, estimate, sittings, n_seen, seen_part(was) == seen_part(revision)))
    return tuple(found)


def renewal(bank: Bank, changes: Sequence[ItemChange]) -> tuple[Renewal, ...]:
    """Return the share renewed, of every level that has items and of all of them together (level 0, last)."""
    present = {id: item for id, item in bank.items.items() if item.status != "retired"}
    added = {change.id for change in changes if change.what == "added"} & {*present}
    revised = {change.id for change in changes if change.revised} & {*present}
    levels = sorted({item.level for item in present.values()}, reverse=True)

    def of(ids: set[str], level: int) -> int:
        return sum(level in (0, present[id].level) for id in ids)

    return tuple(Renewal(level, of({*present}, level), of(added, level), of(revised, level)) for level in [*levels, 0])
