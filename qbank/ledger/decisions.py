"""Deciding about items after a sitting."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import insert, select

from qbank.ledger import tables
from qbank.ledger.engine import Ledger
from qbank.ledger.gate import take_back_within
from qbank.ledger.trail import record
from qbank.ledger.verdicts import ON_MARKS, Decision, last_number, stored_verdict


def write_decision(ledger: Ledger, decision: Decision) -> None:
    """Append a decision; the last one on an item and sitting holds. One that changes how the answers are marked takes back
    the scores: to keep what nobody has decided otherwise changes nothing, and a status or an enemy neither."""
    d = tables.decision.c
    verdict = stored_verdict(decision)
    values = {name: value for name, value in asdict(decision).items() if name != "named"} | {"verdict": verdict}
    with ledger.begin() as connection:
        number = last_number(connection) + 1
        same = (d.sitting == decision.sitting) & (d.item == decision.item) & (d.fingerprint == decision.fingerprint)
        former = connection.execute(select(d.verdict).where(same).order_by(d.number.desc())).scalars().all()
        before = next((word for word in former if word.partition(" ")[0] in ON_MARKS), None)
        connection.execute(insert(tables.decision).values(id=f"{decision.sitting}/{number}", number=number, **values))
        record(connection, ledger, "item decided", decision.sitting, values, at=decision.at, touched=("decision",))
        if decision.verdict in ON_MARKS and (before or "keep") != verdict:
            facts = {"item": decision.item, "before": before, "verdict": verdict}
            take_back_within(connection, ledger, decision.sitting, "scored", decision.why, facts)
