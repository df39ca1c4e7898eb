"""YAML text → a tree of nodes with positions, in one pass over the parser's events.

No loader of PyYAML builds anything here. Its C composer is recursive and crashes the process at about 100,000
nested brackets, and its constructors follow YAML 1.1 (``no`` is false, ``12:30`` is 750, the last of two equal
keys wins). Reading events avoids all of it and keeps line and column of every key and value.

Settled by the contract: only ``true false null``, integers without a leading zero and decimals resolve; every
other plain scalar is text. Anchors, aliases and tags are refused, so no alias bomb can grow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from qbank.problem import Problem, Span, error

MAX_DEPTH = 40
MAX_BYTES = 64 * 1024 * 1024

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]*)\.[0-9]+([eE][-+]?[0-9]+)?\Z")
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "": None}
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Scalar:
    """A leaf: ``value`` as resolved, ``text`` as written (``1.10`` stays ``1.10``); line and column from 1.

    quoted : the text itself starts one column further on, after the quote
    """

    value: bool | int | float | str | None
    text: str
    line: int
    column: int
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list of nodes."""

    entries: list[Node]
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Mapping:
    """Nodes by key, in the order written; ``keys`` holds line and column of each key."""

    entries: dict[str, Node]
    keys: dict[str, tuple[int, int]]
    line: int
    column: int


Node = Scalar | Sequence | Mapping


@dataclass(slots=True)
class _Open:
    """A collection that the parser is inside of; ``key`` is the mapping key that waits for its value."""

    node: Sequence | Mapping
    key: str | None = None
    skipped: bool = field(default=False)


class _Refused(Exception):
    def __init__(self, problem: Problem) -> None:
        self.problem = problem


def parse_yaml(text: str, path: str) -> tuple[Node | None, list[Problem]]:
    """Return the tree of one YAML document, or nothing and why; duplicate keys are all reported.

    >>> node, problems = parse_yaml("a: [no, 010, 12:30, 1.5]", "x.yaml")
    >>> plain(node)
    {'a': ['no', '010', '12:30', 1.5]}
    """
    problems: list[Problem] = []
    try:
        node = _build(_events(text, path), path, problems)
    except _Refused as refusal:
        return None, [*problems, refusal.problem]
    if node is None:
        problems.append(error("Y005", Span(path, 1, 1)))
    return node, problems


def _events(text: str, path: str) -> Iterator[Any]:
    try:
        yield from yaml.parse(text, Loader=_LOADER)
    except yaml.reader.ReaderError as fault:
        # libyaml gives the position in bytes and PyYAML in characters, so the character is looked for again
        refused = yaml.reader.Reader.NON_PRINTABLE.search(text)
        span = Span(path, *end_of(text[: refused.start() if refused else 0]))
        character = refused.group() if refused else str(fault.character)[:1]
        raise _Refused(error("Y006", span, character=f"U+{ord(character):04X}")) from None
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        span = Span(path, *min(place, end_of(text)))  # libyaml ends every text with a line break of its own
        raise _Refused(error("Y001", span, detail=fault.problem or fault.context or "?")) from None


def end_of(text: str) -> tuple[int, int]:
    """Return line and column just after a text, with lines as YAML breaks them."""
    lines = _BREAK.split(text)
    return len(lines), len(lines[-1]) + 1


def _build(events: Iterator[Any], path: str, problems: list[Problem]) -> Node | None:
    root: Node | None = None
    stack: list[_Open] = []
    documents = 0
    for event in events:
        mark = event.start_mark
        place = (mark.line + 1, mark.column + 1)
        span = Span(path, *place)
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _Refused(error("Y007", span))
            continue
        if isinstance(event, yaml.AliasEvent):
            raise _Refused(error("Y003", span, what=f"*{event.anchor}"))
        if isinstance(event, yaml.CollectionEndEvent):
            stack.pop()
            continue
        if not isinstance(event, yaml.NodeEvent):
            continue
        _refuse_anchor_and_tag(event, span)
        node: Node
        if isinstance(event, yaml.ScalarEvent):
            node = Scalar(_resolve(event), event.value, *place, quoted=event.style in ("'", '"'))
        elif isinstance(event, yaml.SequenceStartEvent):
            node = Sequence([], *place)
        else:
            node = Mapping({}, {}, *place)
        if not stack:
            root = node
        else:
            _attach(stack[-1], node, span, problems)
        if not isinstance(node, Scalar):
            stack.append(_Open(node))
            if len(stack) > MAX_DEPTH:
                raise _Refused(error("Y004", span, depth=MAX_DEPTH))
    return root


def _refuse_anchor_and_tag(event: Any, span: Span) -> None:
    if event.anchor is not None:
        raise _Refused(error("Y003", span, what=f"&{event.anchor}"))
    if event.tag is not None and event.tag != "!":
        raise _Refused(error("Y003", span, what=event.tag.replace("tag:yaml.org,2002:", "!!")))


def _resolve(event: Any) -> bool | int | float | str | None:
    text: str = event.value
    if event.style is not None and event.style != "":
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.match(text) and len(text) < 300:
        return int(text)
    return float(text) if _DECIMAL.match(text) else text


def _attach(parent: _Open, node: Node, span: Span, problems: list[Problem]) -> None:
    if isinstance(parent.node, Sequence):
        parent.node.entries.append(node)
    elif parent.key is None:
        if not isinstance(node, Scalar):
            raise _Refused(error("Y008", span))
        parent.key = node.text
        parent.skipped = node.text in parent.node.entries
        if parent.skipped:
            first = parent.node.keys[node.text]
            problems.append(
                error("Y002", span, related=(Span(span.path, *first),), key=node.text, line=first[0])
            )
        else:
            parent.node.keys[node.text] = (span.line, span.column)
    else:
        if not parent.skipped:
            parent.node.entries[parent.key] = node
        parent.key = None


class WrittenInt(int):
    """An integer that remembers how it was written."""

    text: str


class WrittenFloat(float):
    """A decimal that remembers how it was written (``1.10``)."""

    text: str


def plain(node: Node | None) -> Any:
    """Return the node as dicts, lists and scalars; numbers remember their text in ``.text``."""
    if isinstance(node, Mapping):
        return {key: plain(entry) for key, entry in node.entries.items()}
    if isinstance(node, Sequence):
        return [plain(entry) for entry in node.entries]
    if node is None:
        return None
    value = node.value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    written: WrittenInt | WrittenFloat = (
        WrittenInt(value) if isinstance(value, int) else WrittenFloat(value)
    )
    written.text = node.text
    return written


def locate(
    node: Node | None, steps: tuple[int | str, ...], *, key: bool = False, inside: bool = False
) -> tuple[int, int]:
    """Return line and column of the deepest node that the steps reach.

    key : of the last key itself ; inside : of the text between the quotes
    """
    place = (node.line, node.column) if node else (1, 1)
    for depth, step in enumerate(steps):
        last = depth == len(steps) - 1
        if isinstance(node, Mapping) and str(step) in node.keys:
            place = node.keys[str(step)]
            node = node.entries.get(str(step))
            if node is not None and not (last and key):
                place = (node.line, node.column)
        elif isinstance(node, Sequence) and isinstance(step, int) and step < len(node.entries):
            node = node.entries[step]
            place = (node.line, node.column)
        else:
            break
    quoted = inside and isinstance(node, Scalar) and node.quoted
    return place[0], place[1] + quoted
