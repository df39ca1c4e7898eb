"""Persons of a sitting who sat an earlier one."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from qbank.ledger import tables
from qbank.ledger.engine import Ledger


@dataclass(frozen=True, slots=True)
class Repeater:
    """form : the paper that a person has now ; earlier : (sitting, paper) before, oldest first"""

    form: str
    earlier: tuple[tuple[str, str], ...]


def repeaters_of(ledger: Ledger, sitting: str) -> dict[str, Repeater]:
    """Return by pseudonym who of a sitting sat another one before, by the dates of the sittings.

    A paper that was declared void or withheld afterwards was seen all the same; who was absent saw nothing. Of two
    sittings of one date neither is the earlier. Cost: one look into an index for each person of the sitting.
    """
    i, s = tables.intake.c, tables.sitting.c
    now, then = tables.person.alias("now"), tables.person.alias("before")
    with ledger.read() as connection:
        date = connection.execute(select(s.date).where(s.id == sitting)).scalar()
        intakes = connection.execute(
            select(i.id, i.sitting, i.forms, s.date).join(tables.sitting, s.id == i.sitting).where(i.current)
        ).all()
        here = {row.id: row.forms for row in intakes if row.sitting == sitting}
        past = {row.id: (row.date, row.sitting, row.forms) for row in intakes if date is not None and row.date < date}
        if not here or not past:
            return {}
        rows = connection.execute(
            select(now.c.person, now.c.intake, now.c.form, then.c.intake, then.c.form)
            .join(then, then.c.person == now.c.person)
            .where(now.c.intake.in_(list(here)), now.c.standing != "absent")
            .where(then.c.intake.in_(list(past)), then.c.standing != "absent")
        ).all()
    # Most persons share their papers with thousands of others: one record stands for all of them.
    seen: dict[str, tuple[tuple[str, int, str, int], ...]] = {}
    for person, intake, form, former, paper in rows:
        seen[person] = (*seen.get(person, ()), (intake, form, former, paper))
    made = {papers: _repeater(papers, here, past) for papers in set(seen.values())}
    return {person: made[papers] for person, papers in seen.items()}


def _repeater(
    papers: tuple[tuple[str, int, str, int], ...], here: dict[str, list[str]], past: dict[str, tuple[str, str, list[str]]]
) -> Repeater:
    """Return the record of persons with these papers: (intake, paper) now and (intake, paper) before, by place."""
    intake, form = papers[0][:2]
    before = sorted({(*past[former][:2], past[former][2][paper]) for _, _, former, paper in papers})
    return Repeater(here[intake][form], tuple((sitting, paper) for _, sitting, paper in before))
