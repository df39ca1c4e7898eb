"""How many things a paper measures: a verdict in words, the scree, the pairs that depend on each other."""

from __future__ import annotations

import math
from typing import Any

import polars as pl

from qbank.analysis.dimension import DimensionAnalysis
from qbank.messages import Language, text
from qbank.report.blocks import Block, Column, Kind, Table, Text, shown
from qbank.report.sitting.dimension_figure import dependence_figure, scree_figure, words

PAPERS: tuple[tuple[str, Kind, int], ...] = (
    ("form", "text", 0), ("n", "integer", 0), ("n_items", "integer", 0), ("first", "number", 2), ("second", "number", 2),
    ("first_share", "percent", 1), ("n_factors", "integer", 0), ("n_factors_pearson", "integer", 0), ("detect", "number", 2),
    ("detect_other", "number", 2), ("ratio", "number", 2), ("assi", "number", 2), ("n_clusters", "integer", 0),
    ("dimtest", "number", 2), ("dimtest_p", "p", 3), ("n_enemies", "integer", 0), ("verdict", "text", 0),
    ("n_left_out", "integer", 0), ("status", "text", 0),
)  # fmt: skip
DATA_ONLY = ("detect", "ratio", "assi", "status", "n_left_out")
PAIRS: tuple[tuple[str, Kind, int], ...] = (
    ("form", "text", 0), ("item", "text", 0), ("other", "text", 0), ("n", "integer", 0), ("q3", "number", 3),
    ("aq3", "number", 3), ("ld_z", "number", 1), ("rank", "integer", 0), ("enemy", "text", 0), ("model", "text", 0),
)  # fmt: skip
EIGEN: tuple[tuple[str, Kind, int], ...] = (
    ("form", "text", 0), ("correlation", "text", 0), ("position", "integer", 0), ("observed", "number", 3),
    ("random_mean", "number", 3), ("random_95", "number", 3),
)  # fmt: skip
MOST_DRAWN = 4
MOST_PAIRS = 30


def dimension_blocks(found: DimensionAnalysis | None, language: Language) -> tuple[Block, ...]:
    """Return a sentence a paper, tables and figures, the pairs suggested as enemies, and what is withheld."""
    if found is None:
        return (Text(words(language, "nothing"), "note"),)
    blocks: list[Block] = []
    for row in found.papers.iter_rows(named=True):
        name = words(language, "of_paper", form=row["form"]) if row["form"] else ""
        if row["status"] == "few_items":
            blocks.append(Text(words(language, "few_items", form=name), "note"))
            continue
        index = row["detect_other"]
        blocks.append(
            Text(
                words(
                    language, f"sentence_{row['verdict']}", form=name, factors=row["n_factors"],
                    detect=shown(index if math.isfinite(index) else None, "number", 2), clusters=row["n_clusters"],
                )
            )
        )  # fmt: skip
    if not found.papers.is_empty():
        rows = tuple(
            tuple(_word(name, value, language) for (name, _, _), value in zip(PAPERS, row, strict=True))
            for row in found.papers.select([name for name, _, _ in PAPERS]).iter_rows()
        )  # fmt: skip
        notes = (words(language, "note_detect", seed=found.seed), words(language, "note_parallel", n=found.replications))
        blocks.append(Table("dimension", words(language, "table"), _columns(PAPERS, language, DATA_ONLY), rows, notes))
    blocks += _figures_and_pairs(found, language)
    blocks += [
        Text(words(language, "withheld", form=row["scope"], n=row["n"], needs=row["needs"]), "note")
        for row in found.withheld.iter_rows(named=True)
    ]
    return tuple(blocks) or (Text(words(language, "nothing"), "note"),)


def _figures_and_pairs(found: DimensionAnalysis, language: Language) -> list[Block]:
    blocks: list[Block] = []
    forms = found.eigenvalues["form"].unique(maintain_order=True).to_list()
    blocks += [scree_figure(found.eigenvalues, form, language) for form in forms[:MOST_DRAWN]]
    if not found.eigenvalues.is_empty():
        first = found.eigenvalues.filter(pl.col("position") <= 10)
        blocks.append(Table("eigenvalues", words(language, "table_eigenvalues"), _columns(EIGEN, language),
                            tuple(tuple(_word(name, value, language) for (name, _, _), value in zip(EIGEN, row, strict=True))
                                  for row in first.select([name for name, _, _ in EIGEN]).iter_rows())))  # fmt: skip
    drawn = [dependence_figure(found.pairs, form, language) for form in forms[:MOST_DRAWN]]
    blocks += [figure for figure in drawn if figure is not None]
    once = found.pairs.filter(pl.col("item") < pl.col("other"))
    enemies = once.filter("enemy").sort("aq3", descending=True, maintain_order=True)
    if not once.is_empty():
        comma = text(language, "report.list_comma")
        named = comma.join(f"{one}–{other}" for one, other in enemies.select("item", "other").iter_rows())
        blocks.append(Text(words(language, "enemies", pairs=named)) if named else Text(words(language, "no_enemies"), "note"))
        top = pl.concat([enemies, once.filter(~pl.col("enemy")).sort("aq3", descending=True, maintain_order=True)]).head(
            max(MOST_PAIRS, enemies.height)
        )
        rows = tuple(
            tuple(_word(name, value, language) for (name, _, _), value in zip(PAIRS, row, strict=True))
            for row in top.select([name for name, _, _ in PAIRS]).iter_rows()
        )  # fmt: skip
        blocks.append(Table("q3", words(language, "table_pairs"), _columns(PAIRS, language), rows, (words(language, "note_pairs"),), links="item"))
    return blocks


def _word(name: str, value: Any, language: Language) -> Any:
    """Return the reader's word for a word of the analysis, other values as they are."""
    return words(language, f"{name}_{value}".lower()) if name in ("verdict", "enemy", "correlation", "model") else value


def _columns(
    specs: tuple[tuple[str, Kind, int], ...], language: Language, data_only: tuple[str, ...] = ()
) -> tuple[Column, ...]:
    return tuple(
        Column(name, words(language, f"col_{name}"), kind, digits, data_only=name in data_only) for name, kind, digits in specs
    )


def dimension_methods(language: Language) -> tuple[str, ...]:
    """Return the definitions for the section on methods."""
    return tuple(words(language, name) for name in ("method_parallel", "method_detect", "method_q3"))
