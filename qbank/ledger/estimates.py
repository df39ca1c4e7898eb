"""What the current calibration of one sitting says of its items."""

from __future__ import annotations

from sqlalchemy import select

from qbank.core.history import Estimate
from qbank.ledger import tables
from qbank.ledger.calibrations import number
from qbank.ledger.engine import Ledger


def estimates_of(ledger: Ledger, sitting: str) -> dict[str, Estimate]:
    """Return by item the estimates of the calibration of a sitting that holds, {} where it has none."""
    p, c = tables.parameter.c, tables.calibration.c
    with ledger.read() as connection:
        rows = connection.execute(
            select(tables.parameter, c.scale)
            .join(tables.calibration, c.id == p.calibration)
            .where(c.sitting == sitting, c.current)
            .order_by(p.item)
        ).all()
    return {
        row.item: Estimate(
            row.fingerprint, row.model, row.scale, {n: number(v) for n, v in row._mapping["values"].items()},
            {n: number(v) for n, v in row.errors.items()}, row.n_answers, sitting, row.n_categories, (),
            tuple(float(share) for share, _ in row.categories), tuple(float(top) for _, top in row.categories),
        )
        for row in rows
    }  # fmt: skip
