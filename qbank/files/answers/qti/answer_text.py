"""The values of a response → the answer as one writes it on paper."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qbank.core.form import FormItem
from qbank.kinds import KINDS

_CHOICE = re.compile(r"(?i:(?:simple)?choice|option|opt|answer|response|选项|i)?[\s_.:-]*([A-Ja-j])")
_PROMPT = re.compile(r"(?:prompt|source|row|p|m|i|题)?[\s_.:-]*(\d{1,2})", re.IGNORECASE)
_TRUTH = {"true": "true", "t": "true", "right": "true", "correct": "true", "1": "true", "√": "true", "对": "true", "正确": "true",
          "false": "false", "f": "false", "wrong": "false", "incorrect": "false", "0": "false", "×": "false", "错": "false",
          "错误": "false"}  # fmt: skip


def answer_text(place: FormItem, values: Sequence[str]) -> str:
    """Return the values of a response as one writes the answer on paper, with the item's own letters.

    >>> from dataclasses import replace
    >>> item = FormItem("Q", "multiple", "", "CADB", 1, {"key": "AC"}, "", "")
    >>> answer_text(item, ["choiceA", "C"]), answer_text(replace(item, kind="matching"), ["P1 B", "P2 choice_A"])
    ('A C', '1-B 2-A')
    """
    kind = place.kind
    if kind == "true_false":
        return _TRUTH.get(values[0].casefold(), _TRUTH.get(re.sub(r"^.*[_:.-]", "", values[0]).casefold(), values[0]))
    if kind == "matching":
        return " ".join(_pair(value) for value in values)
    if place.order or KINDS[kind].one_letter:
        return " ".join(_letter(value) for value in values)
    return ";".join(values)


def _letter(value: str) -> str:
    match = _CHOICE.fullmatch(value)
    return match.group(1).upper() if match else value


def _pair(value: str) -> str:
    first, _, second = value.partition(" ")
    match = _PROMPT.fullmatch(first)
    if match:
        return f"{match.group(1)}-{_letter(second.strip())}"
    match = _PROMPT.fullmatch(second.strip())
    return f"{match.group(1)}-{_letter(first)}" if match else value
