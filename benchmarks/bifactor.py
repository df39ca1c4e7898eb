"""Cost of a calibration with testlets: python benchmarks/bifactor.py [--case 10k] [--seed N] [--json]

numpy's default_rng(seed) draws a ~ LogNormal(0, 0.3), b ~ N(0, 1), one specific slope for each testlet from U(0.4, 1.2)
and theta ~ N(0, 1), then the answers. cpu_s is that of the fit, the one without testlets and standard errors (exact
observed information) included; score_cpu_s that of the scores of all persons. The grid has 61 x 31 nodes.
"""

import argparse
import gc
import json
import resource
import sys
import time
from dataclasses import dataclass

import numpy as np
import scipy.linalg
import scipy.sparse.csgraph  # noqa: F401  loaded before the clock starts

from qbank.irt import calibrate_bifactor, item_parameters, score_bifactor, simulate_bifactor

SEED = 20261123


@dataclass(frozen=True, slots=True)
class Case:
    """A size; items of a testlet stand side by side."""

    title: str
    model: str
    n_persons: int
    n_items: int
    testlet_size: int
    structure: str


CASES = {
    "10k": Case("2PL 10,000 x 60, 10 testlets", "2pl", 10_000, 60, 6, "bifactor"),
    "10k-testlet": Case("the same, one sd a testlet", "2pl", 10_000, 60, 6, "testlet"),
    "100k": Case("2PL 100,000 x 60, 10 testlets", "2pl", 100_000, 60, 6, "bifactor"),
    "long": Case("2PL 10,000 x 100, 5 testlets of 20", "2pl", 10_000, 100, 20, "bifactor"),
    "gpcm": Case("GPCM 20,000 x 40 x 5, 8 testlets", "gpcm", 20_000, 40, 5, "bifactor"),
}


def measure(name: str, seed: int) -> dict[str, object]:
    """Return the figures of one case."""
    case = CASES[name]
    rng = np.random.default_rng(seed)
    a = rng.lognormal(0, 0.3, case.n_items)
    if case.model == "gpcm":
        true = item_parameters("gpcm", a=a, steps=np.sort(rng.normal(0, 1, (case.n_items, 4)), axis=1))
    else:
        true = item_parameters(case.model, a=a, b=rng.normal(0, 1, case.n_items))
    testlets = [f"t{item // case.testlet_size}" for item in range(case.n_items)]
    specific = np.repeat(rng.uniform(0.4, 1.2, case.n_items // case.testlet_size), case.testlet_size)
    scores = simulate_bifactor(true, rng.normal(size=case.n_persons), testlets, specific=specific, seed=rng)
    gc.collect()
    cpu = time.process_time()
    fit = calibrate_bifactor(scores, testlets, model=case.model, structure=case.structure)
    cpu = time.process_time() - cpu
    scored = time.process_time()
    score_bifactor(scores, fit)
    scored = time.process_time() - scored
    return {
        "case": name,
        "seed": seed,
        "cpu_s": round(cpu, 2),
        "score_cpu_s": round(scored, 2),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "log_likelihood": round(fit.log_likelihood, 4),
        "gradient_norm": fit.gradient_norm,
        "converged": fit.converged,
        "n_free": fit.n_free,
        "rmse_a": round(float(np.sqrt(np.nanmean((fit.parameters.values["a"] - a) ** 2))), 4),
        "rmse_s": round(float(np.sqrt(np.nanmean((fit.specific - specific) ** 2))), 4),
        "mean_error_s": round(float(np.nanmean(fit.specific_errors)), 4),
    }


def main() -> int:
    """Print one block a case; exit 1 if one did not converge."""
    parser = argparse.ArgumentParser(description="Cost of a calibration with testlets.")
    parser.add_argument("--case", action="append", choices=sorted(CASES), help="default: 10k; may be repeated")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--json", action="store_true", help="one JSON object a case")
    options = parser.parse_args()
    good = True
    for name in options.case or ["10k"]:
        figures = measure(name, options.seed)
        good = good and bool(figures["converged"])
        if options.json:
            print(json.dumps(figures), flush=True)
        else:
            print(f"{name}  {CASES[name].title}")
            print("\n".join(f"   {key:20} {value}" for key, value in figures.items() if key != "case"))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
