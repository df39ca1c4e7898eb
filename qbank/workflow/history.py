"""history: one item through all sittings, and the items that are no longer what they were."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from qbank.analysis.arrays import BoolArray, FloatArray, IntArray
from qbank.analysis.control import SIGMAS, Levels, levels, signals, trend
from qbank.core.bank import settle
from qbank.ledger import (
    EstimateSeries,
    ItemHistory,
    ItemSeries,
    Ledger,
    estimate_series,
    item_history,
    item_series,
    known_items,
)
from qbank.problem import Problem, Span, error
from qbank.report.history.data import HistoryData, HistoryFlag, Rule, SittingLevel, item_chart, years
from qbank.workflow.bank import check_bank
from qbank.workflow.workspace import Workspace

NEAR = 3
FALSE_ALARM = 0.05


@dataclass(frozen=True, slots=True)
class OutOfControl:
    """flags : furthest off first ; levels : of the sittings, oldest first ; n_items : revisions with two sittings or more ;
    n_points : their sittings, all of which were held against 3 sigma"""

    flags: tuple[HistoryFlag, ...]
    levels: tuple[SittingLevel, ...]
    n_items: int
    n_points: int


def history_of_item(item: str, workspace: Workspace) -> tuple[HistoryData | None, list[Problem]]:
    """Return an item through all sittings; one of a bank that no sitting had has an empty history.

    An id that neither a sitting nor a bank of the workspace knows is an error that names those nearest to it.
    """
    banks = _ids_in_banks(workspace)
    flags: tuple[HistoryFlag, ...] = ()
    history, others = ItemHistory(item, (), (), (), "", (), ()), tuple(banks)
    if workspace.has_ledger():
        ledger = workspace.open()
        try:
            history = item_history(ledger, item)
            empty = not (history.uses or history.estimates or history.decisions or history.parts)
            if empty and item not in banks:
                others = tuple(dict.fromkeys((*known_items(ledger), *others)))
            if not empty:
                own = {item, *(part.item for part in history.parts)}
                flags = tuple(flag for flag in history_flags(ledger) if flag.item in own)
        finally:
            ledger.close()
    known = history.uses or history.estimates or history.decisions or history.parts or item in banks
    if not known:
        near = ", ".join(difflib.get_close_matches(item, others, n=NEAR))
        return None, [error("U101", Span(item), id=item, suggestion=near)]
    parts = tuple((part, item_chart(part)) for part in history.parts)
    return HistoryData(history, item_chart(history), flags, parts, banks.get(item, "")), []


def _ids_in_banks(workspace: Workspace) -> dict[str, str]:
    """Return the items of all banks of the workspace with their fingerprints, as far as they can be read."""
    found: dict[str, str] = {}
    for path in sorted(workspace.root.glob("banks/*/bank.yaml")) or [*workspace.root.glob("bank.yaml")]:
        bank = check_bank(path.parent, cached=True)[0].bank
        found |= dict(settle(bank).fingerprints) if bank is not None else {}
    return found


def control_of(workspace: Workspace) -> OutOfControl:
    """Return what is out of control in a workspace's ledger; nothing where there is none yet."""
    if not workspace.has_ledger():
        return OutOfControl((), (), 0, 0)
    ledger = workspace.open()
    try:
        return out_of_control(ledger)
    finally:
        ledger.close()


def history_flags(ledger: Ledger) -> tuple[HistoryFlag, ...]:
    """Return the items that are no longer what they were, the furthest off first; see `out_of_control`."""
    return out_of_control(ledger).flags


def out_of_control(ledger: Ledger) -> OutOfControl:
    """Return what the rules of control charts say of the last revision of every item, the furthest off first.

    The facility of each sitting is held against that of the same revision over all sittings, at the level of the sitting
    (`qbank.analysis.control.levels`): where everybody did better the persons differ, not the items. Rules: one point beyond
    3 sigma; two of three in a row beyond 2 sigma on the same side; eight in a row on the same side; a change of b over time
    beyond 3 standard errors, by weighted regression of the estimates on the present scale.
    """
    series, estimates = item_series(ledger), estimate_series(ledger)
    group = _groups(series.items, series.fingerprints)
    sittings = {name: n for n, name in enumerate(dict.fromkeys(series.sittings))}
    of_sitting = np.array([sittings[name] for name in series.sittings], np.int64)
    found = levels(series.facility, series.n, group, of_sitting)
    last = _last_revisions(series)
    flags = [
        flag
        for flag in (*_facility_flags(series, group, of_sitting, found), *_trend_flags(estimates))
        if last.get(flag.item, flag.fingerprint) == flag.fingerprint
    ]
    size = np.bincount(group, minlength=1)
    n_points = int(size[size > 1].sum())
    limit = certain_beyond(n_points)
    merged = [replace(flag, certain=flag.distance > limit) for flag in _merged(flags)]
    dates = dict(zip(series.sittings, series.dates, strict=True))
    n_items = np.bincount(of_sitting, minlength=len(sittings))
    told = [
        SittingLevel(name, dates[name], float(found.level[n]), bool(found.judged[n]), int(n_items[n]))
        for name, n in sittings.items()
    ]
    return OutOfControl(
        tuple(sorted(merged, key=lambda flag: (-flag.distance, flag.item))),
        tuple(sorted(told, key=lambda level: (level.date, level.sitting))),
        int((size > 1).sum()),
        n_points,
    )


