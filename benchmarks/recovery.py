"""Do calibrations find what answers were drawn from, and do their errors say how nearly?

    python benchmarks/recovery.py [--model WORD] [--persons N] [--items N] [--replications N] [--seed N] [--json]

For each model, answers are drawn and calibrated again and again (500 times, 1,000 persons; the 3PL 2,000). Printed
for each kind of parameter: bias, RMSE, mean standard error and the coverage of 95 % intervals, with Monte Carlo
standard errors. Ends with 1 where a coverage lies outside 93 to 97 %.

All parameters are drawn anew for each replication. Where a model has priors (3PL: normal ones on log a, d and logit c)
they are drawn from them: only averaged over its prior has an interval the coverage that it claims. The estimate is the
mode of the posterior, which moves with the metric of a prior; in these three it lies near the middle.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

from qbank.irt import MODELS, ItemParameters, from_estimates, recovery  # noqa: E402

Array = NDArray[np.float64]
SEED = 1
LOW, HIGH = 0.93, 0.97
# mean and sd of log a, of d and of logit c
LOG_A, D, LOGIT_C = (0.0, 0.3), (0.0, 1.2), (-1.1, 0.5)
PRIORS = {"3pl": {"log_a": ("normal", *LOG_A), "d": ("normal", *D), "logit_c": ("normal", *LOGIT_C)}}
N_CATEGORIES = {"grm": 4, "pcm": 4, "gpcm": 4, "rsm": 4, "nominal": 4}
N_PERSONS = {"3pl": 2000}


def drawn(word: str, n_items: int, rng: np.random.Generator) -> ItemParameters:
    """Return parameters of a test of one model."""
    n_categories = N_CATEGORIES.get(word, 2)
    a = np.ones(n_items) if MODELS[word].slope == "one" else rng.lognormal(*LOG_A, n_items)
    estimates = np.column_stack(VALUES[word](a, n_items, n_categories, rng))
    return from_estimates(word, np.full(n_items, n_categories), estimates)


def _right(a: Array, n_items: int, n_categories: int, rng: np.random.Generator) -> tuple[Array, ...]:
    return a, rng.normal(*D, n_items)


def _guessed(a: Array, n_items: int, n_categories: int, rng: np.random.Generator) -> tuple[Array, ...]:
    return *_right(a, n_items, n_categories, rng), rng.normal(*LOGIT_C, n_items)


def _steps(n_items: int, n_categories: int, rng: np.random.Generator) -> Array:
    """Return thresholds (n_items, n_categories - 1) about a difficulty, apart from each other."""
    apart = np.linspace(-1.0, 1.0, n_categories - 1) + rng.uniform(-0.2, 0.2, (n_items, n_categories - 1))
    return rng.normal(0, 0.7, (n_items, 1)) + apart


def _graded(a: Array, n_items: int, n_categories: int, rng: np.random.Generator) -> tuple[Array, ...]:
    return a, -a[:, None] * _steps(n_items, n_categories, rng)


def _credited(a: Array, n_items: int, n_categories: int, rng: np.random.Generator) -> tuple[Array, ...]:
    return a, -a[:, None] * _steps(n_items, n_categories, rng).cumsum(axis=1)


def _rated(a: Array, n_items: int, n_categories: int, rng: np.random.Generator) -> tuple[Array, ...]:
    shared = rng.uniform(0.2, 0.8, n_categories - 2)
    return a, rng.normal(0, 0.8, n_items), np.tile(shared, (n_items, 1))


def _named(a: Array, n_items: int, n_categories: int, rng: np.random.Generator) -> tuple[Array, ...]:
    slopes = np.arange(1, n_categories) * a[:, None] * 0.7 + rng.normal(0, 0.15, (n_items, n_categories - 1))
    return slopes, rng.normal(0, 0.7, (n_items, n_categories - 1))


VALUES: dict[str, Callable[..., tuple[Array, ...]]] = {
    "rasch": _right, "2pl": _right, "3pl": _guessed, "grm": _graded, "pcm": _credited, "gpcm": _credited,
    "rsm": _rated, "nominal": _named,
}  # fmt: skip


def study(word: str, n_persons: int, n_items: int, n_replications: int, seed: int) -> list[dict[str, Any]]:
    """Return one line for each kind of parameter of a model."""
    cpu = time.process_time()
    found = recovery(
        partial(drawn, word, n_items),
        n_persons=n_persons, n_replications=n_replications, seed=seed, priors=PRIORS.get(word),
    )  # fmt: skip
    cpu = time.process_time() - cpu
    return [
        {
            "model": word, "kind": kind.name, "persons": n_persons, "items": n_items, "replications": n_replications,
            "bias": round(kind.bias, 4), "rmse": round(kind.rmse, 4), "mean_error": round(kind.mean_error, 4),
            "coverage": round(kind.coverage, 4), "coverage_error": round(kind.coverage_error, 4),
            "missing": round(kind.missing, 4), "converged": found.converged, "cpu_s": round(cpu, 1),
        }
        for kind in found.kinds
    ]  # fmt: skip


def main() -> int:
    """Print the table; 1 if a coverage is not what it claims."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", action="append", choices=sorted(VALUES), help="may be repeated; default: all")
    parser.add_argument("--persons", type=int, help="default: 1,000; the 3PL 2,000")
    parser.add_argument("--items", type=int, default=15)
    parser.add_argument("--replications", type=int, default=500)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--json", action="store_true", help="one object a kind of parameter")
    options = parser.parse_args()
    good = True
    for word in options.model or VALUES:
        n_persons = options.persons or N_PERSONS.get(word, 1000)
        for line in study(word, n_persons, options.items, options.replications, options.seed):
            good = good and LOW <= line["coverage"] <= HIGH
            words = "  ".join(f"{key} {value}" for key, value in line.items())
            print(json.dumps(line) if options.json else words, flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
