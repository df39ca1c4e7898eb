"""What a panel's judgements come to: the cut, how sure it is, and who judged how."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from qbank.analysis.arrays import FloatArray

NAN = float("nan")


@dataclass(frozen=True, slots=True, eq=False)
class CutScore:
    """One round of a method.

    cut : in marks ; error : its standard error over judges, NaN with fewer than two ; error_items : over judges and items,
    where the method has items ; ability : the cut on the scale of the items, where it has one ; judges : a row a judge,
    at least judge, cut, leniency (cut − mean) ; items : a row an item, empty where the method has none ; figures :
    (name, value) of the method's own ; status : ok, or a word that says what is amiss
    """

    method: str
    cut: float
    error: float
    judges: pl.DataFrame
    items: pl.DataFrame
    ability: float = NAN
    error_items: float = NAN
    figures: tuple[tuple[str, float], ...] = ()
    status: str = "ok"


def error_of_mean(values: ArrayLike) -> float:
    """Return the standard error of a mean over judges, sd/√n with n − 1; NaN for fewer than two.

    >>> round(error_of_mean([60, 64, 68]), 6)
    2.309401
    """
    known = np.asarray(values, float)
    known = known[np.isfinite(known)]
    return float(known.std(ddof=1) / np.sqrt(known.size)) if known.size > 1 else NAN


def judge_table(judges: tuple[str, ...], cuts: FloatArray, **columns: ArrayLike) -> pl.DataFrame:
    """Return a row a judge: judge, cut, leniency (cut − mean cut), and further columns."""
    known = cuts[np.isfinite(cuts)]
    mean = float(known.mean()) if known.size else NAN
    more = {name: np.asarray(values, float) for name, values in columns.items()}
    return pl.DataFrame({"judge": list(judges), "cut": cuts, "leniency": cuts - mean, **more})


def fail_rate(scores: ArrayLike, counts: ArrayLike, cut: float) -> float:
    """Return the share of persons below a cut; a score at the cut passes.

    >>> fail_rate([50, 60, 70], [1, 2, 1], 60)
    0.25
    """
    x, n = np.asarray(scores, float), np.asarray(counts, float)
    return float(n[x < cut - 1e-9].sum() / n.sum()) if n.sum() > 0 else NAN
