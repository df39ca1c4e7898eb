"""Pearson's chi-square of tables with sparse cells, which join their neighbours."""

from dataclasses import dataclass

from qbank.irt.models import FloatArray

Row = tuple[list[float], list[float]]


@dataclass(frozen=True, slots=True)
class CellFit:
    """chi2: sum of (O - E)^2 / E over the cells left;  df: cells less rows, before parameters."""

    chi2: float
    df: int


def cell_fit(observed: FloatArray, expected: FloatArray, least: float) -> CellFit:
    """Return the fit of a table, (n_rows, n_categories) both, once every cell expects `least` persons or more.

    First within each row: while it has more than two cells and one that is too small, the smallest joins its
    neighbour, the smaller one if it has two. Then across rows: the lowest row with a cell that is too small joins
    the neighbouring row of fewer persons (the lower one of equals), cell by cell from the outer end.

    >>> import numpy as np
    >>> cell_fit(np.array([[6.0, 4.0], [0.0, 1.0]]), np.array([[4.5, 5.5], [0.5, 0.5]]), 1.0).df
    1
    """
    rows = [
        _row(o, e, least) for o, e in zip(observed.tolist(), expected.tolist(), strict=True) if sum(e) > 0
    ]
    rows = _joined(rows, least)
    chi2 = sum((o - e) ** 2 / e for row in rows for o, e in zip(*row, strict=True))
    return CellFit(chi2, sum(len(row[0]) - 1 for row in rows))


def _row(observed: list[float], expected: list[float], least: float) -> Row:
    """Return a row whose sparse cells have joined their neighbours, as long as two are left."""
    while len(expected) > 2 and min(expected) < least:
        cell = expected.index(min(expected))
        if cell == 0:
            other = 1
        elif cell == len(expected) - 1 or expected[cell - 1] <= expected[cell + 1]:
            other = cell - 1
        else:
            other = cell + 1
        for row in (observed, expected):
            row[other] += row[cell]
            del row[cell]
    return observed, expected


def _joined(rows: list[Row], least: float) -> list[Row]:
    """Return the rows, none with a cell below `least`; none at all if even their sum is too sparse."""
    row = 0
    while row < len(rows):
        if min(rows[row][1]) >= least:
            row += 1
            continue
        if len(rows) == 1:
            return []
        if row == 0:
            low = 0
        elif row == len(rows) - 1 or sum(rows[row - 1][0]) <= sum(rows[row + 1][0]):
            low = row - 1
        else:
            low = row
        rows[low : low + 2] = [_sum(rows[low], rows[low + 1], from_low=low == row)]
        row = low
    return rows


def _sum(one: Row, other: Row, *, from_low: bool) -> Row:
    """Return the sum of two rows cell by cell, counted from the lowest or from the highest cell."""
    n = max(len(one[0]), len(other[0]))

    def longer(cells: list[float]) -> list[float]:
        missing = [0.0] * (n - len(cells))
        return cells + missing if from_low else missing + cells

    observed, expected = (
        [a + b for a, b in zip(longer(one[part]), longer(other[part]), strict=True)] for part in (0, 1)
    )
    return observed, expected
