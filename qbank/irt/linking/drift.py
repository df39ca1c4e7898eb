"""Anchors that drift: items that two calibrations do not place alike, found and taken out one by one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from qbank.irt.display import shown
from qbank.irt.linking.common_items import Anchors, common_items
from qbank.irt.linking.curves import Grid
from qbank.irt.linking.moments import points
from qbank.irt.linking.record import Link
from qbank.irt.linking.rescaling import rescale, with_free_slopes
from qbank.irt.linking.two_scales import checked_grid, link
from qbank.irt.models import FloatArray, IndexArray, Mask
from qbank.irt.parameters import ItemParameters, frozen
from qbank.irt.scoring.information import expected_score
from qbank.irt.scoring.population import Source

# 0.7413 times the interquartile range is the standard deviation of a normal distribution.
NORMAL_IQR = 0.7413
# Differences below this are rounding: they have no spread that anything could be held against.
LEAST_SPREAD = 1e-6
LEAST_ANCHORS = 3
# Stands for the normal value of a probability that is 0 to working precision.
LARGEST_NORMAL = 38.0


@dataclass(frozen=True, slots=True)
class DriftStatistic:
    """A way to measure how far an anchor has moved.

    threshold  for the number of kept anchors: an absolute value above it is flagged
    measure    (anchors, line, kept, grid) -> (n_anchors,), NaN where it does not apply; spreads and medians
               are those of the kept ones
    doc        the definition and its source
    """

    name: str
    threshold: Callable[[int], float]
    measure: Callable[[Anchors, Link, Mask, Grid], FloatArray]
    doc: str


@dataclass(frozen=True, slots=True)
class DriftStep:
    """One round: the link of the anchors that were left, what it showed, and what went.

    values    (n_statistics, n_items);  thresholds: (n_statistics,);  flagged: labels of kept anchors above one;
              removed: "" at the last step
    """

    line: Link
    values: FloatArray
    thresholds: FloatArray
    flagged: tuple[str, ...]
    removed: str


@dataclass(frozen=True, slots=True)
class Drift:
    """Which anchors have drifted.

    items         (n_items,) labels of all anchors;  statistics: (n_statistics,) words of DRIFT_STATISTICS
    values        (n_statistics, n_items) by the last link, of removed items too;  thresholds: (n_statistics,)
    removed_at    (n_items,) the step at which an item went, 1, 2, …; 0: it stayed
    verdict       per item: kept, removed, or flagged (above a threshold, but the floor held it)
    line          the link of the anchors that stayed;  steps: every round
    status        no drift, drift removed, or too few anchors left
    floor         how many anchors had to stay
    b_source, b_target    (n_items,) for the plot: difficulties on their own scales (of an item with more
                  categories the mean of its thresholds); the line is b_target = slope b_source + intercept
    band          (low, high) distance of the band's edges from that line: the median of the kept differences
                  and the threshold of the robust z times their spread either way
    """

    __repr__ = shown

    items: tuple[str, ...]
    statistics: tuple[str, ...]
    values: FloatArray
    thresholds: FloatArray
    removed_at: IndexArray
    verdict: tuple[str, ...]
    line: Link
    steps: tuple[DriftStep, ...]
    status: str
    floor: int
    b_source: FloatArray
    b_target: FloatArray
    band: tuple[float, float]

    def __post_init__(self) -> None:
        for name in ("values", "thresholds", "b_source", "b_target"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    @property
    def removed(self) -> tuple[str, ...]:
        """Labels of the removed anchors, in the order in which they went."""
        return tuple(step.removed for step in self.steps if step.removed)


def find_drift(
    source: Source,
    target: Source,
    *,
    method: str = "stocking-lord",
    statistics: Sequence[str] | None = None,
    thresholds: Mapping[str, float] | None = None,
    floor: int | None = None,
    anchors: Sequence[str] | None = None,
    direction: str = "symmetric",
    nodes: ArrayLike | None = None,
    weights: str | ArrayLike = "normal",
) -> Drift:
    """Return the anchors that have drifted between two calibrations, and the link of those that have not.

    The anchors are linked; the one that lies farthest above its threshold is removed; the others are linked
    again; and so on until none is above or only `floor` are left.

    statistics : words of DRIFT_STATISTICS; an item is flagged that one of them flags. None: "wald" where the
        errors of all anchors are known, else "robust-z-a" and "robust-z-b". The robust z takes every difference
        as equally uncertain: of 20 anchors of 1,000 persons it flagged 4 good ones in 100, and 86 of 100 that
        had moved by 0.6; "wald", which knows the errors, none and 99.
    thresholds : word -> threshold in place of the table's, for any number of anchors
    floor : how many anchors must stay; None: half of them, at least 3
    method, direction, nodes, weights, anchors : as in `link`

    Only calibrated ItemParameters are judged: estimates that were drawn towards judged grades for planning
    would hide or invent drift.

    >>> from qbank.irt import item_parameters
    >>> b = np.linspace(-2, 2, 9)
    >>> old = item_parameters("rasch", a=np.ones(9), b=b, scale="old")
    >>> wobble = np.array([0.02, -0.03, 0.01, 0.04, 0.7, -0.02, 0.03, -0.04, -0.01])
    >>> found = find_drift(item_parameters("rasch", a=np.ones(9), b=b + wobble, scale="new"), old)
    >>> found.removed, found.status
    (('5',), 'drift removed')
    """
    grid = checked_grid(nodes, weights)
    common = common_items(source, target, anchors=anchors)
    statistics = tuple(statistics if statistics is not None else _usual(common))
    chosen = _chosen(statistics, thresholds)
    n_items = len(common.labels)
    least = max(LEAST_ANCHORS, -(-n_items // 2)) if floor is None else floor
    if least < 1:
        raise ValueError(f"the floor must be at least 1 anchor, found {floor}")
    kept = np.ones(n_items, dtype=bool)
    removed_at = np.zeros(n_items, dtype=np.intp)
    steps: list[DriftStep] = []
    while True:
        labels = [label for label, stays in zip(common.labels, kept, strict=True) if stays]
        line = link(
            source, target, method=method, anchors=labels, direction=direction, nodes=nodes, weights=weights
        )
        values = np.stack([statistic.measure(common, line, kept, grid) for statistic in chosen])
        limits = np.array([statistic.threshold(len(labels)) for statistic in chosen])
        excess = np.nan_to_num(np.abs(values) / limits[:, None], nan=0.0).max(axis=0)
        flagged = kept & (excess > 1.0)
        worst = int(np.argmax(np.where(flagged, excess, -1.0)))
        goes = bool(flagged.any()) and int(kept.sum()) > least
        steps.append(
            DriftStep(
                line=line,
                values=frozen(values),
                thresholds=frozen(limits),
                flagged=tuple(common.labels[item] for item in np.flatnonzero(flagged)),
                removed=common.labels[worst] if goes else "",
            )
        )
        if not goes:
            break
        kept[worst], removed_at[worst] = False, len(steps)
    removed_at.setflags(write=False)
    by_source, by_target, gaps = _gaps(common, line)
    middle, spread = _middle_and_spread(gaps[kept])
    width = (
        dict(zip(statistics, limits, strict=True)).get("robust-z-b", robust_threshold(len(labels))) * spread
    )
    return Drift(
        items=common.labels,
        statistics=statistics,
        values=values,
        thresholds=limits,
        removed_at=removed_at,
        verdict=tuple(
            "removed" if step else "flagged" if above else "kept"
            for step, above in zip(removed_at, flagged, strict=True)
        ),
        line=line,
        steps=tuple(steps),
        status="too few anchors left"
        if flagged.any()
        else "drift removed"
        if removed_at.any()
        else "no drift",
        floor=least,
        b_source=by_source,
        b_target=by_target,
        band=(float(middle - width), float(middle + width)),
    )


def _usual(common: Anchors) -> tuple[str, ...]:
    """Return "wald" where the errors of all anchors' own estimates are known, else the robust z."""
    for part in (common.source, common.target):
        variances = np.diagonal(part.covariance, axis1=1, axis2=2)
        if np.isnan(variances[~np.isnan(part.estimates)]).any():
            return "robust-z-a", "robust-z-b"
    return ("wald",)


