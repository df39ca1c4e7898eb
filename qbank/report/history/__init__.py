"""The history of an item as a page: control chart, b, sittings, revisions, calibrations, decisions; and all items at once."""

from __future__ import annotations

import math
from collections.abc import Sequence

from qbank.analysis.control import SIGMAS
from qbank.analysis.intervals import wilson_interval
from qbank.ledger import ItemHistory, what_changed
from qbank.ledger.flags import CALIBRATION_FLAGS
from qbank.messages import Language
from qbank.report.blocks import Block, Column, Fact, Facts, Report, Section, Table, Text, shown
from qbank.report.history.charts import b_figure, facility_figure, pooled_b
from qbank.report.history.data import (
    RULES,
    HistoryData,
    HistoryFlag,
    ItemChart,
    Rule,
    SittingLevel,
    item_chart,
)
from qbank.report.history.tables import (
    changed_words,
    decisions_table,
    estimates_table,
    flags_table,
    papers_table,
    planned_table,
    revisions_table,
    sittings_table,
)
from qbank.report.history.words import flag_sentence, raised_sentence, rule_words, texts
from qbank.report.sitting.words import Texts

BEYOND_BY_CHANCE = 0.0027
"""Share of the points of charts in control that lie beyond 3 sigma."""


def history_report(data: HistoryData, language: Language) -> Report:
    """Return summary, charts, sittings, revisions, calibrations, decisions, plans, parts of a case, and definitions."""
    t, history, found = texts(language), data.history, data.chart
    sections = [Section("summary", t("section_summary"), tuple(lead_blocks(data, t)))]
    sections += _item_sections(history, found, t, language, "")
    for n, (part, chart) in enumerate(data.parts, start=1):
        blocks = tuple(block for section in _item_sections(part, chart, t, language, f"-{n}") for block in section.blocks)
        sections.append(Section(f"part-{n}", t("section_part", item=part.item), blocks))
    if history.uses or history.estimates or data.parts:
        names = ("facility", "chart", "rules", "level", "b", "exposure")
        sections.append(Section("methods", t("section_methods"), tuple(Text(t(f"method_{name}"), "definition") for name in names)))
    return Report(t("title", item=history.item), tuple(sections), language)


def _item_sections(history: ItemHistory, found: ItemChart, t: Texts, language: Language, suffix: str) -> list[Section]:
    charts, difficulty = facility_figure(history, found, t), b_figure(history, found, t)
    blocks: list[tuple[str, list[Block | None]]] = [
        ("facility", [charts]),
        ("b", [difficulty or (Text(t("no_b"), "note") if history.estimates else None),
               estimates_table(history, found, t) if history.estimates else None]),
        ("sittings", [sittings_table(history, found, t, language) if history.uses else None,
                      papers_table(history, t, language) if history.papers else None]),
        ("revisions", [revisions_table(history, t) if history.revisions else None]),
        ("decisions", [decisions_table(history, t) if history.decisions else None]),
        ("planned", [planned_table(history, t) if history.planned else None]),
    ]  # fmt: skip
    return [
        Section(f"{name}{suffix}", t(f"section_{name}"), kept)
        for name, some in blocks
        if (kept := tuple(block for block in some if block is not None))
    ]


def lead_blocks(data: HistoryData, t: Texts) -> list[Block]:
    """Return the figures of the item and what the rules say of its last revision, in words."""
    history, found = data.history, data.chart
    if not (history.uses or history.estimates or history.decisions or data.parts):
        return [Text(t("never", item=history.item))]
    blocks: list[Block] = [_facts(history, found, t)] if history.uses else []
    raised = [flag for one in (history, *(part for part, _ in data.parts)) for flag in one.flags if flag.code in CALIBRATION_FLAGS]
    blocks += [Text(raised_sentence(flag, t), "note" if flag.kept else "warning") for flag in raised]
    blocks += [Text(_flagged(flag, t), "warning") for flag in data.flags]
    blocks += [Text(words) for words in _said(history, found, any(flag.item == history.item for flag in data.flags), t)]
    last = history.revisions[-1].fingerprint if history.revisions else ""
    if last and data.present and data.present != last:
        changed = changed_words(what_changed(last, data.present), t)
        blocks.append(Text(t("present_other", fingerprint=data.present, changed=changed), "note"))
    return blocks


def _flagged(flag: HistoryFlag, t: Texts) -> str:
    """Return that an item is out of control, with the cause where a calibration found one."""
    cause = "" if flag.code == "trend" else t("cause", cause=t(f"flag_{flag.code}"))
    return t("flagged", item=flag.item, cause=cause, sentence=flag_sentence(flag, t))


