"""What is wrong with the cells of a table: collected as whole columns, told in the order of the file, and not endlessly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qbank.files.answers.table import AnswerTable
from qbank.problem import Problem, error, has_errors, warning

MOST = 200
"""Problems of one code that are listed; of the others only the number is told."""

ODD = frozenset({"R201", "R205", "R208", "R209"})
"""Codes of what somebody should look at, though it can be taken in."""
HOLDING = frozenset({"R215", "R216", "R217", "R218", "R219"})
"""Codes of cells that hold something else than they show."""

Rows = NDArray[np.int64]


@dataclass(slots=True)
class Findings:
    """The problems of one table while it is read.

    Of a hundred thousand wrong cells two hundred become problems: those that stand first in the file.
    """

    table: AnswerTable
    general: list[Problem] = field(default_factory=list)
    _cells: list[tuple[str, Rows, int, Callable[[int], Problem]]] = field(default_factory=list)

    def add(self, problem: Problem) -> None:
        """Add a problem of the file or its header."""
        self.general.append(problem)

    def cells(self, code: str, rows: NDArray[np.integer], column: int, told: Callable[[int], Problem]) -> None:
        """Add a problem for each row of the table at a column; ``told`` gives the one of a row.

        A cell that holds something else than it shows is told as that alone.
        """
        if self.table.odd and code not in HOLDING:
            rows = rows[np.array([(row, column) not in self.table.odd for row in rows.tolist()], dtype=bool)]
        if rows.size:
            self._cells.append((code, rows.astype(np.int64), column, told))

    def any(self) -> bool:
        """Return whether a cell or anything else is wrong; warnings do not count."""
        return any(code not in ODD for code, *_ in self._cells) or has_errors(self.general)

    def count(self, code: str) -> int:
        """Return the number of cells with a problem of that code."""
        return sum(rows.size for name, rows, _, _ in self._cells if name == code)

    def problems(self) -> list[Problem]:
        """Return all: those of the header first, then cell by cell, then how many of a kind were left out.

        What only looks odd is told where nothing is wrong.
        """
        if self.any():
            self.general = [problem for problem in self.general if problem.code not in ODD]
            self._cells = [entry for entry in self._cells if entry[0] not in ODD]
        return [*self.general, *self._told()]

    def _told(self) -> list[Problem]:
        found: list[Problem] = []
        more: list[Problem] = []
        for code, n in Counter(code for code, *_ in self._cells).items():
            entries = [entry for entry in self._cells if entry[0] == code]
            rows = np.concatenate([entry[1] for entry in entries])
            source = np.repeat(np.arange(n), [entry[1].size for entry in entries])
            column = np.array([entry[2] for entry in entries])[source]
            order = np.lexsort((column, rows))
            found += [entries[source[k]][3](int(rows[k])) for k in order[:MOST].tolist()]
            if rows.size > MOST:
                at = self.table.span(int(rows[order[MOST]]), int(column[order[MOST]]))
                told = warning if code in ODD else error
                more.append(told("R113", at, most=MOST, code=code, n=rows.size - MOST))
        found.sort(key=lambda problem: (problem.span.line, problem.span.column))
        return found + more
