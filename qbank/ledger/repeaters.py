"""Persons of a sitting who sat an earlier one, and persons of whom that cannot be told."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, exists, select

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


@dataclass(frozen=True, slots=True)
class Unmatched:
    """Persons of one sitting who cannot be known again in others, since only one side knows document numbers.

    with_document : whether it is this sitting that knows them ; n : persons of this sitting who are not found in any other
    one and may be anybody of `sittings` ; of : persons of this sitting ; same : how many of the n have a number (准考证号)
    that stands there too
    """

    with_document: bool
    n: int
    of: int
    sittings: tuple[str, ...]
    same: int


def unmatched_of(ledger: Ledger, sitting: str) -> tuple[Unmatched, ...]:
    """Return whom of a sitting the others cannot know again: known by number here and by document there, or turned round.

    Who was absent is not counted. Cost: two looks into an index where all persons of the ledger have documents, or none
    has; else a few looks for each person of the sitting, and one or more for each other sitting.
    """
    with ledger.read() as connection:
        if not all(_anybody(connection, document=has) for has in (True, False)):
            return ()
        people = _people(connection, sitting)
        found = [_unmatched(connection, sitting, people, with_document=has) for has in (False, True)]
    return tuple(one for one in found if one is not None)


def _anybody(connection: Connection, *, document: bool) -> bool:
    """Return whether anybody at all has a document number, or has none."""
    d = tables.identity.c
    words = d.document > "" if document else d.document == ""
    return connection.execute(select(d.intake).where(words).limit(1)).first() is not None


def _people(connection: Connection, sitting: str) -> dict[str, tuple[bool, frozenset[str]]]:
    """Return by pseudonym who sat: whether any part knows the document, and the numbers."""
    i, p, d = tables.intake.c, tables.person.c, tables.identity.c
    rows = connection.execute(
        select(p.person, d.number, d.document)
        .join(tables.identity, (d.intake == p.intake) & (d.position == p.position))
        .join(tables.intake, i.id == p.intake)
        .where(i.sitting == sitting, i.current, p.standing != "absent")
    )
    found: dict[str, tuple[bool, frozenset[str]]] = {}
    for person, number, document in rows:
        has, numbers = found.get(person, (False, frozenset[str]()))
        found[person] = (has or document > "", numbers | {number})
    return found


def _unmatched(
    connection: Connection, sitting: str, people: dict[str, tuple[bool, frozenset[str]]], *, with_document: bool
) -> Unmatched | None:
    """Return whom of the persons with documents (or without) sittings of the other way cannot know, None for nobody."""
    i = tables.intake.c
    row, named = tables.person.alias("row"), tables.identity.alias("named")
    told, known = tables.person.alias("told"), tables.identity.alias("known")
    by_document = exists().where(
        told.c.person == row.c.person, known.c.intake == told.c.intake, known.c.position == told.c.position, known.c.document > ""
    )
    other = (named.c.document == "") & ~by_document if with_document else named.c.document > ""
    unlike = exists().where(row.c.intake == i.id, named.c.intake == row.c.intake, named.c.position == row.c.position, other)
    found = connection.execute(select(i.id, i.sitting).where(i.current, i.sitting != sitting, unlike))
    mine = {person: numbers for person, (has, numbers) in people.items() if has is with_document}
    others = {one.id: one.sitting for one in found}
    if not mine or not others:
        return None
    now, before = tables.person.alias("now"), tables.person.alias("before")
    here = select(i.id).where(i.sitting == sitting, i.current)
    elsewhere = select(i.id).where(i.sitting != sitting, i.current)
    matched = connection.execute(
        select(now.c.person)
        .join(before, before.c.person == now.c.person)
        .where(now.c.intake.in_(here), before.c.intake.in_(elsewhere))
        .distinct()
    )
    left = mine.keys() - set(matched.scalars())
    own, theirs = tables.identity.alias("own"), tables.identity.alias("theirs")
    numbers = set(
        connection.execute(
            select(own.c.number)
            .join(theirs, theirs.c.number == own.c.number)
            .where(own.c.intake.in_(here), theirs.c.intake.in_(list(others)))
            .distinct()
        ).scalars()
    )
    same = sum(not mine[person].isdisjoint(numbers) for person in left)
    return Unmatched(with_document, len(left), len(people), tuple(sorted(set(others.values()))), same) if left else None
