"""Unseen characters in a file that people write: in its texts, its keys, its comments, each at its place."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qbank.core.unseen import FORBIDDEN, SUSPECT, Unseen, around, unseen
from qbank.files.exact_places import line_starts, position_in
from qbank.files.yaml_text import Mapping, Node, Scalar, Sequence, end_of
from qbank.problem import Problem, Severity, Span

MARKED = frozenset(
    {
        "key", "accept", "answer", "answers", "id", "kind", "competency", "enemies", "code", "unit", "formula",
        "stimulus", "requires", "where", "tags", "domain", "level", "parameters", "conditions", "blueprint",
        "bank", "forms", "form", "sitting", "person", "source_id", "once_per", "count", "database",
    }
)
"""Keys whose texts are compared with what others type: an unseen character there makes them differ for ever."""
UNWRITABLE = frozenset({"CONTROL", "NONCHARACTER"})
"""Names of what a file can hold by an escape only, and nothing can print: not even what a program wrote may have it."""
_ESCAPED = re.compile(r'"[^"\n]*\\(?:[xuU][0-9A-Fa-f]|[0abefvrNLP])|\\(?:[uU][0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2})')
_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def unseen_characters(node: Node, source: str, path: str) -> list[Problem]:
    """Return an error for each unseen character that changes what a text says (Y012), or that stands in an answer, an id or a
    key (Y014), and a warning for each that does nothing but hide (Y013); one problem a text and character.

    >>> from qbank.files.yaml_text import parse_yaml
    >>> node, _ = parse_yaml("stem: 碱\\u200b度", "a.yaml")
    >>> [(problem.code, problem.span.column) for problem in unseen_characters(node, "stem: 碱\\u200b度", "a.yaml")]
    [('Y013', 8)]
    """
    if not SUSPECT.search(source) and not _ESCAPED.search(source):
        return []
    starts = line_starts(source)
    problems: list[Problem] = []
    for key, text, start, marked in _texts(node, "", False):
        told: set[str] = set()
        for found in unseen(text):
            if found.character not in told:
                told.add(found.character)
                span = Span(path, *(position_in(source, starts, start, text, found.offset) or start))
                problems.append(_problem(found, text, key, span, marked=marked))
    seen = {problem.span for problem in problems}
    for match in _DIRECTION.finditer(source):  # in a comment: it can make a line look like another
        span = Span(path, *end_of(source[: match.start()]))
        line = source.splitlines()[span.line - 1] if span not in seen else ""
        if line and not any(one.span.line == span.line for one in problems) and "#" in line[: span.column]:
            problems.append(_problem(Unseen(match.start(), match[0], "direction"), source, "#", span, marked=False))
    return problems


def _problem(found: Unseen, text: str, key: str, span: Span, *, marked: bool) -> Problem:
    code: tuple[str, Severity] = ("Y012", "error") if found.kind in FORBIDDEN else ("Y014", "error") if marked else ("Y013", "warning")
    facts = (("key", key), ("character", found.code), ("name", found.name), ("around", around(text, found)))
    return Problem(*code, span, facts)


def _texts(node: Node, key: str, marked: bool) -> Iterator[tuple[str, str, tuple[int, int], bool]]:
    """Yield each text of a tree: the key it stands under, the text, where it begins, whether it is held against others."""
    if isinstance(node, Scalar):
        if node.text:
            yield key, node.text, (node.line, node.column), marked
    elif isinstance(node, Sequence):
        for entry in node.entries:
            yield from _texts(entry, key, marked)
    elif isinstance(node, Mapping):
        for name, entry in node.entries.items():
            if not name.isascii() or not name.isprintable():
                yield name, name, node.keys[name], True
            yield from _texts(entry, name, marked or name in MARKED)
