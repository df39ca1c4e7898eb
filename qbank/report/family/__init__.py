"""The report of a family of papers: which blocks, in which order, in either language."""

from __future__ import annotations

from qbank.messages import Language
from qbank.report.blocks import Report, Section, Table, Text
from qbank.report.family.curves import curve_blocks, curve_table
from qbank.report.family.facts import FamilyFacts, large, told
from qbank.report.family.items import exposure_table, item_blocks
from qbank.report.family.summary import rule_table, summary_blocks, version_table
from qbank.report.family.verdicts import verdict_blocks

MAIN_FIGURES = ("expected_score", "difference", "information", "sem")
METHODS = ("method_sample", "method_curves", "method_chance", "method_extra", "method_equated", "method_ability", "method_exposure")


def family_report(facts: FamilyFacts, language: Language) -> Report:
    """Return summary, verdicts, curves, exposure, rules and methods of a family, in this order."""
    side = told(facts, language)
    t = side.t
    blocks = (
        Section("summary", t("summary"), summary_blocks(side)),
        Section("verdicts", t("verdicts"), verdict_blocks(side)),
        Section("curves", t("curves"), curve_blocks(side)),
        Section("items", t("items"), item_blocks(side)),
        Section("rules", t("rules"), (rule_table(side),)),
        Section("methods", t("methods"), (*(Text(t(name), "definition") for name in METHODS), version_table(side))),
    )
    subtitle = t("subtitle", name=facts.name, papers=large(facts.papers), overlap=facts.overlap, length=facts.length)
    return Report(t("title", title=facts.title or facts.name), blocks, language, subtitle)


def family_data(facts: FamilyFacts, language: Language) -> tuple[Table, ...]:
    """Return the tables that are too long for a page: the bands at every ability, the exposure of every item."""
    side = told(facts, language)
    return (curve_table(side), exposure_table(side))


__all__ = ["MAIN_FIGURES", "FamilyFacts", "family_data", "family_report"]
