"""The compiled form of a blueprint: binaries x[item, form], labelled rows ``low ≤ A x ≤ high``, one cost."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from qbank.problem import Span

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Row:
    """One side of a rule: coefficients over columns, bounds, and the rule's words."""

    columns: NDArray[np.int64]
    values: Array
    low: float
    high: float
    label: str
    origin: Span
    hard: bool = False


@dataclass(frozen=True, slots=True)
class Program:
    """Minimise ``cost · x`` subject to labelled rows; the first ``n_binaries`` columns are 0/1."""

    cost: Array
    matrix: sparse.csr_matrix
    low: Array
    high: Array
    lower: Array
    upper: Array
    integer: NDArray[np.bool_]
    labels: tuple[str, ...]
    origins: tuple[Span, ...]
    hard: NDArray[np.bool_]


@dataclass(slots=True)
class Draft:
    """A program under construction: columns are claimed, rows are added, then it is frozen."""

    n_items: int
    n_forms: int
    rows: list[Row] = field(default_factory=list)
    cost: list[float] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    integer: list[bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        n = self.n_items * self.n_forms
        self.cost, self.integer = [0.0] * n, [True] * n
        self.lower, self.upper = [0.0] * n, [1.0] * n

    def column(self, item: int, form: int) -> int:
        """Return the column of x[item, form]."""
        return form * self.n_items + item

    def form_columns(self, form: int, items: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the columns of several items in one form."""
        return form * self.n_items + items

    def claim(self, *, cost: float, lower: float, upper: float, integer: bool = False) -> int:
        """Return the index of a new column."""
        self.cost.append(cost)
        self.lower.append(lower)
        self.upper.append(upper)
        self.integer.append(integer)
        return len(self.cost) - 1

    def add(self, row: Row) -> None:
        """Add one labelled row; a row without coefficients whose bounds admit 0 is left out."""
        if row.columns.size or row.low > 0 or row.high < 0:
            self.rows.append(row)

    def freeze(self) -> Program:
        """Return the program as sparse arrays."""
        n_columns = len(self.cost)
        indptr = np.cumsum([0, *(row.columns.size for row in self.rows)])
        indices = np.concatenate([row.columns for row in self.rows]) if self.rows else np.zeros(0, np.int64)
        data = np.concatenate([row.values for row in self.rows]) if self.rows else np.zeros(0)
        matrix = sparse.csr_matrix((data, indices, indptr), shape=(len(self.rows), n_columns))
        return Program(
            np.array(self.cost), matrix,
            np.array([row.low for row in self.rows]), np.array([row.high for row in self.rows]),
            np.array(self.lower), np.array(self.upper), np.array(self.integer),
            tuple(row.label for row in self.rows), tuple(row.origin for row in self.rows),
            np.array([row.hard for row in self.rows], dtype=np.bool_),
        )  # fmt: skip
