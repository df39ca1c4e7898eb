"""Edits of an authored items file that touch only the lines of the item meant.

A file is never written anew from its data: comments, order, quotes, indentation and line ends are the editor's. An
`Edit` says what should change; `splice` finds the characters to change, and reads the new text again: unless it holds
exactly the old data with that one change, the edit is refused and nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from qbank.files.edit import Planned, edit_file, edit_files, file_digest, text_digest
from qbank.files.emit import item_lines, one_line
from qbank.files.item_edits import Data, Edit, adding, appending, replacing, setting
from qbank.files.item_places import Block, ItemsFile, block_of, dash_before, id_of, item_block, read_places
from qbank.files.patch import Patch, apply_patches, insertion, item_patches, same, same_item
from qbank.files.yaml_text import Mapping as MappingNode
from qbank.files.yaml_text import parse_yaml, plain
from qbank.problem import Problem, Span, error


def set_value(text: str, id: str, key: str, value: Any, *, expected: str = "", path: str = "") -> str | Problem:
    """Return the text in which a key of an item has a value.

    >>> set_value("items:\\n- id: X  # mine\\n  status: draft # new\\n", "X", "status", "live")
    'items:\\n- id: X  # mine\\n  status: live # new\\n'
    """
    return splice(text, [setting(id, key, value, expected=expected)], path=path)


def add_to_list(
    text: str, id: str, key: str, values: Sequence[Any], *, expected: str = "", path: str = ""
) -> str | Problem:
    """Return the text in which a list of an item holds the values too.

    >>> add_to_list("items:\\n- id: X\\n  enemies: [Y]\\n", "X", "enemies", ["Y", "Z"])
    'items:\\n- id: X\\n  enemies: [Y, Z]\\n'
    """
    return splice(text, [adding(id, key, values, expected=expected)], path=path)


def append_entry(
    text: str, id: str, key: str, entry: Mapping[str, Any], *, expected: str = "", path: str = ""
) -> str | Problem:
    """Return the text in which a list of an item ends with one more entry.

    >>> append_entry("items:\\n- id: X\\n", "X", "log", {"to": "live", "by": "li"})
    'items:\\n- id: X\\n  log:\\n    - {to: live, by: li}\\n'
    """
    return splice(text, [appending(id, key, entry, expected=expected)], path=path)


def replace_item(
    text: str, id: str, mapping: Mapping[str, Any], *, expected: str = "", path: str = ""
) -> str | Problem:
    """Return the text in which an item reads as the mapping; only the keys that differ are written.

    >>> replace_item("items:\\n- id: X # a\\n  stem: s # b\\n", "X", {"id": "X", "stem": "t"})
    'items:\\n- id: X # a\\n  stem: t # b\\n'
    """
    return splice(text, [replacing(id, mapping, expected=expected)], path=path)


def append_item(text: str, mapping: Mapping[str, Any], *, path: str = "") -> str | Problem:
    """Return the text with one more item at the end of ``items:``.

    >>> append_item("items:\\n  - id: X\\n# the end\\n", {"id": "Y", "key": "A"})
    'items:\\n  - id: X\\n  - id: Y\\n    key: A\\n# the end\\n'
    """
    return splice(text, [], new_items=[mapping], path=path)


def new_items_text(mappings: Iterable[Mapping[str, Any]]) -> str:
    """Return the text of a new items file.

    >>> new_items_text([{"id": "X"}])
    'items:\\n  - id: X\\n'
    """
    return "\n".join(["items:", *(line for mapping in mappings for line in item_lines(mapping, indent=2)), ""])


def splice(
    text: str, edits: Sequence[Edit], *, new_items: Sequence[Mapping[str, Any]] = (), path: str = ""
) -> str | Problem:
    """Return the text with all edits made, or the first reason why one of them cannot be.

    Everything outside the items meant stays as it is, character by character, a byte order mark too.
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    file = read_places(text.removeprefix("\ufeff"), path)
    if isinstance(file, Problem):
        return file
    changed: dict[str, Data] = {}
    defaults = plain(file.node.entries.get("defaults"))
    for edit in edits:
        found = file.find(edit.id)
        if isinstance(found, Problem):
            return found
        node, part = found
        span = Span(path, node.line, node.column)
        if edit.expected and block_of(file, edit.id, part).digest != edit.expected:
            return error("E101", span, id=edit.id)
        outcome = edit.change(changed.get(edit.id, plain(node)), defaults if isinstance(defaults, dict) else {})
        if isinstance(outcome, tuple):
            code, key = outcome
            return error(code, span, id=edit.id, key=key)
        changed[edit.id] = outcome
    # A block text would swallow a comment that stands far in below it: then texts are tried in one line.
    unended = bool(file.lines.words(len(file.lines.starts) - 1))
    for loose in (False, True) if unended else (False,):
        for data, items in ((changed, list(new_items)), (one_line(changed), one_line(list(new_items)))):
            new = _patched(file, data, items)
            if new is not None and _holds(new, file, changed, new_items, loose=loose):
                return mark + new
    return error("E106", Span(path), id=", ".join([*changed, *(str(item.get("id")) for item in new_items)]))


