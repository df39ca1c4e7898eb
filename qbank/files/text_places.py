"""Where a text of an item stands in its file: the line and column of a formula that cannot be printed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from qbank.core.item import Item
from qbank.core.stimulus import Stimulus
from qbank.files.item_places import ItemsFile, read_places
from qbank.files.paths import shown_path
from qbank.files.yaml_text import Mapping, Node, Sequence
from qbank.problem import Span

KEYS = {"option": "options", "prompt": "prompts", "rubric": "rubric", "answer": "key", "step": "steps", "veto": "vetoes",
        "requirement": "requirements"}  # fmt: skip


def text_span(item: Item | Stimulus, place: str, detail: str) -> Span:
    """Return where a text of an item stands, or the item where the text is not found.

    place : ``stem``, ``option B``, ``rubric 2`` … ; detail : what was found in it; where it stands in the text as
    written, that is the place
    """
    start = item.span
    try:
        text = Path(start.path).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return start
    line, column = _node_at(text, item.id, place, start)
    lines = text.split("\n")
    wanted = _wanted(detail)
    if wanted and line > 0:
        for number in range(line - 1, min(len(lines), line + 200)):
            found = lines[number].find(wanted, column - 1 if number == line - 1 else 0)
            if found >= 0:
                return Span(start.path, number + 1, found + 1)
            if number >= line and re.match(r"\s*- id:", lines[number]):
                break
    return Span(start.path, line, column)


def words_span(paths: Iterable[Path], words: str) -> Span | None:
    """Return the first place in some files where words stand, or nothing."""
    wanted = _wanted(words)
    for path in paths:
        try:
            lines = path.read_text("utf-8-sig").split("\n")
        except (OSError, UnicodeDecodeError):
            continue
        for number, line in enumerate(lines, start=1):
            if wanted and wanted in line:
                return Span(shown_path(path), number, line.index(wanted) + 1)
    return None


def _wanted(detail: str) -> str:
    return re.sub(r" \(unexpected.*|^\\\\?$", "", detail, flags=re.DOTALL).strip()


def _node_at(text: str, id: str, place: str, start: Span) -> tuple[int, int]:
    """Return line and column of the value that a place means, else those of the item."""
    read = read_places(text, start.path)
    found = read.find(id.partition(".")[0]) if isinstance(read, ItemsFile) else None
    if not isinstance(found, tuple):
        return start.line, start.column
    node: Node = found[0]
    word, _, index = place.partition(" ")
    for step in filter(None, (KEYS.get(word, word), index)):
        inner: Node | None = None
        if isinstance(node, Mapping):
            inner = node.entries.get(step)
        elif isinstance(node, Sequence) and step.isdigit() and 0 < int(step) <= len(node.entries):
            inner = node.entries[int(step) - 1]
        if inner is None:
            break
        node = inner
    return node.line, node.column
