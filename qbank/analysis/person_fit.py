"""How many persons' answers go against the model, by group: what a room where many do would show, and what it would not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qbank.analysis.arrays import BoolArray
from qbank.analysis.calibrated import CalibratedItems
from qbank.analysis.intervals import wilson_interval
from qbank.analysis.sitting import SittingData
from qbank.analysis.tiers import Tiers
from qbank.irt.fit.persons import person_fit

BEYOND = -2.326
"""lz* below which 1 in 100 persons fall who answer as the model says."""
EXPECTED = 0.01
CERTAINTY = 0.01
"""How seldom chance alone may make any group of a column stand out: a room is not to be named lightly."""
STANDS_OUT_FROM = 0.05
"""Nor is a large site named for a share that is certain but small: weak candidates guess more, and that alone goes against a model."""
LEAST_ANSWERS = 20
"""Whoever answered fewer items with parameters is not judged: lz* is far from normal there."""
GROUPS = pl.Schema(
    {
        "column": pl.String(), "group": pl.String(), "n": pl.Int64(), "n_beyond": pl.Int64(), "share": pl.Float64(), "low": pl.Float64(),
        "high": pl.Float64(), "stands_out": pl.Boolean(),
    }
)  # fmt: skip
PERSONS = pl.Schema(
    {
        "row": pl.Int64(), "form": pl.String(), "n_answers": pl.Int64(), "total": pl.Float64(), "lz_star": pl.Float64(),
        "outfit": pl.Float64(), "infit": pl.Float64(),
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class PersonFitAnalysis:
    """n : persons judged ; n_beyond : those with lz* below ``beyond`` ; expected : the share of them that chance gives ;
    groups, persons : tables, described at `person_fit_analysis`"""

    n: int
    n_beyond: int
    beyond: float
    expected: float
    groups: pl.DataFrame
    persons: pl.DataFrame


def person_fit_analysis(
    data: SittingData, calibrated: CalibratedItems | None, *, tiers: Tiers | None = None
) -> PersonFitAnalysis | None:
    """Return whose answers go against the model, None where nothing is calibrated or the sitting is smaller than Rasch needs.

    groups: column, group, n, n_beyond, share, low, high (Wilson, 95 %), stands_out (as many or more by
    chance, at the share that all others have or the expected one where that is larger, is less likely than `CERTAINTY` over
    the groups of the column: exact binomial, Bonferroni; and the share is at least `STANDS_OUT_FROM`) ; groups below the size for statistics are
    left out. persons: row (the person's place in ``data``), form, n_answers, total, lz_star, outfit, infit, of those
    beyond, the lowest lz* first.

    lz*: Snijders (2001) and Sinharay (2016), see `qbank.irt.fit.persons.person_fit`. Cost: linear in persons × items.
    """
    limits = tiers or Tiers()
    if calibrated is None or data.n_persons < limits.needs("rasch"):
        return None
    fit = person_fit(calibrated.scores, calibrated.parameters, ability=calibrated.ability)
    judged = np.isfinite(fit.lz_star) & (fit.n_answers >= LEAST_ANSWERS)
    if not judged.any():
        return None
    beyond = judged & (np.nan_to_num(fit.lz_star, nan=0.0) < BEYOND)
    rows = np.flatnonzero(beyond)
    rows = rows[np.argsort(fit.lz_star[rows], kind="stable")]
    persons = pl.DataFrame(
        {
            "row": rows, "form": [data.forms[form] for form in data.form[rows].tolist()], "n_answers": fit.n_answers[rows],
            "total": data.total[rows], "lz_star": fit.lz_star[rows], "outfit": fit.outfit[rows], "infit": fit.infit[rows],
        },
        schema=PERSONS,
    )  # fmt: skip
    tables = [
        _by_group(name, np.array(words, dtype=np.str_), judged, beyond, limits.marks_only_below) for name, words in data.groups
    ]
    return PersonFitAnalysis(
        int(judged.sum()), int(beyond.sum()), BEYOND, EXPECTED, pl.concat([pl.DataFrame(schema=GROUPS), *tables]), persons
    )


def _by_group(name: str, words: NDArray[np.str_], judged: BoolArray, beyond: BoolArray, least: int) -> pl.DataFrame:
    from scipy.special import bdtrc

    found, place = np.unique(words, return_inverse=True)
    n, bad = np.bincount(place[judged], minlength=len(found)), np.bincount(place[beyond], minlength=len(found))
    kept = (n >= least) & (found != "")
    n, bad, groups = n[kept], bad[kept], found[kept].tolist()
    if not groups:
        return pl.DataFrame(schema=GROUPS)
    low, high = wilson_interval(bad, n)
    elsewhere = np.maximum(EXPECTED, (beyond.sum() - bad) / np.maximum(judged.sum() - n, 1))
    chance = np.where(bad > 0, bdtrc(np.maximum(bad - 1, 0), n, np.minimum(elsewhere, 1.0)), 1.0)
    table = pl.DataFrame(
        {
            "column": [name] * len(groups), "group": groups, "n": n, "n_beyond": bad, "share": bad / n, "low": low, "high": high,
            "stands_out": (chance < CERTAINTY / len(groups)) & (bad / n >= STANDS_OUT_FROM),
        },
        schema=GROUPS,
    )  # fmt: skip
    return table.sort("stands_out", "share", descending=True, maintain_order=True)

