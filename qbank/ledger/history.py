"""Item use, calibrations and decisions, and the history that the next assembly reads."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select

from qbank.core.history import Estimate, History, Use
from qbank.ledger import tables
from qbank.ledger.engine import Ledger


@dataclass(frozen=True, slots=True)
class Decision:
    """verdict : ``keep`` (the item is sound) or ``credit`` (void: everybody gets the marks)"""

    sitting: str
    item: str
    fingerprint: str
    verdict: str
    why: str
    who: str
    at: str


def write_analysis(ledger: Ledger, sitting: str, uses: Iterable[tuple[Use, bool]]) -> None:
    """Replace the item use of a sitting: one row an item, with whether its flags hold it back."""
    rows = [
        {
            "sitting": sitting, "item": use.item, "fingerprint": use.fingerprint, "n_seen": use.n_seen,
            "facility": _finite(use.facility), "item_rest": _finite(use.item_rest), "flags": list(use.flags),
            "held": held,
        }
        for use, held in uses
    ]  # fmt: skip
    with ledger.begin() as connection:
        connection.execute(delete(tables.item_use).where(tables.item_use.c.sitting == sitting))
        if rows:
            connection.execute(insert(tables.item_use), rows)


def write_calibration(
    ledger: Ledger, sitting: str, head: dict[str, Any], estimates: Iterable[tuple[str, Estimate]]
) -> None:
    """Replace the calibration of a sitting; estimates are (item id, estimate)."""
    with ledger.begin() as connection:
        connection.execute(delete(tables.estimate).where(tables.estimate.c.sitting == sitting))
        connection.execute(delete(tables.calibration).where(tables.calibration.c.sitting == sitting))
        connection.execute(insert(tables.calibration).values(sitting=sitting, **head))
        rows = [
            {
                "sitting": sitting, "fingerprint": entry.fingerprint, "item": item, "a": entry.a, "b": entry.b,
                "se_a": _finite(entry.se_a), "se_b": _finite(entry.se_b), "n_answers": entry.n_answers,
            }
            for item, entry in estimates
        ]  # fmt: skip
        if rows:
            connection.execute(insert(tables.estimate), rows)


def write_decision(ledger: Ledger, decision: Decision) -> None:
    """Append a decision; the last one on an item and sitting holds."""
    with ledger.begin() as connection:
        values = {name: getattr(decision, name) for name in decision.__slots__}
        connection.execute(insert(tables.decision).values(values))


def decisions_of(ledger: Ledger, sitting: str | None = None) -> tuple[Decision, ...]:
    """Return the decisions of one sitting, or of all, in the order they were taken."""
    table = tables.decision
    query = select(table).order_by(table.c.id)
    with ledger.begin() as connection:
        rows = connection.execute(query if sitting is None else query.where(table.c.sitting == sitting)).all()
    return tuple(Decision(*row[1:]) for row in rows)


def latest_calibration(ledger: Ledger, *, without: str = "") -> tuple[str, str, float, float] | None:
    """Return (sitting, scale, ability mean, ability SD) of the calibration of the latest sitting, if any.

    without : a sitting that is about to be calibrated again, as if it had not been yet
    """
    c, s = tables.calibration.c, tables.sitting.c
    with ledger.begin() as connection:
        row = connection.execute(
            select(c.sitting, c.scale, c.ability_mean, c.ability_sd)
            .join(tables.sitting, s.id == c.sitting)
            .where(c.sitting != without)
            .order_by(s.date.desc(), s.id.desc())
        ).first()
    return (row[0], row[1], row[2], row[3]) if row else None


def read_history(ledger: Ledger, *, without: str = "") -> History:
    """Return all that past sittings say, leaving out the estimates of one (``without``); where a revision was calibrated on the latest scale more than once, the
    calibration with more answers holds. Estimates on another scale are left out: unlinked scales never mix."""
    latest = latest_calibration(ledger, without=without)
    e, c, s, u = tables.estimate.c, tables.calibration.c, tables.sitting.c, tables.item_use.c
    with ledger.begin() as connection:
        rows = connection.execute(
            select(tables.estimate, c.model, c.scale)
            .join(tables.calibration, c.sitting == e.sitting)
            .where(e.sitting != without)
            .order_by(e.sitting, e.fingerprint)
        ).all()
        used = connection.execute(
            select(tables.item_use, s.date).join(tables.sitting, s.id == u.sitting).order_by(u.sitting, u.item)
        ).all()
    estimates: dict[str, Estimate] = {}
    for row in rows:
        known = estimates.get(row.fingerprint)
        if latest and row.scale == latest[1] and (known is None or row.n_answers > known.n_answers):
            estimates[row.fingerprint] = Estimate(
                row.fingerprint, row.model, row.scale, row.a, row.b, _number(row.se_a), _number(row.se_b),
                row.n_answers, row.sitting,
            )  # fmt: skip
    uses = tuple(
        Use(row.item, row.fingerprint, row.sitting, row.date, row.n_seen, _number(row.facility),
            _number(row.item_rest), tuple(row.flags))
        for row in used
    )  # fmt: skip
    verdicts = {(d.sitting, d.fingerprint): d.verdict for d in decisions_of(ledger)}
    held = {
        row.fingerprint: verdicts.get((row.sitting, row.fingerprint)) or ", ".join(row.flags)
        for row in used
        if (row.held and verdicts.get((row.sitting, row.fingerprint)) != "keep")
        or verdicts.get((row.sitting, row.fingerprint)) == "credit"
    }
    for fingerprint in held:
        estimates.pop(fingerprint, None)
    mean, sd = (latest[2], latest[3]) if latest else (0.0, 1.0)
    facts = repr((sorted(estimates.items()), uses, sorted(held.items()), mean, sd))
    return History(estimates, uses, held, mean, sd, hashlib.sha256(facts.encode()).hexdigest()[:16])


def _finite(value: float) -> float | None:
    return None if value != value or value in (float("inf"), float("-inf")) else float(value)


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)
