"""What the history of an item is told from: the record, its charts, and the flags that stand on it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from qbank.analysis.arrays import FloatArray, IntArray
from qbank.analysis.control import PChart, Signals, Trend, p_chart, signals, trend
from qbank.analysis.intervals import wilson_interval
from qbank.ledger import DatedEstimate, ItemHistory

Rule = Literal["beyond", "two_of_three", "run", "trend"]
RULES: tuple[Rule, ...] = get_args(Rule)
"""One point beyond 3 sigma; two of three beyond 2 sigma on the same side; eight in a row on one side; b changes with time."""


@dataclass(frozen=True, slots=True)
class HistoryFlag:
    """An item revision that is not what it was.

    code : ``drift`` ; rules : that speak ; distance : of the point or trend that is furthest off, in sigmas ; sitting, date :
        of that point ; facility, expected : there; NaN where only b speaks ; level_removed : whether the level of that
        sitting was taken away first ; latest : the last sitting at which a rule speaks ; direction : there, or of b ;
        n_sittings : analysed, of this revision ; certain : whether the distance is too large for chance even among all
        points that were looked at (Bonferroni, 5 %)
    """

    code: Literal["drift"]
    item: str
    fingerprint: str
    rules: tuple[Rule, ...]
    direction: Literal["easier", "harder"]
    distance: float
    sitting: str
    date: str
    facility: float
    expected: float
    level_removed: bool
    latest: str
    n_sittings: int
    certain: bool = False


@dataclass(frozen=True, slots=True)
class SittingLevel:
    """How a whole sitting went against the others: ``logits`` by which its items went better, 0 and not ``judged`` where it
    shares too few items with them; ``n_items`` of them were looked at."""

    sitting: str
    date: str
    logits: float
    judged: bool
    n_items: int


@dataclass(frozen=True, slots=True, eq=False)
class ItemChart:
    """Arrays aligned with the uses of a history: revision (number of each use's), low, high (Wilson, 95 %), the p-chart of
    each revision and where rules speak on it. estimates : on the present scale, made anew ; trend : of b by revision."""

    revision: IntArray
    low: FloatArray
    high: FloatArray
    chart: PChart
    signals: Signals
    estimates: tuple[DatedEstimate, ...]
    trend: Trend


@dataclass(frozen=True, slots=True, eq=False)
class HistoryData:
    """An item for its page: flags : those of the item and of its parts ; present : the fingerprint in the bank, "" where
    the bank is away or has it no more ; parts : with their charts"""

    history: ItemHistory
    chart: ItemChart
    flags: tuple[HistoryFlag, ...]
    parts: tuple[tuple[ItemHistory, ItemChart], ...]
    present: str = ""


def item_chart(history: ItemHistory) -> ItemChart:
    """Return the charts of an item; a sitting without an analysis has a row of NaN.

    The interval of a facility takes the marks earned as if each answer were right or wrong: for an item that can earn a part
    of its marks it is wider than need be.
    """
    uses = history.uses
    number = {revision.fingerprint: n for n, revision in enumerate(history.revisions)}
    which = np.array([number[use.fingerprint] for use in uses], np.int64)
    n, p = np.array([use.n for use in uses], float), np.array([use.facility for use in uses], float)
    n = np.where(np.isfinite(p), n, 0.0)
    low, high = wilson_interval(np.where(n > 0, np.nan_to_num(p), 0.0) * n, n)
    chart = p_chart(p, n, which)
    # A revision may come back after another: its points are one series then.
    order = np.argsort(which, kind="stable")
    spoken = signals(chart.z[order], which[order])
    back = np.argsort(order, kind="stable")
    found = Signals(spoken.beyond[back], spoken.two_of_three[back], spoken.run[back])
    own = tuple(e for e in history.estimates if e.estimate.scale == history.scale and not e.held)
    group = np.array([number.get(e.estimate.fingerprint, len(number)) for e in own], np.int64)
    b, error = np.array([e.location for e in own], float), np.array([e.error for e in own], float)
    moved = trend(b, error, np.array([years(e.date) for e in own], float), group)
    return ItemChart(which, low, high, chart, found, own, moved)


def years(date: str) -> float:
    """Return a day as a number of years, NaN where it is none."""
    try:
        return datetime.date.fromisoformat(date).toordinal() / 365.25
    except ValueError:
        return float("nan")
