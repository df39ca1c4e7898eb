"""YAML text → the tree of its parts with the offsets where each begins and ends, for edits in place."""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass, field
from typing import Any

import yaml

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BREAKS = "\n\r\x85\u2028\u2029"
_BREAK = re.compile(f"\r\n|[{_BREAKS}]")


@dataclass(slots=True)
class Part:
    """A value in the text, ``text[start:end]``; an empty one ends where it begins.

    kind : scalar, mapping or sequence ; flow : between braces or brackets ; style : of a scalar, ``|`` ``>`` ``'``
    ``"`` or nothing ; entries : of a sequence ; keys : key → where it stands, with its value
    """

    kind: str
    start: int
    end: int
    flow: bool = False
    style: str = ""
    entries: list[Part] = field(default_factory=list)
    keys: dict[str, KeyPart] = field(default_factory=dict)

    @property
    def is_block(self) -> bool:
        """Return whether a collection is written a line an entry."""
        return self.kind != "scalar" and not self.flow


@dataclass(slots=True)
class KeyPart:
    """start : of the key ; colon : just after its colon"""

    start: int
    colon: int
    value: Part


class Lines:
    """The lines of a text as YAML breaks them, numbered from 0; after a last break stands an empty line."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0, *(found.end() for found in _BREAK.finditer(text))]

    def number(self, offset: int) -> int:
        """Return the line that an offset lies in."""
        return bisect.bisect_right(self.starts, offset) - 1

    def after(self, line: int) -> int:
        """Return where the next line begins, the end of the text after the last one."""
        return self.starts[line + 1] if line + 1 < len(self.starts) else len(self.text)

    def words(self, line: int) -> str:
        """Return a line without its end."""
        return self.text[self.starts[line] : self.after(line)].rstrip(_BREAKS)

    def break_of(self, line: int) -> str:
        """Return the characters that end a line; none at the end of the text."""
        return self.text[self.starts[line] + len(self.words(line)) : self.after(line)]

    def offset(self, mark: Any) -> int:
        """Return the offset of a parser's mark."""
        line: int = min(mark.line, len(self.starts) - 1)
        return min(self.starts[line] + int(mark.column), len(self.text))


def parse_parts(text: str, lines: Lines) -> Part | None:
    """Return the tree of a text that `qbank.files.yaml_text.parse_yaml` has read without a problem."""
    root: Part | None = None
    stack: list[Part] = []
    waiting: list[tuple[str, int, int] | None] = []
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionEndEvent):
            closed = stack.pop()
            waiting.pop()
            closed.end = lines.offset(event.end_mark) if closed.flow else _last_end(closed)
            continue
        if not isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent):
            continue
        part = _part(event, lines)
        if not stack:
            root = part
        elif stack[-1].kind == "sequence":
            stack[-1].entries.append(part)
        elif waiting[-1] is None:
            colon = text.find(":", part.end)
            waiting[-1] = (str(getattr(event, "value", "")), part.start, colon + 1)
        else:
            key, start, colon = waiting[-1]
            waiting[-1] = None
            stack[-1].keys[key] = KeyPart(start, colon, part)
        if part.kind != "scalar":
            stack.append(part)
            waiting.append(None)
    return root


def _part(event: Any, lines: Lines) -> Part:
    start, end = lines.offset(event.start_mark), lines.offset(event.end_mark)
    if isinstance(event, yaml.ScalarEvent):
        style = event.style or ""
        if style in ("|", ">"):
            end = _block_end(start, end, lines)
        return Part("scalar", start, end, style=style)
    kind = "sequence" if isinstance(event, yaml.SequenceStartEvent) else "mapping"
    return Part(kind, start, end, flow=bool(event.flow_style))


def _block_end(start: int, end: int, lines: Lines) -> int:
    """Return where a block text ends, before its last line break; empty lines below it belong to nobody."""
    first, last = lines.number(start), lines.number(max(end - 1, start))
    if "+" not in lines.text[start : lines.after(first)].split("#")[0]:
        while last > first and not lines.words(last):
            last -= 1
    return lines.starts[last] + len(lines.words(last))


def _last_end(closed: Part) -> int:
    if closed.kind == "sequence":
        return closed.entries[-1].end if closed.entries else closed.end
    return max(key.value.end for key in closed.keys.values()) if closed.keys else closed.end
