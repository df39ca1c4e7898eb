"""The curve of an item: what its parameters expect of persons of each ability, and what they earned."""

from __future__ import annotations

import math
from collections.abc import Sequence

import polars as pl

from qbank.report.blocks import Figure, shown
from qbank.report.figures import ACCENT, CARD_MARGIN, CARD_SIZE, HOLD, MUTED, Row, Spec
from qbank.report.pixels import across, finished, layer, upward
from qbank.report.sitting.words import Texts

ABILITIES = (-3.0, 3.0)
FAR = 3.0
"""Standard errors from which a group lies off its curve."""


def curve_figure(item: str, found: pl.DataFrame, model: pl.DataFrame, t: Texts) -> Figure | None:
    """Return the figure, None where nobody of any group saw the item; groups far off the curve are told by their shape."""
    groups = [row for row in found.iter_rows(named=True) if row["n"] > 0 and math.isfinite(row["share"])]
    if not groups:
        return None
    points: list[Row] = [
        {
            "theta": _within(row["theta"]), "share": round(row["share"], 4), "low": round(row["low"], 4),
            "high": round(row["high"], 4), "tone": "off" if abs(row["residual"]) > FAR else "on",
        }
        for row in groups
    ]  # fmt: skip
    low, high = ABILITIES
    line: list[Row] = [
        {"theta": round(theta, 3), "share": round(share, 4)} for theta, share in model.select("theta", "share").iter_rows()
        if low <= theta <= high
    ]  # fmt: skip
    titles = tuple(
        t("title_curve", theta=shown(row["theta"], "signed", 2), n=shown(row["n"], "integer", 0),
          share=shown(row["share"], "percent", 0), expected=shown(row["expected"], "percent", 0))
        for row in groups
    )  # fmt: skip
    spec = _spec(line, points, x_title=t("axis_ability"), y_title=t("axis_share_of_marks"))
    n_off = sum(point["tone"] == "off" for point in points)
    return Figure(f"curve:{item}", t("figure_curve"), t("alt_curve", item=item, n=len(points), off=n_off), spec, CARD_MARGIN, titles)


def _within(theta: float) -> float:
    return round(min(max(theta, ABILITIES[0]), ABILITIES[1]), 3)


def _spec(line: Sequence[Row], points: Sequence[Row], *, x_title: str, y_title: str) -> Spec:
    across_axis = across(x_title, CARD_SIZE, values=[-3, -2, -1, 0, 1, 2, 3], grid=False)
    x = {"field": "theta", "type": "quantitative", "axis": across_axis, "scale": {"domain": list(ABILITIES), "clamp": True}}
    y_axis = upward(y_title, CARD_MARGIN, format=".0%", tickCount=3)
    y = {"field": "share", "type": "quantitative", "axis": y_axis, "scale": {"domain": [0, 1]}}
    off = {"test": "datum.tone === 'off'"}
    colour = {"condition": {**off, "value": HOLD}, "value": MUTED}
    shape = {"condition": {**off, "value": "diamond"}, "value": "circle"}
    layers = [
        layer({"type": "line", "color": ACCENT, "strokeWidth": 2}, {"x": x, "y": y}, line),
        layer({"type": "rule", "strokeWidth": 1.2}, {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}, "color": colour}, points),
        {"name": "hover", **layer({"type": "point", "filled": True, "size": 38, "opacity": 1}, {"x": x, "y": y, "color": colour, "shape": shape}, points)},
    ]  # fmt: skip
    return finished([one for one in layers if one["data"]["values"]], CARD_SIZE)
