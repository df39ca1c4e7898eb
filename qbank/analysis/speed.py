"""Whether the time was enough: how many were still answering, item by item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from qbank.analysis.arrays import BoolArray, IntArray, ratio
from qbank.analysis.intervals import CONFIDENCE, wilson_interval
from qbank.analysis.sitting import NOT_REACHED, OMITTED, SittingData
from qbank.analysis.tiers import Tiers

NAN = float("nan")
FINISHED = 0.80
THREE_QUARTERS = 0.75
CURVE_SCHEMA = pl.Schema(
    {"form": pl.String(), "position": pl.Int64(), "item": pl.String(), "n": pl.Int64(), "reached": pl.Float64(),
     "reached_low": pl.Float64(), "reached_high": pl.Float64(), "omitted": pl.Float64()}
)  # fmt: skip
PAPER_SCHEMA = pl.Schema(
    {"form": pl.String(), "n": pl.Int64(), "n_items": pl.Int64(), "finished": pl.Float64(), "finished_low": pl.Float64(),
     "finished_high": pl.Float64(), "reached_three_quarters": pl.Float64(), "last_by_80": pl.Int64(),
     "stafford": pl.Float64(), "gulliksen": pl.Float64(), "verdict": pl.String(), "status": pl.String()}
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class SpeedAnalysis:
    """papers : one row a paper, `speed_analysis` ; curve : one row a paper and position ; withheld : `Tiers.withheld`."""

    papers: pl.DataFrame
    curve: pl.DataFrame
    withheld: pl.DataFrame


def speed_analysis(
    data: SittingData, *, order: Mapping[str, ArrayLike] | None = None, tiers: Tiers | None = None,
    confidence: float = CONFIDENCE,
) -> SpeedAnalysis:
    """Return how far persons came in every paper.

    order : form → the items in the paper's order, as indices into ``data.items``; None: as ``data.printed`` has it, or else
    as ``data.items``.
    curve: form, position from 1, item, n (persons who were given it), reached (share that came to it: not counted are those
    who left it and everything after it blank) with Wilson's 95 % interval, omitted (share that left it blank but went on).
    papers: finished (share that reached the last item), reached_three_quarters (share that reached the item at 75 %),
    last_by_80 (last position that 80 % reached), and
    stafford = Σ U / Σ (W + O + U), of all answers without full marks the share not reached (Stafford 1971);
    gulliksen = s²_U / s²_(W + O + U), the variance of the persons' not reached items over that of their items without
    full marks (Gulliksen 1950, ch. 17: near 0 a power test, near 1 a test of speed).
    Where forms are pooled one set of rows, form "", by position: item "" there, and n_items those of the longest paper.
    verdict: ``enough`` where at least 80 % finished and everybody (99 %) reached three quarters (Swineford 1956),
    ``short`` where one of them fails, ``unknown`` without data.

    >>> from qbank.analysis import NOT_REACHED, sitting_data
    >>> answer = np.zeros((20, 4), int)
    >>> answer[:6, 3] = NOT_REACHED
    >>> found = speed_analysis(sitting_data(list("abcd"), np.ones((20, 4)), 1, answer=answer))
    >>> found.papers.select("finished", "last_by_80", "stafford", "verdict").row(0)
    (0.7, 3, 1.0, 'short')
    """
    limits = tiers or Tiers()
    least = limits.needs("statistics")
    papers, curves, sizes = [], [], []
    if data.pooled:
        return _pooled(data, limits, confidence)
    for form, name in enumerate(data.forms):
        persons = np.flatnonzero(data.form == form).astype(np.int64)
        sizes.append(("statistics", name, len(persons)))
        if len(persons) < least:
            continue
        items = np.flatnonzero(data.in_form[form]).astype(np.int64)
        if data.printed[form]:
            items = np.array(data.printed[form], np.int64)
        if order is not None and name in order:
            items = np.asarray(order[name], np.int64)
        paper, curve = _form(data, name, persons, items, confidence)
        papers.append(paper)
        curves.append(curve)
    return SpeedAnalysis(
        pl.DataFrame(papers, schema=PAPER_SCHEMA, orient="row"),
        pl.concat([pl.DataFrame(schema=CURVE_SCHEMA), *curves]),
        limits.withheld([("statistics", name, n) for _, name, n in sizes]),
    )


def _form(
    data: SittingData, name: str, persons: IntArray, items: IntArray, confidence: float
) -> tuple[tuple[object, ...], pl.DataFrame]:
    marks, codes = data.marks[np.ix_(persons, items)], data.answer[np.ix_(persons, items)]
    short = np.where(np.isnan(marks), 0.0, marks) < data.marks_max[items] - 1e-9
    return _positions(name, [data.items[item] for item in items], ~np.isnan(marks), codes, short, confidence)


def _pooled(data: SittingData, limits: Tiers, confidence: float) -> SpeedAnalysis:
    """Return how far persons came by position, whatever paper they had."""
    held = [data.printed[form] or np.flatnonzero(data.in_form[form]).tolist() for form in range(data.n_forms)]
    places = np.full((data.n_forms, max(map(len, held), default=0)), -1, np.int64)
    for form, order in enumerate(held):
        places[form, : len(order)] = order
    item = places[data.form]
    person = np.arange(data.n_persons)[:, None]
    marks = np.where(item >= 0, data.marks[person, item], np.nan)
    codes = np.where(item >= 0, data.answer[person, item], OMITTED).astype(np.int16)
    short = np.nan_to_num(marks) < data.marks_max[item] - 1e-9
    withheld = limits.withheld([("statistics", "", data.n_persons)])
    if not withheld.is_empty():
        return SpeedAnalysis(pl.DataFrame(schema=PAPER_SCHEMA), pl.DataFrame(schema=CURVE_SCHEMA), withheld)
    paper, curve = _positions("", [""] * places.shape[1], ~np.isnan(marks), codes, short, confidence)
    return SpeedAnalysis(pl.DataFrame([paper], schema=PAPER_SCHEMA, orient="row"), curve, withheld)


def _positions(
    name: str, items: list[str], seen: BoolArray, codes: NDArray[np.int16], without: BoolArray, confidence: float
) -> tuple[tuple[object, ...], pl.DataFrame]:
    """Return the rows of persons by position, (n_persons, n_positions) each; without : who lacks full marks."""
    left, blank = seen & (codes == NOT_REACHED), seen & (codes == OMITTED)
    n = seen.sum(axis=0)
    reached = (seen & ~left).sum(axis=0)
    low, high = wilson_interval(reached, np.where(n > 0, n, np.nan), confidence=confidence)
    share = ratio(reached, n)
    curve = pl.DataFrame(
        {
            "form": [name] * len(items), "position": np.arange(1, len(items) + 1),
            "item": items, "n": n, "reached": share, "reached_low": low, "reached_high": high,
            "omitted": ratio(blank.sum(axis=0), n),
        },
        schema=CURVE_SCHEMA,
    )  # fmt: skip
    exists = n > 0
    if not exists.any():
        return (name, len(seen), len(items), NAN, NAN, NAN, NAN, 0, NAN, NAN, "unknown", "no_data"), curve
    last = int(np.flatnonzero(exists)[-1])
    quarter = min(int(np.ceil(THREE_QUARTERS * len(items))) - 1, last)
    short = seen & without
    by_80 = np.flatnonzero(exists & (share >= FINISHED))
    stafford, gulliksen = speed_indices(left.sum(axis=1), short.sum(axis=1))
    finished, three = float(share[last]), float(share[quarter])
    verdict = "enough" if finished >= FINISHED and (np.isnan(three) or three >= 0.99) else "short"
    return (
        name, len(seen), len(items), finished, float(low[last]), float(high[last]), three,
        int(by_80[-1]) + 1 if len(by_80) else 0, stafford, gulliksen, verdict, "ok",
    ), curve  # fmt: skip


def speed_indices(not_reached: ArrayLike, without_full_marks: ArrayLike) -> tuple[float, float]:
    """Return Stafford's and Gulliksen's index of each person's items not reached and items without full marks, (n_persons,).

    The latter hold the former. NaN where nobody lost anything, or where the losses do not vary.

    >>> speed_indices([0, 2, 4], [2, 4, 6])
    (0.5, 1.0)
    """
    u, lost = np.asarray(not_reached, float), np.asarray(without_full_marks, float)
    whole, spread = float(lost.sum()), float(lost.var()) if len(lost) else 0.0
    return (
        float(u.sum()) / whole if whole > 0 else NAN,
        float(u.var()) / spread if spread > 1e-12 else NAN,
    )
