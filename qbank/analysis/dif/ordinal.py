"""Partial marks: the common odds of a higher mark, and ordinal logistic regression."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qbank.analysis.arrays import FloatArray, IntArray, ratio
from qbank.analysis.dif.logistic import nagelkerke
from qbank.analysis.dif.mantel import chi2_p

SMD_LIMITS = (0.17, 0.25)
"""|SMD| / SD at or below the first: A; up to the second: B; above: C (Zwick, Thayer & Mazzeo 1997)."""


def category_counts(category: IntArray, stratum: IntArray, group: IntArray, shape: tuple[int, int, int]) -> FloatArray:
    """Return persons by group, stratum and category, in the given shape; category, stratum, group : (n_persons,)."""
    counts = np.bincount(np.ravel_multi_index((group, stratum, category), shape), minlength=int(np.prod(shape)))
    return counts.reshape(shape).astype(float)


def liu_agresti(counts: FloatArray) -> tuple[float, float]:
    """Return ln of the cumulative common odds ratio of one item and its standard error, reference over focal.

    counts : (2, n_strata, n_categories), categories from low to high marks

    ψ = ΣΣ A D / T over ΣΣ B C / T, summed over strata and over the cuts between categories, A and C the persons of the
    reference and the focal group above the cut, B and D below (Liu & Agresti 1996, eq. 3; as DIF Penfield & Algina 2003);
    with two categories it is Mantel–Haenszel's α. The error comes from the variance of the two-sample sums
    Σ(AD − ψBC), unbiased in many small strata and in few large ones. NaN where ψ is 0 or does not exist.

    >>> from qbank.analysis.dif.mantel import mantel_haenszel
    >>> log_odds, _ = liu_agresti(np.array([[[20, 30.0], [10, 40]], [[30, 20], [20, 30]]]))
    >>> float(mantel_haenszel(np.array([[30.0, 40], [20, 30]]), np.full((2, 2), 50.0)).log_odds) == log_odds
    True
    """
    reference, focal = counts
    size = np.maximum(counts.sum(axis=(0, 2)), 1.0)
    places = np.arange(counts.shape[2])
    apart = (places[:, None] - places).astype(float)
    higher, lower = np.maximum(apart, 0.0), np.maximum(-apart, 0.0)
    above = float((np.einsum("sa,ab,sb->s", reference, higher, focal) / size).sum())
    below = float((np.einsum("sa,ab,sb->s", reference, lower, focal) / size).sum())
    if above <= 0 or below <= 0:
        return float("nan"), float("nan")
    psi = above / below
    kernel = higher - psi * lower
    pairs = np.einsum("sa,ab,sb->s", reference, kernel**2, focal)
    by_reference = (reference * (focal @ kernel.T) ** 2).sum(axis=1)
    by_focal = (focal * (reference @ kernel) ** 2).sum(axis=1)
    variance = float(((by_reference + by_focal - pairs) / size**2).sum()) / above**2
    return float(np.log(psi)), float(np.sqrt(variance)) if variance > 0 else float("nan")


@dataclass(frozen=True, slots=True)
class OrdinalDif:
    """The tests of one item; named as those of `qbank.analysis.dif.logistic.LogisticDif`."""

    lr_uniform: float
    p_uniform: float
    lr_nonuniform: float
    p_nonuniform: float
    lr_both: float
    p_both: float
    r2_uniform: float
    r2_nonuniform: float
    r2_both: float
    log_odds: float
    converged: bool


def ordinal_dif(counts: FloatArray, score: FloatArray) -> OrdinalDif:
    """Return the likelihood-ratio tests of nested proportional-odds models of one item; group 0 is the reference.

    counts : (n_groups, n_strata, n_categories) ; score : (n_strata,)

    logit P(Y ≥ j) = α_j + τ score (+ γ_g (+ δ_g score)) (McCullagh 1980; as DIF French & Miller 1996, Zumbo 1999), by Fisher
    scoring; categories that nobody earned are left out. log_odds: γ of the first focal group in the uniform model.
    """
    n_groups = counts.shape[0]
    kept = counts.sum(axis=(0, 1)) > 0
    table = counts[..., kept].reshape(-1, int(kept.sum()))
    if table.shape[1] < 2 or n_groups < 2:
        return OrdinalDif(*(float("nan"),) * 10, converged=False)
    size = counts.sum(axis=(0, 2))
    centre = float(ratio(size @ score, size.sum()))
    spread = float(np.sqrt(ratio(size @ (score - centre) ** 2, size.sum())))
    z = np.tile((score - centre) / (spread if spread > 0 else 1.0), n_groups)
    group = np.repeat(np.arange(n_groups), len(score))
    dummies = [(group == word).astype(float) for word in range(1, n_groups)]
    design = np.column_stack([z, *dummies, *(dummy * z for dummy in dummies)])
    held = table.sum(axis=1) > 0
    table, design = table[held], design[held]
    fits = [proportional_odds(table, design[:, :terms]) for terms in (0, 1, n_groups, 2 * n_groups - 1)]
    null, base, uniform, both = (np.array(fit[1]) for fit in fits)
    n = np.array(table.sum())
    r2 = [float(nagelkerke(deviance, null, n)) for deviance in (base, uniform, both)]
    df = float(n_groups - 1)
    gain = np.maximum([base - uniform, uniform - both, base - both], 0.0)
    p = chi2_p(gain, np.array([df, df, 2 * df]))
    return OrdinalDif(
        lr_uniform=float(gain[0]), p_uniform=float(p[0]), lr_nonuniform=float(gain[1]), p_nonuniform=float(p[1]),
        lr_both=float(gain[2]), p_both=float(p[2]), r2_uniform=r2[1] - r2[0], r2_nonuniform=r2[2] - r2[1], r2_both=r2[2] - r2[0],
        log_odds=float(fits[2][0][table.shape[1]]), converged=all(fit[2] for fit in fits),
    )  # fmt: skip


def proportional_odds(
    counts: FloatArray, design: FloatArray, *, tolerance: float = 1e-11, max_iterations: int = 100
) -> tuple[FloatArray, float, bool]:
    """Return the coefficients (cuts, then slopes), the deviance and whether it converged, of P(Y ≥ j) = expit(α_j + xβ).

    counts : (n_cells, n_categories), every category earned by somebody ; design : (n_cells, n_terms)
    """
    n_cuts = counts.shape[1] - 1
    share = counts.sum(axis=0) / counts.sum()
    above = np.clip(share[::-1].cumsum()[::-1][1:], 1e-6, 1 - 1e-6)
    beta = np.concatenate([np.log(above / (1 - above)), np.zeros(design.shape[1])])
    deviance = _deviance(beta, counts, design)
    for _ in range(max_iterations):
        step = _scoring_step(beta, counts, design)
        scale, new = 1.0, _deviance(beta + step, counts, design)
        while not new <= deviance + 1e-9 * (abs(deviance) + 0.1) and scale > 1e-4:
            scale /= 2
            new = _deviance(beta + scale * step, counts, design)
        if not new <= deviance + 1e-9 * (abs(deviance) + 0.1):
            return beta, deviance, False
        beta = beta + scale * step
        still, deviance = deviance - new <= tolerance * (abs(new) + 0.1), new
        if still:
            return beta, deviance, True
    return beta, deviance, n_cuts == 0


def _cumulative(beta: FloatArray, n_cuts: int, design: FloatArray) -> FloatArray:
    """Return P(Y ≥ j), j = 0 … n_cuts + 1, shape (n_cells, n_cuts + 2)."""
    eta = beta[:n_cuts] + (design @ beta[n_cuts:])[:, None]
    out = np.zeros((len(design), n_cuts + 2))
    out[:, 0], out[:, 1:-1] = 1.0, 0.5 * (1 + np.tanh(eta / 2))
    return out


def _deviance(beta: FloatArray, counts: FloatArray, design: FloatArray) -> float:
    mass = -np.diff(_cumulative(beta, counts.shape[1] - 1, design), axis=1)
    if (mass[counts > 0] <= 0).any():
        return float("inf")
    return float(-2 * (counts[counts > 0] * np.log(mass[counts > 0])).sum())


def _scoring_step(beta: FloatArray, counts: FloatArray, design: FloatArray) -> FloatArray:
    n_cuts = counts.shape[1] - 1
    reach = _cumulative(beta, n_cuts, design)
    mass = np.maximum(-np.diff(reach, axis=1), 1e-12)
    steep = reach[:, 1:-1] * (1 - reach[:, 1:-1])
    slope = steep * (counts[:, 1:] / mass[:, 1:] - counts[:, :-1] / mass[:, :-1])
    size = counts.sum(axis=1)
    information = np.zeros((len(counts), n_cuts, n_cuts))
    at = np.arange(n_cuts)
    information[:, at, at] = size[:, None] * steep**2 * (1 / mass[:, 1:] + 1 / mass[:, :-1])
    if n_cuts > 1:
        side = -size[:, None] * steep[:, :-1] * steep[:, 1:] / mass[:, 1:-1]
        information[:, at[:-1], at[1:]] = information[:, at[1:], at[:-1]] = side
    total = information.sum(axis=2)
    whole = np.zeros((len(beta), len(beta)))
    whole[:n_cuts, :n_cuts] = information.sum(axis=0)
    whole[:n_cuts, n_cuts:] = total.T @ design
    whole[n_cuts:, :n_cuts] = whole[:n_cuts, n_cuts:].T
    whole[n_cuts:, n_cuts:] = design.T @ (design * total.sum(axis=1)[:, None])
    gradient = np.concatenate([slope.sum(axis=0), design.T @ slope.sum(axis=1)])
    ridge = 1e-10 * max(float(np.trace(whole)), 1e-6) * np.eye(len(beta))
    out: FloatArray = np.linalg.solve(whole + ridge, gradient)
    return out


def smd_class(effect: FloatArray, p: FloatArray, *, alpha: float = 0.05) -> np.ndarray[tuple[int, ...], np.dtype[np.str_]]:
    """Return A, B or C by |SMD| / SD and Mantel's p, "" where there is none.

    A : not significant or |SMD| / SD ≤ .17 ; C : above .25 ; B : between (the AA, BB, CC of NAEP; Zwick, Thayer & Mazzeo 1997).

    >>> smd_class(np.array([0.3, 0.3, 0.2, np.nan]), np.array([0.01, 0.2, 0.01, 0.5])).tolist()
    ['C', 'A', 'B', '']
    """
    size = np.abs(effect)
    is_a = (size <= SMD_LIMITS[0]) | ~(p < alpha)
    return np.select([np.isnan(effect), is_a, size > SMD_LIMITS[1]], ["", "A", "C"], "B")
