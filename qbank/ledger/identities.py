"""Who somebody is: the one place where pseudonyms have numbers and names."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from qbank.ledger import tables
from qbank.ledger.engine import Ledger


@dataclass(frozen=True, slots=True)
class Identity:
    """number : 准考证号 of that sitting ; document : 身份证号, "" where the file had none"""

    number: str
    name: str
    document: str


def identities_of(ledger: Ledger, sitting: str) -> dict[str, Identity]:
    """Return by pseudonym who sat; persons that were forgotten are left out."""
    i, p, d = tables.intake.c, tables.person.c, tables.identity.c
    with ledger.read() as connection:
        rows = connection.execute(
            select(p.person, d.number, d.name, d.document)
            .join(tables.identity, (d.intake == p.intake) & (d.position == p.position))
            .join(tables.intake, i.id == p.intake)
            .where(i.sitting == sitting, i.current)
        )
        return {person: Identity(*words) for person, *words in rows}
