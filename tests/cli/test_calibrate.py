"""calibrate --compare tells each model's state in the reader's language."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from qbank.cli.calibrate import calibrate
from qbank.irt import compare
from qbank.workflow import calibration as work
from tests.irt.samples import sample


@pytest.mark.parametrize(
    ("language", "states", "verdict"),
    [("en", ["ok", "too few persons"], "the data support rasch"), ("zh", ["可用", "人数不足"], "数据支持 rasch")],
)
def test_models_are_told_with_their_state(
    language: str, states: list[str], verdict: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = compare(np.asarray(sample(200, 6, 4)), ["rasch", "2pl"], errors="none")
    assert [one.status for one in found.candidates] == ["ok", "too few persons"]
    monkeypatch.setattr(work, "compare_models", lambda *_, **__: (found, []))
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(calibrate, ["any", "--compare", "--lang", language])
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert [state in line for state, line in zip(states, lines, strict=False)] == [True, True]
    assert verdict in lines[2]
