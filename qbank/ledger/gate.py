"""The release gate: six stages of a sitting, each passed or taken back by someone; rows are only added.

A stage is passed only while all before it stand, and what takes one back takes back all after it, so the stages that
stand are always the first ones. What a stage rests on is named by a digest (``basis`` in its facts):

- ``imported``: the answers as they are. A corrected file, or another part, takes back everything after.
- ``analysed``: what the analysis says of the items. Another analysis takes back ``keys`` where it holds an item that
  nobody has decided on.
- ``keys``: every item that the analysis holds is decided, and every flag of an earlier calibration that asks for it. A
  decision that changes what stands takes back ``scored``.
- ``scored``: rules, changes and totals of the scoring run, of which nobody waits for marks any more. Another result
  takes back everything after.
- ``calibrated``: a calibration, or why there is none. Another one is noted and takes back nothing.
- ``released``: the list that is official. No flag of the calibration (an item leaked, or became easier) may be open.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, func, insert, select

from qbank.ledger import tables
from qbank.ledger.engine import Ledger, now
from qbank.ledger.gate_basis import basis_of
from qbank.ledger.gate_obstacles import obstacle_of, undecided_within
from qbank.ledger.stages import STAGES, Obstacle, Stage, StageState, Step, last_steps, stands, steps_within
from qbank.ledger.trail import record


def stages_of(ledger: Ledger, sitting: str) -> tuple[StageState, ...]:
    """Return the six stages of a sitting in order, () where there is no such sitting."""
    with ledger.read() as connection:
        if not _exists(connection, sitting):
            return ()
        last = last_steps(connection, sitting)
        states = []
        for stage in STAGES:
            step = last.get(stage)
            passed = step is not None and step.passed
            hindered = None if passed else obstacle_of(connection, sitting, stage, "", last)
            states.append(StageState(stage, passed, step, hindered))
    return tuple(states)


def steps_of(ledger: Ledger, sitting: str) -> tuple[Step, ...]:
    """Return all that ever happened at the gate of a sitting, oldest first."""
    with ledger.read() as connection:
        return steps_within(connection, sitting)


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
    last = last_steps(connection, sitting)
    hindered = obstacle_of(connection, sitting, stage, why, last)
    if hindered is not None:
        return hindered
    said = dict(facts or {}) | basis_of(connection, sitting, stage)
    before = last.get(stage)
    stood = before is not None and before.passed
    if stood and before is not None and before.facts.get("basis") == said["basis"]:
        return None
    _append(connection, ledger, sitting, stage, passed=True, why=why, facts=said)
    if stood and stage in ("imported", "scored"):
        _append_back(connection, ledger, sitting, STAGES[STAGES.index(stage) + 1 :], stage)
    if stage == "analysed" and undecided_within(connection, sitting):
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
        return undecided_within(connection, sitting)


def _exists(connection: Connection, sitting: str, *, lock: bool = False) -> bool:
    query = select(tables.sitting.c.id).where(tables.sitting.c.id == sitting)
    return connection.execute(query.with_for_update() if lock else query).first() is not None


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
    last = last_steps(connection, sitting)
    standing = tuple(stage for stage in stages if stands(last, stage))
    said = dict(facts or {}) | ({"because": because} if because else {})
    for stage in standing:
        _put(connection, ledger, sitting, stage, passed=False, why=why, facts=said)
    if standing:
        found = {"stages": list(standing), "why": why, **said}
        record(connection, ledger, "stages taken back", sitting, found, touched=("gate",))
    return standing
