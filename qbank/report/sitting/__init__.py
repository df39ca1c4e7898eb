"""The report of one sitting: which blocks, in which order, in either language."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from qbank.analysis import SittingAnalysis
from qbank.messages import Language, text
from qbank.report.blocks import Block, Fact, Report, Section
from qbank.report.sitting.cards import card_blocks
from qbank.report.sitting.decision_accuracy import decision_accuracy_blocks
from qbank.report.sitting.decision_accuracy import words as decision_words
from qbank.report.sitting.decisions import decision_blocks
from qbank.report.sitting.dif import dif_blocks, dif_facts, dif_words
from qbank.report.sitting.dimension import dimension_blocks
from qbank.report.sitting.equating import equating_blocks
from qbank.report.sitting.equating import words as equating_words
from qbank.report.sitting.items import badges_by_item, item_blocks
from qbank.report.sitting.meta import CardExtra, DecisionLine, ItemText, PaperInfo, ScoringLine, SittingMeta
from qbank.report.sitting.methods import method_blocks, version_blocks
from qbank.report.sitting.papers import paper_blocks, reliability_blocks
from qbank.report.sitting.parameters import lacking_blocks
from qbank.report.sitting.reliability import reliability_detail_blocks
from qbank.report.sitting.scores import borderline_table, score_blocks
from qbank.report.sitting.speed import speed_blocks
from qbank.report.sitting.subscores import subscore_blocks
from qbank.report.sitting.summary import summary_blocks
from qbank.report.sitting.withheld import withheld_blocks
from qbank.report.sitting.words import Texts, report_text


def sitting_report(
    analysis: SittingAnalysis,
    meta: SittingMeta,
    item_texts: Mapping[str, ItemText],
    language: Language,
    extras: Mapping[str, CardExtra] | None = None,
) -> Report:
    """Return the parts in their fixed order: from who passed over the items to what was decided and how it was computed.

    item_texts : by item id; an item without one is shown by its numbers alone. extras : by item id, what its card shows
    besides
    """
    t: Texts = partial(report_text, language)
    flags = badges_by_item(analysis, item_texts, t)
    titles = dict(meta.group_titles)

    def more(item: str) -> tuple[Fact, ...]:
        return dif_facts(analysis.dif, item, titles, language)

    lacking = partial(_lacking, analysis, meta.sitting, language)
    equated = analysis.equating is not None and not analysis.equating.methods.is_empty()
    more_equating = lacking("equating") if equated else ()
    blocks = (
        Section(
            "summary", t("summary"), (*summary_blocks(analysis, meta, flags, t), *withheld_blocks(analysis, titles, language))
        ),
        Section("scores", t("scores"), score_blocks(analysis, t)),
        Section(
            "reliability", t("reliability"),
            (
                *reliability_blocks(analysis, t),
                *reliability_detail_blocks(analysis.reliability_detail, analysis.cut, language),
                *lacking("errors"),
            ),
        ),
        Section(
            "decision_accuracy", decision_words(language, "title"),
            (
                *decision_accuracy_blocks(analysis.decision_accuracy, language),
                *lacking("decisions"),
                *((borderline_table(analysis, t),) if not analysis.distribution.is_empty() else ()),
            ),
        ),
        Section("items", t("items"), item_blocks(analysis, flags, t)),
        Section("cards", t("cards"), card_blocks(analysis, item_texts, flags, t, extras, more=more, decisions=meta.decisions)),
        Section(
            "dimension", text(language, "report_dimension.title"), dimension_blocks(analysis.dimension, language)
        ),
        Section("speed", text(language, "report_speed.title"), speed_blocks(analysis.speed, language)),
        Section("dif", dif_words(language, "title"), dif_blocks(analysis.dif, titles, language)),
        Section("papers", t("papers"), paper_blocks(analysis, t)),
        Section("equating", equating_words(language, "title"), (*equating_blocks(analysis.equating, language), *more_equating)),
        Section("subscores", text(language, "report_subscores.title"), subscore_blocks(analysis.subscores, language)),
        Section("decisions", t("decisions"), decision_blocks(meta, t)),
        Section("methods", t("methods"), method_blocks(analysis, meta, t, language)),
        Section("versions", t("versions"), version_blocks(meta, t)),
    )
    subtitle = " · ".join(part for part in (meta.sitting, meta.date, meta.place) if part)
    return Report(meta.title, blocks, language, subtitle)


def _lacking(analysis: SittingAnalysis, sitting: str, language: Language, what: str) -> tuple[Block, ...]:
    return lacking_blocks(analysis.lacking, sitting, what, language)


__all__ = ["CardExtra", "DecisionLine", "ItemText", "PaperInfo", "ScoringLine", "SittingMeta", "sitting_report"]
