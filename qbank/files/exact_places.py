r"""Where a character of a text stands in the file, whatever the way the text is written: plain, quoted, block, folded.

The text and the file are read side by side: line ends and indents that YAML folds are passed over, escapes and doubled
quotes count as the one character that they mean. Nothing here knows more of YAML than that.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from pathlib import Path

from qbank.problem import Span

_SPACES = " \t\r\n\x85\u2028\u2029"
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_NAMED = {"0": "\0", "a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b",
          "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029"}  # fmt: skip
_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


@lru_cache(maxsize=4)
def _lines(path: str, size: int, changed: int) -> tuple[str, tuple[int, ...]] | None:
    """Return a file's text and where its lines begin; date and size tell an edited file."""
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError, ValueError):
        return None
    return text, line_starts(text)


def line_starts(text: str) -> tuple[int, ...]:
    """Return where each line of a text begins, lines as YAML breaks them."""
    return (0, *(match.end() for match in _LINE_END.finditer(text)))


def exact_span(span: Span, text: str, offset: int) -> Span:
    """Return where the character ``offset`` of a text stands whose value begins at ``span``; the span where that is not found.

    The file is read again: few texts have anything amiss.
    """
    try:
        state = Path(span.path).stat()
    except (OSError, ValueError):
        return span
    read = _lines(span.path, state.st_size, state.st_mtime_ns)
    if read is None or not 0 < span.line <= len(read[1]):
        return span
    found = position_in(*read, (span.line, span.column), text, offset)
    return Span(span.path, *found) if found else span


def position_in(
    source: str, starts: tuple[int, ...], start: tuple[int, int], text: str, offset: int
) -> tuple[int, int] | None:
    r"""Return line and column of a character of a text whose value begins at line and column ``start``, or nothing.

    >>> source = 'stem: "ab\\n\n  cd"'
    >>> position_in(source, line_starts(source), (1, 7), "ab\ncd", 3)
    (2, 3)
    """
    at = starts[start[0] - 1] + start[1] - 1
    style = source[at : at + 1]
    if style and style in "|>":
        end = _LINE_END.search(source, at)
        if end is None:
            return None
        at = end.end()
    elif style and style in "'\"":
        at += 1
    else:
        style = ""
    for n, character in enumerate(text):
        if n > offset:
            return None
        at, after = _match(source, at, character, style)
        if after < 0:
            return None
        if n == offset:
            break
        at = after
    line = bisect_right(starts, at)
    return line, at - starts[line - 1] + 1


def _match(source: str, at: int, character: str, style: str) -> tuple[int, int]:
    """Return where the next character of a text stands, and the place after it; −1 where it is not the next one."""
    if character in " \n" and source[at : at + 1] and source[at] in _SPACES:
        return (at, at + 1) if character == " " else _break(source, at)
    while True:
        while at < len(source) and source[at] in _SPACES and source[at] != character:
            at += 1
        if style == '"' and source[at : at + 1] == "\\":
            escape = _ESCAPE.match(source, at)
            if escape is None:
                return at, -1
            if escape[4] and escape[4] in _SPACES:  # a line that goes on in the next
                at = escape.end()
                continue
            code = escape[1] or escape[2] or escape[3]
            meant = chr(min(int(code, 16), 0x10FFFF)) if code else _NAMED.get(escape[4], escape[4])
            return at, escape.end() if meant == character else -1
        if style == "'" and source.startswith("''", at):
            return at, at + 2 if character == "'" else -1
        return at, at + 1 if source[at : at + 1] == character else -1


def _break(source: str, at: int) -> tuple[int, int]:
    """Return the end of a line and the place after it; blanks before it are passed over."""
    while at < len(source) and source[at] in " \t":
        at += 1
    end = _LINE_END.match(source, at)
    return (at, end.end()) if end else (at, at)
