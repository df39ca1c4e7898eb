"""How a history words its numbers, flags and rules."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from qbank.ledger import ItemFlag
from qbank.ledger.flags import CALIBRATION_FLAGS
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
    return Badge(flag.code, t(f"flag_{flag.code}"), flag_sentence(flag, t), tone)


def raised_sentence(flag: ItemFlag, t: Texts) -> str:
    """Return what a calibration found against an item, in words: where, from when, by how much, and what was decided."""
    said: dict[str, object] = {"item": flag.item, "sitting": flag.sitting, "date": flag.date}
    if not {"found", "expected", "share", "shift", "n"} <= flag.facts.keys():
        return t("raised_bare", **said, what=t(f"flag_{flag.code}")) + decision_sentence(flag, t)
    facts = flag.facts
    said |= {name: shown(facts[name], "number", 3) for name in ("found", "expected")} | {"n": facts["n"]}
    if flag.code == "drift":
        low, high = facts.get("shift_interval", (math.nan, math.nan))
        interval = t("interval", low=f"{low:+.2f}", high=f"{high:+.2f}") if math.isfinite(low) else ""
        return t("raised_drift", **said, shift=f"{facts['shift']:+.2f}", interval=interval) + decision_sentence(flag, t)
    where = [site for site in facts.get("sites", ()) if site[0] in facts.get("where", ())]
    if flag.code == "leak" and where:
        sites = t("list_semicolon").join(
            t("at_site", site=site[0], n=site[1], found=shown(site[2], "number", 3), expected=shown(site[3], "number", 3),
              share=f"{100 * site[4]:.0f}", interval=_share_interval(site[5:], t))
            for site in where
        )  # fmt: skip
        return t("raised_leak_at", **said, sites=sites) + decision_sentence(flag, t)
    said |= {"share": f"{100 * facts['share']:.0f}", "interval": _share_interval(facts.get("share_interval", ()), t)}
    return t(f"raised_{flag.code}", **said) + decision_sentence(flag, t)


def _share_interval(ends: Sequence[float], t: Texts) -> str:
    low, high = (*ends, math.nan, math.nan)[:2]
    return t("interval", low=f"{100 * low:.0f}", high=f"{100 * high:.0f} %") if math.isfinite(low) else ""


def raised_record(flag: ItemFlag, t: Texts) -> dict[str, Any]:
    """Return a flag as plain data, with its sentence."""
    sentence = raised_sentence(flag, t) if flag.code in CALIBRATION_FLAGS else ""
    return asdict(flag) | {"open": flag.open, "sentence": sentence}


def decision_sentence(flag: ItemFlag, t: Texts) -> str:
    """Return what somebody decided about a flag, or which command decides it; nothing of a flag that asks for none."""
    found = flag.decision
    if found is not None:
        return t("decided", verdict=t(f"verdict_{found.verdict}"), who=found.who, date=found.at[:10], why=found.why)
    return t("to_decide", sitting=flag.sitting, item=flag.item) if flag.open else ""


def rule_words(rules: tuple[str, ...], t: Texts) -> str:
    return t("list_semicolon").join(t(f"rule_{rule}") for rule in dict.fromkeys(rules))


def flag_sentence(flag: HistoryFlag, t: Texts) -> str:
    """Return why the flag stands: its rules in words, where and how far. Of two sittings neither is blamed, unless a
    calibration has named the cause."""
    facts = {"rules": rule_words(flag.rules, t), "distance": shown(flag.distance, "number", 1), "direction": t(flag.direction)}
    sure = t("certain" if flag.certain else "uncertain")
    if flag.rules == ("trend",):
        return t("sentence_trend", **facts) + sure
    if flag.rules[0] == "differ" and flag.other:
        neither = t("neither") if flag.code == "trend" else ""
        return t(
            "sentence_differ", **facts, sitting=flag.sitting, date=flag.date, other=flag.other,
            level=t("level_alike" if flag.level_removed else "level_kept_two"),
            **{name: shown(getattr(flag, name), "number", 3) for name in ("facility", "expected", "other_facility")},
        ) + neither + sure  # fmt: skip
    level = t("level_removed" if flag.level_removed else "level_kept")
    return t(
        "sentence_facility", **facts, sitting=flag.sitting, date=flag.date, level=level, latest=flag.latest,
        facility=shown(flag.facility, "number", 3), expected=shown(flag.expected, "number", 3),
    ) + sure  # fmt: skip
