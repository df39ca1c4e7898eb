"""Scoring runs: rules, what was changed of the printed marking, the total of every person, counts by site and paper.

A run is never changed; another run stands beside it, and the last one is current.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Row, func, insert, select, update

from qbank.ledger import tables
from qbank.ledger.blocks import DamagedBlock, packed, unpacked
from qbank.ledger.engine import Ledger, LedgerError, now
from qbank.ledger.gate import pass_within
from qbank.ledger.gate_obstacles import MARKING, WORK
from qbank.ledger.trail import record as record_in_trail

SCORED, _ = WORK["scored"]
"""The action in the trail that the release gate looks for."""
N_BANDS = 20
"""Parts of the marks by which the present are counted: twentieths."""


@dataclass(frozen=True, slots=True)
class ScoringRecord:
    """A run to be written.

    rules : as `qbank.core.scoring_rules.as_settings` gives them ; changes : of the printed marking ; intakes : the
    files that were scored ; total : float64 (n_persons,) in the order of the joined responses, NaN where not present ;
    why : the words of whoever asked for it
    """

    sitting: str
    rules: Mapping[str, Any]
    changes: Mapping[str, Any]
    intakes: tuple[str, ...]
    total: NDArray[np.float64]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Scoring:
    """A run that was written; ``current`` is false of all but the last, and of that where its answers were replaced."""

    sitting: str
    number: int
    at: str
    who: str
    why: str
    current: bool
    rules: Mapping[str, Any]
    changes: Mapping[str, Any]
    intakes: tuple[str, ...]
    n_persons: int


@dataclass(frozen=True, slots=True)
class ResultRow:
    """Counts of one scoring at one site with one paper.

    registered = present + waiting + void + withheld + absent ; waiting : sat, but not all of their tasks are marked ; sum, sum_of_squares : of the totals of the present ; bands : of the
    present by twentieths of the paper's marks, the last with its upper end, totals below 0 in the first
    """

    site: str
    form: str
    registered: int
    present: int
    void: int
    withheld: int
    waiting: int
    passed: int
    sum: float
    sum_of_squares: float
    bands: tuple[int, ...] = field(default=(0,) * N_BANDS)


def write_scoring(ledger: Ledger, scoring: ScoringRecord, results: Sequence[ResultRow]) -> tuple[int, bool]:
    """Store a run with its counts in one transaction; returns its number, and whether it is new.

    The same rules, changes, answers and totals as those of the current run are that run. Either way the stage ``scored``
    is passed where those before it are.
    """
    s = tables.scoring.c
    _, data, checksum = packed(np.asarray(scoring.total, dtype=np.float64))
    facts = {"rules": dict(scoring.rules), "changes": dict(scoring.changes), "intakes": list(scoring.intakes)}
    with ledger.begin() as connection:
        # who scores the same sitting at the same time waits here
        connection.execute(select(tables.sitting.c.id).where(tables.sitting.c.id == scoring.sitting).with_for_update())
        former = connection.execute(
            select(tables.scoring).where(s.sitting == scoring.sitting, s.current).order_by(s.number.desc())
        ).first()
        if former is not None and {**facts, "checksum": checksum} == _facts(former):
            if _outdated(connection, scoring.sitting):
                record_in_trail(connection, ledger, SCORED, scoring.sitting, {"number": former.number, "unchanged": True})
            pass_within(connection, ledger, scoring.sitting, "scored", scoring.why)
            return int(former.number), False
        highest = select(func.coalesce(func.max(s.number), 0)).where(s.sitting == scoring.sitting)
        number = int(connection.execute(highest).scalar_one()) + 1
        connection.execute(update(tables.scoring).where(s.sitting == scoring.sitting).values(current=False))
        connection.execute(
            insert(tables.scoring).values(
                sitting=scoring.sitting, number=number, at=now(), who=ledger.who, why=scoring.why, current=True,
                n_persons=scoring.total.size, total=data, checksum=checksum, **facts,
            )
        )  # fmt: skip
        rows = [_values(scoring.sitting, number, row) for row in results]
        if rows:
            connection.execute(insert(tables.result), rows)
        before = None if former is None else {"number": former.number, "rules": former.rules, "changes": former.changes}
        after = {"number": number, **facts, "totals": checksum, "why": scoring.why}
        record_in_trail(connection, ledger, SCORED, scoring.sitting, {"before": before, "after": after}, touched=("scoring", "result"))
        pass_within(connection, ledger, scoring.sitting, "scored", scoring.why)
    return number, True


def scorings_of(ledger: Ledger, sitting: str) -> tuple[Scoring, ...]:
    """Return the runs of a sitting, oldest first."""
    s = tables.scoring.c
    columns = (s.sitting, s.number, s.at, s.who, s.why, s.current, s.rules, s.changes, s.intakes, s.n_persons)
    with ledger.read() as connection:
        rows = connection.execute(select(*columns).where(s.sitting == sitting).order_by(s.number)).all()
    return tuple(Scoring(*row[:8], tuple(row[8]), row[9]) for row in rows)


def current_scoring(ledger: Ledger, sitting: str) -> Scoring | None:
    """Return the run that holds, None where there is none or its answers were replaced since."""
    return next((run for run in scorings_of(ledger, sitting) if run.current), None)


def totals(ledger: Ledger, sitting: str, number: int) -> NDArray[np.float64]:
    """Return the totals of a run in the order of the responses that it scored, NaN where not present; (n_persons,).

    Raises ``KeyError`` where there is no such run, `LedgerError` where its block is damaged.
    """
    s = tables.scoring.c
    with ledger.read() as connection:
        row = connection.execute(
            select(s.n_persons, s.total, s.checksum).where(s.sitting == sitting, s.number == number)
        ).first()
    if row is None:
        raise KeyError(f"{sitting} {number}")
    try:
        found = unpacked("float64", (row.n_persons,), row.total, row.checksum).astype(np.float64)
    except DamagedBlock as fault:
        raise LedgerError("damaged", ledger.place, f"{sitting} scoring {number}: {fault}") from fault
    found.flags.writeable = False
    return found


def counts_of(ledger: Ledger, sitting: str, number: int) -> tuple[ResultRow, ...]:
    """Return the counts of a run by site and paper."""
    r = tables.result.c
    columns = (
        r.site, r.form, r.registered, r.present, r.void, r.withheld, r.waiting, r.passed, r.sum, r.sum_of_squares, r.bands
    )  # fmt: skip
    with ledger.read() as connection:
        rows = connection.execute(
            select(*columns).where(r.sitting == sitting, r.number == number).order_by(r.site, r.form)
        ).all()
    return tuple(ResultRow(*row[:10], tuple(row[10])) for row in rows)


def persons_of(ledger: Ledger, intakes: Sequence[str]) -> tuple[str, ...]:
    """Return the pseudonyms of some files, part after part: the persons whose totals a run holds."""
    p = tables.person.c
    with ledger.read() as connection:
        return tuple(
            person
            for intake in intakes
            for person in connection.execute(select(p.person).where(p.intake == intake).order_by(p.position)).scalars()
        )


def _outdated(connection: Connection, sitting: str) -> bool:
    """Return whether something was done since the last scoring that might have changed it."""
    t = tables.trail.c
    last = {
        row[0]: row[1]
        for row in connection.execute(
            select(t.action, func.max(t.number)).where(t.subject == sitting).group_by(t.action)
        ).all()
    }
    return any(last.get(action, 0) > last.get(SCORED, 0) for action in MARKING)


def _facts(row: Row[Any]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("rules", "changes", "intakes", "checksum")}


def _values(sitting: str, number: int, row: ResultRow) -> dict[str, Any]:
    return {
        "sitting": sitting, "number": number, "site": row.site, "form": row.form, "registered": row.registered,
        "present": row.present, "void": row.void, "withheld": row.withheld, "waiting": row.waiting, "passed": row.passed,
        "sum": row.sum, "sum_of_squares": row.sum_of_squares, "bands": list(row.bands),
    }  # fmt: skip
