"""Calibrations: their head, the parameters of each item revision, and what is only for planning."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from qbank.core.history import Estimate, Planned
from qbank.ledger import tables
from qbank.ledger.engine import Ledger, now
from qbank.ledger.flags import ItemFlag, put_flags
from qbank.ledger.gate import pass_within
from qbank.ledger.trail import record


@dataclass(frozen=True, slots=True)
class CalibrationRecord:
    """One calibration of a sitting.

    model : one word, or ``mixed`` ; settings : of the estimation, the seed among them ; versions : of the programs
    """

    sitting: str
    model: str
    scale: str
    ability_mean: float
    ability_sd: float
    log_likelihood: float
    gradient_norm: float
    converged: bool
    n_persons: int
    settings: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LinkRecord:
    """How one scale was carried onto another: ``to = slope * from + intercept``."""

    sitting: str
    method: str
    from_scale: str
    to_scale: str
    slope: float
    intercept: float
    anchors: tuple[str, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)


def write_calibration(
    ledger: Ledger, head: CalibrationRecord, estimates: Iterable[tuple[str, Estimate]], *,
    planned: Iterable[Planned] = (), links: Iterable[LinkRecord] = (), flags: Iterable[ItemFlag] = (),
    judged: Collection[str] | None = None,
) -> None:  # fmt: skip
    """Add a calibration beside the former ones of its sitting, and make it the one that holds.

    estimates : (item, estimate), at most one a fingerprint ; flags : of the sitting, in place of former ones of the items
    that were looked at (``judged``; None: all)
    """
    table = tables.calibration
    with ledger.begin() as connection:
        connection.execute(update(table).where(table.c.sitting == head.sitting).values(current=False))
        last = connection.execute(
            select(func.coalesce(func.max(table.c.number), 0)).where(table.c.sitting == head.sitting)
        ).scalar_one()
        id = f"{head.sitting}/{last + 1}"
        facts = {name: getattr(head, name) for name in head.__slots__}
        facts |= {"settings": dict(head.settings), "versions": dict(head.versions)}
        at = now()
        connection.execute(
            insert(table).values(id=id, number=last + 1, current=True, at=at, who=ledger.who, **facts)
        )
        rows = [
            {
                "calibration": id, "fingerprint": entry.fingerprint, "item": item, "model": entry.model,
                "n_categories": entry.n_categories, "values": _finite(entry.values), "errors": _finite(entry.errors),
                "covariance": [[finite(value) for value in row] for row in entry.covariance],
                "categories": [list(pair) for pair in zip(entry.shares, entry.tops, strict=True)],
                "n_answers": entry.n_answers,
            }
            for item, entry in estimates
        ]  # fmt: skip
        if rows:
            connection.execute(insert(tables.parameter), rows)
        plans = [_plan(plan, id) for plan in planned]
        if plans:
            connection.execute(insert(tables.planned), plans)
        for n, link in enumerate(links, start=1):
            values = {name: getattr(link, name) for name in link.__slots__}
            values |= {"anchors": list(link.anchors), "settings": dict(link.settings)}
            connection.execute(insert(tables.link).values(id=f"{id}/{n}", at=at, who=ledger.who, **values))
        flagged = put_flags(connection, head.sitting, flags, judged=judged)
        said = {"flags": flagged, "number": last + 1, "parameters": len(rows), **{n: facts[n] for n in ("model", "scale", "n_persons")}}
        said |= {"log_likelihood": head.log_likelihood}
        touched = ("calibration", "parameter", "planned", "link", "item_flag")
        record(connection, ledger, "calibrated", head.sitting, said, touched=touched)
        pass_within(connection, ledger, head.sitting, "calibrated")


def _plan(plan: Planned, calibration: str) -> dict[str, Any]:
    own = {name: getattr(plan, name) for name in plan.__slots__ if name not in ("sitting", "scale", "grade")}
    return {"calibration": calibration, "grade": finite(plan.grade)} | own


@dataclass(frozen=True, slots=True)
class StoredCalibration:
    """One calibration as it stands in the ledger; ``number`` counts those of a sitting, ``current`` is the one that holds.

    n_parameters, n_planned : items with estimates, and with difficulties for planning only
    """

    id: str
    number: int
    current: bool
    at: str
    who: str
    record: CalibrationRecord
    n_parameters: int
    n_planned: int


def calibrations_of(ledger: Ledger, sitting: str) -> tuple[StoredCalibration, ...]:
    """Return all calibrations of a sitting, the first one first."""
    c, p, q = tables.calibration.c, tables.parameter.c, tables.planned.c
    counted = [
        select(func.count()).select_from(of).where(column == c.id).scalar_subquery()
        for of, column in ((tables.parameter, p.calibration), (tables.planned, q.calibration))
    ]
    with ledger.read() as connection:
        rows = connection.execute(
            select(tables.calibration, *(n.label(name) for n, name in zip(counted, ("n", "m"), strict=True)))
            .where(c.sitting == sitting)
            .order_by(c.number)
        ).all()
    return tuple(
        StoredCalibration(
            row.id, row.number, bool(row.current), row.at, row.who,
            CalibrationRecord(**{name: getattr(row, name) for name in CalibrationRecord.__slots__}), row.n, row.m,
        )
        for row in rows
    )  # fmt: skip


def links_of(ledger: Ledger, sitting: str) -> tuple[LinkRecord, ...]:
    """Return how the calibrations of a sitting were carried onto the bank's scale, in the order they were made."""
    table = tables.link
    with ledger.read() as connection:
        rows = connection.execute(
            select(table).where(table.c.sitting == sitting).order_by(table.c.at, table.c.id)
        ).all()
    return tuple(
        LinkRecord(row.sitting, row.method, row.from_scale, row.to_scale, row.slope, row.intercept,
                   tuple(row.anchors), dict(row.settings))
        for row in rows
    )  # fmt: skip


