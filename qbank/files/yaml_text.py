"""YAML text → a tree of nodes with positions, in one pass over the parser's events.

No loader of PyYAML builds anything here. Its C composer is recursive and crashes the process at about 100,000
nested brackets, and its constructors follow YAML 1.1 (``no`` is false, ``12:30`` is 750, the last of two equal
keys wins). Reading events avoids all of it and keeps line and column of every key and value.

Settled by the contract: only ``true false null``, integers without a leading zero and decimals resolve; every
other plain scalar is text. Anchors, aliases and tags are refused, so no alias bomb can grow.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import yaml

from qbank.core.authored import written_number
from qbank.problem import Problem, Span, error

MAX_DEPTH = 40
MAX_BYTES = 64 * 1024 * 1024

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]*)\.[0-9]+([eE][-+]?[0-9]+)?\Z")
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "": None}
_FIRST = frozenset("-+0123456789")
_QUOTES = frozenset("'\"")
_REPEATED = str(object())
"""Stands for a key whose value is left out because the key stood before; told from a real key by identity."""
_SCALAR, _MAPPING, _SEQUENCE = yaml.ScalarEvent, yaml.MappingStartEvent, yaml.SequenceStartEvent
_ENDS = frozenset({yaml.MappingEndEvent, yaml.SequenceEndEvent})
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Scalar(NamedTuple):
    """A leaf: ``value`` as resolved, ``text`` as written (``1.10`` stays ``1.10``); line and column from 1.

    quoted : the text itself starts one column further on, after the quote ; verbatim : of what may be an
    expression, its text stands in one line as it is, so that a place within it can be counted
    """

    value: bool | int | float | str | None
    text: str
    line: int
    column: int
    quoted: bool = False
    verbatim: bool = False


class Sequence(NamedTuple):
    """A list of nodes."""

    entries: list[Node]
    line: int
    column: int


class Mapping(NamedTuple):
    """Nodes by key, in the order written; ``keys`` holds line and column of each key."""

    entries: dict[str, Node]
    keys: dict[str, tuple[int, int]]
    line: int
    column: int


Node = Scalar | Sequence | Mapping


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
        node = _parsed(text, path, problems)
    except _Refused as refusal:
        return None, [*problems, refusal.problem]
    if node is None or (isinstance(node, Scalar) and not node.text and not node.quoted):  # nothing, or --- alone
        return None, [*problems, error("Y005", Span(path, 1, 1))]
    return node, problems


def _parsed(text: str, path: str, problems: list[Problem]) -> Node | None:
    try:
        return _build(_LOADER(text), path, problems)
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
    except UnicodeEncodeError as fault:  # half of a surrogate pair: no UTF-8 file holds one, a text in memory may
        span = Span(path, *end_of(text[: fault.start]))
        raise _Refused(error("Y006", span, character=f"U+{ord(text[fault.start]):04X}")) from None


def _stands_as_it_is(event: Any) -> bool:
    """Return whether a scalar's text is what stands in the file: in one line, without escapes."""
    start, end = event.start_mark, event.end_mark
    return bool(start.line == end.line and end.column - start.column == len(event.value) + 2 * (event.style in _QUOTES))


def end_of(text: str) -> tuple[int, int]:
    """Return line and column just after a text, with lines as YAML breaks them."""
    lines = split_lines(text)
    return len(lines), len(lines[-1]) + 1


def split_lines(text: str) -> list[str]:
    """Return the lines of a text without their ends, broken where YAML breaks them."""
    return _BREAK.split(text)


