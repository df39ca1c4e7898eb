"""A test of one dimension: do the items of one cluster go together more than the rest of the paper explains?"""

from __future__ import annotations

import numpy as np

from qbank.analysis.arrays import FloatArray, IntArray

LEAST_GROUP = 10


def dimtest(
    right: IntArray, cluster: IntArray, *, seed: int = 1, replications: int = 30
) -> tuple[float, float]:
    """Return a statistic in the manner of DIMTEST and its one-sided probability, standard normal under one dimension.

    right : (n_persons, k), 0 and 1, of persons who did not choose the cluster ; cluster : (k,) True for the assessment
    items, the others (the partitioning items) make the groups.
    In every group of equal partitioning score the variance of the assessment score is held against the sum of the item
    variances (twice the sum of the covariances), standardised and summed: T_L (Stout 1987, eq. 8 to 11). What the shortness of
    the partitioning score brings by itself is taken off by answers simulated from the items' smoothed curves on it:
    T = (T_L − mean T_G)/√(1 + 1/N) (Stout, Froelich & Gao 2001). NaN with fewer than three items on either side or fewer than
    two groups of ten.

    >>> rng = np.random.default_rng(3)
    >>> z = rng.normal(size=(2000, 2))[:, [0] * 12 + [1] * 6]
    >>> right = (1.2 * z + rng.normal(size=(2000, 18)) > 0).astype(int)
    >>> dimtest(right, np.arange(18) >= 12)[0] > 3
    True
    """
    from scipy.special import ndtr

    if cluster.sum() < 3 or (~cluster).sum() < 3 or not len(right):
        return np.nan, np.nan
    groups = right[:, ~cluster].sum(axis=1)
    assessed = right[:, cluster]
    observed = _stout(assessed, groups)
    if not np.isfinite(observed):
        return np.nan, np.nan
    rng = np.random.default_rng(seed)
    ability = _spread(groups, int((~cluster).sum()))
    curves = [_smooth(right[:, part], groups, int((~cluster).sum())) for part in (cluster, ~cluster)]
    drawn = []
    for _ in range(replications):
        true = ability[rng.integers(0, len(ability), len(right))]
        again = [rng.random((len(right), curve.shape[1])) < curve[true] for curve in curves]
        drawn.append(_stout(again[0].astype(np.int64), again[1].sum(axis=1)))
    known = np.array([value for value in drawn if np.isfinite(value)])
    if len(known) < 2:
        return np.nan, np.nan
    t = float((observed - known.mean()) / np.sqrt(1 + 1 / len(known)))
    return t, float(ndtr(-t))


def _stout(assessed: IntArray, groups: IntArray) -> float:
    values = []
    for group in np.unique(groups).tolist():
        rows = assessed[groups == group].astype(float)
        n = len(rows)
        if n < LEAST_GROUP:
            continue
        p = rows.mean(axis=0)
        score = rows.sum(axis=1)
        off = score - score.mean()
        variance, alone = float((off @ off) / n), float((p * (1 - p)).sum())
        fourth = float((off**4).mean())
        third = float((p * (1 - p) * (1 - 2 * p) ** 2).sum())
        mixed = float((1 - 2 * p) @ ((rows - p) * (off**2)[:, None]).mean(axis=0))
        error = np.sqrt(max((fourth - variance**2 + third - 2 * mixed) / n, 0.0))
        if error > 1e-12:
            values.append((variance - alone) / error)
    return float(np.sum(values) / np.sqrt(len(values))) if len(values) > 1 else np.nan


def _smooth(right: IntArray, groups: IntArray, n_items: int) -> FloatArray:
    """Return each item's share right at every partitioning score, (n_items + 1, n), by a normal kernel."""
    score = np.arange(n_items + 1)
    counts = np.bincount(groups, minlength=n_items + 1).astype(float)
    sums = np.stack([np.bincount(groups, weights=column, minlength=n_items + 1) for column in right.T], axis=1)
    width = max(1.1 * float(groups.std()) * max(len(groups), 2) ** -0.2, 0.5)
    kernel = np.exp(-0.5 * ((score[:, None] - score[None, :]) / width) ** 2)
    return np.asarray((kernel @ sums) / np.maximum(kernel @ counts, 1e-12)[:, None])


def _spread(groups: IntArray, n_items: int) -> IntArray:
    """Return scores with the spread of true ones: each drawn towards the mean by the root of KR-21's reliability."""
    mean, variance = float(groups.mean()), float(groups.var())
    if not variance > 0:
        return groups
    kr21 = n_items / max(n_items - 1, 1) * (1 - mean * (n_items - mean) / (n_items * variance))
    drawn = mean + np.sqrt(np.clip(kr21, 0.0, 1.0)) * (groups - mean)
    return np.asarray(np.clip(np.round(drawn), 0, n_items), np.int64)
