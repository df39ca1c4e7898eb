"""Cost of a calibration on workers, beside one process on the same answers.

    python benchmarks/cluster.py [--case CASE] [--persons N] [--workers N] [--seed N] [--kill] [--json]
    python benchmarks/cluster.py --huge

Cases, 61 nodes on [−6, 6], answers drawn by the workers themselves from seed and block number:
2pl: 2PL 1,000,000 x 100; 3pl: 3PL 200,000 x 60 with Beta(5, 17) on c; linked: 2PL, four forms of 60 of 150 items,
400,000 persons. --huge: 2PL 10,000,000 x 100 on two local workers, without one process beside it.

cluster_wall_s, cluster_cpu_s (of all workers): from the recipes to the record, drawing the answers (draw_wall_s) and
errors included; estep_cpu_s: of one E-step over all blocks; cpu_s_per_million_answers: the same by answers; bytes_down: the tables that one E-step needs, for each worker;
bytes_up: the counts that come back, for each block; sums: how many times all blocks were asked; worker_peak_mb: the
most memory of any worker; blocks_mb: answers that all workers hold together. --kill: a worker is killed in the middle.
Where one process runs beside it: alone_wall_s, and the largest differences of log-likelihood, values and errors; ends
with 1 where one is above 1e-8 (log-likelihood: of its size), or where it did not converge.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import resource
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))

import numpy as np  # noqa: E402

from qbank.cluster import Cluster, open_cluster  # noqa: E402
from qbank.cluster.respondents import SpreadRespondents, spread  # noqa: E402
from qbank.irt import Calibration, calibrate  # noqa: E402
from qbank.irt.calibration.estimate import calibrate_answers  # noqa: E402
from qbank.irt.likelihood import Expecting  # noqa: E402
from qbank.irt.parameters import first_rows, log_probability_table  # noqa: E402

SEED = 20261123
# Rows of a block: many enough that workers share the smaller cases too.
BLOCK_ROWS, SMALL_ROWS = 250_000, 50_000
SAME = 1e-8


@dataclass(frozen=True, slots=True)
class Case:
    """Persons, items, and forms of `length` items that overlap by half, one form if length is n_items."""

    title: str
    model: str
    n_persons: int
    n_items: int
    n_forms: int = 1
    length: int = 0


CASES = {
    "2pl": Case("2PL 1,000,000 x 100", "2pl", 1_000_000, 100),
    "3pl": Case("3PL 200,000 x 60, Beta(5, 17) on c", "3pl", 200_000, 60),
    "linked": Case("2PL 400,000 in four forms of 60 of 150 items", "2pl", 400_000, 150, 4, 60),
}
HUGE = Case("2PL 10,000,000 x 100", "2pl", 10_000_000, 100)


@dataclass(frozen=True, slots=True)
class Drawn:
    """Persons of N(0, 1) who answer items of a ~ LogNormal(0, 0.3), b ~ N(0, 1), c ~ Beta(5, 17)."""

    case: Case
    first: int
    n_rows: int
    seed: int

    def read(self) -> tuple[np.ndarray, None]:
        case = self.case
        rng = np.random.default_rng(self.seed)
        a, b = rng.lognormal(0, 0.3, case.n_items), rng.normal(0, 1, case.n_items)
        c = rng.beta(5, 17, case.n_items) if case.model == "3pl" else np.zeros(case.n_items)
        rng = np.random.default_rng([self.seed, self.first])
        scores = np.empty((self.n_rows, case.n_items), dtype=np.int8)
        slope, start = a.astype(np.float32), (-a * b).astype(np.float32)
        for low in range(0, self.n_rows, 8192):
            rows = slice(low, min(low + 8192, self.n_rows))
            theta = rng.standard_normal(rows.stop - low, dtype=np.float32)[:, None]
            chance = c.astype(np.float32) + (1 - c.astype(np.float32)) / (1 + np.exp(-(slope * theta + start)))
            scores[rows] = rng.random(chance.shape, dtype=np.float32) < chance
            if case.n_forms > 1:
                form = (self.first + np.arange(rows.start, rows.stop)) % case.n_forms
                begin = form * (case.length // 2)
                place = np.arange(case.n_items)
                scores[rows][(place < begin[:, None]) | (place >= begin[:, None] + case.length)] = -1
        return scores, None


def blocks_of(case: Case, seed: int) -> list[Drawn]:
    """Return the recipes of a case."""
    n = case.n_persons
    size = BLOCK_ROWS if n > 16 * BLOCK_ROWS else SMALL_ROWS
    return [Drawn(case, low, min(size, n - low), seed) for low in range(0, n, size)]


def options_of(case: Case) -> dict[str, Any]:
    """Return what both calibrations are asked."""
    return {"model": case.model, "priors": {"c": ("beta", 5.0, 17.0)} if case.model == "3pl" else None}


def usage() -> tuple[float, float]:
    """Return CPU seconds and the most memory in MB of the process that is asked."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def cpu_of(cluster: Cluster) -> float:
    """Return the CPU seconds of all workers so far."""
    return sum(cpu for cpu, _ in cluster.client.run(usage).values())


