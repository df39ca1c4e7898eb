"""Cost of saying why papers cannot be built, against the size of the bank and the number of papers.

    python benchmarks/explain.py [--case CASE] [--json]

Cases are KIND-ITEMSxFORMSxLENGTH over a made-up bank of 10 areas × 3 grades × 3 cognitive levels with about 40 rules a
paper: ranges of areas, grades and levels, lower bounds of area × grade ≥ 2, upper bounds of area × level, seconds.

shortage: every paper needs 4 items of one cell of which the bank has 2, so 4 × forms − 2 must be written.
contradiction: every area needs two items of grade 3, but a paper may have 14: any eight areas and the cap, nine rules.
relaxation: the shortage again, with the bounds that could move instead of writing.

cpu_seconds : of the whole explanation, papers built on trial as proof included ; missing, bound : items to write and
the proof that fewer will not do ; rules : of the contradiction ; moves : relaxations found ; proved : whether papers
were built with the commission (or with the first relaxation).

2026-11-26, seed 1, two cores shared with other work, HiGHS on one thread:

| case                       | cpu s | missing | bound | rules | proved |
| -------------------------- | ----- | ------- | ----- | ----- | ------ |
| shortage-500x6x50          |  0.47 |      22 |    22 |       | True   |
| contradiction-500x6x50     |  0.41 |         |       |     9 |        |
| relaxation-500x6x50        |  0.82 |      22 |    22 |       | True   |
| shortage-2000x20x50        |  2.60 |      78 |    78 |       | True   |
| relaxation-2000x20x50      |  8.30 |      78 |    78 |       | True   |
| contradiction-2000x20x50   |  0.87 |         |       |     9 |        |
| shortage-10000x20x100      | 11.70 |      78 |    78 |       | True   |
| contradiction-10000x20x100 |  5.00 |         |       |     9 |        |
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from qbank.assemble.explain.ladder import explain, explain_fully  # noqa: E402
from qbank.assemble.setting import Setting, make_setting  # noqa: E402
from qbank.core.bank import Bank, make_bank  # noqa: E402
from qbank.core.blueprint import Blueprint, Rule, Section  # noqa: E402
from qbank.core.item import COGNITIVE_LEVELS, Item  # noqa: E402
from qbank.core.standard import Competency, Domain, Occupation, Standard  # noqa: E402
from qbank.kinds.true_false import TrueFalseBody  # noqa: E402
from qbank.problem import Span  # noqa: E402

SIZES = ("500x6x50", "2000x20x50", "10000x20x100")
KINDS = ("shortage", "contradiction", "relaxation")
CASES = tuple(f"{kind}-{size}" for size in SIZES for kind in KINDS)
N_AREAS = 10
HERE = Span("plan.yaml", 1, 1)


def made_up_bank(n_items: int, seed: int) -> Bank:
    """Return a bank in which one cell, area A2 × grade 3 × remember, has two items."""
    rng = np.random.default_rng(seed)
    areas = [f"A{area}" for area in range(N_AREAS)]
    standard = Standard(
        Occupation("1", "made up", "", "2026", ()), False, (4,),
        tuple(Domain(area, area, (area,), {4: 10.0}, True, HERE) for area in areas),
        {f"{area}-{n}": Competency(f"{area}-{n}", "point", "X", (4,), (), area, HERE) for area in areas for n in range(5)},
        HERE,
    )  # fmt: skip
    items: dict[str, Item] = {}
    area, grade = rng.choice(N_AREAS, n_items), rng.choice(3, n_items, p=[0.4, 0.4, 0.2]) + 1
    level, seconds = rng.choice(3, n_items, p=[0.5, 0.3, 0.2]), np.round(np.exp(rng.normal(4.2, 0.35, n_items)))
    kept = 0
    for index in range(n_items):
        if (area[index], grade[index], level[index]) == (2, 3, 0):
            kept += 1
            level[index] = 0 if kept <= 2 else 1
        id = f"Q{index:05d}"
        items[id] = Item(
            id, "true_false", f"A{area[index]}-{index % 5}", 4, id, TrueFalseBody(key=True), 1.0, "live", int(grade[index]),
            COGNITIVE_LEVELS[level[index]], int(seconds[index]), "", "", (), (), HERE,
        )  # fmt: skip
    return make_bank(name="made-up", title="", language="en", root="", standard=standard, standard_digest="0", items=items,
                     fingerprints={id: id for id in items})  # fmt: skip


def plan(kind: str, bank: Bank, n_forms: int, length: int) -> Blueprint:
    """Return a plan that the bank cannot fill."""
    share = length / 50
    rules: list[tuple[str, dict[str, Any]]] = []

    def count(where: str, **bounds: float) -> None:
        rules.append(("count", {"where": where, **{key: str(round(value)) for key, value in bounds.items()}}))

    for area in range(N_AREAS):
        count(f'domain == "A{area}"', min=3 * share, max=7 * share)
        count(f'domain == "A{area}" and grade >= 2', min=2 * share)
        count(f'domain == "A{area}" and cognitive == "apply"', max=3 * share)
    count("grade == 1", min=12 * share, max=24 * share)
    count("grade == 2", min=12 * share, max=24 * share)
    for level in COGNITIVE_LEVELS[:3]:
        count(f'cognitive == "{level}"', min=5 * share, max=30 * share)
    usual = float(np.mean([item.seconds for item in bank.items.values()])) * length
    rules.append(("sum", {"of": "seconds", "min": f"{0.9 * usual:.0f}", "max": f"{1.1 * usual:.0f}"}))
    if kind == "contradiction":
        for area in range(N_AREAS):
            count(f'domain == "A{area}" and grade == 3', min=2 * share)
        count("grade == 3", max=14 * share)
    else:
        count("grade == 3", min=5 * share, max=25 * share)
        rules.append(("count", {"where": 'domain == "A2" and grade == 3 and cognitive == "remember"', "min": "4"}))
    rules.append(("overlap", {"max": 0}))
    written = tuple(
        Rule(word, value, Span("plan.yaml", 10 + line, 5), lambda *_, line=line, **__: Span("plan.yaml", 10 + line, 12))
        for line, (word, value) in enumerate(rules)
    )
    section = Section("all", "true_false", length, 1.0, "", HERE)
    return Blueprint(
        "made-up", "", "", 4, n_forms, 60, float(length), 0.6 * length, 1, (section,), None, written,
        None, 500, (), "0", HERE,
    )  # fmt: skip


def run(case: str) -> dict[str, Any]:
    """Return what one case cost and what was found."""
    kind, size = case.split("-")
    n_items, n_forms, length = map(int, size.split("x"))
    bank = made_up_bank(n_items, 1)
    setting, problems = make_setting(plan(kind, bank, n_forms, length), bank)
    assert isinstance(setting, Setting), problems
    start = time.process_time()
    found = explain_fully(setting) if kind == "relaxation" else explain(setting)
    spent = time.process_time() - start
    proved = found.relaxations[0].proved if found.relaxations else found.proved
    return {
        "case": case, "cpu_seconds": round(spent, 2), "reason": found.reason, "missing": found.n_missing,
        "bound": found.bound, "lines": len(found.lines), "rules": len(found.clashes), "moves": len(found.relaxations),
        "proved": proved,
    }  # fmt: skip


def main() -> None:
    """Print one table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", choices=CASES, action="append")
    parser.add_argument("--json", action="store_true")
    words = parser.parse_args()
    results = []
    for case in words.case or CASES:
        results.append(run(case))
        if not words.json:
            if len(results) == 1:
                print("| " + " | ".join(results[0]) + " |\n" + "|" + " --- |" * len(results[0]))
            print("| " + " | ".join(str(value) for value in results[-1].values()) + " |", flush=True)
    if words.json:
        print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
