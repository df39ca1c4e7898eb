"""Whether a ledger is what was written to it: the trail's chain, every block, counts, and what belongs to what.

Nothing is believed: rows are read as they stand, whoever wrote them, and whatever cannot be read is a finding.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from qbank.ledger import tables
from qbank.ledger.engine import Ledger
from qbank.ledger.findings import UNREADABLE, Findings, stored_rows
from qbank.ledger.verify_answers import Had, check_exposure, check_intake
from qbank.ledger.verify_rows import (
    check_belonging,
    check_current,
    check_papers,
    check_rows,
    check_scorings,
    check_seals,
)
from qbank.ledger.verify_trail import check_trail
from qbank.problem import Problem


@dataclass(frozen=True, slots=True)
class Verified:
    """What was read.

    last, hash : number and hash of the trail's last row: written down elsewhere, they show a trail that was cut off ;
    rows : of each table
    """

    last: int
    hash: str
    rows: Mapping[str, int]


def verify_ledger(ledger: Ledger, *, expect: str = "") -> tuple[Verified, list[Problem]]:
    """Return what was read, and everything that is not as it was written, each with its table and row.

    expect : a hash of the trail that was written down earlier; the trail has to hold it still
    """
    findings = Findings(ledger.place)
    with ledger.read() as connection:
        for words in file_damage(connection):
            findings.add("L212", "", detail=words)
        last, recorded = check_trail(connection, findings, expect)
        check_belonging(connection, findings)
        had: Had = {}
        for intake in stored_rows(connection, tables.intake):
            seen = None
            try:
                seen = check_intake(connection, findings, intake, recorded)
            except UNREADABLE as fault:
                findings.add("L206", tables.intake, intake.get("id"), detail=fault)
            if intake["current"]:
                had.setdefault(intake["sitting"], {})[intake["id"]] = (intake["n_persons"], seen)
        check_exposure(connection, findings, had)
        check_current(connection, findings)
        check_scorings(connection, findings)
        check_papers(connection, findings, recorded)
        check_rows(connection, findings, recorded)
        check_seals(connection, findings, recorded)
        counts = {
            table.name: int(connection.execute(select(func.count()).select_from(table)).scalar_one())
            for table in tables.metadata.sorted_tables
        }
    return Verified(*last, counts), findings.problems()


def file_damage(connection: Connection) -> list[str]:
    """Return what SQLite itself finds damaged of its file; PostgreSQL has no file of ours."""
    if connection.dialect.name != "sqlite":
        return []
    found = connection.exec_driver_sql("PRAGMA integrity_check(20)").scalars().all()
    return [str(words) for words in found if words != "ok"]
