"""A process killed at any moment leaves the ledger as before or complete; the same command again completes it."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from qbank.core.responses import Responses
from qbank.files.forms import form_text
from qbank.ledger import StoredSitting, list_sittings, open_ledger, read_sitting
from qbank.workflow.sitting import add_responses
from qbank.workflow.workspace import Workspace
from tests.ledger.killing import BrokenLedger, Deed, Killing, Runner, deeds_of
from tests.workflow.places import SITTING, Place, contents_of, n_rows, prepared, rows_of

MOMENTS = {
    "import": (0.05, 0.3, 0.55, 0.7, 0.9),
    "correction": (0.1, 0.35, 0.6, 0.75, 0.95),
    "scoring": (0.02, 0.25, 0.5, 0.65, 0.85),
    "calibration": (0.3, 0.7),
    "migration": (0.2, 0.4, 0.6, 0.8, 0.98),
}
"""Shares of the time between the first word to the database and shortly after its last commit."""
TABLES = ("sitting", "paper", "intake", "person", "identity", "response_block", "exposure", "trail")


@pytest.fixture(scope="module")
def at_work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, Deed], Runner, Path]]:
    """Yield the deeds, the process that does them, and a folder for it."""
    folder = tmp_path_factory.mktemp("kill")
    with Runner(folder) as runner:
        yield deeds_of(prepared(), folder, runner), runner, folder


def test_a_process_killed_at_any_moment_of_any_deed_leaves_the_ledger_as_before_or_complete(
    at_work: tuple[dict[str, Deed], Runner, Path],
) -> None:
    deeds, runner, folder = at_work
    states: dict[str, Counter[str]] = {}
    for name, shares in MOMENTS.items():
        killing = Killing(deeds[name], runner, folder)
        if name == "calibration":  # one done again stands beside the first
            assert [n_inserted(state, "calibration") for state in (killing.once, killing.twice)] == [1, 2]
        else:
            assert killing.twice == killing.once, name
        before, after = killing.at_event(killing.committed), killing.at_event(killing.committed + 1)
        assert before.stopped and before.state == "before", name
        assert after.stopped and after.state == "complete", name
        found = [killing.at_share(share) for share in shares]
        states[name] = Counter(ended.state for ended in found if ended.stopped)
        assert states[name].total() >= len(shares) // 2, (name, found)
    assert sum(map(len, MOMENTS.values())) >= 20
    assert all(states[name]["before"] for name in MOMENTS), states
    assert sum(counts.total() for counts in states.values()) >= 17, states


@pytest.mark.parametrize("name", ["import", "forget", "removal"])
def test_a_process_killed_at_any_statement_that_writes_leaves_the_ledger_as_before(
    at_work: tuple[dict[str, Deed], Runner, Path], name: str
) -> None:
    deeds, runner, folder = at_work
    killing = Killing(deeds[name], runner, folder / "statements")
    begun = max(n for n in range(killing.committed) if killing.trace[n].endswith("BEGIN"))
    writing = [n + 1 for n in range(begun, killing.committed) if killing.trace[n].split()[-1] in ("INSERT", "UPDATE", "DELETE")]
    assert len(writing) >= 6, killing.trace
    for number in writing[:: 1 if len(writing) < 16 else 2]:
        found = killing.at_event(number)
        assert found.stopped and found.state == "before", killing.trace[number - 1]
    done = killing.at_event(killing.committed + 1)
    assert done.stopped and done.state == "complete"


def test_a_ledger_written_in_two_transactions_is_found_out(at_work: tuple[dict[str, Deed], Runner, Path]) -> None:
    """A deed of which a second transaction is missing is neither as before nor complete."""
    deeds, runner, folder = at_work
    killing = Killing(deeds["scoring"], runner, folder / "found-out")
    killing.once = [*killing.once, "INSERT INTO something that a second transaction would have written"]
    with pytest.raises(BrokenLedger):
        killing.at_event(killing.committed + 1)


def n_inserted(state: list[str], table: str) -> int:
    return sum(row.startswith(f'INSERT INTO "{table}"') for row in state)


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