def _chosen(statistics: Sequence[str], thresholds: Mapping[str, float] | None) -> list[DriftStatistic]:
    """Return the statistics, with the thresholds that were asked for."""
    given = dict(thresholds or {})
    known = ", ".join(DRIFT_STATISTICS)
    for word in (*statistics, *given):
        if word not in DRIFT_STATISTICS:
            raise ValueError(f"unknown statistic {word!r} (statistics: {known})")
    if not statistics or len(set(statistics)) < len(statistics):
        raise ValueError(f"name one statistic or more, each once (statistics: {known})")
    if not all(limit > 0 for limit in given.values()):
        raise ValueError("a threshold must be above 0")
    return [
        replace(DRIFT_STATISTICS[word], threshold=_always(given[word]))
        if word in given
        else DRIFT_STATISTICS[word]
        for word in statistics
    ]


def _always(limit: float) -> Callable[[int], float]:
    return lambda n_anchors: limit


def robust_threshold(n_anchors: int) -> float:
    """Return what one in a hundred robust z of as many normal values exceeds: 2.576 (1 + 5.3 / n).

    The interquartile range of few values is small by chance, so that 2.576 itself would flag 4 in a hundred of
    ten anchors. The factor is fitted to simulated quantiles and holds from 8 anchors on.

    >>> round(robust_threshold(20), 2)
    3.26
    """
    return 2.576 * (1.0 + 5.3 / n_anchors)


