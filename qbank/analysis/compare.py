"""Parallel papers side by side, and what the design allows one to say about a difference."""

from __future__ import annotations

from itertools import combinations
from typing import Literal

import numpy as np
import polars as pl

from qbank.analysis.arrays import FloatArray
from qbank.analysis.intervals import CONFIDENCE, normal_quantile
from qbank.analysis.sitting import SittingData

Design = Literal["spiralled", "anchor", "none"]

# Cohen's (1988) "small": below it a difference that is certain still matters little.
SMALL_DIFFERENCE = 0.2


def compare_papers(data: SittingData, design: Design, *, confidence: float = CONFIDENCE) -> pl.DataFrame:
    """Return one row a pair of forms: the standardised difference of their mean totals and a verdict.

    first, second, n_first, n_second, difference (marks, first − second), d = difference / pooled s (n − 1;
    Cohen 1988), d_low, d_high = d ± z·√((n₁+n₂)/(n₁n₂) + d²/(2(n₁+n₂))) (Hedges & Olkin 1985, p. 86);
    verdict: ``alike`` (interval holds 0), ``small`` (|d| < 0.2) or ``different`` where papers were
    spiralled, so that groups are alike by chance and a difference belongs to the papers; ``anchor`` (to be
    judged after linking) or ``confounded`` (papers and groups cannot be told apart) for other designs;
    ``no_data`` where d does not exist. No rows where forms are pooled: `qbank.analysis.spread` compares these.
    """
    if data.pooled:
        return pl.DataFrame(schema=_SCHEMA)
    rows = [_pair(data, first, second, design, confidence) for first, second in combinations(range(data.n_forms), 2)]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


_SCHEMA = {
    "first": pl.String,
    "second": pl.String,
    "n_first": pl.Int64,
    "n_second": pl.Int64,
    "difference": pl.Float64,
    "d": pl.Float64,
    "d_low": pl.Float64,
    "d_high": pl.Float64,
    "verdict": pl.String,
}


def _pair(
    data: SittingData, first: int, second: int, design: Design, confidence: float
) -> tuple[str, str, int, int, float, float, float, float, str]:
    left, right = data.total[data.form == first], data.total[data.form == second]
    difference, d, half = standardised_difference(left, right, confidence=confidence)
    verdict = "no_data" if np.isnan(d) else _verdict(d, half, design)
    names = data.forms[first], data.forms[second]
    return (*names, len(left), len(right), difference, d, d - half, d + half, verdict)


def standardised_difference(
    left: FloatArray, right: FloatArray, *, confidence: float = CONFIDENCE
) -> tuple[float, float, float]:
    """Return mean(left) − mean(right), Cohen's d with the pooled n − 1 variance, and half its 95 % interval.

    >>> difference, d, half = standardised_difference(np.array([3.0, 4.0, 5.0]), np.array([2.0, 3.0, 4.0]))
    >>> difference, d, round(half, 4)
    (1.0, 1.0, 1.6974)
    """
    m, n = len(left), len(right)
    nan = float("nan")
    if not m or not n:
        return nan, nan, nan
    difference = float(left.mean() - right.mean())
    squares = float(((left - left.mean()) ** 2).sum() + ((right - right.mean()) ** 2).sum())
    if m + n < 3 or squares <= 1e-18 * (m + n):
        return difference, nan, nan
    d = difference / float(np.sqrt(squares / (m + n - 2)))
    error = float(np.sqrt((m + n) / (m * n) + d**2 / (2 * (m + n))))
    return difference, d, normal_quantile(confidence) * error


def _verdict(d: float, half: float, design: Design) -> str:
    if design != "spiralled":
        return "anchor" if design == "anchor" else "confounded"
    if abs(d) <= half:
        return "alike"
    return "small" if abs(d) < SMALL_DIFFERENCE else "different"
