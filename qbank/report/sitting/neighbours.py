"""The items that go with an item more than ability explains, on its card."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from qbank.analysis import SittingAnalysis
from qbank.report.blocks import Table
from qbank.report.sitting.words import Texts, columns_of

LEAST = 0.05
"""Of the nearest neighbours those that a chance of a few hundred persons would not make alone, by adjusted Q3."""


def neighbour_tables(analysis: SittingAnalysis, t: Texts) -> Mapping[str, Table]:
    """Return by item the table of its nearest neighbours by Q3; items with none worth a look have no table."""
    found = analysis.dimension
    if found is None or found.pairs.is_empty():
        return {}
    columns = columns_of(
        t, ("other", "text", 0), ("n", "integer", 0), ("q3", "number", 2), ("aq3", "number", 2), ("ld_z", "number", 1),
        ("enemy", "prose", 0),
    )  # fmt: skip
    near = found.pairs.filter((pl.col("aq3") >= LEAST) | pl.col("enemy")).sort("rank", maintain_order=True)
    names = [column.name for column in columns]
    tables = {}
    for (item,), rows in near.partition_by("item", as_dict=True, maintain_order=True).items():
        told = tuple(
            (*row[:-1], t("enemy_suggested") if row[-1] else "") for row in rows.select(names).unique(
                "other", keep="first", maintain_order=True
            ).iter_rows()
        )  # fmt: skip
        tables[str(item)] = Table("neighbours", t("table_neighbours"), columns, told, (t("note_neighbours"),), links="other")
    return tables
