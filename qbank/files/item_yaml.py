"""Plain data → the lines of an item, as people write them: plain where it can be, quoted where it must be."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

KEY_ORDER = (
    "id", "kind", "competency", "level", "parameters", "conditions", "stem", "options", "prompts", "key", "correction",
    "credit", "pin", "shuffle", "misconception", "any_order", "fold", "rubric", "lines", "parts", "minutes",
    "preparation_minutes", "site", "candidate", "requirements", "steps", "veto", "marks", "status", "grade", "cognitive",
    "seconds", "congruence", "rationale", "reference", "author", "source_id", "tags", "enemies", "log",
)  # fmt: skip
"""The order in which an item's keys are written; others follow."""
_PLAIN_START = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`=<~.+0-9]|[0-9](?=.*[^0-9.eE+\-_:])|[.+~<=](?=.*[^0-9.eE+\-])")
_UNSAFE = re.compile(r": |:\Z| #|[\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]|\s\Z|\A---|\A\.\.\.")
_FLOW = re.compile(r"[,\[\]{}:]|[^\x21-\x7e\u3000-\u9fff\uff00-\uffef]")
_WORDS = frozenset({"true", "false", "null", "~", "yes", "no", "on", "off", "y", "n", ""})
_ESCAPES = re.compile("[\x7f-\x9f\xa0\u2028\u2029\ufeff\ufffe\uffff]")


def item_lines(entries: Mapping[str, Any], indent: int = 2) -> list[str]:
    """Return the lines of one item of a list, its dash ``indent`` blanks from the left.

    >>> print("\\n".join(item_lines({"id": "A-1", "stem": "碱度 $R$：=？", "options": {"A": "80", "B": "是"}, "key": "A"})))
      - id: A-1
        stem: 碱度 $R$：=？
        options:
          A: "80"
          B: 是
        key: A
    """
    lines = mapping_lines(entries, indent + 2)
    lines[0] = " " * indent + "- " + lines[0].lstrip(" ")
    return lines


def mapping_lines(entries: Mapping[str, Any], indent: int) -> list[str]:
    """Return the lines of an item's keys, in the usual order."""
    known = {key: place for place, key in enumerate(KEY_ORDER)}
    ordered = sorted(entries, key=lambda key: known.get(key, len(known)))
    return [line for key in ordered for line in entry_lines(key, entries[key], indent)]


def entry_lines(key: str, value: Any, indent: int) -> list[str]:
    """Return the lines of one key with its value."""
    pad, word = " " * indent, scalar_text(str(key), flow=True)
    if isinstance(value, Mapping) and value:
        if _is_short(value):
            return [f"{pad}{word}: {_flow(value)}"]
        return [f"{pad}{word}:", *(line for name in value for line in entry_lines(name, value[name], indent + 2))]
    if isinstance(value, list | tuple) and value:
        if _is_short(value):
            return [f"{pad}{word}: {_flow(value)}"]
        return [f"{pad}{word}:", *(line for entry in value for line in _list_lines(entry, indent + 2))]
    if isinstance(value, str) and "\n" in value and _fits_block(value):
        return [f"{pad}{word}: |-", *(f"{pad}  {line}" if line else "" for line in value.split("\n"))]
    return [f"{pad}{word}: {_flow(value)}"]


def _list_lines(entry: Any, indent: int) -> list[str]:
    if isinstance(entry, Mapping) and entry and not _is_short(entry):
        lines = [line for name in entry for line in entry_lines(name, entry[name], indent + 2)]
        return [" " * indent + "- " + lines[0][indent + 2 :], *lines[1:]]
    if isinstance(entry, str):
        return [f"{' ' * indent}- {scalar_text(entry)}"]
    return [f"{' ' * indent}- {_flow(entry)}"]


def _is_short(value: Any) -> bool:
    """Return whether a mapping or list reads well on one line: a few short words."""
    entries = list(value.values()) if isinstance(value, Mapping) else list(value)
    if isinstance(value, Mapping) and not set(value) <= {"value", "tolerance", "unit", "case", "width", "space"}:
        return False
    return all(not isinstance(entry, Mapping | list | tuple) and len(str(entry)) <= 24 for entry in entries)


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar_text(str(key), flow=True)}: {_flow_entry(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_flow_entry(entry) for entry in value) + "]"
    return _leaf(value, flow=False)


def _flow_entry(value: Any) -> str:
    return _flow(value) if isinstance(value, Mapping | list | tuple) else _leaf(value, flow=True)


def _leaf(value: Any, *, flow: bool) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number_text(value)
    return scalar_text(str(value), flow=flow)


def number_text(value: float) -> str:
    """Return a number as the item files' reader resolves it: ``1e-7`` needs a point.

    >>> number_text(84.0), number_text(1e-7), number_text(True), number_text(2.5)
    ('84.0', '1.0e-07', 'true', '2.5')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    written = getattr(value, "text", None) or repr(value)
    return re.sub(r"\A([-+]?\d+)e", r"\1.0e", written)


def scalar_text(text: str, *, flow: bool = False) -> str:
    """Return text as one YAML scalar on one line.

    >>> scalar_text("$\\\\mathrm{CaO}$"), scalar_text("010"), scalar_text("a: b"), scalar_text("a #1")
    ('$\\\\mathrm{CaO}$', '"010"', '"a: b"', '"a #1"')
    """
    plain = (
        text.casefold() not in _WORDS and _PLAIN_START.match(text) is not None and not _UNSAFE.search(text)
        and not (flow and _FLOW.search(text))
    )  # fmt: skip
    if plain:
        return text
    if "\\" in text and not re.search(r"[\x00-\x1f]", text) and not _ESCAPES.search(text):
        return "'" + text.replace("'", "''") + "'"
    return _ESCAPES.sub(lambda mark: f"\\u{ord(mark.group()):04X}", json.dumps(text, ensure_ascii=False))


def _fits_block(text: str) -> bool:
    """Return whether a literal block gives the text back: printable, no blanks at the ends of the text or its start."""
    lines = text.split("\n")
    return not (
        re.search(r"[\x00-\x09\x0b-\x1f\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff]", text) or lines[0][:1] in ("", " ")
        or lines[-1].strip() == "" or any(line != "" and line.strip() == "" for line in lines)
    )  # fmt: skip
