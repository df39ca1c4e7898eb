"""How much a paper differs from the base at each score, and how alike its common items were in both groups."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import polars as pl

from qbank.analysis.equating import EquatingAnalysis
from qbank.analysis.intervals import normal_quantile
from qbank.messages import Language, text
from qbank.report.blocks import Figure
from qbank.report.figures import ACCENT, BAR, HOLD, MUTED, SQUARE_SIZE, WIDE_MARGIN, WIDE_SIZE, Row, Spec
from qbank.report.pixels import across, finished, layer, literal, upward


def difference_figure(found: EquatingAnalysis, row: Mapping[str, Any], number: int, language: Language) -> Figure:
    """Return equated score minus score over the scores of one paper, with the band of its confidence."""

    def words(name: str, **fields: object) -> str:
        return text(language, f"report_equating.{name}", **fields)

    own = found.concordance.filter((pl.col("paper") == row["paper"]) & pl.col("reported") & pl.col("difference").is_finite())
    points = own.select("score", "difference").to_dicts()
    banded = own.filter(pl.col("see").is_finite())
    half = normal_quantile(found.settings.confidence) * pl.col("see")
    band = banded.select(
        "score", low=pl.col("difference") - half, high=pl.col("difference") + half
    ).to_dicts()
    scores = [point["score"] for point in points] or [0.0, 1.0]
    levels = [0.0, *(point["difference"] for point in points), *(edge[name] for edge in band for name in ("low", "high"))]
    x = {
        "field": "score", "type": "quantitative", "axis": across(words("axis_score"), WIDE_SIZE, grid=False),
        "scale": {"domain": [min(scores), max(scores)], "nice": False},
    }  # fmt: skip
    y = {
        "field": "difference", "type": "quantitative", "axis": upward(words("axis_difference"), WIDE_MARGIN, tickCount=6),
        "scale": {"domain": [min(levels), max(levels)]},
    }  # fmt: skip
    layers = [
        layer({"type": "area", "color": BAR, "opacity": 0.35}, {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}, band),
        layer({"type": "rule", "color": MUTED, "strokeDash": [2, 2]}, {"y": {**y, "field": "zero"}}, [{"zero": 0.0}]),
        layer({"type": "line", "color": ACCENT, "strokeWidth": 2}, {"x": x, "y": y}, points),
    ]
    exact = row["equated_cut"]
    if exact is not None and math.isfinite(exact) and min(scores) <= exact <= max(scores):
        label = text(language, "report.cut_label", cut=f"{exact:.2f}")
        cut: list[Row] = [{"cut": exact, "label": label}]
        at = {"x": {**x, "field": "cut"}}
        layers.append(layer({"type": "rule", "color": HOLD, "strokeWidth": 1.6, "strokeDash": [5, 3]}, at, cut))
        mark = {"type": "text", "color": HOLD, "fontSize": 12, "dy": -8, "baseline": "bottom"}
        layers.append(layer(mark, {**at, "y": {"value": 0}, "text": {"field": "label", "type": "nominal"}}, cut))
    kept = [one for one in layers if one["data"]["values"]]
    return Figure(
        f"equating_{number}", words("figure_difference", paper=row["paper"]), words("alt_difference", paper=row["paper"]),
        finished(kept, WIDE_SIZE), WIDE_MARGIN,
    )  # fmt: skip


def anchor_figure(anchors: pl.DataFrame, paper: str, number: int, language: Language) -> Figure | None:
    """Return the common items' log odds in both groups, removed ones as named triangles; None without any numbers."""

    def words(name: str, **fields: object) -> str:
        return text(language, f"report_equating.{name}", **fields)

    known = anchors.filter(pl.col("logit").is_finite() & pl.col("logit_base").is_finite()).to_dicts()
    if not known:
        return None
    size = SQUARE_SIZE
    levels = [row[name] for row in known for name in ("logit", "logit_base")]
    lowest = math.floor(min(levels) * 2) / 2
    domain = [lowest, max(math.ceil(max(levels) * 2) / 2, lowest + 0.5)]
    x = {
        "field": "logit_base", "type": "quantitative", "axis": across(words("axis_logit_base"), size, tickCount=8),
        "scale": {"domain": domain, "nice": False},
    }  # fmt: skip
    y = {
        "field": "logit", "type": "quantitative", "axis": upward(words("axis_logit"), WIDE_MARGIN, tickCount=8),
        "scale": {"domain": domain, "nice": False},
    }  # fmt: skip
    used = [row for row in known if row["used"]]
    shift = sorted(row["shift"] for row in used)[len(used) // 2] if used else 0.0
    line = [{"logit_base": end, "logit": end + shift} for end in domain]
    dots = [
        {
            "item": row["item"], "logit": row["logit"], "logit_base": row["logit_base"],
            "colour": ACCENT if row["used"] else HOLD, "shape": "circle" if row["used"] else "triangle-up",
        }
        for row in known
    ]  # fmt: skip
    named = [row for row in dots if row["colour"] == HOLD]
    layers: list[Spec] = [
        layer({"type": "line", "color": MUTED, "strokeDash": [4, 4], "clip": True}, {"x": x, "y": y}, line),
        layer(
            {"type": "point", "filled": True, "size": 46, "opacity": 0.85},
            {"x": x, "y": y, "color": literal("colour"), "shape": literal("shape")}, dots,
        ),
    ]  # fmt: skip
    if named:
        mark = {"type": "text", "align": "left", "dx": 8, "fontSize": 11, "color": HOLD}
        layers.append(layer(mark, {"x": x, "y": y, "text": {"field": "item", "type": "nominal"}}, named))
    items = ", ".join(str(row["item"]) for row in named) or words("none_removed")
    return Figure(
        f"anchors_{number}", words("figure_anchors", paper=paper),
        words("alt_anchors", n=len(known), paper=paper, removed=len(named), items=items), finished(layers, size), WIDE_MARGIN,
    )  # fmt: skip
