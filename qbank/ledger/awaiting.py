"""Revisions of items about which somebody has to decide before they may be used again."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import exists, select

from qbank.ledger import tables
from qbank.ledger.engine import Ledger
from qbank.ledger.flags import read_flags


def awaiting(ledger: Ledger, fingerprints: Collection[str]) -> dict[str, str]:
    """Return by fingerprint the latest sitting whose analysis or calibration holds that revision and where nobody has decided."""
    u, d, s = tables.item_use.c, tables.decision.c, tables.sitting.c
    decided = exists().where((d.sitting == u.sitting) & (d.item == u.item) & (d.fingerprint == u.fingerprint))
    query = select(u.fingerprint, u.sitting, s.date).join(tables.sitting, s.id == u.sitting).where(u.held, ~decided)
    with ledger.read() as connection:
        found = [(row.date, row.sitting, row.fingerprint) for row in connection.execute(query)]
        found += [(flag.date, flag.sitting, flag.fingerprint) for flag in read_flags(connection) if flag.open]
    return {fingerprint: sitting for _, sitting, fingerprint in sorted(found) if fingerprint in fingerprints}
