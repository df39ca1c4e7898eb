"""How many persons a statement needs: the tiers of a report, and what is withheld below them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import polars as pl

Part = Literal[
    "statistics",
    "flags",
    "rasch",
    "mean_equating",
    "decision_accuracy",
    "dimension",
    "subscores",
    "dif",
    "dif_focal",
    "linear_equating",
    "two_pl",
    "three_pl",
    "equipercentile",
]

WITHHELD_SCHEMA = pl.Schema({"part": pl.String(), "scope": pl.String(), "n": pl.Int64(), "needs": pl.Int64()})


@dataclass(frozen=True, slots=True)
class Tiers:
    """Persons (per paper, or in all groups together for DIF) from which a part of the report is given.

    marks_only_below : only marks and who passed ; options_only_below : how often each option was chosen, no flags ;
    small_below : a flag only where the interval of its statistic excludes the threshold ; from these on the Rasch
    model and mean equating ; dif_from, dif_focal_from : DIF, in all and in the smaller group ; and linear equating ;
    two_pl_from, three_pl_from : the models of that name, and from the latter equipercentile equating.
    At 30 persons a third of sound items shows a correlation below .20, hence the steps.
    """

    marks_only_below: int = 10
    options_only_below: int = 30
    small_below: int = 100
    dif_from: int = 200
    dif_focal_from: int = 100
    two_pl_from: int = 500
    three_pl_from: int = 1000

    def needs(self, part: Part) -> int:
        """Return the number of persons from which the part is given.

        >>> Tiers().needs("dif"), Tiers(dif_from=400).needs("linear_equating")
        (200, 400)
        """
        least = {
            "statistics": self.marks_only_below,
            "flags": self.options_only_below,
            "rasch": self.small_below,
            "mean_equating": self.small_below,
            "decision_accuracy": self.small_below,
            "dimension": self.dif_from,
            "subscores": self.small_below,
            "dif": self.dif_from,
            "dif_focal": self.dif_focal_from,
            "linear_equating": self.dif_from,
            "two_pl": self.two_pl_from,
            "three_pl": self.three_pl_from,
            "equipercentile": self.three_pl_from,
        }
        return least[part]

    def allows(self, part: Part, n: int) -> bool:
        """Return whether ``n`` persons suffice.

        >>> Tiers().allows("statistics", 9), Tiers().allows("statistics", 10)
        (False, True)
        """
        return n >= self.needs(part)

    def withheld(self, asked: Iterable[tuple[Part, str, int]]) -> pl.DataFrame:
        """Return what is not given: part, scope (a paper, a group or ""), n (persons there are), needs.

        asked : part, scope and persons of everything that could be given

        >>> Tiers().withheld([("dif", "site", 150), ("statistics", "A", 50)]).rows()
        [('dif', 'site', 150, 200)]
        """
        rows = [(part, scope, n, self.needs(part)) for part, scope, n in asked if not self.allows(part, n)]
        return pl.DataFrame(rows, schema=WITHHELD_SCHEMA, orient="row")
