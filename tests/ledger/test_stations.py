"""Many at the same ledger: eight stations on PostgreSQL, one killed, one cut off; two processes on one SQLite file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from qbank.core.responses import Responses
from qbank.ledger import (
    Decision,
    Ledger,
    LedgerError,
    SittingRecord,
    Source,
    add_answers,
    engine,
    entries,
    list_sittings,
    open_ledger,
    read_sitting,
    remove_sitting,
    verify_ledger,
    write_decision,
)
from tests.ledger.engines import execute
from tests.workflow.places import REPOSITORY

PAPERS = (("f", "x", "text"),)
N_PERSONS = 60

STATION = """
import os, signal, sys
from qbank.ledger import engine, intakes
from tests.ledger.test_stations import import_part
url, sitting, part, what = sys.argv[1:]
said = intakes.record_in_trail
def record(connection, *words, **more):
    if what == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if what in ("cut", "cut for good") and not hasattr(record, "done"):
        record.done = True
        print("pid", connection.exec_driver_sql("SELECT pg_backend_pid()").scalar(), flush=True)
        sys.stdin.readline()
    return said(connection, *words, **more)
intakes.record_in_trail = record
if what == "cut for good":
    engine.PAUSES = ()
print("ready", flush=True)
sys.stdin.readline()
try:
    print(import_part(url, sitting, part), flush=True)
except OSError as fault:
    print("failed", fault.reason, flush=True)
    sys.exit(2)
"""


def answers(sitting: str, part: str) -> Responses:
    rng = np.random.default_rng([*sitting.encode(), *part.encode()])
    return Responses(
        sitting, tuple(f"{part}{row}" for row in range(N_PERSONS)), ("i", "j"),
        rng.integers(-1, 3, (N_PERSONS, 2)).astype(np.int16), (("A", "B", "C"),) * 2, ("f",),
        np.zeros(N_PERSONS, np.int16), (), np.zeros(N_PERSONS, np.int8),
    )  # fmt: skip


def import_part(place: str, sitting: str, part: str) -> str:
    """Import the answers of one station."""
    ledger = open_ledger(place, who=part)
    try:
        return put(ledger, sitting, part)
    finally:
        ledger.close()


def put(ledger: Ledger, sitting: str, part: str) -> str:
    record = SittingRecord(sitting, "2026-11-23", "", "spiralled", 60.0, 100.0, "bank")
    return add_answers(ledger, record, PAPERS, answers(sitting, part), Source(f"digest of {part}", part=part))


def station(url: str, sitting: str, part: str, what: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", STATION, url, sitting, part, what], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        encoding="utf-8", env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )  # fmt: skip


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def test_of_eight_stations_each_is_complete_or_absent_and_none_is_mixed(postgres_place: str) -> None:
    open_ledger(postgres_place).close()
    whats = {"a": "", "b": "killed", "c": "", "d": "", "e": "cut", "f": "", "g": "cut for good", "h": ""}
    sitting = {part: "one" if part in "abcd" else f"of-{part}" for part in whats}
    processes = {part: station(postgres_place, sitting[part], part, what) for part, what in whats.items()}
    try:
        assert {said(process) for process in processes.values()} == {"ready"}
        for process in processes.values():
            go(process)
        for part in "eg":
            word, pid = said(processes[part]).split()
            assert word == "pid"
            assert execute(postgres_place, f"SELECT pg_terminate_backend({pid})") == [(True,)]
            go(processes[part])
        ends = {part: (said(process), process.wait(300)) for part, process in processes.items()}
    finally:
        for process in processes.values():
            process.kill()
            process.communicate()
    for part in "acdfh":
        assert ends[part] == ("added", 0), part
    assert ends["b"] == ("", -signal.SIGKILL)
    assert ends["e"] == ("added", 0), "what was cut before its commit is run again"
    assert ends["g"] == ("failed unreachable", 2)
    ledger = open_ledger(postgres_place)
    assert verify_ledger(ledger)[1] == []
    assert {found.id: n for found, n in list_sittings(ledger) if n} == {
        "one": 3 * N_PERSONS, "of-e": N_PERSONS, "of-f": N_PERSONS, "of-h": N_PERSONS,
    }  # fmt: skip
    assert [put(ledger, sitting[part], part) for part in whats] == [
        "added" if part in "bg" else "unchanged" for part in whats
    ]
    added = [(entry.subject, entry.facts["part"]) for entry in entries(ledger) if entry.action == "answers added"]
    assert sorted(added) == sorted((sitting[part], part) for part in whats)
    assert verify_ledger(ledger)[1] == []
    stored = read_sitting(ledger, "one")
    assert stored is not None
    np.testing.assert_array_equal(stored.responses.answer, np.concatenate([answers("one", part).answer for part in "abcd"]))
    ledger.close()


def test_whatever_many_do_at_once_nobody_waits_in_a_circle(ledger_place: str) -> None:
    open_ledger(ledger_place).close()

    def work(worker: int) -> int:
        ledger = open_ledger(ledger_place, who=str(worker))
        try:
            for turn in range(3):
                put(ledger, f"s{(worker + turn) % 3}", f"part {worker}")
                write_decision(ledger, Decision(f"s{(worker + turn) % 3}", "i", "i.1", "keep", "why", str(worker), "now"))
                put(ledger, f"own-{worker}", "p")
                if turn == 1:
                    remove_sitting(ledger, f"own-{worker}")
        finally:
            ledger.close()
        return worker

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(work, range(6))) == list(range(6))
    ledger = open_ledger(ledger_place)
    assert verify_ledger(ledger)[1] == []
    assert {found.id: n for found, n in list_sittings(ledger)} == {f"s{n}": 6 * N_PERSONS for n in range(3)} | {f"own-{n}": N_PERSONS for n in range(6)}
    ledger.close()


def test_a_ledger_that_many_open_first_is_made_once(ledger_place: str) -> None:
    with ThreadPoolExecutor(6) as pool:
        ledgers = list(pool.map(lambda n: open_ledger(ledger_place), range(6)))
    with ledgers[0].read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM secret").scalar() == 1
    for ledger in ledgers:
        ledger.close()


def test_of_two_processes_on_sqlite_one_waits(tmp_path: Path) -> None:
    first, second = open_ledger(tmp_path / "ledger.db"), open_ledger(tmp_path / "ledger.db")
    with ThreadPoolExecutor(1) as pool:
        with first.begin():
            waiting = pool.submit(put, second, "s", "a")
            with pytest.raises(TimeoutError):
                waiting.result(0.5)
        assert waiting.result() == "added"
    first.close()
    second.close()


def test_whoever_waits_too_long_says_so_and_has_written_nothing(ledger_place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.3)
    first, second = open_ledger(ledger_place), open_ledger(ledger_place)
    with first.begin():
        with pytest.raises(LedgerError) as caught:
            put(second, "s", "a")
        assert list_sittings(second) == ()  # whoever only reads does not wait
    assert caught.value.reason == "locked"
    assert put(second, "s", "a") == "added"
    first.close()
    second.close()