def locations(parameters: ItemParameters) -> FloatArray:
    """Return one difficulty an item, (n_items,): b, or the mean of its thresholds."""
    found = points(parameters)
    return np.bincount(found.item, found.b) / np.bincount(found.item)


def _gaps(anchors: Anchors, line: Link) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the difficulties in both calibrations, and b_to − (A b_from + B)."""
    here, there = locations(anchors.source), locations(anchors.target)
    return here, there, there - (line.slope * here + line.intercept)


def _middle_and_spread(values: FloatArray) -> tuple[float, float]:
    """Return the median and 0.74 times the interquartile range."""
    known = values[np.isfinite(values)]
    if not known.size:
        return np.nan, np.nan
    low, middle, high = np.quantile(known, [0.25, 0.5, 0.75])
    return float(middle), max(NORMAL_IQR * float(high - low), LEAST_SPREAD)


def _robust_z(values: FloatArray, kept: Mask) -> FloatArray:
    middle, spread = _middle_and_spread(values[kept])
    return (values - middle) / spread


def robust_z_of_a(anchors: Anchors, line: Link, kept: Mask, grid: Grid) -> FloatArray:
    """Return (log a_to − log a_from − median) / (0.74 IQR); the unit of the scale falls out with the median."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log(points(anchors.target).a) - np.log(points(anchors.source).a)
    if not np.any(np.abs(ratio[np.isfinite(ratio)]) > 0.0):
        return np.full(ratio.size, np.nan)
    return _robust_z(ratio, kept)


def robust_z_of_b(anchors: Anchors, line: Link, kept: Mask, grid: Grid) -> FloatArray:
    """Return (b_to − A b_from − median) / (0.74 IQR)."""
    return _robust_z(_gaps(anchors, line)[2], kept)


def perpendicular_distance(anchors: Anchors, line: Link, kept: Mask, grid: Grid) -> FloatArray:
    """Return the distance of (b_from, b_to) from the principal axis of the kept ones, in robust spreads."""
    here, there, _ = _gaps(anchors, line)
    if kept.sum() < LEAST_ANCHORS:
        return np.full(here.size, np.nan)
    centre = np.array([here[kept].mean(), there[kept].mean()])
    _, axes = np.linalg.eigh(np.cov(here[kept], there[kept]))
    distance: FloatArray = np.column_stack((here, there)) @ axes[:, 0] - centre @ axes[:, 0]
    # Above the axis is positive: harder than it was.
    distance = distance if axes[1, 0] > 0 else -distance
    return distance / _middle_and_spread(distance[kept])[1]


def _score_gaps(anchors: Anchors, line: Link, theta: FloatArray) -> FloatArray:
    """Return the difference of the expected scores as a share of the marks, (n_anchors, n_theta)."""
    top = anchors.target.n_categories - 1
    moved = expected_score(rescale(anchors.source, line), theta)
    return (expected_score(anchors.target, theta) - moved) / top[:, None]


def root_d2(anchors: Anchors, line: Link, kept: Mask, grid: Grid) -> FloatArray:
    """Return the root of d^2 = sum over nodes of weight (E_to − E*_from)^2, E the expected share of the marks."""
    gap = _score_gaps(anchors, line, grid.to_nodes)
    root: FloatArray = np.sqrt(gap**2 @ grid.to_weights)
    return root


