"""Cost of asking how many papers a bank supports, and why an item is on a paper, against the size of the bank.

    python benchmarks/capacity.py [--case CASE] [--seed N] [--json]

bank is the bank and the blueprint of tests/corpus with everything that `qbank capacity` does; the numbers are banks of
so many items made from it: each a copy of a real item with another competency, grade and time, so that 100 items a
paper and its 40-odd rules stay the same. bound_s: the proven bound with the rules that bind; cells_s: the tightest
cells; why_s: why one kept-out item is not on a paper.

2026-11-26, seed 1, two cores shared with other work, HiGHS on one thread:

(see benchmarks/README.md)
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from qbank.assemble import assemble, make_setting  # noqa: E402
from qbank.assemble.capacity import MOST, best_found, binding_rules, cells, upper_bound  # noqa: E402
from qbank.assemble.sittings import play_policy  # noqa: E402
from qbank.assemble.verify import selection_of  # noqa: E402
from qbank.assemble.why import papers_of, why_on  # noqa: E402
from qbank.core.bank import Bank, make_bank  # noqa: E402
from qbank.files.blueprint import read_blueprint  # noqa: E402
from qbank.workflow.bank import usable_bank  # noqa: E402
from tests.corpus import CORPUS  # noqa: E402

CASES = ("bank", "1000", "2500", "5000", "10000")
TODAY = "2026-11-26"


def grown_bank(bank: Bank, n_items: int, seed: int) -> Bank:
    """Return a bank of so many items of level 4 made from those of another."""
    rng = np.random.default_rng(seed)
    models = [item for item in bank.items.values() if item.level == 4 and item.status == "live"]
    points = [code for code, point in bank.standard.competencies.items() if 4 in point.levels]
    items = {}
    for number in range(n_items):
        model = models[int(rng.integers(len(models)))]
        id = f"N-{number:05d}"
        items[id] = replace(
            model, id=id, competency=points[int(rng.integers(len(points)))], grade=int(rng.choice(5, p=[.15, .3, .3, .2, .05])) + 1,
            seconds=int(rng.integers(25, 90)), enemies=(), stem=f"{model.stem} {number}",
        )
    return make_bank(name="grown", title="", language="zh", root=bank.root, standard=bank.standard,
                     standard_digest="0", items=items)


def run(case: str, seed: int) -> dict[str, Any]:
    """Return the figures of one case."""
    blueprint, _ = read_blueprint(CORPUS / "blueprints" / "bof-4-theory.yaml")
    bank, _ = usable_bank(CORPUS / "banks" / "steelmaking")
    assert blueprint is not None and bank is not None
    if case != "bank":
        bank = grown_bank(bank, int(case), seed)
    setting, _ = make_setting(blueprint, bank, as_of=TODAY)
    assert setting is not None
    clock, wall = [time.process_time()], time.perf_counter()
    bound, proof = upper_bound(setting, overlap=0, most=MOST)
    binding = binding_rules(setting, bound + 1, overlap=0)
    clock.append(time.process_time())
    cells(setting, ())
    clock.append(time.process_time())
    figures: dict[str, Any] = {"case": case, "seed": seed, "items": len(setting.pool.ids), "bound": bound, "proof": proof,
               "binding": [[rule.label for rule in rules] for rules in binding]}
    if case == "bank":
        figures["papers"] = len(best_found(setting, bound, overlap=0))
        figures["sittings"] = play_policy(setting, every=6).n_built
    clock.append(time.process_time())
    single = replace(blueprint, n_forms=1)
    made, _ = assemble(single, bank, as_of=TODAY)
    figures |= {"bound_s": clock[1] - clock[0], "cells_s": clock[2] - clock[1], "build_s": clock[3] - clock[2]}
    if made is not None:
        selection = selection_of(made.forms[0], made.setting.pool)
        kept_out = next(n for n in range(len(made.setting.pool.ids)) if n not in set(selection.positions))
        start = time.process_time()
        why_on(made.setting.pool.ids[kept_out], made.setting, papers_of(made.setting, (selection,), ("A",), 0))
        figures["why_s"] = time.process_time() - start
    return figures | {"cpu_s": clock[3] - clock[0], "wall_s": time.perf_counter() - wall, "peak_mb": _peak()}


def _peak() -> float:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--case", choices=CASES, action="append")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    words = ("items", "bound", "proof", "bound_s", "cells_s", "build_s", "why_s", "cpu_s", "peak_mb")
    if not asked.json:
        print("| case | " + " | ".join(words) + " |\n|" + " --- |" * (len(words) + 1))
    for case in asked.case or CASES:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            found = pool.apply(run, (case, asked.seed))
        if asked.json:
            print(json.dumps(found, ensure_ascii=False), flush=True)
        else:
            cellsof = [found.get(word, "–") for word in words]
            print(f"| {case} | " + " | ".join(f"{c:.2f}" if isinstance(c, float) else str(c) for c in cellsof) + " |", flush=True)


if __name__ == "__main__":
    main()
