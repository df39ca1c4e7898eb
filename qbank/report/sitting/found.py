"""What was found about an item besides its classical flags, what is suspected, and what people decided."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from qbank.analysis import SittingAnalysis, findings_table, review_table
from qbank.analysis.review import CODES
from qbank.messages import Language
from qbank.report.blocks import Badge, Tone
from qbank.report.sitting.decisions import standing_decision
from qbank.report.sitting.meta import NO_TEXT, DecisionLine, ItemText, SittingMeta
from qbank.report.sitting.review import action_words, cause_words, code_words, finding_sentence
from qbank.report.sitting.words import Texts


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What is probably the matter with an item, and what would answer it, in words; action "" where nothing would."""

    cause: str
    action: str


@dataclass(frozen=True, slots=True)
class Found:
    """badges : by item, what topics other than the classical flags found ; suspected : by item ; decided : by item, the
    badge of the decision that stands ; marked : by item, that a marking credited it to all or dropped it without a decision
    about the item"""

    badges: Mapping[str, tuple[Badge, ...]] = field(default_factory=dict)
    suspected: Mapping[str, Suspicion] = field(default_factory=dict)
    decided: Mapping[str, Badge] = field(default_factory=dict)
    marked: Mapping[str, Badge] = field(default_factory=dict)


def found_about(
    analysis: SittingAnalysis, meta: SittingMeta, item_texts: Mapping[str, ItemText], t: Texts, language: Language
) -> Found:
    """Return what was found about every item, by the same rules as `qbank review`."""
    findings = findings_table(analysis, meta.raised)
    decided = {item: line for item in analysis.items["item"] if (line := standing_decision(item, meta.decisions)) is not None}
    badges: dict[str, tuple[Badge, ...]] = {}
    for row in findings.iter_rows(named=True):
        if row["code"] not in CODES:
            item = row["item"]
            badge = _badge(row, item_texts.get(item, NO_TEXT), item in decided, language, analysis.thresholds.confidence)
            badges[item] = (*badges.get(item, ()), badge)
    suspected = {
        row["item"]: Suspicion(
            cause_words(row["cause"], language),
            action_words(row["action"], item_texts.get(row["item"], NO_TEXT).shown(row["named"]), language),
        )
        for row in review_table(findings).iter_rows(named=True)
        if row["cause"]
    }
    settled = {item: decision_badge(line, t) for item, line in decided.items()}
    return Found(badges, suspected, settled, _marked_otherwise(meta, decided, t))


def _badge(row: Mapping[str, Any], of_item: ItemText, decided: bool, language: Language, confidence: float) -> Badge:
    words = finding_sentence({**row, "option": of_item.shown(row["option"] or "")}, language, confidence=confidence)
    tone: Tone = "hold" if row["holds"] and not decided else "warn"
    return Badge(row["code"], code_words([row["code"]], language), words, tone)


def _marked_otherwise(meta: SittingMeta, decided: Collection[str], t: Texts) -> dict[str, Badge]:
    now = next((line for line in meta.scorings if line.current), None)
    which = t("by_marking", number=now.number, who=now.who, at=now.at) if now else ""
    words = dict.fromkeys(meta.dropped, "dropped") | dict.fromkeys(meta.credited, "credited")
    return {
        item: Badge(word, t(f"flag_{word}"), t(f"why_{word}", marking=which), "info")
        for item, word in words.items()
        if item not in decided
    }


def decision_badge(line: DecisionLine, t: Texts) -> Badge:
    """Return the badge of a decision that stands: what, by whom, when and why."""
    verdict = f"{t(f'choice_{line.verdict}')} {line.named}".strip()
    why = t("why_decided", number=line.number, verdict=verdict, who=line.who, at=line.at, why=line.why.rstrip(" .。"))
    told = t(f"effect_{line.verdict}") if line.verdict in ("credit", "drop") else ""
    return Badge("decided", t("flag_decided", verdict=verdict), f"{why}{told}", "info")


def suspicion_text(found: Found, item: str, t: Texts) -> str:
    """Return what is suspected of an item and what is suggested, as a sentence, "" where nothing is."""
    one = found.suspected.get(item)
    if one is None:
        return ""
    return t("suspected", cause=one.cause, action=one.action) if one.action else t("suspected_only", cause=one.cause)


def numbered(decisions: Sequence[DecisionLine]) -> tuple[DecisionLine, ...]:
    """Return the decisions with their numbers in the log, from 1."""
    return tuple(replace(line, number=number) for number, line in enumerate(decisions, 1))
