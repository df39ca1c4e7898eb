"""Data → YAML that our own reader reads back as that data: as few quotes as possible, in the bank's usual layout."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import yaml

from qbank.files.yaml_text import Mapping as MappingNode
from qbank.files.yaml_text import Scalar, Sequence, parse_yaml

WIDE = 100
"""Columns that a list or a mapping in one line may take; longer ones get a line an entry."""
IN_BRACES = frozenset({"key", "fold", "weight", "tolerance"})
"""Keys whose mapping is written in one line, ``{value: 42.8, unit: kg/t}``."""

_ODD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
_NUMBERS = (int, float)
_SURELY_PLAIN = re.compile(r"(?!true\Z|false\Z|null\Z)(?:[A-Za-z$(]|[\u4e00-\u9fff])(?:[^\x00-\x1f:#\x7f-\u2fff\u4dc0-\u4dff\ua000-\uffff]|[\uff00-\uffef])*(?<! )")
_SURELY_PLAIN_IN_FLOW = re.compile(r"(?!true\Z|false\Z|null\Z)[A-Za-z\u4e00-\u9fff][A-Za-z0-9_.\u4e00-\u9fff-]*")
"""Texts that need no trial: most of a bank's, so that ten thousand items are written in a second."""
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def emit_scalar(value: Any, *, in_flow: bool = False) -> str:
    """Return a scalar in one line, quoted exactly where the reader would read something else without quotes.

    in_flow : between braces or brackets, where commas part entries

    >>> emit_scalar("no"), emit_scalar("80"), emit_scalar("a: b"), emit_scalar("a, b", in_flow=True), emit_scalar(True)
    ('no', '"80"', '"a: b"', '"a, b"', 'true')
    """
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, _NUMBERS):
        return str(getattr(value, "text", repr(value)))
    return value if _reads_plain(value, in_flow) else _quoted(value)


@lru_cache(maxsize=4096)
def emit_key(key: str, *, in_flow: bool = False) -> str:
    """Return a key of a mapping; keys are text whatever they look like, so ``4`` needs no quotes.

    >>> emit_key("4"), emit_key("a: b")
    ('4', '"a: b"')
    """
    if _WORD.fullmatch(key):
        return key
    shown = f"{{{key}: 1}}" if in_flow else f"{key}: 1"
    node = _parsed(shown) if _one_line(key) else None
    return key if isinstance(node, MappingNode) and [*node.entries] == [key] and key else _quoted(key)


def emit_flow(value: Any) -> str:
    """Return any value in one line, with braces and brackets.

    >>> emit_flow({"to": "live", "by": "li", "notes": ["a", "1"]})
    '{to: live, by: li, notes: [a, "1"]}'
    """
    if isinstance(value, Mapping):
        entries = (f"{emit_key(key, in_flow=True)}: {emit_flow(entry)}" for key, entry in value.items())
        return "{" + ", ".join(entries) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(emit_flow, value)) + "]"
    return emit_scalar(value, in_flow=True)


class OneLine(str):
    """A text that is to be written in one line, line breaks as ``\\n`` between quotes."""


