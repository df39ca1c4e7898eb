"""What people decided about items after a sitting."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import func, insert, select

from qbank.ledger import tables
from qbank.ledger.engine import Ledger
from qbank.ledger.gate import take_back_within
from qbank.ledger.trail import record


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


def write_decision(ledger: Ledger, decision: Decision) -> None:
    """Append a decision; the last one on an item and sitting holds. One that changes what holds takes back the scores."""
    d = tables.decision.c
    with ledger.begin() as connection:
        number = connection.execute(select(func.coalesce(func.max(d.number), 0))).scalar_one() + 1
        same = (d.sitting == decision.sitting) & (d.item == decision.item) & (d.fingerprint == decision.fingerprint)
        before = connection.execute(select(d.verdict).where(same).order_by(d.number.desc())).scalar()
        values = asdict(decision)
        connection.execute(insert(tables.decision).values(id=f"{decision.sitting}/{number}", number=number, **values))
        record(connection, ledger, "item decided", decision.sitting, values, at=decision.at, touched=("decision",))
        if before != decision.verdict:
            facts = {"item": decision.item, "before": before, "verdict": decision.verdict}
            take_back_within(connection, ledger, decision.sitting, "scored", decision.why, facts)


def decisions_of(ledger: Ledger, sitting: str | None = None) -> tuple[Decision, ...]:
    """Return the decisions of one sitting, or of all, in the order they were taken."""
    d = tables.decision.c
    query = select(d.sitting, d.item, d.fingerprint, d.verdict, d.why, d.who, d.at).order_by(d.number)
    with ledger.read() as connection:
        rows = connection.execute(query if sitting is None else query.where(d.sitting == sitting)).all()
    return tuple(Decision(*row) for row in rows)
