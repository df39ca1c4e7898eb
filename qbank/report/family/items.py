"""How often papers show each item, and how many items two papers share."""

from __future__ import annotations

import numpy as np

from qbank.report.blocks import Block, Cell, Column, Figure, Table, Text, shown
from qbank.report.family.facts import Told
from qbank.report.figures import ACCENT, BAR, HOLD, MUTED, WIDE_MARGIN, WIDE_SIZE, Spec
from qbank.report.pixels import LABEL, across, finished, layer, upward
from qbank.report.sitting.words import columns_of

LISTED = 10
"""Items that a page lists at either end."""
BOUNDS = (0.5, 1.35)
"""Multiples of the mean between which every item's exposure shall lie."""


def item_blocks(told: Told) -> tuple[Block, ...]:
    """Return exposure in a sentence, a figure and a table, and what pairs of papers share."""
    t, found = told.t, told.facts.shown
    text = t("exposure_every" if found.every else "exposure_sample", n=f"{found.n_papers:,}", mean=shown(found.mean, "percent", 2),
             least=shown(found.least, "number", 2), most=shown(found.most, "number", 2))  # fmt: skip
    blocks: list[Block] = [Text(text)]
    unused = told.facts.n_eligible - len(told.facts.ids)
    if unused > 0:
        blocks.append(Text(t("unused", n=unused), "note"))
    blocks += [_exposure_figure(told), exposure_ends(told)]
    if told.facts.shared.pairs.size:
        blocks += [Text(_shared_text(told)), _shared_figure(told), shared_table(told)]
    return tuple(blocks)


def _order(told: Told) -> np.ndarray:
    return np.lexsort((np.arange(len(told.facts.ids)), -told.facts.shown.share))


def _row(told: Told, place: int) -> tuple[Cell, ...]:
    found = told.facts.shown
    share = float(found.share[place])
    return (told.facts.ids[place], share, share / found.mean, float(found.error[place]))


def exposure_table(told: Told) -> Table:
    """Return every item, most exposed first: for data files."""
    rows = tuple(_row(told, int(place)) for place in _order(told))
    return Table("exposure", told.t("table_exposure"), _columns(told), rows, (told.t("note_exposure"),), sortable=True)


def exposure_ends(told: Told) -> Table:
    """Return the items with most and least exposure."""
    order = _order(told)
    if order.size > 2 * LISTED:
        order = np.concatenate([order[:LISTED], order[-LISTED:]])
    rows = tuple(_row(told, int(place)) for place in order)
    caption = told.t("table_ends", n=LISTED) if len(told.facts.ids) > 2 * LISTED else told.t("table_exposure")
    return Table("exposure_ends", caption, _columns(told), rows, (told.t("note_exposure"),))


def _columns(told: Told) -> tuple[Column, ...]:
    return columns_of(told.t, ("item", "text", 0), ("share", "percent", 3), ("times_mean", "number", 2), ("error", "percent", 3))


