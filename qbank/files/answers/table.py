"""A table of answers as it stood in a file: every cell a text, and where it stood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qbank.problem import Problem, Span, error

Odd = Literal["shown", "formula", "error", "long", "merged"]
"""A date or percentage, a formula never calculated, #N/A and the like, a number that lost digits, a merged cell."""


@dataclass(frozen=True, slots=True)
class AnswerTable:
    """One table of answers, whichever file it came from.

    path : as messages show it ; sheet : of a workbook, else "" ; frame : (n_rows, n_columns), every column String or
        Categorical, null or "" where nothing stands, called as its header ; lines : int64 (n_rows,) the line or
        spreadsheet row of each row ; columns : the column in the file of each column of the frame, from 1 ; head : the
        line of the header ; odd : (row, column) of the frame → what a cell holds otherwise than it shows ; titles : the
        header where the columns of the frame have other names, as the same title may stand twice
    """

    path: str
    sheet: str
    frame: pl.DataFrame
    lines: NDArray[np.int64]
    columns: tuple[int, ...]
    head: int = 1
    odd: Mapping[tuple[int, int], Odd] = field(default_factory=dict)
    titles: tuple[str, ...] = ()

    @property
    def header(self) -> tuple[str, ...]:
        """Return the title of each column."""
        return self.titles or tuple(self.frame.columns)

    def wrong(self, code: str, row: int, column: int, /, **facts: object) -> Problem:
        """Return an error at a cell of the frame; row −1 is the header.

        >>> table = AnswerTable("a.csv", "", pl.DataFrame({"person": ["P1"]}), np.array([2]), (1,))
        >>> str(table.wrong("R112", 0, 0, found="?").span)
        'a.csv:2:1'
        """
        return error(code, self.span(row, column), related=(), **facts)

    def span(self, row: int, column: int) -> Span:
        """Return where a cell of the frame stands; row −1 is the header."""
        path = f"{self.path}#{self.sheet}" if self.sheet else self.path
        return Span(path, self.head if row < 0 else int(self.lines[row]), self.columns[column] if self.columns else 1)
