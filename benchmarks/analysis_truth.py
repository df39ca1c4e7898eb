"""Planted truth: how often what was planted is found, and what was not planted is said to be there.

    python benchmarks/analysis_truth.py [--case CASE] [--seeds N] [--json]

dif: two groups of 10,000, 60 items of a two-parameter model, 6 of them harder or easier for one group with a true |Δ| of 1.3 to 2,
ability of the focal group .3 lower in every second seed. Asked: class B or C by the ETS rule after purification.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

Counts = dict[str, int]


def dif(seed: int, *, n_persons: int = 20_000, n_items: int = 60, n_planted: int = 6) -> Counts:
    """Return planted items, planted items found, other items and other items accused, of one sitting."""
    from qbank.analysis import dif_analysis, sitting_data

    rng = np.random.default_rng(seed)
    group = np.arange(n_persons) % 2
    ability = rng.normal(size=(n_persons, 1)) - 0.3 * (seed % 2) * group[:, None]
    a, b = rng.lognormal(0, 0.25, n_items), rng.normal(-0.4, 0.9, n_items)
    planted = rng.permutation(n_items)[:n_planted]
    shift = np.zeros(n_items)
    shift[planted] = rng.uniform(1.3, 2.0, n_planted) / 2.35 * np.where(rng.random(n_planted) < 0.7, 1, -1)
    logit = a * (ability - b) - shift * group[:, None]
    marks = (rng.random((n_persons, n_items)) < 1 / (1 + np.exp(-logit))).astype(float)
    data = sitting_data([f"I{item}" for item in range(n_items)], marks, 1.0, groups={"site": ["ab"[word] for word in group]})
    table = dif_analysis(data, "site", reference="a").items
    accused = table["ets"].is_in(["B", "C"]).to_numpy()
    hidden = np.isin(np.arange(n_items), planted)
    return {
        "planted": n_planted, "found": int(accused[hidden].sum()), "sound": n_items - n_planted, "accused": int(accused[~hidden].sum()),
    }  # fmt: skip


CASES: dict[str, tuple[Callable[[int], Counts], float, float]] = {"dif": (dif, 0.95, 0.005)}
"""case → what makes one sitting of a seed, the least share found, the largest share accused that is allowed"""


def measured(case: str, n_seeds: int) -> dict[str, Any]:
    """Return the shares over all seeds."""
    work, least, most = CASES[case]
    begun = time.process_time()
    rows = [work(seed) for seed in range(1, n_seeds + 1)]
    total = {name: sum(row[name] for row in rows) for name in rows[0]}
    sensitivity, false = total["found"] / total["planted"], total["accused"] / total["sound"]
    return {
        "case": case, "seeds": n_seeds, **total, "sensitivity": round(sensitivity, 5), "at_least": least, "false": round(false, 5),
        "at_most": most, "ok": sensitivity >= least and false <= most, "cpu_s": round(time.process_time() - begun, 1),
    }  # fmt: skip


def main() -> None:
    """Print one line a case."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", choices=sorted(CASES), help="one case only")
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--json", action="store_true", help="one object a case")
    options = parser.parse_args()
    for case in [options.case] if options.case else CASES:
        row = measured(case, options.seeds)
        if options.json:
            print(json.dumps(row), flush=True)
        else:
            print(
                f"{case}: {row['found']} of {row['planted']} planted found ({row['sensitivity']:.3f}, at least {row['at_least']}), "
                f"{row['accused']} of {row['sound']} others accused ({row['false']:.4f}, at most {row['at_most']}), {row['cpu_s']} s CPU",
                flush=True,
            )


if __name__ == "__main__":
    main()
