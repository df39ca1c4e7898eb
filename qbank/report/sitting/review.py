"""Item review in words: what was found with its numbers, what is suspected, what is suggested."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from qbank.analysis.intervals import CONFIDENCE
from qbank.messages import Language, text
from qbank.report.blocks import Kind, shown

KINDS: dict[str, tuple[Kind, int]] = {
    **dict.fromkeys(("miskey", "negative", "low_discrimination", "too_easy", "too_hard", "dependent", "constant"), ("number", 2)),
    **dict.fromkeys(("dif_b", "dif_c", "drift"), ("signed", 2)),
    **dict.fromkeys(("misfit", "trend"), ("signed", 1)),
    **dict.fromkeys(("small_n", "suppressed", "no_data"), ("integer", 0)),
}
"""code → how its numbers are shown; the others are shares"""
SHARE: tuple[Kind, int] = ("percent", 1)


def review_words(language: Language, name: str, **fields: object) -> str:
    return text(language, f"report_review.{name}", **fields)


def finding_sentence(finding: Mapping[str, Any], language: Language, *, confidence: float = CONFIDENCE) -> str:
    """Return a row of `findings_table` in words, with its numbers; confidence : of its interval.

    >>> row = {"code": "too_hard", "option": None, "about": None, "n": 50, "value": 0.04, "low": 0.01, "high": 0.13, "limit": 0.2}
    >>> finding_sentence(row, "en")
    'too hard: facility 0.04 (95 %: 0.01 to 0.13), below 0.20'
    """
    code = str(finding["code"])
    kind, digits = KINDS.get(code, SHARE)
    low, high = finding["low"], finding["high"]
    interval = ""
    if low is not None and high is not None and math.isfinite(low + high):
        interval = review_words(
            language, "interval", confidence=f"{100 * confidence:g}", low=shown(low, kind, digits), high=shown(high, kind, digits),
        )  # fmt: skip
    about = str(finding["about"] or "")
    if code == "leak":
        about = review_words(language, "at_sites", sites=about) if about else ""
    elif code == "trend":
        about = text(language, f"history.{about}") if about in ("easier", "harder") else about
    elif code in ("dif_b", "dif_c"):
        about = about.partition("=")[2]
    side = "harder" if code.startswith("dif") and (finding["value"] or 0) < 0 else "easier"
    return review_words(
        language, f"found_{code}", option=finding["option"] or "", about=about, value=shown(finding["value"], kind, digits),
        limit=shown(finding["limit"], kind, 0 if kind == "percent" else digits), interval=interval,
        side=review_words(language, f"side_{side}"),
    )  # fmt: skip


def code_words(codes: Iterable[str], language: Language) -> str:
    """Return the short words for codes.

    >>> code_words(["miskey", "too_hard"], "en")
    'possible miskey, too hard'
    """
    return review_words(language, "comma").join(review_words(language, f"code_{code}") for code in codes)


def cause_words(cause: str, language: Language) -> str:
    """Return what is suspected, "" where nothing is.

    >>> cause_words("wrong_key", "en")
    'the key is wrong'
    """
    return review_words(language, f"cause_{cause}") if cause else ""


def action_words(action: str, named: str, language: Language) -> str:
    """Return what is suggested, "" where nothing is.

    >>> action_words("rekey", "C", "en")
    'change the key to C'
    """
    return review_words(language, f"action_{action}", named=named) if action else ""
