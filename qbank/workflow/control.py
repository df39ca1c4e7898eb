"""The rules of control charts over all items at once, and over one item by the levels that are kept of its sittings."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from qbank.analysis.arrays import BoolArray, FloatArray, IntArray
from qbank.analysis.control import LEVEL_ITEMS, SIGMAS, at_levels, levels, signals, trend, two_points
from qbank.ledger import (
    EstimateSeries,
    ItemFlag,
    ItemHistory,
    ItemSeries,
    Ledger,
    StoredLevel,
    estimate_series,
    flags_of,
    item_series,
    levels_of,
    write_levels,
)
from qbank.ledger.flags import CALIBRATION_FLAGS, HISTORY_FLAGS, stands_apart
from qbank.report.history.data import Cause, HistoryFlag, Rule, SittingLevel, years
from qbank.workflow.workspace import Workspace

FALSE_ALARM = 0.05


@dataclass(frozen=True, slots=True)
class OutOfControl:
    """flags : furthest off first ; levels : of the sittings, oldest first ; n_items : revisions with two sittings or more ;
    n_points : their sittings, all of which were held against 3 sigma"""

    flags: tuple[HistoryFlag, ...]
    levels: tuple[SittingLevel, ...]
    n_items: int
    n_points: int


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
    beyond 3 standard errors, by weighted regression of the estimates on the present scale. A sitting with a suspected leak
    is held against the others and does not count for them.
    """
    raised = flags_of(ledger)
    found = _searched(item_series(ledger), estimate_series(ledger), raised)[0]
    return replace(found, flags=_with_causes(found.flags, raised))


def _with_causes(found: Sequence[HistoryFlag], raised: Sequence[ItemFlag]) -> tuple[HistoryFlag, ...]:
    """Return the flags, each with what the latest calibration says that explains it; one decided to keep explains nothing."""
    causes: dict[tuple[str, str], Cause] = {
        (flag.item, flag.fingerprint): flag.code  # type: ignore[misc]
        for flag in raised
        if flag.code in CALIBRATION_FLAGS and not flag.kept
    }
    return tuple(replace(flag, code=causes.get((flag.item, flag.fingerprint), flag.code)) for flag in found)


def _searched(
    series: ItemSeries, estimates: EstimateSeries, raised: Sequence[ItemFlag]
) -> tuple[OutOfControl, tuple[StoredLevel, ...]]:
    """Return what is out of control, and the levels by which it was judged; these are medians, which no leak moves."""
    group = _groups(series.items, series.fingerprints)
    sittings = {name: n for n, name in enumerate(dict.fromkeys(series.sittings))}
    of_sitting = np.array([sittings[name] for name in series.sittings], np.int64)
    found = levels(series.facility, series.n, group, of_sitting)
    n_points = int(found.n_shared.sum())
    there = np.isfinite(series.facility) & (series.n > 0)
    n_items = int((np.bincount(group[there], minlength=1) > 1).sum())
    dates = dict(zip(series.sittings, series.dates, strict=True))
    in_sitting = np.bincount(of_sitting, minlength=len(sittings))
    told = [
        SittingLevel(name, dates[name], float(found.level[n]), bool(found.judged[n]), int(in_sitting[n]))
        for name, n in sittings.items()
    ]
    whole = OutOfControl(
        _flags(series, estimates, found.level[of_sitting], found.judged[of_sitting], raised, n_points),
        tuple(sorted(told, key=lambda level: (level.date, level.sitting))), n_items, n_points,
    )  # fmt: skip
    return whole, tuple(StoredLevel(name, float(found.level[n]), int(found.n_shared[n])) for name, n in sittings.items())


def flags_of_item(ledger: Ledger, history: ItemHistory) -> tuple[HistoryFlag, ...]:
    """Return what `out_of_control` says of one item and its parts, by the levels that are kept of its sittings.

    Where a level is missing, as between a correction and the next analysis, all items are searched.
    """
    whole = (history, *history.parts)
    kept = levels_of(ledger)
    if any(use.sitting not in kept for one in whole for use in one.uses if use.n > 0):
        own = {one.item for one in whole}
        return tuple(flag for flag in out_of_control(ledger).flags if flag.item in own)
    n_points = sum(level.n_shared for level in kept.values())
    found = [flag for one in whole for flag in _flags_at(one, kept, n_points)]
    raised = [flag for one in whole for flag in one.flags]
    return _with_causes(sorted(found, key=lambda flag: (-flag.distance, flag.item)), raised)


