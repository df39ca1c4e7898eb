"""The six stages of a sitting on its way to release: their names, the rows of the gate, what hinders one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sqlalchemy import Connection, select

from qbank.ledger import tables

Stage = Literal["imported", "analysed", "keys", "scored", "calibrated", "released"]
STAGES: tuple[Stage, ...] = get_args(Stage)
Reason = Literal["no_sitting", "before", "not_done", "outdated", "undecided", "flagged", "waiting", "pilot", "why"]


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
        ``stage``), ``undecided`` (``items`` are held by the analysis), ``flagged`` (by the calibration, as leaked or
        easier), ``waiting`` (``persons`` have no total, as not all of their
        tasks are marked), ``pilot`` (the papers are of the families ``items``, whose answers calibrate and do not
        count), ``why`` (a reason has to be given)
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


def steps_within(connection: Connection, sitting: str) -> tuple[Step, ...]:
    g = tables.gate.c
    query = select(g.number, g.stage, g.passed, g.at, g.who, g.why, g.facts).where(g.sitting == sitting)
    return tuple(Step(*row) for row in connection.execute(query.order_by(g.number)).all())


def last_steps(connection: Connection, sitting: str) -> dict[str, Step]:
    return {step.stage: step for step in steps_within(connection, sitting)}


def stands(last: Mapping[str, Step], stage: Stage) -> bool:
    return stage in last and last[stage].passed