def one_line(value: Any) -> Any:
    """Return data whose texts of several lines are written in one.

    >>> emit_value(one_line("a\\nb"), indent=0)
    ('"a\\\\nb"', [])
    """
    if isinstance(value, Mapping):
        return {key: one_line(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [one_line(entry) for entry in value]
    return OneLine(value) if isinstance(value, str) and "\n" in value else value


def emit_value(value: Any, *, indent: int, step: int = 2, key: str = "") -> tuple[str, list[str]]:
    """Return what follows ``key:`` in its line, and the lines below it, which are indented already.

    indent : columns before the key ; step : columns of one more level

    >>> emit_value(["A", "C"], indent=4)
    ('[A, C]', [])
    >>> emit_value({"A": "x", "B": "80"}, indent=4)
    ('', ['      A: x', '      B: "80"'])
    >>> emit_value("two\\nlines", indent=0)
    ('|-', ['  two', '  lines'])
    """
    if isinstance(value, Mapping):
        if not value or (key in IN_BRACES and _fits(value)):
            return emit_flow(value), []
        return "", _mapping_lines(value, indent=indent + step, step=step)
    if isinstance(value, list | tuple):
        if all(not isinstance(entry, Mapping | list | tuple) for entry in value) and _fits(value):
            return emit_flow(value), []
        return "", [line for entry in value for line in entry_lines(entry, indent=indent + step, step=step)]
    if isinstance(value, str) and not isinstance(value, OneLine) and (block := _block_lines(value, indent + step)):
        return block
    return emit_scalar(value), []


def entry_lines(value: Any, *, indent: int, step: int = 2) -> list[str]:
    """Return one entry of a block list, ``- …``, as lines.

    >>> entry_lines({"points": 2, "text": "x"}, indent=2)
    ['  - {points: 2, text: x}']
    """
    margin = " " * indent + "- "
    if isinstance(value, Mapping) and value and not _fits(value):
        lines = _mapping_lines(value, indent=indent + 2, step=step)
        return [margin + lines[0].lstrip(" "), *lines[1:]]
    if isinstance(value, Mapping | list | tuple):
        return [margin + emit_flow(value)]
    inline, below = emit_value(value, indent=indent, step=step)
    return [margin + inline, *below]


def _mapping_lines(value: Mapping[str, Any], *, indent: int, step: int) -> list[str]:
    lines = []
    for key, entry in value.items():
        inline, below = emit_value(entry, indent=indent, step=step, key=key)
        lines += [f"{' ' * indent}{emit_key(key)}:{' ' if inline else ''}{inline}", *below]
    return lines


def item_lines(mapping: Mapping[str, Any], *, indent: int, step: int = 2) -> list[str]:
    """Return a whole item as an entry of ``items:``, a line a key.

    >>> item_lines({"id": "X-1", "key": "A"}, indent=2)
    ['  - id: X-1', '    key: A']
    """
    lines = _mapping_lines(mapping, indent=indent + 2, step=step)
    return [" " * indent + "- " + lines[0].lstrip(" "), *lines[1:]]


def _fits(value: Any) -> bool:
    entries = value.values() if isinstance(value, Mapping) else value
    simple = all(not isinstance(entry, Mapping | list | tuple) and "\n" not in str(entry) for entry in entries)
    return simple and len(emit_flow(value)) <= WIDE


def _one_line(text: str) -> bool:
    return "\n" not in text and not _ODD.search(text)


def _parsed(source: str) -> Any:
    node, problems = parse_yaml(source, "")
    return None if problems else node


@lru_cache(maxsize=4096)
def _reads_plain(text: str, in_flow: bool) -> bool:
    if (_SURELY_PLAIN_IN_FLOW if in_flow else _SURELY_PLAIN).fullmatch(text):
        return True
    if not text or not _one_line(text):
        return False
    if in_flow:
        nodes = _parsed(f"{{k: {text}}}"), _parsed(f"[{text}, {text}]")
    else:
        nodes = _parsed(f"k: {text}\nl: x\n"), _parsed(f"- {text}\n- x\n")
    for node, n_entries in zip(nodes, (1, 2) if in_flow else (2, 2), strict=True):
        if not isinstance(node, MappingNode | Sequence) or len(node.entries) != n_entries:
            return False
        first = next(iter(node.entries.values())) if isinstance(node, MappingNode) else node.entries[0]
        if not isinstance(first, Scalar) or first.quoted or first.value != text:
            return False
    return True


def _quoted(text: str) -> str:
    if _one_line(text) and ("\\" in text or '"' in text):
        return "'" + text.replace("'", "''") + "'"
    body = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return '"' + _ODD.sub(lambda found: f"\\u{ord(found.group()):04X}", body) + '"'


def _block_lines(text: str, indent: int) -> tuple[str, list[str]] | None:
    """Return ``|`` and its lines, or None for text that a block would change: it goes between quotes."""
    body = text.removesuffix("\n")
    lines = body.split("\n")
    if "\n" not in text or _ODD.search(text) or not lines[-1] or not lines[0] or lines[0][0] in " \t":
        return None
    if yaml.reader.Reader.NON_PRINTABLE.search(text) or any(line and not line.strip() for line in lines):
        return None
    return "|" if text.endswith("\n") else "|-", [" " * indent + line if line else "" for line in lines]
