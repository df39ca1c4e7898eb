"""A table of answers as it stood in a file: every cell a text, and where it stood."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qbank.problem import Problem, Span, error


@dataclass(frozen=True, slots=True)
class AnswerTable:
    """One table of answers, whichever file it came from.

    path : as messages show it ; sheet : of a workbook, else "" ; frame : (n_rows, n_columns), every column String
        without null, called as its header ; lines : int64 (n_rows,) the line or spreadsheet row of each row ; columns :
        the column in the file of each column of the frame, from 1 ; head : the line of the header
    """

    path: str
    sheet: str
    frame: pl.DataFrame
    lines: NDArray[np.int64]
    columns: tuple[int, ...]
    head: int = 1

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
