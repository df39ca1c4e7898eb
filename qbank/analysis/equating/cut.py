"""The mark of one paper that equals a cut on another, its standard error, and who passes by the one and not by the other."""

from __future__ import annotations

from typing import Any

import numpy as np

from qbank.analysis.arrays import FloatArray
from qbank.analysis.equating.methods import Curve
from qbank.analysis.sitting import SittingData


def mark_at(points: FloatArray, equated: FloatArray, cut: float) -> tuple[float, float]:
    """Return the score of the new paper that equals ``cut`` on the base, and the lowest score point that passes.

    Between points the curve is taken as straight, beyond them as going on; NaN where it never gets there.

    >>> mark_at(np.array([0.0, 1.0, 2.0]), np.array([0.4, 1.4, 2.4]), 1.9)
    (1.5, 2.0)
    """
    known = np.isfinite(equated)
    if not np.isfinite(cut) or known.sum() < 2:
        return float("nan"), float("nan")
    x, y = points[known], np.maximum.accumulate(equated[known])
    passing = x[y >= cut - 1e-9]
    if cut < y[0] or cut > y[-1]:
        place = 0 if cut < y[0] else len(y) - 2
        slope = (y[place + 1] - y[place]) / (x[place + 1] - x[place])
        exact = float(x[place] + (cut - y[place]) / slope) if slope > 0 else float("nan")
    else:
        exact = float(np.interp(cut, y, x))
    return exact, float(passing[0]) if len(passing) else float("nan")


def see_at(curve: Curve, points: FloatArray, cut: float) -> float:
    """Return the standard error where the curve takes the cut; without a cut the largest between the quartiles of the scale."""
    known = np.isfinite(curve.errors)
    if not known.any():
        return float("nan")
    exact, _ = mark_at(points, curve.equated, cut)
    if not np.isfinite(exact):
        return float(np.nanmedian(curve.errors))
    return float(np.interp(exact, points[known], curve.errors[known]))


def _slope_at(curve: Curve, points: FloatArray, exact: float) -> float:
    """Return how many marks of the base a mark of this paper is worth about a score: over two points to either side.

    By it the error of the equated score becomes that of the mark that equals the cut. NaN where the curve is flat.
    """
    known = np.isfinite(curve.equated)
    ends = np.clip([exact - 2 * (points[1] - points[0]), exact + 2 * (points[1] - points[0])], points[known][0], points[known][-1])
    low, high = np.interp(ends, points[known], curve.equated[known])
    return float((high - low) / (ends[1] - ends[0])) if high > low and ends[1] > ends[0] else float("nan")


def method_row(
    paper: str, name: str, curve: Curve, points: FloatArray, cut: float, reported: bool
) -> dict[str, Any]:
    """Return what one method says of the cut, as a row of `METHOD_SCHEMA`."""
    exact, mark = mark_at(points, curve.equated, cut)
    see = see_at(curve, points, cut) / _slope_at(curve, points, exact) if np.isfinite(exact) else float("nan")
    off = curve.equated - points
    return {
        "paper": paper, "method": name, "reported": reported, "cut": cut, "equated_cut": exact, "cut_see": see,
        "cut_mark": mark, "mean_difference": float(np.nanmean(off)) if np.isfinite(off).any() else float("nan"),
        "see_source": curve.source,
    }  # fmt: skip


def flips_at(
    data: SittingData, new: int, points: FloatArray, curve: Curve, mark: float
) -> tuple[list[dict[str, Any]], int | None, int | None]:
    """Return who passes by one cut and not by the other, and how many pass by each; nobody is counted without a cut."""
    if not np.isfinite(data.cut):
        return [], None, None
    here = np.flatnonzero((data.form == new) & np.isfinite(data.total))
    total = data.total[here]
    before = total >= data.cut - 1e-9
    after = total >= mark - 1e-9 if np.isfinite(mark) else np.zeros(len(total), bool)
    known = np.isfinite(curve.equated)
    equated = np.interp(total, points[known], curve.equated[known])
    flips = [
        {
            "paper": data.forms[new], "row": int(data.row[here[i]]), "total": float(total[i]), "equated": float(equated[i]),
            "passed": bool(before[i]), "passes_equated": bool(after[i]),
        }
        for i in np.flatnonzero(before != after)
    ]  # fmt: skip
    return flips, int(before.sum()), int(after.sum())
