"""Edits of an authored items file that touch only the lines of the item meant.

A file is never written anew from its data: comments, order, quotes, indentation and line ends are the editor's. An
`Edit` says what should change; `splice` finds the characters to change, and reads the new text again: unless it holds
exactly the old data with that one change, the edit is refused and nothing is written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from qbank.files.edit import Planned, edit_file, edit_files, file_digest, text_digest
from qbank.files.emit import item_lines, one_line
from qbank.files.marks import Lines, Part, parse_parts
from qbank.files.patch import Patch, apply_patches, insertion, item_patches, same, same_item
from qbank.files.yaml_text import Mapping as MappingNode
from qbank.files.yaml_text import Node, Scalar, parse_yaml, plain
from qbank.files.yaml_text import Sequence as SequenceNode
from qbank.problem import Problem, Span, error

Data = dict[str, Any]
Change = Callable[[Data, Data], "Data | tuple[str, str]"]
"""The item's own keys and the file's defaults → its new keys, or the code of a problem and the key that it is about."""


@dataclass(frozen=True, slots=True)
class Block:
    """The lines of one item, numbered from 1; comments and empty lines below it belong to nobody.

    indent : columns before the dash ; digest : of exactly these lines
    """

    id: str
    first_line: int
    last_line: int
    indent: int
    lines: tuple[str, ...]

    @property
    def digest(self) -> str:
        """Return 16 hexadecimal digits that change with any character of the lines."""
        return hashlib.sha256("".join(self.lines).encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of one item; ``expected`` is the digest of its lines as they were read, empty where nobody cares."""

    id: str
    change: Change
    expected: str = ""


def setting(id: str, key: str, value: Any, *, expected: str = "") -> Edit:
    """Return the edit that gives a key a value; what the defaults say already is not repeated."""

    def change(own: Data, defaults: Data) -> Data:
        inherited = key not in own and key in defaults and same(defaults[key], value)
        return own if inherited else {**own, key: value}

    return Edit(id, change, expected)


def adding(id: str, key: str, values: Sequence[Any], *, expected: str = "") -> Edit:
    """Return the edit that adds to a list what it does not hold yet."""

    def change(own: Data, defaults: Data) -> Data | tuple[str, str]:
        if key not in own and defaults.get(key):
            return "E104", key
        old = own.get(key)
        if old is not None and not isinstance(old, list):
            return "E105", key
        new = [*(old or [])]
        for value in values:
            if not any(same(value, entry) for entry in new):
                new.append(value)
        return own if new == (old or []) else {**own, key: new}

    return Edit(id, change, expected)


def appending(id: str, key: str, entry: Mapping[str, Any], *, expected: str = "") -> Edit:
    """Return the edit that writes one more entry at the end of a list of entries, such as ``log:``."""

    def change(own: Data, defaults: Data) -> Data | tuple[str, str]:
        if key not in own and defaults.get(key):
            return "E104", key
        old = own.get(key)
        if old is not None and not isinstance(old, list):
            return "E105", key
        return {**own, key: [*(old or []), dict(entry)]}

    return Edit(id, change, expected)


def replacing(id: str, mapping: Mapping[str, Any], *, expected: str = "") -> Edit:
    """Return the edit that makes an item read as the mapping; keys that stay the same keep their lines."""

    def change(own: Data, defaults: Data) -> Data:
        return {
            key: value for key, value in mapping.items()
            if key in own or key not in defaults or not same(defaults[key], value)
        }  # fmt: skip

    return Edit(id, change, expected)


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


@dataclass(frozen=True, slots=True)
class _File:
    """A text that was read, as data and as parts; ``entries`` holds each item's data and part, ``places`` by id."""

    text: str
    path: str
    lines: Lines
    node: MappingNode
    root: Part
    entries: tuple[tuple[Node, Part], ...]
    places: dict[str, list[tuple[MappingNode, Part]]] = field(default_factory=dict)

    def find(self, id: str) -> tuple[MappingNode, Part] | Problem:
        """Return the one item of that id."""
        found = self.places.get(id, [])
        if not found:
            return error("E102", Span(self.path), id=id)
        if len(found) > 1:
            span, first = (Span(self.path, node.line, node.column) for node, _ in reversed(found[:2]))
            return error("E103", span, id=id, related=(first,))
        return found[0]


def _id_of(node: Node) -> str:
    id = node.entries.get("id") if isinstance(node, MappingNode) else None
    return id.text if isinstance(id, Scalar) else ""


