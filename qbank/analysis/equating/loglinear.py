"""Log-linear models of score distributions: smooth, with the first moments of the data; Holland & Thayer (1987, 2000)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from qbank.analysis.arrays import BoolArray, FloatArray, ratio
from qbank.analysis.equating.scores import Pairs, Scores


@dataclass(frozen=True, slots=True, eq=False)
class LogLinear:
    """A fitted model of a table with n_cells cells (of pairs: totals × anchors, row by row).

    expected : (..., n_cells) fitted counts ; basis : (n_cells, n_terms), orthonormal, without the constant
    converged : (...,) the moments of the model equal those of the data to 1e-8 of a person
    deviance : (...,) the likelihood ratio 2 Σ n ln(n/m) ; parameters : n_terms
    """

    expected: FloatArray
    basis: FloatArray
    converged: BoolArray
    deviance: FloatArray
    parameters: int


def smooth(table: Scores, degree: int) -> Scores:
    """Return the table with the fitted counts of a polynomial log-linear model; its first ``degree`` moments are kept.

    >>> from qbank.analysis.equating.scores import moments, scores
    >>> before = scores([0, 1, 2, 3, 4], [2, 9, 14, 8, 3])
    >>> bool(np.isclose(moments(smooth(before, 2)).variance, moments(before).variance))
    True
    """
    return Scores(table.points, fit_scores(table, degree).expected)


def smooth_pairs(pairs: Pairs, degrees: tuple[int, int], joint: tuple[int, int] = (1, 1)) -> Pairs:
    """Return the joint table with fitted counts; see `fit_pairs`."""
    return Pairs(pairs.totals, pairs.anchors, fit_pairs(pairs, degrees, joint).expected.reshape(pairs.counts.shape))


def fit_scores(table: Scores, degree: int, *, start: FloatArray | None = None) -> LogLinear:
    """Return ln m(x) = β₀ + β₁x + … + β_T x^T fitted by maximum likelihood; K&B (2014), eq. 3.9.

    start : (n_cells,) fitted counts to begin from (replications begin from the sample's)
    """
    basis = polynomial_basis(table.points, min(degree, max(len(table.points) - 1, 0)))
    return fit_loglinear(table.counts, basis, start=start)


def fit_pairs(
    pairs: Pairs,
    degrees: tuple[int, int],
    joint: tuple[int, int] = (1, 1),
    *,
    possible: BoolArray | None = None,
    start: FloatArray | None = None,
) -> LogLinear:
    """Return the bivariate model ln m(x, v) = β₀ + Σ x^i + Σ v^j + Σ x^i v^j; K&B (2014), eq. 5.25.

    degrees : highest powers of total and anchor alone ; joint : highest powers in the products, (1, 1) is xv,
    (2, 2) also x²v, xv², x²v²
    possible : (n_totals, n_anchors) False where no person can be (an internal anchor above the total)
    """
    basis = pair_basis(pairs.totals, pairs.anchors, degrees, joint)
    counts = pairs.counts.reshape(*pairs.counts.shape[:-2], -1)
    return fit_loglinear(counts, basis, possible=None if possible is None else possible.reshape(-1), start=start)


def polynomial_basis(points: FloatArray, degree: int) -> FloatArray:
    """Return powers 1 … degree of the points, made orthonormal together with the constant, (n_points, degree)."""
    return _orthonormal([_scaled(points) ** power for power in range(1, degree + 1)], len(points))


def pair_basis(
    totals: FloatArray, anchors: FloatArray, degrees: tuple[int, int], joint: tuple[int, int]
) -> FloatArray:
    """Return the columns of a bivariate model over the cells, row by row, orthonormal, (n_cells, n_terms)."""
    x = np.repeat(_scaled(totals), len(anchors))
    v = np.tile(_scaled(anchors), len(totals))
    most_x, most_v = min(degrees[0], len(totals) - 1), min(degrees[1], len(anchors) - 1)
    columns = [x**power for power in range(1, most_x + 1)]
    columns += [v**power for power in range(1, most_v + 1)]
    columns += [
        x**left * v**right
        for left in range(1, min(joint[0], len(totals) - 1) + 1)
        for right in range(1, min(joint[1], len(anchors) - 1) + 1)
    ]
    return _orthonormal(columns, len(x))


def _scaled(points: FloatArray) -> FloatArray:
    span = points[-1] - points[0]
    return np.asarray((2 * points - points[0] - points[-1]) / (span if span > 0 else 1.0))


def _orthonormal(columns: Sequence[FloatArray], n_cells: int) -> FloatArray:
    if not columns:
        return np.zeros((n_cells, 0))
    return np.asarray(np.linalg.qr(np.column_stack([np.ones(n_cells), *columns]))[0][:, 1:])


def fit_loglinear(
    counts: FloatArray,
    basis: FloatArray,
    *,
    possible: BoolArray | None = None,
    start: FloatArray | None = None,
    steps: int = 60,
) -> LogLinear:
    """Return the maximum likelihood fit of ln m = β₀ + basis·β, by Newton steps, all replications at once.

    counts : (..., n_cells). The constant is solved for at each step, so that fitted counts always sum to the persons.
    A step that lowers the likelihood is halved.
    """
    shape = counts.shape
    cells = np.arange(shape[-1]) if possible is None else np.flatnonzero(possible)
    rows = counts.reshape(-1, shape[-1])[:, cells].astype(float)
    design = basis[cells]
    total = rows.sum(axis=1, keepdims=True)
    begin = np.log((rows + 0.5 if start is None else np.broadcast_to(start.reshape(-1)[cells], rows.shape)) + 1e-10)
    weight = np.exp(begin) / np.exp(begin).sum(axis=1, keepdims=True)
    centred = begin - (weight * begin).sum(axis=1, keepdims=True)
    beta = _solve(_information(design, weight), (weight * centred) @ design)
    wanted = ratio(rows @ design, total)
    expected, log_sum = _expected(design, beta)
    objective = (wanted * beta).sum(axis=1) - log_sum
    off = wanted - expected @ design
    for _ in range(steps):
        if not (np.abs(np.nan_to_num(off)) * total > 1e-10 * np.maximum(total, 1.0)).any():
            break
        step = _solve(_information(design, expected), np.nan_to_num(off))
        size = np.ones((len(rows), 1))
        for _ in range(30):
            tried = beta + size * step
            expected, log_sum = _expected(design, tried)
            gained = (np.nan_to_num(wanted) * tried).sum(axis=1) - log_sum
            worse = gained < objective - 1e-12 * (1 + np.abs(objective))
            if not worse.any():
                break
            size = np.where(worse[:, None], size / 2, size)
        beta, objective = tried, gained
        off = wanted - expected @ design
    fitted = np.zeros((len(rows), shape[-1]))
    fitted[:, cells] = expected * total
    done = (np.abs(np.nan_to_num(off)) * total).max(axis=1, initial=0.0) <= 1e-8 * np.maximum(total[:, 0], 1.0)
    safe = np.where(rows > 0, rows, 1.0)
    deviance = 2 * np.where(rows > 0, rows * np.log(ratio(safe, np.maximum(expected * total, 1e-300))), 0.0).sum(axis=1)
    return LogLinear(
        fitted.reshape(shape), basis, done.reshape(shape[:-1]), deviance.reshape(shape[:-1]), basis.shape[1]
    )


def _expected(design: FloatArray, beta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the probabilities of the cells, (n_rows, n_cells), and the logarithm of their norming sum."""
    line = np.clip(beta @ design.T, -700, None)
    top = line.max(axis=1, keepdims=True)
    part = np.exp(line - top)
    whole = part.sum(axis=1, keepdims=True)
    return part / whole, np.asarray((top + np.log(whole))[:, 0])


def _information(design: FloatArray, share: FloatArray) -> FloatArray:
    """Return the covariance of the basis under each row of probabilities, (n_rows, n_terms, n_terms)."""
    n_terms = design.shape[1]
    products = (design[:, :, None] * design[:, None, :]).reshape(len(design), -1)
    mean = share @ design
    return np.asarray((share @ products).reshape(-1, n_terms, n_terms) - mean[:, :, None] * mean[:, None, :])


def _solve(matrices: FloatArray, right: FloatArray) -> FloatArray:
    """Return the solutions row by row; a matrix that is singular is given a trace of a ridge."""
    n_terms = matrices.shape[-1]
    if not n_terms:
        return right
    size = np.maximum(np.trace(matrices, axis1=-2, axis2=-1) / n_terms, 1e-300)
    ridged = matrices + (1e-13 * size)[:, None, None] * np.eye(n_terms)
    return np.asarray(np.linalg.solve(ridged, right[..., None])[..., 0])


def smoothed_covariance(fit: LogLinear, n: float) -> FloatArray:
    """Return C with C Cᵀ the covariance of the fitted shares of the cells, (n_cells, n_terms); Holland & Thayer (1987).

    With p the shares and B the basis, Σ = diag(p) − ppᵀ, the covariance is ΣB(BᵀΣB)⁻¹BᵀΣ / n.
    """
    share = fit.expected / fit.expected.sum()
    spread = share[:, None] * (fit.basis - share @ fit.basis)
    inner = fit.basis.T @ spread
    size = max(float(np.trace(inner)) / max(len(inner), 1), 1e-300)
    root = np.linalg.cholesky(inner + 1e-12 * size * np.eye(len(inner))) if len(inner) else inner
    return np.asarray(np.linalg.solve(root, spread.T).T / np.sqrt(n))


def fit_table(counts: FloatArray, fits: Sequence[tuple[str, LogLinear]]) -> pl.DataFrame:
    """Return one row a model, to choose among models by; each is compared with the row above.

    model, parameters (terms without the constant), df (cells − terms − 1), lr (2 Σ n ln(n/m)), pearson,
    freeman_tukey (Σ (√n + √(n+1) − √(4m+1))²), cressie_read (9/5 Σ n((n/m)^⅔ − 1)),
    aic and bic (−2 ln L of Poisson counts + 2(terms + 1) or + ln(cells)(terms + 1), as R's glm), caic (lr + (1 + ln N)(terms + 2)),
    change and p (likelihood ratio of the model above against this one, χ²), converged

    counts : (n_cells,)
    """
    from scipy.special import chdtrc, gammaln

    n = counts.reshape(-1)
    rows = []
    above: tuple[float, int] | None = None
    for name, fit in fits:
        m = np.maximum(fit.expected.reshape(-1), 1e-300)
        k, lr = fit.parameters, float(fit.deviance)
        log_likelihood = float((n * np.log(m) - m - gammaln(n + 1)).sum())
        change, steps = (above[0] - lr, k - above[1]) if above else (float("nan"), 0)
        rows.append({
            "model": name, "parameters": k, "df": len(n) - k - 1, "lr": lr,
            "pearson": float(((n - m) ** 2 / m).sum()),
            "freeman_tukey": float(((np.sqrt(n) + np.sqrt(n + 1) - np.sqrt(4 * m + 1)) ** 2).sum()),
            "cressie_read": float(1.8 * (n * ((n / m) ** (2 / 3) - 1)).sum()),
            "aic": -2 * log_likelihood + 2 * (k + 1), "bic": -2 * log_likelihood + float(np.log(len(n))) * (k + 1),
            "caic": lr + (1 + float(np.log(max(n.sum(), 1)))) * (k + 2),
            "change": change, "p": float(chdtrc(steps, max(change, 0.0))) if above and steps > 0 else float("nan"),
            "converged": bool(fit.converged.all()),
        })  # fmt: skip
        above = (lr, k)
    return pl.DataFrame(rows, schema=FIT_SCHEMA)


FIT_SCHEMA: dict[str, type[pl.DataType]] = {
    "model": pl.String, "parameters": pl.Int64, "df": pl.Int64, "lr": pl.Float64, "pearson": pl.Float64,
    "freeman_tukey": pl.Float64, "cressie_read": pl.Float64, "aic": pl.Float64, "bic": pl.Float64,
    "caic": pl.Float64, "change": pl.Float64, "p": pl.Float64, "converged": pl.Boolean,
}  # fmt: skip


def score_fit_table(table: Scores, degrees: Sequence[int] = range(1, 9)) -> pl.DataFrame:
    """Return `fit_table` of polynomial models of these degrees.

    >>> from qbank.analysis.equating.scores import scores
    >>> score_fit_table(scores([0, 1, 2, 3, 4], [2, 9, 14, 8, 3]), [1, 2]).select("model", "parameters", "df").rows()
    [('1', 1, 3), ('2', 2, 2)]
    """
    usable = [degree for degree in degrees if degree < len(table.points)]
    return fit_table(table.counts, [(str(degree), fit_scores(table, degree)) for degree in usable])


