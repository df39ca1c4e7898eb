"""Reliability of the parts of a paper, and of a total whose parts measure different things."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import polars as pl

from qbank.analysis.arrays import FloatArray, ratio
from qbank.analysis.intervals import CONFIDENCE
from qbank.analysis.pooled import pooled
from qbank.analysis.reliability.alpha import cronbach_alpha, feldt_interval, variance_of
from qbank.analysis.reliability.pooled import pooled_reliability
from qbank.analysis.reliability.table import complete_marks
from qbank.analysis.sitting import SittingData

NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Stratum:
    """One section or domain of one paper. ``rest_correlation`` : of its marks with the rest of the paper, Pearson's r.

    kind : the name of the stratum (section, domain) ; value : its word ; status : ok, no_data, one_person, one_item,
    constant, negative
    """

    form: str
    kind: str
    value: str
    n: int
    n_items: int
    marks_max: float
    mean: float
    sd: float
    alpha: float
    alpha_low: float
    alpha_high: float
    sem: float
    rest_correlation: float
    status: str


_KINDS = {"str": pl.String(), "int": pl.Int64(), "float": pl.Float64()}
STRATUM_SCHEMA = pl.Schema({name: _KINDS[str(kind)] for name, kind in Stratum.__annotations__.items()})


def stratified_alpha(marks: FloatArray, strata: Sequence[str]) -> float:
    """Return 1 − Σ s²_i (1 − α_i) / s², the strata's variances and alphas (Cronbach, Schönemann & McKie 1965).

    marks : (n_persons, n_items), complete ; strata : one word an item. A stratum of a single item counts with α = 0, which
    makes the coefficient a lower bound; one that does not vary adds nothing.

    >>> marks = np.array([[1.0, 1, 0, 0], [1, 1, 1, 1], [0, 0, 1, 1], [0, 0, 0, 0]])
    >>> stratified_alpha(marks, ["a", "a", "b", "b"])
    1.0
    """
    total = variance_of(marks.sum(axis=1))
    if not total > 0 or marks.shape[1] < 2:
        return NAN
    words = np.array(strata, dtype=object)
    lost = 0.0
    for word in dict.fromkeys(strata):
        own = marks[:, words == word]
        alpha = cronbach_alpha(own)
        lost += variance_of(own.sum(axis=1)) * (1 - (0.0 if np.isnan(alpha) else alpha))
    return 1 - lost / total


def strata_table(data: SittingData, *, confidence: float = CONFIDENCE) -> pl.DataFrame:
    """Return one row a paper, kind of stratum and stratum: `Stratum`, over scored items and persons complete on the paper.

    Items without a word ("") have no row. Where forms are pooled a row a stratum, form "": of the persons who had any of it, alpha of
    the marks as given, rest_correlation of marks above expectation.
    """
    rows = []
    if data.pooled:
        return pl.DataFrame([asdict(row) for row in _pooled(data, confidence)], schema=STRATUM_SCHEMA)
    for form in range(data.n_forms):
        marks, _ = complete_marks(data, form)
        held = np.flatnonzero(data.in_form[form] & data.scored[form])
        total = marks.sum(axis=1)
        for kind, words in data.strata:
            here = np.array([words[item] for item in held], dtype=object)
            for value in dict.fromkeys(word for word in here.tolist() if word):
                own = here == value
                row = _stratum(marks[:, own], total, float(data.marks_max[held[own]].sum()), confidence)
                rows.append(asdict(Stratum(data.forms[form], kind, value, *row)))
    return pl.DataFrame(rows, schema=STRATUM_SCHEMA)


def _pooled(data: SittingData, confidence: float) -> Iterator[Stratum]:
    found = pooled(data)
    total = found.total
    marks = np.where(found.counted, data.marks, 0.0)
    for kind, words in data.strata:
        of = np.array(words, dtype=object)
        for value in dict.fromkeys(word for word in words if word):
            own = of == value
            had = found.counted[:, own].any(axis=1)
            if not had.any():
                continue
            raw, above = marks[:, own].sum(axis=1), found.above[:, own].sum(axis=1)
            worth = pooled_reliability(found, raw, items=own, confidence=confidence)
            alpha = worth.alpha_raw
            status = "one_person" if worth.n == 1 else "ok" if alpha == alpha else "one_item" if worth.n_items <= 1 else "constant"
            yield Stratum(
                "", kind, value, worth.n, round(worth.n_items), float((found.counted[:, own] @ data.marks_max[own])[had].mean()),
                float(raw[had].mean()), float(np.sqrt(variance_of(raw[had]))), alpha, worth.raw_low, worth.raw_high,
                worth.sem_raw if alpha == alpha else NAN, correlation(above[had], (total - above)[had]), "negative" if alpha < 0 else status,
            )  # fmt: skip


def _stratum(
    marks: FloatArray, total: FloatArray, marks_max: float, confidence: float
) -> tuple[int, int, float, float, float, float, float, float, float, float, str]:
    n, k = marks.shape
    own = marks.sum(axis=1)
    alpha = cronbach_alpha(marks)
    low, high = feldt_interval(alpha, n, k, confidence=confidence)
    sd = float(np.sqrt(variance_of(own)))
    status = "no_data" if not n or not k else "one_person" if n == 1 else "one_item" if k == 1 else "ok"
    if status == "ok" and np.isnan(alpha):
        status = "constant"
    if status == "ok" and alpha < 0:
        status = "negative"
    mean = float(own.mean()) if n else NAN
    sem = sd * float(np.sqrt(max(1 - alpha, 0.0))) if alpha == alpha else NAN
    return n, k, marks_max, mean, sd, alpha, low, high, sem, correlation(own, total - own), status


def correlation(one: FloatArray, other: FloatArray) -> float:
    """Return Pearson's r of two scores, NaN where either does not vary.

    >>> round(correlation(np.array([1.0, 2, 3]), np.array([2.0, 4, 6])), 6)
    1.0
    """
    if len(one) < 2:
        return NAN
    x, y = one - one.mean(), other - other.mean()
    scale = float(x @ x) * float(y @ y)
    return float(ratio(float(x @ y), np.sqrt(scale) if scale > 1e-20 else 0.0))
