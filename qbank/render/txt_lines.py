"""Lines of plain text: the head of a part, labels with text under themselves, tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qbank.core.presentation import Paper, SharedText
from qbank.messages import text
from qbank.render.labels import conditions, shared_label
from qbank.render.readable import readable, width, wrapped

COLUMNS = 78
INDENT = 5


def centred(words: str) -> str:
    """Return the words in the middle of the line."""
    return " " * max(0, (COLUMNS - width(words)) // 2) + words


def hanging(label: str, words: str, indent: int) -> Iterator[str]:
    """Yield a label and its text, wrapped under itself."""
    lines = [line for one in words.split("\n") for line in wrapped(one, COLUMNS - indent)]
    first = label + " " * max(0, indent - width(label))
    yield (first + lines[0]).rstrip()
    for line in lines[1:]:
        yield " " * indent + line


def head(paper: Paper, title: str, part: str = "") -> Iterator[str]:
    """Yield the lines above the first section; ``part`` is the part's word in the catalogue.

    Sheets of tasks have times and marks of their own, not those of the paper.
    """
    yield centred(f"{title} {text(paper.language, f'paper.{part}')}" if part else title)
    yield centred(paper.subject)
    shown = "" if part.startswith("task") else "   " + conditions(paper)
    yield centred(text(paper.language, "paper.paper_code", code=paper.code) + shown)
    yield ""


def shared_lines(paper: Paper, shared: SharedText) -> Iterator[str]:
    """Yield the lines of a stimulus: whom it is for, its title, its text."""
    yield from wrapped(shared_label(paper, shared), COLUMNS)
    yield ""
    if shared.title:
        yield centred(readable(shared.title))
    for line in readable(shared.text).split("\n"):
        yield from (INDENT * " " + one for one in wrapped(line, COLUMNS - 2 * INDENT))
    yield ""


def table_lines(names: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int]) -> Iterator[str]:
    """Yield a table whose cells wrap in their columns, a rule under its head."""
    yield from row_lines(names, widths)
    yield "  ".join("-" * columns for columns in widths)
    for row in rows:
        yield from row_lines(row, widths)


def row_lines(cells: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    """Yield the lines of one row."""
    wraps = [
        [line for one in cell.split("\n") for line in wrapped(one, columns)]
        for cell, columns in zip(cells, widths, strict=True)
    ]
    for number in range(max(map(len, wraps))):
        parts = [lines[number] if number < len(lines) else "" for lines in wraps]
        yield "  ".join(
            part + " " * (columns - width(part)) for part, columns in zip(parts, widths, strict=True)
        ).rstrip()
