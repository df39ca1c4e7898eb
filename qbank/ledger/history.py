"""Item use, and the history that the next assembly reads."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, delete, func, insert, select

from qbank.core.history import Estimate, History, Planned, Use
from qbank.ledger import tables
from qbank.ledger.calibrations import finite, latest_calibration, number, present_scales
from qbank.ledger.engine import Ledger
from qbank.ledger.flags import CALIBRATION_FLAGS, SPOILING, flags_of
from qbank.ledger.gate import pass_within
from qbank.ledger.levels import forget_levels
from qbank.ledger.trail import record
from qbank.ledger.verdicts import SOUND, decisions_of, standing_verdicts


def write_analysis(ledger: Ledger, sitting: str, uses: Iterable[tuple[Use, bool]]) -> None:
    """Replace what the analysis of a sitting says: one row an item, with whether its flags hold it back.

    The levels of all sittings rest on it and are forgotten (`write_levels`)."""
    rows = [
        {
            "sitting": sitting, "item": use.item, "fingerprint": use.fingerprint, "n": use.n_seen,
            "facility": finite(use.facility), "item_rest": finite(use.item_rest), "n_omitted": use.n_omitted,
            "n_not_reached": use.n_not_reached, "flags": list(use.flags), "held": held,
        }
        for use, held in uses
    ]  # fmt: skip
    with ledger.begin() as connection:
        connection.execute(delete(tables.item_use).where(tables.item_use.c.sitting == sitting))
        forget_levels(connection)
        if rows:
            connection.execute(insert(tables.item_use), rows)
        flagged = {row["item"]: row["flags"] for row in rows if row["flags"]}
        record(connection, ledger, "analysed", sitting, {"items": len(rows), "flags": flagged}, touched=("item_use", "sitting_level"))
        pass_within(connection, ledger, sitting, "analysed")


def read_history(ledger: Ledger, *, without: str = "", bank: str | None = None, as_sat: bool = False) -> History:
    """Return all that past sittings say, leaving out the estimates of one (``without``) and those of other banks than
    ``bank``, if one is given; where a revision was calibrated on the present scale of its bank more than once, the calibration
    with more answers holds. Estimates on another scale are left out: unlinked scales never mix, and where an item has drifted what was estimated before counts no more, unless it was decided
    to keep; what a sitting says whose persons knew the item, or may have, never counts. What was planned for small sittings stands apart from the estimates.

    as_sat : with the estimates of revisions that are held too, for a sitting where they counted as they were printed; where
    an item has drifted and nothing was estimated since, what was estimated before
    """
    latest = latest_calibration(ledger, without=without, bank=bank)
    p, c = tables.parameter.c, tables.calibration.c
    with ledger.read() as connection:
        rows = connection.execute(
            select(tables.parameter, c.scale, c.sitting)
            .join(tables.calibration, c.id == p.calibration)
            .where(c.sitting != without, c.current)
            .order_by(c.sitting, p.fingerprint)
        ).all()
        plans = connection.execute(
            select(tables.planned, c.scale, c.sitting)
            .join(tables.calibration, c.id == tables.planned.c.calibration)
            .where(c.sitting != without, c.current)
            .order_by(c.sitting, tables.planned.c.fingerprint)
        ).all()
        used = connection.execute(_uses()).all()
        days = connection.execute(select(tables.sitting.c.id, tables.sitting.c.date, tables.sitting.c.bank)).all()
        scales = present_scales(connection, without=without)
    estimates: dict[str, Estimate] = {}
    before: dict[str, Estimate] = {}
    verdicts = standing_verdicts(decisions_of(ledger))
    flags = [flag for flag in flags_of(ledger) if flag.sitting != without and flag.code in CALIBRATION_FLAGS]
    dates = {row.id: row.date for row in days}
    present = {row.id: scales.get(row.bank) if bank in (None, row.bank) else None for row in days}
    moved = {flag.fingerprint: dates[flag.sitting] for flag in flags if not flag.kept}
    spoilt = {(flag.fingerprint, flag.sitting) for flag in flags if flag.code in SPOILING}
    for row in rows:
        if row.scale != present[row.sitting] or (row.fingerprint, row.sitting) in spoilt:
            continue
        among = before if dates[row.sitting] < moved.get(row.fingerprint, "") else estimates
        known = among.get(row.fingerprint)
        if known is None or row.n_answers > known.n_answers:
            among[row.fingerprint] = estimate_of(row)
    planned: dict[str, Planned] = {}
    for row in plans:
        plan = planned.get(row.fingerprint)
        if row.scale == present[row.sitting] and (plan is None or row.n_answers > plan.n_answers):
            planned[row.fingerprint] = planned_of(row)
    uses = tuple(
        Use(row.item, row.fingerprint, row.sitting, row.date, int(row.n_seen), number(row.facility),
            number(row.item_rest), tuple(row.flags or ()), int(row.n_omitted or 0), int(row.n_not_reached or 0))
        for row in used
    )  # fmt: skip
    held = {
        row.fingerprint: verdicts.get((row.sitting, row.fingerprint)) or ", ".join(row.flags or ())
        for row in used
        if verdicts.get((row.sitting, row.fingerprint), "" if row.held else SOUND[0]) not in SOUND
    }
    held |= {
        flag.fingerprint: flag.code
        for flag in flags
        if flag.held and flag.fingerprint not in held and not flag.kept
    }
    for fingerprint in held:
        if as_sat and fingerprint in before:
            estimates.setdefault(fingerprint, before[fingerprint])
        if not as_sat:
            estimates.pop(fingerprint, None)
        planned.pop(fingerprint, None)
    mean, sd = (latest[2], latest[3]) if latest else (0.0, 1.0)
    facts = repr((sorted(estimates.items()), uses, sorted(held.items()), mean, sd, sorted(planned.items())))
    return History(estimates, uses, held, mean, sd, hashlib.sha256(facts.encode()).hexdigest()[:16], planned)


def _uses() -> Select[Any]:
    """Return the query of every item × sitting: who had it, by the import; how it went, by the analysis."""
    e, i, s, u = tables.exposure.c, tables.intake.c, tables.sitting.c, tables.item_use.c
    seen = (
        select(i.sitting, e.item, e.fingerprint, func.sum(e.n_seen).label("n_seen"))
        .join(tables.intake, i.id == e.intake)
        .where(i.current)
        .group_by(i.sitting, e.item, e.fingerprint)
        .subquery()
    )
    found = func.coalesce(u.fingerprint, seen.c.fingerprint).label("fingerprint")
    return (
        select(seen.c.sitting, seen.c.item, found, seen.c.n_seen, s.date, u.facility, u.item_rest, u.n_omitted,
               u.n_not_reached, u.flags, u.held)
        .join(tables.sitting, s.id == seen.c.sitting)
        .outerjoin(tables.item_use, (u.sitting == seen.c.sitting) & (u.item == seen.c.item))
        .order_by(seen.c.sitting, seen.c.item)
    )  # fmt: skip


def estimate_of(row: Any) -> Estimate:
    return Estimate(
        row.fingerprint, row.model, row.scale, {n: number(v) for n, v in row._mapping["values"].items()},
        {n: number(v) for n, v in row.errors.items()}, row.n_answers, row.sitting, row.n_categories,
        tuple(tuple(number(value) for value in line) for line in row.covariance),
        tuple(float(share) for share, _ in row.categories), tuple(float(top) for _, top in row.categories),
    )  # fmt: skip


def planned_of(row: Any) -> Planned:
    return Planned(
        row.item, row.fingerprint, number(row.grade), row.slope, row.difficulty, row.error, row.facility,
        row.facility_low, row.facility_high, row.n_answers, row.sitting, row.scale,
    )  # fmt: skip
