"""Array types, division that yields NaN without a warning, correlation by column with missing cells."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
_Scalar = TypeVar("_Scalar", bound=np.generic)


def ratio(numerator: ArrayLike, denominator: ArrayLike) -> FloatArray:
    """Return numerator / denominator, NaN where the denominator is 0 or NaN.

    >>> ratio([1.0, 2.0], [2.0, 0.0])
    array([0.5, nan])
    """
    top, bottom = np.broadcast_arrays(np.asarray(numerator, float), np.asarray(denominator, float))
    out = np.full(top.shape, np.nan)
    np.divide(top, bottom, out=out, where=(bottom != 0) & ~np.isnan(bottom))
    return out


def read_only(array: NDArray[_Scalar]) -> NDArray[_Scalar]:
    """Return the array, closed against writing."""
    array.setflags(write=False)
    return array


def column_mean(values: FloatArray, seen: BoolArray) -> FloatArray:
    """Return the mean of each column over the cells seen; NaN for a column that nobody saw."""
    return ratio(np.where(seen, values, 0.0).sum(axis=0), seen.sum(axis=0))


def column_deviations(values: FloatArray, seen: BoolArray) -> FloatArray:
    """Return values minus their column mean, 0 where not seen and in columns that do not vary.

    values : (n_rows, n_columns), of any value, NaN too, where not seen
    """
    whole = bool(seen.all())
    filled = values if whole else np.where(seen, values, 0.0)
    mean = np.nan_to_num(ratio(filled.sum(axis=0), seen.sum(axis=0)))
    deviations: FloatArray = filled - mean
    if not whole:
        deviations *= seen
    # Where nobody saw there is 0, which lies between the lowest and the highest deviation.
    spread = deviations.max(axis=0, initial=0.0) - deviations.min(axis=0, initial=0.0)
    # A sum of equal decimals does not divide back exactly; what is left is rounding, not variance.
    varies = spread > 1e-10 * np.maximum(1.0, np.abs(mean))
    if not varies.all():
        deviations[:, ~varies] = 0.0
    return deviations


def column_correlation(left: FloatArray, right: FloatArray, seen: BoolArray) -> FloatArray:
    """Return Pearson's r between aligned columns over the cells seen.

    left, right, seen : (n_persons, n_items); left and right may hold anything where not seen. NaN where either column does
    not vary.
    """
    x = column_deviations(left, seen)
    y = column_deviations(right, seen)
    return ratio(
        np.einsum("pi,pi->i", x, y),
        np.sqrt(np.einsum("pi,pi->i", x, x) * np.einsum("pi,pi->i", y, y)),
    )
