"""What history and statistics cost, by number of sittings: `python benchmarks/history.py [--case 1000] [--seed N] [--json]`.

A ledger is filled in a temporary folder: sittings of 2,000 persons at 20 sites, two papers of 100 questions out of 20,000 (a
tenth of each paper are the same anchors in every sitting), answers at random (eight tables of them in turns: nothing here
reads them), results, analysis and calibration of each. Measured, on a ledger opened anew: the history of 50 items with
charts and rules (median and worst, an anchor by itself), the counts by occupation and level, by site and by sitting, the
search for items out of control, and what of it `qbank analyse` does (`judge_sitting`). CPU seconds of this process.
Promised: a history in 50 ms, counts in 3 s.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import event, insert

from qbank.ledger import DIMENSIONS, Ledger, grouped, item_history, open_ledger, read_results, tables
from qbank.ledger.blocks import packed
from qbank.ledger.bulk import insert_rows
from qbank.report.history import item_chart
from qbank.workflow.control import flags_of_item, judge_sitting, out_of_control

CASES = ("10", "100", "1000")
SEED = 20261126
PROMISED = {"history_worst_ms": 50.0, "anchor_ms": 50.0, "statistics_s": 3.0}
N_PERSONS, N_ITEMS, PAPER, N_ANCHORS, N_SITES, N_PAPERS = 2_000, 20_000, 100, 10, 20, 2
OCCUPATIONS = ("6-17-02-02 炼钢工", "6-17-09-02 金属轧制工", "6-17-01-06 高炉炼铁工", "6-10-02-02 炼焦工")


def fill(ledger: Ledger, n_sittings: int, rng: np.random.Generator) -> None:
    """Write the sittings in one transaction, as quickly as a file that nobody else needs can be written."""
    hurry(ledger)
    difficulty = rng.normal(0, 1, N_ITEMS)
    prints = [f"{n:016x}.{n * 7919:016x}" for n in range(N_ITEMS)]
    n_asked = N_ANCHORS + N_PAPERS * (PAPER - N_ANCHORS)
    answers = [packed(rng.integers(0, 4, (N_PERSONS, n_asked)).astype(np.int8)) for _ in range(8)]
    with ledger.begin() as connection:
        indexes = [index for table in tables.metadata.sorted_tables for index in table.indexes if not index.unique]
        for index in indexes:  # made at the end, from sorted rows
            index.drop(connection)
        for number in range(n_sittings):
            rest = rng.choice(np.arange(N_ANCHORS, N_ITEMS), N_PAPERS * (PAPER - N_ANCHORS), replace=False)
            papers = [np.concatenate((np.arange(N_ANCHORS), part)) for part in np.split(rest, N_PAPERS)]
            put_sitting(connection, number, papers, prints, difficulty, answers[number % len(answers)], rng)
        for index in indexes:
            index.create(connection)


def hurry(ledger: Ledger) -> None:
    """Let the file be written without a journal and without waiting for the disk."""

    def on_connect(connection: Any, _record: Any) -> None:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -300000", "secure_delete = OFF"):
            connection.execute(f"PRAGMA {pragma}")

    event.listen(ledger.engine, "connect", on_connect)
    ledger.engine.dispose()


def put_sitting(
    connection: Any, number: int, papers: list[np.ndarray[Any, Any]], prints: list[str], difficulty: np.ndarray[Any, Any],
    answers: tuple[str, bytes, str], rng: np.random.Generator,
) -> None:  # fmt: skip
    """Write one sitting with everything that rests on it."""
    id, day = f"s{number:04}", f"20{10 + number // 100:02}-{number // 10 % 10 + 1:02}-{number % 10 + 10}"
    items = np.unique(np.concatenate(papers))
    level = rng.normal(0, 0.2)
    n_seen = np.where(items < N_ANCHORS, N_PERSONS, N_PERSONS // N_PAPERS)
    facility = rng.binomial(n_seen, 1 / (1 + np.exp(difficulty[items] - level))) / n_seen
    connection.execute(
        insert(tables.sitting).values(
            id=id, date=day, place="", design="anchor", cut=60.0, marks=100.0, bank="bench",
            occupation=OCCUPATIONS[number % len(OCCUPATIONS)], level=number % 5 + 1, settings={},
        )
    )  # fmt: skip
    for position, paper in enumerate(papers):
        lines = [f"      - {{id: Q{i:05}, fingerprint: {prints[i]}, order: BCDA, marked: {{key: B}}, domain: A-A-A, competency: A-A-A-001}}\n" for i in paper]
        connection.execute(insert(tables.paper).values(sitting=id, form=f"{id}-{position}", position=position, digest="d", text="".join(lines)))
    put_answers(connection, id, items, answers, rng)
    on = {i: json.dumps([f"{id}-{n}" for n, paper in enumerate(papers) if i in own[n]]) for own in ([set(p.tolist()) for p in papers],) for i in items}
    insert_rows(connection, tables.exposure, [(f"{id}//1", f"Q{i:05}", prints[i], int(n), on[i]) for i, n in zip(items, n_seen, strict=True)])
    insert_rows(
        connection, tables.item_use,
        [(id, f"Q{i:05}", prints[i], int(n), float(p), 0.3, 10, 5, "[]", False) for i, n, p in zip(items, n_seen, facility, strict=True)],
    )  # fmt: skip
    put_results(connection, id, rng)
    put_calibration(connection, id, items, prints, difficulty, rng)


def put_answers(
    connection: Any, id: str, items: np.ndarray[Any, Any], answers: tuple[str, bytes, str], rng: np.random.Generator
) -> None:
    """Write the persons of a sitting and their answers."""
    connection.execute(
        insert(tables.intake).values(
            id=f"{id}//1", sitting=id, part="", number=1, current=True, at="", who="bench", source="", digest=id, why="",
            forms=[f"{id}-{n}" for n in range(N_PAPERS)], items=[f"Q{i:05}" for i in items], labels=[], n_persons=N_PERSONS, settings={},
        )
    )  # fmt: skip
    numbers = rng.integers(0, 2**63, N_PERSONS).tolist()
    insert_rows(
        connection, tables.person,
        [(f"{id}//1", n, f"p{numbers[n]:016x}", n % N_PAPERS, "present", f"考点 {n % N_SITES:02}", "", "", "{}") for n in range(N_PERSONS)],
    )  # fmt: skip
    dtype, data, checksum = answers
    connection.execute(
        insert(tables.response_block).values(
            intake=f"{id}//1", block=0, first=0, n_persons=N_PERSONS, n_items=items.size, dtype=dtype, answer=data, checksum=checksum
        )
    )


def put_results(connection: Any, id: str, rng: np.random.Generator) -> None:
    """Write a scoring with its counts by site and paper."""
    total = np.clip(np.round(rng.normal(66, 11, N_PERSONS)), 0, 100)
    _, data, checksum = packed(total)
    connection.execute(
        insert(tables.scoring).values(
            sitting=id, number=1, at="", who="bench", current=True, rules={}, changes={}, intakes=[f"{id}//1"], n_persons=N_PERSONS,
            total=data, checksum=checksum,
        )
    )  # fmt: skip
    cell = np.arange(N_PERSONS) % (N_SITES * N_PAPERS)
    rows = []
    for site in range(N_SITES):
        for form in range(N_PAPERS):
            own = total[cell == site * N_PAPERS + form]
            bands = np.bincount(np.minimum(own // 5, 19).astype(int), minlength=20).tolist()
            rows.append(
                (id, 1, f"考点 {site:02}", f"{id}-{form}", own.size, own.size, 0, 0, 0, int((own >= 60).sum()), float(own.sum()),
                 float((own**2).sum()), json.dumps(bands))
            )  # fmt: skip
    insert_rows(connection, tables.result, rows)


def put_calibration(
    connection: Any, id: str, items: np.ndarray[Any, Any], prints: list[str], difficulty: np.ndarray[Any, Any], rng: np.random.Generator
) -> None:  # fmt: skip
    """Write a calibration on the one scale of the bank."""
    connection.execute(
        insert(tables.calibration).values(
            id=f"{id}/1", sitting=id, number=1, current=True, at="", who="bench", model="rasch", scale="bench:1", ability_mean=0.0,
            ability_sd=1.0, log_likelihood=-1.0, gradient_norm=1e-6, converged=True, n_persons=N_PERSONS, settings={}, versions={},
        )
    )  # fmt: skip
    names = [column.name for column in tables.parameter.columns]
    facts = {"calibration": f"{id}/1", "model": "rasch", "n_categories": 2, "covariance": "[]", "categories": "[[0.0, 0.0], [1.0, 1.0]]",
             "n_answers": N_PERSONS}
    rows = []
    for i, b in zip(items, difficulty[items] + rng.normal(0, 0.06, items.size), strict=True):
        own = {"fingerprint": prints[i], "item": f"Q{i:05}", "values": json.dumps({"a": 1.0, "b": round(float(b), 6)}), "errors": '{"a": 0.0, "b": 0.06}'}
        rows.append(tuple((facts | own)[name] for name in names))
    insert_rows(connection, tables.parameter, rows)


def told(ledger: Ledger, item: str) -> None:
    """Query and compute what the page of an item says."""
    history = item_history(ledger, item)
    item_chart(history)
    flags_of_item(ledger, history)


def timed(work: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Return the median CPU and wall seconds of a call."""
    spent = []
    for _ in range(repeats):
        cpu, wall = time.process_time(), time.perf_counter()
        work()
        spent.append((time.process_time() - cpu, time.perf_counter() - wall))
    return statistics.median(one[0] for one in spent), statistics.median(one[1] for one in spent)


