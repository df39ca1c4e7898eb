"""Processes killed at random moments: `python benchmarks/kill.py [--moments N] [--case DEED] [--seed N] [--postgres N] [--json]`.

Each deed is done to a ledger of 300 persons × 100 answers by the command itself and ended by the kernel after a random share
of the processor time between its first word to the database and shortly after its last commit (tests/ledger/killing.py).
What is left has to be the ledger as before or the complete one, `qbank ledger verify` has to find nothing, and the same
command has to complete it; everything else is counted as broken. `--postgres N`: so many moments of an import into
PostgreSQL as well, on the server that QBANK_TEST_POSTGRES names or one started from the machine's binaries.
The moments are spread evenly over the deeds.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from collections import Counter
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.ledger.killing import BrokenLedger, Deed, Killing, Runner, deeds_of, workspace  # noqa: E402
from tests.workflow.places import prepared  # noqa: E402

CASES = ("import", "correction", "scoring", "calibration", "migration", "forget", "removal", "stage")
SEED = 20261126


def emptied(url: str) -> None:
    """Leave nothing in a database of a server."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


def on_server(deed: Deed, url: str) -> Deed:
    """Return the import into a server's database."""

    def prepare(root: Path) -> None:
        workspace(root, url)
        emptied(url)

    return replace(deed, name="import-postgresql", prepare=prepare, server=url)


def measured(deed: Deed, n_moments: int, seed: int, runner: Runner, folder: Path) -> dict[str, Any]:
    """Return what became of a deed that was killed so often."""
    rng = np.random.default_rng([seed, len(deed.name), *deed.name.encode()])
    killing = Killing(deed, runner, folder)
    counts: Counter[str] = Counter()
    for share in rng.uniform(0, 1, n_moments):
        try:
            ended = killing.at_share(float(share))
            counts.update([ended.state, *(["stopped"] if ended.stopped else [])])
        except BrokenLedger as fault:
            counts["broken"] += 1
            print(f"{deed.name}: {fault}", file=sys.stderr)
    return {
        "case": deed.name, "seed": seed, "moments": n_moments,
        **{word: counts[word] for word in ("stopped", "before", "complete", "broken")}, "window_ms": 1000 * killing.seconds,
    }  # fmt: skip


def cpu() -> float:
    """Return the processor seconds of this process and those that ended."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def main() -> None:
    """Print one row a deed, or one object a case; the exit status says whether any ledger was broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", action="append", choices=CASES)
    parser.add_argument("--moments", type=int, default=200)
    parser.add_argument("--postgres", type=int, default=0, metavar="N")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    names = options.case or CASES
    each = [options.moments // len(names) + (n < options.moments % len(names)) for n in range(len(names))]
    if not options.json:
        print("deed               moments  stopped  before  complete  broken  window ms")
    broken = 0
    with tempfile.TemporaryDirectory(prefix="qbank-kill-") as name:
        folder = Path(name)
        server = nullcontext("")
        if options.postgres:
            from tests.ledger.engines import postgres_database

            server = postgres_database()  # type: ignore[assignment]
        with server as url:
            for case, n_moments in [*zip(names, each, strict=True), *([("", options.postgres)] if url else [])]:
                begun, spent = time.perf_counter(), cpu()
                with Runner(folder) as runner:  # a fresh one: its processor time is known when it has ended
                    own = folder / (case or "server")
                    own.mkdir()
                    deeds = deeds_of(prepared(), own, runner)
                    deed = deeds[case] if case else on_server(deeds["import"], url)
                    row = measured(deed, n_moments, options.seed, runner, own)
                row |= {
                    "cpu_s": cpu() - spent, "wall_s": time.perf_counter() - begun,
                    "peak_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
                }  # fmt: skip
                broken += row["broken"]
                print(json.dumps(row) if options.json else line(row), flush=True)
    sys.exit(1 if broken else 0)


def line(row: dict[str, Any]) -> str:
    """Return one row of the table."""
    return (
        f"{row['case']:17}  {row['moments']:7}  {row['stopped']:7}  {row['before']:6}  {row['complete']:8}  {row['broken']:6}  "
        f"{row['window_ms']:9.0f}"
    )


if __name__ == "__main__":
    main()
