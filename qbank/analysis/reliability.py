"""How repeatable a paper's scores are, form by form."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import polars as pl

from qbank.analysis.arrays import FloatArray, column_deviations, ratio
from qbank.analysis.intervals import CONFIDENCE
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


def reliability_table(data: SittingData) -> pl.DataFrame:
    """Return one row a form: `Reliability`, over the scored items and the persons complete on them.

    alpha = k/(k−1)·(1 − Σ sᵢ²/s²) (Cronbach 1951), variances with n − 1, interval of Feldt (1965);
    alpha_standardised = k·r̄/(1 + (k−1)·r̄), items that do not vary left out;
    kr20 = alpha where every item is dichotomous, else NaN; kr21 = k/(k−1)·(1 − m(k−m)/(k·s²)) (Kuder &
    Richardson 1937) on items right, where moreover all items carry the same marks; sem = s·√(1 − alpha),
    in marks. status = ok, no_data, one_person, one_item, constant, or negative (alpha below 0).
    """
    return pl.DataFrame([asdict(_reliability(data, form)) for form in range(data.n_forms)], schema=_SCHEMA)


def _reliability(data: SittingData, form: int) -> Reliability:
    marks, n_left_out = complete_marks(data, form)
    n, k = marks.shape
    full = data.marks_max[data.in_form[form] & data.scored[form]]
    varies = (column_deviations(marks, np.ones_like(marks, bool)) != 0).any(axis=0)
    total = marks.sum(axis=1)
    sd = float(np.sqrt(_variance(total)))
    alpha = cronbach_alpha(marks)
    low, high = feldt_interval(alpha, n, k)
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
        sem=sd * float(np.sqrt(1 - alpha)),
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


def cronbach_alpha(marks: FloatArray) -> float:
    """Return coefficient alpha, k/(k−1)·(1 − Σ sᵢ²/s²) (Cronbach 1951), NaN where it does not exist.

    marks : (n_persons, n_items), complete.

    >>> round(cronbach_alpha(np.array([[1., 1, 1], [1, 1, 0], [1, 0, 0], [0, 0, 0]])), 6)
    0.75
    """
    k = marks.shape[1]
    variance = _variance(marks.sum(axis=1))
    if k < 2 or np.isnan(variance) or variance == 0:
        return NAN
    return float(k / (k - 1) * (1 - _variances(marks).sum() / variance))


def standardised_alpha(marks: FloatArray) -> float:
    """Return k·r̄/(1 + (k−1)·r̄), r̄ the mean correlation of the k items that vary; NaN for k < 2."""
    varying = marks[:, _variances(marks) > 0]
    k = varying.shape[1]
    if k < 2:
        return NAN
    z = varying - varying.mean(axis=0)
    z = z / np.sqrt((z**2).sum(axis=0))
    # The sum of all correlations is the squared length of the summed columns: no k × k matrix.
    mean_r = (float((z.sum(axis=1) ** 2).sum()) - k) / (k * (k - 1))
    return float(ratio(k * mean_r, 1 + (k - 1) * mean_r))


def kr21(right: FloatArray, n_items: int) -> float:
    """Return Kuder & Richardson's formula 21 of the numbers right, (n_persons,), variance with n − 1."""
    variance = _variance(right)
    if n_items < 2 or np.isnan(variance) or variance == 0:
        return NAN
    mean = float(right.mean())
    return n_items / (n_items - 1) * (1 - mean * (n_items - mean) / (n_items * variance))


def feldt_interval(alpha: float, n: int, k: int, *, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the interval of alpha, 1 − (1−α)·F with F at (n−1, (n−1)(k−1)) degrees of freedom (Feldt 1965).

    >>> low, high = feldt_interval(0.8, 100, 20)
    >>> round(low, 3), round(high, 3)
    (0.738, 0.853)
    """
    if np.isnan(alpha) or n < 2 or k < 2:
        return NAN, NAN
    from scipy.special import fdtri

    tail = (1 - confidence) / 2
    between, within = n - 1, (n - 1) * (k - 1)
    upper, lower = fdtri(between, within, 1 - tail), fdtri(between, within, tail)
    return float(1 - (1 - alpha) * upper), float(1 - (1 - alpha) * lower)


def alpha_if_dropped(marks: FloatArray) -> FloatArray:
    """Return alpha of the other k − 1 items for each item, shape (n_items,); NaN for k < 3.

    marks : (n_persons, n_items), complete.
    """
    n, k = marks.shape
    if n < 2 or k < 3:
        return np.full(k, NAN)
    deviations = column_deviations(marks, np.ones_like(marks, bool))
    variances = np.einsum("pi,pi->i", deviations, deviations) / (n - 1)
    total = deviations.sum(axis=1)
    variance = float(total @ total) / (n - 1)
    rest = variance + variances - 2 * (total @ deviations) / (n - 1)
    # what is left of a variance after cancellation is measured against what went in, not against a total near 0
    rest = np.where(rest > 1e-12 * max(variance, float(variances.sum()), 1e-300), rest, 0.0)
    alpha: FloatArray = (k - 1) / (k - 2) * (1 - ratio(variances.sum() - variances, rest))
    return alpha


def mean_alpha_if_dropped(data: SittingData) -> FloatArray:
    """Return `alpha_if_dropped` for every item, (n_items,), averaged over its forms by persons."""
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


def _variances(marks: FloatArray) -> FloatArray:
    if len(marks) < 2:
        return np.zeros(marks.shape[1])
    deviations = column_deviations(marks, np.ones_like(marks, bool))
    return np.asarray(np.einsum("pi,pi->i", deviations, deviations) / (len(marks) - 1), float)


def _variance(score: FloatArray) -> float:
    if len(score) < 2:
        return NAN
    return float(_variances(score[:, None])[0])
