"""The positions of a tree without its texts, small enough to be kept with every item.

Rules over the whole bank point at a few items; for these the place of a key is found here, and no file is read again.
"""

from __future__ import annotations

from typing import Any

from qbank.files.yaml_text import Mapping, Node, Scalar, Sequence

Outline = tuple[int, int, Any]
"""(line, column, rest): of a scalar whether it is quoted, of a list its entries, of a mapping key → (line, column,
value) — plain data that `marshal` can hold."""


def outline(node: Node) -> Outline:
    """Return the positions in a tree as plain data.

    >>> from qbank.files.yaml_text import locate, parse_yaml
    >>> node, _ = parse_yaml("a: [x, 'y']", "x.yaml")
    >>> outline(node)
    (1, 1, {'a': (1, 1, (1, 4, [(1, 5, False), (1, 8, True)]))})
    >>> locate(from_outline(outline(node)), ("a", 1), inside=True)
    (1, 9)
    """
    if isinstance(node, Mapping):
        keys = node.keys
        # most entries are scalars: line, column and quoted are cut out of them here, without a call for each
        return node.line, node.column, {
            key: (*keys[key], entry[2:5] if type(entry) is Scalar else outline(entry))
            for key, entry in node.entries.items()
        }
    if isinstance(node, Sequence):
        return node.line, node.column, [outline(entry) for entry in node.entries]
    return node[2:5]


def from_outline(plain: Outline) -> Node:
    """Return a tree of empty texts with those positions."""
    line, column, rest = plain
    if isinstance(rest, dict):
        entries = {key: from_outline(entry) for key, (_, _, entry) in rest.items()}
        return Mapping(entries, {key: (place[0], place[1]) for key, place in rest.items()}, line, column)
    if isinstance(rest, list):
        return Sequence([from_outline(entry) for entry in rest], line, column)
    return Scalar(None, "", line, column, rest)
