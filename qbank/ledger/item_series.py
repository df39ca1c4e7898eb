"""All items over all sittings as columns: what a search for drift reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Text, cast, select

from qbank.ledger import tables
from qbank.ledger.calibrations import number, present_scales
from qbank.ledger.engine import Ledger
from qbank.ledger.values import location_of, parsed


@dataclass(frozen=True, slots=True, eq=False)
class ItemSeries:
    """One row an item revision × sitting that was analysed, by item and revision, oldest first.

    n : (n_rows,) answers ; facility : (n_rows,), NaN where unknown
    """

    items: tuple[str, ...]
    fingerprints: tuple[str, ...]
    sittings: tuple[str, ...]
    dates: tuple[str, ...]
    n: NDArray[np.int64]
    facility: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class EstimateSeries:
    """One row an item revision × calibration on the present scale, by item and revision, oldest first; what was held
    as an anchor is left out, as it repeats an earlier one. b, error : (n_rows,)"""

    items: tuple[str, ...]
    fingerprints: tuple[str, ...]
    sittings: tuple[str, ...]
    dates: tuple[str, ...]
    b: NDArray[np.float64]
    error: NDArray[np.float64]


def item_series(ledger: Ledger) -> ItemSeries:
    """Return every analysed use of every item; rows of one revision stand together."""
    u, s = tables.item_use.c, tables.sitting.c
    query = (
        select(u.item, u.fingerprint, u.sitting, s.date, u.n, u.facility)
        .join(tables.sitting, s.id == u.sitting)
        .order_by(u.item, u.fingerprint, s.date, u.sitting)
    )
    with ledger.read() as connection:
        rows = connection.execute(query).all()
    items, prints, sittings, dates, n, facility = zip(*rows, strict=True) if rows else ((),) * 6
    return ItemSeries(
        items, prints, sittings, dates, np.array(n, np.int64), np.array([number(value) for value in facility], np.float64)
    )


def estimate_series(ledger: Ledger, *, sitting: str = "") -> EstimateSeries:
    """Return every estimate that calibrations of the present scale of their bank made anew; rows of one revision stand together.

    sitting : only the items that its analysis has; those of all sittings if none is given
    """
    p, c, s = tables.parameter.c, tables.calibration.c, tables.sitting.c
    query = (
        select(
            p.item, p.fingerprint, c.sitting, s.date, cast(p["values"], Text), cast(p.errors, Text), c.scale, s.bank
        )
        .join(tables.calibration, c.id == p.calibration)
        .join(tables.sitting, s.id == c.sitting)
        .where(c.current)
        .order_by(p.item, p.fingerprint, s.date, c.sitting, c.number)
    )
    if sitting:
        query = query.where(p.item.in_(select(tables.item_use.c.item).where(tables.item_use.c.sitting == sitting)))
    with ledger.read() as connection:
        scales = present_scales(connection)
        rows = [row[:6] for row in connection.execute(query) if row.scale == scales[row.bank]]
    # What repeats an earlier estimate to the last digit was held; equal values have equal texts.
    first = {(row[1], row[4]): n for n, row in reversed(list(enumerate(rows)))}
    kept = [rows[n] for n in sorted(first.values())]
    items, prints, sittings, dates, values, errors = zip(*kept, strict=True) if kept else ((),) * 6
    places = [location_of(own, error) for own, error in zip(_parsed(values), _parsed(errors), strict=True)]
    b, error = np.array(places, np.float64).reshape(-1, 2).T
    return EstimateSeries(items, prints, sittings, dates, b, error)


def _parsed(texts: Sequence[str]) -> list[dict[str, float]]:
    """Return objects of numbers; null is NaN."""
    return [{name: number(value) for name, value in one.items()} for one in parsed(texts)]
