"""Where the parts of a GIFT file begin and end, and its escapes."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ESCAPED = re.compile(r"\\([\\~=#{}:n])")
_BARE = {marks: re.compile(rf"\\.|[{re.escape(marks)}]", re.DOTALL) for marks in ("=", "#", "~", "{", "}", "=~", ":")}
_RESERVED = re.compile(r"[\\~=#{}:]")


def unescaped(text: str) -> str:
    """Return text without escapes; ``\\n`` is a line break.

    >>> print(unescaped(r"a\\:b \\frac \\\\nu"))
    a:b \\frac \\nu
    """
    return _ESCAPED.sub(lambda match: "\n" if match.group(1) == "n" else match.group(1), text)


def escaped(text: str) -> str:
    """Return text as GIFT holds it, on one line.

    >>> print(escaped("R=3: x"))
    R\\=3\\: x
    """
    return _RESERVED.sub(r"\\\g<0>", text).replace("\n", "\\n")


@dataclass(frozen=True, slots=True)
class Block:
    """One question: line where it begins, its text, the comments above it, the category that it stands in."""

    line: int
    text: str
    comments: tuple[str, ...]
    category: str


def blocks_of(text: str) -> list[Block]:
    """Return the questions of a file: empty lines part them, ``//`` begins a comment line, ``$CATEGORY:`` a category."""
    blocks: list[Block] = []
    comments: list[str] = []
    lines: list[str] = []
    category, first = "", 0
    for number, line in enumerate([*text.split("\n"), ""], start=1):
        words = line.strip()
        if words.startswith("//"):
            comments.append(words[2:].strip())
        elif words.startswith("$CATEGORY:") and not lines:
            category = words.removeprefix("$CATEGORY:").strip()
            comments = []
        elif words:
            first = first or number
            lines.append(line)
        elif lines:
            blocks.append(Block(first, "\n".join(lines), tuple(comments), category))
            lines, comments, first = [], [], 0
    return blocks


def find_bare(text: str, marks: str, start: int = 0) -> int:
    """Return where one of the marks stands unescaped, or −1.

    >>> find_bare(r"a\\=b=c", "=")
    4
    """
    pattern = _BARE[marks]
    while (match := pattern.search(text, start)) is not None:
        if match.group()[0] != "\\":
            return match.start()
        start = match.end()
    return -1


def split_bare(text: str, mark: str) -> list[str]:
    """Return the parts between unescaped marks.

    >>> len(split_bare(r"a\\#b#c", "#"))
    2
    """
    parts, start = [], 0
    while (at := find_bare(text, mark, start)) >= 0:
        parts.append(text[start:at])
        start = at + 1
    return [*parts, text[start:]]
