"""One decision from several parts, such as theory, practice and review: right and repeatable how often."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qbank.analysis.arrays import FloatArray, ratio
from qbank.analysis.classification.record import Classification, classification

N_PERSONS = 200_000


@dataclass(frozen=True, slots=True)
class Part:
    """One part. cut : marks that it takes ; mean, sd : of the scores ; reliability : 0 to 1 ; weight : in a compensatory sum"""

    name: str
    cut: float
    mean: float
    sd: float
    reliability: float
    weight: float = 1.0


def combined_decision(
    parts: Sequence[Part],
    correlations: ArrayLike,
    *,
    rule: str = "conjunctive",
    cut: float = float("nan"),
    seed: int = 1,
    n: int = N_PERSONS,
) -> Classification:
    """Return the classification of the decision from all parts, by simulated persons (seed, n), not by a closed form.

    correlations : (n_parts, n_parts) of the observed scores ; rule : conjunctive (every part at or above its cut) or
    compensatory (the weighted sum at or above ``cut``)

    True scores are multivariate normal with the covariances of the scores and the variances ρ·sd²; errors are normal,
    independent between parts, with variance (1 − ρ)·sd². Where reliabilities are too low for the correlations the
    nearest possible true correlations are taken (settings ``disattenuation`` clipped). The simulated shares are off
    by about 0.1 point.

    >>> one = combined_decision([Part("theory", 60, 60, 10, 0.8)], [[1.0]])
    >>> bool(abs(one.accuracy - (1 - np.arctan(0.5) / np.pi)) < 0.005)
    True
    """
    if rule not in ("conjunctive", "compensatory"):
        raise ValueError(f"rule {rule!r}: conjunctive or compensatory")
    observed = np.asarray(correlations, float)
    k = len(parts)
    if not k or observed.shape != (k, k):
        raise ValueError(f"correlations {observed.shape} of {k} parts")
    sd, rho, mean, cuts, weight = (
        np.array([getattr(part, name) for part in parts], float) for name in ("sd", "reliability", "mean", "cut", "weight")
    )
    if not (np.isfinite(rho).all() and (rho >= 0).all() and (rho <= 1).all() and (sd >= 0).all()):
        raise ValueError("reliabilities are 0 to 1 and standard deviations not negative")
    covariance = observed * np.outer(sd, sd)
    np.fill_diagonal(covariance, rho * sd**2)
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    clipped = bool((values < -1e-9 * max(float((sd**2).max()), 1e-300)).any())
    rng = np.random.default_rng(seed)
    true = mean + rng.standard_normal((n, k)) * np.sqrt(np.maximum(values, 0.0)) @ vectors.T
    error = sd * np.sqrt(1 - rho)
    passes = [_passes(scores, cuts, weight, rule, cut) for scores in (
        true, true + rng.standard_normal((n, k)) * error, true + rng.standard_normal((n, k)) * error,
    )]  # fmt: skip
    return _table(passes, rule, clipped, seed)


def _passes(scores: FloatArray, cuts: FloatArray, weight: FloatArray, rule: str, cut: float) -> FloatArray:
    held = (scores >= cuts).all(axis=1) if rule == "conjunctive" else scores @ weight >= cut
    return np.asarray(held, float)


def _table(passes: list[FloatArray], rule: str, clipped: bool, seed: int) -> Classification:
    """Return accuracy from both takings, averaged, and consistency between them."""
    true, first, second = passes
    n = true.size
    own = [np.stack([1 - one, one]) for one in (true, first, second)]
    base = classification("combined", [[0.5], [0.5]], [1.0], [0])
    confusion = (own[0] @ own[1].T + own[0] @ own[2].T) / (2 * n)
    agreement = own[1] @ own[2].T / n
    settings = (("rule", rule), ("seed", float(seed)), ("disattenuation", "clipped" if clipped else "ok"))
    return Classification(
        "combined", confusion, (agreement + agreement.T) / 2, base.nodes[:0], base.true[:0], base.probability[:, :0], settings,
        "ok" if np.isfinite(ratio(1.0, n)) else "no_data",
    )  # fmt: skip
