"""The cells of answers by person and question, whether the table has one row a person or one row a response."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbank.files.answers.columns import Column, blank_column, column_of
from qbank.files.answers.table import AnswerTable

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of answers of some persons.

    columns : item or printed number → the cells of all persons ; rows : (n_persons,) or, by name, (n_persons,) rows of
    the table where the cells stand ; at : name → column of the frame ; marks : the names whose cells are marks
    """

    n_persons: int
    columns: Mapping[str, Column]
    rows: Mapping[str, Rows]
    at: Mapping[str, int]
    marks: frozenset[str]

    def column(self, name: str) -> Column:
        """Return the cells of all persons for a question, blank where it has none."""
        return self.columns[name] if name in self.columns else blank_column(self.n_persons)


def wide_grid(table: AnswerTable, answers: Mapping[str, int], rows: Rows, marks: frozenset[str]) -> Grid:
    """Return the cells of a table with one row a person.

    answers : item or printed number → column of the frame ; rows : of the table, one a person
    """
    columns = {name: column_of(table.frame.to_series(at)).take(rows) for name, at in answers.items()}
    return Grid(rows.size, columns, dict.fromkeys(answers, rows), answers, marks)
