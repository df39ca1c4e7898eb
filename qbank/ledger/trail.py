"""The audit trail: who did what, when, with what before and after, in a chain of hashes.

Rows are only added. Each holds the hash of the one before, so that a row changed, removed or put in between breaks the
chain from there on; the last hash, written down elsewhere, also shows a trail that was cut off. Persons appear by
pseudonym only, or by their row in a sitting.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from qbank.ledger import tables
from qbank.ledger.digests import digests
from qbank.ledger.engine import Ledger, now


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: ``action`` on ``subject``; ``facts`` are what it was and what it is now."""

    number: int
    at: str
    who: str
    action: str
    subject: str
    facts: Mapping[str, Any]
    previous: str
    hash: str


def record(
    connection: Connection, ledger: Ledger, action: str, subject: str, facts: Mapping[str, Any], *, at: str = "",
    touched: Iterable[str] = (), elsewhere: Mapping[str, Iterable[str]] | None = None,
) -> str:  # fmt: skip
    """Append a row within the caller's transaction and return its hash; call it last, as it locks the trail's end.

    touched : tables in which rows of the sitting (the subject) were written; facts hold the digest of all of them then,
    as ``digests`` ; elsewhere: the same of other sittings, by sitting, as ``elsewhere``
    """
    end = tables.trail_end
    number, previous = connection.execute(select(end.c.number, end.c.hash).where(end.c.id == 1).with_for_update()).one()
    if touched:  # read behind the lock: what others did to the same sitting before stands by now
        facts = {**facts, "digests": digests(connection, subject, touched)}
    if elsewhere:
        facts = {**facts, "elsewhere": {sitting: digests(connection, sitting, names) for sitting, names in elsewhere.items()}}
    row = {
        "number": number + 1, "at": at or now(), "who": ledger.who, "action": action, "subject": subject,
        "facts": _plain(facts), "previous": previous,
    }  # fmt: skip
    row["hash"] = hash_of(row)
    connection.execute(insert(tables.trail).values(row))
    connection.execute(update(end).where(end.c.id == 1).values(number=row["number"], hash=row["hash"]))
    return str(row["hash"])


def _plain(value: Any) -> Any:
    """Return facts as JSON holds them everywhere: no NaN, no half of a character, keys and other things as words."""
    if isinstance(value, Mapping):
        return {_word(str(name)): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in (sorted(value) if isinstance(value, set | frozenset) else value)]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, bool | int) else _word(str(value))


def _word(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def hash_of(row: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a row without its own hash: JSON with sorted keys, in UTF-8."""
    plain = {name: row[name] for name in ("number", "at", "who", "action", "subject", "facts", "previous")}
    words = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(words.encode()).hexdigest()


def entries(
    ledger: Ledger, *, subject: str | None = None, since: str = "", limit: int | None = None
) -> tuple[Entry, ...]:
    """Return the trail, oldest first.

    subject : of one sitting or person only ; since : a day or time as it stands in the rows (UTC) ; limit : the last so
    many
    """
    t = tables.trail.c
    query = select(tables.trail).where(t.at >= since).order_by(t.number.desc()).limit(limit)
    with ledger.read() as connection:
        rows = connection.execute(query if subject is None else query.where(t.subject == subject)).all()
    return tuple(Entry(*row) for row in reversed(rows))


def last_entry(connection: Connection) -> tuple[int, str]:
    """Return number and hash of the trail's last row, (0, "") of an empty one."""
    end = tables.trail_end.c
    row = connection.execute(select(end.number, end.hash).where(end.id == 1)).first()
    return (int(row[0]), str(row[1])) if row else (0, "")
