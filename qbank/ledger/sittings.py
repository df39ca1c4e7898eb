"""Sittings in and out: papers as printed, persons, answers as one compressed, checksummed block."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

import numpy as np
import zstandard
from sqlalchemy import delete, insert, select

from qbank.core.responses import Responses
from qbank.ledger import tables
from qbank.ledger.engine import Ledger, LedgerError

Design = Literal["spiralled", "anchor", "none"]
Outcome = Literal["added", "unchanged", "different"]


@dataclass(frozen=True, slots=True)
class SittingRecord:
    """What ``sitting.yaml`` declares, and the digest of the answers' file."""

    id: str
    date: str
    place: str
    design: Design
    cut: float
    marks: float
    bank: str
    source_digest: str


@dataclass(frozen=True, slots=True)
class StoredSitting:
    """A sitting as it was added; ``papers`` are the texts of the form files as printed."""

    record: SittingRecord
    papers: tuple[str, ...]
    responses: Responses


def add_sitting(
    ledger: Ledger, record: SittingRecord, papers: tuple[tuple[str, str, str], ...], responses: Responses,
    uses: tuple[tuple[str, str, int], ...],
) -> Outcome:  # fmt: skip
    """Store a sitting in one transaction; the same file a second time changes nothing.

    papers : (form id, digest, text of the form file) in the order of ``responses.forms`` ; uses : (item,
    fingerprint, persons who had it): exposure counts from now on, statistics follow with the analysis
    """
    with ledger.begin() as connection:
        stored = connection.execute(
            select(tables.sitting.c.source_digest).where(tables.sitting.c.id == record.id)
        ).scalar()
        if stored is not None:
            return "unchanged" if stored == record.source_digest else "different"
        connection.execute(insert(tables.sitting).values(_columns(record)))
        connection.execute(
            insert(tables.paper),
            [
                {"sitting": record.id, "position": position, "form": form, "digest": digest, "text": text}
                for position, (form, digest, text) in enumerate(papers)
            ],
        )
        names = [name for name, _ in responses.groups]
        columns = [values for _, values in responses.groups]
        connection.execute(
            insert(tables.person),
            [
                {
                    "sitting": record.id, "position": row, "person": person, "form": int(responses.form[row]),
                    "groups": {name: column[row] for name, column in zip(names, columns, strict=True)},
                }
                for row, person in enumerate(responses.persons)
            ],
        )  # fmt: skip
        raw = np.ascontiguousarray(responses.answer, dtype="<i2").tobytes()
        connection.execute(
            insert(tables.response_block).values(
                sitting=record.id, n_persons=len(responses.persons), n_items=len(responses.items),
                items=list(responses.items), labels=[list(labels) for labels in responses.labels],
                answer=zstandard.ZstdCompressor(level=6).compress(raw), checksum=hashlib.sha256(raw).hexdigest(),
            )
        )  # fmt: skip
        connection.execute(
            insert(tables.item_use),
            [
                {"sitting": record.id, "item": item, "fingerprint": fingerprint, "n_seen": n, "flags": [], "held": False}
                for item, fingerprint, n in uses
            ],
        )
    return "added"


def _columns(record: SittingRecord) -> dict[str, str | float]:
    return {name: getattr(record, name) for name in record.__slots__}


def list_sittings(ledger: Ledger) -> tuple[tuple[SittingRecord, int], ...]:
    """Return every sitting with its number of persons, oldest first."""
    block = tables.response_block
    with ledger.begin() as connection:
        rows = connection.execute(
            select(tables.sitting, block.c.n_persons)
            .join(block, block.c.sitting == tables.sitting.c.id)
            .order_by(tables.sitting.c.date, tables.sitting.c.id)
        ).all()
    return tuple((SittingRecord(*row[:-1]), row[-1]) for row in rows)


def list_papers(ledger: Ledger) -> tuple[tuple[str, str, str], ...]:
    """Return the id, the day of the sitting and the text of every paper that was sat, oldest first."""
    with ledger.begin() as connection:
        rows = connection.execute(
            select(tables.paper.c.form, tables.sitting.c.date, tables.paper.c.text)
            .join(tables.sitting, tables.sitting.c.id == tables.paper.c.sitting)
            .order_by(tables.sitting.c.date, tables.sitting.c.id, tables.paper.c.position)
        ).all()
    return tuple((row[0], row[1], row[2]) for row in rows)


def read_sitting(ledger: Ledger, id: str) -> StoredSitting | None:
    """Return a sitting, or None where there is none of that name; a damaged block raises `LedgerError`."""
    with ledger.begin() as connection:
        row = connection.execute(select(tables.sitting).where(tables.sitting.c.id == id)).first()
        if row is None:
            return None
        papers = connection.execute(
            select(tables.paper.c.form, tables.paper.c.text)
            .where(tables.paper.c.sitting == id)
            .order_by(tables.paper.c.position)
        ).all()
        persons = connection.execute(
            select(tables.person.c.person, tables.person.c.form, tables.person.c.groups)
            .where(tables.person.c.sitting == id)
            .order_by(tables.person.c.position)
        ).all()
        block = connection.execute(select(tables.response_block).where(tables.response_block.c.sitting == id)).one()
    try:
        raw = zstandard.ZstdDecompressor().decompress(block.answer)
    except zstandard.ZstdError:
        raw = b""
    if hashlib.sha256(raw).hexdigest() != block.checksum:
        raise LedgerError(f"{ledger.place}: the answers of {id} do not match their checksum")
    answer = np.frombuffer(raw, dtype="<i2").reshape(block.n_persons, block.n_items).astype(np.int16)
    answer.flags.writeable = False
    names = list(persons[0].groups) if persons else []
    responses = Responses(
        sitting=id, persons=tuple(entry.person for entry in persons), items=tuple(block.items), answer=answer,
        labels=tuple(tuple(labels) for labels in block.labels), forms=tuple(entry.form for entry in papers),
        form=np.array([entry.form for entry in persons], dtype=np.int16),
        groups=tuple((name, tuple(str(entry.groups.get(name, "")) for entry in persons)) for name in names),
    )  # fmt: skip
    return StoredSitting(SittingRecord(*row), tuple(entry.text for entry in papers), responses)


def remove_sitting(ledger: Ledger, id: str) -> bool:
    """Remove a sitting with all that rests on it; returns whether there was one."""
    with ledger.begin() as connection:
        return bool(connection.execute(delete(tables.sitting).where(tables.sitting.c.id == id)).rowcount)
