"""Items as plain data, both ways: the keys of an item as written → data; data → an item with positions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from qbank.files.items import HEAD_KEYS, ItemPlaces, ItemText, read_items
from qbank.files.paths import read_node
from qbank.files.yaml_text import Mapping, Node, Scalar, Sequence, plain
from qbank.problem import Problem

Where = Callable[[tuple[int | str, ...]], tuple[int, int]]
NUMBERS = frozenset({
    "level", "marks", "grade", "seconds", "congruence", "value", "tolerance", "points", "lines", "minutes",
    "preparation_minutes",
})  # fmt: skip
"""Keys whose numbers are numbers; any other number in an item is text that was written without quotes."""


class BankEntries:
    """The keys of a bank's items as written, read file by file when they are asked for."""

    def __init__(self) -> None:
        self._files: dict[str, dict[str, dict[str, Any]]] = {}

    def written(self, text: ItemText) -> dict[str, Any]:
        """Return the keys of an item, those under ``defaults`` among them; numbers remember how they are written."""
        if text.path not in self._files:
            self._files[text.path] = file_entries(Path(text.path))
        return dict(self._files[text.path].get(text.item.id, {}))

    def of(self, text: ItemText) -> dict[str, Any]:
        """Return the same as plain data: what is text to the kind is text, whether it was written with quotes or not."""
        return plainly(self.written(text))


def plainly(entries: dict[str, Any]) -> dict[str, Any]:
    """Return the keys of an item with texts as texts and numbers as plain numbers."""
    return {key: _plainly(value, key, key == "parameters") for key, value in entries.items()}


def file_entries(path: Path) -> dict[str, dict[str, Any]]:
    """Return the keys of all items of a file by id."""
    node, _ = read_node(path, path.as_posix())
    data = plain(node) if isinstance(node, Mapping) else {}
    defaults = data.get("defaults")
    inherited = {key: value for key, value in (defaults or {}).items() if key in HEAD_KEYS}
    found: dict[str, dict[str, Any]] = {}
    for entry in data.get("items") or ():
        if isinstance(entry, dict) and "id" in entry:
            found.setdefault(str(getattr(entry["id"], "text", entry["id"])), inherited | entry)
    return found


def _plainly(value: Any, key: str, numeric: bool) -> Any:
    if isinstance(value, dict):
        return {name: _plainly(entry, name, numeric) for name, entry in value.items()}
    if isinstance(value, list):
        return [_plainly(entry, key, numeric) for entry in value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if numeric or key in NUMBERS:
        return int(value) if isinstance(value, int) else float(value)
    return getattr(value, "text", str(value))


def node_of(value: Any, where: Where, steps: tuple[int | str, ...] = (), at: tuple[int, int] | None = None) -> Node:
    """Return plain data as a node whose parts stand where ``where`` says; ``at`` is the node's own place if known."""
    line, column = at or where(steps)
    if isinstance(value, dict):
        keys = {str(key): where((*steps, key)) for key in value}
        entries = {str(key): node_of(entry, where, (*steps, key), keys[str(key)]) for key, entry in value.items()}
        return Mapping(entries, keys, line, column)
    if isinstance(value, list | tuple):
        return Sequence([node_of(entry, where, (*steps, n)) for n, entry in enumerate(value)], line, column)
    if value is None or isinstance(value, bool):
        return Scalar(value, "" if value is None else str(value).lower(), line, column)
    if isinstance(value, int | float):
        return Scalar(value, getattr(value, "text", repr(value)), line, column)
    return Scalar(str(value), str(value), line, column)


def item_of(entries: dict[str, Any], path: str, where: Where) -> tuple[ItemText | None, list[Problem]]:
    """Return the item that plain data make, and what is wrong with it where its parts stand."""
    line, column = where(())
    node = Mapping({"items": Sequence([node_of(entries, where)], line, column)}, {"items": (line, column)}, line, column)
    texts, _, problems = read_items(node, ItemPlaces(path))
    return (texts[0] if texts else None), problems
