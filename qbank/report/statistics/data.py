"""What the statistics over sittings are told from: the table that was asked for, and those behind the charts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qbank.analysis.review import Thresholds
from qbank.analysis.tallies import TallySummary, summarise
from qbank.core.tally import N_BANDS, Tally
from qbank.ledger import StatisticsTable


@dataclass(frozen=True, slots=True)
class StatisticsData:
    """asked : by the dimensions of the call ; sites, sittings : of the same selection by these alone ; dates : of the
    sittings ; limits : below which numbers of persons nothing is shown"""

    asked: StatisticsTable
    sites: StatisticsTable
    sittings: StatisticsTable
    dates: dict[str, str]
    limits: Thresholds


def summary_of(tallies: Sequence[Tally], limits: Thresholds) -> TallySummary:
    """Return rates, means and quartiles of tallies, in their order."""
    return summarise(
        [one.present for one in tallies], [one.passed for one in tallies], [one.sum for one in tallies],
        [one.sum_of_squares for one in tallies], np.array([one.bands for one in tallies], np.int64).reshape(-1, N_BANDS),
        limits=limits,
    )  # fmt: skip
