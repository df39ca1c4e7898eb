"""Tables of two papers smoothed by the log-linear models that a criterion chooses."""

from __future__ import annotations

from typing import Any

import polars as pl

from qbank.analysis.equating.loglinear import LogLinear, fit_pairs, fit_scores, fit_table
from qbank.analysis.equating.methods import Smoothed
from qbank.analysis.equating.scores import Pairs, Scores
from qbank.analysis.equating.settings import EquatingSettings


def smoothed_tables(tables: list[Scores] | list[Pairs], settings: EquatingSettings) -> tuple[Smoothed | None, pl.DataFrame]:
    """Return both tables presmoothed by the models that the criterion chooses, and the table of the models."""
    made, fits, chosen, seen = [], [], [], []
    both: list[Scores | Pairs] = list(tables)
    for side, table in zip(("new", "base"), both, strict=True):
        models: list[tuple[str, Any, LogLinear]]
        if isinstance(table, Pairs):
            powers = range(2, min(settings.most_degree, len(table.totals) - 1, len(table.anchors) - 1) + 1)
            asked = [((t, t), (j, j)) for t in powers for j in (1, 2)]
            models = [(f"{d[0]},{d[1]},{j[0]}", (d, j), fit_pairs(table, d, j)) for d, j in asked]
        else:
            powers = range(1, min(settings.most_degree, len(table.points) - 1) + 1)
            models = [(str(t), t, fit_scores(table, t)) for t in powers]
        rows = fit_table(table.counts, [(name, fit) for name, _, fit in models])
        usable = rows.with_row_index().filter(pl.col("converged") & pl.col(settings.choose_by).is_finite())
        best = int(usable.sort(settings.choose_by)["index"][0]) if len(usable) else -1
        rows = rows.select(pl.lit(side).alias("side"), pl.int_range(pl.len()).eq(best).alias("chosen"), pl.all())
        seen.append(rows)
        if best < 0:
            continue
        _, model, fit = models[best]
        fits.append(fit)
        chosen.append(model)
        shaped = fit.expected.reshape(table.counts.shape)
        made.append(
            Pairs(table.totals, table.anchors, shaped) if isinstance(table, Pairs) else Scores(table.points, shaped)
        )
    tried = pl.concat(seen)
    if len(made) < 2:
        return None, tried
    return Smoothed(made[0], made[1], (fits[0], fits[1]), (chosen[0], chosen[1])), tried
