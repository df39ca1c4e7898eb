"""Everything a report says about reliability, in one record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from qbank.analysis.calibrated import CalibratedItems
from qbank.analysis.intervals import CONFIDENCE
from qbank.analysis.reliability.coefficients import coefficient_table
from qbank.analysis.reliability.conditional import conditional_table
from qbank.analysis.reliability.strata import strata_table
from qbank.analysis.reliability.table import reliability_table
from qbank.analysis.sitting import SittingData
from qbank.analysis.tiers import Tiers
from qbank.irt import Calibration, ItemParameters


@dataclass(frozen=True, slots=True, eq=False)
class ReliabilityAnalysis:
    """Tables of `reliability_table`, `coefficient_table`, `strata_table`, `conditional_table`; withheld: `Tiers.withheld`.

    Papers with fewer persons than statistics ask for have rows in the first table and in ``withheld`` alone.
    """

    papers: pl.DataFrame
    coefficients: pl.DataFrame
    strata: pl.DataFrame
    conditional: pl.DataFrame
    withheld: pl.DataFrame
    seed: int


def reliability_analysis(
    data: SittingData,
    *,
    parameters: Mapping[str, Calibration | ItemParameters] | CalibratedItems | None = None,
    tiers: Tiers | None = None,
    seed: int = 1,
    confidence: float = CONFIDENCE,
) -> ReliabilityAnalysis:
    """Return coefficients by paper, by section and domain, and errors score by score.

    parameters : form → calibration with the items' ids as labels, or the calibrated items of the sitting, for the
        conditional error by IRT
    seed : of random halves. Cost: persons × items² once a paper; 100,000 × 100 takes about a second.

    >>> import numpy as np
    >>> from qbank.analysis import sitting_data
    >>> right = np.random.default_rng(1).random((40, 1)) > np.random.default_rng(2).random((40, 6))
    >>> found = reliability_analysis(sitting_data(list("abcdef"), right.astype(float), 1.0))
    >>> found.coefficients["coefficient"][0], found.withheld.height
    ('alpha', 0)
    """
    limits = tiers or Tiers()
    papers = reliability_table(data, confidence=confidence)
    least = limits.needs("statistics")
    shown = papers.filter(pl.col("n") >= least)["form"]
    inside = pl.col("form").is_in(shown.implode())
    return ReliabilityAnalysis(
        papers,
        coefficient_table(data, seed=seed, confidence=confidence, forms=set(shown)),
        strata_table(data, confidence=confidence).filter(inside),
        conditional_table(data, papers, parameters=parameters).filter(inside),
        limits.withheld([("statistics", form, n) for form, n in papers.select("form", "n").iter_rows()]),
        seed,
    )
