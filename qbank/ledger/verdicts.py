"""What people decided about items, as it stands in the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

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


def decisions_of(ledger: Ledger, sitting: str | None = None) -> tuple[Decision, ...]:
    """Return the decisions of one sitting, or of all, in the order they were taken."""
    with ledger.read() as connection:
        return tuple(decision for _, decision in numbered_decisions(connection, sitting))


def numbered_decisions(
    connection: Connection, sitting: str | None = None, items: Iterable[str] | None = None
) -> tuple[tuple[int, Decision], ...]:
    """Return decisions with their numbers, which count all of a ledger, in that order; of some items only if asked."""
    d = tables.decision.c
    query = select(d.number, d.sitting, d.item, d.fingerprint, d.verdict, d.why, d.who, d.at).order_by(d.number)
    if sitting is not None:
        query = query.where(d.sitting == sitting)
    if items is not None:
        query = query.where(d.item.in_(list(items)))
    return tuple((row[0], Decision(*row[1:])) for row in connection.execute(query).all())


def last_number(connection: Connection) -> int:
    """Return the number of the latest decision of a ledger, 0 where there is none."""
    return int(connection.execute(select(func.coalesce(func.max(tables.decision.c.number), 0))).scalar_one())