def measured(case: str, seed: int) -> dict[str, Any]:
    """Return what one size costs."""
    rng = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory(prefix="qbank-bench-") as folder:
        path = Path(folder) / "ledger.db"
        ledger = open_ledger(path, who="bench")
        start = time.process_time()
        fill(ledger, int(case), rng)
        ledger.close()
        built = time.process_time() - start
        ledger = open_ledger(path, who="bench")
        try:
            judged = timed(partial(judge_sitting, ledger, f"s{int(case) - 1:04}"), 1)
            items = [f"Q{i:05}" for i in rng.integers(N_ANCHORS, N_ITEMS, 50)]
            each = [timed(partial(told, ledger, item), 3) for item in items]
            anchor = timed(partial(told, ledger, "Q00001"), 5)
            counts = timed(lambda: grouped(read_results(ledger), ("occupation", "level")), 3)
            every = timed(lambda: [grouped(read_results(ledger), by) for by in (("site",), ("sitting",), DIMENSIONS)], 1)
            drift = timed(partial(out_of_control, ledger), 1)
        finally:
            ledger.close()
        megabytes = sum(file.stat().st_size for file in Path(folder).iterdir()) / 1e6
    return {
        "case": case, "seed": seed, "cpu_s": counts[0], "wall_s": counts[1],
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "sittings": int(case), "persons": int(case) * N_PERSONS,
        "ledger_mb": megabytes, "build_cpu_s": built, "history_ms": 1000 * statistics.median(one[0] for one in each),
        "history_wall_ms": 1000 * statistics.median(one[1] for one in each), "history_worst_ms": 1000 * max(one[0] for one in each),
        "anchor_ms": 1000 * anchor[0], "statistics_s": counts[0], "statistics_all_ways_s": every[0], "control_s": drift[0], "judge_s": judged[0],
    }  # fmt: skip


def main() -> None:
    """Print one table, or one object a case."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", action="append", choices=CASES)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not options.json:
        print("sittings   persons  ledger MB  built s  history ms  worst ms  anchor ms  statistics s  search s  analyse s  peak MB")
    for case in options.case or CASES:
        row = measured(case, options.seed)
        if options.json:
            print(json.dumps(row), flush=True)
        else:
            print(
                f"{row['sittings']:8,}  {row['persons']:8,}  {row['ledger_mb']:9.0f}  {row['build_cpu_s']:7.1f}  {row['history_ms']:10.1f}  {row['history_worst_ms']:8.1f}  "
                f"{row['anchor_ms']:9.1f}  {row['statistics_s']:12.2f}  {row['control_s']:8.2f}  {row['judge_s']:9.2f}  {row['peak_mb']:7.0f}", flush=True,
            )  # fmt: skip
            for name, most in PROMISED.items():
                if row[name] > most:
                    print(f"  {name} {row[name]:.1f} is more than the promised {most:g}", flush=True)


if __name__ == "__main__":
    main()
