"""What the history of an item is told from: the record, its charts, and the flags that stand on it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from qbank.analysis.arrays import BoolArray, FloatArray, IntArray
from qbank.analysis.control import SIGMAS, PChart, Signals, Trend, p_chart, signals, trend, two_points
from qbank.analysis.intervals import wilson_interval
from qbank.ledger import DatedEstimate, ItemHistory
from qbank.ledger.flags import stands_apart

Cause = Literal["trend", "drift", "easier", "leak"]
Rule = Literal["beyond", "two_of_three", "run", "differ", "trend"]
RULES: tuple[Rule, ...] = get_args(Rule)
"""One point beyond 3 sigma; two of three beyond 2 sigma on the same side; eight in a row on one side; the
only two sittings more than 3 sigma apart; b changes with time."""


@dataclass(frozen=True, slots=True)
class HistoryFlag:
    """An item revision that is not what it was.

    code : what a calibration found to be the cause (``drift``, ``easier``, ``leak``), ``trend`` where none did ; rules : that speak ; distance : of the point or trend that is furthest off, in sigmas ; sitting, date :
        of that point ; facility, expected : there; NaN where only b speaks ; level_removed : whether the level of that
        sitting was taken away first ; latest : the last sitting at which a rule speaks ; direction : there, or of b ;
        n_sittings : analysed, of this revision ; certain : whether the distance is too large for chance even among all
        points that were looked at (Bonferroni, 5 %) ; other, other_facility : where there are two sittings only, the earlier one;
        ``expected`` is then what it would have the later one be
    """

    code: Cause
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
    other: str = ""
    other_facility: float = float("nan")


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
    each stretch and where rules speak on it ; apart : uses after a leak that is suspected, which no centre pools. A stretch is a
    revision from one drift to the next. estimates : on the present scale, made anew ; apart_b, stretch : of each of them,
    whether it is not pooled, and its group in ``trend`` ; trend : of b, by revision its last stretch, then earlier ones."""

    revision: IntArray
    low: FloatArray
    high: FloatArray
    chart: PChart
    signals: Signals
    estimates: tuple[DatedEstimate, ...]
    trend: Trend
    apart: BoolArray
    apart_b: BoolArray
    stretch: IntArray


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
    apart = np.array([stands_apart(history.flags, use.fingerprint, use.date, use.sitting) for use in uses], np.bool_)
    drifts = np.array([_drifts(history, use.fingerprint, use.date, use.sitting) for use in uses], np.int64)
    part = which * (int(drifts.max(initial=0)) + 1) + drifts
    low, high = wilson_interval(np.where(n > 0, np.nan_to_num(p), 0.0) * n, n)
    chart, pair = _pooled_chart(p, n, part, apart)
    # A revision may come back after another: its points are one series then.
    order = np.argsort(part, kind="stable")
    spoken = signals(np.where(apart, np.nan, chart.z)[order], part[order], pair[order])
    back = np.argsort(order, kind="stable")
    found = Signals(
        spoken.beyond[back] | (apart & chart.outside), spoken.two_of_three[back], spoken.run[back], spoken.differ[back]
    )
    own = tuple(e for e in history.estimates if e.estimate.scale == history.scale and not e.held)
    apart_b = np.array([stands_apart(history.flags, e.estimate.fingerprint, e.date, e.estimate.sitting) for e in own], np.bool_)
    group = _stretches(history, own, number)
    b, error = np.array([e.location for e in own], float), np.array([e.error for e in own], float)
    moved = trend(np.where(apart_b, np.nan, b), error, np.array([years(e.date) for e in own], float), group)
    return ItemChart(which, low, high, chart, found, own, moved, apart, apart_b, group)


def _pooled_chart(p: FloatArray, n: FloatArray, part: IntArray, apart: BoolArray) -> tuple[PChart, BoolArray]:
    """Return the p-chart whose centres leave out what stands apart, and which points are one of two.

    A point that stands apart is held against the centre of the others, which varies too: sigma² = P (1 − P) (1/n + 1/N).
    A cause that is known takes its point out of the limits (Montgomery 2013, 7.2).
    """
    kept = np.where(apart, 0.0, n)
    chart = p_chart(np.where(apart, np.nan, p), kept, part)
    pair, factor = two_points(kept, chart.centre, part)
    centre, sigma = chart.centre.copy(), chart.sigma / factor
    for row in np.flatnonzero(apart & (n > 0)):
        own = (part == part[row]) & ~apart & np.isfinite(chart.centre)
        if own.any():
            centre[row] = chart.centre[own][0]
            sigma[row] = np.sqrt(centre[row] * (1 - centre[row]) * (1 / n[row] + 1 / kept[own].sum()))
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(sigma > 0, (p - centre) / sigma, np.where(np.isfinite(p - centre), 0.0, np.nan))
    lower, upper = np.maximum(centre - SIGMAS * sigma, 0.0), np.minimum(centre + SIGMAS * sigma, 1.0)
    outside = np.nan_to_num(np.abs(z)) > SIGMAS
    return PChart(centre, sigma, lower, upper, z, outside), pair


def _drifts(history: ItemHistory, fingerprint: str, date: str, sitting: str) -> int:
    """Return how many drifts of a revision lie before a sitting, that of its own included."""
    return sum(
        (flag.date, flag.sitting) <= (date, sitting)
        for flag in history.flags
        if flag.code == "drift" and not flag.kept and flag.fingerprint == fingerprint
    )


def _stretches(history: ItemHistory, own: tuple[DatedEstimate, ...], number: dict[str, int]) -> IntArray:
    """Return the group of each estimate: the number of its revision in its last stretch, numbers beyond them before that."""
    groups: dict[tuple[int, int], int] = {}
    found = []
    for entry in own:
        fingerprint = entry.estimate.fingerprint
        revision = number.get(fingerprint, len(number))
        so_far = _drifts(history, fingerprint, entry.date, entry.estimate.sitting)
        last = so_far == _drifts(history, fingerprint, "~", "~")
        found.append(revision if last else groups.setdefault((revision, so_far), len(number) + 1 + len(groups)))
    return np.array(found, np.int64)


def years(date: str) -> float:
    """Return a day as a number of years, NaN where it is none."""
    try:
        return datetime.date.fromisoformat(date).toordinal() / 365.25
    except ValueError:
        return float("nan")
