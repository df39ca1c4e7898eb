"""Items into a bank's files: whole new files, lines of single items, and all of it or nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from qbank.core.item import Item, fingerprint
from qbank.files.bank import lies_below, shown_path
from qbank.files.disk import read_text, write_bytes
from qbank.files.emit import item_lines
from qbank.files.items import ItemPlaces, ItemText, read_items
from qbank.files.splice import new_items_text, replacing, splice
from qbank.files.yaml_text import parse_yaml
from qbank.problem import Problem, Span, error

KEY_ORDER = (
    "id", "kind", "competency", "level", "parameters", "conditions", "stem", "prompts", "options", "key", "correction",
    "credit", "pin", "shuffle", "misconception", "any_order", "fold", "rubric", "lines", "parts", "minutes",
    "preparation_minutes", "site", "candidate", "requirements", "steps", "veto", "marks", "status", "grade", "cognitive",
    "seconds", "congruence", "rationale", "reference", "author", "source_id", "tags", "enemies", "log",
)  # fmt: skip
"""The order in which a new item's keys are written; others follow."""
_PLACE = {key: place for place, key in enumerate(KEY_ORDER)}


def ordered(entries: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys of an item in the usual order."""
    return {key: entries[key] for key in sorted(entries, key=lambda key: _PLACE.get(key, len(_PLACE)))}


@dataclass(frozen=True, slots=True)
class Content:
    """What a file is to hold, and what it held when that was worked out (None: it was not there)."""

    before: bytes | None
    after: bytes


@dataclass(slots=True)
class Writing:
    """Files to be written, by path."""

    files: dict[Path, Content] = field(default_factory=dict)

    def put(self, path: Path, after: bytes) -> None:
        """Plan a file's new bytes; one that has them already is left alone."""
        before = self.files[path].before if path in self.files else (path.read_bytes() if path.is_file() else None)
        if before == after:
            self.files.pop(path, None)
        else:
            self.files[path] = Content(before, after)

    def text_of(self, path: Path) -> str:
        """Return a file's text as it will be, empty where there is none."""
        if path in self.files:
            return self.files[path].after.decode("utf-8")
        text, _ = read_text(path, shown_path(path)) if path.is_file() else ("", [])
        return text or ""

    def carry_out(self, root: Path) -> list[Problem]:
        """Write all files, or none: where one fails, those written before get their old bytes back.

        Nothing is written that changed since it was read, nor through a link that leads out of the bank.
        """
        problems = [error("I131", Span(shown_path(path)), file=path.name) for path in self.files if not lies_below(path, root)]
        for path, content in self.files.items():
            if not problems and (path.read_bytes() if path.is_file() else None) != content.before:
                problems.append(error("E108", Span(shown_path(path))))
        if problems:
            self.files.clear()
            return problems
        done: list[Path] = []
        try:
            for path, content in self.files.items():
                done.append(path)
                write_bytes(path, content.after)
        except OSError:
            for path in done:
                before = self.files[path].before
                with contextlib.suppress(OSError):
                    path.unlink(missing_ok=True) if before is None else write_bytes(path, before)
            raise
        return []


def put_new(writing: Writing, path: Path, items: Sequence[tuple[dict[str, Any], ItemText]]) -> list[Problem]:
    """Plan new items at the end of a file, or in a new one; they must read back as what is meant."""
    old = writing.text_of(path)
    entries = [ordered(one) for one, _ in items]
    new = splice(old, [], new_items=entries, path=shown_path(path)) if old.strip() else new_items_text(entries)
    if isinstance(new, Problem):
        return [new]
    return _put(writing, path, old, new, [text.item for _, text in items])


def put_stimuli(writing: Writing, path: Path, stimuli: Sequence[Mapping[str, str]]) -> None:
    """Plan new stimuli at the end of a file of their own."""
    old = writing.text_of(path).rstrip("\n") or "items: []\nstimuli:"
    lines = [line for stimulus in stimuli for line in item_lines(stimulus, indent=2)]
    writing.put(path, ("\n".join([old, *lines]) + "\n").encode("utf-8"))


def put_changed(
    writing: Writing, path: Path, items: Sequence[tuple[dict[str, Any], ItemText]]
) -> list[Problem]:
    """Plan changes of items of one file, touching their lines only; they must read back as what is meant."""
    old = writing.text_of(path)
    new = splice(old, [replacing(text.item.id, entries) for entries, text in items], path=shown_path(path))
    if isinstance(new, Problem):
        return [new]
    return _put(writing, path, old, new, [text.item for _, text in items])


def _put(writing: Writing, path: Path, old: str, new: str, meant: Sequence[Item]) -> list[Problem]:
    shown = shown_path(path)
    node, problems = parse_yaml(new, shown)
    texts = read_items(node, ItemPlaces(shown))[0] if node is not None else []
    found = {text.item.id: text.item for text in texts}
    for item in meant:
        if item.id not in found or not _same(found[item.id], item):
            problems.append(error("I130", Span(shown), id=item.id))
    if not problems and new != old:
        mark = "\ufeff" if path.is_file() and path.read_bytes().startswith(b"\xef\xbb\xbf") else ""
        writing.put(path, (mark + new.removeprefix("\ufeff")).encode("utf-8"))
    return problems


def _same(one: Item, other: Item) -> bool:
    """Return whether two items are the same but for pictures and stimulus, which a text alone does not hold."""
    keys = ("kind", "competency", "level", "marks", "status", "grade", "cognitive", "seconds", "rationale", "reference",
            "enemies", "tags", "author", "congruence", "source_id", "steps", "body", "stimulus")  # fmt: skip
    if any(getattr(one, key) != getattr(other, key) for key in keys):
        return False
    if one.stem == other.stem and one.template == other.template:
        return True
    return fingerprint(one) == fingerprint(replace(other, stimulus_hash="")) or bool(other.media)
