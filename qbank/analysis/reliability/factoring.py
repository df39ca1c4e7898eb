"""One factor and a few: least squares and maximum likelihood, and the coefficients omega that rest on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from qbank.analysis.arrays import FloatArray

NAN = float("nan")
LEAST_UNIQUENESS = 0.005
Method = Literal["minres", "ml"]


@dataclass(frozen=True, slots=True, eq=False)
class Factors:
    """loadings : (k, n_factors), unrotated, each column's sum ≥ 0 ; uniqueness : (k,) ; status : ok, not_converged, too_few

    ``too_few``: fewer than three items, or an item without variance, so that no model is identified.
    """

    loadings: FloatArray
    uniqueness: FloatArray
    status: str


def factors(correlations: FloatArray, n_factors: int = 1, *, method: Method = "minres") -> Factors:
    """Return the factors of a correlation matrix, (k, k).

    minres : the squared correlations that are left off the diagonal are least (Harman & Jones 1966), found over the
    uniquenesses as ½ Σ_{j > m} γ_j², γ the eigenvalues of R − Ψ (Jöreskog 1977, ULS).
    ml : Σ_{j > m} (θ_j − 1 − ln θ_j) is least, θ the eigenvalues of Ψ^−½ R Ψ^−½ (Jöreskog 1967, eq. 15).
    Uniquenesses stay between 0.005 and 1.

    >>> R = np.outer([0.8, 0.7, 0.6, 0.5], [0.8, 0.7, 0.6, 0.5])
    >>> np.fill_diagonal(R, 1.0)
    >>> factors(R).loadings[:, 0].round(4).tolist(), factors(R, method="ml").loadings[:, 0].round(3).tolist()
    ([0.8, 0.7, 0.6, 0.5], [0.8, 0.7, 0.6, 0.5])
    """
    from scipy.optimize import minimize

    k = len(correlations)
    if k < 3 or n_factors >= k or not np.isfinite(correlations).all():
        return Factors(np.full((k, n_factors), NAN), np.full(k, NAN), "too_few")
    value = _least_squares if method == "minres" else _likelihood
    start = np.full(k, 0.5)
    precision = np.linalg.pinv(correlations + 1e-6 * np.eye(k))
    start = np.clip(1 / np.maximum(np.diag(precision), 1.0), LEAST_UNIQUENESS, 0.95)
    found = minimize(
        value, start, args=(correlations, n_factors), jac=True, method="L-BFGS-B",
        bounds=[(LEAST_UNIQUENESS, 1.0)] * k, options={"maxiter": 1000, "ftol": 1e-15, "gtol": 1e-8},
    )  # fmt: skip
    loadings = _loadings(found.x, correlations, n_factors, method)
    return Factors(loadings, np.asarray(found.x, float), "ok" if found.success else "not_converged")


def _least_squares(uniqueness: FloatArray, correlations: FloatArray, n_factors: int) -> tuple[float, FloatArray]:
    values, vectors = np.linalg.eigh(correlations - np.diag(uniqueness))
    rest, kept = values[:-n_factors], vectors[:, :-n_factors]
    return 0.5 * float(rest @ rest), -(kept**2) @ rest


def _likelihood(uniqueness: FloatArray, correlations: FloatArray, n_factors: int) -> tuple[float, FloatArray]:
    scale = 1 / np.sqrt(uniqueness)
    values, vectors = np.linalg.eigh(correlations * np.outer(scale, scale))
    values = np.maximum(values, 1e-12)
    rest = values[:-n_factors]
    gradient = ((vectors[:, :-n_factors] ** 2) @ (1 - rest)) / uniqueness
    return float((rest - 1 - np.log(rest)).sum()), gradient


def _loadings(uniqueness: FloatArray, correlations: FloatArray, n_factors: int, method: Method) -> FloatArray:
    if method == "minres":
        values, vectors = np.linalg.eigh(correlations - np.diag(uniqueness))
        loadings = vectors[:, -n_factors:] * np.sqrt(np.maximum(values[-n_factors:], 0.0))
    else:
        scale = np.sqrt(uniqueness)
        values, vectors = np.linalg.eigh(correlations / np.outer(scale, scale))
        loadings = scale[:, None] * vectors[:, -n_factors:] * np.sqrt(np.maximum(values[-n_factors:] - 1, 0.0))
    loadings = loadings[:, ::-1]
    return np.asarray(loadings * np.where(loadings.sum(axis=0) < 0, -1.0, 1.0))


def omega_total(correlations: FloatArray, uniqueness: FloatArray, sd: FloatArray | None = None) -> float:
    """Return 1 − Σ u²_j s²_j / ΣΣ s_i s_j r_ij (McDonald 1999, eq. 6.20b): the share of the total that is common.

    sd : (k,) standard deviations of the marks; None: all 1, the omega of standardised items. It does not depend on how
    factors are rotated.

    >>> R = np.outer([0.8, 0.7, 0.6, 0.5], [0.8, 0.7, 0.6, 0.5])
    >>> np.fill_diagonal(R, 1.0)
    >>> round(omega_total(R, 1 - np.array([0.64, 0.49, 0.36, 0.25])), 4)
    0.7494
    """
    scale = np.ones(len(correlations)) if sd is None else sd
    total = float(scale @ correlations @ scale)
    return 1 - float(uniqueness @ scale**2) / total if total > 0 and np.isfinite(uniqueness).all() else NAN


def omega_hierarchical(correlations: FloatArray, n_factors: int = 3) -> tuple[float, float]:
    """Return omega hierarchical and omega total of standardised items from ``n_factors`` oblique factors.

    Minres factors, rotated obliquely by direct oblimin with γ = 0 (Jennrich & Sampson 1966), one second-order factor of
    their correlations, Schmid & Leiman's (1957) loadings g on it: ω_h = (Σ g)² / ΣΣ r (McDonald 1999; Zinbarg et al. 2005).
    Of two factors the second-order loadings are equal. NaN where the factors do not exist.
    """
    found = factors(correlations, n_factors)
    if found.status == "too_few":
        return NAN, NAN
    pattern, between = oblimin(found.loadings)
    if n_factors == 1:
        above = np.ones((1, 1))
    elif n_factors == 2:
        above = np.full((2, 1), np.sqrt(max(float(between[0, 1]), 0.0)))
    else:
        above = factors(between).loadings
    general = (pattern @ above)[:, 0]
    return float(general.sum() ** 2 / correlations.sum()), omega_total(correlations, found.uniqueness)


def oblimin(loadings: FloatArray, *, steps: int = 1000) -> tuple[FloatArray, FloatArray]:
    """Return the pattern (k, m) and the correlations (m, m) of oblique factors, direct quartimin.

    ¼ Σ_{f≠g} Σ_j λ²_jf λ²_jg is least over oblique rotations, by gradient projection (Jennrich 2002).
    """
    m = loadings.shape[1]
    turn = np.eye(m)
    if m == 1:
        return loadings, np.eye(1)
    others = np.ones((m, m)) - np.eye(m)

    def at(turned: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        inverse = np.linalg.inv(turned)
        pattern = loadings @ inverse.T
        squares = pattern**2
        slope = pattern * (squares @ others)
        return float((squares * (squares @ others)).sum() / 4), pattern, -(pattern.T @ slope @ inverse).T

    value, pattern, gradient = at(turn)
    size = 1.0
    for _ in range(steps):
        tangent = gradient - turn * (turn * gradient).sum(axis=0)
        length = float(np.sqrt((tangent**2).sum()))
        if length < 1e-7:
            break
        size *= 2
        for _ in range(30):
            tried = turn - size * tangent
            tried = tried / np.sqrt((tried**2).sum(axis=0))
            found = at(tried)
            if found[0] < value - 0.5 * length**2 * size:
                break
            size /= 2
        else:
            break
        turn, (value, pattern, gradient) = tried, found
    between = turn.T @ turn
    flip = np.where(pattern.sum(axis=0) < 0, -1.0, 1.0)
    return pattern * flip, between * np.outer(flip, flip)
