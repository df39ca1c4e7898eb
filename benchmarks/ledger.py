"""What the ledger costs, by number of persons: `python benchmarks/ledger.py [--case 1000] [--seed N] [--postgres] [--json]`.

A sitting of so many persons × 100 questions is drawn (two papers that print the same questions with other orders of options,
40 sites, rooms, seats, names, documents, one person in fifty absent, answers by a Rasch model) and written as one CSV. Then,
each in a process of its own: `add` is the command `qbank sitting add` on an empty ledger; `sitting` is `read_sitting`, `answers`
is `read_answers`, `score` is `score_sitting`, `verify` is `verify_ledger`. Loading the program counts for `add` alone; the
peak is that of `add`. Beside them the plain floor: numpy saving and loading the matrix, sqlite3 inserting one row a person.
Promised for 100,000 persons: add within 6 CPU s and 600 MB, answers within 0.1 s. `--postgres`: on the server
that QBANK_TEST_POSTGRES names, or one started from the machine's binaries (CPU seconds are the command's own).
"""

from __future__ import annotations

import argparse
import io
import json
import multiprocessing
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

CASES = ("1000", "10000", "100000")
SEED = 20261126
N_ITEMS, N_SITES = 100, 40
LETTERS = np.array(list("ABCD"))


def papers(rng: np.random.Generator) -> tuple[Any, ...]:
    """Return two papers with the same single-choice questions and other orders of their options."""
    from qbank.core.form import Certificate, Form, FormItem, FormSection

    proved = Certificate(0.0, 0.0, 0.0, (), "bench", "judged")
    made = []
    for id in ("P-1", "P-2"):
        items = tuple(
            FormItem(f"Q{n:04}", "single", f"{n:016x}.{n:016x}", "".join(rng.permutation(LETTERS)), 1.0, {"key": "B"}, "A-A-A", "A-A-A-001")
            for n in range(N_ITEMS)
        )
        section = FormSection("一、单项选择题", "single", 1.0, items)
        made.append(
            Form(id, "bench", "Bench", "Bench", "zh", 4, 90, 100.0, 60.0, "bench", "", "", "", "2026-11-26", "0", 1, (section,), proved)
        )
    return tuple(made)


