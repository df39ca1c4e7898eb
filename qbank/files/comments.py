"""Comments that allow something, read from the text of an items file.

``# allow: W106 操作规程原文如此`` within an item's lines, or directly above them, is about that item; above ``items:`` it
is about the whole file. What looks like one inside a stem or a rationale is text, not a comment.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from qbank.core.opt_out import OptOut
from qbank.files.disk import BOM
from qbank.files.yaml_text import Mapping, Node, Sequence, scalar_spans, split_lines
from qbank.problem import Span

_WORD = r"[A-Za-z]+[0-9][A-Za-z0-9]*"
_COMMENT = re.compile(
    rf"(?:^|(?<=\s))#\s*allow(?:\s*[:：]|(?=\s+{_WORD}))\s*(?P<codes>{_WORD}(?:\s*[,，、]\s*{_WORD})*)?[\s:：—–-]*(?P<reason>.*)$"
)
_CODE = re.compile(_WORD)


def read_opt_outs(data: bytes, node: Node, path: str) -> list[OptOut]:
    """Return what the comments of an items file allow, in the order of lines; ``node`` is the tree of its text.

    >>> from qbank.files.yaml_text import parse_yaml
    >>> text = "items:\\n  - id: Q-1\\n    stem: x # allow: W101, W102 as the manual has it\\n"
    >>> found = read_opt_outs(text.encode(), parse_yaml(text, "a")[0], "a")
    >>> [(entry.codes, entry.reason, entry.last) for entry in found]
    [((('W101', Span(path='a', line=3, column=22)), ('W102', Span(path='a', line=3, column=28))), 'as the manual has it', 4)]
    """
    if b"allow" not in data:
        return []
    text = data.decode("utf-8").removeprefix(BOM)
    lines = split_lines(text)
    found = [(number, match) for number, line in enumerate(lines, 1) for match in _COMMENT.finditer(line)]
    if not found:
        return []
    scalars = scalar_spans(text)
    starts = [start for start, _ in scalars]
    head, areas = _areas(node, lines)
    opt_outs = []
    for number, match in found:
        place = (number - 1, match.start())
        before = bisect_right(starts, place) - 1
        if before >= 0 and scalars[before][0] <= place < scalars[before][1]:
            continue
        first, last = _area(number, head, areas, len(lines))
        codes = tuple(
            (code.group().upper(), Span(path, number, match.start("codes") + code.start() + 1))
            for code in _CODE.finditer(match["codes"] or "")
        )
        opt_outs.append(OptOut(Span(path, number, match.start() + 1), codes, match["reason"].strip(), first, last))
    return opt_outs


def _areas(node: Node, lines: list[str]) -> tuple[int, list[int]]:
    """Return the line of ``items:`` and the first line of each item's area, comments directly above included."""
    entries = node.entries.get("items") if isinstance(node, Mapping) else None
    if not isinstance(node, Mapping) or not isinstance(entries, Sequence):
        return len(lines) + 1, []
    head = node.keys["items"][0]
    areas = []
    for entry in entries.entries:
        first, dash = entry.line, lines[entry.line - 1].find("-")
        while first - 1 > head and _is_comment(lines[first - 2], dash):
            first -= 1
        areas.append(first)
    return head, areas


def _is_comment(line: str, dash: int) -> bool:
    """Return whether a line is a comment no deeper than the item's dash; deeper ones belong to the item before."""
    return line.lstrip().startswith("#") and len(line) - len(line.lstrip()) <= dash


def _area(number: int, head: int, areas: list[int], n_lines: int) -> tuple[int, int]:
    item = bisect_right(areas, number) - 1
    if item < 0 or number < head:
        return 1, n_lines
    return areas[item], areas[item + 1] - 1 if item + 1 < len(areas) else n_lines
