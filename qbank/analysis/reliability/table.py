"""How repeatable a paper's scores are, form by form."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import polars as pl

from qbank.analysis.arrays import FloatArray, column_deviations, ratio
from qbank.analysis.intervals import CONFIDENCE
from qbank.analysis.pooled import pooled
from qbank.analysis.reliability.alpha import (
    alpha_if_dropped,
    cronbach_alpha,
    feldt_interval,
    kr21,
    standardised_alpha,
    variance_of,
)
from qbank.analysis.reliability.pooled import pooled_alpha_if_dropped, pooled_reliability
from qbank.analysis.sitting import SittingData

NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Reliability:
    """One paper. n : persons with marks on every scored item; n_left_out : persons who lack one."""

    form: str
    n: int
    n_left_out: int
    n_items: int
    n_constant: int
    marks_max: float
    mean: float
    sd: float
    alpha: float
    alpha_low: float
    alpha_high: float
    alpha_standardised: float
    kr20: float
    kr21: float
    sem: float
    status: str


_SCHEMA = {
    name: {"str": pl.String, "int": pl.Int64, "float": pl.Float64}[str(kind)]
    for name, kind in Reliability.__annotations__.items()
}


def reliability_table(data: SittingData, *, confidence: float = CONFIDENCE) -> pl.DataFrame:
    """Return one row a form: `Reliability`, over the scored items and the persons complete on them.

    alpha = k/(k−1)·(1 − Σ sᵢ²/s²) (Cronbach 1951), variances with n − 1, interval of Feldt (1965);
    alpha_standardised = k·r̄/(1 + (k−1)·r̄), items that do not vary left out;
    kr20 = alpha where every item is dichotomous, else NaN; kr21 = k/(k−1)·(1 − m(k−m)/(k·s²)) (Kuder &
    Richardson 1937) on items right, where moreover all items carry the same marks; sem = s·√(1 − alpha),
    in marks. Where forms are pooled one row, form "": alpha is `PooledReliability.alpha_raw`, n_items the mean. status = ok, no_data, one_person, one_item, constant, or negative (alpha below 0).
    """
    if data.pooled:
        return pl.DataFrame([asdict(_pooled(data, confidence))], schema=_SCHEMA)
    return pl.DataFrame([asdict(_reliability(data, form, confidence)) for form in range(data.n_forms)], schema=_SCHEMA)


def _pooled(data: SittingData, confidence: float) -> Reliability:
    found = pooled(data)
    worth = pooled_reliability(found, data.total, confidence=confidence)
    marks = np.where(found.counted, data.marks, 0.0)
    ever = found.counted.any(axis=0)
    dichotomous = bool(data.n_persons) and bool((~found.counted | np.isclose(marks, data.marks_max) | (marks == 0)).all())
    return Reliability(
        form="", n=worth.n, n_left_out=data.n_persons - worth.n, n_items=round(worth.n_items) if worth.n else 0,
        n_constant=int((ever & ~(found.above != 0).any(axis=0)).sum()), marks_max=float(found.full.max(initial=0.0)),
        mean=float(data.total.mean()) if data.n_persons else NAN, sd=float(np.sqrt(variance_of(data.total))), alpha=worth.alpha_raw,
        alpha_low=worth.raw_low, alpha_high=worth.raw_high, alpha_standardised=NAN, kr20=worth.alpha_raw if dichotomous else NAN,
        kr21=NAN, sem=worth.sem_raw if worth.alpha == worth.alpha else NAN, status=_status(worth.n, round(worth.n_items) if worth.n else 0, worth.alpha),
    )  # fmt: skip


def _reliability(data: SittingData, form: int, confidence: float) -> Reliability:
    marks, n_left_out = complete_marks(data, form)
    n, k = marks.shape
    full = data.marks_max[data.in_form[form] & data.scored[form]]
    varies = (column_deviations(marks, np.ones_like(marks, bool)) != 0).any(axis=0)
    total = marks.sum(axis=1)
    sd = float(np.sqrt(variance_of(total)))
    alpha = cronbach_alpha(marks)
    low, high = feldt_interval(alpha, n, k, confidence=confidence)
    dichotomous = bool(n and k and (np.isclose(marks, full) | (marks == 0)).all())
    alike = dichotomous and np.ptp(full) == 0 and full[0] > 0
    return Reliability(
        form=data.forms[form],
        n=n,
        n_left_out=n_left_out,
        n_items=k,
        n_constant=int((~varies).sum()),
        marks_max=float(full.sum()),
        mean=float(total.mean()) if n else NAN,
        sd=sd,
        alpha=alpha,
        alpha_low=low,
        alpha_high=high,
        alpha_standardised=standardised_alpha(marks),
        kr20=alpha if dichotomous else NAN,
        kr21=kr21(total / full[0], k) if alike else NAN,
        sem=sd * float(np.sqrt(max(1 - alpha, 0.0)) if alpha == alpha else NAN),
        status=_status(n, k, alpha),
    )


def _status(n: int, k: int, alpha: float) -> str:
    if not n or not k:
        return "no_data"
    if n == 1 or k == 1:
        return "one_person" if n == 1 else "one_item"
    if np.isnan(alpha):
        return "constant"
    return "negative" if alpha < 0 else "ok"


def complete_marks(data: SittingData, form: int) -> tuple[FloatArray, int]:
    """Return the marks of persons complete on the form's scored items, and how many persons were not."""
    held = np.flatnonzero(data.in_form[form] & data.scored[form])
    marks = data.marks[np.ix_(np.flatnonzero(data.form == form), held)]
    complete = ~np.isnan(marks).any(axis=1)
    return marks[complete], int((~complete).sum())


def mean_alpha_if_dropped(data: SittingData) -> FloatArray:
    """Return `alpha_if_dropped` for every item, (n_items,), averaged over its forms by persons."""
    if data.pooled:
        return pooled_alpha_if_dropped(pooled(data))
    weighted = np.zeros(data.n_items)
    persons = np.zeros(data.n_items)
    for form in range(data.n_forms):
        held = np.flatnonzero(data.in_form[form] & data.scored[form])
        marks, _ = complete_marks(data, form)
        dropped = alpha_if_dropped(marks)
        exists = ~np.isnan(dropped)
        weighted[held[exists]] += dropped[exists] * len(marks)
        persons[held[exists]] += len(marks)
    return ratio(weighted, persons)
