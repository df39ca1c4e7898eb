"""Sittings as they stand: declaration, papers as printed, persons, answers of all parts together."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Text, cast, delete, func, select

from qbank.core.ratings import Ratings
from qbank.core.responses import STANDINGS, Responses
from qbank.ledger import tables
from qbank.ledger.answer_marks import AnswerMark, read_marks, with_marks
from qbank.ledger.blocks import DamagedBlock, unpacked
from qbank.ledger.digests import WHOLE
from qbank.ledger.engine import Ledger, LedgerError
from qbank.ledger.intakes import COLUMNS_OF_PERSONS, SittingRecord
from qbank.ledger.joining import joined, joined_ratings, rows_of_persons
from qbank.ledger.levels import forget_levels
from qbank.ledger.paper_cuts import PaperCut, read_cuts
from qbank.ledger.trail import record as record_in_trail


@dataclass(frozen=True, slots=True)
class StoredSitting:
    """A sitting as it was added; ``papers`` are the texts of the form files as printed.

    responses : of all current files, part after part, with the answers that were declared void or withheld since as such;
        ``persons`` are pseudonyms ; intakes : their ids ; ratings : marks by rater and step where the files had such,
        positions in ``responses`` ; marks : single answers that do not stand ; unfitting : marks of persons or questions
        that are in no file any more ; cuts : of papers, accepted after equating, in place of that of the record
    """

    record: SittingRecord
    papers: tuple[str, ...]
    responses: Responses
    intakes: tuple[str, ...] = ()
    ratings: Ratings | None = None
    marks: tuple[AnswerMark, ...] = ()
    unfitting: tuple[AnswerMark, ...] = ()
    cuts: tuple[PaperCut, ...] = ()

    def cut_of(self, paper: str) -> float:
        """Return the marks needed to pass on a paper: those accepted after equating, else those of the sitting."""
        return next((cut.cut for cut in self.cuts if cut.paper == paper), self.record.cut)


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers alone: int16 (n_persons, n_items) as on paper, items, and their labels."""

    answer: NDArray[np.int16]
    items: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]


def list_sittings(ledger: Ledger) -> tuple[tuple[SittingRecord, int], ...]:
    """Return every sitting with its number of persons, oldest first; a person in two parts is one."""
    s, i, p = tables.sitting.c, tables.intake.c, tables.person.c
    counts = select(i.sitting, func.sum(i.n_persons).label("n")).where(i.current).group_by(i.sitting).subquery()
    several = select(i.sitting).where(i.current).group_by(i.sitting).having(func.count() > 1)
    distinct = (
        select(i.sitting, func.count(func.distinct(p.person)))
        .join(tables.person, p.intake == i.id)
        .where(i.current, i.sitting.in_(several))
        .group_by(i.sitting)
    )
    with ledger.read() as connection:
        rows = connection.execute(
            select(tables.sitting, counts.c.n).outerjoin(counts, counts.c.sitting == s.id).order_by(s.date, s.id)
        ).all()
        persons = {row[0]: int(row[1]) for row in connection.execute(distinct)}
    return tuple((SittingRecord(*row[:-1]), persons.get(row[0], int(row[-1] or 0))) for row in rows)


def bank_of(ledger: Ledger, sitting: str) -> str | None:
    """Return the name of the bank whose papers a sitting had, None for a sitting that is not there."""
    with ledger.read() as connection:
        return connection.execute(select(tables.sitting.c.bank).where(tables.sitting.c.id == sitting)).scalar()


def list_papers(ledger: Ledger) -> tuple[tuple[str, str, str], ...]:
    """Return the id, the day of the sitting and the text of every paper that was sat, oldest first."""
    p, s = tables.paper.c, tables.sitting.c
    with ledger.read() as connection:
        rows = connection.execute(
            select(p.form, s.date, p.text)
            .join(tables.sitting, s.id == p.sitting)
            .order_by(s.date, s.id, p.position, p.form)
        ).all()
    return tuple((row[0], row[1], row[2]) for row in rows)


