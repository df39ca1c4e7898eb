"""Groups of exchanges are let through only where they leave every row of a paper whole."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from qbank.assemble.compensate import holding
from qbank.assemble.standing import Rows


def test_a_group_of_exchanges_holds_where_the_recounted_rows_are_within_their_bounds() -> None:
    rng = np.random.default_rng(3)
    columns = rng.integers(0, 3, (12, 4)).astype(np.float64)
    paper = np.arange(5)
    totals = columns[paper].sum(axis=0)
    rows = Rows(sparse.csr_matrix(columns), totals, totals - 1, totals + 1, weight=np.ones(4), step=np.full(4, np.nan))
    outs, ins = rng.integers(0, 5, (200, 2)), rng.integers(5, 12, (200, 2))
    after = totals + columns[ins].sum(axis=1) - columns[outs].sum(axis=1)
    expected = ((after >= rows.low) & (after <= rows.high)).all(axis=1)
    assert 0 < expected.sum() < 200
    assert holding(rows, outs, ins).tolist() == expected.tolist()
