"""qbank ledger from the command line, in a workspace with a sitting, and what is said where the world fails."""

from __future__ import annotations

import ctypes
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qbank.cli.__main__ import main
from qbank.ledger import open_ledger
from tests.ledger.engines import place_on
from tests.workflow.places import REPOSITORY, SITTING, Place, added, copy_place, prepared

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Return a workspace with one sitting in its ledger."""
    found = copy_place(prepared(), tmp_path / "place")
    added(found)
    return found


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[str]:
    with place_on("postgresql", tmp_path) as found:
        yield found


@pytest.fixture
def run(place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(place.root)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.delenv("QBANK_DATABASE", raising=False)

    def call(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["--lang", "en", *words])
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return call


def result(run: Run, *words: str) -> dict[str, object]:
    status, out, err = run(*words, "--json")
    assert status == 0, (out, err)
    found: dict[str, object] = json.loads(out)["result"]
    return found


def numbers(place: Place) -> list[str]:
    connection = sqlite3.connect(place.database)
    try:
        return [row[0] for row in connection.execute("SELECT number FROM identity ORDER BY position")]
    finally:
        connection.close()


def test_verify_says_the_last_hash_and_finds_it_again(run: Run) -> None:
    status, out, _ = run("ledger", "verify")
    assert status == 0 and "persons: 300" in out
    found = str(result(run, "ledger", "verify")["hash"])
    assert found in out
    assert run("ledger", "verify", "--expect", found)[0] == 0
    status, _, err = run("ledger", "verify", "--expect", "0" * 64)
    assert status == 1 and "L205" in err


def test_a_changed_row_of_the_trail_ends_with_1_and_names_the_row(run: Run, place: Place) -> None:
    connection = sqlite3.connect(place.database)
    connection.execute("UPDATE trail SET who = 'nobody' WHERE number = 1")
    connection.commit()
    connection.close()
    status, out, err = run("ledger", "verify")
    assert status == 1 and "L201" in err and "row 1" in err and "write this down" not in out


def test_the_trail_tells_what_was_done(run: Run) -> None:
    status, out, _ = run("ledger", "trail")
    assert status == 0 and "answers added" in out and SITTING in out
    entries = json.loads(run("ledger", "trail", "--limit", "1", "--json")[1])["result"]
    assert [entry["number"] for entry in entries] == [int(str(result(run, "ledger", "verify")["last"]))]
    assert json.loads(run("ledger", "trail", "--since", "2999-01-01", "--json")[1])["result"] == []
    assert json.loads(run("ledger", "trail", "--subject", "nothing", "--json")[1])["result"] == []


def test_a_backup_is_a_whole_ledger_and_comes_back(run: Run, place: Place) -> None:
    assert run("ledger", "backup", "b.db")[0] == 0
    assert run("ledger", "backup", "b.db")[0] == 1
    assert run("sitting", "remove", SITTING, "--yes")[0] == 0
    status, _, err = run("ledger", "restore", "b.db")
    assert status == 1 and err.startswith("ledger.db: error L223 ledger.db ")
    status, out, err = run("ledger", "restore", "b.db", "--yes")
    assert status == 0 and "ledger.db.before-restore" in out, err
    assert len(numbers(place)) == 300
    assert run("ledger", "verify")[0] == 0
    assert (place.root / "ledger.db.before-restore").is_file()
    assert "ledger restored" in run("ledger", "trail")[1]
    assert not [path for path in place.root.iterdir() if path.name.startswith(".ledger")]


def test_a_damaged_backup_is_refused_and_the_ledger_left_alone(run: Run, place: Place) -> None:
    assert run("ledger", "backup", "b.db")[0] == 0
    connection = sqlite3.connect(place.root / "b.db")
    connection.execute("UPDATE response_block SET checksum = 'x'")
    connection.commit()
    connection.close()
    before = result(run, "ledger", "status")["hash"]
    status, _, err = run("ledger", "restore", "b.db", "--yes")
    assert status == 1 and "b.db: error L206" in err
    (place.root / "c.db").write_bytes(b"")
    assert run("ledger", "restore", "c.db", "--yes")[0] == 2
    (place.root / "c.db").write_bytes(b"person,form\n" * 900)
    assert run("ledger", "restore", "c.db", "--yes")[0] == 2
    assert run("ledger", "restore", "none.db", "--yes")[0] == 1
    assert result(run, "ledger", "status")["hash"] == before


def test_a_ledger_that_is_damaged_is_replaced_by_its_backup_and_kept(run: Run, place: Place) -> None:
    assert run("ledger", "backup", "b.db")[0] == 0
    place.database.write_bytes(b"nonsense" * 4000)
    status, _, err = run("ledger", "status")
    assert status == 2 and "damaged" in err and "restore" in err
    assert run("ledger", "restore", "b.db")[0] == 1
    assert run("ledger", "restore", "b.db", "--yes")[0] == 0
    assert run("ledger", "verify")[0] == 0
    assert (place.root / "ledger.db.before-restore").read_bytes().startswith(b"nonsense")


def test_a_person_is_asked_for_and_then_forgotten_to_the_last_byte(run: Run, place: Place) -> None:
    number = numbers(place)[7]
    assert number.encode() in place.database.read_bytes()
    status, _, err = run("ledger", "forget", "nobody-9")
    assert status == 1 and "L224" in err
    done = result(run, "ledger", "forget", number, "--yes")
    assert done["sittings"] == [SITTING] and done["identities"] == 1
    for file in place.root.glob("ledger.db*"):
        assert number.encode() not in file.read_bytes(), file
    assert run("ledger", "forget", number, "--yes")[0] == 1
    assert number not in run("ledger", "trail", "--json")[1]
    assert run("ledger", "verify")[0] == 0
    assert str(done["pseudonym"]) in run("ledger", "trail")[1]


def test_vacuum_gives_space_back(run: Run, place: Place) -> None:
    assert run("sitting", "remove", SITTING, "--yes")[0] == 0
    found = result(run, "ledger", "vacuum")
    assert int(str(found["after"])) < int(str(found["before"]))
    assert run("ledger", "verify")[0] == 0


def test_a_copy_to_postgresql_and_back_is_the_same_ledger(run: Run, place: Place, postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = result(run, "ledger", "verify")
    status, out, err = run("ledger", "copy", "ledger.db", postgres)
    assert status == 0 and "equal" in out, err
    status, _, err = run("ledger", "copy", "ledger.db", postgres)
    assert status == 1 and "L220" in err and "station-7" not in err
    monkeypatch.setenv("QBANK_DATABASE", postgres)
    status = result(run, "ledger", "status")
    assert "PostgreSQL" in str(status["engine"]) and "station-7" not in str(status) and status["persons"] == 300
    assert result(run, "ledger", "verify") == before
    assert result(run, "ledger", "vacuum")["after"]
    assert run("ledger", "backup", "p.db")[0] == 0
    number = numbers(place)[0]
    assert result(run, "ledger", "forget", number, "--yes")["identities"] == 1
    status, _, err = run("ledger", "restore", "p.db", "--yes")
    assert status == 0, err
    monkeypatch.delenv("QBANK_DATABASE")
    assert run("ledger", "copy", postgres, "back.db")[0] == 0
    assert number in [row[0] for row in sqlite3.connect("back.db").execute("SELECT number FROM identity")]
    monkeypatch.setenv("QBANK_DATABASE", "p.db")
    assert result(run, "ledger", "verify") == before


@pytest.mark.parametrize(
    ("database", "says"),
    [
        ("postgresql://qbank:se/cr@et@127.0.0.1:9/none", "cannot be reached"),
        ("postgresql://qbank:secret@host:port/none", "no address"),
        ("mysql://qbank:secret@host/none", "not supported"),
        ("banks", "is a folder"),
        ("nowhere/ledger.db", "does not exist"),
    ],
)
def test_a_database_that_cannot_be_used_is_explained(
    run: Run, monkeypatch: pytest.MonkeyPatch, database: str, says: str
) -> None:
    monkeypatch.setenv("QBANK_DATABASE", database)
    status, out, err = run("sitting", "list") if "/led" not in database else run("sitting", "remove", "x", "--yes")
    if "nowhere" in database:
        assert status == 1  # nothing is there, nothing is made
        status, out, err = run("sitting", "add", "sittings/2026-11-A/responses.csv", "--forms", "forms/bof-4-theory")
    assert status == 2 and says in err and "hint: " in err, err
    assert "se" + "cr" not in err.replace("secret_", "") and "Traceback" not in err + out


def test_a_wrong_password_is_told_as_such(run: Run, postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QBANK_DATABASE", postgres.replace("station-7", "wrong-one"))
    status, _, err = run("ledger", "status")
    assert status == 2 and "refused the login" in err and "wrong-one" not in err


def test_without_the_driver_the_extra_is_named(place: Place) -> None:
    code = "import sys; sys.modules['psycopg'] = None\nfrom qbank.cli.__main__ import main\nmain(['--lang', 'en', 'sitting', 'list'])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=place.root, capture_output=True, encoding="utf-8", check=False,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "QBANK_DATABASE": "postgresql://q@127.0.0.1/x"},
    )  # fmt: skip
    assert done.returncode == 2 and "qbank[postgres]" in done.stderr and "Traceback" not in done.stderr


def obey_rights() -> None:
    """Let even root be refused what the rights of a file forbid (Linux)."""
    if sys.platform == "linux":
        for capability in (1, 2):
            ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)


def test_a_ledger_that_may_not_be_written_says_so(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    open_ledger(path).close()
    code = (
        "import sys\nsys.argv[1:] = ['--lang', 'en', 'sitting', 'remove', 'x', '--yes']\n"
        "from qbank.cli.__main__ import main\nmain()"
    )
    path.chmod(0o444)
    tmp_path.chmod(0o555)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, encoding="utf-8", check=False,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONDONTWRITEBYTECODE": "1"}, preexec_fn=obey_rights,
    )  # fmt: skip
    tmp_path.chmod(0o755)
    assert done.returncode == 2 and "Traceback" not in done.stderr and "hint: " in done.stderr, done.stderr


def test_a_backup_makes_its_folder_and_one_that_is_missing_is_told(place: Place, run: Run) -> None:
    assert run("ledger", "backup", "new/folder/today.db")[0] == 0
    assert (place.root / "new/folder/today.db").is_file()
    status, _, err = run("ledger", "restore", "new/folder/yesterday.db")
    assert status == 1 and "L227" in err
