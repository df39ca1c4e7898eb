"""What a renderer cannot print, told where it stands in the bank."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qbank.core.bank import Bank
from qbank.core.presentation import Paper
from qbank.files.text_places import text_span
from qbank.problem import Problem, Span, error

if TYPE_CHECKING:
    from qbank.render import UnprintableText


def unprintable(fault: UnprintableText, paper: Paper, bank: Bank) -> list[Problem]:
    """Return an error for each text that cannot be printed, where it stands in the bank."""
    problems = []
    for failure in fault.failures:
        source = bank.items.get(failure.item.partition(".")[0]) or bank.stimuli.get(failure.item)
        span = text_span(source, failure.place, failure.detail) if source else Span(paper.code)
        problems.append(error("F109", span, detail=failure.message(fault.language)))
    return problems
