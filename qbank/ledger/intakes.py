"""Files of answers into the ledger: whole or not at all, once, and corrected with a trace."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
from sqlalchemy import Connection, Table, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from qbank.core.ratings import Ratings
from qbank.core.responses import STANDINGS, Responses
from qbank.ledger import tables
from qbank.ledger.blocks import narrow, packed, row_blocks
from qbank.ledger.bulk import insert_rows, json_text
from qbank.ledger.contents import content_digest
from qbank.ledger.digests import ALL
from qbank.ledger.engine import Ledger, now
from qbank.ledger.flags import HISTORY_FLAGS, put_flags
from qbank.ledger.gate import pass_within
from qbank.ledger.levels import forget_levels
from qbank.ledger.persons import pseudonym_key, pseudonyms
from qbank.ledger.same_person import linked
from qbank.ledger.seals import Words, seal
from qbank.ledger.trail import record as record_in_trail

Design = Literal["spiralled", "anchor", "none"]
Outcome = Literal["added", "unchanged", "different", "replaced"]
PRINTED = re.compile(r"fingerprint: ([^,\n]+),")
COLUMNS_OF_PERSONS = ("site", "room", "seat")
Given = tuple[int, str, str, str, str, str]
"""Of one person: form, standing, site, room, seat, other groups as JSON text."""


@dataclass(frozen=True, slots=True)
class SittingRecord:
    """What ``sitting.yaml`` and the papers declare: the same for all parts of a sitting.

    occupation : code and title as the bank has them, "" where it is not at hand ; settings : how answers are scored,
        as the declaration says
    """

    id: str
    date: str
    place: str
    design: Design
    cut: float
    marks: float
    bank: str
    occupation: str = ""
    level: int = 0
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """Where answers came from.

    digest : of the file and of all that it was read by: equal means that nothing is new ; part : of the sitting, "" where
        it has one ; name : of the file ; why : a former file was wrong ; settings : how the file was read ;
        names, documents : (n_persons,) of the persons, or () ; exposure : (item, fingerprint, persons who had it) ;
        changed : counts of what a corrected file changes
    """

    digest: str
    name: str = ""
    part: str = ""
    why: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    exposure: tuple[tuple[str, str, int], ...] = ()
    changed: Mapping[str, int] = field(default_factory=dict)


def add_answers(
    ledger: Ledger, record: SittingRecord, papers: tuple[tuple[str, str, str], ...], responses: Responses, source: Source,
    *, ratings: Ratings | None = None, replace: bool = False,
) -> Outcome:  # fmt: skip
    """Store one file of answers in one transaction; the same file a second time changes nothing.

    papers : (form id, digest, text of the form file) ; responses : its ``persons`` are the numbers in the file ;
    replace : another file of the same part takes the place of the one before, which stays without any name
    """
    blocks = _blocks(responses)  # the work is done before others have to wait
    given = _given(responses)

    def work(connection: Connection) -> Outcome:
        former = connection.execute(
            select(tables.intake).where(
                tables.intake.c.sitting == record.id, tables.intake.c.part == source.part, tables.intake.c.current
            )
        ).first()
        stored = connection.execute(select(tables.sitting).where(tables.sitting.c.id == record.id)).first()
        # the bank, and with it the name of the occupation, need not be at hand each time
        known = record if stored is None else SittingRecord(*stored)
        declared = dataclasses.replace(record, occupation=record.occupation or known.occupation)
        same = dataclasses.replace(known, occupation=declared.occupation) == declared
        same = same and _same_papers(connection, record.id, papers)
        if former is not None and former.digest == source.digest and same:
            return "unchanged"
        if (former is not None or not same) and not replace:
            return "different"
        before = _before(former, stored, same)
        insert_missing(connection, tables.sitting, [asdict(declared)])
        if not same:
            values = asdict(declared)
            connection.execute(update(tables.sitting).where(tables.sitting.c.id == record.id).values(values))
        _put_papers(connection, record.id, papers, replace=replace)
        if former is not None:
            _retire(connection, record.id, former.id)
        id = f"{record.id}/{source.part}/{1 if former is None else former.number + 1}"
        _put_intake(connection, ledger, id, record.id, responses, source)
        moved, words = _put_persons(connection, id, record.id, responses, source, given)
        insert_rows(connection, tables.response_block, [(id, *block) for block in blocks])
        if ratings is not None:
            _put_ratings(connection, id, ratings)
        if source.exposure:
            on = printed_on(papers)
            rows = [(id, item, print, int(n), json_text(on.get(print, ()))) for item, print, n in source.exposure]
            insert_rows(connection, tables.exposure, rows)
        facts = {
            "intake": id, "before": before, "part": source.part, "file": source.name, "digest": source.digest,
            "why": source.why, "changed": dict(source.changed), "persons": len(responses.persons),
            "blocks": [block[-1] for block in blocks],
            "content": content_digest(responses.forms, responses.items, responses.labels, given),
            "papers": [[form, digest] for form, digest, _ in papers],
            **seal(connection, [id, *([former.id] if former is not None else []), *moved], {id: words}),
        }  # fmt: skip
        action = "answers replaced" if former is not None else "answers added"
        record_in_trail(connection, ledger, action, record.id, facts, touched=ALL)
        pass_within(connection, ledger, record.id, "imported")
        return "added" if former is None else "replaced"

    return ledger.write(work, sitting=record.id)


def insert_missing(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert the rows whose key is not there yet."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(dialect.insert(table).on_conflict_do_nothing(), rows)


def _before(former: Any, stored: Any, same: bool) -> dict[str, Any]:
    before: dict[str, Any] = {}
    if former is not None:
        before |= {"digest": former.digest, "number": former.number, "persons": former.n_persons}
    if not same:
        before["sitting"] = dict(stored._mapping)
    return before


def _put_papers(
    connection: Connection, sitting: str, papers: tuple[tuple[str, str, str], ...], *, replace: bool
) -> None:
    rows = [
        {"sitting": sitting, "form": form, "position": position, "digest": digest, "text": words}
        for position, (form, digest, words) in enumerate(papers)
    ]
    if replace:
        forms = [form for form, _, _ in papers]
        connection.execute(delete(tables.paper).where(tables.paper.c.sitting == sitting, tables.paper.c.form.in_(forms)))
    insert_missing(connection, tables.paper, rows)


def printed_on(papers: tuple[tuple[str, str, str], ...]) -> dict[str, tuple[str, ...]]:
    """Return on which papers each fingerprint stands, as their text says.

    papers : as in `add_answers`

    >>> printed_on((("A", "", "- {id: Q1, fingerprint: a.b, key: C}"), ("B", "", "- {id: Q1, fingerprint: a.b, key: C}")))
    {'a.b': ('A', 'B')}
    """
    found: dict[str, tuple[str, ...]] = {}
    for form, _, words in papers:
        for fingerprint in dict.fromkeys(PRINTED.findall(words)):
            found[fingerprint] = (*found.get(fingerprint, ()), form)
    return found


def _retire(connection: Connection, sitting: str, intake: str) -> None:
    """Take names and counts away from a file that was replaced, and call outdated what rested on it."""
    connection.execute(update(tables.intake).where(tables.intake.c.id == intake).values(current=False))
    for table in (tables.identity, tables.exposure):
        connection.execute(delete(table).where(table.c.intake == intake))
    for table in (tables.scoring, tables.calibration):
        connection.execute(update(table).where(table.c.sitting == sitting).values(current=False))
    connection.execute(delete(tables.item_use).where(tables.item_use.c.sitting == sitting))
    put_flags(connection, sitting, (), codes=HISTORY_FLAGS)
    forget_levels(connection)


def _same_papers(connection: Connection, sitting: str, papers: tuple[tuple[str, str, str], ...]) -> bool:
    """Return whether no paper of that name was another one when an earlier part came in."""
    p = tables.paper.c
    stored = {row.form: row.digest for row in connection.execute(select(p.form, p.digest).where(p.sitting == sitting))}
    return all(stored.get(form, digest) == digest for form, digest, _ in papers)


def _put_intake(
    connection: Connection, ledger: Ledger, id: str, sitting: str, responses: Responses, source: Source
) -> None:
    connection.execute(
        insert(tables.intake).values(
            id=id, sitting=sitting, part=source.part, number=int(id.rpartition("/")[2]), current=True, at=now(),
            who=ledger.who, source=source.name, digest=source.digest, why=source.why, forms=list(responses.forms),
            items=list(responses.items), labels=[list(labels) for labels in responses.labels],
            n_persons=len(responses.persons), settings=dict(source.settings),
        )
    )  # fmt: skip


def _given(responses: Responses) -> list[Given]:
    """Return what the file says of each person besides the answers: form, standing, site, room, seat, groups as JSON."""
    n = len(responses.persons)
    columns = dict(responses.groups)
    others = [name for name in columns if name not in COLUMNS_OF_PERSONS]
    own = [columns.get(name, ("",) * n) for name in COLUMNS_OF_PERSONS]
    known: dict[tuple[str, ...], str] = {}
    groups = []
    for words in zip(*(columns[name] for name in others), strict=True) if others else [()] * n:
        found = known.get(words)
        if found is None:
            found = known[words] = json_text(dict(zip(others, words, strict=True)))
        groups.append(found)
    standing = [STANDINGS[code] for code in responses.standing.tolist()]
    return list(zip(responses.form.tolist(), standing, *own, groups, strict=True))


def _put_persons(
    connection: Connection, intake: str, sitting: str, responses: Responses, source: Source, given: list[Given]
) -> tuple[tuple[str, ...], Words]:
    """Write who sat; returns other files in which a person took another pseudonym, and what was written."""
    n = len(responses.persons)
    names, documents = source.names or ("",) * n, source.documents or ("",) * n
    key = pseudonym_key(connection)
    numbers = (document or number for document, number in zip(documents, responses.persons, strict=True))
    alone = pseudonyms(key, numbers)
    who, moved = linked(connection, sitting, source.part, responses.persons, source.documents, alone)
    insert_rows(
        connection, tables.person, [(intake, row, person, *own) for row, (person, own) in enumerate(zip(who, given, strict=True))]
    )
    words = {"person": (who,), "identity": (responses.persons, names, documents)}
    identities = zip(*words["identity"], strict=True)
    insert_rows(connection, tables.identity, [(intake, row, *own) for row, own in enumerate(identities)])
    return moved, words


def _blocks(responses: Responses) -> list[tuple[int, int, int, int, str, bytes, str]]:
    """Return the answers as rows of ``response_block`` without the first column."""
    rows = []
    for block, (first, end) in enumerate(row_blocks(len(responses.persons))):
        dtype, data, checksum = packed(narrow(responses.answer[first:end]))
        rows.append((block, first, end - first, len(responses.items), dtype, data, checksum))
    return rows


def _put_ratings(connection: Connection, intake: str, ratings: Ratings) -> None:
    columns = [ratings.person, ratings.item, ratings.step, ratings.rater]
    table = np.column_stack([*(column.astype(np.float64) for column in columns), ratings.marks])
    _, data, checksum = packed(table)
    connection.execute(
        insert(tables.rating_block).values(
            intake=intake, raters=list(ratings.raters), steps=list(ratings.steps), n_ratings=table.shape[0], rating=data,
            checksum=checksum,
        )
    )  # fmt: skip
