"""Cost and quality of assembling parallel papers, against size.

    python benchmarks/assembly.py [--case CASE] [--seed N] [--json] [--peers] [--sweep [--plot FILE.svg]]

bank-2 and bank-2-calibrated are the bank and the blueprint of tests/corpus: two papers of 100 items, on judged grades
or with made-up 2PL parameters. BANKxFORMSxLENGTH are synthetic 3PL banks without reuse, 1 % enemies and 42 rows a
form: length, 10 areas, 3 levels, 3 types, 4 keys, 10 area × upper level, 10 area × type, time; the objective is the
largest |information − target| / target over forms and five abilities, or with -maximin the least information /
target, as large as it can be. A search ends by its work, never by the clock, so all but the time repeats anywhere.

worst_deviation_percent: bank cases, the largest difference between two papers in expected score or information, in
per cent of their mean; synthetic cases, the largest deviation from the target. violations: rules broken, counted
apart from the solver. gap_percent: (objective − bound) in per cent of the target, with -maximin of the bound. Peak
memory is the process's own, so each case runs in a process of its own.

science, bayes, booklets, groups, enemies are problems that other programs publish, from their own tables: see
`benchmarks/published.py`; they are left out where the tables are not beside the checkout. status: ``infeasible`` where
it is proven that the bank holds no such papers (500x6x50 with seed 3 and 2000x20x50 with seed 4: an area is short).

--peers puts HiGHS on the program of all papers beside each synthetic case, with as much time as the search took.
--sweep is a table over sizes of bank and numbers of papers; --plot FILE.svg draws it.
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

CASES = (
    "bank-2", "bank-2-calibrated", "500x2x50", "500x4x50", "500x6x50", "2000x6x100", "2000x20x50", "10000x20x100",
    "500x6x50-maximin", "2000x20x50-maximin",
)  # fmt: skip
PUBLISHED = ("science", "bayes", "booklets", "groups", "enemies")
TABLES = ROOT.parent / "shared" / "reference" / "assembly"
SWEEP = tuple(
    f"{n_items}x{n_forms}x50" for n_items in (500, 1000, 2000, 5000, 10000) for n_forms in (2, 5, 10, 20, 50)
    if n_forms * 50 <= 0.6 * n_items
)  # fmt: skip
SEED = 1
EFFORT = 100
GAP = {"minimax": 4e-4, "maximin": 1e-3}
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
    most = wanted + 1 + (length > 60)
    # The maxima of the areas must leave room for a whole form.
    for extra in range(max(length + 2 - int(most.sum()), 0)):
        most[extra % N_AREAS] += 1
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
    usual = seconds.mean() * length
    rows += [("seconds", seconds, 0.97 * usual, 1.03 * usual)]
    enemies: set[tuple[int, int]] = set()
    while len(enemies) < max(1, int(n_items * 0.01)):
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


def ladder_program(bank: Ladder, *, maximin: bool) -> Any:
    """Return the program of the papers, as `qbank.assemble.compile` would write it."""
    from qbank.assemble.program import Draft, Source, Terms
    from qbank.problem import Span

    n_items, n_terms = bank.information.shape
    every = np.arange(n_items)
    draft = Draft(every, np.zeros(n_items, np.int64), n_items, bank.n_forms)
    for name, values, low, high in zip(bank.names, bank.matrix, bank.low, bank.high, strict=True):
        items = np.flatnonzero(values)
        draft.add(items, values[items], float(low), float(high), Source(name, Span("ladder")))
    for first, second in bank.enemies:
        draft.add_enemies(first, second)
    draft.limit_uses(every, 1, Source("overlap", Span("ladder")))
    ones = np.ones(n_terms)
    return draft.freeze(Terms(
        tuple(f"information at {ability}" for ability in ABILITIES), bank.information.T.copy(),
        np.tile(bank.target, (bank.n_forms, 1)), bank.target, np.full(n_terms, -1 if maximin else 0), ones, ones * np.inf,
    ))  # fmt: skip


def ladder_violations(bank: Ladder, chosen: NDArray[np.bool_]) -> int:
    """Return how many rules the forms (n_forms, n_items) break, in plain counts."""
    found = chosen @ bank.matrix.T
    broken = int(((found < bank.low - 1e-6) | (found > bank.high + 1e-6)).sum())
    broken += sum(int((chosen[:, i] & chosen[:, j]).sum()) for i, j in bank.enemies)
    return broken + int((chosen.sum(axis=0) > 1).sum())


def run_ladder(case: str, seed: int, peers: bool) -> list[dict[str, Any]]:
    """Return quality and cost of one synthetic case, and of HiGHS on all papers at once beside it."""
    from qbank.assemble.search import search_papers

    size, _, goal = case.partition("-")
    bank = ladder(*map(int, size.split("x")), seed)
    program = ladder_program(bank, maximin=goal == "maximin")
    clock = Clock()
    found = search_papers(program, seed=seed, effort=EFFORT, absolute_gap=GAP[goal or "minimax"], max_nodes=MAX_NODES)
    lines = [
        {"method": "search", "status": found.status} | clock.read()
        | ladder_figures(bank, found.chosen, found.objective, found.bound, goal)
    ]  # fmt: skip
    if peers:
        lines.append(run_direct(bank, program, lines[0]["cpu_s"], found.bound, goal))
    return lines


def run_direct(bank: Ladder, program: Any, seconds: float, bound: float, goal: str) -> dict[str, Any]:
    """Return what HiGHS finds for all papers at once in so many CPU seconds; building the program is not timed."""
    from qbank.assemble.direct import direct_program
    from qbank.assemble.program import objective
    from qbank.assemble.solve import solve

    linear = direct_program(program)
    clock, start = Clock(), time.process_time()
    solution = solve(
        linear, seed=1, absolute_gap=0.0, max_nodes=10**6, should_stop=lambda: time.process_time() - start > seconds
    )
    cost = {"method": "HiGHS direct"} | clock.read()
    shape = (program.n_forms, program.n_columns)
    empty = np.zeros((0, shape[1]), dtype=np.bool_)
    chosen = solution.values[: shape[0] * shape[1]].reshape(shape) > 0.5 if solution.values.size else empty
    return cost | ladder_figures(bank, chosen, objective(program, chosen) if len(chosen) else np.inf, bound, goal)


def ladder_figures(
    bank: Ladder, chosen: NDArray[np.bool_], objective: float, bound: float, goal: str
) -> dict[str, Any]:
    """Return deviation, violations and gap of some papers, counted from the bank."""
    if not len(chosen):
        known = round(bound, 6) if np.isfinite(bound) else None
        return {"worst_deviation_percent": None, "violations": None, "gap_percent": None, "bound": known}
    deviation = np.abs(chosen @ bank.information - bank.target) / bank.target
    whole = 1.0 - bound if goal == "maximin" else 1.0
    return {
        "worst_deviation_percent": round(100 * float(deviation.max()), 4),
        "violations": ladder_violations(bank, chosen),
        "gap_percent": round(100 * (objective - bound) / whole, 4),
        "bound": round(1.0 - bound if goal == "maximin" else bound, 6),
    }


def run_bank(case: str, seed: int) -> dict[str, Any]:
    """Return quality and cost of two papers of the corpus's bank; reading the files is not timed."""
    from qbank.assemble import assemble, audit_forms
    from qbank.core.history import NO_HISTORY, logistic
    from qbank.files.bank import read_bank
    from qbank.files.blueprint import read_blueprint
    from tests.corpus import CORPUS

    source, _ = read_bank(CORPUS / "banks" / "steelmaking")
    blueprint, _ = read_blueprint(CORPUS / "blueprints" / "bof-4-theory.yaml")
    assert source.bank is not None and blueprint is not None
    bank, blueprint, history = source.bank, replace(blueprint, seed=seed), NO_HISTORY
    if case.endswith("calibrated"):
        rng = np.random.default_rng(seed)
        estimates = {
            fingerprint: logistic(fingerprint, "2pl", "made up", float(np.exp(rng.normal(0, 0.3))),
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
        "gap_percent": round(100 * made.forms[0].certificate.gap / blueprint.marks, 4),
        "bound": made.forms[0].certificate.bound,
    }


def run_published(case: str, seed: int) -> dict[str, Any]:
    """Return quality and cost of a problem that another program publishes; reading its tables is not timed."""
    import published

    from qbank.assemble.program import violations

    clock = Clock()
    program, found = published.solved(case, seed)
    return {"method": "search", "status": found.status} | clock.read() | {
        "worst_deviation_percent": None, "violations": len(violations(program, found.chosen)) if len(found.chosen) else None,
        "gap_percent": round(100 * (found.objective - found.bound) / max(abs(found.bound), 1.0), 4),
        "objective": round(found.objective, 5), "bound": round(found.bound, 5),
    }  # fmt: skip


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


def run(case: str, seed: int, peers: bool) -> list[dict[str, Any]]:
    """Return the lines of the table for one case."""
    if case in PUBLISHED:
        found = [run_published(case, seed)]
    elif case.startswith("bank"):
        found = [{"method": "search"} | run_bank(case, seed)]
    else:
        found = run_ladder(case, seed, peers)
    return [{"case": case, "seed": seed} | line for line in found]


COLUMNS = {
    "case": 20, "method": 13, "cpu_s": 8, "wall_s": 8, "peak_mb": 8, "worst_deviation_percent": 24, "violations": 11,
    "gap_percent": 12, "bound": 9,
}  # fmt: skip


def main() -> None:
    """Print the table, or one object a line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", help=f"one case only: {', '.join(CASES)}, or any BANKxFORMSxLENGTH[-maximin]")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--json", action="store_true", help="one object a case")
    parser.add_argument("--peers", action="store_true", help="HiGHS on all papers at once beside each synthetic case")
    parser.add_argument("--sweep", action="store_true", help="the cost of larger banks and more papers")
    parser.add_argument("--plot", type=Path, help="draw the sweep")
    options = parser.parse_args()
    if not options.json:
        print(" ".join(f"{name:>{width}}" for name, width in COLUMNS.items()))
    context = multiprocessing.get_context("spawn")
    usual = CASES + (PUBLISHED if TABLES.is_dir() else ())
    every: list[dict[str, Any]] = []
    for case in [options.case] if options.case else SWEEP if options.sweep else usual:
        with context.Pool(1) as pool:
            lines = pool.apply(run, (case, options.seed, options.peers))
        every += lines
        for line in lines:
            if options.json:
                print(json.dumps(line), flush=True)
            else:
                print(" ".join(f"{line.get(name)!s:>{width}}" for name, width in COLUMNS.items()), flush=True)
    if options.plot:
        options.plot.write_text(plot(every), encoding="utf-8")


def plot(lines: list[dict[str, Any]]) -> str:
    """Return the CPU time of a sweep against the number of papers, one curve a bank, as SVG."""
    import altair
    import vl_convert

    points = [
        {"items": n_items, "papers": n_forms, "seconds": line["cpu_s"]}
        for line in lines
        for n_items, n_forms, _ in [map(int, line["case"].split("x"))]
        if line["violations"] == 0
    ]
    chart = altair.Chart(altair.Data(values=points), width=420, height=260).mark_line(point=True).encode(
        x=altair.X("papers:Q", title="papers of 50 items", scale=altair.Scale(type="log", nice=False)),
        y=altair.Y("seconds:Q", title="CPU seconds", scale=altair.Scale(type="log")),
        color=altair.Color("items:N", title="items in the bank"),
    )  # fmt: skip
    return str(vl_convert.vegalite_to_svg(chart.to_dict()))


if __name__ == "__main__":
    main()
