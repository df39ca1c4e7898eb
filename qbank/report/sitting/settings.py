"""Every limit and choice of the analysis beside what is usual."""

from __future__ import annotations

from qbank.analysis import AnalysisSettings
from qbank.report.blocks import Column, Table
from qbank.report.sitting.words import Texts


def settings_table(settings: AnalysisSettings, t: Texts) -> Table:
    """Return one row a choice: where it stands in qbank.yaml, value, usual value, whether this bank set it, what it means."""
    columns = (
        Column("name", t("col_threshold")), Column("limit", t("col_limit"), "short"), Column("default", t("col_default"), "short"),
        Column("source", t("col_source")), Column("flag", t("col_raises"), "prose"),
    )  # fmt: skip
    rows = tuple(
        (
            f"{choice.group}.{choice.name}" if choice.group else choice.name, choice.value, choice.default,
            t("set_by_bank") if choice.chosen else "", t(f"limit_{choice.name}"),
        )
        for choice in settings.choices()
    )  # fmt: skip
    n = sum(choice.chosen for choice in settings.choices())
    return Table("thresholds", t("table_thresholds"), columns, rows, (t("note_settings", n=n),))
