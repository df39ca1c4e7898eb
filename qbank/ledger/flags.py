"""Flags beside those of an analysis: a calibration says that an item drifted or was known, its history that it is out of control."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from qbank.ledger import tables
from qbank.ledger.engine import Ledger
from qbank.ledger.verdicts import SOUND, Decision, last_number, numbered_decisions

CALIBRATION_FLAGS = ("drift", "easier", "leak")
HISTORY_FLAGS = ("trend",)
SPOILING = ("easier", "leak")
"""Flags by which the answers of a sitting say nothing of the item's difficulty."""
AFTER = "after_decision"
"""Fact of a flag: the number of the last decision of the ledger when it was raised. To keep an item was decided about the
flag only where that came later; an earlier decision knew nothing of it."""


@dataclass(frozen=True, slots=True)
class ItemFlag:
    """code : ``drift``, ``easier`` or ``leak`` of a calibration, ``trend`` of the history ; held : whether it asks for a
    decision ; facts : what was found ; date : of the sitting ; decision : what somebody decided about it, None while
    nobody has ; the last two are known of flags that were read, and not stored with them"""

    sitting: str
    item: str
    fingerprint: str
    code: str
    held: bool
    facts: Mapping[str, Any] = field(default_factory=dict)
    date: str = ""
    decision: Decision | None = None

    @property
    def open(self) -> bool:
        """Return whether the flag waits for a decision."""
        return self.held and self.decision is None

    @property
    def kept(self) -> bool:
        """Return whether somebody decided that the item is what it was all the same."""
        return self.decision is not None and self.decision.verdict in SOUND


def stands_apart(flags: Iterable[ItemFlag], fingerprint: str, date: str, sitting: str) -> bool:
    """Return whether what a sitting says of a revision is not the item's: some knew it beforehand, or may have.

    flags : of the item. From the leak on nothing is, unless somebody decided to keep the item: then only that sitting
    stands apart.
    """
    return any(
        sitting == flag.sitting or (not flag.kept and (date, sitting) > (flag.date, flag.sitting))
        for flag in flags
        if flag.code in SPOILING and flag.fingerprint == fingerprint
    )


def put_flags(
    connection: Connection, sitting: str, flags: Iterable[ItemFlag], *, codes: Sequence[str] = CALIBRATION_FLAGS,
    judged: Collection[str] | None = None,
) -> list[list[str]]:  # fmt: skip
    """Replace the flags of these codes of a sitting within the caller's transaction; returns (item, code) of each.

    judged : the items that were looked at, of which former flags go; those of all others stay. None : of all items
    """
    f = tables.item_flag.c
    here = (f.sitting == sitting) & f.code.in_(codes)
    former = connection.execute(select(f.item, f.fingerprint, f.code, f.facts).where(here)).all()
    raised = {tuple(row[:3]): row.facts.get(AFTER, 0) for row in former}
    latest = last_number(connection)
    rows = [
        {
            "sitting": flag.sitting, "item": flag.item, "fingerprint": flag.fingerprint, "code": flag.code, "held": flag.held,
            "facts": dict(flag.facts) | {AFTER: raised.get((flag.item, flag.fingerprint, flag.code), latest)},
        }
        for flag in flags
    ]  # fmt: skip
    going = {row.item for row in former if judged is None or row.item in judged} | {str(row["item"]) for row in rows}
    if going:
        connection.execute(delete(tables.item_flag).where(here & f.item.in_(sorted(going))))
    if rows:
        connection.execute(insert(tables.item_flag), rows)
    return [[str(row["item"]), str(row["code"])] for row in rows]


def flags_of(ledger: Ledger, sitting: str | None = None) -> tuple[ItemFlag, ...]:
    """Return the flags of one sitting, or of all, with what was decided about them."""
    with ledger.read() as connection:
        return read_flags(connection, sitting)


def read_flags(
    connection: Connection, sitting: str | None = None, items: Collection[str] | None = None
) -> tuple[ItemFlag, ...]:
    """Return flags by the dates of their sittings, of one sitting or of some items only if asked, with what was decided."""
    f, s = tables.item_flag.c, tables.sitting.c
    query = select(f.sitting, f.item, f.fingerprint, f.code, f.held, f.facts, s.date).join(
        tables.sitting, s.id == f.sitting
    )
    if sitting is not None:
        query = query.where(f.sitting == sitting)
    if items is not None:
        query = query.where(f.item.in_(list(items)))
    rows = connection.execute(query.order_by(s.date, f.sitting, f.item, f.code)).all()
    decided = {
        (decision.sitting, decision.item, decision.fingerprint): (number, decision)
        for number, decision in (numbered_decisions(connection, sitting, items) if rows else ())
    }
    return tuple(
        ItemFlag(
            row.sitting, row.item, row.fingerprint, row.code, bool(row.held),
            {name: fact for name, fact in row.facts.items() if name != AFTER}, row.date,
            _about(row.facts, decided.get((row.sitting, row.item, row.fingerprint))),
        )
        for row in rows
    )  # fmt: skip


def _about(facts: Mapping[str, Any], decided: tuple[int, Decision] | None) -> Decision | None:
    """Return the decision where it is about a flag with these facts: everybody's credit settles whatever came before."""
    if decided is None:
        return None
    number, decision = decided
    return decision if decision.verdict not in SOUND or number > facts.get(AFTER, 0) else None


def open_flags(connection: Connection, sitting: str) -> tuple[str, ...]:
    """Return the items of a sitting whose flags wait for a decision, sorted."""
    return tuple(sorted({flag.item for flag in read_flags(connection, sitting) if flag.open}))
