"""The gate in words: which command each obstacle asks for, whom a calibration leaves out, what is told of what."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from qbank.ledger import STAGES, Obstacle, StageState, Step
from qbank.workflow.decided_bank import status_steps
from qbank.workflow.gate import (
    MOST_NAMED,
    Gate,
    back_by_hand,
    gate_of,
    is_released,
    next_command,
    obstacle_problem,
    pass_by_hand,
    release_problems,
)
from qbank.workflow.repeaters import SatBefore, _named
from qbank.workflow.scoring_run import passed
from qbank.workflow.workspace import Workspace


@pytest.mark.parametrize(
    ("stage", "obstacle", "code", "command"),
    [
        ("imported", Obstacle("not_done", "imported"), "H104", "qbank sitting add … --id s"),
        ("analysed", Obstacle("outdated", "analysed"), "H104", "qbank analyse s"),
        ("keys", Obstacle("undecided", "keys", ("Q-1", "Q-2")), "H103", "qbank decide s Q-1 keep|"),
        ("released", Obstacle("flagged", "released", ("Q-3",)), "H109", "qbank decide s Q-3 keep|"),
        ("keys", Obstacle("why", "keys"), "H106", 'qbank gate s pass keys --why "…" --who …'),
        ("scored", Obstacle("before", "analysed"), "H102", "qbank analyse s"),
        ("scored", Obstacle("waiting", "scored", persons=3), "H108", "qbank sitting add … --id s"),
        ("scored", Obstacle("not_done", "scored"), "H104", "qbank score s"),
        ("calibrated", Obstacle("not_done", "calibrated"), "H105", "qbank calibrate s"),
        ("released", Obstacle("why", "released"), "H106", 'qbank release s --why "…" --who …'),
        ("released", Obstacle("pilot", "released", ("plan-1",)), "H117", "qbank family"),
        ("imported", Obstacle("no_sitting", "imported"), "L102", "qbank sitting add … --id s"),
    ],
)
def test_every_obstacle_is_told_with_the_command_that_removes_it(stage: str, obstacle: Obstacle, code: str, command: str) -> None:
    assert obstacle_problem("s", obstacle).code == code
    assert next_command("s", StageState(stage, False, None, obstacle)).startswith(command)  # type: ignore[arg-type]


def test_what_nothing_hinders_is_passed_by_hand_and_what_stands_asks_for_nothing() -> None:
    assert next_command("s", StageState("scored", False)) == "qbank gate s pass scored"
    assert next_command("s", StageState("released", False)) == 'qbank release s --why "…" --who …'
    assert next_command("s", StageState("released", True)) == ""


@pytest.mark.parametrize("n", [MOST_NAMED, MOST_NAMED + 1])
def test_of_more_than_twelve_items_the_rest_is_a_number(n: int) -> None:
    items = tuple(f"Q-{number}" for number in range(n))
    facts = dict(obstacle_problem("s", Obstacle("undecided", "keys", items)).facts)
    assert (facts["n"], facts["first"]) == (str(n), "Q-0")
    assert facts["items"].split(", ") == [*items[:MOST_NAMED], *(["…"] if n > MOST_NAMED else [])]


def test_a_sitting_is_released_when_all_six_stages_stand() -> None:
    step = Step(1, "imported", True, "", "", "", {})
    whole = tuple(StageState(stage, True, step) for stage in STAGES)
    assert is_released(Gate("s", whole, ())) and Gate("s", whole, ()).missing is None
    for n, stage in enumerate(STAGES):
        open_at = (*whole[:n], StageState(stage, False), *whole[n + 1 :])
        gate = Gate("s", open_at, ())
        assert not is_released(gate) and gate.missing is open_at[n]
    assert not is_released(Gate("s", (), ()))


def test_without_a_ledger_there_is_no_sitting_and_none_is_made(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, "en", str(tmp_path / "ledger.db"))
    told = [
        gate_of("s", workspace)[1], pass_by_hand("s", "keys", workspace, why="x")[1],
        back_by_hand("s", "keys", workspace, why="x")[1], release_problems("s", workspace),
    ]  # fmt: skip
    assert [[problem.code for problem in problems] for problems in told] == [["L102"]] * 4
    assert not (tmp_path / "ledger.db").exists()
    workspace.open().close()
    assert [problem.code for problem in gate_of("s", workspace)[1]] == ["L102"]
    assert [problem.code for problem in back_by_hand("s", "keys", workspace, why="x")[1]] == ["L102"]


def test_repeaters_are_left_out_as_was_chosen() -> None:
    found = SatBefore(np.array([False, True, True, True]), np.array([0, 0, 1, 40]), ("a",))
    assert found.left_out("exclude").tolist() == [False, False, True, True]
    assert found.left_out("exclude-all").tolist() == [False, True, True, True]
    assert found.left_out("include").tolist() == [False] * 4
    assert _named(("1", "2", "3")) == "1, 2, 3" and _named(("1", "2", "3", "4")) == "2, 3, 4, +1"


def test_a_total_within_rounding_of_the_cut_passes_and_each_by_a_cut_of_their_own() -> None:
    assert passed(np.array([60.0 - 1e-12, 60.0 - 1e-3, np.nan]), 60.0).tolist() == [True, False, False]
    assert passed(np.array([60.0, 60.0]), np.array([60.0, 61.0])).tolist() == [True, False]


def test_a_status_is_reached_by_the_fewest_steps_and_never_by_way_of_a_review() -> None:
    assert status_steps("draft", "draft") == () == status_steps("retired", "live")
    assert status_steps("live", "draft") == ("suspended", "draft")
    assert "in_review" not in status_steps("suspended", "draft")
    assert status_steps("draft", "in_review") == ("in_review",) and status_steps("draft", "live") == ()
