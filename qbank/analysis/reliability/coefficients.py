"""Every coefficient of a paper's reliability as one row, with the interval or the error that it has."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

import numpy as np
import polars as pl

from qbank.analysis.arrays import BoolArray, FloatArray
from qbank.analysis.intervals import CONFIDENCE
from qbank.analysis.pooled import Pooled, pooled
from qbank.analysis.reliability.alpha import alpha_error, feldt_interval
from qbank.analysis.reliability.bounds import guttman, split_halves
from qbank.analysis.reliability.factoring import factors, omega_hierarchical, omega_total
from qbank.analysis.reliability.pooled import pooled_reliability
from qbank.analysis.reliability.strata import stratified_alpha
from qbank.analysis.reliability.table import complete_marks
from qbank.analysis.sitting import SittingData

NAN = float("nan")
COEFFICIENT_SCHEMA = pl.Schema(
    {
        "form": pl.String(), "coefficient": pl.String(), "value": pl.Float64(), "error": pl.Float64(),
        "low": pl.Float64(), "high": pl.Float64(), "sem": pl.Float64(), "n": pl.Int64(), "n_items": pl.Int64(), "status": pl.String(),
    }
)  # fmt: skip
FACTORS = 3


@dataclass(frozen=True, slots=True)
class Moments:
    """Mean, sd (n − 1), skewness and excess kurtosis (m₃/s³, m₄/s⁴ − 3, s with n − 1) of totals."""

    n: int
    mean: float
    sd: float
    skewness: float
    kurtosis: float


def moments(total: FloatArray) -> Moments:
    """Return the moments of totals, (n_persons,).

    >>> moments(np.array([1.0, 2.0, 3.0]))
    Moments(n=3, mean=2.0, sd=1.0, skewness=0.0, kurtosis=-2.3333333333333335)
    """
    n = len(total)
    if not n:
        return Moments(0, NAN, NAN, NAN, NAN)
    mean = float(total.mean())
    off = total - mean
    sd = float(np.sqrt((off @ off) / (n - 1))) if n > 1 else NAN
    if not sd > 1e-9 * max(1.0, abs(mean)):
        return Moments(n, mean, sd, NAN, NAN)
    return Moments(n, mean, sd, float((off**3).mean() / sd**3), float((off**4).mean() / sd**4 - 3))


def coefficient_table(
    data: SittingData, *, seed: int = 1, confidence: float = CONFIDENCE, forms: Container[str] | None = None
) -> pl.DataFrame:
    """Return one row a paper and coefficient, over its scored items and the persons complete on them.

    form, coefficient, value, error (van Zyl et al. 2000) and low, high (95 %, Feldt 1965) of alpha alone, sem = s·√(1 − value) in marks, n, n_items,
    status (ok, or why there is none: no_data, one_person, one_item, constant, too_few_items, no_strata, not_converged).

    alpha, lambda1 … lambda6 (Guttman 1945), omega
    (one factor by minres, of the marks as they are added up), omega_ml, omega_standardised (of items with variance 1),
    omega_3, omega_hierarchical_3 (three oblique factors and one above), split_odd_even (Spearman–Brown), split_odd_even_rulon,
    split_mean, split_lowest, split_highest, and stratified_NAME for every stratum of the data. Where forms are pooled one set of
    rows, form "": alpha (of marks above expectation), alpha_raw (of the marks as given) and the stratified ones (`pooled_reliability`).
    seed : of the random halves of papers of more than 20 items ; forms : the papers wanted, None for all.
    """
    if data.pooled:
        return _pooled(data, confidence)
    wanted = [form for form, id in enumerate(data.forms) if forms is None or id in forms]
    frames = [_form(data, form, seed, confidence) for form in wanted]
    return pl.concat([pl.DataFrame(schema=COEFFICIENT_SCHEMA), *frames])


def _pooled(data: SittingData, confidence: float) -> pl.DataFrame:
    """Return alpha of marks above expectation, of the marks as given, and stratified."""
    found = pooled(data)
    worth = pooled_reliability(found, data.total, confidence=confidence)
    status = "ok" if worth.alpha == worth.alpha else "constant"
    values = [
        ("alpha", worth.alpha, worth.error, worth.low, worth.high, worth.sem, status),
        ("alpha_raw", worth.alpha_raw, NAN, worth.raw_low, worth.raw_high, worth.sem_raw, status),
    ]
    for kind, words in data.strata:
        of = np.array(words, dtype=object)
        parts = [pooled_reliability(found, found.total, items=of == word) for word in dict.fromkeys(words) if (of == word).any()]
        lost = sum((part.observed - max(part.true, 0.0)) * part.n for part in parts if part.alpha == part.alpha) / max(worth.n, 1)
        lost += sum(_spread(found, of == word) for word, part in zip(dict.fromkeys(words), parts, strict=True) if part.alpha != part.alpha)
        several = len(parts) > 1 and status == "ok"
        value = 1 - lost / worth.observed if several else NAN
        sem = float(np.sqrt(max(lost, 0.0))) if several else NAN
        values.append((f"stratified_{kind}", value, NAN, NAN, NAN, sem, "ok" if several else "no_strata"))
    n_items = round(worth.n_items) if worth.n else 0
    rows = [("", name, value, error, low, high, sem, worth.n, n_items, state) for name, value, error, low, high, sem, state in values]
    return pl.DataFrame(rows, schema=COEFFICIENT_SCHEMA, orient="row")


def _spread(found: Pooled, items: BoolArray) -> float:
    """Return the mean square of the marks above expectation on some items: all error where there is no coefficient."""
    return float((found.above[:, items].sum(axis=1) ** 2).mean()) if len(found.above) else 0.0


def _form(data: SittingData, form: int, seed: int, confidence: float) -> pl.DataFrame:
    marks, _ = complete_marks(data, form)
    n, k = marks.shape
    sd = moments(marks.sum(axis=1)).sd if n else NAN
    why = "no_data" if not n or not k else "one_person" if n == 1 else "one_item" if k == 1 else ""
    values: list[tuple[str, float, float, float, float, str]] = []
    if not why and not sd > 1e-9:
        why = "constant"
    if why:
        values = [(name, NAN, NAN, NAN, NAN, why) for name in ("alpha", "lambda2", "omega", "split_odd_even")]
    else:
        values = _values(marks, seed, confidence)
        held = np.flatnonzero(data.in_form[form] & data.scored[form])
        for kind, words in data.strata:
            own = [words[item] for item in held]
            several = len(set(own)) > 1
            found = stratified_alpha(marks, own) if several else NAN
            values.append((f"stratified_{kind}", found, NAN, NAN, NAN, "ok" if several else "no_strata"))
    rows = [
        (data.forms[form], name, value, error, low, high, sd * np.sqrt(max(1 - value, 0.0)) if value == value else NAN, n, k, status)
        for name, value, error, low, high, status in values
    ]
    return pl.DataFrame(rows, schema=COEFFICIENT_SCHEMA, orient="row")


def _values(marks: FloatArray, seed: int, confidence: float) -> list[tuple[str, float, float, float, float, str]]:
    n, k = marks.shape
    centred = marks - marks.mean(axis=0)
    covariance = centred.T @ centred / (n - 1)
    bounds = guttman(covariance, seed=seed)
    halves = split_halves(covariance, seed=seed)
    low, high = feldt_interval(bounds.lambda3, n, k, confidence=confidence)
    found: list[tuple[str, float, float, float, float, str]] = [
        ("alpha", bounds.lambda3, alpha_error(covariance, n), low, high, "ok"),
    ]
    for number in range(1, 7):
        value = getattr(bounds, f"lambda{number}")
        # with as many items as persons every item is predicted from the others by chance alone
        few = number == 6 and n <= k
        found.append((f"lambda{number}", NAN if few else value, NAN, NAN, NAN, "too_few_persons" if few else "ok"))
    found += _omegas(covariance)
    found += [
        ("split_odd_even", halves.odd_even, NAN, NAN, NAN, "ok"),
        ("split_odd_even_rulon", halves.odd_even_rulon, NAN, NAN, NAN, "ok"),
        ("split_mean", halves.mean, NAN, NAN, NAN, "ok"),
        ("split_lowest", halves.lowest, NAN, NAN, NAN, "ok"),
        ("split_highest", halves.highest, NAN, NAN, NAN, "ok"),
    ]
    return found


def _omegas(covariance: FloatArray) -> list[tuple[str, float, float, float, float, str]]:
    sd = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    varies = sd > 1e-9
    names = ("omega", "omega_ml", "omega_standardised", "omega_3", "omega_hierarchical_3")
    if varies.sum() < FACTORS:
        return [(name, NAN, NAN, NAN, NAN, "too_few_items") for name in names]
    sd = sd[varies]
    correlations = covariance[np.ix_(varies, varies)] / np.outer(sd, sd)
    one, likely = factors(correlations), factors(correlations, method="ml")
    enough = varies.sum() >= 2 * FACTORS
    above, three = omega_hierarchical(correlations, FACTORS) if enough else (NAN, NAN)
    values = (
        omega_total(correlations, one.uniqueness, sd),
        omega_total(correlations, likely.uniqueness, sd),
        omega_total(correlations, one.uniqueness),
        three,
        above,
    )
    states = (one.status, likely.status, one.status, *(("ok",) * 2 if enough else ("too_few_items",) * 2))
    return [(name, value, NAN, NAN, NAN, status) for name, value, status in zip(names, values, states, strict=True)]
