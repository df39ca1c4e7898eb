"""Rows held against each other and against the trail's digests: parents, current files, totals, papers, who persons are."""

from __future__ import annotations

import numpy as np
from sqlalchemy import Connection, and_, func, select

from qbank.ledger import tables
from qbank.ledger.blocks import unpacked
from qbank.ledger.digests import digests
from qbank.ledger.findings import MOST, UNREADABLE, Findings, named, stored_rows
from qbank.ledger.persons import pseudonym_key
from qbank.ledger.seals import SEALED, salt_of, sealed, secret_digest
from qbank.ledger.verify_trail import Recorded


def check_belonging(connection: Connection, findings: Findings) -> None:
    """Look for rows whose parent is not there."""
    for table in tables.metadata.sorted_tables:
        for key in table.foreign_key_constraints:
            parent = key.referred_table
            pairs = [(element.parent, element.column) for element in key.elements]
            joined = table.outerjoin(parent, and_(*(child == referred for child, referred in pairs)))
            query = select(*table.primary_key.columns).select_from(joined).where(pairs[0][1].is_(None))
            for row in connection.execute(query.limit(MOST)):
                findings.add("L208", table, named(row), parent=parent.name)


def check_current(connection: Connection, findings: Findings) -> None:
    """Look for parts of a sitting of which not exactly the last file holds."""
    latest: dict[tuple[str, str], tuple[int, int, str]] = {}
    holding: dict[tuple[str, str], int] = {}
    for row in stored_rows(connection, tables.intake):
        part = (row["sitting"], row["part"])
        holding[part] = holding.get(part, 0) + row["current"]
        latest[part] = max(latest.get(part, (0, 0, "")), (row["number"], row["current"], row["id"]))
    for part, (_, current, id) in latest.items():
        if not current or holding[part] != 1:
            findings.add("L214", tables.intake, id, n=holding[part])


def check_rows(connection: Connection, findings: Findings, recorded: Recorded) -> None:
    """Hold the rows of every sitting against what the trail says they were when they were last written."""
    for (sitting, name), expected in sorted(recorded.digests.items()):
        if digests(connection, sitting, [name]) != {name: expected}:
            findings.add("L215", name, sitting)


def check_seals(connection: Connection, findings: Findings, recorded: Recorded) -> None:
    """Hold who the persons of every file are against what the trail says they were when somebody last came or went."""
    if recorded.key and secret_digest(pseudonym_key(connection)) != recorded.key:
        findings.add("L217", tables.secret, "pseudonyms")
    for intake, expected in sorted(recorded.seals.items()):
        salt = salt_of(connection, intake)
        if salt is None or secret_digest(salt) != expected["salt"]:
            findings.add("L217", tables.seal, intake)
            continue
        for table in SEALED:
            if sealed(connection, intake, table, salt) != expected[table]:
                findings.add("L216", table, intake)


def check_scorings(connection: Connection, findings: Findings) -> None:
    """Look for totals that are not those written, and counts that are not those of the totals."""
    r = tables.result.c
    for row in stored_rows(connection, tables.scoring):
        name = f"{row['sitting']} / {row['number']}"
        try:
            total = unpacked("float64", (row["n_persons"],), row["total"], row["checksum"]).astype(np.float64)
            total = total[np.isfinite(total)]
            counts = connection.execute(
                select(func.sum(r.present), func.sum(r["sum"]), func.sum(r.sum_of_squares))
                .where(r.sitting == row["sitting"], r.number == row["number"])
            ).one()  # fmt: skip
            sums = (float(total.size), float(total.sum()), float((total**2).sum()))
            for what, found, expected in zip(("present", "sum", "sum_of_squares"), counts, sums, strict=True):
                if found is not None and not np.isclose(float(found), expected, rtol=1e-9, atol=1e-6):
                    findings.add("L207", tables.result, name, what=what, found=found, expected=expected)
        except UNREADABLE as fault:
            findings.add("L206", tables.scoring, name, detail=fault)


def check_papers(connection: Connection, findings: Findings, recorded: Recorded) -> None:
    """Hold the texts of the papers against the digests of when they were given."""
    p = tables.paper.c
    for sitting, form, digest in connection.execute(select(p.sitting, p.form, p.digest).order_by(p.sitting, p.form)):
        if digest != recorded.papers.get((sitting, form), digest):
            findings.add("L211", tables.paper, f"{sitting} / {form}")
