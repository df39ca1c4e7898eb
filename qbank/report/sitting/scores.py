"""How the totals are distributed, and who stood near the cut."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from qbank.analysis import SittingAnalysis
from qbank.report import figures
from qbank.report.blocks import (
    Block,
    Figure,
    Table,
    Text,
)
from qbank.report.sitting.words import (
    Texts,
    columns_of,
    marks_text,
    rows_of,
    size_notes,
)

SHAPES_UP_TO = 6


def score_blocks(analysis: SittingAnalysis, t: Texts) -> tuple[Block, ...]:
    distribution = analysis.distribution
    if distribution.is_empty():
        return (Text(t("no_scores"), "note"),)
    low, high, width = _bin_edges(analysis)
    cut = [
        {"cut": each, "label": t("cut_label", cut=marks_text(each))}
        for each in dict.fromkeys((analysis.cut, *(analysis.cuts if analysis.spread is None else ())))
        if low <= each <= high
    ]
    bins = _binned(distribution, low, high, width)
    pooled = bins.group_by("low", "high").agg(pl.col("n").sum()).sort("low")
    n = int(distribution["n"].sum())
    spec = figures.histogram(
        pooled.to_dicts(), cut, domain=(low, high), score_title=t("axis_score"), count_title=t("axis_persons")
    )
    blocks: list[Block] = [
        Figure(
            "histogram",
            t("figure_histogram", width=marks_text(width)),
            t(
                "alt_histogram",
                n=n,
                low=marks_text(_least(distribution)),
                high=marks_text(_most(distribution)),
            ),
            spec,
            figures.WIDE_MARGIN,
            tuple(
                t("title_bar", low=marks_text(start), high=marks_text(end), n=count)
                for start, end, count in pooled.select("low", "high", "n").iter_rows()
            ),
        )
    ]
    forms = distribution["form"].unique(maintain_order=True).to_list()[:SHAPES_UP_TO]
    if len(forms) > 1:
        blocks.append(_shapes_figure(bins, forms, cut, (low, high), t))
    blocks.append(_cumulative_figure(distribution, forms, cut, (low, high), t))
    if analysis.spread is None and len(analysis.forms) > len(forms):
        blocks.append(Text(t("note_forms_drawn", n=len(forms), of=len(analysis.forms)), "note"))
    return tuple(blocks)


def _least(distribution: pl.DataFrame) -> float:
    return float(distribution["score"].to_numpy().min())


def _most(distribution: pl.DataFrame) -> float:
    return float(distribution["score"].to_numpy().max())


def _bin_edges(analysis: SittingAnalysis) -> tuple[float, float, float]:
    """Return lowest edge, highest edge and width of at most 40 bins that hold equally many scores."""
    full = max([_most(analysis.distribution), *analysis.reliability["marks_max"].to_list()])
    least = min(0.0, _least(analysis.distribution))
    scores = np.unique(analysis.distribution["score"].to_numpy())
    step = float(np.diff(scores).min()) if len(scores) > 1 else 1.0
    span = max(full - least, step)
    # A width that is no multiple of the step between scores gives a comb: two scores in a bin beside three.
    width = next(step * w * 10**p for p in range(12) for w in (1, 2, 5) if span / (step * w * 10**p) <= 40)
    low = math.floor(least / width + 1e-9) * width
    return low, max(math.ceil(full / width - 1e-9) * width, low + width), width


def _binned(distribution: pl.DataFrame, low: float, high: float, width: float) -> pl.DataFrame:
    """Return persons by form and bin, empty bins too; a bin holds its lower edge, the last its upper too."""
    n_bins = round((high - low) / width)
    index = ((pl.col("score") - low + 1e-9) / width).floor().clip(0, n_bins - 1).cast(pl.Int64)
    counted = distribution.group_by("form", bin=index, maintain_order=True).agg(pl.col("n").sum())
    every = distribution.select(pl.col("form").unique(maintain_order=True)).join(
        pl.DataFrame({"bin": range(n_bins)}, schema={"bin": pl.Int64}), how="cross"
    )
    return every.join(counted, on=["form", "bin"], how="left", maintain_order="left").select(
        "form",
        pl.col("n").fill_null(0),
        low=low + pl.col("bin") * width,
        high=low + (pl.col("bin") + 1) * width,
    )


def _shapes_figure(
    bins: pl.DataFrame, forms: list[str], cut: list[dict[str, Any]], domain: tuple[float, float], t: Texts
) -> Figure:
    shares = bins.filter(pl.col("form").is_in(forms)).select(
        "form", score=(pl.col("low") + pl.col("high")) / 2, share=pl.col("n") / pl.col("n").sum().over("form")
    )
    spec = figures.curves(
        shares.to_dicts(),
        cut,
        forms=forms,
        domain=domain,
        score_title=t("axis_score"),
        share_title=t("axis_share"),
        step=False,
    )
    return Figure(
        "shapes", t("figure_shapes"), t("alt_shapes", forms=", ".join(forms)), spec, figures.WIDE_MARGIN
    )


def _cumulative_figure(
    distribution: pl.DataFrame,
    forms: list[str],
    cut: list[dict[str, Any]],
    domain: tuple[float, float],
    t: Texts,
) -> Figure:
    points = distribution.filter(pl.col("form").is_in(forms)).select("form", "score", share="cumulative")
    ends = pl.DataFrame({"form": forms, "score": [domain[1]] * len(forms), "share": [1.0] * len(forms)})
    spec = figures.curves(
        pl.concat([points, ends]).to_dicts(),
        cut,
        forms=forms,
        domain=domain,
        score_title=t("axis_score"),
        share_title=t("axis_cumulative"),
        step=True,
    )
    return Figure("cumulative", t("figure_cumulative"), t("alt_cumulative"), spec, figures.WIDE_MARGIN)


def borderline_table(analysis: SittingAnalysis, t: Texts) -> Table:
    """Return by paper how many stood within one standard error of the whole paper around the cut."""
    columns = columns_of(
        t,
        ("form", "text", 0),
        ("n", "integer", 0),
        ("cut", "short", 0),
        ("sem", "number", 2),
        ("n_below", "integer", 0),
        ("n_above", "integer", 0),
        ("share", "percent", 1),
        ("share_low", "percent", 1),
        ("share_high", "percent", 1),
    )
    renamed = {"share_low": t("col_low"), "share_high": t("col_high"), "share": t("col_borderline")}
    columns = tuple(replace(column, title=renamed.get(column.name, column.title)) for column in columns)
    notes = (t("note_borderline"), *size_notes(analysis.borderline["n"], analysis.thresholds, t))
    return Table("borderline", t("table_borderline"), columns, rows_of(analysis.borderline, columns), notes)
