"""qbank calibrate --cluster: what it says where there is no cluster, and the numbers where there is one."""

import sys
from pathlib import Path

import numpy as np
import pytest

from qbank.irt import calibrate
from qbank.messages import problem_message
from qbank.workflow.calibration import calibrate_sitting
from qbank.workflow.spreading import estimator
from qbank.workflow.workspace import Workspace
from tests.irt.samples import sample


@pytest.mark.parametrize(
    ("where", "code", "words"),
    [
        ("nowhere", "C141", "'nowhere' names no cluster"),
        ("local:0", "C141", "'local:0' names no cluster"),
        ("tcp://127.0.0.1:1", "C142", "no scheduler answers at tcp://127.0.0.1:1"),
    ],
)
def test_a_cluster_that_is_not_there_is_a_problem_and_nothing_is_stored(
    where: str, code: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed", reason="the extra `cluster` is not installed: its addresses are not tested")
    monkeypatch.setattr("qbank.cluster.connection.CONNECT_SECONDS", 1)
    workspace = Workspace(tmp_path, "en", str(tmp_path / "ledger.db"))
    done, problems = calibrate_sitting("2026-11-A", workspace, model="2pl", cluster=where)
    assert done is None and [problem.code for problem in problems] == [code]
    assert problem_message(problems[0], "en") == words
    assert where in problem_message(problems[0], "zh")
    assert not workspace.root.joinpath("ledger.db").exists()


def test_without_the_extra_the_verb_says_which_to_add(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    workspace = Workspace(tmp_path, "en", str(tmp_path / "ledger.db"))
    done, problems = calibrate_sitting("2026-11-A", workspace, model="2pl", cluster="local")
    assert done is None and [problem.code for problem in problems] == ["C140"]


def test_the_verbs_estimator_is_that_of_one_process() -> None:
    pytest.importorskip("distributed", reason="the extra `cluster` is not installed: estimation there is not tested")
    scores, groups = sample(800, 10, 1), ["a", "b"] * 400
    with estimator(None) as here, estimator("local:1") as there:
        assert here is calibrate
        one, other = here(scores, groups=groups, model="2pl"), there(scores, groups=groups, model="2pl")
    np.testing.assert_array_equal(other.parameters.estimates, one.parameters.estimates)
