"""Frequencies of scores, with or without those of an anchor beside them, and their moments."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qbank.analysis.arrays import FloatArray, ratio, read_only

LARGEST_DENOMINATOR = 8
MOST_POINTS = 2000


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Counts of persons at equally spaced score points.

    points : (n_points,), ascending ; counts : (..., n_points), not negative; leading axes are replications
    """

    points: FloatArray
    counts: FloatArray

    @property
    def step(self) -> float:
        return float(self.points[1] - self.points[0]) if len(self.points) > 1 else 1.0

    @property
    def n(self) -> FloatArray:
        return np.asarray(self.counts.sum(axis=-1), float)


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Counts of persons at each pair of a total and an anchor score.

    totals : (n_totals,) ; anchors : (n_anchors,) ; counts : (..., n_totals, n_anchors)
    """

    totals: FloatArray
    anchors: FloatArray
    counts: FloatArray

    @property
    def total(self) -> Scores:
        return Scores(self.totals, self.counts.sum(axis=-1))

    @property
    def anchor(self) -> Scores:
        return Scores(self.anchors, self.counts.sum(axis=-2))

    @property
    def n(self) -> FloatArray:
        return np.asarray(self.counts.sum(axis=(-2, -1)), float)


def scores(points: ArrayLike, counts: ArrayLike) -> Scores:
    """Return the frequency table as a record; raises ValueError where the points are not equally spaced.

    >>> table = scores([0, 0.5, 1], [3, 4, 3])
    >>> table.step, float(table.n)
    (0.5, 10.0)
    """
    at, n = np.array(points, float), np.array(counts, float)
    if at.ndim != 1 or n.shape[-1:] != at.shape or not len(at):
        raise ValueError(f"counts need one value for each of {at.shape} points, found {n.shape}")
    gaps = np.diff(at)
    if len(gaps) and (gaps[0] <= 0 or not np.allclose(gaps, gaps[0], rtol=1e-9)):
        raise ValueError("score points must ascend in equal steps")
    if (n < 0).any():
        raise ValueError("counts must not be negative")
    return Scores(read_only(at), read_only(n))


def score_points(low: float, high: float, step: float = 1.0) -> FloatArray:
    """Return the points low, low + step, … up to high.

    >>> score_points(0, 2, 0.5)
    array([0. , 0.5, 1. , 1.5, 2. ])
    """
    if step <= 0 or high < low:
        raise ValueError("step must be positive and high at least low")
    return np.asarray(low + step * np.arange(round((high - low) / step) + 1), float)


def tabulate(values: ArrayLike, points: ArrayLike) -> Scores:
    """Return how many persons have each score; a score between two points goes to the nearer one.

    values : (n_persons,)

    >>> tabulate([1, 2, 2], [0, 1, 2]).counts
    array([0., 1., 2.])
    """
    at = np.asarray(points, float)
    return scores(at, np.bincount(_places(values, at), minlength=len(at)))


def tabulate_pairs(total: ArrayLike, anchor: ArrayLike, totals: ArrayLike, anchors: ArrayLike) -> Pairs:
    """Return how many persons have each pair of scores.

    total, anchor : (n_persons,)

    >>> tabulate_pairs([1, 2], [0, 1], [0, 1, 2], [0, 1]).counts.sum(axis=0)
    array([1., 1.])
    """
    at, beside = np.asarray(totals, float), np.asarray(anchors, float)
    cell = _places(total, at) * len(beside) + _places(anchor, beside)
    counts = np.bincount(cell, minlength=len(at) * len(beside)).astype(float)
    return Pairs(at, beside, counts.reshape(len(at), len(beside)))


def _places(values: ArrayLike, points: FloatArray) -> NDArray[np.intp]:
    given = np.asarray(values, float).reshape(-1)
    if len(points) < 2:
        return np.zeros(len(given), np.intp)
    place = np.floor((given - points[0]) / (points[1] - points[0]) + 0.5 + 1e-9)
    if len(given) and not np.isfinite(place).all():
        raise ValueError("scores must be finite")
    return np.asarray(np.clip(place, 0, len(points) - 1), np.intp)


def common_step(values: ArrayLike) -> float:
    """Return the largest of 1, 1/2, … 1/8 of which every value is a multiple, else 1/2 (values are then rounded).

    >>> common_step([1, 2.5]), common_step([3.0]), common_step([1 / 3, 0.123])
    (0.5, 1.0, 0.5)
    """
    distinct = np.unique(np.asarray(values, float).reshape(-1))
    distinct = distinct[np.isfinite(distinct)]
    exact = [Fraction(float(value)).limit_denominator(LARGEST_DENOMINATOR) for value in distinct]
    fits = all(abs(float(part) - value) < 1e-6 for part, value in zip(exact, distinct, strict=True))
    whole = lcm(*(part.denominator for part in exact)) if exact else 1
    return 1.0 / whole if fits and whole <= LARGEST_DENOMINATOR else 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Moments of a score, shape (...,): variance with n − 1; skew m₃/s³ and kurtosis m₄/s⁴, m with n and s with n − 1.

    Of normal scores the skew is 0 and the kurtosis 3.
    """

    n: FloatArray
    mean: FloatArray
    variance: FloatArray
    skew: FloatArray
    kurtosis: FloatArray

    @property
    def sd(self) -> FloatArray:
        return np.asarray(np.sqrt(self.variance))


def moments(table: Scores) -> Moments:
    """Return the moments of a frequency table.

    >>> found = moments(scores([0, 1, 2], [1, 2, 1]))
    >>> float(found.mean), round(float(found.variance), 4), round(float(found.kurtosis), 4)
    (1.0, 0.6667, 1.125)
    """
    n = table.n
    mean = ratio(table.counts @ table.points, n)
    off = table.points - mean[..., None]
    second, third, fourth = (ratio((table.counts * off**power).sum(axis=-1), n) for power in (2, 3, 4))
    variance = np.asarray(second * ratio(n, np.where(n > 1, n - 1, 0.0)))
    return Moments(n, mean, variance, ratio(third, variance**1.5), ratio(fourth, variance**2))


@dataclass(frozen=True, slots=True, eq=False)
class JointMoments:
    """Means, variances and covariance (n − 1) of total X and anchor V in one group, shape (...,)."""

    n: FloatArray
    mean_x: FloatArray
    mean_v: FloatArray
    variance_x: FloatArray
    covariance: FloatArray
    variance_v: FloatArray


def joint_moments(pairs: Pairs) -> JointMoments:
    """Return the moments that linear equating with an anchor needs.

    >>> pairs = tabulate_pairs([1, 2, 3], [0, 1, 2], [0, 1, 2, 3], [0, 1, 2])
    >>> float(joint_moments(pairs).covariance)
    1.0
    """
    n = pairs.n
    by_total, by_anchor = pairs.counts.sum(axis=-1), pairs.counts.sum(axis=-2)
    mean_x, mean_v = ratio(by_total @ pairs.totals, n), ratio(by_anchor @ pairs.anchors, n)
    x, v = pairs.totals - mean_x[..., None], pairs.anchors - mean_v[..., None]
    free = np.where(n > 1, n - 1, 0.0)
    together = np.einsum("...xv,...x,...v->...", pairs.counts, x, v)
    return JointMoments(
        n, mean_x, mean_v, ratio((by_total * x**2).sum(axis=-1), free), ratio(together, free),
        ratio((by_anchor * v**2).sum(axis=-1), free),
    )  # fmt: skip
