"""Deciding about items after a sitting."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import insert, select

from qbank.ledger import tables
from qbank.ledger.engine import Ledger
from qbank.ledger.gate import take_back_within
from qbank.ledger.trail import record
from qbank.ledger.verdicts import Decision, last_number


def write_decision(ledger: Ledger, decision: Decision) -> None:
    """Append a decision; the last one on an item and sitting holds. One that changes what holds takes back the scores:
    to keep what nobody has credited changes nothing."""
    d = tables.decision.c
    with ledger.begin() as connection:
        number = last_number(connection) + 1
        same = (d.sitting == decision.sitting) & (d.item == decision.item) & (d.fingerprint == decision.fingerprint)
        before = connection.execute(select(d.verdict).where(same).order_by(d.number.desc())).scalar()
        values = asdict(decision)
        connection.execute(insert(tables.decision).values(id=f"{decision.sitting}/{number}", number=number, **values))
        record(connection, ledger, "item decided", decision.sitting, values, at=decision.at, touched=("decision",))
        if (before or "keep") != decision.verdict:
            facts = {"item": decision.item, "before": before, "verdict": decision.verdict}
            take_back_within(connection, ledger, decision.sitting, "scored", decision.why, facts)
