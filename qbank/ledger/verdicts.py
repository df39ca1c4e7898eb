"""What people decided about items, as it stands in the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from sqlalchemy import Connection, func, select

from qbank.ledger import tables
from qbank.ledger.engine import Ledger

Verdict = Literal["keep", "drop", "rekey", "accept", "credit", "revise", "retire", "enemy"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
ON_MARKS: tuple[Verdict, ...] = ("keep", "drop", "rekey", "accept", "credit")
"""Verdicts that say how the answers are marked; the last of them on an item holds. The others are about its future."""
NAMING: tuple[Verdict, ...] = ("rekey", "accept", "enemy")
"""Verdicts that name something: a key, another item."""
SOUND: tuple[Verdict, ...] = ("keep", "enemy")
"""Verdicts after which the revision that was printed may be used again."""


@dataclass(frozen=True, slots=True)
class Decision:
    """verdict : ``keep`` (the item is sound), ``drop`` (it leaves the papers), ``rekey`` (another key), ``accept`` (another
    key too), ``credit`` (void: everybody gets the marks), ``revise``, ``retire``, ``enemy`` (never beside another item) ;
    named : the key, or the other item"""

    sitting: str
    item: str
    fingerprint: str
    verdict: str
    why: str
    who: str
    at: str
    named: str = ""


def stored_verdict(decision: Decision) -> str:
    """Return the verdict with what it names, as one text.

    >>> stored_verdict(Decision("s", "Q-1", "a.b", "rekey", "", "", "", named="C"))
    'rekey C'
    """
    return f"{decision.verdict} {decision.named}".strip()


def decision_of(sitting: str, item: str, fingerprint: str, stored: str, why: str, who: str, at: str) -> Decision:
    """Return the decision that a row of the ledger is.

    >>> decision_of("s", "Q-1", "a.b", "rekey C", "two prints", "wang", "now").named
    'C'
    """
    verdict, _, named = stored.partition(" ")
    return Decision(sitting, item, fingerprint, verdict, why, who, at, named)


def standing_verdicts(decisions: Iterable[Decision]) -> dict[tuple[str, str], str]:
    """Return by sitting and fingerprint what holds: the last verdict, but an enemy changes nothing of an earlier one.

    >>> found = [Decision("s", "Q-1", "a.b", verdict, "", "", "") for verdict in ("credit", "enemy")]
    >>> standing_verdicts(found)
    {('s', 'a.b'): 'credit'}
    """
    found: dict[tuple[str, str], str] = {}
    for each in decisions:
        key = (each.sitting, each.fingerprint)
        found[key] = found.get(key, each.verdict) if each.verdict == "enemy" else each.verdict
    return found


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
    return tuple((row[0], decision_of(*row[1:])) for row in connection.execute(query).all())


def last_number(connection: Connection) -> int:
    """Return the number of the latest decision of a ledger, 0 where there is none."""
    return int(connection.execute(select(func.coalesce(func.max(tables.decision.c.number), 0))).scalar_one())
