"""Who passed: rates, score distribution, and whom measurement error could have put on the other side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from qbank.analysis.arrays import BoolArray, FloatArray
from qbank.analysis.intervals import CONFIDENCE, wilson_interval
from qbank.analysis.reliability import reliability_table
from qbank.analysis.sitting import SittingData

# Totals are sums of decimal marks: 59.999999999 is a 60.
TOLERANCE = 1e-9


def passed(data: SittingData) -> BoolArray:
    """Return who reached the cut of their form, (n_persons,); nobody where there is none."""
    return np.asarray(data.total >= data.cuts[data.form] - TOLERANCE, bool)


def pass_rates(data: SittingData, *, confidence: float = CONFIDENCE) -> pl.DataFrame:
    """Return pass rates for all persons, then by form (unless `SittingData.pooled`), then by each group column.

    by (all, form or the column's name), value, n, n_passed, rate, rate_low, rate_high (Wilson, 95 %),
    mean, sd (n − 1). A group whose word is empty is not listed. Without a cut the rates are NaN.
    """
    members: list[tuple[str, str, BoolArray]] = [("all", "", np.ones(data.n_persons, bool))]
    if not data.pooled:
        members += [("form", name, data.form == index) for index, name in enumerate(data.forms)]
    for column, values in data.groups:
        words = np.array(values, dtype=object)
        members += [(column, word, words == word) for word in sorted(set(values)) if word]
    n = np.array([int(member.sum()) for _, _, member in members], float)
    decided = np.where(n > 0, n, np.nan) if not np.isnan(data.cut) else np.full(len(n), np.nan)
    n_passed = np.array([int((member & passed(data)).sum()) for _, _, member in members], float)
    low, high = wilson_interval(np.where(np.isnan(decided), np.nan, n_passed), decided, confidence=confidence)
    moments = [_moments(data, member) for _, _, member in members]
    return pl.DataFrame(
        {
            "by": [by for by, _, _ in members],
            "value": [value for _, value, _ in members],
            "n": n.astype(np.int64),
            "n_passed": n_passed.astype(np.int64),
            "rate": n_passed / decided,
            "rate_low": low,
            "rate_high": high,
            "mean": [mean for mean, _ in moments],
            "sd": [sd for _, sd in moments],
        }
    )


def _moments(data: SittingData, member: BoolArray) -> tuple[float, float]:
    scores = data.total[member]
    mean = float(scores.mean()) if len(scores) else float("nan")
    return mean, float(scores.std(ddof=1)) if len(scores) > 1 else float("nan")


def score_distribution(data: SittingData) -> pl.DataFrame:
    """Return how many persons of each form have each total.

    form ("" for all where `SittingData.pooled`), score, n, share, cumulative (share at or below); forms that nobody sat have no row.
    """
    frames = []
    for name, persons in _members(data):
        scores, counts = np.unique(np.round(data.total[persons], 9), return_counts=True)
        n = max(int(counts.sum()), 1)
        frames.append(
            pl.DataFrame(
                {"form": [name] * len(scores), "score": scores, "n": counts.astype(np.int64)},
                schema={"form": pl.String, "score": pl.Float64, "n": pl.Int64},
            ).with_columns(share=pl.col("n") / n, cumulative=pl.col("n").cum_sum() / n)
        )
    return pl.concat(frames)


def _members(data: SittingData) -> list[tuple[str, BoolArray]]:
    """Return who sat each form, everybody under "" where forms are pooled."""
    if data.pooled:
        return [("", np.ones(data.n_persons, bool))]
    return [(name, data.form == index) for index, name in enumerate(data.forms)]


@dataclass(frozen=True, slots=True)
class _Band:
    form: str
    n: int
    cut: float
    sem: float
    n_below: int
    n_above: int
    share: float
    share_low: float
    share_high: float


def borderline_table(data: SittingData, *, confidence: float = CONFIDENCE) -> pl.DataFrame:
    """Return, form by form, how many totals lie within one SEM of the cut.

    form, n, cut, sem (marks), n_below (failed by at most one SEM), n_above (passed by at most one SEM),
    share of n with its Wilson interval. NaN without a cut or a SEM. One row, form "", where forms are pooled; its cut is
    that of the sitting, and each person stands by the cut of the own paper.
    """
    sems = reliability_table(data)["sem"].to_list()
    above = data.total - data.cuts[data.form]
    cuts = [data.cut] if data.pooled else data.cuts.tolist()
    rows = [
        _band(name, above[persons], cut, sem, confidence)
        for (name, persons), cut, sem in zip(_members(data), cuts, sems, strict=True)
    ]
    names = list(_Band.__annotations__)
    return pl.DataFrame({name: [getattr(row, name) for row in rows] for name in names})


def _band(form: str, above: FloatArray, cut: float, sem: float, confidence: float) -> _Band:
    n_below = int(((above < -TOLERANCE) & (above >= -sem - TOLERANCE)).sum())
    n_above = int(((above >= -TOLERANCE) & (above <= sem + TOLERANCE)).sum())
    n = float(len(above)) if len(above) and not np.isnan(sem + cut) else float("nan")
    low, high = wilson_interval(n_below + n_above if n == n else np.nan, n, confidence=confidence)
    return _Band(
        form,
        len(above),
        float(cut),
        sem,
        n_below,
        n_above,
        (n_below + n_above) / n,
        float(low),
        float(high),
    )
