"""A comment beside an item by which its editor accepts what a rule finds: ``# allow: W106 操作规程原文如此``."""

from __future__ import annotations

from dataclasses import dataclass

from qbank.problem import Span


@dataclass(frozen=True, slots=True, order=True)
class OptOut:
    """What one comment allows, and where.

    span : of the comment ; codes : each with the place where it is written ; reason : empty where none is given ;
    first, last : the lines that it covers, both included
    """

    span: Span
    codes: tuple[tuple[str, Span], ...]
    reason: str
    first: int
    last: int

    def covers(self, place: Span) -> bool:
        """Return whether a place lies in the lines that the comment speaks of."""
        return place.path == self.span.path and self.first <= place.line <= self.last
