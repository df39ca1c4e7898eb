"""What the QTI writers know of a question: the item, what it is worth, and the order in which it is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from qbank.core.item import Item
from qbank.core.presentation import Language
from qbank.core.stimulus import Stimulus
from qbank.problem import Problem

Words = Callable[[str, bool], str]
"""(Markdown, whether it is a single line) → the same as XHTML with MathML"""


@dataclass(frozen=True, slots=True)
class Passage:
    """A Markdown text to be shown: of which item, where in it, and whether it is a single line."""

    item: str
    place: str
    text: str
    inline: bool


Convert = Callable[[Sequence[Passage], Mapping[str, bytes]], tuple[list[str], list[Problem], list[bool]]]
"""(texts, pictures by path) → each as XHTML, an error for each that cannot be shown, and which these are"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is written.

    item : with the numbers of its variant, where they are drawn ; marks : of a full answer ; order : original letters in
    the order in which they stand, "" for that of the alphabet ; shuffled : whether the player may change that order ;
    part_marks, part_orders : the same of the parts of a case ; entries : the item's keys as plain data, for its
    metadata ; points : domains and competency, ``code title`` ; taught : whether rationale and mistakes go along ;
    counts : false where the marks are printed but not counted
    """

    item: Item
    marks: float
    language: Language
    order: str = ""
    shuffled: bool = True
    part_marks: tuple[float, ...] = ()
    part_orders: tuple[str, ...] = ()
    entries: Mapping[str, Any] = field(default_factory=dict)
    points: tuple[str, ...] = ()
    media: Mapping[str, bytes] = field(default_factory=dict)
    stimulus: Stimulus | None = None
    taught: bool = True
    counts: bool = True
