"""One row of a delivered bank's table, and a row while it is turned into a draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from qbank.files.interchange.columns import TITLES
from qbank.problem import Problem, Span, error

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line (CSV) or number (XLSX), its cells, the indices of those that hold a formula, and of those that
    show something else than they hold (50 %, a date)."""

    line: int
    cells: Sequence[str | None]
    formulas: frozenset[int] = frozenset()
    shown_otherwise: frozenset[int] = frozenset()


@dataclass(slots=True)
class Line:
    """A row while it is turned into a draft: cells by key, and where they stand."""

    name: str
    line: int
    cells: dict[str, str]
    columns: Mapping[str, int]
    problems: list[Problem] = field(default_factory=list)
    places: dict[tuple[int | str, ...], tuple[int, int]] = field(default_factory=dict)

    def span(self, key: str) -> Span:
        return Span(self.name, self.line, self.columns.get(key, 1))

    def take(self, key: str, *steps: int | str) -> str:
        """Return a cell and remember that the keys that the steps lead to stand there."""
        self.places[steps or (key,)] = (self.line, self.columns.get(key, 1))
        return self.cells.get(key, "")

    def wrong(self, key: str) -> None:
        cell = self.cells.get(key, "")
        self.problems.append(error("I113", self.span(key), column=TITLES.get(key, key), found=cell[:60]))
