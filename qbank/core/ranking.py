"""How a competition ranks: what is compared where totals are equal, and how many prizes there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

By = Literal["marks", "section", "time"]
First = Literal["higher", "lower"]


@dataclass(frozen=True, slots=True)
class TieRule:
    """One tie-break as a blueprint has it.

    value : an expression over items, the title of a section, or the column of the answers that holds a time ;
    first : whether the higher or the lower value stands before ; title : how candidates and lists call it ; at : its
    place in the list
    """

    by: By
    value: str
    first: First
    title: str
    at: int

    @property
    def named(self) -> str:
        """Return what it is called: its title, else its own words."""
        return self.title or self.value


@dataclass(frozen=True, slots=True)
class RankingRule:
    """ties : compared one after the other where totals are equal ; awards : how many prizes of each class, best first"""

    ties: tuple[TieRule, ...] = ()
    awards: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class TieBreak:
    """One tie-break as a paper has it: the questions are those that were printed.

    items : questions whose marks are added up, a case by its own id; none of a time ; column : of the answers, of a time
    """

    title: str
    by: By
    first: First
    items: tuple[str, ...] = ()
    column: str = ""

    @property
    def is_time(self) -> bool:
        """Return whether it compares a time, not marks."""
        return self.by == "time"


@dataclass(frozen=True, slots=True)
class Ranking:
    """The rule that a paper was printed with; papers of one sitting share all but the questions."""

    ties: tuple[TieBreak, ...] = ()
    awards: tuple[int, ...] = ()

    @property
    def words(self) -> tuple[object, ...]:
        """Return what must be the same on all papers of a sitting."""
        return (self.awards, *((tie.title, tie.by, tie.first, tie.column) for tie in self.ties))
