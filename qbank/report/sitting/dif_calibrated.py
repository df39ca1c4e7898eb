"""DIF by item response theory: a sentence that says what it adds, and its table."""

from __future__ import annotations

import polars as pl

from qbank.analysis.dif import DifAnalysis
from qbank.messages import Language, text
from qbank.report.blocks import Block, Column, Kind, Table, Text

COLUMNS: tuple[tuple[str, Kind, int], ...] = (
    ("item", "text", 0), ("group", "text", 0), ("n_reference", "integer", 0), ("n_focal", "integer", 0), ("lord", "number", 2),
    ("lord_df", "integer", 0), ("lord_p", "p", 4), ("lord_p_bh", "p", 4), ("area", "signed", 2), ("area_se", "number", 2),
    ("area_p", "p", 4), ("unsigned", "number", 2), ("unsigned_p", "p", 4), ("likelihood", "number", 2), ("likelihood_df", "integer", 0),
    ("likelihood_p", "p", 4),
)  # fmt: skip
DATA_ONLY = ("lord_df", "lord_p", "area_se", "unsigned_p", "likelihood_df")
DOUBTFUL = 0.05


def _words(language: Language, name: str, **fields: object) -> str:
    return text(language, f"report_dif.{name}", **fields)


def calibrated_blocks(found: DifAnalysis, column: str, language: Language) -> tuple[Block, ...]:
    """Return what calibrating each group by itself shows: which items differ, which of them the class B or C names too."""
    table = found.item_response
    if table is None:
        return (Text(_words(language, "irt_none"), "note"),)
    comma = _words(language, "list_comma")
    blocks: list[Block] = []
    for (group,), rows in table.group_by("group", maintain_order=True):
        differs = rows.filter(pl.col("lord_p_bh") < DOUBTFUL).sort("lord", descending=True, maintain_order=True)["item"].to_list()
        marked = set(found.items.filter((pl.col("group") == group) & pl.col("ets").is_in(["B", "C"]))["item"])
        if not differs:
            blocks.append(Text(_words(language, "irt_nothing", group=group, of=rows.height)))
            continue
        both = [item for item in differs if item in marked]
        agree = _words(language, "irt_both", items=comma.join(both)) if both else _words(language, "irt_no_both")
        blocks.append(
            Text(_words(language, "irt_some", group=group, of=rows.height, n=len(differs), items=comma.join(differs), agree=agree))
        )
    ordered = table.with_columns(pl.col("lord").fill_nan(None)).sort("lord", descending=True, nulls_last=True, maintain_order=True)
    columns = tuple(
        Column(name, _words(language, f"col_{name}"), kind, digits, data_only=name in DATA_ONLY) for name, kind, digits in COLUMNS
    )
    kept = tuple(range(min(MOST_ON_PAPER, ordered.height)))
    blocks.append(
        Table(
            f"dif_irt_{found.column}", _words(language, "table_irt", column=column), columns,
            tuple(ordered.select([name for name, _, _ in COLUMNS]).iter_rows()), (_words(language, "note_irt"),), sortable=True,
            links="item", on_paper=kept, paper_note=text(language, "report.rows_on_paper", n=len(kept), of=ordered.height),
        )
    )  # fmt: skip
    return tuple(blocks)


MOST_ON_PAPER = 20
"""Paper shows the items that differ most."""
