"""How everything was computed, with which limits, from what."""

from __future__ import annotations

from qbank.analysis import SittingAnalysis
from qbank.messages import Language
from qbank.report.blocks import (
    Block,
    Column,
    Table,
    Text,
)
from qbank.report.sitting.decision_accuracy import decision_accuracy_methods
from qbank.report.sitting.dif import dif_methods
from qbank.report.sitting.dimension import dimension_methods
from qbank.report.sitting.equating import equating_methods
from qbank.report.sitting.meta import SittingMeta
from qbank.report.sitting.reliability import reliability_methods
from qbank.report.sitting.speed import speed_methods
from qbank.report.sitting.subscores import subscore_methods
from qbank.report.sitting.words import (
    Texts,
)

METHODS = (
    "method_facility",
    "method_item_rest",
    "method_biserial",
    "method_groups",
    "method_options",
    "method_curve",
    "method_alpha",
    "method_sem",
    "method_pass",
    "method_difference",
    "method_missing",
    "method_small",
)


def method_blocks(analysis: SittingAnalysis, meta: SittingMeta, t: Texts, language: Language) -> tuple[Block, ...]:
    limits = analysis.thresholds
    columns = (
        Column("name", t("col_threshold")),
        Column("limit", t("col_limit"), "short", 2),
        Column("flag", t("col_raises"), "prose"),
    )
    rows = tuple((name, limit, t(f"limit_{name}")) for name, limit in limits.limits().items())
    numbers = {"suppress": limits.suppress_below, "small": limits.small_below, "interval": limits.tiers.small_below}
    return (
        *(Text(t(name, **(numbers if name == "method_small" else {})), "definition") for name in METHODS),
        *(Text(words, "definition") for words in (*reliability_methods(language), *dimension_methods(language))),
        *(Text(words, "definition") for words in (*speed_methods(language), *subscore_methods(language))),
        *(Text(words, "definition") for words in decision_accuracy_methods(analysis.decision_accuracy, language)),
        *(Text(words, "definition") for words in dif_methods(analysis.dif, language)),
        *(Text(words, "definition") for words in equating_methods(analysis.equating, language)),
        *_rules(meta, t),
        Table("thresholds", t("table_thresholds"), columns, rows),
    )


def _rules(meta: SittingMeta, t: Texts) -> tuple[Block, ...]:
    """Return the rules by which answers became marks, where they are known."""
    columns = (Column("what", t("col_what")), Column("rule", t("col_rule"), "prose"))
    return (Table("rules", t("table_rules"), columns, meta.rules),) if meta.rules else ()


def version_blocks(meta: SittingMeta, t: Texts) -> tuple[Block, ...]:
    papers = tuple(
        (t("by_form"), f"{paper.form} {paper.title}".strip(), paper.digest) for paper in meta.papers
    )
    rows = (*papers, *((t("program"), name, version) for name, version in meta.versions))
    columns = (
        Column("what", t("col_what")),
        Column("name", t("col_name")),
        Column("version", t("col_version")),
    )
    return (Table("versions", t("table_versions"), columns, rows, (t("note_versions"),)),)
