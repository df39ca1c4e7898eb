"""What hinders a stage of the gate: what was not done, is outdated, undecided, still to be marked, or wants a reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from sqlalchemy import Connection, func, select

from qbank.ledger import tables
from qbank.ledger.flags import open_flags
from qbank.ledger.stages import STAGES, Obstacle, Stage, Step, stands

ANSWERS = ("answers added", "answers replaced")
MARKING = (*ANSWERS, "item decided", "person marked", "answer marked", "cuts accepted", "cuts taken back")
"""Actions of the trail after which earlier marks are no longer those that the answers earn, or pass by other cuts."""
WORK: dict[str, tuple[str, tuple[str, ...]]] = {
    "analysed": ("analysed", ANSWERS),
    "scored": ("scored", MARKING),
    "calibrated": ("calibrated", (*ANSWERS, "item decided")),
}
"""stage → action of the trail that does its work, and the actions that outdate it"""
NEEDS_WHY = ("keys", "released")


def obstacle_of(
    connection: Connection, sitting: str, stage: Stage, why: str, last: Mapping[str, Step]
) -> Obstacle | None:
    if stage == "released" and (families := pilots_within(connection, sitting)):
        return Obstacle("pilot", stage, families)
    for earlier in STAGES[: STAGES.index(stage)]:
        if not stands(last, earlier):
            return Obstacle("before", earlier)
    if stage == "imported":
        i = tables.intake.c
        found = connection.execute(select(i.id).where(i.sitting == sitting, i.current)).first()
        return None if found is not None else Obstacle("not_done", stage)
    if stage == "keys" and (items := undecided_within(connection, sitting)):
        return Obstacle("undecided", stage, items)
    if stage in ("keys", "released") and (items := open_flags(connection, sitting)):
        return Obstacle("flagged", stage, items)
    if stage in WORK and (reason := work_missing(connection, sitting, stage)) is not None:
        return Obstacle(reason, stage) if stage != "calibrated" or not why.strip() else None
    if stage in ("scored", "released") and (n_waiting := _waiting(connection, sitting)):
        return Obstacle("waiting", stage, persons=n_waiting)
    if stage in NEEDS_WHY and not why.strip():
        return Obstacle("why", stage)
    return None


def pilots_within(connection: Connection, sitting: str) -> tuple[str, ...]:
    """Return the families whose pilot papers a sitting had: their answers calibrate and do not count."""
    settings = connection.execute(select(tables.sitting.c.settings).where(tables.sitting.c.id == sitting)).scalar()
    return tuple((settings or {}).get("pilot", ()))


def work_missing(connection: Connection, sitting: str, stage: Stage) -> Literal["not_done", "outdated"] | None:
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


def undecided_within(connection: Connection, sitting: str) -> tuple[str, ...]:
    u, d = tables.item_use.c, tables.decision.c
    held = connection.execute(select(u.item, u.fingerprint).where(u.sitting == sitting, u.held).order_by(u.item)).all()
    decided = {
        (row[0], row[1]) for row in connection.execute(select(d.item, d.fingerprint).where(d.sitting == sitting)).all()
    }
    return tuple(item for item, fingerprint in held if (item, fingerprint) not in decided)