def unsigned_area(anchors: Anchors, line: Link, kept: Mask, grid: Grid) -> FloatArray:
    """Return the area between the curves of the expected share of the marks, on [-6, 6]."""
    theta = np.linspace(-6.0, 6.0, 241)
    area: FloatArray = np.trapezoid(np.abs(_score_gaps(anchors, line, theta)), theta, axis=1)
    return area


def wald(anchors: Anchors, line: Link, kept: Mask, grid: Grid) -> FloatArray:
    """Return the normal value as improbable as Lord's chi-square of the difference of all of an item's values, (v_to
    − v*_from)' (V_to + V*_from)^-1 (v_to − v*_from), the link taken as known.
    """
    from scipy.special import chdtrc, ndtri

    target, source = with_free_slopes(anchors.target), with_free_slopes(rescale(anchors.source, line))
    found = np.full(len(anchors.labels), np.nan)
    # One side may hold columns for items of other models, which the anchors do not use.
    most = min(source.estimates.shape[1], target.estimates.shape[1])
    for item, (one, other) in enumerate(zip(source.model, target.model, strict=True)):
        total = source.covariance[item, :most, :most] + target.covariance[item, :most, :most]
        to, started = target.estimates[item, :most], source.estimates[item, :most]
        moving = np.isfinite(to) & np.isfinite(started) & (np.nan_to_num(np.diag(total), nan=1.0) > 0.0)
        block = total[np.ix_(moving, moving)]
        if one != other or not moving.any() or not np.isfinite(block).all():
            continue
        gap = to[moving] - started[moving]
        size, axes = np.linalg.eigh(block)
        sound = size > 1e-10 * size[-1]
        square = float((((gap @ axes) ** 2)[sound] / size[sound]).sum())
        chance = float(chdtrc(int(sound.sum()), square))
        found[item] = -ndtri(chance / 2.0) if chance > 0.0 else LARGEST_NORMAL
    return found


ROBUST = "Flagged: what 1 in 100 good anchors exceeds, 2.576 (1 + 5.3 / n); the authors also use 1.645, which 1 in 10 do."

DRIFT_STATISTICS: dict[str, DriftStatistic] = {
    statistic.name: statistic
    for statistic in (
        DriftStatistic(
            "robust-z-a",
            robust_threshold,
            robust_z_of_a,
            "(log a_to − log a_from − median) / (0.74 IQR) over the kept anchors; Huynh & Meyer (2010). "
            + ROBUST,
        ),
        DriftStatistic(
            "robust-z-b",
            robust_threshold,
            robust_z_of_b,
            "(b_to − A b_from − median) / (0.74 IQR) over the kept anchors, b the mean of the thresholds of an "
            "item with more categories; Huynh & Meyer (2010). " + ROBUST,
        ),
        DriftStatistic(
            "distance",
            robust_threshold,
            perpendicular_distance,
            "Perpendicular distance of (b_from, b_to) from the principal axis of the kept anchors, Angoff & "
            "Ford (1973), in units of 0.74 IQR of their distances. " + ROBUST,
        ),
        DriftStatistic(
            "wald",
            _always(2.576),
            wald,
            "Lord's chi-square of all values of the item (1980, ch. 14) after linking, from the errors of both "
            "calibrations, told as the normal value of the same probability. Flagged: 1 in 100 good anchors, "
            "whatever their number; of large samples also drift too small to matter.",
        ),
        DriftStatistic(
            "d2",
            _always(0.1),
            root_d2,
            "Root of d^2, the weighted mean squared difference of the expected scores as a share of the item's "
            "marks, after linking; Cook & Eignor (1991), and with more categories out of K − 1 marks. Flagged: "
            "above 0.1, ten percentage points, whatever the sample.",
        ),
        DriftStatistic(
            "area",
            _always(0.5),
            unsigned_area,
            "Unsigned area between the two curves of the expected share of the marks, on [-6, 6] after linking; "
            "Raju (1988). Of equal slopes without guessing it is the shift of b. Flagged: above 0.5, half a unit.",
        ),
    )
}
"""How drift is measured: robust-z-a, robust-z-b, distance, wald, d2, area."""