def scalar_spans(text: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Return start and end (line and column from 0, end excluded) of every scalar of a text that parses."""
    found = []
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.ScalarEvent):
            start: Any = event.start_mark
            end: Any = event.end_mark
            found.append(((start.line, start.column), (end.line, end.column)))
    return found


def _build(loader: Any, path: str, problems: list[Problem]) -> Node | None:
    """Return the tree of the parser's events.

    This loop runs once for every key and value of a bank, so it tells events by their exact class and keeps the
    collection that it is inside of in local names: ``entries`` and, in a mapping, ``keys`` and the waiting ``key``.
    """
    root: Node | None = None
    outer: list[tuple[Any, Any]] = []
    entries: Any = None
    keys: dict[str, tuple[int, int]] | None = None
    key: str | None = None
    documents = 0
    next_event = loader.get_event
    new = tuple.__new__  # a named tuple made by its own name takes twice as long
    while (event := next_event()) is not None:
        kind = type(event)
        if kind is _SCALAR:
            mark = event.start_mark
            line, column, text, style = mark.line + 1, mark.column + 1, event.value, event.style
            if event.anchor is not None or event.tag is not None:
                _refuse_anchor_and_tag(event, Span(path, line, column))
            if keys is not None and key is None:
                key = text
                if key in keys:
                    first = Span(path, *keys[key])
                    problems.append(
                        error("Y002", Span(path, line, column), related=(first,), key=key, line=first.line)
                    )
                    key = _REPEATED
                else:
                    keys[key] = (line, column)
                continue
            # only in expressions anybody counts characters: between braces, in a list of conditions, in a formula
            verbatim = ("{{" in text or keys is None or key == "formula") and _stands_as_it_is(event)
            value = text if style or (text not in _WORDS and text[0] not in _FIRST) else _resolve(text)
            node: Node = new(Scalar, (value, text, line, column, style in _QUOTES, verbatim))
        elif kind is _MAPPING or kind is _SEQUENCE:
            mark = event.start_mark
            span = Span(path, mark.line + 1, mark.column + 1)
            _refuse_anchor_and_tag(event, span)
            if keys is not None and key is None:
                raise _Refused(error("Y008", span))
            if kind is _MAPPING:
                node = Mapping({}, {}, span.line, span.column)
            else:
                node = Sequence([], span.line, span.column)
        elif kind in _ENDS:
            entries, keys = outer.pop()
            continue
        elif kind is yaml.DocumentStartEvent:
            documents += 1
            if documents > 1:
                raise _Refused(error("Y007", Span(path, event.start_mark.line + 1, event.start_mark.column + 1)))
            continue
        elif kind is yaml.AliasEvent:
            place = Span(path, event.start_mark.line + 1, event.start_mark.column + 1)
            raise _Refused(error("Y003", place, what=f"*{event.anchor}"))
        else:
            continue
        if keys is not None:
            if key is not _REPEATED:
                entries[key] = node
            key = None
        elif entries is not None:
            entries.append(node)
        else:
            root = node
        if kind is not _SCALAR:
            outer.append((entries, keys))
            if len(outer) > MAX_DEPTH:
                raise _Refused(error("Y004", Span(path, node.line, node.column), depth=MAX_DEPTH))
            entries, keys = node.entries, node.keys if isinstance(node, Mapping) else None  # type: ignore[union-attr]
    return root


def _refuse_anchor_and_tag(event: Any, span: Span) -> None:
    if event.anchor is not None:
        raise _Refused(error("Y003", span, what=f"&{event.anchor}"))
    if event.tag is not None and event.tag != "!":
        raise _Refused(error("Y003", span, what=event.tag.replace("tag:yaml.org,2002:", "!!")))


def _resolve(text: str) -> bool | int | float | str | None:
    """Return what a plain scalar means.

    >>> _resolve("1.10"), _resolve("-7"), _resolve("010"), _resolve("true"), _resolve("")
    (1.1, -7, '010', True, None)
    """
    if text[:1] not in _FIRST:
        return _WORDS.get(text, text)
    if _INTEGER.match(text) and len(text) < 300:
        return int(text)
    return float(text) if _DECIMAL.match(text) else text


def plain(node: Node | None) -> Any:
    """Return the node as dicts, lists and scalars; numbers remember their text in ``.text``."""
    if type(node) is Mapping:  # texts, which nearly all entries are, are taken without a call of their own
        return {
            key: entry.value if type(entry) is Scalar and type(entry.value) is str else plain(entry)
            for key, entry in node.entries.items()
        }
    if type(node) is Scalar:
        value = node.value
        kind = type(value)
        if kind is str or kind is bool or value is None:
            return value
        assert isinstance(value, int | float)
        return written_number(value, node.text)
    return [plain(entry) for entry in node.entries] if type(node) is Sequence else None


def locate(
    node: Node | None, steps: tuple[int | str, ...], *, key: bool = False, inside: bool = False, offset: int = -1
) -> tuple[int, int]:
    """Return line and column of the deepest node that the steps reach.

    key : of the last key itself ; inside : of the text between the quotes ; offset : so many characters further on,
    where the text stands in the file as it is (and −1: of the node as such). A key that leads into a list is passed
    over: the short form of a record (``[CaO, 石灰]`` for ``{accept: [CaO, 石灰]}``) leaves it out.
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
        elif not (isinstance(node, Sequence) and isinstance(step, str)):
            break
    if offset >= 0 and isinstance(node, Scalar) and node.verbatim:
        return place[0], place[1] + node.quoted + offset
    quoted = inside and isinstance(node, Scalar) and node.quoted
    return place[0], place[1] + quoted
