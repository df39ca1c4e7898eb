"""A process killed at any moment leaves the ledger as before or complete; the same command again completes it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from qbank.core.responses import Responses
from qbank.files.forms import form_text
from qbank.ledger import StoredSitting, list_sittings, open_ledger, read_sitting
from qbank.workflow.sitting import add_responses
from qbank.workflow.workspace import Workspace
from tests.workflow.places import DATE, REPOSITORY, SITTING, Place, added, contents_of, n_rows, rows_of

N_MOMENTS = 13
"""Moments in time; seven moments inside the transaction come on top."""
TABLES = ("sitting", "paper", "intake", "person", "identity", "response_block", "exposure", "trail")

AT_STATEMENT = """
import os, runpy, signal, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
last, seen = int(sys.argv[1]), 0
def count(*_):
    global seen
    seen += 1
    if seen == last:
        os.kill(os.getpid(), signal.SIGKILL)
for moment in ("before_cursor_execute", "after_cursor_execute", "commit"):
    event.listen(Engine, moment, count)
sys.argv[1:] = sys.argv[2:]
try:
    runpy.run_module("qbank", run_name="__main__")
finally:
    print(seen)
"""
"""Runs the command and kills it at the n-th event of the database: before and after each statement, before a commit."""


def words(place: Place) -> list[str]:
    return ["sitting", "add", str(place.responses), "--forms", str(place.form_folder), "--id", SITTING]


def command(*before: str, place: Place) -> list[str]:
    return [sys.executable, *before, *words(place)]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONHASHSEED": "0"}


def workspace_at(folder: Path) -> Workspace:
    """Return an empty workspace: its own ledger, nothing else."""
    folder.mkdir(parents=True)
    (folder / "qbank.yaml").write_text("workspace: kill\ndatabase: ledger.db\n", "utf-8")
    return Workspace(folder, "en", str(folder / "ledger.db"))


def holds(workspace: Workspace) -> StoredSitting | None:
    """Open the ledger, check that nothing stands in it by halves, and return the sitting or None."""
    ledger = workspace.open()
    try:
        listed = list_sittings(ledger)
        stored = read_sitting(ledger, SITTING)
    finally:
        ledger.close()
    rows_of(Path(workspace.database))
    assert len(listed) == (0 if stored is None else 1)
    if stored is None:
        assert [n_rows(Path(workspace.database), table) for table in TABLES] == [0] * len(TABLES)
    return stored


def is_whole(stored: StoredSitting, expected: Responses, place: Place) -> None:
    responses = stored.responses
    assert len(responses.persons) == len(set(responses.persons)) == 300
    assert stored.papers == tuple(form_text(form) for form in place.forms)
    np.testing.assert_array_equal(responses.answer, expected.answer)
    np.testing.assert_array_equal(responses.form, expected.form)
    assert responses.labels == expected.labels and responses.groups == expected.groups


def again(workspace: Workspace, place: Place) -> str:
    done, problems = add_responses(place.responses, (place.form_folder,), workspace, id=SITTING)
    assert done is not None and not problems
    return done.outcome


@pytest.fixture
def reference(place: Place, tmp_path: Path) -> tuple[Place, Responses, list[str]]:
    """Return the sitting as it stands where no process was killed, and all rows of that ledger."""
    workspace = workspace_at(tmp_path / "reference")
    again(workspace, place)
    ledger = workspace.open()
    stored = read_sitting(ledger, SITTING)
    ledger.close()
    assert stored is not None
    return place, stored.responses, contents_of(Path(workspace.database))


def test_a_process_killed_at_any_moment_leaves_nothing_or_the_whole_sitting(
    reference: tuple[Place, Responses, list[str]], tmp_path: Path
) -> None:
    place, expected, contents = reference
    begun = time.perf_counter()
    workspace = workspace_at(tmp_path / "measured")
    subprocess.run(command("-m", "qbank", place=place), cwd=workspace.root, env=environment(), check=True)
    run_time = time.perf_counter() - begun
    found = []
    for moment in range(N_MOMENTS):
        workspace = workspace_at(tmp_path / f"moment-{moment}")
        # most of the run is imports: two moments in three fall into its second half, where the ledger is written
        share = (moment + 1) / N_MOMENTS
        delay = run_time * (share if moment % 3 == 0 else 0.5 + share / 2)
        process = subprocess.Popen(
            command("-m", "qbank", place=place), cwd=workspace.root, env=environment(),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        status = process.wait()
        stored = holds(workspace)
        found.append((status, stored is not None))
        if stored is not None:
            is_whole(stored, expected, place)
        assert again(workspace, place) == ("added" if stored is None else "unchanged")
        assert contents_of(Path(workspace.database)) == contents
    assert sum(status == -signal.SIGKILL for status, _ in found) >= N_MOMENTS // 3
    assert (-signal.SIGKILL, False) in found


def events_of(place: Place, workspace: Workspace, last: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command("-c", AT_STATEMENT, str(last), place=place), cwd=workspace.root, env=environment(),
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip


def test_a_process_killed_inside_the_transaction_leaves_nothing_and_after_it_the_whole_sitting(
    reference: tuple[Place, Responses, list[str]], tmp_path: Path
) -> None:
    place, _, contents = reference
    whole = events_of(place, workspace_at(tmp_path / "counted"), 0)
    assert whole.returncode == 0, whole.stderr
    n_events = int(whole.stdout.split()[-1])
    # the add: BEGIN, SELECT, and five INSERTs, two events each, then the commit as the very last one
    inside = range(n_events, n_events - 13, -2)
    for last in inside:
        workspace = workspace_at(tmp_path / f"event-{last}")
        done = events_of(place, workspace, last)
        assert done.returncode == -signal.SIGKILL, done.stderr
        assert Path(workspace.database).exists()
        assert holds(workspace) is None
        assert again(workspace, place) == "added"
        assert contents_of(Path(workspace.database)) == contents


def test_a_log_cut_off_anywhere_leaves_nothing_or_the_whole_sitting(
    reference: tuple[Place, Responses, list[str]], tmp_path: Path
) -> None:
    """A power failure tears the write-ahead log at any byte; every cut is a ledger as before or complete."""
    place, expected, contents = reference
    source = workspace_at(tmp_path / "source")
    keeper = open_ledger(source.database)  # an open reader keeps the log from being folded into the database
    with keeper.begin():
        pass
    connection = keeper.engine.raw_connection()
    again(source, place)
    log = Path(source.database + "-wal")
    length = log.stat().st_size
    outcomes = set()
    for share in (0.0, 0.001, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97, 0.999, 1.0):
        workspace = workspace_at(tmp_path / f"cut-{share}")
        shutil.copy(source.database, workspace.database)
        torn = Path(workspace.database + "-wal")
        torn.write_bytes(log.read_bytes()[: int(length * share)])
        stored = holds(workspace)
        outcomes.add(stored is not None)
        if stored is not None:
            is_whole(stored, expected, place)
        assert again(workspace, place) == ("added" if stored is None else "unchanged")
        assert contents_of(Path(workspace.database)) == contents
    connection.close()
    keeper.close()
    assert outcomes == {False, True}


def test_a_killed_removal_keeps_the_sitting(reference: tuple[Place, Responses, list[str]]) -> None:
    place, _, _ = reference
    added(place)
    contents = contents_of(place.database)
    listed = [sys.executable, "-c", AT_STATEMENT]
    whole = subprocess.run(
        [*listed, "0", "sitting", "show", SITTING], cwd=place.root, env=environment(), capture_output=True,
        encoding="utf-8", check=True,
    )  # fmt: skip
    n_opening = int(whole.stdout.split()[-1]) - 10
    assert n_opening > 0
    done = subprocess.run(
        [*listed, str(n_opening + 4), "sitting", "remove", SITTING, "--yes"], cwd=place.root, env=environment(),
        capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL
    assert contents_of(place.database) == contents
    assert DATE in " ".join(contents)
