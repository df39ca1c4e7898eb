"""The release gate: six stages of a sitting, each passed or taken back by someone; rows are only added.

A stage is passed only while all before it stand, and what takes one back takes back all after it, so the stages that
stand are always the first ones. What a stage rests on is named by a digest (``basis`` in its facts):

- ``imported``: the answers as they are. A corrected file, or another part, takes back everything after.
- ``analysed``: what the analysis says of the items. Another analysis takes back ``keys`` where it holds an item that
  nobody has decided on.
- ``keys``: every item that the analysis holds is decided. A decision that changes what stands takes back ``scored``.
- ``scored``: rules, changes and totals of the scoring run, of which nobody waits for marks any more. Another result
  takes back everything after.
- ``calibrated``: a calibration, or why there is none. Another one is noted and takes back nothing.
- ``released``: the list that is official.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sqlalchemy import Connection, func, insert, select

from qbank.ledger import tables
from qbank.ledger.engine import Ledger, now
from qbank.ledger.trail import record

Stage = Literal["imported", "analysed", "keys", "scored", "calibrated", "released"]
STAGES: tuple[Stage, ...] = get_args(Stage)
Reason = Literal["no_sitting", "before", "not_done", "outdated", "undecided", "waiting", "why"]

ANSWERS = ("answers added", "answers replaced")
MARKING = (*ANSWERS, "item decided", "person marked", "answer marked")
"""Actions of the trail after which earlier marks are no longer those that the answers earn."""
WORK: dict[str, tuple[str, tuple[str, ...]]] = {
    "analysed": ("analysed", ANSWERS),
    "scored": ("scored", MARKING),
    "calibrated": ("calibrated", (*ANSWERS, "item decided")),
}
"""stage → action of the trail that does its work, and the actions that outdate it"""
NEEDS_WHY = ("keys", "released")


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the gate: ``passed`` false where the stage was taken back."""

    number: int
    stage: Stage
    passed: bool
    at: str
    who: str
    why: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a stage cannot be passed.

    reason : ``no_sitting``, ``before`` (``stage`` does not stand), ``not_done`` and ``outdated`` (the work of
        ``stage``), ``undecided`` (``items`` are held), ``waiting`` (``persons`` have no total, as not all of their
        tasks are marked), ``why`` (a reason has to be given)
    """

    reason: Reason
    stage: Stage
    items: tuple[str, ...] = ()
    persons: int = 0


@dataclass(frozen=True, slots=True)
class StageState:
    """How a stage stands: its last step, if any, and, where it is not passed, what hinders it."""

    stage: Stage
    passed: bool
    step: Step | None = None
    obstacle: Obstacle | None = None


def stages_of(ledger: Ledger, sitting: str) -> tuple[StageState, ...]:
    """Return the six stages of a sitting in order, () where there is no such sitting."""
    with ledger.read() as connection:
        if not _exists(connection, sitting):
            return ()
        last = _last(connection, sitting)
        states = []
        for stage in STAGES:
            step = last.get(stage)
            passed = step is not None and step.passed
            hindered = None if passed else _obstacle(connection, sitting, stage, "", last)
            states.append(StageState(stage, passed, step, hindered))
    return tuple(states)


def steps_of(ledger: Ledger, sitting: str) -> tuple[Step, ...]:
    """Return all that ever happened at the gate of a sitting, oldest first."""
    with ledger.read() as connection:
        return _steps(connection, sitting)


def pass_stage(
    ledger: Ledger, sitting: str, stage: Stage, why: str = "", facts: Mapping[str, Any] | None = None
) -> Obstacle | None:
    """Pass a stage and return None, or change nothing and return what hinders it.

    A stage that stands on the same is left as it is; on something else it is passed again, and what rested on it is
    taken back.
    """
    with ledger.begin() as connection:
        return pass_within(connection, ledger, sitting, stage, why, facts)


def take_back(
    ledger: Ledger, sitting: str, stage: Stage, why: str, facts: Mapping[str, Any] | None = None
) -> tuple[Stage, ...]:
    """Take back a stage and all after it; returns those that stood."""
    with ledger.begin() as connection:
        return take_back_within(connection, ledger, sitting, stage, why, facts)


def pass_within(
    connection: Connection, ledger: Ledger, sitting: str, stage: Stage, why: str = "",
    facts: Mapping[str, Any] | None = None,
) -> Obstacle | None:  # fmt: skip
    """Do what `pass_stage` does, inside the transaction that does the work of the stage."""
    if not _exists(connection, sitting, lock=True):
        return Obstacle("no_sitting", stage)
    last = _last(connection, sitting)
    hindered = _obstacle(connection, sitting, stage, why, last)
    if hindered is not None:
        return hindered
    said = dict(facts or {}) | _basis(connection, sitting, stage)
    before = last.get(stage)
    stood = before is not None and before.passed
    if stood and before is not None and before.facts.get("basis") == said["basis"]:
        return None
    _append(connection, ledger, sitting, stage, passed=True, why=why, facts=said)
    if stood and stage in ("imported", "scored"):
        _append_back(connection, ledger, sitting, STAGES[STAGES.index(stage) + 1 :], stage)
    if stage == "analysed" and _undecided(connection, sitting):
        _append_back(connection, ledger, sitting, STAGES[STAGES.index("keys") :], stage)
    return None


def take_back_within(
    connection: Connection, ledger: Ledger, sitting: str, stage: Stage, why: str,
    facts: Mapping[str, Any] | None = None,
) -> tuple[Stage, ...]:  # fmt: skip
    """Do what `take_back` does, inside the transaction that makes it necessary."""
    if not _exists(connection, sitting, lock=True):
        return ()
    return _append_back(connection, ledger, sitting, STAGES[STAGES.index(stage) :], "", why, facts)


def undecided_items(ledger: Ledger, sitting: str) -> tuple[str, ...]:
    """Return the items that the analysis of a sitting holds and nobody has decided on."""
    with ledger.read() as connection:
        return _undecided(connection, sitting)


def _exists(connection: Connection, sitting: str, *, lock: bool = False) -> bool:
    query = select(tables.sitting.c.id).where(tables.sitting.c.id == sitting)
    return connection.execute(query.with_for_update() if lock else query).first() is not None


def _steps(connection: Connection, sitting: str) -> tuple[Step, ...]:
    g = tables.gate.c
    query = select(g.number, g.stage, g.passed, g.at, g.who, g.why, g.facts).where(g.sitting == sitting)
    return tuple(Step(*row) for row in connection.execute(query.order_by(g.number)).all())


def _last(connection: Connection, sitting: str) -> dict[str, Step]:
    return {step.stage: step for step in _steps(connection, sitting)}


def _stands(last: Mapping[str, Step], stage: Stage) -> bool:
    return stage in last and last[stage].passed


def _obstacle(
    connection: Connection, sitting: str, stage: Stage, why: str, last: Mapping[str, Step]
) -> Obstacle | None:
    for earlier in STAGES[: STAGES.index(stage)]:
        if not _stands(last, earlier):
            return Obstacle("before", earlier)
    if stage == "imported":
        i = tables.intake.c
        found = connection.execute(select(i.id).where(i.sitting == sitting, i.current)).first()
        return None if found is not None else Obstacle("not_done", stage)
    if stage == "keys" and (items := _undecided(connection, sitting)):
        return Obstacle("undecided", stage, items)
    if stage in WORK and (reason := _work_missing(connection, sitting, stage)) is not None:
        return Obstacle(reason, stage) if stage != "calibrated" or not why.strip() else None
    if stage in ("scored", "released") and (n_waiting := _waiting(connection, sitting)):
        return Obstacle("waiting", stage, persons=n_waiting)
    if stage in NEEDS_WHY and not why.strip():
        return Obstacle("why", stage)
    return None


def _work_missing(connection: Connection, sitting: str, stage: Stage) -> Literal["not_done", "outdated"] | None:
    """Return whether the work of a stage was never done, or before something that it does not know of.

    The trail says what came first: its numbers are in order, which times to the second are not.
    """
    t = tables.trail.c
    query = select(t.action, func.max(t.number)).where(t.subject == sitting).group_by(t.action)
    when: dict[str, int] = {row[0]: row[1] for row in connection.execute(query).all()}
    action, outdating = WORK[stage]
    if action not in when or not _is_there(connection, sitting, stage):
        return "not_done"
    return "outdated" if any(when.get(other, 0) > when[action] for other in outdating) else None


def _is_there(connection: Connection, sitting: str, stage: Stage) -> bool:
    if stage == "analysed":
        query = select(tables.item_use.c.item).where(tables.item_use.c.sitting == sitting)
    else:
        table = tables.scoring if stage == "scored" else tables.calibration
        query = select(table.c.number).where(table.c.sitting == sitting, table.c.current)
    return connection.execute(query.limit(1)).first() is not None


def _waiting(connection: Connection, sitting: str) -> int:
    """Return how many persons of the current scoring have no total yet because those who mark their tasks have not."""
    r, s = tables.result.c, tables.scoring.c
    query = (
        select(func.coalesce(func.sum(r.waiting), 0))
        .join(tables.scoring, (s.sitting == r.sitting) & (s.number == r.number))
        .where(s.sitting == sitting, s.current)
    )
    return int(connection.execute(query).scalar_one())


def _undecided(connection: Connection, sitting: str) -> tuple[str, ...]:
    u, d = tables.item_use.c, tables.decision.c
    held = connection.execute(select(u.item, u.fingerprint).where(u.sitting == sitting, u.held).order_by(u.item)).all()
    decided = {
        (row[0], row[1]) for row in connection.execute(select(d.item, d.fingerprint).where(d.sitting == sitting)).all()
    }
    return tuple(item for item, fingerprint in held if (item, fingerprint) not in decided)


def _basis(connection: Connection, sitting: str, stage: Stage) -> dict[str, Any]:
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
        known = row is not None and _work_missing(connection, sitting, stage) is None
        found = {"calibration": row.id, "model": row.model, "scale": row.scale} if known and row is not None else {}
        return {"basis": str(found.get("calibration", "")), **found}
    found = scoring_basis(connection, sitting)
    if stage == "released":
        c = tables.sitting.c
        found["cut"] = connection.execute(select(c.cut).where(c.id == sitting)).scalar_one()
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


def _append(
    connection: Connection, ledger: Ledger, sitting: str, stage: Stage, *, passed: bool, why: str,
    facts: Mapping[str, Any],
) -> None:  # fmt: skip
    _put(connection, ledger, sitting, stage, passed=passed, why=why, facts=facts)
    record(connection, ledger, "stage passed", sitting, {"stage": stage, "why": why, **facts}, touched=("gate",))


def _put(
    connection: Connection, ledger: Ledger, sitting: str, stage: Stage, *, passed: bool, why: str,
    facts: Mapping[str, Any],
) -> None:  # fmt: skip
    g = tables.gate.c
    number = connection.execute(select(func.coalesce(func.max(g.number), 0)).where(g.sitting == sitting)).scalar_one()
    connection.execute(
        insert(tables.gate).values(
            sitting=sitting, number=number + 1, stage=stage, passed=passed, at=now(), who=ledger.who, why=why,
            facts=dict(facts),
        )
    )  # fmt: skip


def _append_back(
    connection: Connection, ledger: Ledger, sitting: str, stages: tuple[Stage, ...], because: str, why: str = "",
    facts: Mapping[str, Any] | None = None,
) -> tuple[Stage, ...]:  # fmt: skip
    """Take back those of the stages that stand; ``because`` names the stage that is on another footing now."""
    last = _last(connection, sitting)
    standing = tuple(stage for stage in stages if _stands(last, stage))
    said = dict(facts or {}) | ({"because": because} if because else {})
    for stage in standing:
        _put(connection, ledger, sitting, stage, passed=False, why=why, facts=said)
    if standing:
        found = {"stages": list(standing), "why": why, **said}
        record(connection, ledger, "stages taken back", sitting, found, touched=("gate",))
    return standing