def _read(text: str, path: str) -> _File | Problem:
    node, problems = parse_yaml(text, path)
    if problems or node is None:
        return problems[0]
    lines = Lines(text)
    root = parse_parts(text, lines)
    items = node.entries.get("items") if isinstance(node, MappingNode) else None
    if root is None or not isinstance(node, MappingNode) or items is None:
        return error("S102", Span(path, 1, 1), key="items")
    part = root.keys["items"].value
    if not isinstance(items, SequenceNode):
        if isinstance(items, Scalar) and items.value is None:
            return _File(text, path, lines, node, root, ())
        return error("S103", Span(path, items.line, items.column), key="items", expected="list", found="mapping")
    if items.entries and part.flow:
        return error("E107", Span(path, items.line, items.column))
    entries = tuple(zip(items.entries, part.entries, strict=True))
    places: dict[str, list[tuple[MappingNode, Part]]] = {}
    for entry, place in entries:
        if isinstance(entry, MappingNode) and (id := _id_of(entry)):
            places.setdefault(id, []).append((entry, place))
    return _File(text, path, lines, node, root, entries, places)


def item_block(text: str, id: str, *, path: str = "") -> Block | Problem:
    """Return the lines of an item.

    >>> item_block("items:\\n- id: X\\n  key: A\\n\\n# end\\n", "X").lines
    ('- id: X\\n', '  key: A\\n')
    """
    file = _read(text.removeprefix("\ufeff"), path)
    if isinstance(file, Problem):
        return file
    found = file.find(id)
    return found if isinstance(found, Problem) else _block(file, id, found[1])


def _block(file: _File, id: str, part: Part) -> Block:
    lines = file.lines
    first, indent = _dash(lines, part)
    last = lines.number(part.end)
    rows = tuple(file.text[lines.starts[n] : lines.after(n)] for n in range(first, last + 1))
    return Block(id, first + 1, last + 1, indent, rows)


def _dash(lines: Lines, part: Part) -> tuple[int, int]:
    """Return line and column of the dash before an entry, which may stand in a line of its own."""
    line = lines.number(part.start)
    before = lines.text[lines.starts[line] : part.start]
    while "-" not in before.split("#")[0] and line > 0:
        line -= 1
        before = lines.words(line)
    return line, before.find("-")


def splice(
    text: str, edits: Sequence[Edit], *, new_items: Sequence[Mapping[str, Any]] = (), path: str = ""
) -> str | Problem:
    """Return the text with all edits made, or the first reason why one of them cannot be.

    Everything outside the items meant stays as it is, character by character, a byte order mark too.
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    file = _read(text.removeprefix("\ufeff"), path)
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
        if edit.expected and _block(file, edit.id, part).digest != edit.expected:
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


def _patched(file: _File, changed: Mapping[str, Data], new_items: Sequence[Mapping[str, Any]]) -> str | None:
    patches: list[Patch] = []
    for node, part in file.entries:
        if (id := _id_of(node)) in changed:
            patches += item_patches(part, plain(node), changed[id], file.lines)
    return apply_patches(file.text, [*patches, *_appended(file, new_items)])


def _appended(file: _File, new_items: Sequence[Mapping[str, Any]]) -> list[Patch]:
    if not new_items:
        return []
    lines = file.lines
    if file.entries:
        part = file.entries[-1][1]
        first, indent = _dash(lines, part)
        last = lines.number(part.end)
        apart = len(file.entries) > 1 and not lines.words(first - 1).strip()
        rows = [row for item in new_items for row in [*([""] if apart else []), *item_lines(item, indent=indent)]]
        return [insertion(lines, last, rows)]
    entry = file.root.keys["items"]
    rows = [row for item in new_items for row in item_lines(item, indent=2)]
    end = max(entry.value.end, entry.colon)
    return [Patch(entry.colon, end, ""), insertion(lines, lines.number(end), rows)]


def _holds(
    new: str, file: _File, changed: Mapping[str, Data], new_items: Sequence[Mapping[str, Any]], *, loose: bool
) -> bool:
    """Return whether the new text reads as the old data with the changes meant and nothing else.

    loose : the last line break of texts does not count
    """
    node, problems = parse_yaml(new, file.path)
    if problems or not isinstance(node, MappingNode):
        return False
    before, after = plain(file.node), plain(node)
    old, found = before.pop("items") or [], after.pop("items")
    meant = [changed.get(_id_of(node), entry) for (node, _), entry in zip(file.entries, old, strict=True)]
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
