"""What is wrong with a user's data, as values: a position, a code, and the facts that a message needs.

A problem carries no sentence. Its code and arguments are turned into Chinese or English by
`qbank.messages` at the outermost ring, so the same problem reads in either language.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place in a text file: path as the user named it, line and column counted from 1 (0 = whole file)."""

    path: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}" if self.line else self.path


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: ``code`` names it (``Q104``), ``facts`` fill its message, ``related`` points at other places."""

    code: str
    severity: Severity
    span: Span
    facts: tuple[tuple[str, str], ...] = field(default=())
    related: tuple[Span, ...] = field(default=())


def error(code: str, span: Span, /, *, related: tuple[Span, ...] = (), **facts: object) -> Problem:
    """Return an error: something must change before the data can be used.

    >>> error("Q104", Span("a.yaml", 3, 5), key="E", options="A, B").facts
    (('key', 'E'), ('options', 'A, B'))
    """
    return Problem(code, "error", span, tuple((name, str(value)) for name, value in facts.items()), related)


def warning(code: str, span: Span, /, *, related: tuple[Span, ...] = (), **facts: object) -> Problem:
    """Return a warning: usable as it is, but somebody should look."""
    return Problem(code, "warning", span, tuple((name, str(value)) for name, value in facts.items()), related)


def note(code: str, span: Span, /, *, related: tuple[Span, ...] = (), **facts: object) -> Problem:
    """Return a note: nothing is wrong, but a reader of style would say something."""
    return Problem(code, "note", span, tuple((name, str(value)) for name, value in facts.items()), related)


def has_errors(problems: list[Problem] | tuple[Problem, ...]) -> bool:
    """Return whether any problem is an error."""
    return any(problem.severity == "error" for problem in problems)
