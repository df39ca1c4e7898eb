"""Cost and quality of assembling parallel papers, against size.

    python benchmarks/assembly.py [--case CASE] [--seed N] [--json]

bank-2 and bank-2-calibrated are the repository's own bank and blueprint: two papers of 100 items, on judged grades
or with made-up 2PL parameters. BANKxFORMSxLENGTH are synthetic 3PL banks without reuse, 1 % enemies and 42 rows a
form: length, 10 areas, 3 levels, 3 types, 4 keys, 10 area × upper level, 10 area × type, time; the objective is the
largest |information − target| / target over forms and five abilities. The solver stops at a gap or after a number
of nodes, never by the clock, so worst_deviation_percent and gap repeat on any machine.

worst_deviation_percent: bank cases, the largest difference between two papers in expected score or information, in
per cent of their mean; synthetic cases, the objective. violations: rules broken, counted apart from the solver.
gap: objective − proven bound, in marks (bank cases) or per cent. Peak memory is the process's own, so each case runs
in a process of its own.

2026-11-23, seed 1, two cores shared with other work, HiGHS on one thread:

| case              | cpu s | wall s | peak MB | worst deviation % | violations | gap    |
| ----------------- | ----- | ------ | ------- | ----------------- | ---------- | ------ |
| bank-2            |  0.31 |   0.62 |      83 |            0.0000 |          0 | 0.0000 |
| bank-2-calibrated |  3.44 |   6.35 |      96 |            0.1871 |          0 | 0.0095 |
| 500x2x50          |  8.30 |  13.73 |     107 |            0.7849 |          0 | 0.7849 |
| 500x4x50          |  6.41 |   9.82 |     116 |            2.5176 |          0 | 2.5176 |
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

CASES = ("bank-2", "bank-2-calibrated", "500x2x50", "500x4x50")
SEED = 1
MAX_NODES = 300
ABILITIES = (-1.5, -0.75, 0.0, 0.75, 1.5)
N_AREAS = 10

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ladder:
    """matrix : (n_rows, n_items) of one form ; information : (n_items, n_abilities) ; target : (n_abilities,)"""

    n_forms: int
    matrix: Array
    low: Array
    high: Array
    names: tuple[str, ...]
    enemies: tuple[tuple[int, int], ...]
    information: Array
    target: Array


def ladder(n_items: int, n_forms: int, length: int, seed: int) -> Ladder:
    """Return a synthetic bank whose mix differs from the blueprint's."""
    rng = np.random.default_rng(seed)
    a, b, c = np.exp(rng.normal(0, 0.3, n_items)), rng.normal(0, 1.1, n_items), rng.beta(5, 20, n_items)
    mix = rng.dirichlet(np.full(N_AREAS, 8.0))
    area = rng.choice(N_AREAS, n_items, p=mix)
    level = rng.choice(3, n_items, p=[0.4, 0.4, 0.2])
    sort = rng.choice(3, n_items, p=[0.5, 0.3, 0.2])
    key = rng.integers(0, 4, n_items)
    seconds = np.round(np.exp(rng.normal(4.2, 0.35, n_items)))
    wanted = np.floor((0.4 * rng.dirichlet(np.full(N_AREAS, 8.0)) + 0.6 * mix) * length).astype(int)
    rows: list[tuple[str, Any, float, float]] = [("length", np.ones(n_items), length, length)]
    most = wanted + 1
    # The maxima of the areas must leave room for a whole form.
    most[: max(length + 2 - most.sum(), 0)] += 1
    rows += [(f"area {k}", area == k, max(wanted[k], 1), most[k]) for k in range(N_AREAS)]
    for name, values, shares, slack in (
        ("level", level, (0.35, 0.40, 0.25), 1), ("type", sort, (0.45, 0.33, 0.22), 1), ("key", key, (0.25,) * 4, 2),
    ):  # fmt: skip
        rows += [
            (f"{name} {k}", values == k, np.floor(share * length) - slack, np.ceil(share * length) + slack)
            for k, share in enumerate(shares)
        ]
    rows += [(f"area {k}, level ≥ 1", (area == k) & (level >= 1), np.ceil(wanted[k] / 2), length) for k in range(N_AREAS)]
    rows += [(f"area {k}, type 0", (area == k) & (sort == 0), 0, np.ceil(0.6 * wanted[k]) + 1) for k in range(N_AREAS)]
    rows += [("seconds", seconds, 0.97 * seconds.mean() * length, 1.03 * seconds.mean() * length)]
    enemies: set[tuple[int, int]] = set()
    while len(enemies) < max(1, n_items // 100):
        first = int(rng.integers(n_items))
        second = int(rng.choice(np.flatnonzero(area == area[first])))
        if first != second:
            enemies.add((min(first, second), max(first, second)))
    p = c[:, None] + (1 - c[:, None]) / (1 + np.exp(-a[:, None] * (np.array(ABILITIES) - b[:, None])))
    information = a[:, None] ** 2 * ((p - c[:, None]) / (1 - c[:, None])) ** 2 * (1 - p) / p
    return Ladder(
        n_forms, np.array([row[1] for row in rows], dtype=np.float64), np.array([row[2] for row in rows], dtype=float),
        np.array([row[3] for row in rows], dtype=float), tuple(row[0] for row in rows), tuple(sorted(enemies)),
        information, information.mean(axis=0) * length * 1.10,
    )  # fmt: skip


def ladder_program(bank: Ladder) -> Any:
    """Return the program of all forms at once, as `qbank.assemble.compile` would write it."""
    from qbank.assemble.program import Draft, Row
    from qbank.problem import Span

    n_items, here = bank.matrix.shape[1], Span("ladder")
    draft = Draft(n_items, bank.n_forms)
    worst = draft.claim(cost=1.0, lower=0.0, upper=np.inf)
    every = np.arange(n_items)
    for form in range(bank.n_forms):
        for name, values, low, high in zip(bank.names, bank.matrix, bank.low, bank.high, strict=True):
            items = np.flatnonzero(values)
            draft.add(Row(draft.form_columns(form, items), values[items], float(low), float(high), name, here))
        for pair in bank.enemies:
            draft.add(Row(draft.form_columns(form, np.array(pair)), np.ones(2), -np.inf, 1.0, "enemies", here))
        columns = np.append(draft.form_columns(form, every), worst)
        for values in (bank.information / bank.target).T:
            draft.add(Row(columns, np.append(values, -1.0), -np.inf, 1.0, "information", here))
            draft.add(Row(columns, np.append(values, 1.0), 1.0, np.inf, "information", here))
    for item in range(n_items):
        columns = np.array([draft.column(item, form) for form in range(bank.n_forms)])
        draft.add(Row(columns, np.ones(bank.n_forms), -np.inf, 1.0, "overlap", here))
    return draft.freeze()


def ladder_violations(bank: Ladder, chosen: NDArray[np.bool_]) -> int:
    """Return how many rules the forms (n_forms, n_items) break, in plain counts."""
    found = chosen @ bank.matrix.T
    broken = int(((found < bank.low - 1e-6) | (found > bank.high + 1e-6)).sum())
    broken += sum(int((chosen[:, i] & chosen[:, j]).sum()) for i, j in bank.enemies)
    return broken + int((chosen.sum(axis=0) > 1).sum())


def run_ladder(case: str, seed: int) -> dict[str, Any]:
    """Return quality and cost of one synthetic case."""
    from qbank.assemble.solve import solve

    n_items, n_forms, length = map(int, case.split("x"))
    bank = ladder(n_items, n_forms, length, seed)
    clock = Clock()
    solution = solve(ladder_program(bank), seed=seed, absolute_gap=1e-4, max_nodes=MAX_NODES)
    cost = clock.read()
    if not solution.values.size:
        return cost | {"worst_deviation_percent": None, "violations": None, "gap": None}
    chosen = solution.values[: n_items * n_forms].reshape(n_forms, n_items) > 0.5
    deviation = np.abs(chosen @ bank.information - bank.target) / bank.target
    return cost | {
        "worst_deviation_percent": round(100 * float(deviation.max()), 4),
        "violations": ladder_violations(bank, chosen),
        "gap": round(100 * (solution.objective - max(solution.bound, 0.0)), 4),
    }


def run_bank(case: str, seed: int) -> dict[str, Any]:
    """Return quality and cost of two papers of the repository's bank; reading the files is not timed."""
    from qbank.assemble import assemble, audit_forms
    from qbank.core.history import NO_HISTORY, Estimate
    from qbank.files.bank import read_bank
    from qbank.files.blueprint import read_blueprint

    source, _ = read_bank(ROOT / "banks" / "steelmaking")
    blueprint, _ = read_blueprint(ROOT / "blueprints" / "bof-4-theory.yaml")
    assert source.bank is not None and blueprint is not None
    bank, blueprint, history = source.bank, replace(blueprint, seed=seed), NO_HISTORY
    if case.endswith("calibrated"):
        rng = np.random.default_rng(seed)
        estimates = {
            fingerprint: Estimate(fingerprint, "2pl", "made up", float(np.exp(rng.normal(0, 0.3))),
                                  float(rng.normal(-0.7, 1.0)), 0.1, 0.1, 400, "S1")
            for fingerprint in bank.fingerprints.values()
        }  # fmt: skip
        history = replace(NO_HISTORY, estimates=estimates, digest="made-up")
    clock = Clock()
    made, problems = assemble(blueprint, bank, history, as_of="2026-11-23")
    cost = clock.read()
    assert made is not None, problems
    audit = audit_forms(made.forms, made.setting)
    compared = [values for name, values, _ in audit.lines if name.startswith(("expected score", "information"))]
    return cost | {
        "worst_deviation_percent": round(100 * max((max(v) - min(v)) / (sum(v) / len(v)) for v in compared), 4),
        "violations": sum(not check.holds for check in audit.checks),
        "gap": made.forms[0].certificate.gap,
    }


class Clock:
    """Time since it was made."""

    def __init__(self) -> None:
        self.cpu, self.wall = time.process_time(), time.perf_counter()

    def read(self) -> dict[str, Any]:
        """Return CPU and wall seconds and the most memory this process has held."""
        return {
            "cpu_s": round(time.process_time() - self.cpu, 3),
            "wall_s": round(time.perf_counter() - self.wall, 3),
            "peak_mb": round(peak_mb(), 1),
        }


def peak_mb() -> float:
    """Return the most memory this process has held, in MB."""
    if os.name == "nt":
        return float("nan")
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


def run(case: str, seed: int) -> dict[str, Any]:
    """Return one line of the table."""
    found = run_bank(case, seed) if case.startswith("bank") else run_ladder(case, seed)
    return {"case": case, "seed": seed} | found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", choices=CASES, help="one case only")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--json", action="store_true", help="one object a case")
    options = parser.parse_args()
    names = ("cpu_s", "wall_s", "peak_mb", "worst_deviation_percent", "violations", "gap")
    if not options.json:
        print(f"{'case':>18} {'cpu s':>8} {'wall s':>8} {'peak MB':>8} {'worst dev %':>12} {'violations':>11} {'gap':>8}")
    context = multiprocessing.get_context("spawn")
    for case in [options.case] if options.case else CASES:
        with context.Pool(1) as pool:
            row = pool.apply(run, (case, options.seed))
        if options.json:
            print(json.dumps(row), flush=True)
        else:
            cells = (f"{row[name]!s:>{width}}" for name, width in zip(names, (8, 8, 8, 12, 11, 8), strict=True))
            print(f"{case:>18} {' '.join(cells)}", flush=True)


if __name__ == "__main__":
    main()
