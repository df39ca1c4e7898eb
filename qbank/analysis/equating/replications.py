"""Methods without an analytic error, over many bootstrap replications at once: kernel, postsmoothed and by parameters.

What is chosen by the data once stays as it was chosen: the bandwidths of the kernel, the knots, weights and softness of the
spline. An error then is that of the curve, given these choices, as log-linear models keep their degrees.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from qbank.analysis.arrays import FloatArray
from qbank.analysis.equating.equipercentile import equipercentile
from qbank.analysis.equating.item_response import equate_observed_scores, equate_true_scores
from qbank.analysis.equating.kernel import continuous
from qbank.analysis.equating.scores import Scores
from qbank.analysis.equating.spline import spline_operator
from qbank.analysis.paper_model import PaperModel

AT_ONCE = 50
NEWTON_STEPS = 30
MOST_DRAWS = 200
"""Draws of parameters: each is a whole equating; 200 give a standard error to 5 % of itself."""


def kernel_replications(new: Scores, base: Scores) -> Callable[[Scores, Scores], FloatArray]:
    """Return kernel equating of tables with replications as leading axis, by the bandwidths of these two tables.

    >>> from qbank.analysis.equating.kernel import kernel_equating
    >>> from qbank.analysis.equating.scores import scores
    >>> one, two = scores([0, 1, 2, 3], [2, 9, 8, 3]), scores([0, 1, 2, 3], [4, 9, 6, 2])
    >>> many = kernel_replications(one, two)(Scores(one.points, one.counts[None]), Scores(two.points, two.counts[None]))
    >>> bool(np.abs(many[0] - kernel_equating(one, two)).max() < 1e-6)
    True
    """
    wide = continuous(new).bandwidth, continuous(base).bandwidth

    def method(x: Scores, y: Scores) -> FloatArray:
        found = [
            _kernel(x.points, x.counts[begin : begin + AT_ONCE], y.points, y.counts[begin : begin + AT_ONCE], wide)
            for begin in range(0, len(x.counts), AT_ONCE)
        ]
        return np.concatenate(found)

    return method


def _kernel(x: FloatArray, f: FloatArray, y: FloatArray, g: FloatArray, wide: tuple[float, float]) -> FloatArray:
    """Return e(x) of each replication, (n_reps, n_x), by Newton steps that stay inside a bracket."""
    first, second = _moments(x, f), _moments(y, g)
    asked = _cumulative(np.broadcast_to(x, (len(f), len(x))), x, first, wide[0])[0]
    _, mean, variance = second
    spread = 10 * (np.sqrt(variance) + wide[1])
    low = np.broadcast_to(y[0] - spread, asked.shape).copy()
    high = np.broadcast_to(y[-1] + spread, asked.shape).copy()
    at = np.broadcast_to(mean, asked.shape) + (x - first[1]) * np.sqrt(variance / np.maximum(first[2], 1e-12))
    for _ in range(NEWTON_STEPS):
        found, density = _cumulative(at, y, second, wide[1])
        off = found - asked
        low, high = np.where(off < 0, at, low), np.where(off > 0, at, high)
        step = at - off / np.maximum(density, 1e-30)
        moved = np.where((step > low) & (step < high), step, (low + high) / 2)
        done = np.abs(moved - at).max() < 1e-9 * (1 + np.abs(at).max())
        at = moved
        if done:
            break
    return np.asarray(at)


def _moments(points: FloatArray, counts: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return shares (n_reps, n_points), means and variances (n_reps, 1)."""
    share = counts / counts.sum(axis=1, keepdims=True)
    mean = share @ points
    variance = share @ points**2 - mean**2
    return share, mean[:, None], np.maximum(variance, 1e-12)[:, None]


