"""The two methods that compare moments: mean–mean and mean–sigma, with their derivatives."""

from dataclasses import dataclass

import numpy as np

from qbank.irt.linking.common_items import Anchors
from qbank.irt.models import FloatArray, IndexArray
from qbank.irt.parameters import Batch, ItemParameters, batches_of


@dataclass(frozen=True, slots=True)
class Solution:
    """A line with its derivatives by the estimates that it was made from.

    by_source, by_target    of slope and intercept, (2, n_anchors, n_most)
    """

    slope: float
    intercept: float
    by_source: FloatArray
    by_target: FloatArray
    criterion: float = np.nan
    converged: bool = True


@dataclass(frozen=True, slots=True)
class Points:
    """What the means and spreads are taken of.

    a     (n_items,) one discrimination an item;  a_slopes: (n_items, n_most) its derivatives
    b     (n_points,) difficulties: b of a right/wrong item, every threshold or step of an item with more
          categories;  b_slopes: (n_points, n_most);  item: (n_points,) whose they are
    """

    a: FloatArray
    a_slopes: FloatArray
    b: FloatArray
    b_slopes: FloatArray
    item: IndexArray


def points(parameters: ItemParameters) -> Points:
    """Return the discriminations and difficulties of items, each with its derivatives by the estimates.

    A nominal item has one of each. Its discrimination is the standard deviation of its slopes over that of 0,
    1, ..., K − 1, and its difficulty −cov(slopes, intercepts) / var(slopes): they move with the scale as a
    and b do, exist whenever the categories discriminate at all, and of a gpcm item give its own a.
    """
    n_items, n_most = parameters.estimates.shape
    a, a_slopes = np.full(n_items, np.nan), np.zeros((n_items, n_most))
    found: list[tuple[IndexArray, FloatArray, FloatArray]] = []
    for batch in batches_of(parameters):
        discrimination, by_a, difficulty, by_b = _of_batch(batch)
        n_own, n_each = batch.values.shape[1], difficulty.shape[1]
        a[batch.items], a_slopes[batch.items, :n_own] = discrimination, by_a
        slopes = np.zeros((batch.items.size * n_each, n_most))
        slopes[:, :n_own] = by_b.reshape(-1, n_own)
        found.append((np.repeat(batch.items, n_each), difficulty.ravel(), slopes))
    item = np.concatenate([part[0] for part in found])
    order = np.argsort(item, kind="stable")
    return Points(
        a=a,
        a_slopes=a_slopes,
        b=np.concatenate([part[1] for part in found])[order],
        b_slopes=np.concatenate([part[2] for part in found])[order],
        item=item[order],
    )


