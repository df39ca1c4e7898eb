"""How far the totals can be trusted, and whether the papers were alike."""

from __future__ import annotations

import polars as pl

from qbank.analysis import SittingAnalysis
from qbank.report.blocks import (
    Block,
    Table,
    Text,
)
from qbank.report.sitting.words import (
    Texts,
    columns_of,
    rows_of,
    size_notes,
)


def reliability_blocks(analysis: SittingAnalysis, t: Texts) -> tuple[Block, ...]:
    columns = columns_of(
        t,
        ("form", "text", 0),
        ("n", "integer", 0),
        ("n_left_out", "integer", 0),
        ("n_items", "integer", 0),
        ("mean", "number", 2),
        ("sd", "number", 2),
        ("alpha", "number", 3),
        ("alpha_low", "number", 3),
        ("alpha_high", "number", 3),
        ("alpha_standardised", "number", 3),
        ("kr20", "number", 3),
        ("kr21", "number", 3),
        ("sem", "number", 2),
        data_only=() if analysis.spread is None else ("alpha_standardised", "kr21"),
    )
    notes = [t("note_alpha"), t("note_kr"), t("note_sem")]
    notes += [
        t(f"status_{row['status']}", form=row["form"])
        for row in analysis.reliability.iter_rows(named=True)
        if row["status"] != "ok"
        and (row["n"] >= analysis.thresholds.suppress_below or row["status"] == "no_data")
    ]
    notes += size_notes(analysis.reliability["n"], analysis.thresholds, t)
    rows = rows_of(analysis.reliability, columns)
    return (Table("reliability", t("table_reliability"), columns, rows, tuple(notes)),)


def paper_blocks(analysis: SittingAnalysis, t: Texts) -> tuple[Block, ...]:
    design = Text(t(f"design_{analysis.design}"))
    if analysis.papers.is_empty():
        return (design, Text(t("one_paper"), "note"))
    rates = analysis.rates.filter(pl.col("by") == "form").select(
        form="value", rate="rate", n_all="n", m="mean", s="sd"
    )
    side = analysis.reliability.select("form", "alpha", "sem").join(rates, on="form", maintain_order="left")
    columns = columns_of(
        t,
        ("form", "text", 0),
        ("n", "integer", 0),
        ("mean", "number", 2),
        ("sd", "number", 2),
        ("alpha", "number", 3),
        ("sem", "number", 2),
        ("rate", "percent", 1),
    )
    by_paper = side.select(
        "form", pl.col("n_all").alias("n"), mean="m", sd="s", alpha="alpha", sem="sem", rate="rate"
    )
    pairs = columns_of(
        t,
        ("first", "text", 0),
        ("second", "text", 0),
        ("difference", "signed", 2),
        ("d", "signed", 2),
        ("d_low", "signed", 2),
        ("d_high", "signed", 2),
        ("verdict", "prose", 0),
    )
    pair_rows = tuple(
        (*row[:-1], t(f"verdict_{row[-1]}", first=row[0], second=row[1]))
        for row in rows_of(analysis.papers, pairs)
    )
    small = size_notes(by_paper["n"], analysis.thresholds, t)
    return (
        design,
        Table("papers", t("table_papers"), columns, rows_of(by_paper, columns), small),
        Table("differences", t("table_differences"), pairs, pair_rows, (t("note_difference"),)),
    )
