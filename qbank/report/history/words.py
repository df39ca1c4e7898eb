"""How a history words its numbers, flags and rules."""

from __future__ import annotations

from functools import partial

from qbank.messages import Language, has_text, text
from qbank.report.blocks import Badge, Tone, shown
from qbank.report.history.data import HistoryFlag
from qbank.report.sitting.words import Texts

HOLDING = ("miskey", "negative", "drift", "leak")


def history_text(language: Language, name: str, /, **fields: object) -> str:
    return text(language, f"history.{name}", **fields)


def texts(language: Language) -> Texts:
    """Return the words of the history in a language."""
    return partial(history_text, language)


def flag_badges(flags: tuple[str, ...], language: Language) -> tuple[Badge, ...]:
    """Return the flags of an analysis with the words of its report."""
    return tuple(Badge(flag, flag_word(flag, language), "", "hold" if flag in HOLDING else "warn") for flag in flags)


def flag_word(flag: str, language: Language) -> str:
    """Return the word for a flag, or the flag where it has none."""
    keys = (f"report.flag_{flag}", f"history.flag_{flag}")
    return next((text(language, key) for key in keys if has_text(language, key)), flag)


def drift_badge(flag: HistoryFlag, t: Texts) -> Badge:
    """Return the flag with the sentence that says by which rule it stands."""
    tone: Tone = "hold" if flag.certain else "warn"
    return Badge(flag.code, t("flag_drift"), flag_sentence(flag, t), tone)


def rule_words(rules: tuple[str, ...], t: Texts) -> str:
    return t("list_semicolon").join(t(f"rule_{rule}") for rule in dict.fromkeys(rules))


def flag_sentence(flag: HistoryFlag, t: Texts) -> str:
    """Return why the flag stands: its rules in words, where and how far."""
    facts = {"rules": rule_words(flag.rules, t), "distance": shown(flag.distance, "number", 1), "direction": t(flag.direction)}
    sure = t("certain" if flag.certain else "uncertain")
    if flag.rules == ("trend",):
        return t("sentence_trend", **facts) + sure
    level = t("level_removed" if flag.level_removed else "level_kept")
    return t(
        "sentence_facility", **facts, sitting=flag.sitting, date=flag.date, level=level, latest=flag.latest,
        facility=shown(flag.facility, "number", 3), expected=shown(flag.expected, "number", 3),
    ) + sure  # fmt: skip