def _patched(file: ItemsFile, changed: Mapping[str, Data], new_items: Sequence[Mapping[str, Any]]) -> str | None:
    patches: list[Patch] = []
    for node, part in file.entries:
        if (id := id_of(node)) in changed:
            patches += item_patches(part, plain(node), changed[id], file.lines)
    return apply_patches(file.text, [*patches, *_appended(file, new_items)])


def _appended(file: ItemsFile, new_items: Sequence[Mapping[str, Any]]) -> list[Patch]:
    if not new_items:
        return []
    lines = file.lines
    if file.entries:
        part = file.entries[-1][1]
        first, indent = dash_before(lines, part)
        last = lines.number(part.end)
        apart = len(file.entries) > 1 and not lines.words(first - 1).strip()
        rows = [row for item in new_items for row in [*([""] if apart else []), *item_lines(item, indent=indent)]]
        return [insertion(lines, last, rows)]
    entry = file.root.keys["items"]
    rows = [row for item in new_items for row in item_lines(item, indent=2)]
    end = max(entry.value.end, entry.colon)
    return [Patch(entry.colon, end, ""), insertion(lines, lines.number(end), rows)]


def _holds(
    new: str, file: ItemsFile, changed: Mapping[str, Data], new_items: Sequence[Mapping[str, Any]], *, loose: bool
) -> bool:
    """Return whether the new text reads as the old data with the changes meant and nothing else.

    loose : the last line break of texts does not count
    """
    node, problems = parse_yaml(new, file.path)
    if problems or not isinstance(node, MappingNode):
        return False
    before, after = plain(file.node), plain(node)
    old, found = before.pop("items") or [], after.pop("items")
    meant = [changed.get(id_of(node), entry) for (node, _), entry in zip(file.entries, old, strict=True)]
    meant += [dict(item) for item in new_items]
    if loose:
        found, meant = _line_ended(found), _line_ended(meant)
    return (
        same(before, after) and isinstance(found, list) and len(found) == len(meant)
        and all(same_item(one, other) for one, other in zip(found, meant, strict=True))
    )  # fmt: skip


def _line_ended(value: Any) -> Any:
    """Return data without the last line break of each text: a block text at the end of a file without a last line
    break has none either, and gets one as soon as something is written below it."""
    if isinstance(value, dict):
        return {key: _line_ended(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_line_ended(entry) for entry in value]
    return value.removesuffix("\n") if isinstance(value, str) else value


__all__ = [
    "Block", "Edit", "Planned", "add_to_list", "adding", "append_entry", "append_item", "appending", "edit_file", "edit_files",
    "file_digest", "item_block", "new_items_text", "replace_item", "replacing", "set_value", "setting", "splice",
    "text_digest",
]  # fmt: skip
