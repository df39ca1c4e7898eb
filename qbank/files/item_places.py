"""The items of an authored file where they stand: their data, their parts, their lines."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from qbank.files.marks import Lines, Part, parse_parts
from qbank.files.yaml_text import Mapping as MappingNode
from qbank.files.yaml_text import Node, Scalar, parse_yaml
from qbank.files.yaml_text import Sequence as SequenceNode
from qbank.problem import Problem, Span, error


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
class ItemsFile:
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


def id_of(node: Node) -> str:
    id = node.entries.get("id") if isinstance(node, MappingNode) else None
    return id.text if isinstance(id, Scalar) else ""


def read_places(text: str, path: str) -> ItemsFile | Problem:
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
            return ItemsFile(text, path, lines, node, root, ())
        return error("S103", Span(path, items.line, items.column), key="items", expected="list", found="mapping")
    if items.entries and part.flow:
        return error("E107", Span(path, items.line, items.column))
    entries = tuple(zip(items.entries, part.entries, strict=True))
    places: dict[str, list[tuple[MappingNode, Part]]] = {}
    for entry, place in entries:
        if isinstance(entry, MappingNode) and (id := id_of(entry)):
            places.setdefault(id, []).append((entry, place))
    return ItemsFile(text, path, lines, node, root, entries, places)


def item_block(text: str, id: str, *, path: str = "") -> Block | Problem:
    """Return the lines of an item.

    >>> item_block("items:\\n- id: X\\n  key: A\\n\\n# end\\n", "X").lines
    ('- id: X\\n', '  key: A\\n')
    """
    file = read_places(text.removeprefix("\ufeff"), path)
    if isinstance(file, Problem):
        return file
    found = file.find(id)
    return found if isinstance(found, Problem) else block_of(file, id, found[1])


def block_of(file: ItemsFile, id: str, part: Part) -> Block:
    lines = file.lines
    first, indent = dash_before(lines, part)
    last = lines.number(part.end)
    rows = tuple(file.text[lines.starts[n] : lines.after(n)] for n in range(first, last + 1))
    return Block(id, first + 1, last + 1, indent, rows)


def dash_before(lines: Lines, part: Part) -> tuple[int, int]:
    """Return line and column of the dash before an entry, which may stand in a line of its own."""
    line = lines.number(part.start)
    before = lines.text[lines.starts[line] : part.start]
    while "-" not in before.split("#")[0] and line > 0:
        line -= 1
        before = lines.words(line)
    return line, before.find("-")
