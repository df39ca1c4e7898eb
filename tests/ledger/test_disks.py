"""A disk that is full, one that is read-only, and two processes that write at once: a clear word, and nothing lost."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from qbank.ledger import LedgerError, list_sittings, open_ledger, read_sitting
from tests.ledger.killing import copy_database, environment, run, workspace
from tests.workflow.places import SITTING, Place, contents_of


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Return a disk of its own with one megabyte and a half on it."""
    folder = tmp_path / "disk"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=1536k", "tmpfs", str(folder)]
    if os.name == "nt" or os.geteuid() != 0 or subprocess.run(words, check=False, capture_output=True).returncode:
        pytest.skip("a small disk of its own needs root and mount: disk full and read-only disk are not tried")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def add_words(place: Place) -> tuple[str, ...]:
    return ("sitting", "add", str(place.responses), "--forms", str(place.form_folder), "--id", SITTING)


def test_a_full_disk_is_told_in_words_and_nothing_is_lost(place: Place, disk: Path) -> None:
    workspace(disk)
    ledger = open_ledger(disk / "ledger.db")
    ledger.close()
    before = contents_of(disk / "ledger.db")
    filler = disk / "filler"
    free = os.statvfs(disk)
    filler.write_bytes(b"x" * max(free.f_bavail * free.f_frsize - 48 * 1024, 0))
    done = run(disk, add_words(place))
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert "full" in done.stderr, done.stderr
    assert contents_of(disk / "ledger.db") == before
    filler.unlink()
    assert run(disk, add_words(place)).returncode == 0
    with_it = open_ledger(disk / "ledger.db")
    assert len(list_sittings(with_it)) == 1 and read_sitting(with_it, SITTING) is not None
    with_it.close()


def test_a_read_only_disk_is_told_in_words_and_what_is_there_is_still_read(place: Place, disk: Path) -> None:
    workspace(disk)
    assert run(disk, add_words(place)).returncode == 0
    with sqlite3.connect(disk / "ledger.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    before = contents_of(disk / "ledger.db")
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    removed = run(disk, ("sitting", "remove", SITTING, "--yes"))
    assert removed.returncode == 2 and "Traceback" not in removed.stderr
    assert re.search("read.only", removed.stderr), removed.stderr
    listed = run(disk, ("sitting", "list"))
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    assert contents_of(disk / "ledger.db") == before
    assert listed.returncode == 0 and SITTING in listed.stdout, listed.stderr


def test_of_two_processes_that_write_at_once_one_waits(place: Place, tmp_path: Path) -> None:
    workspace(tmp_path / "one")
    database = tmp_path / "one/ledger.db"
    open_ledger(database).close()
    holder = sqlite3.connect(database, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    process = subprocess.Popen(
        [sys.executable, "-m", "qbank", *add_words(place)], cwd=tmp_path / "one", env=environment(),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    time.sleep(2.5)
    assert process.poll() is None, process.communicate()
    holder.execute("COMMIT")
    holder.close()
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0 and SITTING in out, err


def test_who_waits_too_long_is_told_that_another_process_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qbank.ledger.engine.BUSY_SECONDS", 0.2)
    ledger = open_ledger(tmp_path / "ledger.db")
    holder = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerError) as told, ledger.begin():
        pass
    holder.close()
    ledger.close()
    assert told.value.reason == "locked"


def test_readers_do_not_wait_for_a_writer(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path / "ledger.db")
    holder = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    begun = time.perf_counter()
    assert list_sittings(ledger) == () and time.perf_counter() - begun < 5
    holder.close()
    ledger.close()


def test_a_copy_of_a_ledger_in_use_is_whole(place: Place, tmp_path: Path) -> None:
    """The way in which the tests prepare their states takes the log along."""
    workspace(tmp_path / "one")
    assert run(tmp_path / "one", add_words(place)).returncode == 0
    copy_database(tmp_path / "one/ledger.db", tmp_path / "two.db")
    assert contents_of(tmp_path / "two.db") == contents_of(tmp_path / "one/ledger.db")
    shutil.rmtree(tmp_path / "one")
