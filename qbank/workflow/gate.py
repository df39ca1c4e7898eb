"""The release gate of a sitting: where it stands, what is missing, and passing or taking back a stage by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from qbank.ledger import (
    NAMING,
    STAGES,
    VERDICTS,
    Ledger,
    Obstacle,
    Stage,
    StageState,
    Step,
    pass_stage,
    stages_of,
    steps_of,
    take_back,
)
from qbank.problem import Problem, Span, error
from qbank.workflow.workspace import Workspace

MOST_NAMED = 12
"""Items that a sentence names before it says how many more there are."""
CHOICES = "|".join(f"{word} {'OTHER' if word == 'enemy' else 'KEY'}" if word in NAMING else word for word in VERDICTS)
"""What can be decided, as a command's hint has it."""


@dataclass(frozen=True, slots=True)
class Gate:
    """stages : the six in order ; steps : all that happened, oldest first"""

    sitting: str
    stages: tuple[StageState, ...]
    steps: tuple[Step, ...]

    @property
    def missing(self) -> StageState | None:
        """Return the first stage that does not stand; None of a sitting that is released."""
        return next((state for state in self.stages if not state.passed), None)


def gate_of(id: str, workspace: Workspace) -> tuple[Gate | None, list[Problem]]:
    """Return how a sitting stands at the gate."""
    ledger, problems = _opened(id, workspace, "")
    if ledger is None:
        return None, problems
    try:
        stages, steps = stages_of(ledger, id), steps_of(ledger, id)
    finally:
        ledger.close()
    if not stages:
        return None, [error("L102", Span(id), id=id)]
    return Gate(id, stages, steps), []


def pass_by_hand(
    id: str, stage: Stage, workspace: Workspace, *, why: str = "", who: str = "", facts: Mapping[str, Any] | None = None
) -> tuple[Gate | None, list[Problem]]:
    """Pass a stage in somebody's name; where something hinders it, nothing changes and the problems say what to do."""
    ledger, problems = _opened(id, workspace, who)
    if ledger is None:
        return None, problems
    try:
        hindered = pass_stage(ledger, id, stage, why, facts)
    finally:
        ledger.close()
    if hindered is not None and hindered.reason == "no_sitting":
        return None, [obstacle_problem(id, hindered)]
    gate, problems = gate_of(id, workspace)
    return gate, [*problems, *([] if hindered is None else [obstacle_problem(id, hindered)])]


def back_by_hand(
    id: str, stage: Stage, workspace: Workspace, *, why: str, who: str = ""
) -> tuple[tuple[Stage, ...], list[Problem]]:
    """Take back a stage and all after it in somebody's name; returns the stages that stood."""
    ledger, problems = _opened(id, workspace, who)
    if ledger is None:
        return (), problems
    try:
        if not stages_of(ledger, id):
            return (), [error("L102", Span(id), id=id)]
        taken = take_back(ledger, id, stage, why)
    finally:
        ledger.close()
    return taken, [] if taken else [error("H107", Span(id), id=id, stage=stage)]


def release_problems(id: str, workspace: Workspace) -> list[Problem]:
    """Return nothing where the results of a sitting are official, else which stage is missing and what to do."""
    gate, problems = gate_of(id, workspace)
    if gate is None:
        return problems
    state = gate.missing
    if state is None:
        return []
    if (last := gate.stages[-1].obstacle) is not None and last.reason == "pilot":
        return [obstacle_problem(id, last)]
    return [error("H101", Span(id), id=id, stage=state.stage, command=next_command(id, state))]


def next_command(id: str, state: StageState) -> str:
    """Return the command that brings a stage about; of one that stands, nothing.

    >>> next_command("2026-11", StageState("scored", False, None, Obstacle("not_done", "scored")))
    'qbank score 2026-11'
    """
    if state.passed:
        return ""
    hindered = state.obstacle
    if hindered is not None and hindered.reason in ("undecided", "flagged"):
        return f'qbank decide {id} {hindered.items[0]} {CHOICES} --why "…"'
    if hindered is not None and hindered.reason == "waiting":
        return work_command(id, "imported")
    if hindered is not None and hindered.reason == "pilot":
        return "qbank family … --overlap …"
    if hindered is not None and hindered.reason != "why":
        return work_command(id, hindered.stage)
    if state.stage == "released":
        return f'qbank release {id} --why "…" --who …'
    return f"qbank gate {id} pass {state.stage}" + (' --why "…" --who …' if hindered is not None else "")


def work_command(id: str, stage: Stage) -> str:
    """Return the command whose work a stage is."""
    commands = {
        "imported": f"qbank sitting add … --id {id}", "analysed": f"qbank analyse {id}",
        "keys": f'qbank gate {id} pass keys --why "…" --who …', "scored": f"qbank score {id}",
        "calibrated": f"qbank calibrate {id}", "released": f'qbank release {id} --why "…" --who …',
    }  # fmt: skip
    return commands[stage]


def obstacle_problem(id: str, hindered: Obstacle) -> Problem:
    """Return an obstacle at the gate as a problem of the sitting, with the command that removes it."""
    where, stage, items = Span(id), hindered.stage, hindered.items
    command = work_command(id, stage)
    if hindered.reason == "no_sitting":
        return error("L102", where, id=id)
    if hindered.reason == "before":
        return error("H102", where, stage=stage, command=command)
    if hindered.reason in ("undecided", "flagged"):
        named = ", ".join([*items[:MOST_NAMED], *(["…"] if len(items) > MOST_NAMED else [])])
        code = "H103" if hindered.reason == "undecided" else "H109"
        return error(code, where, n=len(items), items=named, id=id, first=items[0])
    if hindered.reason == "waiting":
        return error("H108", where, n=hindered.persons, id=id, command=work_command(id, "imported"))
    if hindered.reason == "pilot":
        return error("H117", where, id=id, family=", ".join(items))
    if hindered.reason == "why":
        return error("H106", where, stage=stage, command=command)
    if stage == "calibrated":
        return error("H105", where, id=id, command=command)
    return error("H104", where, stage=stage, command=command)


def is_released(gate: Gate) -> bool:
    """Return whether all six stages stand."""
    return all_stand(gate.stages)


def all_stand(stages: Sequence[StageState]) -> bool:
    """Return whether these are all six stages, and all passed."""
    return len(stages) == len(STAGES) and all(state.passed for state in stages)


def _opened(id: str, workspace: Workspace, who: str) -> tuple[Ledger | None, list[Problem]]:
    if not workspace.has_ledger():
        return None, [error("L102", Span(id), id=id)]
    ledger = workspace.open()
    return (replace(ledger, who=who) if who else ledger), []
