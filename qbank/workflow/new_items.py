"""Items as text into a bank's files: appended to the end of a list, read again before a byte is written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from qbank.files.bank import shown_path
from qbank.files.disk import read_text, write_bytes
from qbank.files.item_yaml import item_lines
from qbank.files.items import ItemPlaces, ItemText, read_items
from qbank.files.yaml_text import Mapping, parse_yaml, plain
from qbank.files.yaml_text import Sequence as Listed

Writing = dict[Path, bytes]
"""What is to be written: whole files."""


def appended(root: Path, target: str, items: Sequence[dict[str, Any]], meant: Sequence[ItemText]) -> Writing:
    """Return the file with the items after those that it has; another file's name where it cannot take any.

    Every item is read back from the new text and must be the one that was meant.
    """
    path = root / target
    for attempt in range(1, 100):
        old = ""
        if path.is_file():
            found, _ = read_text(path, shown_path(path))
            old = found or ""
        text = _joined(old, items)
        if text is not None and _reads_back(text, shown_path(path), meant):
            return {path: text.encode("utf-8")}
        path = (root / target).with_suffix("").with_name(f"{Path(target).stem}-{attempt + 1}.yaml")
    raise AssertionError("no file takes these items")


def _joined(old: str, items: Sequence[dict[str, Any]]) -> str | None:
    """Return the old text with the items at its end, or None where its list is not one that can grow there."""
    if not old.strip():
        return "items:\n" + "".join(f"{line}\n" for entries in items for line in item_lines(entries))
    node, _ = parse_yaml(old, "")
    if not isinstance(node, Mapping) or not isinstance(entries := node.entries.get("items"), Listed) or not entries.entries:
        return None
    if list(node.entries)[-1] != "items" or old.splitlines()[entries.line - 1][entries.column - 1] != "-":
        return None
    ending = "\r\n" if "\r\n" in old else "\n"
    given = _defaults(node)
    lines = [line for entry in items for line in item_lines(_unlike(entry, given), entries.column - 1)]
    return old.rstrip("\r\n ") + ending + "".join(line + ending for line in lines)


def _defaults(node: Mapping) -> dict[str, Any]:
    found = plain(node.entries.get("defaults"))
    return found if isinstance(found, dict) else {}


def _unlike(entries: dict[str, Any], defaults: dict[str, Any]) -> dict[str, Any]:
    """Return the keys that are not those of the file's defaults; a default that the item lacks is written empty."""
    empty: dict[str, Any] = {"enemies": [], "tags": [], "rationale": "", "reference": "", "author": "", "source_id": "",
                             "marks": 1, "status": "draft"}  # fmt: skip
    own = {key: value for key, value in entries.items() if key not in defaults or defaults[key] != value}
    return own | {key: empty[key] for key in defaults if key not in entries and key in empty}


def _reads_back(text: str, path: str, meant: Sequence[ItemText]) -> bool:
    node, problems = parse_yaml(text, path)
    if node is None or problems:
        return False
    texts, _, problems = read_items(node, ItemPlaces(path))
    found = {text.item.id: text.item for text in texts}
    for one in meant:
        item = found.get(one.item.id)
        if item is None or item.body != one.item.body or item.stem != one.item.stem or item.status != one.item.status:
            return False
        if any(getattr(item, key) != getattr(one.item, key) for key in ("kind", "competency", "level", "marks", "tags")):
            return False
    return not problems


def write_all(writing: Writing) -> None:
    """Write all files, or none: where one fails, those written before get their old bytes back."""
    before: dict[Path, bytes | None] = {}
    try:
        for path, data in writing.items():
            before[path] = path.read_bytes() if path.is_file() else None
            if before[path] != data:
                write_bytes(path, data)
    except OSError:
        for path, old in before.items():
            if old is None:
                path.unlink(missing_ok=True)
            else:
                write_bytes(path, old)
        raise