def latest_calibration(
    ledger: Ledger, *, without: str = "", bank: str | None = None
) -> tuple[str, str, float, float] | None:
    """Return (sitting, scale, ability mean, ability SD) of the calibration of the latest sitting, if any.

    without : a sitting that is about to be calibrated again, as if it had not been yet
    bank : only sittings of this bank; None: of any
    """
    with ledger.read() as connection:
        return next((found for name, found in _latest_first(connection, without) if bank in (None, name)), None)


def present_scales(connection: Connection, *, without: str = "") -> dict[str, str]:
    """Return by bank the scale of its latest sitting that was calibrated.

    Each bank has a scale of its own: occupations that share no item share no scale, and a sitting of one says nothing
    about the estimates of another.
    """
    found: dict[str, str] = {}
    for bank, (_, scale, _, _) in _latest_first(connection, without):
        found.setdefault(bank, scale)
    return found


def _latest_first(connection: Connection, without: str) -> Iterator[tuple[str, tuple[str, str, float, float]]]:
    """Yield (bank, (sitting, scale, ability mean, ability SD)) of the calibrations that hold, the latest sitting first."""
    c, s = tables.calibration.c, tables.sitting.c
    query = (
        select(s.bank, c.sitting, c.scale, c.ability_mean, c.ability_sd)
        .join(tables.sitting, s.id == c.sitting)
        .where(c.sitting != without, c.current)
        .order_by(s.date.desc(), s.id.desc())
    )
    for bank, *found in connection.execute(query):
        yield bank, tuple(found)


def _finite(values: Mapping[str, float]) -> dict[str, float | None]:
    return {name: finite(value) for name, value in values.items()}


def finite(value: float) -> float | None:
    """Return a number, or None for one that JSON and SQL do not have."""
    return float(value) if math.isfinite(value) else None


def number(value: float | None) -> float:
    """Return a stored number, NaN where none was."""
    return math.nan if value is None else float(value)
