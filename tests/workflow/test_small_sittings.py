"""A sitting too small to calibrate leaves the bank's scale alone."""

from __future__ import annotations

from pathlib import Path

from qbank.ledger import latest_calibration
from qbank.problem import Problem
from qbank.workflow.analyse import analyse_sitting
from qbank.workflow.bank import new_bank, usable_bank
from qbank.workflow.calibration import calibrate_sitting
from qbank.workflow.papers import assemble_papers
from qbank.workflow.simulate import simulate_sitting
from qbank.workflow.sitting import add_responses
from qbank.workflow.workspace import Workspace, find_workspace


def starter(tmp_path: Path) -> Workspace:
    """Return a workspace that `qbank new` made, with one paper and a sitting of one person."""
    root = tmp_path / "my bank"
    assert new_bank(root) == []
    workspace, _ = find_workspace(root, "en")
    made, _ = assemble_papers(root / "blueprints" / "example.yaml", workspace, as_of="2026-11-23")
    assert made is not None
    bank, _ = usable_bank(root)
    assert bank is not None
    simulate_sitting(
        made.forms, bank, n_persons=1, seed=3, into=root / "sittings", sitting="one", date="2026-11-23"
    )
    added, problems = add_responses(root / "sittings" / "responses.csv", (), workspace)
    assert added is not None and problems == []
    return workspace


def codes(problems: list[Problem]) -> list[str]:
    return [problem.code for problem in problems]


def test_one_person_is_reported_but_never_calibrated(tmp_path: Path) -> None:
    workspace = starter(tmp_path)
    done, problems = calibrate_sitting("one", workspace, model="rasch")
    assert done is None
    assert codes(problems) == ["C103", "C106"]
    ledger = workspace.open()
    assert latest_calibration(ledger) is None
    ledger.close()


def test_one_person_still_gets_a_report(tmp_path: Path) -> None:
    workspace = starter(tmp_path)
    done, problems = analyse_sitting("one", workspace, into=tmp_path / "report")
    assert problems == [] and done is not None
    assert done.analysis.n_persons == 1 and done.held == {}
    page = (tmp_path / "report" / "one.html").read_text("utf-8")
    assert "Water boils" in page or "Raising the pressure" in page
