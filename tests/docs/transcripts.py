"""Transcripts in the manual: read from a page, run again, compared line by line, or rewritten with the page's own elisions.

A transcript is a fenced block whose first line begins with ``$ ``. A line that is only ``…`` stands for any number of
lines that the page leaves out. Of a block all commands are run, even where it does not show what they print, but a block
that shows nothing at all is an example to type and is left alone.
"""

from __future__ import annotations

import contextlib
import difflib
import io
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from qbank.cli.__main__ import main

BLOCK = re.compile(r"^```\n(\$ .*?\n)```$", re.MULTILINE | re.DOTALL)
MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
"""the time of day at which something was done, the one thing that no second run can print again"""


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


def shown(command: str, language: str) -> list[str]:
    """Return what a command prints on both streams, line by line; in the page's language unless the command names one."""
    words = shlex.split(command)
    assert words[0] == "qbank", command
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(out), contextlib.suppress(SystemExit):
        main(words[1:] if "--lang" in words else ["--lang", language, *words[1:]])
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
    return not told or re.fullmatch("".join(parts), "".join(moment_out(line) + "\n" for line in printed)) is not None


def line_as_expression(line: str) -> str:
    """Return an expression for a line in which ``…`` is any text."""
    return re.sub("…+", ".*", re.escape(moment_out(line)))


def moment_out(line: str) -> str:
    """Return a line without the times of day in it, the width kept."""
    return MOMENT.sub("0000-00-00 00:00:00", line.rstrip())


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
    printed = [next((line for line in short if re.fullmatch(line_as_expression(line), moment_out(now))), now) for now in printed]
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
