"""Of an item with ordered marks and a score: the correlation of what stands behind the marks with the score."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from qbank.analysis.arrays import FloatArray, column_correlation, ratio

CODES = 60
STEPS = 40


def polyserial(marks: ArrayLike, criterion: ArrayLike) -> FloatArray:
    """Return the two-step polyserial correlation of each column of marks with its criterion, (n_items,).

    marks, criterion : (n_persons, n_items), NaN not seen. ρ = r·s_x / Σ φ(τ_c)·(x_{c+1} − x_c), r Pearson's, s_x with n,
    the levels x_c being the marks that occurred and τ_c the normal quantiles of their cumulative shares
    (Olsson, Drasgow & Dorans 1982, eq. 22). Of right/wrong items it is the biserial correlation. It may exceed 1.

    >>> polyserial([[0.0], [0.0], [1.0], [1.0]], [[1.0], [2.0], [2.0], [3.0]]).round(6).tolist()
    [0.886227]
    """
    from scipy.special import ndtri

    x, y = np.asarray(marks, float), np.asarray(criterion, float)
    seen = np.isfinite(x) & np.isfinite(y)
    r = column_correlation(np.where(seen, x, 0.0), np.where(seen, y, 0.0), seen)
    ordinates, spread = np.full(x.shape[1], np.nan), np.full(x.shape[1], np.nan)
    for item in range(x.shape[1]):
        levels, counts = np.unique(np.round(x[seen[:, item], item], 9), return_counts=True)
        if len(levels) > 1:
            share = np.cumsum(counts)[:-1] / counts.sum()
            ordinates[item] = np.exp(-0.5 * ndtri(share) ** 2) @ np.diff(levels) / np.sqrt(2 * np.pi)
            mean = counts @ levels / counts.sum()
            spread[item] = np.sqrt(counts @ (levels - mean) ** 2 / counts.sum())
    return ratio(r * spread, ordinates)


def polyserial_ml(marks: ArrayLike, criterion: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return the maximum-likelihood polyserial correlation of each column and its standard error, each (n_items,).

    As `polyserial`; ρ and all thresholds maximise the likelihood of the category given the standardised criterion,
    P(x ≤ c | z) = Φ((τ_c − ρz)/√(1 − ρ²)) (Olsson, Drasgow & Dorans 1982, eq. 12): an ordered probit of the item on z
    with slope ρ/√(1 − ρ²), solved by Newton's method; the standard error comes from its information. NaN without
    variation, or where the marks are perfectly ordered by the criterion (no finite maximum).
    Cost: per item a few passes over its persons; persons with equal criterion and marks are taken together.

    >>> rng = np.random.default_rng(3)
    >>> z = rng.normal(size=4000)
    >>> marks = np.digitize(0.6 * z + 0.8 * rng.normal(size=4000), [-0.5, 0.8]).astype(float)
    >>> rho, error = polyserial_ml(marks[:, None], z[:, None])
    >>> abs(float(rho[0]) - 0.6) < 3 * float(error[0])
    True
    """
    x, y = np.asarray(marks, float), np.asarray(criterion, float)
    found = [_probit(x[:, item], y[:, item]) for item in range(x.shape[1])]
    return np.array([rho for rho, _ in found]), np.array([error for _, error in found])


def _probit(marks: FloatArray, criterion: FloatArray) -> tuple[float, float]:
    """Return ρ and its standard error from the ordered probit of one item on its standardised criterion."""
    nothing = (float("nan"), float("nan"))
    seen = np.isfinite(marks) & np.isfinite(criterion)
    if seen.sum() < 3 or np.ptp(criterion[seen]) < 1e-12:
        return nothing
    levels, category = np.unique(np.round(marks[seen], 9), return_inverse=True)
    width = len(levels)
    if width < 2 or width > CODES:
        return nothing
    z = (criterion[seen] - criterion[seen].mean()) / criterion[seen].std()
    points, point = np.unique(np.round(z, 9), return_inverse=True)
    counts = np.bincount(point.reshape(-1) * width + category.reshape(-1), minlength=len(points) * width)
    table = counts.reshape(len(points), width).astype(float)
    return _ascend(points, table)


def _ascend(points: FloatArray, table: FloatArray) -> tuple[float, float]:
    from scipy.special import ndtri

    n = table.sum()
    cuts = ndtri(np.cumsum(table.sum(axis=0))[:-1] / n)
    value = np.concatenate([cuts, [0.0]])
    best, gradient, information = _likelihood(value, points, table)
    for _ in range(STEPS):
        step = np.linalg.lstsq(information, gradient, rcond=None)[0]
        size = 1.0
        while size > 1e-6:
            tried = value + size * step
            ordered = bool((np.diff(tried[:-1]) > 0).all())
            found = _likelihood(tried, points, table) if ordered else None
            if found is not None and found[0] >= best - 1e-12 * abs(best):
                break
            size /= 2
        if size <= 1e-6 or found is None:
            break
        value, (best, gradient, information) = tried, found
        if float(np.abs(size * step).max()) < 1e-9:
            break
    slope = float(value[-1])
    if abs(slope) > 50:
        return float("nan"), float("nan")
    rho = slope / np.sqrt(1 + slope * slope)
    variance = float(np.linalg.pinv(information)[-1, -1])
    return float(rho), float(np.sqrt(max(variance, 0.0)) * (1 + slope * slope) ** -1.5)


def _likelihood(value: FloatArray, points: FloatArray, table: FloatArray) -> tuple[float, FloatArray, FloatArray]:
    """Return log likelihood, gradient and expected information of thresholds and slope."""
    from scipy.special import ndtr

    cuts, slope = value[:-1], value[-1]
    at = cuts - slope * points[:, None]
    upto, density = ndtr(at), np.exp(-0.5 * at * at) / np.sqrt(2 * np.pi)
    edge = np.zeros((len(points), 1))
    share = np.maximum(np.diff(np.concatenate([edge, upto, edge + 1], axis=1), axis=1), 1e-300)
    n_cuts, width = len(cuts), share.shape[1]
    slopes = np.zeros((n_cuts + 1, len(points), width))
    for cut in range(n_cuts):
        slopes[cut, :, cut] = density[:, cut]
        slopes[cut, :, cut + 1] = -density[:, cut]
    slopes[-1] = -points[:, None] * slopes[:-1].sum(axis=0)
    gradient = np.einsum("pab,ab->p", slopes, table / share)
    weight = table.sum(axis=1)[:, None] / np.maximum(share, 1e-12)
    information = np.einsum("pab,qab,ab->pq", slopes, slopes, weight)
    return float((table * np.log(share)).sum()), gradient, information
