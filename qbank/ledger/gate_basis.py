"""What a stage of the gate rests on: a digest by which it is known whether that has changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from qbank.ledger import tables
from qbank.ledger.gate_obstacles import work_missing
from qbank.ledger.stages import Stage


def basis_of(connection: Connection, sitting: str, stage: Stage) -> dict[str, Any]:
    """Return what a stage rests on: its digest as ``basis``, and what a reader wants to know of it."""
    i, u, d = tables.intake.c, tables.item_use.c, tables.decision.c
    rows: Sequence[Any]
    if stage == "imported":
        rows = connection.execute(
            select(i.part, i.number, i.digest, i.n_persons).where(i.sitting == sitting, i.current).order_by(i.part)
        ).all()
        return {"basis": _digest(rows), "files": len(rows), "persons": sum(row.n_persons for row in rows)}
    if stage == "analysed":
        rows = connection.execute(
            select(u.item, u.fingerprint, u.n, u.flags, u.held).where(u.sitting == sitting).order_by(u.item)
        ).all()
        return {"basis": _digest(rows), "items": len(rows), "held": sum(bool(row.held) for row in rows)}
    if stage == "keys":
        rows = connection.execute(
            select(d.item, d.fingerprint, d.verdict).where(d.sitting == sitting).order_by(d.number)
        ).all()
        return {"basis": _digest(rows), "decisions": len(rows)}
    if stage == "calibrated":
        c = tables.calibration.c
        row = connection.execute(select(c.id, c.model, c.scale).where(c.sitting == sitting, c.current)).first()
        known = row is not None and work_missing(connection, sitting, stage) is None
        found = {"calibration": row.id, "model": row.model, "scale": row.scale} if known and row is not None else {}
        return {"basis": str(found.get("calibration", "")), **found}
    found = scoring_basis(connection, sitting)
    if stage == "released":
        c = tables.sitting.c
        found["cut"] = connection.execute(select(c.cut).where(c.id == sitting)).scalar_one()
        q = tables.paper_cut.c
        accepted = connection.execute(select(q.paper, q.cut).where(q.sitting == sitting, q.current).order_by(q.paper)).all()
        found |= {"cuts": {row.paper: row.cut for row in accepted}} if accepted else {}
    return found


def scoring_basis(connection: Connection, sitting: str) -> dict[str, Any]:
    """Return the number of the current scoring run, and the digest of its rules, changes and totals."""
    s = tables.scoring.c
    row = connection.execute(
        select(s.number, s.rules, s.changes, s.intakes, s.n_persons, s.checksum).where(s.sitting == sitting, s.current)
    ).first()
    if row is None:
        return {"basis": ""}
    return {"basis": _digest([tuple(row)[1:]]), "run": row.number, "persons": row.n_persons}


def _digest(rows: Any) -> str:
    plain = json.dumps([list(row) for row in rows], ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(plain.encode()).hexdigest()[:16]
