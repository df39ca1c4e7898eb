"""Equating by a straight line: groups that are equivalent, and groups that share an anchor.

X is the new paper, taken by group 1; Y the base paper, taken by group 2; V the anchor, taken by both. Kolen & Brennan
(2014), Test Equating, Scaling, and Linking, chapters 2 and 4. All functions take leading axes (replications).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qbank.analysis.arrays import FloatArray
from qbank.analysis.equating.scores import JointMoments, Moments


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """The straight line y = slope·x + intercept, each of shape (...,)."""

    slope: FloatArray
    intercept: FloatArray

    def __call__(self, x: ArrayLike) -> FloatArray:
        """Return the equated scores, (..., n_x)."""
        at = np.asarray(x, float)
        return np.asarray(np.asarray(self.slope)[..., None] * at + np.asarray(self.intercept)[..., None])


@dataclass(frozen=True, slots=True, eq=False)
class Synthetic:
    """Both papers in the synthetic population w·group 1 + (1 − w)·group 2, arrays (...,).

    gamma_1, gamma_2 : slopes of X on V and of Y on V by which a group's missing paper was inferred
    """

    mean_x: FloatArray
    variance_x: FloatArray
    mean_y: FloatArray
    variance_y: FloatArray
    gamma_1: FloatArray
    gamma_2: FloatArray
    weight: FloatArray


def identity_line() -> Line:
    """Return y = x: papers taken to be equally difficult."""
    return Line(np.array(1.0), np.array(0.0))


def general_linear(
    centre_x: ArrayLike, scale_x: ArrayLike, centre_y: ArrayLike, scale_y: ArrayLike
) -> Line:
    """Return the line through (centre_x, centre_y) with slope scale_y / scale_x; Albano (2015), general linear.

    Identity, mean and linear equating are its cases: any centre (a mean, a cut, full marks) and any scale.

    >>> line = general_linear(20, 8, 19, 9)
    >>> float(line.slope), float(line.intercept)
    (1.125, -3.5)
    """
    middle_x, bottom, middle_y, top = (np.asarray(part) for part in (centre_x, scale_x, centre_y, scale_y))
    slope = top / np.where(bottom == 0, np.nan, bottom)
    return Line(np.asarray(slope), np.asarray(middle_y - slope * middle_x))


def mean_equating(new: Moments | Synthetic, base: Moments | None = None) -> Line:
    """Return y = x − μ(X) + μ(Y); K&B (2014), eq. 2.13 (equivalent groups) or in the synthetic population.

    >>> from qbank.analysis.equating.scores import moments, scores
    >>> float(mean_equating(moments(scores([0, 1], [1, 1])), moments(scores([0, 1], [1, 3]))).intercept)
    0.25
    """
    mean_x, _, mean_y, _ = _ends(new, base)
    return general_linear(mean_x, np.ones_like(mean_x), mean_y, np.ones_like(mean_x))


def linear_equating(new: Moments | Synthetic, base: Moments | None = None) -> Line:
    """Return y = σ(Y)/σ(X)·(x − μ(X)) + μ(Y); K&B (2014), eq. 2.22, in the synthetic population eq. 4.1.

    >>> from qbank.analysis.equating.scores import moments, scores
    >>> same = moments(scores([0, 1, 2], [1, 2, 3]))
    >>> float(linear_equating(same, same).slope)
    1.0
    """
    mean_x, variance_x, mean_y, variance_y = _ends(new, base)
    return general_linear(mean_x, np.sqrt(variance_x), mean_y, np.sqrt(variance_y))


def _ends(new: Moments | Synthetic, base: Moments | None) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    if isinstance(new, Synthetic):
        return new.mean_x, new.variance_x, new.mean_y, new.variance_y
    if base is None:
        raise ValueError("moments of the base paper are missing")
    return new.mean, new.variance, base.mean, base.variance


def synthetic(
    new: JointMoments, base: JointMoments, gamma_1: ArrayLike, gamma_2: ArrayLike, weight: float | None = None
) -> Synthetic:
    """Return the moments in the synthetic population, given the slopes; K&B (2014), eq. 4.17–4.20.

    weight : of group 1; None: its share of the persons
    """
    g1, g2 = np.asarray(gamma_1), np.asarray(gamma_2)
    w1 = np.asarray(new.n / (new.n + base.n) if weight is None else np.full_like(new.n, weight))
    w2 = 1 - w1
    ability = new.mean_v - base.mean_v
    spread = new.variance_v - base.variance_v
    return Synthetic(
        mean_x=np.asarray(new.mean_x - w2 * g1 * ability),
        variance_x=np.asarray(new.variance_x - w2 * g1**2 * spread + w1 * w2 * g1**2 * ability**2),
        mean_y=np.asarray(base.mean_x + w1 * g2 * ability),
        variance_y=np.asarray(base.variance_x + w1 * g2**2 * spread + w1 * w2 * g2**2 * ability**2),
        gamma_1=g1, gamma_2=g2, weight=w1,
    )  # fmt: skip


def tucker(new: JointMoments, base: JointMoments, weight: float | None = None) -> Synthetic:
    """Return Tucker's synthetic moments: slopes σ(X,V)/σ²(V); K&B (2014), eq. 4.21 and 4.22.

    Takes the regression of the paper on the anchor to be the same in both groups; for groups that are alike.
    """
    return synthetic(new, base, _over(new.covariance, new.variance_v), _over(base.covariance, base.variance_v), weight)


def levine(
    new: JointMoments, base: JointMoments, weight: float | None = None, *, internal: bool = True
) -> Synthetic:
    """Return Levine's observed-score synthetic moments; K&B (2014), eq. 4.53 (internal) and 4.59 (external anchor).

    Slopes σ²(X)/σ(X,V), or (σ²(X) + σ(X,V)) / (σ²(V) + σ(X,V)) where anchor marks do not count in the total. Takes
    true scores of paper and anchor to be perfectly related; for groups that differ.
    """
    return synthetic(new, base, levine_slope(new, internal=internal), levine_slope(base, internal=internal), weight)


def levine_slope(group: JointMoments, *, internal: bool = True) -> FloatArray:
    """Return the ratio of true-score standard deviations of paper and anchor under classical congeneric scores."""
    if internal:
        return _over(group.variance_x, group.covariance)
    return _over(group.variance_x + group.covariance, group.variance_v + group.covariance)


def nominal_weights(
    new: JointMoments, base: JointMoments, ratio_new: float, ratio_base: float, weight: float | None = None
) -> Synthetic:
    """Return synthetic moments with the ratios of full marks, paper over anchor, as slopes; Babcock et al. (2012).

    For small groups, where a slope estimated from the data is noise.
    """
    return synthetic(new, base, np.array(ratio_new), np.array(ratio_base), weight)


def levine_true(new: JointMoments, base: JointMoments, *, internal: bool = True) -> Line:
    """Return Levine's true-score line; K&B (2014), eq. 4.66: y = (γ₂/γ₁)(x − μ₁(X)) + μ₂(Y) + γ₂(μ₁(V) − μ₂(V))."""
    g1, g2 = levine_slope(new, internal=internal), levine_slope(base, internal=internal)
    slope = _over(g2, g1)
    level = base.mean_x + g2 * (new.mean_v - base.mean_v)
    return Line(slope, np.asarray(level - slope * new.mean_x))


def chained_linear(new: JointMoments, base: JointMoments) -> Line:
    """Return the line X → V in group 1, then V → Y in group 2; K&B (2014), p. 119."""
    first = general_linear(new.mean_x, np.sqrt(new.variance_x), new.mean_v, np.sqrt(new.variance_v))
    second = general_linear(base.mean_v, np.sqrt(base.variance_v), base.mean_x, np.sqrt(base.variance_x))
    return Line(np.asarray(first.slope * second.slope), np.asarray(second.slope * first.intercept + second.intercept))


def chained_mean(new: JointMoments, base: JointMoments) -> Line:
    """Return y = x − μ₁(X) + μ₁(V) − μ₂(V) + μ₂(Y): a mark on the anchor taken for a mark on the paper."""
    shift = np.asarray(base.mean_x - new.mean_x + new.mean_v - base.mean_v)
    return Line(np.ones_like(shift), shift)


def _over(top: FloatArray, bottom: FloatArray) -> FloatArray:
    """Return the quotient, NaN over 0; values may be complex (derivatives by a complex step)."""
    return np.asarray(top / np.where(bottom == 0, np.nan, bottom))
