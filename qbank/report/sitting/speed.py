"""Whether the time was enough, as a sentence, a curve and a table."""

from __future__ import annotations

import math

import polars as pl

from qbank.analysis.speed import SpeedAnalysis
from qbank.messages import Language, text
from qbank.report.blocks import Block, Column, Figure, Kind, Table, Text, shown
from qbank.report.figures import WIDE_MARGIN
from qbank.report.sitting.lines import Point, line_figure

PAPERS: tuple[tuple[str, Kind, int], ...] = (
    ("form", "text", 0), ("n", "integer", 0), ("n_items", "integer", 0), ("finished", "percent", 1),
    ("finished_low", "percent", 1), ("finished_high", "percent", 1), ("reached_three_quarters", "percent", 1),
    ("last_by_80", "integer", 0), ("stafford", "percent", 1), ("gulliksen", "number", 3), ("verdict", "text", 0),
)  # fmt: skip
CURVE: tuple[tuple[str, Kind, int], ...] = (
    ("form", "text", 0), ("position", "integer", 0), ("item", "text", 0), ("n", "integer", 0), ("reached", "percent", 1),
    ("reached_low", "percent", 1), ("reached_high", "percent", 1), ("omitted", "percent", 1),
)  # fmt: skip
MOST_LINES = 6
OFTEN = 0.05
"""Paper lists an item that everybody reached where more than this share omitted it."""


def words(language: Language, name: str, **fields: object) -> str:
    return text(language, f"report_speed.{name}", **fields)


def speed_blocks(found: SpeedAnalysis | None, language: Language) -> tuple[Block, ...]:
    """Return a sentence a paper, the curve where anybody stopped early, and both tables."""
    if found is None or found.papers.is_empty():
        return (Text(words(language, "nothing"), "note"),)
    blocks: list[Block] = []
    for row in found.papers.iter_rows(named=True):
        name = words(language, "of_paper", form=row["form"]) if row["form"] else ""
        blocks.append(
            Text(
                words(
                    language, f"sentence_{row['verdict']}", form=name, finished=shown(row["finished"], "percent", 0),
                    three=shown(row["reached_three_quarters"], "percent", 0), last=row["last_by_80"], items=row["n_items"],
                )
            )
        )  # fmt: skip
    columns = tuple(Column(name, words(language, f"col_{name}"), kind, digits) for name, kind, digits in PAPERS)
    rows = tuple(
        (*row[:-1], words(language, f"verdict_{row[-1]}")) for row in found.papers.select([n for n, _, _ in PAPERS]).iter_rows()
    )
    blocks.append(Table("speed", words(language, "table"), columns, rows, (words(language, "note"),)))
    if found.curve.filter(pl.col("reached") < 1).height:
        blocks.append(_figure(found.curve, language))
        data = tuple(Column(name, words(language, f"col_{name}"), kind, digits) for name, kind, digits in CURVE)
        left = found.curve.filter((pl.col("reached") < 1) | (pl.col("omitted") > 0))
        kept = tuple(n for n, (reached, omitted) in enumerate(left.select("reached", "omitted").iter_rows()) if reached < 1 or omitted > OFTEN)
        note = text(language, "report.rows_on_paper", n=len(kept), of=left.height)
        blocks.append(
            Table("not_reached", words(language, "table_curve"), data, tuple(left.select([n for n, _, _ in CURVE]).iter_rows()), links="item", on_paper=kept, paper_note=note)
        )
    return tuple(blocks)


def _figure(curve: pl.DataFrame, language: Language) -> Figure:
    forms = [str(form) for form in curve["form"].unique(maintain_order=True).to_list()[:MOST_LINES]]
    names = {form: form or words(language, "all") for form in forms}
    points: list[Point] = [
        (names[form], float(position), reached)
        for form, position, reached in curve.filter(pl.col("form").is_in(forms)).select("form", "position", "reached").iter_rows()
        if math.isfinite(reached)
    ]
    last = float(curve.select(pl.col("position").max()).item())
    spec = line_figure(
        points, names=list(names.values()), x_title=words(language, "axis_position"), y_title=words(language, "axis_reached"),
        domain=(1.0, max(last, 2.0)), top=1.05, y_format=".0%", legend_low=True,
    )  # fmt: skip
    comma = text(language, "report.list_comma")
    return Figure("reached", words(language, "figure"), words(language, "alt", forms=comma.join(names.values())), spec, WIDE_MARGIN)


def speed_methods(language: Language) -> tuple[str, ...]:
    """Return the definitions for the section on methods."""
    return (words(language, "method"),)
