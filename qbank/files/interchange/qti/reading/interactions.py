"""Which interaction is read by which function, and what stands for it in a text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qbank.files.interchange.qti.reading.asking import Found, Question
from qbank.files.interchange.qti.reading.choices import choice, hottext, inline_choice
from qbank.files.interchange.qti.reading.pairing import associate, gap_match, match, order_interaction
from qbank.files.interchange.qti.reading.written import extended_text, slider, text_entry

BLANK = "____"
TAKEN: dict[str, Callable[[Question, Any], Found]] = {
    "choice-interaction": choice, "hottext-interaction": hottext, "inline-choice-interaction": inline_choice,
    "associate-interaction": associate, "text-entry-interaction": text_entry, "extended-text-interaction": extended_text, "match-interaction": match,
    "gap-match-interaction": gap_match, "order-interaction": order_interaction, "slider-interaction": slider,
}  # fmt: skip
"""interaction → the function that reads it"""
NOT_TAKEN = frozenset({
    "graphic-associate-interaction", "graphic-gap-match-interaction", "graphic-order-interaction",
    "hotspot-interaction", "select-point-interaction", "position-object-interaction", "drawing-interaction", "upload-interaction",
    "media-interaction", "custom-interaction", "portable-custom-interaction",
})  # fmt: skip
"""Interactions that no kind of the bank asks; any other ``…-interaction`` is met in the same way."""


def shown_in_text(name: str, number: int, alone: bool) -> str:
    """Return what stands in a text where an answer is asked for.

    >>> shown_in_text("text-entry-interaction", 1, True), shown_in_text("inline-choice-interaction", 2, False)
    ('____', '____（2）')
    """
    return BLANK if alone else f"{BLANK}（{number}）"
