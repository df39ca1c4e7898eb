"""Logistic regression of the answer on score, group and both together, exact on the score × group counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbank.analysis.arrays import FloatArray, IntArray, ratio
from qbank.analysis.dif.mantel import chi2_p

ZUMBO = (0.13, 0.26)
"""Zumbo & Thomas (1997): below A, up to B, from there C."""
JODOIN = (0.035, 0.07)
"""Jodoin & Gierl (2001)."""


@dataclass(frozen=True, slots=True, eq=False)
class LogisticFit:
    """coefficients : (n_items, n_terms) ; deviance : (n_items,) ; covariance : (n_items, n_terms, n_terms);
    converged : (n_items,)."""

    coefficients: FloatArray
    deviance: FloatArray
    covariance: FloatArray
    converged: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class LogisticDif:
    """One value an item, NaN where there is none; described at `logistic_dif`."""

    lr_uniform: FloatArray
    p_uniform: FloatArray
    lr_nonuniform: FloatArray
    p_nonuniform: FloatArray
    lr_both: FloatArray
    p_both: FloatArray
    df: float
    r2_uniform: FloatArray
    r2_nonuniform: FloatArray
    r2_both: FloatArray
    coefficients: FloatArray
    log_odds: FloatArray
    log_odds_se: FloatArray
    converged: NDArray[np.bool_]


def logistic_dif(right: FloatArray, n: FloatArray, score: FloatArray, form: IntArray | None = None) -> LogisticDif:
    """Return the likelihood-ratio tests of three nested models for each item; group 0 is the reference.

    right, n : (n_items, n_groups, n_strata), two groups or many ; score, form : (n_items, n_strata)

    logit P = τ₀ + τ₁ score (+ γ_g (+ δ_g score)) (Swaminathan & Rogers 1990; many groups: Magis, Raîche, Béland
    & Gérard 2011), maximum likelihood on the counts of score × group, which loses nothing. lr_uniform: γ = 0 where
    δ = 0; lr_nonuniform: δ = 0; lr_both: γ = δ = 0; df of the first two is n_groups − 1, of the last twice that.
    r2_… : the gain in Nagelkerke's (1991) R². coefficients : (n_items, 2·n_groups) τ₀, τ₁, γ₁ …, δ₁ … of
    the full model; log_odds, log_odds_se : (n_items, n_groups − 1), γ of the uniform model and its standard error.
    Where an item stood in several forms, each form has its own τ₀ and τ₁ (coefficients are then NaN).
    """
    n_items, n_groups, _ = n.shape
    forms = np.zeros(score.shape, np.int64) if form is None else form
    out = {name: np.full(n_items, np.nan) for name in ("null", "score", "uniform", "both")}
    coefficients = np.full((n_items, 2 * n_groups), np.nan)
    odds, odds_se = np.full((2, n_items, n_groups - 1), np.nan)
    converged = np.zeros(n_items, bool)
    persons = n.sum(axis=(1, 2))
    held = [tuple(np.unique(word[size > 0])) for word, size in zip(forms, n.sum(axis=1), strict=True)]
    for words in sorted(set(held)):
        items = np.array([item for item, own in enumerate(held) if own == words and persons[item] > 0], np.int64)
        if not len(items) or n_groups < 2:
            continue
        design, centre, spread = _design(score[items], forms[items], n[items], words)
        counts, successes = _flat(n[items]), _flat(right[items])
        base = 2 * len(words)
        fits = {
            "score": fit_logistic(design[..., :base], successes, counts),
            "uniform": fit_logistic(design[..., : base + n_groups - 1], successes, counts),
            "both": fit_logistic(design, successes, counts),
        }
        out["null"][items] = _null_deviance(successes, counts)
        for name, fit in fits.items():
            out[name][items] = fit.deviance
        converged[items] = fits["score"].converged & fits["uniform"].converged & fits["both"].converged
        own = slice(base, base + n_groups - 1)
        odds[items] = fits["uniform"].coefficients[:, own]
        odds_se[items] = np.sqrt(np.maximum(np.diagonal(fits["uniform"].covariance, axis1=1, axis2=2)[:, own], 0.0))
        if len(words) == 1:
            coefficients[items] = _raw(fits["both"].coefficients, centre, spread, n_groups)
    df = float(n_groups - 1)
    lr_uniform = np.maximum(out["score"] - out["uniform"], 0.0)
    lr_nonuniform = np.maximum(out["uniform"] - out["both"], 0.0)
    lr_both = np.maximum(out["score"] - out["both"], 0.0)
    r2 = {name: nagelkerke(out[name], out["null"], persons) for name in ("score", "uniform", "both")}
    return LogisticDif(
        lr_uniform, chi2_p(lr_uniform, df), lr_nonuniform, chi2_p(lr_nonuniform, df), lr_both, chi2_p(lr_both, 2 * df), df,
        r2["uniform"] - r2["score"], r2["both"] - r2["uniform"], r2["both"] - r2["score"],
        coefficients, odds, odds_se, converged,
    )  # fmt: skip


def nagelkerke(deviance: FloatArray, null: FloatArray, n: FloatArray) -> FloatArray:
    """Return R² = (1 − exp((D − D₀)/n)) / (1 − exp(−D₀/n)) (Nagelkerke 1991), deviances of single persons."""
    return ratio(-np.expm1(ratio(deviance - null, n)), -np.expm1(-ratio(null, n)))


def effect_class(r2: FloatArray, limits: tuple[float, float]) -> NDArray[np.str_]:
    """Return A, B or C by the gain in R² (`ZUMBO`, `JODOIN`), "" where there is none.

    >>> effect_class(np.array([0.01, 0.05, 0.2]), JODOIN).tolist(), effect_class(np.array([0.05]), ZUMBO).tolist()
    (['A', 'B', 'C'], ['A'])
    """
    return np.select([np.isnan(r2), r2 < limits[0], r2 < limits[1]], ["", "A", "B"], "C")


def fit_logistic(
    design: FloatArray, successes: FloatArray, n: FloatArray, *, tolerance: float = 1e-11, max_iterations: int = 60
) -> LogisticFit:
    """Return the maximum-likelihood logistic regressions of many items at once, by Newton's method.

    design : (n_items, n_cells, n_terms) ; successes, n : (n_items, n_cells)
    Where a coefficient runs to infinity (a group all right) the deviance still converges; ``converged`` says
    whether all deviances stood still. Cost: n_items · n_cells · n_terms² an iteration, a dozen iterations.
    """
    n_items, _, n_terms = design.shape
    beta = np.zeros((n_items, n_terms))
    deviance = _deviance(design, beta, successes, n)
    going = np.ones(n_items, bool)
    hessian = np.zeros((n_items, n_terms, n_terms))
    for _ in range(max_iterations):
        x, b = design[going], beta[going]
        p = _expit(np.matmul(x, b[..., None])[..., 0])
        slope = np.matmul(((successes[going] - n[going] * p))[:, None, :], x)[:, 0, :]
        weight = n[going] * p * (1 - p)
        curve = np.matmul((x * weight[..., None]).swapaxes(1, 2), x)
        hessian[going] = curve
        ridge = 1e-10 * np.maximum(np.trace(curve, axis1=1, axis2=2), 1e-6)[:, None, None] * np.eye(n_terms)
        step = np.linalg.solve(curve + ridge, slope[..., None])[..., 0]
        new, found = _shortened(x, b, step, successes[going], n[going], deviance[going])
        beta[going] = new
        still = deviance[going] - found <= tolerance * (np.abs(found) + 0.1)
        deviance[going] = found
        going[np.flatnonzero(going)[still]] = False
        if not going.any():
            break
    covariance: FloatArray = np.linalg.pinv(hessian, hermitian=True).astype(np.float64)
    return LogisticFit(beta, deviance, covariance, ~going)


def _shortened(
    x: FloatArray, b: FloatArray, step: FloatArray, successes: FloatArray, n: FloatArray, deviance: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return coefficients after the step, halved where the deviance would rise, and their deviance."""
    scale = np.ones(len(b))
    for _ in range(12):
        new = b + scale[:, None] * step
        found = _deviance(x, new, successes, n)
        worse = found > deviance + 1e-9 * (np.abs(deviance) + 0.1)
        if not worse.any():
            return new, found
        scale = np.where(worse, scale / 2, scale)
    return np.where(worse[:, None], b, new), np.where(worse, deviance, found)


