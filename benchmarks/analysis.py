"""Cost of analysing a sitting, and of writing its report, against size.

    python benchmarks/analysis.py [--case CASE] [--seed N] [--json]

Cases: PERSONSxITEMS (tables only) and report-ITEMS (page, JSON and CSV with one card an item, 600 persons).
Peak memory is the process's own, so each case runs in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

CASES = ("1000x100", "5000x100", "20000x100", "20000x200", "100000x100", "report-50", "report-200")


def simulated(n_persons: int, n_items: int, seed: int) -> Any:
    """Return one paper of four-option items that a Rasch model answered."""
    import numpy as np

    from qbank.analysis import sitting_data

    rng = np.random.default_rng(seed)
    logit = rng.normal(size=(n_persons, 1)) - rng.normal(-0.5, 1, n_items)
    right = rng.random((n_persons, n_items)) < 1 / (1 + np.exp(-logit))
    answer = np.where(right, 0, rng.integers(1, 4, right.shape)).astype(np.int16)
    return sitting_data(
        [f"I{item:04d}" for item in range(n_items)],
        right.astype(float),
        1.0,
        answer=answer,
        labels=[list("ABCD")] * n_items,
        key=[{0}] * n_items,
        cut=0.6 * n_items,
    )


def run(case: str, seed: int) -> dict[str, Any]:
    """Return the cost of one case; the data are made before the clock starts."""
    from qbank.analysis import analyse

    is_report = case.startswith("report-")
    n_persons, n_items = (600, int(case[7:])) if is_report else map(int, case.split("x"))
    data = simulated(n_persons, n_items, seed)
    before = peak_mb()
    cpu, wall = time.process_time(), time.perf_counter()
    found = analyse(data, design="none")
    extra: dict[str, Any] = {}
    if is_report:
        from qbank.report import ItemText, SittingMeta, sitting_report, to_csv, to_html, to_json

        texts = {item: ItemText(f"<p>{item}</p>", tuple("ABCD"), "A") for item in data.items}
        report = sitting_report(found, SittingMeta("Benchmark", case), texts, "zh")
        page = to_html(report)
        to_json(report)
        to_csv(report)
        extra = {"html_mb": round(len(page.encode()) / 1e6, 2)}
    return {
        "case": case,
        "seed": seed,
        "cpu_s": round(time.process_time() - cpu, 3),
        "wall_s": round(time.perf_counter() - wall, 3),
        "peak_mb": round(peak_mb(), 1),
        "before_mb": round(before, 1),
        **extra,
    }


def peak_mb() -> float:
    """Return the most memory this process has held, in MB."""
    if os.name == "nt":
        return float("nan")
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--case", choices=CASES, help="one case only")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="one object a case")
    options = parser.parse_args()
    if not options.json:
        print(f"{'case':>12} {'cpu s':>8} {'wall s':>8} {'peak MB':>8} {'before MB':>10} {'html MB':>8}")
    context = multiprocessing.get_context("spawn")
    for case in [options.case] if options.case else CASES:
        with context.Pool(1) as pool:
            row = pool.apply(run, (case, options.seed))
        if options.json:
            print(json.dumps(row), flush=True)
        else:
            cells = f"{row['cpu_s']:8.2f} {row['wall_s']:8.2f} {row['peak_mb']:8.0f} {row['before_mb']:10.0f}"
            print(f"{case:>12} {cells} {row.get('html_mb', ''):>8}", flush=True)


if __name__ == "__main__":
    main()
