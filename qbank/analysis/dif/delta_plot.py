"""Angoff's delta plot: which items leave the line of all items' difficulties in the two groups?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qbank.analysis.arrays import BoolArray, FloatArray, ratio


@dataclass(frozen=True, slots=True, eq=False)
class DeltaPlot:
    """delta : (2, n_items), 13 − 4 Φ⁻¹(facility) ; the major axis y = intercept + slope x, distance : (n_items,)."""

    delta: FloatArray
    intercept: float
    slope: float
    distance: FloatArray


def delta_plot(facility: FloatArray, *, anchors: BoolArray | None = None) -> DeltaPlot:
    """Return each item's signed distance from the major axis of the delta plot (Angoff & Ford 1973).

    facility : (2, n_items), reference and focal ; anchors : (n_items,) the items that lay down the axis
    distance is positive where the item is easier for the focal group than the axis says; |distance| ≥ 1.5
    is the usual limit. It is not matched on score: an item that discriminates strongly leaves the line too where
    the groups differ in ability. NaN where everybody or nobody was right.

    >>> found = delta_plot(np.array([[0.9, 0.8, 0.6, 0.4], [0.8, 0.7, 0.5, 0.6]]))
    >>> np.round(found.distance, 2).tolist()
    [0.28, -0.11, -0.98, 0.81]
    """
    from scipy.special import ndtri

    inside = np.where((facility > 0) & (facility < 1), facility, np.nan)
    delta = 13 - 4 * ndtri(inside)
    used = ~np.isnan(delta).any(axis=0) & (np.ones(facility.shape[1], bool) if anchors is None else anchors)
    nothing = np.full(facility.shape[1], np.nan)
    if used.sum() < 2:
        return DeltaPlot(delta, float("nan"), float("nan"), nothing)
    covariance = np.cov(delta[:, used])
    gap = covariance[1, 1] - covariance[0, 0]
    slope = float(ratio(gap + np.hypot(gap, 2 * covariance[0, 1]), 2 * covariance[0, 1]))
    middle = delta[:, used].mean(axis=1)
    intercept = float(middle[1] - slope * middle[0])
    distance = (slope * delta[0] + intercept - delta[1]) / np.hypot(slope, 1.0)
    return DeltaPlot(delta, intercept, slope, distance)
