"""Cubic-spline postsmoothing of equipercentile equivalents; Kolen (1984), Kolen & Brennan (2014), section 3.3."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from qbank.analysis.arrays import BoolArray, FloatArray
from qbank.analysis.equating.equipercentile import equipercentile, percentile_rank
from qbank.analysis.equating.influence import lord_errors
from qbank.analysis.equating.scores import Scores


def spline_operator(new: Scores, base: Scores, s: float, x: FloatArray) -> Callable[[FloatArray], FloatArray]:
    """Return what smooths equipercentile equivalents (…, n_points) and reads the curve at x, (…, n_x), as for these tables.

    Knots, weights and softness are those that `postsmoothed` chooses for new → base; with them smoothing is linear.
    """
    at, within, errors = _smoothed_part(new, base, (0.005, 0.995))
    knots = at[within]
    smooth = np.eye(len(knots))
    if len(knots) >= 3 and s > 0:
        smooth = _matrix(knots, errors[within], softness(knots, equipercentile(new, base)[within], errors[within], s))
    ends, levels = _outer(new), _outer(base)
    every = np.concatenate([[ends[0]], knots, [ends[1]]])
    read = np.column_stack([natural_or_line(every, unit, x) for unit in np.eye(len(every))])

    def apply(y: FloatArray) -> FloatArray:
        values = y[..., within] @ smooth.T
        fixed = read[:, 0] * levels[0] + read[:, -1] * levels[1]
        return np.asarray(values @ read[:, 1:-1].T + fixed)

    return apply


def softness(x: FloatArray, y: FloatArray, errors: FloatArray, s: float) -> float:
    """Return the softness u of [0, 1] that `smoothing_spline` takes: the largest with Σ((value − y)/error)² / n ≤ s."""
    spread = np.maximum(errors, 1e-6)

    def distance(u: float) -> float:
        return float((((_matrix(x, errors, u) @ y - y) / spread) ** 2).mean())

    if distance(1.0) <= s:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if distance(middle) <= s else (low, middle)
    return low


def _matrix(x: FloatArray, errors: FloatArray, u: float) -> FloatArray:
    """Return the matrix of the smoother: values = y − u D²Q (u Q'D²Q + (1 − u) R)⁻¹ Q'y."""
    spread = np.maximum(errors, 1e-6)
    q, r = _bands(x)
    scaled = spread[:, None] ** 2 * q
    return np.asarray(np.eye(len(x)) - u * scaled @ np.linalg.solve(u * (q.T @ scaled) + (1 - u) * r, q.T))


def smoothing_spline(x: ArrayLike, y: ArrayLike, errors: ArrayLike, s: float) -> FloatArray:
    """Return the smoothest values with Σ((value − y)/error)² / n ≤ s, (n,); Reinsch (1967), K&B (2014), eq. 3.11.

    x : ascending, equally spaced or not ; s : 0 leaves everything as it is, a large one gives a straight line

    >>> smoothing_spline([0, 1, 2, 3], [0, 1.2, 1.8, 3], [1, 1, 1, 1], 10.0).round(2) + 0
    array([0.06, 1.02, 1.98, 2.94])
    """
    at, given = np.asarray(x, float), np.asarray(y, float)
    if len(at) < 3 or s <= 0:
        return given.copy()
    spread = np.maximum(np.asarray(errors, float), 1e-6)
    q, r = _bands(at)
    scaled = spread[:, None] ** 2 * q
    inner, right = q.T @ scaled, q.T @ given

    def values(softness: float) -> FloatArray:
        # softness u of [0, 1]: 0 the data, 1 the line; (u Q'D²Q + (1 − u) R) c = Q'y, value = y − u D²Qc
        c = np.linalg.solve(softness * inner + (1 - softness) * r, right)
        return np.asarray(given - softness * (scaled @ c))

    def distance(found: FloatArray) -> float:
        return float((((found - given) / spread) ** 2).mean())

    line = values(1.0)
    if distance(line) <= s:
        return line
    low, high = 0.0, 1.0
    for _ in range(200):
        middle = (low + high) / 2
        if distance(values(middle)) <= s:
            low = middle
        else:
            high = middle
    return values(low)


def _bands(at: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return Q (n, n − 2), second differences, and R (n − 2, n − 2), of the natural spline; Green & Silverman (1994), 2.1."""
    n, h = len(at), np.diff(at)
    q, r = np.zeros((n, n - 2)), np.zeros((n - 2, n - 2))
    for j in range(n - 2):
        q[j, j], q[j + 1, j], q[j + 2, j] = 1 / h[j], -1 / h[j] - 1 / h[j + 1], 1 / h[j + 1]
        r[j, j] = (h[j] + h[j + 1]) / 3
        if j + 1 < n - 2:
            r[j, j + 1] = r[j + 1, j] = h[j + 1] / 6
    return q, r


def natural_spline(knots: ArrayLike, values: ArrayLike, x: ArrayLike) -> FloatArray:
    """Return the natural cubic spline through the values at x, (n_x,); a straight line beyond the knots."""
    at, level, asked = np.asarray(knots, float), np.asarray(values, float), np.asarray(x, float)
    if len(at) < 3:
        return np.asarray(np.interp(asked, at, level))
    q, r = _bands(at)
    bend = np.concatenate([[0.0], np.linalg.solve(r, q.T @ level), [0.0]])
    h = np.diff(at)
    inside = np.clip(asked, at[0], at[-1])
    cell = np.clip(np.searchsorted(at, inside, side="right") - 1, 0, len(at) - 2)
    left, right, wide = inside - at[cell], at[cell + 1] - inside, h[cell]
    curve = (left * level[cell + 1] + right * level[cell]) / wide - left * right / 6 * (
        (1 + left / wide) * bend[cell + 1] + (1 + right / wide) * bend[cell]
    )
    first = (level[1] - level[0]) / h[0] - h[0] / 6 * bend[1]
    last = (level[-1] - level[-2]) / h[-1] + h[-1] / 6 * bend[-2]
    return np.asarray(curve + first * np.minimum(asked - at[0], 0) + last * np.maximum(asked - at[-1], 0))


def postsmoothed(new: Scores, base: Scores, s: float = 0.3, *, ranks: tuple[float, float] = (0.005, 0.995)) -> FloatArray:
    """Return equipercentile equivalents smoothed by cubic splines in both directions and averaged, (n_points,).

    s : between 0 and 1 in practice (Kolen 1984 tried .05 to 1) ; ranks : the spline is fitted between these percentile
    ranks, beyond them a straight line runs to half a step outside full marks (K&B eq. 3.13). Each value is weighted by
    its standard error (Lord 1982). The average of X → Y and the inverse of Y → X makes it symmetric (eq. 3.14).

    >>> from qbank.analysis.equating.scores import scores
    >>> side = scores([0, 1, 2, 3, 4], [2, 9, 14, 8, 3])
    >>> postsmoothed(side, side).round(6) + 0
    array([0., 1., 2., 3., 4.])
    """
    forward = _one_way(new, base, s, ranks)
    knots, values = _one_way(base, new, s, ranks)
    backward = _inverted(knots, values, new.points)
    return np.asarray((natural_or_line(*forward, new.points) + backward) / 2)


def natural_or_line(knots: FloatArray, values: FloatArray, x: FloatArray) -> FloatArray:
    """Return the curve at x: a natural spline between the second and the last but one knot, straight to the outer two."""
    inner = natural_spline(knots[1:-1], values[1:-1], x) if len(knots) > 3 else np.interp(x, knots, values)
    outer = np.interp(x, knots, values)
    return np.asarray(np.where((x >= knots[1]) & (x <= knots[-2]), inner, outer))


def _one_way(new: Scores, base: Scores, s: float, ranks: tuple[float, float]) -> tuple[FloatArray, FloatArray]:
    """Return knots and values of the smoothed curve, the outer two knots being the ends of both scales."""
    y = equipercentile(new, base)
    at, within, errors = _smoothed_part(new, base, ranks)
    knots, values = at[within], smoothing_spline(at[within], y[within], errors[within], s)
    ends, levels = _outer(new), _outer(base)
    return np.concatenate([[ends[0]], knots, [ends[1]]]), np.concatenate([[levels[0]], values, [levels[1]]])


def _smoothed_part(new: Scores, base: Scores, ranks: tuple[float, float]) -> tuple[FloatArray, BoolArray, FloatArray]:
    """Return the points, which of them are smoothed, and the standard errors that weigh them."""
    at = new.points
    rank = percentile_rank(new, at)
    within = (rank >= ranks[0]) & (rank <= ranks[1])
    errors = lord_errors(new, base)
    positive = errors[within & (errors > 0)]
    return at, within, np.where(errors > 0, errors, positive.mean() if len(positive) else 1.0)


def _outer(side: Scores) -> tuple[float, float]:
    """Return the ends of a scale, half a step outside its scores."""
    return float(side.points[0] - side.step / 2), float(side.points[-1] + side.step / 2)


def _inverted(knots: FloatArray, values: FloatArray, wanted: FloatArray) -> FloatArray:
    """Return where the curve takes the values, (n_wanted,), by bisection between the outer knots."""
    low, high = np.full(wanted.shape, knots[0]), np.full(wanted.shape, knots[-1])
    for _ in range(60):
        middle = (low + high) / 2
        under = natural_or_line(knots, values, middle) < wanted
        low, high = np.where(under, middle, low), np.where(under, high, middle)
    return np.asarray((low + high) / 2)