def _exposure_figure(told: Told) -> Figure:
    t, found = told.t, told.facts.shown
    values = found.share[_order(told)]
    n = values.size
    step = max(1, -(-n // 400))
    shown_places = sorted({*range(0, n, step), n - 1})
    top = float(max(values.max(), BOUNDS[1] * found.mean) * 1.05)
    x = {"type": "quantitative", "axis": across(t("axis_rank"), WIDE_SIZE, grid=False, tickCount=8),
         "scale": {"domain": [0, n], "nice": False}}  # fmt: skip
    y = {"type": "quantitative", "axis": upward(t("axis_exposure"), WIDE_MARGIN, format=".1%" if top < 0.2 else ".0%", tickCount=5),
         "scale": {"domain": [0, top], "nice": False}}  # fmt: skip
    bars = [{"low": place, "high": min(place + step, n), "share": round(float(values[place]), 6)} for place in shown_places if place < n]
    lines = [{"at": round(found.mean, 6), "label": t("mean")}]
    bounds = [{"at": round(each * found.mean, 6), "label": t("times", n=f"{each:g}")} for each in BOUNDS]
    spec: Spec = finished(
        [
            layer({"type": "rect", "color": BAR}, {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": {**y, "field": "share"}, "y2": {"datum": 0}}, bars),
            layer({"type": "rule", "color": ACCENT, "strokeWidth": 1.6}, {"y": {**y, "field": "at"}}, lines),
            layer({"type": "rule", "color": HOLD, "strokeWidth": 1.2, "strokeDash": [5, 3]}, {"y": {**y, "field": "at"}}, bounds),
            layer({"type": "text", "fontSize": 11, "align": "right", "baseline": "bottom", "dy": -3, "color": MUTED},
                  {"x": {"value": WIDE_SIZE[0] - 4}, "y": {**y, "field": "at"}, "text": LABEL}, [*lines, *bounds]),
        ],
        WIDE_SIZE,
    )  # fmt: skip
    alt = t("alt_exposure", n=n, least=shown(float(values.min()), "percent", 2), most=shown(float(values.max()), "percent", 2))
    return Figure("exposure", t("figure_exposure"), alt, spec, WIDE_MARGIN)


def _shared_text(told: Told) -> str:
    shared = told.facts.shared
    none = float(shared.pairs[0] / shared.pairs.sum())
    return told.t(
        "shared", n=f"{int(shared.pairs.sum()):,}", mean=shown(shared.mean, "number", 2), most=shared.most, overlap=told.facts.overlap,
        none=shown(none, "percent", 1),
    )  # fmt: skip


def _shared_figure(told: Told) -> Figure:
    """Return a bar a number of shared items, with the bound that no pair exceeds."""
    t, shared = told.t, told.facts.shared
    limit, total = told.facts.overlap, int(shared.pairs.sum())
    shares = [int(n) / total for n in shared.pairs]
    bars = [{"low": k - 0.4, "high": k + 0.4, "share": round(share, 6)} for k, share in enumerate(shares)]
    right = max(limit, shared.most) + 1.0
    x = {"type": "quantitative", "axis": across(t("axis_shared"), WIDE_SIZE, grid=False, tickCount=min(int(right), 20), tickMinStep=1, format="d"),
         "scale": {"domain": [-0.5, right], "nice": False}}  # fmt: skip
    y = {"type": "quantitative", "axis": upward(t("axis_pairs"), WIDE_MARGIN, format=".0%", tickCount=5),
         "scale": {"domain": [0, round(1.05 * max(shares), 6)], "nice": False}}  # fmt: skip
    bound = [{"at": limit + 0.5, "label": t("bound", n=limit)}]
    spec = finished(
        [
            layer({"type": "rect", "color": BAR}, {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": {**y, "field": "share"}, "y2": {"datum": 0}}, bars),
            layer({"type": "rule", "color": HOLD, "strokeWidth": 1.6, "strokeDash": [5, 3]}, {"x": {**x, "field": "at"}}, bound),
            layer({"type": "text", "color": HOLD, "fontSize": 12, "dx": -6, "dy": 4, "baseline": "top", "align": "right"},
                  {"x": {**x, "field": "at"}, "y": {"value": 0}, "text": LABEL}, bound),
        ],
        WIDE_SIZE,
    )  # fmt: skip
    return Figure("shared", t("figure_shared"), t("alt_shared", mean=shown(shared.mean, "number", 2), most=shared.most), spec, WIDE_MARGIN)


def shared_table(told: Told) -> Table:
    """Return how many pairs share so many items."""
    shared = told.facts.shared
    total = int(shared.pairs.sum())
    rows = tuple((k, int(n), int(n) / total) for k, n in enumerate(shared.pairs))
    columns = columns_of(told.t, ("shared", "integer", 0), ("pairs", "integer", 0), ("of_pairs", "percent", 2))
    return Table("shared", told.t("table_shared"), columns, rows)