def _flags_at(history: ItemHistory, kept: dict[str, StoredLevel], n_points: int) -> tuple[HistoryFlag, ...]:
    number = {revision.fingerprint: n for n, revision in enumerate(history.revisions)}
    uses = sorted((use for use in history.uses if use.n > 0), key=lambda use: number[use.fingerprint])
    series = ItemSeries(
        (history.item,) * len(uses), tuple(use.fingerprint for use in uses), tuple(use.sitting for use in uses),
        tuple(use.date for use in uses), np.array([use.n for use in uses], np.int64),
        np.array([use.facility for use in uses], np.float64),
    )  # fmt: skip
    own = [e for e in history.estimates if e.estimate.scale == history.scale and not e.held]
    own.sort(key=lambda e: e.estimate.fingerprint)
    estimates = EstimateSeries(
        (history.item,) * len(own), tuple(e.estimate.fingerprint for e in own), tuple(e.estimate.sitting for e in own),
        tuple(e.date for e in own), np.array([e.location for e in own], np.float64), np.array([e.error for e in own], np.float64),
    )  # fmt: skip
    judged: BoolArray = np.array([kept[use.sitting].n_shared >= LEVEL_ITEMS for use in uses], np.bool_)
    at = np.array([kept[use.sitting].logits for use in uses], np.float64)
    return _flags(series, estimates, at, judged, history.flags, n_points)


@dataclass(frozen=True, slots=True)
class Judged:
    """flags : items of a sitting that are certainly out of control ; news : those of them that no analysis told before"""

    flags: tuple[HistoryFlag, ...]
    news: tuple[HistoryFlag, ...]


def judge_sitting(ledger: Ledger, sitting: str) -> Judged:
    """Return which items of a sitting are certainly out of control, and keep it: levels of all sittings, flags of this one.

    Called when the analysis of the sitting is written. It is news where this sitting made it so, and was not told of it
    before: what another sitting showed already stands with that one. Cost: that of `out_of_control`, but for the estimates
    of other items.
    """
    series = item_series(ledger)
    own = {item for item, name in zip(series.items, series.sittings, strict=True) if name == sitting}
    raised = flags_of(ledger)
    found, kept = _searched(series, estimate_series(ledger, sitting=sitting), raised)
    flags = _with_causes([flag for flag in found.flags if flag.certain and flag.item in own], raised)
    told = [(flag.sitting, _matter(flag.item, flag.fingerprint, flag.facts)) for flag in raised if flag.code in HISTORY_FLAGS]
    elsewhere = {matter for name, matter in told if name != sitting}
    here = {matter for name, matter in told if name == sitting}
    matters = {flag: _matter(flag.item, flag.fingerprint, _facts(flag)) for flag in flags}
    own_flags = tuple(flag for flag in flags if matters[flag] not in elsewhere)
    write_levels(ledger, sitting, kept, (ItemFlag(sitting, f.item, f.fingerprint, "trend", False, _facts(f)) for f in own_flags))
    return Judged(flags, tuple(flag for flag in own_flags if matters[flag] not in here))


