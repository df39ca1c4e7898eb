"""What the report does not give, with the number of persons that each part needs."""

from __future__ import annotations

from collections.abc import Mapping

from qbank.analysis import SittingAnalysis
from qbank.analysis.withheld import withheld_parts
from qbank.messages import Language, text
from qbank.report.blocks import Block, Column, Table, Text


def withheld_blocks(analysis: SittingAnalysis, titles: Mapping[str, str], language: Language) -> tuple[Block, ...]:
    """Return what the tier of the sitting gives, and a table of what it withholds: part, of what, persons there are, needed.

    titles : column of groups → the word for it
    """

    def t(name: str, **fields: object) -> str:
        return text(language, f"report_withheld.{name}", **fields)

    tiers = analysis.thresholds.tiers
    n = analysis.n_persons
    blocks: list[Block] = []
    if n < tiers.marks_only_below:
        blocks.append(Text(t("marks_only", n=n, needs=tiers.marks_only_below), "warning"))
    elif n < tiers.options_only_below:
        blocks.append(Text(t("options_only", n=n, needs=tiers.options_only_below), "warning"))
    elif n < tiers.small_below:
        blocks.append(Text(t("intervals_only", n=n, needs=tiers.small_below), "warning"))
    found = withheld_parts(analysis)
    if found.is_empty():
        return (*blocks, Text(t("nothing"), "note"))
    columns = (
        Column("part", t("col_part")), Column("scope", t("col_scope")), Column("n", t("col_n"), "integer"),
        Column("needs", t("col_needs"), "integer"),
    )  # fmt: skip
    rows = tuple(
        (t(f"part_{part}"), t("by", column=titles.get(scope, scope)) if part in ("dif", "dif_focal") else scope, there, needs)
        for part, scope, there, needs in found.iter_rows()
    )
    return (*blocks, Table("withheld", t("table"), columns, rows, (t("note"),)))
