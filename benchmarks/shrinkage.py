"""Are difficulties drawn towards judged grades as sure as they say?  python benchmarks/shrinkage.py [--case 30] [--json]

Sittings of 30, 60, 100 and 200 persons and 60 items, drawn again and again: the spread tau of difficulties within a
grade around .56 (lognormal, log sd .4), the step from grade to grade N(.69, .2), the level N(−.81, .7), the sd of
ability around 1 (log sd .25). Plain ML is `calibrate(model="rasch")` on the same answers, compared on the items that it
can estimate; the grade alone is what the same fit predicts of an item that nobody answered.
"""

import argparse
import json
import sys
import time

import numpy as np
from numpy.typing import NDArray

from qbank.irt import calibrate, shrink

SEED = 20261126
SIZES = (30, 60, 100, 200)
Floats = NDArray[np.float64]


def sitting(
    rng: np.random.Generator, n_persons: int, n_items: int
) -> tuple[NDArray[np.int8], Floats, Floats, Floats, float]:
    """Return scores, grades, true difficulties, how far these are off their grade in units of tau, and tau."""
    grades = rng.integers(1, 6, n_items).astype(np.float64)
    spread = 0.56 * rng.lognormal(0.0, 0.4)
    off = rng.normal(0.0, 1.0, n_items)
    b = rng.normal(-0.81, 0.7) + rng.normal(0.69, 0.2) * (grades - 3.0) + spread * off
    ability = rng.lognormal(0.0, 0.25) * rng.normal(0.0, 1.0, n_persons)
    scores = (rng.logistic(size=(n_persons, n_items)) < ability[:, None] - b).astype(np.int8)
    return scores, grades, b, off, float(spread)


def measure(n_persons: int, n_items: int, n_replications: int, seed: int) -> dict[str, object]:
    """Return the figures of one size."""
    rng = np.random.default_rng((seed, n_persons))
    covered, far, errors, spreads, plain, cpu = [], [], [], [], [], 0.0
    for _ in range(n_replications):
        scores, grades, b, off, spread = sitting(rng, n_persons, n_items)
        start = time.process_time()
        plan = shrink(scores, grades)
        cpu += time.process_time() - start
        hit = (plan.low <= b) & (b <= plan.high)
        covered.append(hit)
        far.append(hit[np.abs(off) > 1.5])
        spreads.append(plan.spread_low <= spread <= plan.spread_high)
        fit = calibrate(scores, model="rasch")
        value, error = fit.parameters.values["b"], fit.parameters.errors["b"]
        known = np.isfinite(value)
        plain.append((np.abs(value - b) <= 1.96 * error)[known])
        errors.append(np.stack((plan.difficulties - b, value - b, plan.by_grade - b))[:, known])
    together, ml, grade = np.sqrt(np.mean(np.hstack(errors) ** 2, axis=1))
    # Items of one sitting share its level: the error of the coverage is that of the sittings' means.
    by_sitting = np.mean(covered, axis=1)
    return {
        "case": str(n_persons),
        "seed": seed,
        "n_items": n_items,
        "n_replications": n_replications,
        "cpu_s": round(cpu / n_replications, 4),
        "coverage_percent": round(100 * float(by_sitting.mean()), 1),
        "coverage_error": round(100 * float(by_sitting.std()) / n_replications**0.5, 1),
        "coverage_far_percent": round(100 * float(np.concatenate(far).mean()), 1),
        "coverage_of_tau_percent": round(100 * float(np.mean(spreads)), 1),
        "coverage_plain_ml_percent": round(100 * float(np.concatenate(plain).mean()), 1),
        "rmse": round(float(together), 3),
        "rmse_plain_ml": round(float(ml), 3),
        "rmse_grade_alone": round(float(grade), 3),
    }


def main() -> int:
    """Print one line a size; exit 1 if the intervals cover less than 93 or more than 97 % on average."""
    parser = argparse.ArgumentParser(
        description="Coverage and error of difficulties drawn towards judged grades."
    )
    parser.add_argument(
        "--case", action="append", type=int, help="persons; may be repeated (default: 30 60 100 200)"
    )
    parser.add_argument("--items", type=int, default=60)
    parser.add_argument("--replications", type=int, default=100)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--json", action="store_true", help="one JSON object a case")
    options = parser.parse_args()
    good = True
    if not options.json:
        print(
            "persons  coverage %       far off their grade %   of tau %   RMSE: both, plain ML, grade alone   CPU s"
        )
    for n_persons in options.case or SIZES:
        found = measure(n_persons, options.items, options.replications, options.seed)
        good = good and 93.0 <= float(str(found["coverage_percent"])) <= 97.0
        if options.json:
            print(json.dumps(found), flush=True)
        else:
            print(
                f"{n_persons:7}  {found['coverage_percent']:5} ± {found['coverage_error']:<4}"
                f"    {found['coverage_far_percent']:>10}            {found['coverage_of_tau_percent']:>8}"
                f"      {found['rmse']:<7} {found['rmse_plain_ml']:<7} {found['rmse_grade_alone']:<7}"
                f"           {found['cpu_s']}",
                flush=True,
            )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
