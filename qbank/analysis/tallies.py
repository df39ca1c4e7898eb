"""What counts of persons say: pass rates, means, spread, quartiles; from counts alone, without any person."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qbank.analysis.arrays import BoolArray, FloatArray, ratio
from qbank.analysis.intervals import wilson_interval
from qbank.analysis.review import Thresholds


@dataclass(frozen=True, slots=True, eq=False)
class TallySummary:
    """Arrays (n_rows,), per cent of the marks; NaN where nobody sat and where fewer sat than are shown.

    rate, rate_low, rate_high : passed among the present with its 95 % interval ; mean, sd : with n − 1 ; lowest, highest :
        ends of the lowest and the highest band that holds anybody ; quartile_1, median, quartile_3 : interpolated within
        bands ; suppressed : too few persons ; small : few
    """

    rate: FloatArray
    rate_low: FloatArray
    rate_high: FloatArray
    mean: FloatArray
    sd: FloatArray
    lowest: FloatArray
    quartile_1: FloatArray
    median: FloatArray
    quartile_3: FloatArray
    highest: FloatArray
    suppressed: BoolArray
    small: BoolArray


def summarise(
    present: ArrayLike, passed: ArrayLike, sum: ArrayLike, sum_of_squares: ArrayLike, bands: ArrayLike, *,
    limits: Thresholds | None = None,
) -> TallySummary:  # fmt: skip
    """Return rates, moments and quartiles of rows of counts.

    present, passed, sum, sum_of_squares : (n_rows,) ; bands : (n_rows, n_bands) counts of the present, equal bands over 0 to
    100. Wilson's interval of the rate (Wilson 1927); variance (Σx² − (Σx)² / n) / (n − 1); a quantile q is
    low + width (q n − below) / within, in the band that holds it. Rows of fewer than ``limits.suppress_below`` persons get
    no numbers.

    >>> bands = np.zeros((1, 20), int)
    >>> bands[0, 12:16] = 5
    >>> found = summarise([20], [20], [1400.0], [98600.0], bands)
    >>> [round(float(x[0]), 2) for x in (found.rate_low, found.mean, found.sd, found.lowest, found.median, found.highest)]
    [0.84, 70.0, 5.62, 60.0, 70.0, 80.0]
    """
    bounds = limits or Thresholds()
    n, count = np.asarray(present, float), np.asarray(bands, float)
    few = (n > 0) & (n < bounds.suppress_below)
    shown = np.where(few, 0.0, n)
    rate = ratio(passed, shown)
    low, high = wilson_interval(np.where(shown > 0, np.asarray(passed, float), np.nan), np.where(shown > 0, n, np.nan))
    total = np.asarray(sum, float)
    mean = ratio(total, shown)
    # A sum of equal totals leaves a rounding error, which must not become the root of a negative number.
    spread = np.maximum(np.asarray(sum_of_squares, float) - ratio(total**2, shown), 0.0)
    sd = np.sqrt(ratio(spread, np.where(shown > 1, shown - 1, 0.0)))
    n_bands = count.shape[1]
    held = (count > 0) & (shown > 0)[:, None]
    ends = np.linspace(0.0, 100.0, n_bands + 1)
    some = held.any(axis=1)
    lowest = np.where(some, ends[:-1][np.argmax(held, axis=1)], np.nan)
    highest = np.where(some, ends[n_bands - np.argmax(held[:, ::-1], axis=1)], np.nan)
    first, middle, third = (np.where(some, _quantile(count, share), np.nan) for share in (0.25, 0.5, 0.75))
    small = (shown > 0) & (n < bounds.small_below)
    return TallySummary(rate, low, high, mean, sd, lowest, first, middle, third, highest, few, small)


def _quantile(bands: FloatArray, share: float) -> FloatArray:
    """Return the quantile of each row, (n_rows,); of an empty row anything."""
    n_rows, n_bands = bands.shape
    upto = np.cumsum(bands, axis=1)
    wanted = share * upto[:, -1]
    band = np.minimum((upto < wanted[:, None] - 1e-9).sum(axis=1), n_bands - 1)
    row = np.arange(n_rows)
    below = upto[row, band] - bands[row, band]
    return np.asarray((band + np.nan_to_num(ratio(wanted - below, bands[row, band]))) * (100.0 / n_bands))
