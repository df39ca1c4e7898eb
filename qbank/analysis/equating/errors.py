"""Standard errors of equating by the delta method (K&B 2014, chapter 7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from qbank.analysis.arrays import FloatArray, ratio
from qbank.analysis.equating.linear import Line, Synthetic, linear_equating
from qbank.analysis.equating.scores import JointMoments, Moments, Pairs, joint_moments

Kind = Literal["general", "normal"]
_STEP = 1e-30


def mean_error(new: Moments, base: Moments) -> FloatArray:
    """Return the standard error of mean equating with equivalent groups, √(σ²(X)/n + σ²(Y)/m).

    >>> from qbank.analysis.equating.scores import moments, scores
    >>> side = moments(scores([0, 1, 2], [25, 50, 25]))
    >>> round(float(mean_error(side, side)), 4)
    0.1005
    """
    return np.asarray(np.sqrt(ratio(new.variance, new.n) + ratio(base.variance, base.n)))


def linear_errors(x: ArrayLike, new: Moments, base: Moments, kind: Kind = "general") -> FloatArray:
    """Return the standard errors of linear equating with equivalent groups, (n_x,); Braun & Holland (1982).

    σ²(Y) {1/n + 1/m + [sk(X)/n + sk(Y)/m] z + [(ku(X) − 1)/4n + (ku(Y) − 1)/4m] z²}, z = (x − μ(X))/σ(X); K&B eq. 7.10.
    kind : ``normal`` puts skew 0 and kurtosis 3 (eq. 7.11)
    """
    z = ratio(np.asarray(x, float) - new.mean, new.sd)
    n, m = new.n, base.n
    skew_x, skew_y, ku_x, ku_y = (
        (new.skew, base.skew, new.kurtosis, base.kurtosis) if kind == "general" else (0.0, 0.0, 3.0, 3.0)
    )
    inner = (
        ratio(1.0, n) + ratio(1.0, m)
        + (ratio(skew_x, n) + ratio(skew_y, m)) * z
        + (ratio(ku_x - 1.0, 4 * n) + ratio(ku_y - 1.0, 4 * m)) * z**2
    )  # fmt: skip
    return np.asarray(base.sd * np.sqrt(np.maximum(inner, 0.0)))


Method = Callable[[JointMoments, JointMoments], Line | Synthetic]


def anchor_errors(
    x: ArrayLike,
    method: Method,
    new: Pairs,
    base: Pairs,
    kind: Kind = "general",
    line: Callable[[Synthetic], Line] = linear_equating,
) -> FloatArray:
    """Return the standard errors of a line that is a function of both groups' moments, (n_x,).

    method : moments of both groups → the line, or the synthetic moments of which ``line`` makes one
    Delta method: the gradient over the ten moments (complex step, exact) times their covariance, which is that of the
    sample (``general``: Zu & Yuan 2012) or of bivariate normal scores (``normal``: Kolen 1985 for Tucker, Hanson 1991
    for Levine). The gradient is taken at moments with n, the line at variances with n − 1.

    >>> from qbank.analysis.equating.linear import chained_linear
    >>> pairs = Pairs(np.arange(3.0), np.arange(2.0), np.array([[20.0, 5.0], [10.0, 10.0], [5.0, 20.0]]))
    >>> anchor_errors([0.0, 1.0], chained_linear, pairs, pairs).round(4)
    array([0.1516, 0.1418])
    """
    at = np.asarray(x, float)
    one, two = joint_moments(new), joint_moments(base)
    found = method(one, two)
    groups = (_with_n(one), _with_n(two))
    variance = np.zeros(at.shape)
    for number, pairs in enumerate((new, base)):
        gradient = np.empty((len(_MOVING), *at.shape))
        for row, name in enumerate(_MOVING):
            moved = method(*(_moved(group, name if place == number else "") for place, group in enumerate(groups)))
            straight = moved if isinstance(moved, Line) else line(_carried(found, moved))
            gradient[row] = np.imag(np.asarray(straight.slope) * at + np.asarray(straight.intercept)) / _STEP
        variance = variance + np.einsum("ax,ab,bx->x", gradient, moment_covariance(pairs, kind), gradient)
    return np.asarray(np.sqrt(np.maximum(variance, 0.0)))


_MOVING = ("mean_x", "mean_v", "variance_x", "covariance", "variance_v")


def _with_n(group: JointMoments) -> JointMoments:
    share = ratio(group.n - 1, group.n)
    second = (np.asarray(share * part) for part in (group.variance_x, group.covariance, group.variance_v))
    return JointMoments(group.n, group.mean_x, group.mean_v, *second)


def _moved(group: JointMoments, name: str) -> JointMoments:
    """Return the moments with an infinitesimal imaginary part at the one named."""
    return replace(group, **({name: np.asarray(getattr(group, name) + 1j * _STEP)} if name else {}))


def _carried(found: Line | Synthetic, moved: Synthetic) -> Synthetic:
    """Return the synthetic moments of the sample with the derivatives of those that were moved."""
    names = ("mean_x", "variance_x", "mean_y", "variance_y")
    return replace(moved, **{name: np.asarray(getattr(found, name) + 1j * np.imag(getattr(moved, name))) for name in names})


def moment_covariance(pairs: Pairs, kind: Kind = "general") -> FloatArray:
    """Return the sampling covariance of (mean X, mean V, variance X, covariance, variance V), (5, 5)."""
    n = float(pairs.n)
    share = pairs.counts / n
    found = _with_n(joint_moments(pairs))
    a, c, b = float(found.variance_x), float(found.covariance), float(found.variance_v)
    if kind == "general":
        x = (pairs.totals - found.mean_x)[:, None] + np.zeros_like(share)
        v = (pairs.anchors - found.mean_v)[None, :] + np.zeros_like(share)
        parts = np.array([x, v, x * x - a, x * v - c, v * v - b]).reshape(5, -1)
        return np.asarray((parts * share.reshape(-1)) @ parts.T / n)
    second = [[2 * a * a, 2 * a * c, 2 * c * c], [2 * a * c, a * b + c * c, 2 * b * c], [2 * c * c, 2 * b * c, 2 * b * b]]
    out = np.zeros((5, 5))
    out[:2, :2] = [[a, c], [c, b]]
    out[2:, 2:] = second
    return out / n
