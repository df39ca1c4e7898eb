"""Transcripts in the manual: read from a page, run again, compared line by line, or rewritten with the page's own elisions.

A transcript is a fenced block whose first line begins with ``$ ``. A line that is only ``…`` stands for any number of
lines that the page leaves out. Of a block all commands are run, even where it does not show what they print, but a block
that shows nothing at all is an example to type and is left alone.
"""

from __future__ import annotations

import contextlib
import difflib
import io
import os
import re
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from qbank.cli.__main__ import main

BLOCK = re.compile(r"^```\n(\$ .*?\n)```$", re.MULTILINE | re.DOTALL)
VARYING = {
    "the time of day at which something was done": (r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\b", "0000-00-00 00:00:00"),
    "the clock of the machine that receives": (r"^\d\d:\d\d:\d\d ", "00:00:00 "),
    "a SHA-256, of what is encrypted or bears a time": (r"\b[0-9a-f]{64}\b", "0" * 64),
    "the name of a commit": (r"^[0-9a-f]{12}(?= )", "0" * 12),
    "a digest cut short": (r"\b[0-9a-f]{24,}…", "0…"),
    "a digest of rows that bear a time": (r"(?<= )[0-9a-f]{16}$", "0" * 16),
    "the receipt of answers that bear a time": (r"(receipt|回执) [0-9a-f]{12}\b", r"\1 000000000000"),
    "what answers were scored upon": (r"(basis|依据) [0-9a-f]{16}\b", r"\1 0000000000000000"),
    "a public key": (r"\bage1[0-9a-z]{58}\b", "age1"),
    "a pseudonym": (r"\bp[a-z2-7]{16}\b", "p"),
    "the size of a database": (r"\b\d+\.\d [kM]B\b", "0.0 MB"),
    "the version of the database engine": (r"\bSQLite 3[.\d]+", "SQLite 3"),
    "the folder that the tests run in": (r"(?<=[ ：])/[^ ]*/(?=[^/ ]+$)", "…/"),
}
"""what no second run can print again: what it is → how it is found, and what stands in its place when lines are compared"""


@dataclass(frozen=True, slots=True)
class Told:
    """A command as the page shows it, the lines below it, and where these stand in the page's text."""

    command: str
    lines: tuple[str, ...]
    start: int
    end: int


def transcripts(page: str) -> Iterator[Told]:
    """Yield the commands of a page in order.

    >>> page = "Try:\\n\\n```\\n$ qbank a\\none\\n…\\n$ qbank b\\n```\\n"
    >>> [(told.command, told.lines) for told in transcripts(page)]
    [('qbank a', ('one', '…')), ('qbank b', ())]
    >>> page[10:].startswith("```\\n$ qbank b"), page[next(transcripts(page)).start :][:4]
    (False, 'one\\n')
    """
    for block in BLOCK.finditer(page):
        if all(line.startswith("$ ") for line in block.group(1).splitlines()):
            continue
        at = block.start(1)
        entries: list[tuple[str, list[str], int]] = []
        for line in block.group(1).splitlines(keepends=True):
            at += len(line)
            if line.startswith("$ "):
                entries.append((line[2:].strip(), [], at))
            else:
                entries[-1][1].append(line.rstrip("\n"))
        for command, lines, start in entries:
            yield Told(command, tuple(lines), start, start + sum(len(line) + 1 for line in lines))


class Typed(io.StringIO):
    """What is typed at a terminal: it is seen."""

    def readline(self, size: int | None = -1, /) -> str:
        line = super().readline(-1 if size is None else size)
        sys.stdout.write(line)
        return line


def shown(command: str, language: str, typed: str = "") -> list[str]:
    """Return what a command prints on both streams, line by line; in the page's language unless the command names one."""
    words = shlex.split(command, comments=True)
    if words[0] == "cd":
        os.chdir(words[1])
        return []
    assert words[0] == "qbank", command
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(out), contextlib.suppress(SystemExit):
        before, sys.stdin = sys.stdin, Typed(typed)
        try:
            main(words[1:] if "--lang" in words else ["--lang", language, *words[1:]])
        finally:
            sys.stdin = before
    text = out.getvalue().rstrip()
    return [line.rstrip() for line in text.split("\n")] if text else []


def is_gap(line: str) -> bool:
    """Return whether a line stands for lines that the page leaves out."""
    return line.strip() == "…"


def agrees(told: tuple[str, ...], printed: list[str]) -> bool:
    """Return whether the lines told are those printed, one after another but for what the page leaves out.

    Within a line ``…`` stands for any text, itself included: tables cut long titles short with it.

    >>> agrees(("a", "…", "c", "d"), ["a", "b", "c", "c", "d"]), agrees(("a", "…", "c"), ["a", "c", "d"])
    (True, False)
    >>> agrees((), ["whatever"]), agrees(("a",), ["a", "b"]), agrees(("at 2026-11-26 08:25:05",), ["at 2026-12-01 00:00:00"])
    (True, False, True)
    >>> agrees(("a, … 9 in all",), ["a, b, c 9 in all"]), agrees(("a, … 9 in all",), ["a, b, c 8 in all"])
    (True, False)
    """
    parts = ["(?:.*\n)*" if is_gap(line) else line_as_expression(line) + "\n" for line in told]
    return not told or re.fullmatch("".join(parts), "".join(lasting(line) + "\n" for line in printed)) is not None


def line_as_expression(line: str) -> str:
    """Return an expression for a line in which ``…`` is any text."""
    return re.sub("…+", ".*", re.escape(lasting(line)))


def lasting(line: str) -> str:
    """Return a line in which what varies from run to run is put out.

    >>> lasting("1*   2026-11-26 08:25:05  wang"), lasting("hash: " + "a7" * 32)[:12]
    ('1*   0000-00-00 00:00:00  wang', 'hash: 000000')
    """
    line = line.rstrip()
    for found, stead in VARYING.values():
        line = re.sub(found, stead, line)
    return line


def retold(told: tuple[str, ...], printed: list[str]) -> list[str]:
    """Return what is printed now with as many lines shown between the page's elisions as before.

    The first run of lines is taken from the beginning, the last one from the end, those between from where they are most
    like what stood there.

    >>> retold(("n 3", "…", "c 3 3", "…", "sum 3"), ["n 4", "a 4", "c 3 4", "d 4", "sum 4"])
    ['n 4', '…', 'c 3 4', '…', 'sum 4']
    >>> retold(("a, … 9 in all",), ["a, b, c 9 in all"])
    ['a, … 9 in all']
    >>> retold(("n 3", "…"), ["n 4", "rest"]), retold(("…", "sum 3"), ["n 4", "sum 4"]), retold(("a",), ["b", "c"])
    (['n 4', '…'], ['…', 'sum 4'], ['b', 'c'])
    """
    gaps = [place for place, line in enumerate(told) if is_gap(line)]
    short = [line for line in told if "…" in line and not is_gap(line)]
    printed = [next((line for line in short if re.fullmatch(line_as_expression(line), lasting(now))), now) for now in printed]
    if not gaps:
        return printed if told else []
    runs = [told[first + 1 : last] for first, last in zip([-1, *gaps], [*gaps, len(told)], strict=True)]
    found, at, left = [*printed[: len(runs[0])]], len(runs[0]), len(printed) - len(runs[-1])
    for gap, run in zip(gaps, runs[1:], strict=True):
        is_last = gap == gaps[-1]
        at = left if is_last else most_alike(run, printed, at, left)
        found += [told[gap], *printed[at : at + len(run)]]
        at += len(run)
    return found


def most_alike(run: tuple[str, ...], printed: list[str], first: int, last: int) -> int:
    """Return where from ``first`` on as many printed lines are most like a run of lines."""
    text = "\n".join(run)
    places = range(first, max(first, last - len(run)) + 1)
    return max(
        places, key=lambda at: difflib.SequenceMatcher(None, text, "\n".join(printed[at : at + len(run)]), autojunk=False).ratio()
    )