def draw(n_persons: int, seed: int, root: Path) -> np.ndarray[Any, Any]:
    """Write a workspace with the papers and the answers of a sitting; return the matrix of the letters."""
    import polars as pl

    from qbank.files.forms import form_text

    rng = np.random.default_rng(seed)
    forms = papers(rng)
    (root / "forms").mkdir()
    for form in forms:
        (root / "forms" / f"{form.id}.yaml").write_text(form_text(form), "utf-8")
    person = np.arange(n_persons)
    paper = person % 2
    right = rng.random((n_persons, N_ITEMS)) < 1 / (1 + np.exp(rng.normal(-0.6, 1, N_ITEMS) - rng.normal(0, 1, (n_persons, 1))))
    key = np.array([["ABCD".index("ABCD"[item.order.index("B")]) for item in form.sections[0].items] for form in forms])[paper]
    letter = np.where(right, key, (key + rng.integers(1, 4, right.shape)) % 4).astype(np.int8)
    letter[rng.random(letter.shape) < 0.01] = 4
    letter[rng.random(n_persons) < 0.02] = 4
    absent = (letter == 4).all(axis=1)
    columns = {
        "准考证号": [f"2611{n:08}" for n in person], "姓名": [f"考生{n:06}" for n in person],
        "身份证号": [f"11010119900101{n % 10000:04}{n // 10000:03}" for n in person],
        "试卷": np.array([form.id for form in forms])[paper], "考点": [f"考点{n:02}" for n in person % N_SITES],
        "考场": [f"{n:02}" for n in person // N_SITES % 30], "座位号": [f"{n:02}" for n in person // N_SITES // 30 % 30],
        "状态": np.where(absent, "缺考", ""),
    }  # fmt: skip
    words = np.array([*"ABCD", ""])
    columns |= {f"{n + 1}": words[letter[:, n]] for n in range(N_ITEMS)}
    pl.DataFrame(columns).write_csv(root / "answers.csv")
    return letter


def alone(work: Callable[..., Any], *arguments: Any) -> Any:
    """Return what a function returns in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def clocked(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """Return what a call returns, its CPU and its wall seconds."""
    cpu, wall = time.process_time(), time.perf_counter()
    found = work()
    return found, time.process_time() - cpu, time.perf_counter() - wall


def peak_mb() -> float:
    """Return the most memory this process has held, in MB; the usual counter of Linux begins at that of its parent."""
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) / 1000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def add(root: str) -> tuple[float, float, float]:
    """Return CPU seconds, wall seconds and peak MB of the command, loading it included."""
    import os

    from qbank.cli.__main__ import main

    os.chdir(root)
    begun = time.perf_counter()
    sys.stdout = io.StringIO()
    try:
        main(["sitting", "add", "answers.csv", "--forms", "forms", "--id", "S", "--date", "2026-11-26", "--json"])
    except SystemExit as ended:
        assert not ended.code, ended.code
    return time.process_time(), time.perf_counter() - begun, peak_mb()


def reading(root: str, what: str) -> dict[str, float]:
    """Return what one way to read costs, everything loaded before."""
    from qbank.ledger import read_answers, read_sitting
    from qbank.ledger.verify import verify_ledger
    from qbank.workflow.scoring import score_sitting
    from qbank.workflow.workspace import find_workspace

    workspace, _ = find_workspace(Path(root))
    ledger = workspace.open()
    work = {
        "sitting": lambda: read_sitting(ledger, "S"), "answers": lambda: read_answers(ledger, "S"),
        "score": lambda: score_sitting("S", workspace), "verify": lambda: verify_ledger(ledger),
    }[what]  # fmt: skip
    found, cpu, wall = clocked(work)
    ledger.close()
    assert found is not None and (what != "verify" or not found[1]), found
    return {f"{what}_cpu_s": cpu, f"{what}_wall_s": wall, f"{what}_peak_mb": peak_mb()}


def floor(letter: np.ndarray[Any, Any], root: Path) -> dict[str, float]:
    """Return what the plain means cost: numpy's file of the matrix, a table of one row a person."""
    _, save, _ = clocked(lambda: np.save(root / "plain.npy", letter))
    _, load, _ = clocked(lambda: np.load(root / "plain.npy"))
    rows = [(n, f"2611{n:08}", row.tobytes()) for n, row in enumerate(letter)]

    def insert() -> None:
        with sqlite3.connect(root / "plain.db") as connection:
            connection.execute("CREATE TABLE answer (position INTEGER PRIMARY KEY, number TEXT, letters BLOB)")
            connection.executemany("INSERT INTO answer VALUES (?, ?, ?)", rows)

    _, rows_cpu, _ = clocked(insert)
    return {"numpy_save_s": save, "numpy_load_s": load, "sqlite_rows_s": rows_cpu, "sqlite_rows_mb": (root / "plain.db").stat().st_size / 1e6}


def size_of(root: Path, url: str) -> int:
    """Return the bytes of a ledger."""
    if not url:
        return sum(file.stat().st_size for file in root.glob("ledger.db*"))
    import psycopg

    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    return int(found[0]) if found else 0


def measured(case: str, seed: int, url: str) -> dict[str, Any]:
    """Return what one size costs."""
    n_persons = int(case)
    with tempfile.TemporaryDirectory(prefix="qbank-bench-") as folder:
        root = Path(folder)
        (root / "qbank.yaml").write_text(f"workspace: bench\ndatabase: {url or 'ledger.db'}\nlanguage: en\n", "utf-8")
        letter = draw(n_persons, seed, root)
        cpu, wall, peak = alone(add, folder)
        row: dict[str, Any] = {"case": case, "seed": seed, "cpu_s": cpu, "wall_s": wall, "peak_mb": peak}
        row |= {"engine": "postgresql" if url else "sqlite", "persons": n_persons, "items": N_ITEMS}
        row |= {"csv_mb": (root / "answers.csv").stat().st_size / 1e6}
        for what in ("sitting", "answers", "score", "verify"):
            row |= alone(reading, folder, what)
        n_bytes = size_of(root, url)
        row |= {"ledger_mb": n_bytes / 1e6, "bytes_per_answer": n_bytes / letter.size, **floor(letter, root)}
        return row


def main() -> None:
    """Print one table, or one object a case."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", action="append", choices=CASES)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not options.json:
        print("persons   add CPU s  wall s  peak MB  sitting s  answers s  score s  verify s  bytes/answer  numpy load s  sqlite rows s")
    for case in options.case or CASES:
        place: Any = nullcontext("")
        if options.postgres:
            from tests.ledger.engines import postgres_database

            place = postgres_database()
        with place as url:
            row = measured(case, options.seed, url)
        print(json.dumps(row) if options.json else line(row), flush=True)


def line(row: dict[str, Any]) -> str:
    """Return one row of the table."""
    return (
        f"{row['persons']:7,}  {row['cpu_s']:10.2f}  {row['wall_s']:6.2f}  {row['peak_mb']:7.0f}  {row['sitting_cpu_s']:9.3f}  "
        f"{row['answers_cpu_s']:9.3f}  {row['score_cpu_s']:7.2f}  {row['verify_cpu_s']:8.2f}  {row['bytes_per_answer']:12.2f}  "
        f"{row['numpy_load_s']:12.3f}  {row['sqlite_rows_s']:13.2f}"
    )


if __name__ == "__main__":
    main()
