"""What a renderer cannot print, told where it stands: in the bank, or in the files that say what is on every paper."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from qbank.core.bank import Bank
from qbank.core.presentation import Language, Paper
from qbank.files.text_places import text_span, words_span
from qbank.problem import Problem, Span, error

if TYPE_CHECKING:
    from qbank.render import TextFailure, UnprintableText

    Tell = Callable[[UnprintableText, Paper, Bank], list[Problem]]


def unprintable(
    fault: UnprintableText, paper: Paper, bank: Bank, *, language: Language | None = None, settings: Iterable[Path] = ()
) -> list[Problem]:
    """Return an error for each text that cannot be printed, where it stands.

    language : of the messages, that of the paper where none is said ; settings : the files in which the head of a paper
    is written, the blueprint and qbank.yaml
    """
    problems = []
    for failure in fault.failures:
        source = bank.items.get(failure.item.partition(".")[0]) or bank.stimuli.get(failure.item)
        found = found_words(failure)
        span = text_span(source, failure.place, found) if source else words_span(settings, found) or Span(paper.code)
        problems.append(error("F109", span, detail=failure.message(language or fault.language)))
    return problems


def found_words(failure: TextFailure) -> str:
    """Return what of a failure stands in the text as it is written: a character, a formula, the path of a picture."""
    if failure.reason == "wide_table":
        return ""
    if failure.reason == "picture":
        return failure.detail.partition(": ")[0]
    return re.sub(r" \(U\+[0-9A-F +U]+\)$", "", failure.detail) if failure.reason == "glyph" else failure.detail
