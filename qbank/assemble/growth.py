"""What is to be written so that a bank supports more papers: the smallest commission for each further number."""

from __future__ import annotations

from dataclasses import dataclass

from qbank.assemble.explain.commission import Line
from qbank.assemble.explain.ladder import explain
from qbank.assemble.setting import Setting
from qbank.assemble.sums import for_papers

STEPS = (1, 2, 5)
"""How many papers more than today are asked for."""


@dataclass(frozen=True, slots=True)
class Growth:
    """What so many papers need: ``total`` items written as the lines say.

    least : proven, fewer will not do ; proved : whether the papers were built with them ; possible : false where no
    writing helps, because rules contradict each other
    """

    papers: int
    total: int
    least: int
    lines: tuple[Line, ...]
    proved: bool
    possible: bool


def growth(setting: Setting, now: int, *, overlap: int = 0, steps: tuple[int, ...] = STEPS) -> tuple[Growth, ...]:
    """Return the smallest commission for each number of papers beyond those that the bank supports now."""
    found = []
    for step in steps:
        answer = explain(for_papers(setting, now + step, overlap=overlap))
        possible = answer.reason not in ("contradiction", "unknown")
        found.append(
            Growth(now + step, answer.n_missing, answer.bound, answer.lines, answer.proved or answer.reason == "none", possible)
        )
        if not possible:
            break
    return tuple(found)

