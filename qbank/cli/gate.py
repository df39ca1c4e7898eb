"""gate, release."""

from __future__ import annotations

from typing import Any

import click

from qbank.cli.output import HelpCommand, common, finish, here, moment, table
from qbank.ledger import STAGES, Stage, StageState
from qbank.messages import Language, text
from qbank.problem import Problem
from qbank.workflow import gate as work


@click.command(cls=HelpCommand)
@click.argument("id")
@click.argument("action", required=False, type=click.Choice(["pass", "back"]))
@click.argument("stage", required=False, type=click.Choice(STAGES))
@click.option("--why", default="")
@click.option("--who", default="")
@common
def gate(
    id: str, action: str | None, stage: Stage | None, why: str, who: str, lang: str | None, as_json: bool
) -> None:  # fmt: skip
    workspace = here(lang)
    language = workspace.language
    if action is not None and stage is None:
        raise click.UsageError(text(language, "cli.gate.which", stages=", ".join(STAGES)))
    if action == "back" and not why.strip():
        raise click.UsageError(text(language, "cli.gate.back_why"))
    problems: list[Problem] = []
    said = ""
    if action == "pass" and stage is not None:
        _, problems = work.pass_by_hand(id, stage, workspace, why=why, who=who)
        said = text(language, "cli.gate.passed", stage=stage_name(stage, language), id=id)
    elif action == "back" and stage is not None:
        taken, problems = work.back_by_hand(id, stage, workspace, why=why, who=who)
        names = text(language, "cli.gate.and").join(stage_name(one, language) for one in taken)
        said = text(language, "cli.gate.taken_back", stages=names, id=id)
    found, wrong = work.gate_of(id, workspace)
    problems += [problem for problem in wrong if problem not in problems]
    if not as_json and found is not None:
        if said and not problems:
            click.echo(said)
        click.echo(_shown(found, language))
    finish(problems, language, as_json=as_json, result=found and gate_record(found))


@click.command(cls=HelpCommand)
@click.argument("id")
@click.option("--why", required=True)
@click.option("--who", default="")
@common
def release(id: str, why: str, who: str, lang: str | None, as_json: bool) -> None:
    workspace = here(lang)
    language = workspace.language
    found, problems = work.pass_by_hand(id, "released", workspace, why=why, who=who)
    finish(problems, language, as_json=as_json, result=found and gate_record(found))
    if not as_json:
        click.echo(text(language, "cli.release.done", id=id))


def gate_record(found: work.Gate) -> dict[str, Any]:
    """Return the gate as plain data."""
    missing = found.missing
    return {
        "id": found.sitting, "released": work.is_released(found),
        "missing": missing and missing.stage, "command": missing and work.next_command(found.sitting, missing),
        "stages": [_stage_record(found.sitting, state) for state in found.stages],
        "steps": [{name: getattr(step, name) for name in step.__slots__} for step in found.steps],
    }  # fmt: skip


def _stage_record(id: str, state: StageState) -> dict[str, Any]:
    step, hindered = state.step, state.obstacle
    return {
        "stage": state.stage, "passed": state.passed, "at": step and step.at, "who": step and step.who,
        "why": step and step.why, "facts": step and step.facts, "hindered_by": hindered and hindered.reason,
        "items": list(hindered.items) if hindered else [], "persons": hindered.persons if hindered else 0,
        "command": work.next_command(id, state),
    }  # fmt: skip


def stage_name(stage: Stage, language: Language) -> str:
    """Return a stage as people call it, with the word of the command line."""
    return text(language, f"cli.gate.stage.{stage}")


def _shown(found: work.Gate, language: Language) -> str:
    """Return the six stages as a table, and what comes next."""
    header = [text(language, f"cli.gate.{name}") for name in ("stage", "state", "at", "who", "why")]
    rows = []
    for state in found.stages:
        step = state.step
        word = "stands" if state.passed else "taken" if step is not None else "open"
        rows.append(
            [f"{state.stage} {stage_name(state.stage, language)}", text(language, f"cli.gate.{word}"),
             moment(step.at) if step else "", step.who if step else "", step.why if step else ""]
        )  # fmt: skip
    lines = [table(header, rows, left=len(header))]
    missing = found.missing
    if missing is None:
        return "\n".join([*lines, text(language, "cli.gate.is_released", id=found.sitting)])
    name, command = stage_name(missing.stage, language), work.next_command(found.sitting, missing)
    lines.append(text(language, "cli.gate.next", stage=name, command=command))
    if missing.obstacle is not None and missing.obstacle.items:
        items, word = ", ".join(missing.obstacle.items), missing.obstacle.reason
        lines.append(text(language, f"cli.gate.{word}", n=len(missing.obstacle.items), items=items))
    if missing.obstacle is not None and missing.obstacle.persons:
        lines.append(text(language, "cli.gate.waiting", n=missing.obstacle.persons))
    return "\n".join(lines)
