"""Sittings as they stand: declaration, papers as printed, persons, answers of all parts together."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Text, cast, delete, func, select

from qbank.core.ratings import Ratings
from qbank.core.responses import NOT_SEEN, STANDINGS, Responses
from qbank.ledger import tables
from qbank.ledger.blocks import DamagedBlock, unpacked
from qbank.ledger.engine import Ledger, LedgerError
from qbank.ledger.intakes import COLUMNS_OF_PERSONS, SittingRecord
from qbank.ledger.trail import record as record_in_trail


@dataclass(frozen=True, slots=True)
class StoredSitting:
    """A sitting as it was added; ``papers`` are the texts of the form files as printed.

    responses : of all current files, part after part; ``persons`` are pseudonyms ; intakes : their ids ; ratings :
        marks by rater and step where the files had such, positions in ``responses``
    """

    record: SittingRecord
    papers: tuple[str, ...]
    responses: Responses
    intakes: tuple[str, ...] = ()
    ratings: Ratings | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers alone: int16 (n_persons, n_items) as on paper, items, and their labels."""

    answer: NDArray[np.int16]
    items: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]


def list_sittings(ledger: Ledger) -> tuple[tuple[SittingRecord, int], ...]:
    """Return every sitting with its number of persons, oldest first."""
    s, i = tables.sitting.c, tables.intake.c
    counts = select(i.sitting, func.sum(i.n_persons).label("n")).where(i.current).group_by(i.sitting).subquery()
    with ledger.read() as connection:
        rows = connection.execute(
            select(tables.sitting, counts.c.n).outerjoin(counts, counts.c.sitting == s.id).order_by(s.date, s.id)
        ).all()
    return tuple((SittingRecord(*row[:-1]), int(row[-1] or 0)) for row in rows)


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


def read_sitting(ledger: Ledger, id: str) -> StoredSitting | None:
    """Return a sitting, or None where there is none of that name; a damaged block raises `LedgerError`."""
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
    forms = tuple(entry.form for entry in papers)
    responses = joined(id, forms, parts)
    first = np.cumsum([0, *(len(part.persons) for part in parts)])
    together = _joined_ratings(ratings, [part.items for part in parts], responses.items, first)
    record = SittingRecord(*row)
    return StoredSitting(
        record, tuple(entry.text for entry in papers), responses, tuple(intake.id for intake in intakes), together
    )


def read_answers(ledger: Ledger, id: str) -> Answers | None:
    """Return the answers of a sitting without its persons, or None where there is no such sitting."""
    with ledger.read() as connection:
        intakes = _current_intakes(connection, id)
        blocks = [_read_blocks(connection, ledger, intake) for intake in intakes]
    if not intakes:
        return None
    items, labels, answer = _joined_answers(intakes, blocks)
    return Answers(answer, items, labels)


def remove_sitting(ledger: Ledger, id: str) -> bool:
    """Remove a sitting with all that rests on it; returns whether there was one. The trail keeps that it was."""
    with ledger.begin() as connection:
        intakes = _current_intakes(connection, id)
        found = bool(connection.execute(delete(tables.sitting).where(tables.sitting.c.id == id)).rowcount)
        if found:
            facts = {"before": {intake.id: intake.digest for intake in intakes}}
            record_in_trail(connection, ledger, "sitting removed", id, facts)
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


def joined(sitting: str, forms: tuple[str, ...], parts: Sequence[Responses]) -> Responses:
    """Return the parts of a sitting as one: items, labels, forms and groups of all, persons part after part.

    forms : of the sitting, in order; those of the parts are among them
    """
    if len(parts) == 1 and parts[0].forms == forms:
        return parts[0]
    position = {form: n for n, form in enumerate(forms)}
    items, labels, answer = _joined_answers(parts, [part.answer for part in parts])
    form = [np.array([position[f] for f in part.forms], dtype=np.int16)[part.form] for part in parts]
    names = list(dict.fromkeys(name for part in parts for name, _ in part.groups))
    columns = [[dict(part.groups).get(name, ("",) * len(part.persons)) for part in parts] for name in names]
    return Responses(
        sitting=sitting, persons=tuple(person for part in parts for person in part.persons), items=items, answer=answer,
        labels=labels, forms=forms, form=np.concatenate(form) if form else np.zeros(0, np.int16),
        groups=tuple((n, tuple(w for part in c for w in part)) for n, c in zip(names, columns, strict=True)),
        standing=np.concatenate([part.standing for part in parts]) if parts else np.zeros(0, np.int8),
    )  # fmt: skip


def _joined_answers(
    parts: Sequence[Any], answers: Sequence[NDArray[np.int16]]
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...], NDArray[np.int16]]:
    """Return items, labels and answers of all parts; each part's labels are renumbered where they differ."""
    if len(parts) == 1:
        return tuple(parts[0].items), tuple(tuple(words) for words in parts[0].labels), answers[0]
    words: dict[str, dict[str, int]] = {}
    for part in parts:
        for item, own in zip(part.items, part.labels, strict=True):
            known = words.setdefault(item, {})
            for label in own:
                known.setdefault(label, len(known))
    column = {item: n for n, item in enumerate(words)}
    answer = np.full((sum(a.shape[0] for a in answers), len(words)), NOT_SEEN, dtype=np.int16)
    first = 0
    for part, given in zip(parts, answers, strict=True):
        for n, (item, own) in enumerate(zip(part.items, part.labels, strict=True)):
            to = np.array([words[item][label] for label in own] or [0], dtype=np.int16)
            rows = slice(first, first + given.shape[0])
            answer[rows, column[item]] = np.where(given[:, n] >= 0, to[np.maximum(given[:, n], 0)], given[:, n])
        first += given.shape[0]
    answer.flags.writeable = False
    return tuple(words), tuple(tuple(known) for known in words.values()), answer


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


def _joined_ratings(
    found: Sequence[Ratings | None], own: Sequence[tuple[str, ...]], items: tuple[str, ...], first: NDArray[np.int64]
) -> Ratings | None:
    """Return the ratings of all parts, with persons, items, steps and raters numbered over all of them."""
    parts = [(r, names, int(n)) for r, names, n in zip(found, own, first[:-1], strict=True) if r is not None]
    if not parts:
        return None
    steps = list(dict.fromkeys(step for r, _, _ in parts for step in r.steps))
    raters = list(dict.fromkeys(rater for r, _, _ in parts for rater in r.raters))

    def renumbered(values: NDArray[np.int32], old: Sequence[str], new: Sequence[str]) -> NDArray[np.int32]:
        place = {word: n for n, word in enumerate(new)}
        return np.array([place[word] for word in old] or [0], dtype=np.int32)[values]

    return Ratings(
        np.concatenate([r.person + n for r, _, n in parts]).astype(np.int32),
        np.concatenate([renumbered(r.item, names, items) for r, names, _ in parts]),
        np.concatenate([renumbered(r.step, r.steps, steps) for r, _, _ in parts]),
        np.concatenate([renumbered(r.rater, r.raters, raters) for r, _, _ in parts]),
        np.concatenate([r.marks for r, _, _ in parts]),
        tuple(steps),
        tuple(raters),
    )