def _of_batch(batch: Batch) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return a (n,), its derivatives (n, p), the difficulties (n, m) and theirs (n, m, p)."""
    names = batch.model.reported(batch.n_categories)
    if "a" not in names:
        return _of_nominal(batch.values)
    reported, jacobian = batch.model.report(batch.values)
    steps = [f"b{k}" for k in range(1, batch.n_categories)]
    columns = [names.index(name) for name in (steps if set(steps) <= set(names) else ["b"])]
    at = names.index("a")
    return reported[:, at], jacobian[:, at], reported[:, columns], jacobian[:, columns]


def _of_nominal(values: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    n_items, n_own = values.shape
    n_categories = n_own // 2 + 1
    # Deviations from the mean over all categories, category 0 standing at 0.
    centre = np.eye(n_categories)[:, 1:] - 1.0 / n_categories
    slopes, intercepts = values[:, : n_own // 2] @ centre.T, values[:, n_own // 2 :] @ centre.T
    squares, products = (slopes**2).sum(axis=1), (slopes * intercepts).sum(axis=1)
    unit = ((np.arange(n_categories) - (n_categories - 1) / 2.0) ** 2).sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        a, b = np.sqrt(squares / unit), -products / squares
        by_a, by_b = np.zeros((n_items, n_own)), np.zeros((n_items, 1, n_own))
        by_a[:, : n_own // 2] = (slopes @ centre) / (a * unit)[:, None]
        by_b[:, 0, : n_own // 2] = -((intercepts + 2.0 * b[:, None] * slopes) @ centre) / squares[:, None]
        by_b[:, 0, n_own // 2 :] = -(slopes @ centre) / squares[:, None]
    return a, by_a, np.where(squares > 0, b, np.nan)[:, None], by_b


def mean_mean(anchors: Anchors, rasch: bool) -> Solution:
    """Return A = mean(a_from) / mean(a_to), B = mean(b_to) − A mean(b_from); Loyd & Hoover (1980).

    rasch : every anchor is of a model without slopes; A is 1.
    """
    source, target = points(anchors.source), points(anchors.target)
    if rasch:
        return _with_intercept(anchors, source, target, 1.0, *_no_slopes(source, target))
    weight = anchors.weights / anchors.weights.sum()
    mean_source, mean_target = float(weight @ source.a), float(weight @ target.a)
    if not (mean_source > 0 and mean_target > 0):
        raise ValueError("mean-mean needs anchors whose mean discrimination is above 0 in both calibrations")
    slope = mean_source / mean_target
    by_source = weight[:, None] * source.a_slopes / mean_target
    by_target = -slope * weight[:, None] * target.a_slopes / mean_target
    return _with_intercept(anchors, source, target, slope, by_source, by_target)


def mean_sigma(anchors: Anchors, rasch: bool) -> Solution:
    """Return A = sd(b_to) / sd(b_from), B = mean(b_to) − A mean(b_from); Marco (1977). Every threshold or step
    of an item with more than two categories is a b of its own, Kim & Lee (2006).

    rasch : every anchor is of a model without slopes; A is 1.
    """
    source, target = points(anchors.source), points(anchors.target)
    if rasch:
        return _with_intercept(anchors, source, target, 1.0, *_no_slopes(source, target))
    weight = anchors.weights[source.item] / anchors.weights[source.item].sum()
    deviations = source.b - weight @ source.b, target.b - weight @ target.b
    variances = [float(weight @ deviation**2) for deviation in deviations]
    if not min(variances) > 1e-12 * max(1.0, *np.abs(source.b), *np.abs(target.b)):
        raise ValueError("mean-sigma needs at least two common items of different difficulty")
    slope = float(np.sqrt(variances[1] / variances[0]))
    by_source, by_target = (
        sign * _summed(weight * deviation / variance, part)
        for sign, deviation, variance, part in zip(
            (-slope, slope), deviations, variances, (source, target), strict=True
        )
    )
    return _with_intercept(anchors, source, target, slope, by_source, by_target)


def _no_slopes(source: Points, target: Points) -> tuple[FloatArray, FloatArray]:
    return np.zeros_like(source.a_slopes), np.zeros_like(target.a_slopes)


def _summed(factor: FloatArray, part: Points) -> FloatArray:
    """Return sum over an item's points of factor times derivative, (n_anchors, n_most)."""
    total = np.zeros_like(part.a_slopes)
    np.add.at(total, part.item, factor[:, None] * part.b_slopes)
    return total


def _with_intercept(
    anchors: Anchors,
    source: Points,
    target: Points,
    slope: float,
    by_source: FloatArray,
    by_target: FloatArray,
) -> Solution:
    """Return the solution with B = mean(b_to) − A mean(b_from) beside a slope and its derivatives."""
    weight = anchors.weights[source.item] / anchors.weights[source.item].sum()
    mean = float(weight @ source.b)
    return Solution(
        slope=slope,
        intercept=float(weight @ target.b) - slope * mean,
        by_source=np.stack((by_source, -mean * by_source - slope * _summed(weight, source))),
        by_target=np.stack((by_target, -mean * by_target + _summed(weight, target))),
    )
