"""Cost of a conditional calibration against its size: python benchmarks/conditional.py [--case 200x5000] [--json]

Rasch data, difficulties and abilities N(0, 1). `own` in a case: everybody saw a random part of the items of that length,
so that nearly every person has a form of their own. gamma_error is the largest difference of log gamma from the
summation recursion in long doubles, over all scores, at the estimates of a test that everybody saw whole.
"""

import argparse
import json
import re
import sys
import time

import numpy as np
import scipy.sparse.csgraph  # noqa: F401  loaded before the clock starts
from numpy.typing import NDArray

from qbank.irt import calibrate_conditional
from qbank.irt.conditional.symmetric import log_symmetric

SEED = 20261126
CASE = r"(\d+)x(\d+)(?:own(\d+))?"
CASES = ("60x10000", "200x2000", "200x5000", "400x20000", "200x10000own20", "300x500own100")


def recursion(epsilon: NDArray[np.longdouble]) -> NDArray[np.longdouble]:
    """Return log gamma of every score by the summation algorithm."""
    gamma = np.ones(1, dtype=np.longdouble)
    for weight in epsilon:
        gamma = np.append(gamma, np.longdouble(0)) + weight * np.insert(gamma, 0, np.longdouble(0))
    return np.log(gamma)


def measure(case: str, seed: int) -> dict[str, object]:
    """Return the figures of one case."""
    n_items, n_persons, length = (
        int(x or 0) for x in re.fullmatch(r"(\d+)x(\d+)(?:own(\d+))?", case).groups()
    )
    rng = np.random.default_rng(seed)
    b, ability = rng.normal(0, 1, n_items), rng.normal(0, 1, n_persons)
    scores = (rng.logistic(size=(n_persons, n_items)) < ability[:, None] - b).astype(np.int8)
    if length:
        scores[np.argsort(rng.random(scores.shape), axis=1) >= length] = -1
    cpu = time.process_time()
    fit = calibrate_conditional(scores)
    cpu = time.process_time() - cpu
    ok = np.array(fit.status) == "ok"
    estimate, error = fit.parameters.values["b"][ok], fit.parameters.errors["b"][ok]
    found: dict[str, object] = {
        "case": case,
        "seed": seed,
        "cpu_s": round(cpu, 3),
        "steps": len(fit.trace) - 1,
        "converged": fit.converged,
        "gradient_norm": fit.gradient_norm,
        "n_forms": fit.n_forms,
        "n_estimated": int(ok.sum()),
        "z_sd": round(float(((estimate - b[ok] + b[ok].mean()) / error).std()), 3),
    }
    if not length:
        weights = np.column_stack((np.zeros(estimate.size), -estimate))
        apart = log_symmetric(weights) - recursion(np.exp(-estimate.astype(np.longdouble)))
        found["gamma_error"] = float(np.abs(apart).max())
    return found


def main() -> int:
    """Print one line a case; exit 1 if one did not converge."""
    parser = argparse.ArgumentParser(description="Cost of a conditional calibration against its size.")
    parser.add_argument("--case", action="append", help=f"default: {' '.join(CASES)}; may be repeated")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--json", action="store_true", help="one JSON object a case")
    options = parser.parse_args()
    if wrong := [case for case in options.case or () if not re.fullmatch(CASE, case)]:
        parser.error(f"a case is ITEMSxPERSONS or ITEMSxPERSONSownLENGTH, found {wrong[0]!r}")
    good = True
    for case in options.case or CASES:
        found = measure(case, options.seed)
        good = good and bool(found["converged"])
        if options.json:
            print(json.dumps(found), flush=True)
        else:
            print(
                f"{case:16} {found['cpu_s']:8} s   {found['steps']} steps   gradient {found['gradient_norm']:.1e}"
                f"   {found['n_forms']:6} forms   sd of z {found['z_sd']}"
                f"   gamma {found.get('gamma_error', float('nan')):.1e}",
                flush=True,
            )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