def _said(history: ItemHistory, found: ItemChart, flagged: bool, t: Texts) -> list[str]:
    """Return what the chart of the last revision says; flagged : whether the search over all items has found it."""
    last = _last(history, found)
    if not last:
        return []
    rules: list[Rule] = [name for name in RULES if name != "trend" and getattr(found.signals, name)[last].any()]
    group = int(found.revision[last[-1]])
    if group < found.trend.z.size and abs(found.trend.z[group]) > SIGMAS:
        rules.append("trend")
    if rules:
        return [t("spoken", rules=rule_words(tuple(rules), t))]
    fingerprint = history.uses[last[-1]].fingerprint
    drifts = [f.sitting for f in history.flags if f.code == "drift" and not f.kept and f.fingerprint == fingerprint]
    if drifts:
        return [t("in_control_drift", sittings=t("list_comma").join(drifts))]
    return [t("in_control_level" if flagged else "in_control") if len(last) > 1 else t("not_enough", n=len(last))]


def _last(history: ItemHistory, found: ItemChart) -> list[int]:
    """Return the places of the last revision's analysed uses."""
    there = [n for n, use in enumerate(history.uses) if math.isfinite(use.facility) and use.n > 0]
    return [n for n in there if found.revision[n] == found.revision[there[-1]]]


def _facts(history: ItemHistory, found: ItemChart, t: Texts) -> Facts:
    facts = [
        Fact("n_sittings", t("fact_n_sittings"), len(history.uses), "integer"),
        Fact("n_seen", t("fact_n_seen"), history.n_seen, "integer", 0, t("under_persons")),
        Fact("n_papers", t("fact_n_papers"), len(history.papers), "integer"),
        Fact("n_revisions", t("fact_n_revisions"), len(history.revisions), "integer"),
    ]
    if last := _last(history, found):
        centre = float(found.chart.centre[last[-1]])
        n = sum(history.uses[k].n for k in last if not found.apart[k] and found.chart.centre[k] == centre)
        low, high = (shown(float(end), "number", 3) for end in wilson_interval(centre * n, n))
        facts.append(Fact("facility", t("fact_facility"), centre, "number", 3, t("under_interval", low=low, high=high, n=n)))
        fingerprint = history.uses[last[-1]].fingerprint
        b, error = pooled_b(history, found, fingerprint)
        if math.isfinite(b):
            group = int(found.revision[last[-1]])
            n_b = sum(
                found.stretch[k] == group and not found.apart_b[k] and math.isfinite(e.location)
                for k, e in enumerate(found.estimates)
            )
            note = t("under_b", error=shown(error, "number", 2), n=n_b, scale=history.scale)
            facts.append(Fact("b", t("fact_b"), b, "signed", 2, note))
    return Facts("summary", tuple(facts))


def control_report(
    flags: tuple[HistoryFlag, ...], levels: Sequence[SittingLevel], n_items: int, n_points: int, language: Language
) -> Report:
    """Return the items that are out of control, the levels of the sittings, and the definitions."""
    t = texts(language)
    judged = sum(level.judged for level in levels)
    lead: list[Block] = [Text(t("all_some", n=n_items, flagged=len(flags)) if flags else t("all_none", n=n_items))]
    if levels:
        lead.append(Text(t("all_levels", n=len(levels), judged=judged), "note"))
    if flags:
        chance = shown(n_points * BEYOND_BY_CHANCE, "number", 1)
        certain = sum(flag.certain for flag in flags)
        lead += [Text(t("all_chance", n=n_points, chance=chance, certain=certain), "note"), flags_table(flags, t)]
    columns = (
        Column("sitting", t("col_sitting")), Column("date", t("col_date")), Column("n_items", t("col_n_items"), "integer"),
        Column("logits", t("col_logits"), "signed", 2),
    )  # fmt: skip
    told = tuple((one.sitting, one.date, one.n_items, one.logits if one.judged else None) for one in levels)
    sections = [Section("summary", t("section_summary"), tuple(lead))]
    if told:
        sections.append(Section("sittings", t("section_sittings"), (Table("levels", t("table_levels"), columns, told, sortable=True),)))
    words = tuple(Text(t(f"method_{name}"), "definition") for name in ("facility", "chart", "rules", "level", "b"))
    return Report(t("all_title"), (*sections, Section("methods", t("section_methods"), words)), language)


__all__ = [
    "RULES",
    "HistoryData",
    "HistoryFlag",
    "ItemChart",
    "Rule",
    "SittingLevel",
    "control_report",
    "history_report",
    "item_chart",
]