def read_papers(ledger: Ledger, sitting: str) -> tuple[tuple[str, str], ...]:
    """Return the name and the text of each paper of a sitting, in the order in which they were given."""
    p = tables.paper.c
    with ledger.read() as connection:
        rows = connection.execute(
            select(p.form, p.text).where(p.sitting == sitting).order_by(p.position, p.form)
        ).all()
    return tuple((row[0], row[1]) for row in rows)


def read_sitting(ledger: Ledger, id: str, *, as_on_paper: bool = False) -> StoredSitting | None:
    """Return a sitting, or None where there is none of that name; a damaged block raises `LedgerError`.

    as_on_paper : nothing is laid over the answers
    """
    with ledger.read() as connection:
        row = connection.execute(select(tables.sitting).where(tables.sitting.c.id == id)).first()
        if row is None:
            return None
        papers = connection.execute(
            select(tables.paper.c.form, tables.paper.c.text)
            .where(tables.paper.c.sitting == id)
            .order_by(tables.paper.c.position, tables.paper.c.form)
        ).all()
        intakes = _current_intakes(connection, id)
        parts = [_read_part(connection, ledger, intake) for intake in intakes]
        ratings = [_read_ratings(connection, ledger, intake) for intake in intakes]
        marks = () if as_on_paper else read_marks(connection, id)
        cuts = read_cuts(connection, id)
    forms = tuple(entry.form for entry in papers)
    responses = joined(id, forms, parts, [one is not None for one in ratings])
    rows = rows_of_persons(parts)[1]
    together = joined_ratings(ratings, [part.items for part in parts], responses.items, rows)
    responses, unfitting = with_marks(responses, marks)
    record = SittingRecord(*row)
    return StoredSitting(
        record, tuple(entry.text for entry in papers), responses, tuple(intake.id for intake in intakes), together, marks,
        unfitting, cuts,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class OtherParts:
    """What a sitting has besides one of its parts.

    responses : of all other parts together; ``persons`` are the numbers in the files, a pseudonym for whoever was
    forgotten ; documents : by number, where known ; has_answers : whether any of them is more than raters' marks ;
    exposure : by item, the persons whom the other parts count
    """

    responses: Responses
    documents: Mapping[str, str]
    has_answers: bool
    exposure: Mapping[str, int] = field(default_factory=dict)


def read_other_parts(ledger: Ledger, id: str, part: str) -> OtherParts | None:
    """Return what a sitting has besides a part, to be held against it, or None where that is nothing."""
    i, p, d, e = tables.intake.c, tables.person.c, tables.identity.c, tables.exposure.c
    with ledger.read() as connection:
        intakes = [intake for intake in _current_intakes(connection, id) if intake.part != part]
        if not intakes:
            return None
        papers = connection.execute(
            select(tables.paper.c.form).where(tables.paper.c.sitting == id).order_by(tables.paper.c.position)
        ).scalars()
        forms = tuple(papers)
        parts = [_read_part(connection, ledger, intake) for intake in intakes]
        rated = [_read_ratings(connection, ledger, intake) is not None for intake in intakes]
        rows = connection.execute(
            select(p.person, d.number, d.document)
            .join(tables.identity, (d.intake == p.intake) & (d.position == p.position))
            .join(tables.intake, i.id == p.intake)
            .where(i.sitting == id, i.current, i.part != part)
        ).all()
        used = connection.execute(
            select(e.item, func.sum(e.n_seen)).where(e.intake.in_([intake.id for intake in intakes])).group_by(e.item)
        ).all()
    number = {row.person: row.number for row in rows}
    together = joined(id, forms, parts, rated)
    persons = tuple(number.get(person, person) for person in together.persons)
    documents = {row.number: row.document for row in rows if row.document}
    return OtherParts(replace(together, persons=persons), documents, not all(rated), {item: int(n) for item, n in used})


def read_answers(ledger: Ledger, id: str) -> Answers | None:
    """Return the answers of a sitting as on paper, without its persons, or None where there is no such sitting."""
    with ledger.read() as connection:
        intakes = _current_intakes(connection, id)
        if len(intakes) == 1:
            (intake,) = intakes
            labels = tuple(tuple(words) for words in intake.labels)
            return Answers(_read_blocks(connection, ledger, intake), tuple(intake.items), labels)
    found = read_sitting(ledger, id, as_on_paper=True) if intakes else None
    return None if found is None else Answers(found.responses.answer, found.responses.items, found.responses.labels)


def remove_sitting(ledger: Ledger, id: str) -> bool:
    """Remove a sitting with all that rests on it; returns whether there was one. The trail keeps that it was."""
    with ledger.begin() as connection:
        intakes = _current_intakes(connection, id)
        found = bool(connection.execute(delete(tables.sitting).where(tables.sitting.c.id == id)).rowcount)
        if found:
            forget_levels(connection)
            facts = {"before": {intake.id: intake.digest for intake in intakes}}
            record_in_trail(connection, ledger, "sitting removed", id, facts, touched=WHOLE)
    return found


def _current_intakes(connection: Connection, id: str) -> Sequence[Any]:
    i = tables.intake.c
    return connection.execute(select(tables.intake).where(i.sitting == id, i.current).order_by(i.part)).all()


def _read_part(connection: Connection, ledger: Ledger, intake: Any) -> Responses:
    p = tables.person.c
    query = (
        select(p.person, p.form, p.standing, p.site, p.room, p.seat, cast(p.groups, Text))
        .where(p.intake == intake.id)
        .order_by(p.position)
    )
    found = connection.execute(query).cursor
    # rows as the driver has them: a hundred thousand records of SQLAlchemy would take longer than all the rest
    rows = found.fetchall() if found is not None else []
    persons, form, standing, *own, groups = zip(*rows, strict=True) if rows else [()] * 7
    others = {words: json.loads(words) for words in set(groups)}
    names = list(others[groups[0]]) if groups else []
    columns = [(name, column) for name, column in zip(COLUMNS_OF_PERSONS, own, strict=True) if any(column)]
    columns += [(name, tuple([str(others[words].get(name, "")) for words in groups])) for name in names]
    code = {word: n for n, word in enumerate(STANDINGS)}
    return Responses(
        sitting=intake.sitting, persons=persons, items=tuple(intake.items),
        answer=_read_blocks(connection, ledger, intake), labels=tuple(tuple(labels) for labels in intake.labels),
        forms=tuple(intake.forms), form=np.array(form, dtype=np.int16), groups=tuple(columns),
        standing=np.array([code[word] for word in standing], dtype=np.int8),
    )  # fmt: skip


def _read_blocks(connection: Connection, ledger: Ledger, intake: Any) -> NDArray[np.int16]:
    """Return the answers of one file, (n_persons, n_items)."""
    b = tables.response_block.c
    rows = connection.execute(
        select(tables.response_block).where(b.intake == intake.id).order_by(b.block)
    ).all()
    answer = np.empty((intake.n_persons, len(intake.items)), dtype=np.int16)
    done = 0
    for row in rows:
        try:
            block = unpacked(row.dtype, (row.n_persons, row.n_items), row.answer, row.checksum)
            answer[row.first : row.first + row.n_persons] = block
        except ValueError as fault:
            raise LedgerError("damaged", ledger.place, f"{intake.id} block {row.block}: {fault}") from fault
        done += row.n_persons
    if done != intake.n_persons:
        raise LedgerError("damaged", ledger.place, f"{intake.id}: {done} of {intake.n_persons} persons")
    answer.flags.writeable = False
    return answer


def _read_ratings(connection: Connection, ledger: Ledger, intake: Any) -> Ratings | None:
    row = connection.execute(select(tables.rating_block).where(tables.rating_block.c.intake == intake.id)).first()
    if row is None:
        return None
    try:
        table = unpacked("float64", (row.n_ratings, 5), row.rating, row.checksum)
    except DamagedBlock as fault:
        raise LedgerError("damaged", ledger.place, f"{intake.id} ratings: {fault}") from fault
    person, item, step, rater = (table[:, n].astype(np.int32) for n in range(4))
    return Ratings(person, item, step, rater, table[:, 4].astype(np.float64), tuple(row.steps), tuple(row.raters))
