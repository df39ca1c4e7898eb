"""Processes that end at any moment, without a word, and what their ledgers hold afterwards.

One process has loaded the command; for each run it makes a copy of itself, so that a run costs only what the command does.
From its first word to the database on, a timer counts the copy's processor time; when it runs out the kernel ends the
process wherever it is, and no line of its own runs any more, as with kill -9. So the moments lie where the ledger is read
and written, however busy the machine is. Or a run ends by SIGKILL at one event of the database: before or after a
statement, before a commit, after it.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from qbank.ledger import open_ledger, tables
from qbank.ledger.verify import verify_ledger
from tests.workflow.places import REPOSITORY, SITTING, Place, contents_of, normalised

SERVE = """
import importlib, json, os, signal, sys, time
from pathlib import Path
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.pool import Pool
import qbank.cli.__main__
from qbank.cli import calibrate, gate, ledger, score, sitting

def serve(asked):
    os.chdir(asked["folder"])
    for stream in (1, 2):
        os.dup2(os.open(f"{asked['out']}.{stream}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream)
    trace, times, begun, held = [], [], [], set(sys.modules)
    def seen(name):
        if not begun:
            begun.append(time.process_time())
            if asked["delay"]:
                signal.setitimer(signal.ITIMER_PROF, asked["delay"])
        trace.append(name), times.append(time.process_time() - begun[0])
        if len(trace) == asked["event"]:
            os.kill(os.getpid(), signal.SIGKILL)
    for place, moments in ((Engine, ("do_connect", "before_cursor_execute", "after_cursor_execute", "commit")), (Pool, ("checkin",))):
        for moment in moments:
            words = lambda args: args[2].split()[0].upper() if len(args) > 3 and isinstance(args[2], str) else ""
            event.listen(place, moment, lambda *args, moment=moment, words=words: seen(f"{moment} {words(args)}".strip()))
    status = 0
    try:
        qbank.cli.__main__.main(asked["words"])
    except SystemExit as fault:
        status = fault.code or 0
    sys.stdout.flush(), sys.stderr.flush()
    signal.setitimer(signal.ITIMER_PROF, 0)
    said = {"seconds": time.process_time() - begun[0] if begun else 0.0, "trace": trace, "times": times, "new": sorted(set(sys.modules) - held)}
    Path(asked["out"]).write_text(json.dumps(said))
    os._exit(status)

for line in sys.stdin:
    asked = json.loads(line)
    for name in asked["load"]:
        try:
            importlib.import_module(name)
        except ImportError:
            pass
    child = os.fork()
    if not child:
        try:
            serve(asked)
        finally:
            import traceback
            traceback.print_exc()
            os._exit(70)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
ENDED = (-signal.SIGPROF, -signal.SIGKILL)
AFTER = 1.3
"""Until when moments are chosen, as a multiple of the time of the last commit."""
OLD_LEDGER = Path(__file__).parent / "stored/schema-1.db"


def environment() -> dict[str, str]:
    """Return the environment of a command that takes this tree's package."""
    threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}
    return {**os.environ, **threads, "PYTHONPATH": str(REPOSITORY), "PYTHONHASHSEED": "0", "QBANK_USER": "tester"}


def run(folder: Path, words: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    """Run a qbank command in a folder, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "qbank", *words], cwd=folder, env=environment(), capture_output=True, encoding="utf-8",
        check=False,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Run:
    """How a run ended.

    status : of the process, negative where a signal ended it ; seconds : processor time from the first word to the database
    on ; trace, times : events of the database, and after how many seconds each came ; nothing where it was ended
    """

    status: int
    said: str
    seconds: float = 0.0
    trace: tuple[str, ...] = ()
    times: tuple[float, ...] = ()

    @property
    def stopped(self) -> bool:
        return self.status in ENDED


class Runner:
    """A process that has loaded the command and runs it in copies of itself."""

    def __init__(self, folder: Path) -> None:
        self.out = folder / "run"
        self.load: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVE], env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
        )

    def run(self, folder: Path, words: Sequence[str], *, delay: float = 0.0, event: int = 0) -> Run:
        """Run a command; it ends after so many seconds of processor time, or at so manieth an event, if not 0."""
        self.out.unlink(missing_ok=True)
        asked = {"folder": str(folder), "words": list(words), "delay": delay, "event": event, "out": str(self.out), "load": self.load}
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        status = int(self.process.stdout.readline())
        said = "".join(Path(f"{self.out}.{stream}").read_text("utf-8") for stream in (1, 2))
        if status < 0 or not self.out.exists():
            return Run(status, said)
        told = json.loads(self.out.read_text("utf-8"))
        self.load = [name for name in told["new"] if not name.startswith(("__", "polars._plr", "v00"))]
        return Run(status, said, told["seconds"], tuple(told["trace"]), tuple(told["times"]))

    def close(self) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(120)
        self.process.stdout.close()

    def __enter__(self) -> Runner:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that a command does to the ledger.

    words : the command ; prepare : (workspace folder) → makes the state before ; secret : what may not be read in any file
    of the ledger once it is done ; server : the URL of a ledger that is no file, "" where it is one
    """

    name: str
    words: tuple[str, ...]
    prepare: Callable[[Path], None]
    secret: str = ""
    server: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """One killed run: whether it was stopped, and whether the ledger was left as before or complete."""

    deed: str
    stopped: bool
    state: str


class BrokenLedger(AssertionError):
    """A ledger that is neither as before nor complete, or that the same command does not complete."""


class Killing:
    """A deed done twice where nothing stops it, and then killed as often as asked.

    ``before``, ``once``, ``twice`` are what the ledger holds before the deed, after it, and after it is done again. The
    law: a killed run leaves ``before`` or ``once``, nothing that `verify_ledger` finds wrong, and files that are whole; the
    same command then leads from ``before`` to ``once``, and from ``once`` to ``twice``, with the same exit status. For all
    deeds but the calibration, ``twice`` is ``once``: done again it changes nothing. (A calibration done again stands
    beside the first.)
    """

    def __init__(self, deed: Deed, runner: Runner, folder: Path) -> None:
        self.deed, self.runner, self.folder, self.number = deed, runner, folder / deed.name, 0
        root = self.folder / "reference"
        deed.prepare(root)
        self.before = self.state(root)
        whole = runner.run(root, deed.words)
        assert whole.status == 0, whole.said
        self.once, self.files = self.state(root), files_of(root)
        assert self.once != self.before
        self.again = runner.run(root, deed.words)
        self.twice = self.state(root)
        kept = files_of(root)
        self.files = {name: data for name, data in self.files.items() if kept.get(name) == data}
        shutil.rmtree(root)
        deed.prepare(root)
        measured = runner.run(root, deed.words)  # all that it loads is loaded by now
        self.trace = measured.trace
        # what comes long after the commit, as reports, is no work on the ledger
        self.seconds = min(measured.seconds, AFTER * measured.times[self.committed - 1])

    @property
    def committed(self) -> int:
        """Return the number of the event before the last commit that writes."""
        writing, found = False, 0
        for number, name in enumerate(self.trace, 1):
            writing = writing or (name.startswith("before_cursor_execute") and name.split()[-1] in ("INSERT", "UPDATE", "DELETE"))
            if name == "commit":
                found, writing = (number if writing else found), False
        assert found and found < len(self.trace), self.trace
        return found

    def at_share(self, share: float) -> Ended:
        """Kill it after a share of its processor time; where it was done sooner than that, once more, and sooner."""
        for _ in range(8):
            found = self.kill(delay=max(0.0005, share * self.seconds))
            if found.stopped or share >= 1.0:
                break
            self.seconds *= 0.8
        return found

    def at_event(self, number: int) -> Ended:
        """Kill it at one event of the database, the first is 1."""
        return self.kill(event=number)

    def kill(self, **when: Any) -> Ended:
        """Kill it, look at what is left, and do it again."""
        self.number += 1
        root, deed = self.folder / f"{self.number}", self.deed
        deed.prepare(root)
        done = self.runner.run(root, deed.words, **when)
        self.expect(done.stopped or done.status == 0, when, done.said)
        state = self.left(root, when)
        self.expect(done.stopped or state == "complete", when, "done, and not complete")
        for name, data in files_of(root).items():
            self.expect(self.files.get(name, data) == data, when, f"{name} is half a file")
        again = self.runner.run(root, deed.words)
        expected, status = (self.once, 0) if state == "before" else (self.twice, self.again.status)
        self.expect(again.status == status, when, f"again, after {state}: {again.said}")
        self.expect(self.state(root) == expected, when, f"again, after {state}, leads elsewhere")
        self.expect(self.files.keys() <= files_of(root).keys(), when, "again, and files are missing")
        if deed.secret:
            left = [file.name for file in root.glob("ledger.db*") if deed.secret.encode() in file.read_bytes()]
            self.expect(not left, when, f"{deed.secret} in {left}")
        shutil.rmtree(root)
        return Ended(deed.name, done.stopped, state)

    def left(self, root: Path, when: dict[str, Any]) -> str:
        """Return ``before`` or ``complete``."""
        found = self.state(root)
        if found == self.once:
            return "complete"
        if found in (self.before, []) or (not self.before and not any(map(is_of_a_sitting, found))):
            return "before"
        raise BrokenLedger(self.deed.name, when, [row for row in found if row not in self.before][:3])

    def state(self, root: Path) -> list[str]:
        """Return what the ledger holds, [] where there is nothing in it yet; nothing in it is damaged."""
        if self.deed.server:
            found = contents_of_server(self.deed.server)
        else:
            found = contents_of(root / "ledger.db") if (root / "ledger.db").exists() else []
        if any('"gate"' in row for row in found):  # the present schema; opening an older one would migrate it
            ledger = open_ledger(self.deed.server or root / "ledger.db")
            _, problems = verify_ledger(ledger)
            ledger.close()
            if problems:
                raise BrokenLedger(self.deed.name, problems)
        return found

    def expect(self, holds: bool, when: dict[str, Any], said: str) -> None:
        if not holds:
            raise BrokenLedger(self.deed.name, when, said)


def is_of_a_sitting(row: str) -> bool:
    """Return whether a row is more than what an empty ledger holds."""
    return row.startswith("INSERT") and "alembic_version" not in row and "trail_end" not in row


def files_of(root: Path) -> dict[str, bytes]:
    """Return the files of a workspace besides its ledger; what was being written has a name with a dot before it."""
    paths = (path for path in root.rglob("*") if path.is_file())
    return {
        str(path.relative_to(root)): path.read_bytes() for path in paths if not path.name.startswith((".", "ledger.db"))
    }


def contents_of_server(url: str) -> list[str]:
    """Return the rows of a ledger on a server, once nobody else is connected any more."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        while connection.execute(others).fetchone() != (0,):
            time.sleep(0.02)
        known = {row[0] for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
        rows = []
        for table in tables.metadata.sorted_tables:
            if table.name in known:
                query = f'SELECT * FROM "{table.name}" ORDER BY {", ".join(column.name for column in table.primary_key)}'
                rows += [f'INSERT INTO "{table.name}" {row!r}' for row in connection.execute(query)]
    return normalised([*rows, *(f'CREATE TABLE "{name}"' for name in sorted(known))])


def deeds_of(place: Place, folder: Path, runner: Runner) -> dict[str, Deed]:
    """Return what is done to ledgers, each from a state of its own; ``folder`` keeps what they are prepared from."""
    add = ("sitting", "add", str(place.responses), "--forms", str(place.form_folder), "--id", SITTING)
    corrected = folder / "corrected.csv"
    text = place.responses.read_text("utf-8-sig").splitlines(keepends=True)
    corrected.write_text("".join(text[:-1]), "utf-8")
    replaced = ("sitting", "add", str(corrected), "--forms", str(place.form_folder), "--id", SITTING, "--date", "2026-11-23",
                "--design", "spiralled", "--replace", "--why", "one row too many")  # fmt: skip
    first, bank = text[1].split(",")[0], ("--bank", str(place.bank))

    @cache
    def sat() -> Path:
        return made("sat", add)

    @cache
    def analysed() -> Path:
        credit = ("decide", SITTING, place.miskeyed, "credit", "--why", "two keys")
        return made("analysed", add, ("analyse", SITTING, *bank), credit)

    def made(name: str, *commands: tuple[str, ...]) -> Path:
        root = folder / name
        workspace(root)
        for words in commands:
            done = runner.run(root, words)
            assert done.status == 0 or words[0] == "analyse", done.said
        return root / "ledger.db"

    def holding(source: Callable[[], Path] | None) -> Callable[[Path], None]:
        def prepare(root: Path) -> None:
            workspace(root)
            if source is not None:
                copy_database(source(), root / "ledger.db")

        return prepare

    return {
        deed.name: deed
        for deed in (
            Deed("import", add, holding(None)),
            Deed("correction", replaced, holding(sat)),
            Deed("scoring", ("score", SITTING), holding(sat)),
            Deed("calibration", ("calibrate", SITTING, "--model", "rasch"), holding(sat)),
            Deed("migration", ("sitting", "list"), holding(lambda: OLD_LEDGER)),
            Deed("forget", ("ledger", "forget", first, "--yes"), holding(sat), secret=first),
            Deed("removal", ("sitting", "remove", SITTING, "--yes"), holding(sat)),
            Deed("stage", ("gate", SITTING, "pass", "keys", "--why", "all read"), holding(analysed)),
        )
    }


def workspace(root: Path, database: str = "ledger.db") -> None:
    """Make a workspace without a ledger."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "qbank.yaml").write_text(f"workspace: kill\ndatabase: {database}\nlanguage: en\n", "utf-8")


def copy_database(source: Path, target: Path) -> None:
    """Copy a database with what still stands in its log."""
    with sqlite3.connect(source) as one, sqlite3.connect(target) as other:
        one.backup(other)
    one.close()
    other.close()
