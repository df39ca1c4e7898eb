"""Processes that end at any moment, without a word, and what their ledgers hold afterwards.

The command runs in a process of its own. From its first word to the database on, a timer counts the processor's time;
when it runs out the kernel ends the process, as kill -9 does, wherever it is. So the moments lie where the ledger is
read and written, however busy the machine is.
"""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.workflow.places import REPOSITORY, SITTING, Place, contents_of

RUN = """
import resource, runpy, signal, sys, time
from sqlalchemy import event
from sqlalchemy.engine import Engine
delay, begun = float(sys.argv[1]), []
def first(*_):
    if not begun:
        begun.append(time.process_time())
        if delay:
            signal.setitimer(signal.ITIMER_PROF, delay)
for moment in ("do_connect", "before_cursor_execute"):
    event.listen(Engine, moment, first)
sys.argv[1:] = sys.argv[2:]
try:
    runpy.run_module("qbank", run_name="__main__")
finally:
    sys.stdout.flush()
    print("\\nseconds", time.process_time() - (begun or [time.process_time()])[0])
"""
STOPPED = -signal.SIGPROF
OLD_LEDGER = Path(__file__).parent / "stored/schema-1.db"


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that a command does to the ledger.

    words : the command ; prepare : (workspace folder) → makes the state before
    """

    name: str
    words: tuple[str, ...]
    prepare: Callable[[Path], None]


@dataclass(frozen=True, slots=True)
class Ended:
    """One killed run: whether it was stopped, and whether the ledger was left as before or complete."""

    deed: str
    delay: float
    stopped: bool
    state: str


def environment() -> dict[str, str]:
    """Return the environment of a command that takes this tree's package."""
    return {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONHASHSEED": "0", "QBANK_USER": "tester"}


def run(folder: Path, words: tuple[str, ...], delay: float = 0.0) -> subprocess.CompletedProcess[str]:
    """Run a qbank command in a folder; it ends after so many seconds of processor time from its first word on."""
    return subprocess.run(
        [sys.executable, "-c", RUN, f"{delay:.6f}", *words], cwd=folder, env=environment(), capture_output=True,
        encoding="utf-8", check=False,
    )  # fmt: skip


def deeds_of(place: Place, folder: Path) -> list[Deed]:
    """Return what is done to ledgers, each from a state of its own; ``folder`` keeps what they are prepared from."""
    add = ("sitting", "add", str(place.responses), "--forms", str(place.form_folder), "--id", SITTING)
    corrected = folder / "corrected.csv"
    text = place.responses.read_text("utf-8-sig").splitlines(keepends=True)
    corrected.write_text("".join(text[:-1]), "utf-8")
    replaced = ("sitting", "add", str(corrected), "--forms", str(place.form_folder), "--id", SITTING, "--date", "2026-11-23",
                "--design", "spiralled", "--replace", "--why", "one row too many")  # fmt: skip
    sat = folder / "sat"
    workspace(sat)
    done = run(sat, add)
    assert done.returncode == 0, done.stdout + done.stderr

    def empty(root: Path) -> None:
        workspace(root)

    def with_sitting(root: Path) -> None:
        workspace(root)
        copy_database(sat / "ledger.db", root / "ledger.db")

    def old(root: Path) -> None:
        workspace(root)
        shutil.copy(OLD_LEDGER, root / "ledger.db")

    return [
        Deed("import", add, empty),
        Deed("correction", replaced, with_sitting),
        Deed("scoring", ("score", SITTING), with_sitting),
        Deed("calibration", ("calibrate", SITTING, "--model", "rasch"), with_sitting),
        Deed("migration", ("sitting", "list"), old),
    ]


def workspace(root: Path) -> None:
    """Make a workspace without a ledger."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "qbank.yaml").write_text("workspace: kill\ndatabase: ledger.db\nlanguage: en\n", "utf-8")


def copy_database(source: Path, target: Path) -> None:
    """Copy a database with what still stands in its log."""
    with sqlite3.connect(source) as one, sqlite3.connect(target) as other:
        one.backup(other)
    one.close()
    other.close()


def kills(deed: Deed, shares: Iterator[float], folder: Path) -> Iterator[Ended]:
    """Kill a deed once for each share of its time, and look at what is left.

    Raises AssertionError where a ledger is neither as before nor complete, or where the same command again does not
    complete it.
    """
    reference = folder / "reference"
    deed.prepare(reference)
    database = reference / "ledger.db"
    before = state_of(database)
    whole = run(reference, deed.words)
    assert whole.returncode == 0, whole.stdout + whole.stderr
    seconds = float(whole.stdout.split()[-1])
    after = state_of(database)
    assert after != before
    for number, share in enumerate(shares):
        root = folder / f"{number}"
        deed.prepare(root)
        delay = max(0.001, share * seconds)
        done = run(root, deed.words, delay)
        assert done.returncode in (0, STOPPED), done.stdout + done.stderr
        found = state_of(root / "ledger.db")
        state = "complete" if found == after else "before" if found in (before, []) else made(found, before, deed)
        again = run(root, deed.words)
        assert again.returncode == 0, again.stdout + again.stderr
        assert state_of(root / "ledger.db") == after or deed.name in ("scoring", "calibration")
        yield Ended(deed.name, delay, done.returncode == STOPPED, state)
        shutil.rmtree(root)


def made(found: list[str], before: list[str], deed: Deed) -> str:
    """Return ``before`` for a ledger that was made and holds nothing yet."""
    assert deed.name == "import", (deed.name, [row for row in found if row not in before][:3])
    rows = [row for row in found if row.startswith("INSERT") and "alembic_version" not in row and "trail_end" not in row]
    assert not rows, rows[:3]
    return "before"


def state_of(database: Path) -> list[str]:
    """Return what a ledger holds, [] where there is none or nothing in it yet."""
    return contents_of(database) if database.exists() else []
