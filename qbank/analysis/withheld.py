"""What a report withholds because too few persons sat, and how many it needs."""

from __future__ import annotations

import math
from collections.abc import Iterator

import polars as pl

from qbank.analysis.analyse import SittingAnalysis
from qbank.analysis.tiers import WITHHELD_SCHEMA, Part

OF_PAPERS: tuple[Part, ...] = ("statistics", "flags", "rasch", "two_pl", "three_pl")
OF_EQUATING: tuple[Part, ...] = ("mean_equating", "linear_equating", "equipercentile")


def withheld_parts(analysis: SittingAnalysis) -> pl.DataFrame:
    """Return one row a part that is not given: part, scope (a paper, or a column of groups), n (persons there are), needs.

    Of each paper: statistics, flags, decision accuracy where there is a cut, dimension, subscores where there are parts,
    the models; of papers other than the first, equating where the design permits it (persons of the smaller of the two); of a
    column of groups DIF, by all of them together (``dif``) or by the smaller group (``dif_focal``).

    >>> from qbank.analysis import analyse, sitting_data
    >>> found = withheld_parts(analyse(sitting_data(["a", "b"], [[1, 0]] * 12, 1, forms=("A",)), design="none"))
    >>> found.filter(part="flags").rows()
    [('flags', 'A', 12, 30)]
    """
    tiers = analysis.thresholds.tiers
    found = tiers.withheld(_asked(analysis))
    topics = [topic.withheld for topic in (analysis.dimension, analysis.subscores) if topic is not None]
    parts = pl.concat([found, *(table.filter(pl.col("part") != "statistics") for table in topics)])
    return pl.concat([parts, _of_groups(analysis)]).unique(maintain_order=True)


def _asked(analysis: SittingAnalysis) -> Iterator[tuple[Part, str, int]]:
    sizes = dict.fromkeys(analysis.forms, 0) if analysis.spread is None else {"": analysis.n_persons}
    sizes |= dict(analysis.rates.filter(pl.col("by") == "form").select("value", "n").iter_rows())
    decided: tuple[Part, ...] = () if math.isnan(analysis.cut) else ("decision_accuracy",)
    for form, n in sizes.items():
        for part in (*OF_PAPERS, *decided):
            yield part, form, n
    if analysis.design != "none":
        first = next(iter(sizes.values()), 0)
        for form, n in list(sizes.items())[1:]:
            for part in OF_EQUATING:
                yield part, form, min(n, first)


def _of_groups(analysis: SittingAnalysis) -> pl.DataFrame:
    rows = [
        ("dif" if found.needs == found.settings.total_from else "dif_focal", found.column, found.n, found.needs)
        for found in analysis.dif
        if found.status == "withheld"
    ]
    return pl.DataFrame(rows, schema=WITHHELD_SCHEMA, orient="row")