def _matter(item: str, fingerprint: str, facts: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what makes two findings the same: the revision, where a rule spoke last, and to which side."""
    return item, fingerprint, str(facts.get("latest", "")), str(facts.get("direction", ""))


def _facts(flag: HistoryFlag) -> dict[str, Any]:
    """Return a flag as the ledger keeps it, without numbers that there are not."""
    facts = {name: value for name, value in asdict(flag).items() if name not in ("code", "item", "fingerprint", "certain")}
    return {name: value for name, value in facts.items() if not (isinstance(value, float) and math.isnan(value))}


def _flags(
    series: ItemSeries, estimates: EstimateSeries, level: FloatArray, judged: BoolArray, raised: Sequence[ItemFlag], n_points: int
) -> tuple[HistoryFlag, ...]:
    """Return the flags of last revisions, the furthest off first. level, judged : of the sitting, (n_points of the series,)"""
    last, leaked = _last_revisions(series), _apart(series, raised)
    b = np.where(_apart(estimates, raised), np.nan, estimates.b)
    flags = [
        flag
        for flag in (*_facility_flags(series, level, judged, leaked), *_trend_flags(replace(estimates, b=b)))
        if last.get(flag.item, flag.fingerprint) == flag.fingerprint
    ]
    limit = certain_beyond(n_points)
    merged = [replace(flag, certain=flag.distance > limit) for flag in _merged(flags)]
    return tuple(sorted(merged, key=lambda flag: (-flag.distance, flag.item)))


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


def _apart(series: ItemSeries | EstimateSeries, raised: Sequence[ItemFlag]) -> BoolArray:
    """Return which rows say nothing of their item, since some knew it beforehand, or may have."""
    of_item: dict[str, list[ItemFlag]] = {}
    for flag in raised:
        of_item.setdefault(flag.item, []).append(flag)
    rows = zip(series.items, series.fingerprints, series.dates, series.sittings, strict=True)
    return np.array([item in of_item and stands_apart(of_item[item], *row) for item, *row in rows], np.bool_)


def _facility_flags(series: ItemSeries, level: FloatArray, judged: BoolArray, leaked: BoolArray) -> list[HistoryFlag]:
    group = _groups(series.items, series.fingerprints)
    expected, z = at_levels(series.facility, series.n, group, level, leaked)
    pair, factor = two_points(np.where(leaked, 0, series.n), expected, group)
    z = z * factor
    spoken = signals(np.where(leaked, np.nan, z), group, pair)
    spoken = replace(spoken, beyond=spoken.beyond | (leaked & (np.abs(np.nan_to_num(z)) > SIGMAS)))
    named: tuple[tuple[Rule, BoolArray], ...] = (
        ("beyond", spoken.beyond), ("two_of_three", spoken.two_of_three), ("run", spoken.run), ("differ", spoken.differ),
    )  # fmt: skip
    size = np.bincount(group)
    flags = []
    for one in np.unique(group[spoken.any]).tolist():
        rows = _rows_of(group, one)
        if spoken.differ[rows].any():
            flags.append(_differing(series, rows[pair[rows]], expected, z, judged))
            continue
        far = int(rows[np.nanargmax(np.abs(z[rows]))])
        latest = int(rows[spoken.any[rows]][-1])
        flags.append(
            HistoryFlag(
                "trend", series.items[far], series.fingerprints[far],
                tuple(name for name, here in named if here[rows].any()),
                "easier" if z[latest] > 0 else "harder", abs(float(z[far])), series.sittings[far],
                series.dates[far], float(series.facility[far]), float(expected[far]),
                bool(judged[far]), series.sittings[latest], int(size[one]),
            )
        )  # fmt: skip
    return flags


def _differing(
    series: ItemSeries, rows: IntArray, expected: FloatArray, z: FloatArray, judged: BoolArray
) -> HistoryFlag:
    """Return the flag of a revision whose two sittings differ: the later one, and what the earlier one would have it be."""
    first, second = (int(row) for row in rows)
    p, n = float(series.facility[first]), int(series.n[first])
    logit = math.log((p * n + 0.5) / ((1 - p) * n + 0.5))
    levels_apart = math.log(expected[second] / (1 - expected[second])) - math.log(expected[first] / (1 - expected[first]))
    return HistoryFlag(
        "trend", series.items[second], series.fingerprints[second], ("differ",), "easier" if z[second] > 0 else "harder",
        abs(float(z[second])), series.sittings[second], series.dates[second], float(series.facility[second]),
        1 / (1 + math.exp(-(logit + levels_apart))), bool(judged[second] and judged[first]), series.sittings[second], 2,
        other=series.sittings[first], other_facility=p,
    )  # fmt: skip


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
                "trend", series.items[row], series.fingerprints[row], ("trend",),
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
