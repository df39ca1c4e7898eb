"""How everything was computed, with which limits, from what."""

from __future__ import annotations

from collections.abc import Sequence

from qbank.analysis import SittingAnalysis
from qbank.messages import Language, text
from qbank.report.blocks import (
    Block,
    Column,
    Heading,
    Table,
    Text,
)
from qbank.report.sitting.decision_accuracy import decision_accuracy_methods
from qbank.report.sitting.dif import dif_methods
from qbank.report.sitting.dimension import dimension_methods
from qbank.report.sitting.equating import equating_methods
from qbank.report.sitting.many_papers import decision_methods
from qbank.report.sitting.meta import SittingMeta
from qbank.report.sitting.person_fit import person_fit_methods
from qbank.report.sitting.reliability import reliability_methods
from qbank.report.sitting.settings import settings_table
from qbank.report.sitting.speed import speed_methods
from qbank.report.sitting.subscores import subscore_methods
from qbank.report.sitting.words import (
    Texts,
)

GENERAL = ("method_missing", "method_small", "method_pass")
ITEMS = ("method_facility", "method_item_rest", "method_biserial", "method_groups", "method_options", "method_curve")
RELIABILITY = ("method_alpha", "method_sem")
MANY_RELIABILITY = ("many_method_strata", "many_method_conditional")
"""Of very many papers, in place of the definitions of coefficients that need everybody on the same items."""


def method_blocks(analysis: SittingAnalysis, meta: SittingMeta, t: Texts, language: Language) -> tuple[Block, ...]:
    """Return the definitions under the titles of the report's sections, the rules of marking, and the limits."""
    limits = analysis.thresholds
    numbers = {"suppress": limits.suppress_below, "small": limits.small_below, "interval": limits.tiers.small_below}
    own = {name: t(name, **(numbers if name == "method_small" else {})) for name in (*GENERAL, *ITEMS, *RELIABILITY)}
    many, accuracy = analysis.spread is not None, analysis.decision_accuracy
    decisions = decision_methods(accuracy, t, language) if many else decision_accuracy_methods(accuracy, language)
    topics = (
        (t("methods_general"), [own[name] for name in GENERAL]),
        (t("reliability"), [*(own[name] for name in RELIABILITY), *([t(name) for name in MANY_RELIABILITY] if many else reliability_methods(language))]),
        (text(language, "report_decision_accuracy.title"), decisions),
        (t("items"), [own[name] for name in ITEMS]),
        (text(language, "report_dimension.title"), () if many else dimension_methods(language)),
        (text(language, "report_speed.title"), speed_methods(language)),
        (text(language, "report_dif.title"), dif_methods(analysis.dif, language)),
        (t("papers"), [t("method_difference")]),
        (text(language, "report_equating.title"), equating_methods(analysis.equating, language)),
        (text(language, "report_subscores.title"), (*subscore_methods(language), *([t("many_method_subscores")] if many else []))),
        (text(language, "report_person_fit.title"), person_fit_methods(analysis.person_fit, language)),
    )
    return (
        *(block for title, lines in topics if lines for block in _topic(title, lines)),
        *_rules(meta, t),
        settings_table(analysis.settings, t),
    )


def _topic(title: str, lines: Sequence[str]) -> tuple[Block, ...]:
    return (Heading(title), *(Text(line, "definition") for line in lines))


def _rules(meta: SittingMeta, t: Texts) -> tuple[Block, ...]:
    """Return the rules by which answers became marks, where they are known."""
    columns = (Column("what", t("col_what")), Column("rule", t("col_rule"), "prose"))
    return (Table("rules", t("table_rules"), columns, meta.rules),) if meta.rules else ()


def version_blocks(meta: SittingMeta, t: Texts, lines: tuple[tuple[str, str, str], ...] | None = None) -> tuple[Block, ...]:
    """Return what the report rests on; lines : of the papers, where they are too many for a line each."""
    papers = lines if lines is not None else tuple(
        (t("by_form"), f"{paper.form} {paper.title}".strip(), paper.digest) for paper in meta.papers
    )
    rows = (*papers, *((t("program"), name, version) for name, version in meta.versions))
    columns = (
        Column("what", t("col_what")),
        Column("name", t("col_name")),
        Column("version", t("col_version")),
    )
    return (Table("versions", t("table_versions"), columns, rows, (t("note_versions"),)),)