class Watched:
    """Counts the sums over all blocks; kills a worker at the third where that is wanted."""

    def __init__(self, cluster: Cluster, *, kill: bool) -> None:
        self.n_sums, self.killed, self.plain = 0, 0, SpreadRespondents.sum
        self.cluster, self.kill = cluster, kill

    def __enter__(self) -> Watched:
        watch = self

        def watched(persons: SpreadRespondents, work: Any, chosen: Any = None) -> Any:
            watch.n_sums += 1
            if watch.kill and watch.n_sums == 3:
                watch.killed = min(watch.cluster.client.run(os.getpid).values())
                os.kill(watch.killed, signal.SIGKILL)
            return watch.plain(persons, work, chosen)

        SpreadRespondents.sum = watched
        return self

    def __exit__(self, *_: object) -> None:
        SpreadRespondents.sum = self.plain


def measure(name: str, case: Case, n_workers: int, seed: int, *, kill: bool, alone: bool) -> dict[str, Any]:
    """Return the figures of one case."""
    sources = blocks_of(case, seed)
    with open_cluster(f"local:{n_workers}") as cluster:
        idle = cpu_of(cluster)
        began = time.perf_counter()
        answers = spread(sources, cluster)
        drawn = time.perf_counter() - began
        with Watched(cluster, kill=kill) as watch:
            fit = calibrate_answers(answers, **options_of(case))
        wall = time.perf_counter() - began
        cpu, peak = cpu_of(cluster) - idle, max(mb for _, mb in cluster.client.run(usage).values())
        step = one_step(cluster, case, fit, sources[:4] if len(sources) > 8 else sources)
    line = {
        "case": name, "title": case.title, "seed": seed, "workers": n_workers, "blocks": len(sources),
        "cluster_wall_s": round(wall, 2), "draw_wall_s": round(drawn, 2), "cluster_cpu_s": None if watch.killed else round(cpu, 2), "sums": watch.n_sums,
        "worker_peak_mb": round(peak), "blocks_mb": round(case.n_persons * case.n_items / 1e6), **step,
        "log_likelihood": round(fit.log_likelihood, 4), "gradient_norm": fit.gradient_norm,
        "iterations": len(fit.trace) - 1, "converged": fit.converged, "killed": bool(watch.killed),
    }  # fmt: skip
    return {**line, **(beside(case, sources, fit) if alone else {})}


def one_step(cluster: Cluster, case: Case, fit: Calibration, sources: list[Drawn]) -> dict[str, Any]:
    """Return what one E-step costs, over some of the blocks, and what travels for it."""
    persons = spread(sources, cluster).respondents(np.arange(case.n_items), None)
    work = Expecting(
        first_rows(fit.parameters.n_categories), log_probability_table(fit.parameters, fit.nodes),
        np.log(fit.weights).reshape(-1, fit.nodes.size),
    )  # fmt: skip
    persons.sum(work)
    begun, wall = cpu_of(cluster), time.perf_counter()
    for _ in range(3):
        total = persons.sum(work)
    cpu, wall = (cpu_of(cluster) - begun) / 3, (time.perf_counter() - wall) / 3
    n_persons = sum(source.n_rows for source in sources)
    n_answers = n_persons * (case.length or case.n_items)
    share = case.n_persons / n_persons
    return {
        "estep_cpu_s": round(cpu * share, 3), "estep_wall_s": round(wall * share, 3),
        "cpu_s_per_million_answers": round(cpu / n_answers * 1e6, 5),
        "bytes_down": len(pickle.dumps(work)), "bytes_up": len(pickle.dumps(total)),
    }  # fmt: skip


def beside(case: Case, sources: list[Drawn], fit: Calibration) -> dict[str, Any]:
    """Return what one process takes, and how far its numbers are from those of the workers."""
    scores = np.concatenate([source.read()[0] for source in sources])
    began, cpu = time.perf_counter(), time.process_time()
    other = calibrate(scores, **options_of(case))
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    one, two = fit.parameters, other.parameters
    return {
        "alone_wall_s": round(wall, 2), "alone_cpu_s": round(cpu, 2),
        "difference_log_likelihood": abs(fit.log_likelihood - other.log_likelihood) / abs(other.log_likelihood),
        "difference_values": float(np.nanmax(np.abs(one.estimates - two.estimates))),
        "difference_errors": max(float(np.nanmax(np.abs(one.errors[n] - two.errors[n]))) for n in two.names),
    }  # fmt: skip


def good(line: dict[str, Any]) -> bool:
    """Return whether the numbers are those of one process, as far as it was asked."""
    return bool(line["converged"]) and all(line[key] <= SAME for key in line if key.startswith("difference"))


def main() -> int:
    """Print the figures of each case; 1 if one is not good."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", action="append", choices=sorted(CASES), help="may be repeated; default: all")
    parser.add_argument("--persons", type=int, help="instead of the case's own number")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--kill", action="store_true", help="kill a worker in the middle")
    parser.add_argument("--huge", action="store_true", help="10,000,000 persons instead of the cases")
    parser.add_argument("--json", action="store_true", help="one JSON object a case")
    options = parser.parse_args()
    cases = {"huge": HUGE} if options.huge else {name: CASES[name] for name in options.case or CASES}
    every = True
    for name, case in cases.items():
        if options.persons:
            case = Case(f"{case.title}, {options.persons:,} persons", case.model, options.persons, case.n_items,
                        case.n_forms, case.length)  # fmt: skip
        line = measure(name, case, options.workers, options.seed, kill=options.kill, alone=not options.huge)
        every = every and good(line)
        if options.json:
            print(json.dumps(line), flush=True)
        else:
            print("\n".join(f"{key:28} {value}" for key, value in line.items()), flush=True)
    return 0 if every else 1


if __name__ == "__main__":
    sys.exit(main())
