"""Cost of a calibration against its size: python benchmarks/calibrate.py [--case b] [--seed N] [--json]

The responses are those on which mirt, TAM and girth were measured: numpy's default_rng(seed) draws
a ~ LogNormal(0, 0.3), b ~ N(0, 1), c (not used here) ~ Beta(5, 17), theta ~ N(0, 1), then the answers. cpu_s and
wall_s are those of the fit with its standard errors; peak_mb is the process's, with the data.
"""

import argparse
import gc
import json
import resource
import sys
import time
from dataclasses import dataclass

import numpy as np
import scipy.linalg  # noqa: F401  loaded before the clock starts: 0.15 s once a process
from numpy.typing import NDArray

from qbank.irt import calibrate

SEED = 20261123


@dataclass(frozen=True, slots=True)
class Case:
    """A size, with what mirt 1.47 took on a quiet core without errors and reached with seed 20261123."""

    title: str
    model: str
    n_persons: int
    n_items: int
    n_forms: int
    mirt_cpu_s: float
    mirt_log_likelihood: float


CASES = {
    "b": Case("2PL 10,000 x 60", "2pl", 10_000, 60, 1, 2.74, -324345.8907),
    "c": Case("2PL 100,000 x 100", "2pl", 100_000, 100, 1, 70.0, -5260863.0913),
    "f": Case("Rasch 100,000 x 100", "rasch", 100_000, 100, 1, 13.8, -5414155.7462),
    "g": Case("2PL 50,000 x 1,000, 50 linked forms of 100", "2pl", 50_000, 1_000, 50, 314.0, -2705674.8809),
}


def responses(case: Case, seed: int) -> tuple[NDArray[np.int8], NDArray[np.float64], NDArray[np.float64]]:
    """Return scores int8 (n_persons, n_items), −1 not seen, and the true a and b (n_items,)."""
    rng = np.random.default_rng(seed)
    a, b = rng.lognormal(0, 0.3, case.n_items), rng.normal(0, 1, case.n_items)
    rng.beta(5, 17, case.n_items)
    theta = rng.normal(0, 1, case.n_persons)
    if case.model == "rasch":
        a = np.ones(case.n_items)
    if case.n_forms == 1:
        return _answers(rng, a, b, theta), a, b
    scores = np.full((case.n_persons, case.n_items), -1, dtype=np.int8)
    form_of = np.arange(case.n_persons) % case.n_forms
    # Form f has the 100 items from 20 f on, in a ring: neighbours share 80, every item stands in five forms.
    for form in range(case.n_forms):
        items = (20 * form + np.arange(100)) % case.n_items
        persons = np.flatnonzero(form_of == form)
        scores[np.ix_(persons, items)] = _answers(rng, a[items], b[items], theta[persons])
    return scores, a, b


def _answers(
    rng: np.random.Generator, a: NDArray[np.float64], b: NDArray[np.float64], theta: NDArray[np.float64]
) -> NDArray[np.int8]:
    probability = 1 / (1 + np.exp(-a * (theta[:, None] - b)))
    return (rng.random(probability.shape) < probability).astype(np.int8)


def measure(name: str, seed: int) -> dict[str, object]:
    """Return the figures of one case."""
    case = CASES[name]
    scores, a, b = responses(case, seed)
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    fit = calibrate(scores, model=case.model)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    estimate = fit.parameters.values
    return {
        "case": name,
        "seed": seed,
        "cpu_s": round(cpu, 3),
        "wall_s": round(wall, 3),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "log_likelihood": round(fit.log_likelihood, 4),
        "gradient_norm": fit.gradient_norm,
        "converged": fit.converged,
        "steps": len(fit.trace),
        "rmse_a": round(float(np.sqrt(np.nanmean((estimate["a"] - a) ** 2))), 4),
        "rmse_b": round(float(np.sqrt(np.nanmean((estimate["b"] - b) ** 2))), 4),
        "mean_error_a": round(float(np.nanmean(fit.parameters.errors["a"])), 4),
        "mean_error_b": round(float(np.nanmean(fit.parameters.errors["b"])), 4),
        "mirt_cpu_s": case.mirt_cpu_s,
        "mirt_log_likelihood": case.mirt_log_likelihood if seed == SEED else None,
    }


def main() -> int:
    """Print one line a case; exit 1 if one did not converge or lies below mirt's log-likelihood."""
    parser = argparse.ArgumentParser(description="Cost of a calibration against its size.")
    parser.add_argument("--case", action="append", choices=sorted(CASES), help="default: b; may be repeated")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--json", action="store_true", help="one JSON object a case")
    options = parser.parse_args()
    good = True
    for name in options.case or ["b"]:
        figures = measure(name, options.seed)
        reference = CASES[name].mirt_log_likelihood
        reached = options.seed != SEED or float(str(figures["log_likelihood"])) >= reference - 1e-3
        good = good and bool(figures["converged"]) and reached
        if options.json:
            print(json.dumps(figures), flush=True)
        else:
            print(f"{name}  {CASES[name].title}")
            print("\n".join(f"   {key:20} {value}" for key, value in figures.items() if key != "case"))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