def _cumulative(
    at: FloatArray, points: FloatArray, of: tuple[FloatArray, FloatArray, FloatArray], bandwidth: float
) -> tuple[FloatArray, FloatArray]:
    """Return distribution and density at (n_reps, n_x) scores."""
    from scipy.special import ndtr

    share, mean, variance = of
    shrink = np.sqrt(variance / (variance + bandwidth**2))
    wide = shrink * bandwidth
    z = (at[:, :, None] - (shrink * points + (1 - shrink) * mean)[:, None, :]) / wide[:, :, None]
    density = np.einsum("rxp,rp->rx", np.exp(-(z**2) / 2), share) / np.sqrt(2 * np.pi) / wide
    return np.einsum("rxp,rp->rx", ndtr(z), share), density


def spline_replications(new: Scores, base: Scores, s: float) -> Callable[[Scores, Scores], FloatArray]:
    """Return postsmoothed equating of tables with replications as leading axis, smoothed as these two tables are.

    >>> from qbank.analysis.equating.scores import scores
    >>> from qbank.analysis.equating.spline import postsmoothed
    >>> one, two = scores(range(7), [2, 5, 9, 12, 8, 3, 1]), scores(range(7), [4, 9, 12, 9, 6, 2, 1])
    >>> many = spline_replications(one, two, 0.3)(Scores(one.points, one.counts[None]), Scores(two.points, two.counts[None]))
    >>> bool(np.abs(many[0] - postsmoothed(one, two, 0.3)).max() < 0.01)
    True
    """
    x = new.points
    forward = spline_operator(new, base, s, x)
    grid = np.linspace(base.points[0] - base.step / 2, base.points[-1] + base.step / 2, 10 * len(base.points) + 1)
    backward = spline_operator(base, new, s, grid)

    def method(a: Scores, b: Scores) -> FloatArray:
        there = forward(equipercentile(a, b))
        back = np.maximum.accumulate(backward(equipercentile(b, a)), axis=1)
        inverse = np.stack([np.interp(x, row, grid) for row in back])
        return np.asarray((there + inverse) / 2)

    return method


def parameter_errors(
    new: PaperModel, base: PaperModel, x: FloatArray, *, step: float, n_reps: int, seed: int
) -> dict[str, FloatArray]:
    """Return the standard errors of IRT true- and observed-score equating by draws of the parameters, (n_x,) each.

    Parameters of an item are drawn from the normal distribution that its estimates and their covariance stand for, once for
    both papers where they share it; items are taken as independent, ability as known. At most `MOST_DRAWS` draws. {} where
    the covariance of an item is not known.
    """
    items = tuple(dict.fromkeys((*new.parameters.items, *base.parameters.items)))
    roots: dict[str, FloatArray] = {}
    for model in (new, base):
        for n, item in enumerate(model.parameters.items):
            own = ~np.isnan(model.parameters.estimates[n])
            covariance = model.parameters.covariance[n][np.ix_(own, own)]
            if not np.isfinite(covariance).all():
                return {}
            values, vectors = np.linalg.eigh(covariance)
            root = np.zeros(model.parameters.covariance[n].shape)
            root[np.ix_(own, own)] = vectors * np.sqrt(np.maximum(values, 0.0))
            roots[item] = root
    rng = np.random.default_rng(seed)
    drawn: dict[str, list[FloatArray]] = {"irt_true": [], "irt_observed": []}
    for _ in range(min(n_reps, MOST_DRAWS)):
        moved = {item: roots[item] @ rng.standard_normal(roots[item].shape[1]) for item in items}
        one, two = (_moved(model, moved) for model in (new, base))
        drawn["irt_true"].append(equate_true_scores(one, two, x))
        drawn["irt_observed"].append(equate_observed_scores(one, two, x, step=step))
    return {name: np.asarray(np.std(rows, axis=0, ddof=1)) for name, rows in drawn.items() if len(rows) > 1}


def _moved(model: PaperModel, moved: dict[str, FloatArray]) -> PaperModel:
    own = model.parameters
    width = own.estimates.shape[1]
    change = np.array([np.pad(moved[item], (0, max(width - len(moved[item]), 0)))[:width] for item in own.items])
    return replace(model, parameters=replace(own, estimates=own.estimates + change))
