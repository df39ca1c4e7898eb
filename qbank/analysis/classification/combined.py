"""One decision from several parts, such as theory, practice and review: right and repeatable how often."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qbank.analysis.arrays import BoolArray, FloatArray
from qbank.analysis.classification.record import Classification, classification

N_PERSONS = 200_000
RULES = ("conjunctive", "compensatory")


@dataclass(frozen=True, slots=True)
class Part:
    """One part.

    cut : marks that it takes ; mean, sd : of the scores ; reliability : 0 to 1 ; weight : in a compensatory sum ;
    step : marks between the cut and the next lower score, 0 for a continuous score. A true score half a step below the
    cut is as often marked up to it as down, so that scores count from ``cut − step/2``
    """

    name: str
    cut: float
    mean: float
    sd: float
    reliability: float
    weight: float = 1.0
    step: float = 0.0


def combined_decision(
    parts: Sequence[Part],
    correlations: ArrayLike,
    *,
    rule: str = "conjunctive",
    cut: float = float("nan"),
    seed: int = 1,
    n: int = N_PERSONS,
) -> Classification:
    """Return the classification of the decision from all parts, over simulated true scores (seed, n), not by a closed form.

    correlations : (n_parts, n_parts) of the observed scores ; rule : conjunctive (every part at or above its cut) or
    compensatory (the weighted sum at or above ``cut``)

    True scores are multivariate normal with the covariances of the scores and the variances ρ·sd²; errors are normal,
    independent between parts, with variance (1 − ρ)·sd². Given the true scores the probability to pass is exact: the
    product of Φ((true − cut)/error) over the parts, or Φ of the weighted sum. (Douglas & Mislevy 2010, J. Educ. Behav.
    Stat. 35, 280–306, estimate the accuracy of such rules in this way.) Where reliabilities are too low for the correlations
    the nearest possible true correlations are taken (settings ``disattenuation`` clipped). With 200,000 simulated persons
    the shares are off by less than 0.1 point.

    >>> one = combined_decision([Part("theory", 60, 60, 10, 0.8)], [[1.0]])
    >>> bool(abs(one.accuracy - (1 - np.arctan(0.5) / np.pi)) < 0.002)
    True
    """
    if rule not in RULES:
        raise ValueError(f"rule {rule!r}: conjunctive or compensatory")
    observed = np.asarray(correlations, float)
    k = len(parts)
    if not k or observed.shape != (k, k):
        raise ValueError(f"correlations {observed.shape} of {k} parts")
    sd, rho, mean, cuts, weight, step = (
        np.array([getattr(part, name) for part in parts], float)
        for name in ("sd", "reliability", "mean", "cut", "weight", "step")
    )
    if not (np.isfinite(rho).all() and (rho >= 0).all() and (rho <= 1).all() and (sd >= 0).all()):
        raise ValueError("reliabilities are 0 to 1 and standard deviations not negative")
    covariance = observed * np.outer(sd, sd)
    np.fill_diagonal(covariance, rho * sd**2)
    root, clipped = true_root(covariance)
    true = mean + np.random.default_rng(seed).standard_normal((n, k)) @ root
    belongs, passes = decided(true, sd * np.sqrt(1 - rho), cuts, cuts - step / 2, weight=weight if rule == "compensatory" else None, cut=cut)
    settings = (("rule", rule), ("seed", float(seed)), ("disattenuation", "clipped" if clipped else "ok"))
    return _classified(belongs, passes, settings)


def _classified(belongs: BoolArray, passes: FloatArray, settings: tuple[tuple[str, float | str], ...]) -> Classification:
    none, n = np.zeros(0), passes.size
    return classification(
        "combined", np.stack([1 - passes, passes]), np.full(n, 1 / n), belongs.astype(np.int64),
        curve=(none, none, np.zeros((2, 0))), settings=settings,
    )  # fmt: skip


def combined_from_scores(
    scores: ArrayLike,
    errors: ArrayLike,
    cuts: ArrayLike,
    *,
    limits: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    cut: float = float("nan"),
    seed: int = 1,
    n: int = N_PERSONS,
) -> Classification:
    """Return the classification of the decision from all parts, the shape of the true scores taken from the scores.

    scores : (n_persons, n_parts) of those who sat every part, three persons or more ; errors : (n_parts,) standard errors of
    measurement, none larger than the standard deviation ; cuts : (n_parts,) ; limits : (n_parts,) from which scores count, half a
    step below the lowest that passes (None: the cuts) ; weights : (n_parts,) of a compensatory sum that must reach ``cut``, None: every part must be passed

    As `combined_decision`, but with true scores that keep what is not normal in the scores, such as a tail of the weak: of
    each person draws of N(m + T·S⁻¹(x − m), T − T·S⁻¹·T), where S are the covariances of the scores x, m their means and T
    those of true scores, S less the error variances. All draws together have the means m and the covariances T.

    >>> rng = np.random.default_rng(2)
    >>> true = rng.normal(60, 9, (4000, 1))
    >>> found = combined_from_scores(true + rng.normal(0, 4.5, true.shape), [4.5], [60])
    >>> bool(abs(found.accuracy - (1 - np.arctan(0.5) / np.pi)) < 0.01)
    True
    """
    x, error, needs = (np.asarray(part, float) for part in (scores, errors, cuts))
    if x.ndim != 2 or x.shape[0] < 3 or error.shape != x.shape[1:] or needs.shape != error.shape:
        raise ValueError(f"scores {x.shape}, errors {error.shape}, cuts {needs.shape} do not belong together")
    rng = np.random.default_rng(seed)
    rows = np.tile(np.arange(x.shape[0]), max(-(-n // x.shape[0]), 1))
    true, clipped = true_scores(x, error, rows, rng.standard_normal((rows.size, x.shape[1])))
    belongs, passes = decided(
        true, error, needs, needs if limits is None else np.asarray(limits, float),
        weight=None if weights is None else np.asarray(weights, float), cut=cut,
    )  # fmt: skip
    rule = "conjunctive" if weights is None else "compensatory"
    return _classified(belongs, passes, (("rule", rule), ("seed", float(seed)), ("disattenuation", "clipped" if clipped else "ok")))


def true_scores(
    scores: FloatArray, error: FloatArray, rows: NDArray[np.int64], normal: FloatArray
) -> tuple[FloatArray, bool]:
    """Return a draw of the true scores of the persons in ``rows``, (n, n_parts), and whether covariances had to be mended.

    scores : (n_persons, n_parts), whose means and covariances hold ; normal : (n, n_parts) standard normal
    """
    mean, k = scores.mean(axis=0), scores.shape[1]
    observed = np.cov(scores.T).reshape(k, k)
    root, clipped = true_root(observed - np.diag(error**2))
    true = root.T @ root
    # a part without any variance regresses to its mean
    slope = true @ np.linalg.pinv(observed, hermitian=True)
    rest, _ = true_root(true - slope @ true)
    return mean + (scores[rows] - mean) @ slope.T + normal @ rest, clipped


def true_root(covariance: FloatArray) -> tuple[FloatArray, bool]:
    """Return a root of the covariances of true scores, (k, k), so that standard normal rows times it have them.

    Second: whether negative eigenvalues had to be put to 0, which no covariances have.
    """
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    clipped = bool((values < -1e-9 * max(float(np.abs(covariance).max(initial=0.0)), 1e-300)).any())
    return np.sqrt(np.maximum(values, 0.0))[:, None] * vectors.T, clipped


def decided(
    true: FloatArray, error: FloatArray, cuts: FloatArray, limits: FloatArray, *, weight: FloatArray | None, cut: float
) -> tuple[BoolArray, FloatArray]:
    """Return who belongs above the cut, (n,), and the probability to be put there, (n,).

    true : (n, n_parts) ; error : (n_parts,) ; cuts, limits : (n_parts,) of true scores and of scores ; weight : of a compensatory sum, None: every part must be passed
    """
    if weight is not None:
        total = true @ weight
        return np.asarray(total >= cut, bool), _normal(total - cut, float(np.sqrt((weight**2 * error**2).sum())))
    each = [_normal(true[:, j] - limits[j], float(error[j])) for j in range(len(cuts))]
    return np.asarray((true >= cuts).all(axis=1), bool), np.asarray(np.prod(each, axis=0))


def _normal(above: FloatArray, error: float) -> FloatArray:
    """Return Φ(above/error), of no error 1 or 0."""
    from scipy.special import ndtr

    return np.asarray(ndtr(above / error) if error > 0 else (above >= 0).astype(float))