def certain_beyond(n_points: int) -> float:
    """Return the distance in sigmas that chance exceeds with 5 % anywhere among so many points (Bonferroni).

    >>> round(certain_beyond(1), 2), round(certain_beyond(1000), 2)
    (1.96, 4.06)
    """
    from scipy.special import ndtri

    return float(-ndtri(FALSE_ALARM / (2 * max(n_points, 1))))


def _groups(items: Sequence[str], fingerprints: Sequence[str]) -> IntArray:
    """Return the number of the revision that each row is of; rows of one stand together."""
    new = [
        n == 0 or (items[n], fingerprints[n]) != (items[n - 1], fingerprints[n - 1]) for n in range(len(items))
    ]
    return np.asarray(np.cumsum(np.array(new, np.int64)) - 1, np.int64)


def _last_revisions(series: ItemSeries) -> dict[str, str]:
    """Return the revision of each item that the latest sitting had."""
    latest: dict[str, tuple[str, str, str]] = {}
    for item, fingerprint, date, sitting in zip(
        series.items, series.fingerprints, series.dates, series.sittings, strict=True
    ):
        latest[item] = max(latest.get(item, ("", "", "")), (date, sitting, fingerprint))
    return {item: fingerprint for item, (_, _, fingerprint) in latest.items()}


def _facility_flags(
    series: ItemSeries, group: IntArray, of_sitting: IntArray, found: Levels
) -> list[HistoryFlag]:
    spoken = signals(found.z, group)
    named: tuple[tuple[Rule, BoolArray], ...] = (
        ("beyond", spoken.beyond), ("two_of_three", spoken.two_of_three), ("run", spoken.run),
    )  # fmt: skip
    size = np.bincount(group)
    flags = []
    for one in np.unique(group[spoken.any]).tolist():
        rows = _rows_of(group, one)
        far = int(rows[np.nanargmax(np.abs(found.z[rows]))])
        latest = int(rows[spoken.any[rows]][-1])
        flags.append(
            HistoryFlag(
                "drift", series.items[far], series.fingerprints[far],
                tuple(name for name, here in named if here[rows].any()),
                "easier" if found.z[latest] > 0 else "harder", abs(float(found.z[far])), series.sittings[far],
                series.dates[far], float(series.facility[far]), float(found.expected[far]),
                bool(found.judged[of_sitting[far]]), series.sittings[latest], int(size[one]),
            )
        )  # fmt: skip
    return flags


def _rows_of(group: IntArray, one: int) -> IntArray:
    """Return the rows of a revision; they stand together and in order."""
    low, high = np.searchsorted(group, [one, one + 1])
    return np.arange(low, high)


def _trend_flags(series: EstimateSeries) -> list[HistoryFlag]:
    group = _groups(series.items, series.fingerprints)
    time: FloatArray = np.array([years(date) for date in series.dates], np.float64)
    moved = trend(series.b, series.error, time, group)
    flags = []
    for one in np.flatnonzero(np.abs(np.nan_to_num(moved.z)) > SIGMAS):
        row = int(_rows_of(group, int(one))[-1])
        flags.append(
            HistoryFlag(
                "drift", series.items[row], series.fingerprints[row], ("trend",),
                "harder" if moved.slope[one] > 0 else "easier", abs(float(moved.z[one])), "", series.dates[row],
                float("nan"), float("nan"), False, "", int(moved.n[one]),
            )
        )  # fmt: skip
    return flags


def _merged(flags: Sequence[HistoryFlag]) -> list[HistoryFlag]:
    """Return one flag an item: the one furthest off, with the rules of all."""
    by_item: dict[str, list[HistoryFlag]] = {}
    for flag in flags:
        by_item.setdefault(flag.item, []).append(flag)
    return [_joined(some) for some in by_item.values()]


def _joined(flags: Sequence[HistoryFlag]) -> HistoryFlag:
    furthest = max(flags, key=lambda flag: flag.distance)
    facility = next((flag for flag in flags if flag.sitting), furthest)
    rules = tuple(rule for flag in flags for rule in flag.rules)
    return replace(
        facility, rules=rules, distance=furthest.distance, n_sittings=max(flag.n_sittings for flag in flags)
    )  # fmt: skip
