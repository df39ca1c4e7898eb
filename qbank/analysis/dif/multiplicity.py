"""p-values of many items at once."""

from __future__ import annotations

import numpy as np

from qbank.analysis.arrays import FloatArray


def benjamini_hochberg(p: FloatArray) -> FloatArray:
    """Return p adjusted so that the share of false findings among all is held (Benjamini & Hochberg 1995); NaN stays NaN
    and does not count.

    >>> benjamini_hochberg(np.array([0.01, 0.04, np.nan, 0.03])).round(3).tolist()
    [0.03, 0.04, nan, 0.04]
    """
    out = np.array(p, float)
    known = np.flatnonzero(~np.isnan(out))
    order = known[np.argsort(-out[known], kind="stable")]
    m = len(order)
    steps = out[order] * m / np.arange(m, 0, -1) if m else out[order]
    out[order] = np.minimum(np.minimum.accumulate(steps), 1.0) if m else steps
    return out


def holm(p: FloatArray) -> FloatArray:
    """Return p adjusted so that the chance of any false finding is held (Holm 1979); NaN stays NaN and does not count.

    >>> holm(np.array([0.01, 0.04, np.nan, 0.03])).round(3).tolist()
    [0.03, 0.06, nan, 0.06]
    """
    out = np.array(p, float)
    known = np.flatnonzero(~np.isnan(out))
    order = known[np.argsort(out[known], kind="stable")]
    m = len(order)
    if m:
        out[order] = np.minimum(np.maximum.accumulate(out[order] * np.arange(m, 0, -1)), 1.0)
    return out
