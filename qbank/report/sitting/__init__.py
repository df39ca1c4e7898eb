"""The report of one sitting: which blocks, in which order, in either language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import polars as pl

from qbank.analysis import SittingAnalysis
from qbank.messages import Language, text
from qbank.report.blocks import Block, Fact, Report, Section, Text
from qbank.report.sitting.cards import card_blocks
from qbank.report.sitting.decision_accuracy import decision_accuracy_blocks
from qbank.report.sitting.decision_accuracy import words as decision_words
from qbank.report.sitting.decisions import decision_blocks
from qbank.report.sitting.dif import dif_blocks, dif_facts, dif_words
from qbank.report.sitting.dimension import dimension_blocks
from qbank.report.sitting.equating import equating_blocks
from qbank.report.sitting.equating import words as equating_words
from qbank.report.sitting.found import found_about, numbered, suspicion_text
from qbank.report.sitting.items import badges_by_item, item_blocks
from qbank.report.sitting.many_papers import own_texts, paper_lines, spread_blocks, without_names
from qbank.report.sitting.meta import CardExtra, DecisionLine, ItemText, PaperInfo, ScoringLine, SittingMeta
from qbank.report.sitting.methods import method_blocks, version_blocks
from qbank.report.sitting.papers import paper_blocks, reliability_blocks
from qbank.report.sitting.parameters import lacking_blocks
from qbank.report.sitting.person_fit import person_fit_blocks
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
    t: Texts = partial(report_text, language, confidence=analysis.thresholds.confidence)
    spread = analysis.spread
    if spread is not None:
        t = own_texts(t, language, confidence=analysis.thresholds.confidence)
    meta = replace(meta, decisions=numbered(meta.decisions))
    found = found_about(analysis, meta, item_texts, t, language)
    flags = badges_by_item(analysis, item_texts, t, found)
    titles = dict(meta.group_titles)

    def more(item: str) -> tuple[Fact, ...]:
        return dif_facts(analysis.dif, item, titles, language)

    lacking = partial(_lacking, analysis, meta.sitting, language)
    equated = analysis.equating is not None and not analysis.equating.methods.is_empty()
    more_equating = lacking("equating") if equated else ()
    blocks: tuple[Block, ...] = (
        Section(
            "summary", t("summary"), (*summary_blocks(analysis, meta, flags, found, t), *withheld_blocks(analysis, titles, language))
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
                *((Text(t("many_decisions"), "note"),) if spread is not None else ()),
                *lacking("decisions"),
                *_near_the_cut(analysis, t),
            ),
        ),
        Section("items", t("items"), item_blocks(analysis, flags, t)),
        Section("cards", t("cards"), card_blocks(
            analysis, item_texts, flags, t, extras, more=more, decisions=meta.decisions, suspected=lambda item: suspicion_text(found, item, t)
        )),
        Section(
            "dimension", text(language, "report_dimension.title"),
            dimension_blocks(analysis.dimension, language) if spread is None else (Text(t("many_dimension"), "note"),),
        ),
        Section("speed", text(language, "report_speed.title"), speed_blocks(analysis.speed, language)),
        Section("dif", dif_words(language, "title"), (
            *dif_blocks(analysis.dif, titles, language), *((Text(t("many_dif"), "note"),) if spread is not None and analysis.dif else ()),
        )),
        Section("papers", t("papers"), paper_blocks(analysis, t) if spread is None else spread_blocks(analysis, spread, meta, t, language)),
        Section("equating", equating_words(language, "title"), (*equating_blocks(analysis.equating, language), *more_equating)),
        Section("subscores", text(language, "report_subscores.title"), subscore_blocks(analysis.subscores, language)),
        Section(
            "person_fit", text(language, "report_person_fit.title"),
            person_fit_blocks(analysis.person_fit, meta.numbers, titles, language),
        ),
        Section("decisions", t("decisions"), decision_blocks(meta, t)),
        Section("methods", t("methods"), method_blocks(analysis, meta, t, language)),
        Section("versions", t("versions"), version_blocks(meta, t, None if spread is None else paper_lines(meta, t))),
    )
    if spread is not None:
        blocks = without_names(blocks)
    subtitle = " · ".join(part for part in (meta.sitting, meta.date, meta.place) if part)
    return Report(meta.title, blocks, language, subtitle)


def _near_the_cut(analysis: SittingAnalysis, t: Texts) -> tuple[Block, ...]:
    """Return who is within one SEM of the cut, where the accuracy of decisions does not tell it with the error at the cut."""
    told = analysis.decision_accuracy
    if analysis.distribution.is_empty() or (told is not None and not told.summary.filter(pl.col("status") == "ok").is_empty()):
        return ()
    return (borderline_table(analysis, t),)


def _lacking(analysis: SittingAnalysis, sitting: str, language: Language, what: str) -> tuple[Block, ...]:
    return lacking_blocks(analysis.lacking, sitting, what, language)


__all__ = ["CardExtra", "DecisionLine", "ItemText", "PaperInfo", "ScoringLine", "SittingMeta", "sitting_report"]
