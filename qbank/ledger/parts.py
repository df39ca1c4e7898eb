"""The files of a sitting, station by station, corrected ones with those before them; and what a correction changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from qbank.core.responses import NOT_SEEN, Responses
from qbank.ledger import tables
from qbank.ledger.engine import Ledger
from qbank.ledger.persons import pseudonym_key, pseudonyms
from qbank.ledger.same_person import pseudonyms_beside
from qbank.ledger.sittings import _read_part


@dataclass(frozen=True, slots=True)
class FilePart:
    """One file of a part of a sitting: the first, or a corrected one; ``current`` is the one that counts."""

    part: str
    number: int
    current: bool
    at: str
    who: str
    source: str
    why: str
    n_persons: int
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Changes:
    """What a corrected file changes: persons new and gone, persons of whom anything changed, and answers of these."""

    persons_new: int
    persons_gone: int
    persons_changed: int
    answers_changed: int


def file_parts(ledger: Ledger, sitting: str) -> tuple[FilePart, ...]:
    """Return every file that a sitting ever had, part by part, the oldest first."""
    i = tables.intake.c
    query = select(i.part, i.number, i.current, i.at, i.who, i.source, i.why, i.n_persons, i.settings)
    with ledger.read() as connection:
        rows = connection.execute(query.where(i.sitting == sitting).order_by(i.part, i.number)).all()
    return tuple(FilePart(*row) for row in rows)


def changes_by(
    ledger: Ledger, sitting: str, part: str, responses: Responses, documents: Sequence[str]
) -> Changes | None:
    """Return what a file would change of the current one of its part, None where there is none.

    Persons are held against each other by pseudonym, answers by item and label.
    """
    i = tables.intake.c
    with ledger.read() as connection:
        row = connection.execute(
            select(tables.intake).where(i.sitting == sitting, i.part == part, i.current)
        ).first()
        if row is None:
            return None
        former = _read_part(connection, ledger, row)
        key = pseudonym_key(connection)
        numbers = zip(documents or ("",) * len(responses.persons), responses.persons, strict=True)
        alone = pseudonyms(key, [document or number for document, number in numbers])
        who, _ = pseudonyms_beside(connection, sitting, part, responses.persons, documents, alone)
    return _changes(former, responses, who)


def _changes(former: Responses, now: Responses, who: Sequence[str]) -> Changes:
    place = {person: n for n, person in enumerate(former.persons)}
    pairs = [(n, place[person]) for n, person in enumerate(who) if person in place]
    mine = np.array([n for n, _ in pairs], dtype=np.int64)
    theirs = np.array([n for _, n in pairs], dtype=np.int64)
    changed = np.zeros(mine.size, dtype=np.int64)
    for item in dict.fromkeys((*now.items, *former.items)):
        changed += _codes(now, item, mine, former, item) != _codes(former, item, theirs, former, item)
    moved = np.array([now.forms[f] for f in now.form[mine]]) != np.array([former.forms[f] for f in former.form[theirs]])
    moved = moved | (now.standing[mine] != former.standing[theirs])
    return Changes(
        len(who) - len(pairs), len(former.persons) - len(pairs), int(((changed > 0) | moved).sum()), int(changed.sum())
    )


def _codes(
    responses: Responses, item: str, rows: NDArray[np.int64], former: Responses, known: str
) -> NDArray[np.int64]:
    """Return the answers to an item by the labels of the former file, others by numbers beyond these."""
    if item not in responses.items:
        return np.full(rows.size, NOT_SEEN, dtype=np.int64)
    column = responses.items.index(item)
    labels = list(former.labels[former.items.index(known)]) if known in former.items else []
    code = {label: n for n, label in enumerate(labels)}
    lut = np.array([code.setdefault(label, len(code)) for label in responses.labels[column]] or [0], dtype=np.int64)
    given = responses.answer[rows, column].astype(np.int64)
    codes: NDArray[np.int64] = np.where(given >= 0, lut[np.maximum(given, 0)], given)
    return codes


def as_facts(changes: Changes | None) -> dict[str, int]:
    """Return the counts as the trail and a report have them."""
    return {} if changes is None else asdict(changes)
