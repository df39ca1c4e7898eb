"""Very many papers side by side: how far apart they are, as a distribution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from qbank.analysis.arrays import ratio
from qbank.analysis.pooled import pooled
from qbank.analysis.reliability.alpha import variance_of
from qbank.analysis.sitting import SittingData

SPREAD_SCHEMA = pl.Schema(
    {
        "form": pl.String(), "n": pl.Int64(), "n_items": pl.Int64(), "marks_max": pl.Float64(), "expected": pl.Float64(),
        "facility": pl.Float64(), "cut": pl.Float64(),
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class PaperSpread:
    """papers : `paper_spread` ; variance : of the expected marks, papers weighted by their persons ; share : of the variance of totals that it is ;
    least_had, most_had : persons of the item that fewest and most had"""

    papers: pl.DataFrame
    variance: float
    share: float
    least_had: int
    most_had: int


def paper_spread(data: SittingData) -> PaperSpread | None:
    """Return what each paper lets expect, the hardest first; None where papers are few enough to be compared one by one.

    form, n (persons), n_items and marks_max (that count), expected = Σ of the mean marks of its items over all who had them: the marks of
    somebody of mean facility on each; facility = its share of marks_max; cut. Papers that nobody sat have no row. Nothing of a row is of a person.
    """
    if not data.pooled:
        return None
    found = pooled(data)
    marks = np.where(found.counted, data.marks, 0.0)
    had = found.counted.sum(axis=0)
    mean = np.nan_to_num(ratio(marks.sum(axis=0), had))
    counted = data.in_form & data.scored
    n = np.bincount(data.form, minlength=data.n_forms)
    expected, full = counted @ mean, counted @ data.marks_max
    table = pl.DataFrame(
        {
            "form": list(data.forms), "n": n, "n_items": counted.sum(axis=1), "marks_max": full, "expected": expected,
            "facility": ratio(expected, full), "cut": data.cuts,
        },
        schema=SPREAD_SCHEMA,
    ).filter(pl.col("n") > 0)  # fmt: skip
    whole = variance_of(data.total)
    variance = variance_of(found.expected)
    return PaperSpread(
        table.sort("facility", maintain_order=True, nulls_last=True), variance, float(ratio(variance, whole)),
        int(had[had > 0].min(initial=data.n_persons)), int(had.max(initial=0)),
    )  # fmt: skip
