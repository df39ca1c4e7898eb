"""Control charts over sittings: facility against its pooled value, b against time, and the level of whole sittings.

References
----------
.. Montgomery, D. C. (2013). Introduction to statistical quality control, 7th ed. Wiley. Chapter 7.
.. Shewhart, W. A. (1931). Economic control of quality of manufactured product. Van Nostrand.
.. Tukey, J. W. (1977). Exploratory data analysis. Addison-Wesley. (median polish)
.. Western Electric (1956). Statistical quality control handbook.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qbank.analysis.arrays import BoolArray, FloatArray, IntArray, ratio

SIGMAS = 3.0
WARNING_SIGMAS = 2.0
RUN_LENGTH = 8
LEAST_TREND = 3
LEVEL_ITEMS = 10
LEVEL_ROUNDS = 20
LEVEL_TOLERANCE = 1e-4
NEWTON_STEPS = 8


@dataclass(frozen=True, slots=True, eq=False)
class PChart:
    """Arrays (n_points,), NaN where a point has no answers or no facility.

    centre : pooled facility of the point's group ; sigma : of a facility of that many answers ; lower, upper : centre ∓
        3 sigma within [0, 1] ; z : facility minus centre in sigmas ; outside : beyond a limit
    """

    centre: FloatArray
    sigma: FloatArray
    lower: FloatArray
    upper: FloatArray
    z: FloatArray
    outside: BoolArray


def p_chart(facility: ArrayLike, n: ArrayLike, group: ArrayLike | None = None) -> PChart:
    """Return the p-chart of facilities: centre = Σ n p / Σ n, limits = centre ± 3 √(centre (1 − centre) / n).

    facility : (n_points,) share of the marks, 0 to 1 ; n : (n_points,) answers ; group : (n_points,) numbers of what is
    charted, one centre each; all one where none is given. (Shewhart 1931; Montgomery 2013, eq. 7.8 with n of each sample.)
    An item that can earn a part of its marks varies less than the limits allow, so that they are wider than they need be.

    >>> chart = p_chart([0.50, 0.52, 0.70], [100, 100, 100])
    >>> round(float(chart.centre[0]), 3), chart.upper.round(3).tolist(), chart.outside.tolist()
    (0.573, [0.722, 0.722, 0.722], [False, False, False])
    """
    p, size = np.asarray(facility, float), np.asarray(n, float)
    which = np.zeros(p.size, np.int64) if group is None else np.asarray(group, np.int64)
    usable = np.isfinite(p) & (size > 0)
    weight, value = np.where(usable, size, 0.0), np.where(usable, p, 0.0)
    n_groups = int(which.max(initial=-1)) + 1
    pooled = ratio(np.bincount(which, weight * value, n_groups), np.bincount(which, weight, n_groups))
    # A sum of exact ones may come out a rounding error above 1.
    centre = np.where(usable, np.clip(pooled, 0.0, 1.0)[which], np.nan)
    return _chart(np.where(usable, p, np.nan), np.where(usable, size, np.nan), centre)


def _chart(p: FloatArray, n: FloatArray, centre: FloatArray) -> PChart:
    sigma = np.sqrt(centre * (1 - centre) / n)
    z = np.where(sigma > 0, ratio(p - centre, sigma), np.where(np.isfinite(p - centre), 0.0, np.nan))
    lower, upper = np.maximum(centre - SIGMAS * sigma, 0.0), np.minimum(centre + SIGMAS * sigma, 1.0)
    outside = np.zeros(p.shape, bool)
    there = np.isfinite(z)
    outside[there] = np.abs(z[there]) > SIGMAS
    return PChart(centre, sigma, lower, upper, z, outside)


@dataclass(frozen=True, slots=True, eq=False)
class Signals:
    """Where a rule speaks, (n_points,) each: at the point that completes it.

    beyond : a point beyond 3 sigma ; two_of_three : beyond 2 sigma, as was at least one of the two before it on the same
        side ; run : the eighth or a later point in a row on the same side of the centre ; differ : both points of a revision that
        has two only, more than 3 sigma apart: neither is the odd one
    """

    beyond: BoolArray
    two_of_three: BoolArray
    run: BoolArray
    differ: BoolArray

    @property
    def any(self) -> BoolArray:
        """Return where any rule speaks."""
        return self.beyond | self.two_of_three | self.run | self.differ


def two_points(n: ArrayLike, expected: ArrayLike, group: ArrayLike) -> tuple[BoolArray, FloatArray]:
    """Return which points are one of two of their group, (n_points,), and by what their distances in sigmas are to be multiplied.

    The centre of two points lies between them, so that each is nearer to it than chance alone would leave it: the residual
    varies by ``v (1 − h)``, h the share of the point in the information, w = n P (1 − P) (McCullagh & Nelder 1989, 12.5).
    Divided by its root, both are equally far, and as far as the test of two proportions has them apart. Other groups: 1.

    n : (n_points,) answers ; expected : (n_points,) facility that the group's centre puts there ; group : (n_points,)

    >>> pair, factor = two_points([100, 100, 50], [0.5, 0.5, 0.5], [0, 0, 1])
    >>> pair.tolist(), factor.round(3).tolist()
    ([True, True, False], [1.414, 1.414, 1.0])
    """
    e, which = np.asarray(expected, float), np.asarray(group, np.int64)
    weight = np.nan_to_num(np.asarray(n, float) * e * (1 - e))
    there = np.isfinite(e) & (np.asarray(n, float) > 0)
    pair = there & (np.bincount(which[there], minlength=int(which.max(initial=-1)) + 1)[which] == 2)
    left = 1 - ratio(weight, np.bincount(which, weight)[which] if which.size else weight)
    factor = np.where(pair & (left > 0), 1 / np.sqrt(np.where(pair & (left > 0), left, 1.0)), 1.0)
    return pair, factor


def signals(z: ArrayLike, group: ArrayLike | None = None, pair: ArrayLike | None = None) -> Signals:
    """Return where the rules of a control chart speak (Western Electric 1956, rules 1, 2 and 4).

    z : (n_points,) distances from the centre in sigmas, oldest first within each group, the points of a group together;
    NaN : no point, as if it were not there ; group : (n_points,) as in `p_chart` ; pair : (n_points,) one of two points,
    of which neither is called beyond (`two_points`)

    >>> found = signals([2.5, -0.1, 2.2, 0.4, 3.1])
    >>> found.beyond.tolist(), found.two_of_three.tolist()
    ([False, False, False, False, True], [False, False, True, False, True])
    """
    distance = np.asarray(z, float)
    which = np.zeros(distance.size, np.int64) if group is None else np.asarray(group, np.int64)
    there = np.flatnonzero(np.isfinite(distance))
    d, g = distance[there], which[there]
    beyond = np.abs(d) > SIGMAS
    two = np.zeros(d.size, bool)
    for side in (1.0, -1.0):
        far = side * d > WARNING_SIGMAS
        for back in (1, 2):
            two[back:] |= far[back:] & far[:-back] & (g[back:] == g[:-back])
    run = _run_lengths(np.sign(d), g) >= RUN_LENGTH
    whole = [np.zeros(distance.size, bool) for _ in range(3)]
    for found, here in zip(whole, (beyond, two, run), strict=True):
        found[there] = here
    two_only = np.zeros(distance.size, bool) if pair is None else np.asarray(pair, bool)
    return Signals(whole[0] & ~two_only, whole[1], whole[2], whole[0] & two_only)


def _run_lengths(side: FloatArray, group: IntArray) -> IntArray:
    """Return how many points in a row, up to each, lie on its side of the centre; 0 for a point on it."""
    index = np.arange(side.size)
    starts = np.ones(side.size, bool)
    starts[1:] = (side[1:] != side[:-1]) | (group[1:] != group[:-1])
    since = index - np.maximum.accumulate(np.where(starts, index, 0)) + 1
    return np.where(side == 0, 0, since)


@dataclass(frozen=True, slots=True, eq=False)
class Trend:
    """Difficulties of each group over time, (n_groups,), NaN where there are too few.

    n : estimates ; pooled, pooled_error : their mean weighted by 1 / error² and its standard error ; slope, error : change
        a year and its standard error ; z : slope / error
    """

    n: IntArray
    pooled: FloatArray
    pooled_error: FloatArray
    slope: FloatArray
    error: FloatArray
    z: FloatArray


def trend(b: ArrayLike, error: ArrayLike, years: ArrayLike, group: ArrayLike | None = None) -> Trend:
    """Return the weighted regression of b on time: weights w = 1 / error², slope Σ w (t − t̄) b / Σ w (t − t̄)².

    Its standard error is √(1 / Σ w (t − t̄)²), and larger by √(χ² / (n − 2)) where the estimates scatter more about the line
    than their own errors say (χ² the weighted sum of squares about it). At least three estimates at two different times.

    b, error : (n_points,) difficulties and their standard errors ; years : (n_points,) times ; group : as in `p_chart`

    >>> found = trend([0.0, 0.1, 0.2], [0.1, 0.1, 0.1], [0.0, 1.0, 2.0])
    >>> round(float(found.slope[0]), 3), round(float(found.error[0]), 4), round(float(found.pooled[0]), 3)
    (0.1, 0.0707, 0.1)
    """
    value, se, time = (np.asarray(x, float) for x in (b, error, years))
    which = np.zeros(value.size, np.int64) if group is None else np.asarray(group, np.int64)
    n_groups = int(which.max(initial=-1)) + 1
    usable = np.isfinite(value) & np.isfinite(se) & (se > 0) & np.isfinite(time)
    value, se, time, which = value[usable], se[usable], time[usable], which[usable]
    w = se**-2

    def total(x: FloatArray) -> FloatArray:
        return np.bincount(which, x, n_groups).astype(float)

    n, weight = np.bincount(which, minlength=n_groups).astype(np.int64), total(w)
    pooled, middle = ratio(total(w * value), weight), ratio(total(w * time), weight)
    away = time - middle[which]
    spread = total(w * away**2)
    enough = (n >= LEAST_TREND) & (spread > 1e-12 * weight)
    slope = np.where(enough, ratio(total(w * away * value), spread), np.nan)
    left = value - pooled[which] - np.nan_to_num(slope)[which] * away
    scatter = np.maximum(ratio(total(w * left**2), n - 2.0), 1.0)
    slope_error = np.where(enough, np.sqrt(scatter * ratio(1.0, spread)), np.nan)
    return Trend(n, pooled, np.sqrt(ratio(1.0, weight)), slope, slope_error, ratio(slope, slope_error))


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """What is left of each facility when the level of its sitting is taken away.

    level : (n_sittings,) logits by which a sitting's items went better than elsewhere, 0 where it shares fewer than ten
        items with others ; judged : (n_sittings,) where it shares ten or more ; expected : (n_points,) facility of the
        item at the sitting's level ; z : (n_points,) facility minus expected in sigmas ; n_shared : (n_sittings,) items that
        other sittings had too
    """

    level: FloatArray
    judged: BoolArray
    expected: FloatArray
    z: FloatArray
    n_shared: IntArray


def levels(facility: ArrayLike, n: ArrayLike, item: ArrayLike, sitting: ArrayLike) -> Levels:
    """Return the level of each sitting, and how far each item stands from where that level puts it.

    logit(expected) = item + level. The level is the median over the sitting's items of logit(p) − item, so that a few items
    that have changed do not move it; the item's value is the one whose expected numbers of right answers over all its
    sittings add up to the observed (both in turns, after Tukey 1977). With all levels 0 this is the p-chart.

    facility, n : (n_points,) ; item, sitting : (n_points,) their numbers. Cost: 20 sorts of the points.

    >>> p = np.array([[0.5] * 10 + [0.6], [0.6] * 10 + [0.3]])
    >>> found = levels(p.ravel(), np.full(22, 200), np.tile(np.arange(11), 2), np.repeat([0, 1], 11))
    >>> np.flatnonzero(np.abs(found.z) > 3).tolist()
    [10, 21]
    """
    p, size = np.asarray(facility, float), np.asarray(n, float)
    of_item, of_sitting = np.asarray(item, np.int64), np.asarray(sitting, np.int64)
    n_items, n_sittings = int(of_item.max(initial=-1)) + 1, int(of_sitting.max(initial=-1)) + 1
    usable = np.isfinite(p) & (size > 0)
    q, m, i, s = p[usable], size[usable], of_item[usable], of_sitting[usable]
    shared = np.bincount(i, minlength=n_items)[i] > 1
    n_shared = np.bincount(s[shared], minlength=n_sittings).astype(np.int64)
    judged = n_shared >= LEVEL_ITEMS
    logit = np.log((q * m + 0.5) / ((1 - q) * m + 0.5))
    level, value = np.zeros(n_sittings), _item_values(q, m, i, np.zeros(q.size), n_items)
    for _ in range(LEVEL_ROUNDS if judged.any() else 0):
        before = level
        level = np.where(judged, _medians((logit - value[i])[shared], s[shared], n_sittings), 0.0)
        value = _item_values(q, m, i, level[s], n_items)
        if np.abs(level - before).max() < LEVEL_TOLERANCE:
            break
    expected, z = at_levels(p, size, of_item, level[of_sitting])
    return Levels(level, judged, expected, z, n_shared)


def at_levels(
    facility: ArrayLike, n: ArrayLike, item: ArrayLike, level: ArrayLike, apart: ArrayLike | None = None
) -> tuple[FloatArray, FloatArray]:
    """Return what is expected of each item at given levels of its sittings, and the distances in sigmas; see `levels`.

    facility, n, item, level : (n_points,), level of the point's sitting in logits ; apart : (n_points,) points that say
    nothing of the item, as where a leak is suspected: they are held against what the others would have them be, which varies
    too (sigma² multiplied by 1 + w / Σ w of the others, w = n P (1 − P)) ; result : (n_points,) each, NaN where no other is

    >>> expected, z = at_levels([0.5, 0.7], [100, 100], [0, 0], [0.0, 0.0])
    >>> expected.round(3).tolist(), z.round(2).tolist()
    ([0.6, 0.6], [-2.04, 2.04])
    >>> expected, z = at_levels([0.5, 0.7], [100, 100], [0, 0], [0.0, 0.0], [False, True])
    >>> expected.round(3).tolist(), z.round(2).tolist()
    ([0.5, 0.5], [0.0, 2.83])
    """
    p, size, of_item = np.asarray(facility, float), np.asarray(n, float), np.asarray(item, np.int64)
    at = np.asarray(level, float)
    usable = np.isfinite(p) & (size > 0)
    away = np.zeros(p.shape, bool) if apart is None else np.asarray(apart, bool)
    own, n_items = usable & ~away, int(of_item.max(initial=-1)) + 1
    value = _item_values(p[own], size[own], of_item[own], at[own], n_items)
    told = usable & (np.bincount(of_item[own], minlength=n_items) > 0)[of_item]
    expected = np.full(p.shape, np.nan)
    expected[told] = 1 / (1 + np.exp(-(value[of_item[told]] + at[told])))
    z = _chart(np.where(told, p, np.nan), np.where(told, size, np.nan), expected).z
    if (away & told).any():
        weight = np.where(told, size * expected * (1 - expected), 0.0)
        others = np.bincount(of_item[own], weight[own], n_items)[of_item]
        z = np.where(away, z / np.sqrt(1 + ratio(weight, others)), z)
    return expected, z


def _item_values(q: FloatArray, m: FloatArray, i: IntArray, level: FloatArray, n_items: int) -> FloatArray:
    """Return for each item the logit at which Σ m expit(value + level) = Σ m q; within ±20 where all is right or wrong."""
    right, size = np.bincount(i, m * q, n_items), np.bincount(i, m, n_items)
    share = np.clip(ratio(right, size), 2e-9, 1 - 2e-9)
    value = np.where(size > 0, np.log(share / (1 - share)), 0.0)
    if not level.any():
        return value
    value = value - ratio(np.bincount(i, m * level, n_items), size)
    for _ in range(NEWTON_STEPS):
        expected = 1 / (1 + np.exp(-(value[i] + level)))
        slope = np.bincount(i, m * expected * (1 - expected), n_items)
        step = ratio(right - np.bincount(i, m * expected, n_items), slope)
        step = np.clip(np.nan_to_num(step), -1.0, 1.0)
        value = np.clip(value + step, -20.0, 20.0)
        if np.abs(step).max(initial=0.0) < 1e-9:
            break
    return value


def _medians(x: FloatArray, group: IntArray, n_groups: int) -> FloatArray:
    """Return the median of each group, 0 of an empty one."""
    order = np.lexsort((x, group))
    ordered, counts = x[order], np.bincount(group, minlength=n_groups)
    first = np.cumsum(counts) - counts
    some = counts > 0
    low, high = first + np.maximum(counts - 1, 0) // 2, first + counts // 2
    found = np.zeros(n_groups)
    found[some] = (ordered[low[some]] + ordered[high[some]]) / 2
    return found
