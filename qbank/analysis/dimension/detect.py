"""Conditional covariances of pairs of items, the partition that they suggest, and how much it matters: DETECT."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbank.analysis.arrays import FloatArray, IntArray

MOST_CLUSTERS = 5
# Cells of the table of categories by categories by scores; 4 bytes each.
CELLS = 3e7


@dataclass(frozen=True, slots=True, eq=False)
class Detect:
    """cluster : (k,) from 1 ; detect : 100 times the mean signed conditional covariance, on the persons that made the
    partition ; detect_other : of the same partition on the other persons ; ratio : of detect_other to the mean of its absolute
    values, 1 for simple structure ; assi : mean sign. NaN for fewer than four items."""

    cluster: IntArray
    detect: float
    detect_other: float
    ratio: float
    assi: float


def conditional_covariances(marks: FloatArray, category: IntArray) -> FloatArray:
    """Return the covariance of every pair of items given what persons can, (k, k), NaN on the diagonal.

    marks, category : (n_persons, k), complete. The mean of the covariance given the rest score (total without both items),
    which is too high by the rest score's error, and of that given the total, too low since the items are in it; each
    averaged over scores, weighted by persons (Zhang & Stout 1999, eq. 5). Categories of an item stand for one mark
    (of joined ones their mean), brought to a scale 0 to 1 of the item's marks, and rest scores are ranked in at most 200 steps.
    Cost: persons × items² once, then rest scores × items² for every pair of categories; never pair by pair.

    >>> rng = np.random.default_rng(1)
    >>> z = rng.normal(size=(4000, 1))
    >>> right = (z + rng.normal(size=(4000, 6)) > 0).astype(int)
    >>> right[:, 1] = np.where(rng.random(4000) < 0.6, right[:, 0], right[:, 1])
    >>> found = conditional_covariances(right.astype(float), right)
    >>> bool(np.nanargmax(found) == 1), bool(found[0, 1] > 0.04)
    (True, True)
    """
    _n, k = marks.shape
    width = int(category.max(initial=0)) + 1
    span = np.maximum(np.ptp(marks, axis=0), 1e-12)
    level = np.full((k, width), 0.0)
    for code in range(width):
        chosen = category == code
        counts = chosen.sum(axis=0)
        level[:, code] = (np.where(chosen, marks, 0.0).sum(axis=0) / np.maximum(counts, 1)) / span
    unit = _unit(marks, int(CELLS / max(width * width * k * k, 1)))
    steps = np.round(level * span[:, None] / unit).astype(np.int64)
    own = np.take_along_axis(steps.T, category, axis=0)
    shift = steps.min(axis=1)
    steps = steps - shift[:, None]
    total = (own - shift).sum(axis=1)
    n_scores = int(total.max(initial=0)) + 1
    order = np.argsort(total, kind="stable")
    bounds = np.searchsorted(total[order], np.arange(n_scores + 1))
    joint = np.zeros((width, width, n_scores, k, k), np.float32)
    single = np.zeros((width, n_scores, k))
    for code in range(width):
        chosen = (category[order] == code).astype(np.float32)
        upto = np.concatenate([np.zeros((1, k)), np.cumsum(chosen, axis=0, dtype=float)])
        single[code] = upto[bounds[1:]] - upto[bounds[:-1]]
    for score in np.flatnonzero(np.diff(bounds)).tolist():
        rows = category[order[bounds[score] : bounds[score + 1]]]
        for one in range(1, width):
            left = (rows == one).astype(np.float32)
            for other in range(1, width):
                joint[one, other, score] = left.T @ (rows == other).astype(np.float32)
    for code in range(1, width):
        joint[code, 0] = single[code][:, :, None] - joint[code, 1:].sum(axis=0)
        joint[0, code] = np.swapaxes(joint[code, 0], 1, 2)
    persons = np.diff(bounds).astype(float)
    joint[0, 0] = persons[:, None, None] - joint.sum(axis=(0, 1))
    given_rest, given_total = _averaged(joint, steps, level), _averaged(joint, np.zeros_like(steps), level)
    return np.asarray((given_rest + given_total) / 2)


def _averaged(joint: NDArray[np.float32], steps: IntArray, level: FloatArray) -> FloatArray:
    """Return the mean over rest scores of the covariance of the levels, from counts (width, width, n_scores, k, k) by total."""
    width, _, n_scores, k, _ = joint.shape
    n, first, second, product = (np.zeros((n_scores, k, k)) for _ in range(4))
    for one in range(width):
        for other in range(width):
            counts = _of_rest(joint[one, other], steps[:, one][:, None] + steps[:, other][None, :])
            x, y = level[:, one][:, None], level[:, other][None, :]
            n += counts
            # most items have a category of no marks: nothing is added then
            if x.any():
                first += counts * x
            if y.any():
                second += counts * y
            if x.any() and y.any():
                product += counts * (x * y)
    size = np.maximum(n, 1.0)
    first *= second
    first /= size
    product -= first
    # n/(n − 1) times a covariance; of one person there is none
    weight = size / np.maximum(size - 1, 1)
    weight[n <= 1] = 0.0
    used = np.where(n > 1, n, 0.0).sum(axis=0)
    found = np.where(used > 0, np.einsum("sij,sij->ij", product, weight) / np.where(used > 0, used, 1.0), np.nan)
    np.fill_diagonal(found, np.nan)
    return (found + found.T) / 2


def _of_rest(counts: NDArray[np.float32], lower: IntArray) -> NDArray[np.float32]:
    """Return counts by rest score of counts by total, (n_scores, k, k), whose rest score is that much lower, (k, k)."""
    n_scores, least = len(counts), int(lower.min(initial=0))
    if (lower == least).all():
        moved = np.zeros_like(counts)
        moved[: n_scores - least] = counts[least:]
        return moved if least else counts
    place = np.arange(n_scores)[:, None, None] + lower
    return np.where(place < n_scores, np.take_along_axis(counts, np.minimum(place, n_scores - 1), axis=0), np.float32(0))


def _unit(marks: FloatArray, most: int) -> float:
    """Return the step in which totals are counted: the common step of the marks, or so much of their sum that there are ``most`` steps."""
    levels = np.unique(np.round(marks, 6))
    gaps = np.round(np.diff(np.append(levels, 0.0)[np.argsort(np.append(levels, 0.0))]) * 1000).astype(np.int64)
    gaps = gaps[gaps > 0]
    unit = float(np.gcd.reduce(gaps)) / 1000 if len(gaps) else 1.0
    alike = bool(np.ptp(np.ptp(marks, axis=0)) < 1e-9) and len(levels) == 2
    return unit if alike else max(unit, float(np.ptp(marks, axis=0).sum()) / min(max(most, 20), 200))


def detect(marks: FloatArray, category: IntArray, *, seed: int = 1) -> Detect:
    """Return the DETECT index of the partition that the persons' conditional covariances suggest (Zhang & Stout 1999, eq. 4).

    D = 100 · 2/(k(k−1)) Σ_{i<j} ±cov_ij, + within a cluster, − between. The partition is looked for among two to five clusters:
    Ward's on the covariances, then items moved as long as D rises. Since the best of many partitions is above 0
    by chance, half of the persons (seed) make the partition and the other half give ``detect_other``; Roussos & Ozbek (2006):
    below .2 essentially one dimension, .2 to .4 weakly, .4 to 1 moderately, above 1 strongly several.

    >>> rng = np.random.default_rng(2)
    >>> z = rng.normal(size=(3000, 2))[:, [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]]
    >>> right = (1.5 * z + rng.normal(size=(3000, 10)) > 0).astype(int)
    >>> found = detect(right.astype(float), right)
    >>> found.cluster.tolist(), found.detect_other > 1
    ([1, 1, 1, 1, 1, 2, 2, 2, 2, 2], True)
    """
    n, k = marks.shape
    if k < 4 or n < 20:
        return Detect(np.ones(k, np.int64), np.nan, np.nan, np.nan, np.nan)
    half = np.random.default_rng(seed).permutation(n)
    one, other = half[: n // 2], half[n // 2 :]
    first, second = (conditional_covariances(marks[rows], category[rows]) for rows in (one, other))
    cluster = partition(first)
    made, checked = (index_of(covariance, cluster) for covariance in (first, second))
    return Detect(cluster, made[0], checked[0], checked[1], checked[2])


def index_of(covariance: FloatArray, cluster: IntArray) -> tuple[float, float, float]:
    """Return D, its ratio to the mean absolute covariance (in per cent too) and the mean sign, of a given partition.

    >>> covariance = np.array([[np.nan, 0.02, -0.01], [0.02, np.nan, -0.03], [-0.01, -0.03, np.nan]])
    >>> tuple(round(value, 9) for value in index_of(covariance, np.array([1, 1, 2])))
    (2.0, 1.0, 1.0)
    """
    row, column = np.triu_indices(len(cluster), 1)
    values = covariance[row, column]
    known = np.isfinite(values)
    sign = np.where(cluster[row] == cluster[column], 1.0, -1.0)[known]
    values = values[known]
    if not len(values):
        return np.nan, np.nan, np.nan
    absolute = float(np.abs(values).mean())
    index = float((sign * values).mean())
    return 100 * index, index / absolute if absolute > 0 else np.nan, float((sign * np.sign(values)).mean())


def partition(covariance: FloatArray) -> IntArray:
    """Return the cluster of each item, (k,) from 1 in the order of the items, for which D is highest of those looked at."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    known = np.nan_to_num(covariance)
    k = len(known)
    distance = known.max() - known
    np.fill_diagonal(distance, 0.0)
    tree = linkage(squareform(distance, checks=False), method="average")
    best, top = np.ones(k, np.int64), -np.inf
    for n_clusters in range(2, min(MOST_CLUSTERS, k - 1) + 1):
        start = fcluster(tree, n_clusters, criterion="maxclust").astype(np.int64) - 1
        for begin in (start, np.arange(k) % n_clusters):
            found, value = _moved(known, begin, n_clusters)
            if value > top + 1e-12:
                best, top = found + 1, value
    _, first = np.unique(best, return_index=True)
    names = {int(best[place]): number for number, place in enumerate(np.sort(first), start=1)}
    return np.array([names[int(word)] for word in best], np.int64)


def _moved(covariance: FloatArray, start: IntArray, n_clusters: int) -> tuple[IntArray, float]:
    """Return the partition after moves of single items until none helps, and Σ ±cov over ordered pairs."""
    cluster = start.copy()
    k = len(cluster)
    for _ in range(50 * k):
        member = np.eye(n_clusters)[cluster]
        pull = covariance @ member
        gain = pull - pull[np.arange(k), cluster][:, None]
        item, to = divmod(int(np.argmax(gain)), n_clusters)
        if gain[item, to] <= 1e-12:
            break
        cluster[item] = to
    same = cluster[:, None] == cluster[None, :]
    return cluster, float(np.where(same, covariance, -covariance).sum())