def _expit(eta: FloatArray) -> FloatArray:
    out: FloatArray = 0.5 * (1 + np.tanh(0.5 * eta))
    return out


def _deviance(design: FloatArray, beta: FloatArray, successes: FloatArray, n: FloatArray) -> FloatArray:
    eta = np.matmul(design, beta[..., None])[..., 0]
    out: FloatArray = 2 * (n * np.logaddexp(0.0, eta) - successes * eta).sum(axis=-1)
    return out


def _null_deviance(successes: FloatArray, n: FloatArray) -> FloatArray:
    right, size = successes.sum(axis=1), n.sum(axis=1)
    wrong = size - right
    share, rest = np.where(right > 0, right / size, 1.0), np.where(wrong > 0, wrong / size, 1.0)
    out: FloatArray = -2 * (right * np.log(share) + wrong * np.log(rest))
    return out


def _flat(counts: FloatArray) -> FloatArray:
    return counts.reshape(len(counts), -1)


def _design(
    score: FloatArray, form: IntArray, n: FloatArray, words: tuple[int, ...]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the terms (n_items, n_groups · n_strata, n_terms), and the centre and spread of the scores."""
    n_items, n_groups, n_strata = n.shape
    size = n.sum(axis=1)
    centre = (size * score).sum(axis=1) / size.sum(axis=1)
    variance = (size * (score - centre[:, None]) ** 2).sum(axis=1) / size.sum(axis=1)
    spread = np.where(variance > 1e-12, np.sqrt(variance), 1.0)
    z = (score - centre[:, None]) / spread[:, None]
    base = [term for word in words for term in ((form == word).astype(float), (form == word) * z)]
    design = np.zeros((n_items, n_groups, n_strata, 2 * len(words) + 2 * (n_groups - 1)))
    for place, term in enumerate(base):
        design[..., place] = term[:, None, :]
    for group in range(1, n_groups):
        place = 2 * len(words) + group - 1
        design[:, group, :, place] = 1.0
        design[:, group, :, place + n_groups - 1] = z
    return design.reshape(n_items, n_groups * n_strata, -1), centre, spread


def _raw(beta: FloatArray, centre: FloatArray, spread: FloatArray, n_groups: int) -> FloatArray:
    """Return the coefficients in units of the score instead of its standard deviation."""
    out = beta.copy()
    out[:, 1] = beta[:, 1] / spread
    out[:, 0] = beta[:, 0] - out[:, 1] * centre
    slopes = beta[:, n_groups + 1 :] / spread[:, None]
    out[:, n_groups + 1 :] = slopes
    out[:, 2 : n_groups + 1] = beta[:, 2 : n_groups + 1] - slopes * centre[:, None]
    return out
