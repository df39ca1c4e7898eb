"""How uncertain the figures of a paper's decisions are, drawing its persons again with replacement."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from qbank.analysis.arrays import FloatArray
from qbank.analysis.classification.binomial import livingston_lewis
from qbank.analysis.intervals import CONFIDENCE

FIGURES = ("accuracy", "consistency", "kappa", "false_pass", "false_fail", "wrong_of_passed", "wrong_of_failed")
MOST_PERSONS = 20_000
NODES = 40


def resampled(
    marks: FloatArray, full: float, cut: float, *, replications: int, seed: int, confidence: float = CONFIDENCE
) -> dict[str, tuple[float, float]]:
    """Return the percentile interval of every figure of `livingston_lewis` (4P), persons drawn anew each time.

    marks : (n_persons, n_items), complete. Each replication computes alpha, the effective length and the true scores
    again; one in which they do not exist is left out, and fewer than half leave no interval.
    """
    k = marks.shape[1]
    total = marks.sum(axis=1)
    squares = marks**2
    return drawn_again(
        total, lambda count: _alpha(count, marks, squares, total, k), full, cut, replications=replications, seed=seed, confidence=confidence
    )


def drawn_again(
    total: FloatArray, reliability: Callable[[FloatArray], float], full: float, cut: float, *, replications: int, seed: int, confidence: float
) -> dict[str, tuple[float, float]]:
    """Return the intervals of `resampled` from totals, (n_persons,), and their reliability when each person counts so many times."""
    rng = np.random.default_rng(seed)
    n = len(total)
    score, place = np.unique(np.round(total, 9), return_inverse=True)
    found = []
    for _ in range(replications):
        count = np.bincount(rng.integers(0, n, n), minlength=n).astype(float)
        alpha = reliability(count)
        counts = np.bincount(place.reshape(-1), weights=count, minlength=score.size)
        one = livingston_lewis(score, [cut], reliability=alpha, full=full, counts=counts, n_nodes=NODES)
        if one.status == "ok":
            found.append([getattr(one, name) for name in FIGURES])
    if 2 * len(found) < replications:
        return {}
    tail = 100 * (1 - confidence) / 2
    table = np.array(found)
    intervals = {}
    for column, name in enumerate(FIGURES):
        known = table[np.isfinite(table[:, column]), column]
        if 2 * known.size >= replications:
            low, high = np.percentile(known, [tail, 100 - tail])
            intervals[name] = (float(low), float(high))
    return intervals


def _alpha(count: FloatArray, marks: FloatArray, squares: FloatArray, total: FloatArray, k: int) -> float:
    """Return Cronbach's alpha of persons counted so many times each."""
    n = count.sum()
    of_items = (count @ squares - (count @ marks) ** 2 / n).sum()
    mean = count @ total / n
    of_total = count @ (total - mean) ** 2
    return float(k / (k - 1) * (1 - of_items / of_total)) if k > 1 and of_total > 0 else float("nan")
