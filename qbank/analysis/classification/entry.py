"""Decision accuracy of a sitting, paper by paper: every method that its answers allow, intervals, curves, who is near the cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from qbank.analysis.arrays import FloatArray
from qbank.analysis.calibrated import CalibratedItems
from qbank.analysis.classification.binomial import (
    hanson_brennan,
    huynh,
    livingston_lewis,
    subkoviak,
)
from qbank.analysis.classification.bootstrap import MOST_PERSONS, resampled
from qbank.analysis.classification.irt import lee, normal_population, rudner
from qbank.analysis.classification.pooled import DecidedScores, decided_scores, pooled_lee, resampled_pooled
from qbank.analysis.classification.record import Classification, nothing
from qbank.analysis.intervals import CONFIDENCE, wilson_interval
from qbank.analysis.paper_model import Source, ability_at_marks, paper_model
from qbank.analysis.reliability import complete_marks, cronbach_alpha
from qbank.analysis.sitting import SittingData

NAN = float("nan")
TOLERANCE = 1e-9
NEEDED = 100
REPORTED = "livingston_lewis_4p"


@dataclass(frozen=True, slots=True, eq=False)
class DecisionAccuracy:
    """How good the decisions at the cut are; what to report is the row of each paper whose ``reported`` is true.

    summary : a row a form and method. form, method, reported, n (persons complete on the scored items), status (ok,
        or why there is nothing: too_few, no_cut, no_data, constant, no_reliability, no_length, no_variance,
        negative, not_right_wrong, no_parameters), cut, full (marks), reliability (alpha), effective_length,
        true_scores (2P, 4P), fit (ok, fallback), accuracy, consistency, kappa, false_pass, false_fail, each with
        _low and _high where the bootstrap gave them, wrong_of_passed, wrong_of_failed (with _low, _high),
        pass_rate (the model's), observed_rate
    curves : of the reported method. form, score (true score in marks), passing (probability of passing), accuracy,
        consistency
    near : form, n, cut, csem (marks, at the cut), n_below, n_above, share (+ _low, _high) of totals within one csem
    replications, seed, confidence : of the bootstrap ; needed : persons below which a form is withheld
    """

    summary: pl.DataFrame
    curves: pl.DataFrame
    near: pl.DataFrame
    replications: int
    seed: int
    needed: int
    confidence: float = CONFIDENCE


FIGURES = ("accuracy", "consistency", "kappa", "false_pass", "false_fail", "wrong_of_passed", "wrong_of_failed")


def decision_accuracy(
    data: SittingData,
    *,
    parameters: Source = None,
    population: tuple[ArrayLike, ArrayLike] | None = None,
    needed: int = NEEDED,
    replications: int = 200,
    seed: int = 1,
    confidence: float = CONFIDENCE,
) -> DecisionAccuracy:
    """Return accuracy and consistency of the pass decision at the sitting's cut, for every paper.

    parameters : of items of the sitting, by item id, bare or with marks and population (`CalibratedItems`): then Lee's
        and Rudner's figures too, for papers of which every counted item has some
    population : (nodes, weights) of ability that goes with them, None: that of the calibration, N(0, 1) for bare ones
    needed : fewer persons on a paper give a row without figures ; replications, seed : persons drawn again with
        replacement, for percentile intervals of the reported method; none above 20,000 persons, where they would be
        narrower than what is shown

    Each paper has its own cut. Persons complete on the scored items only; the decision is taken as on the sum of these marks. Livingston & Lewis
    is what is reported; the methods for numbers right need items worth alike that earn full marks or none. Where forms are pooled
    one set of rows, form "": Livingston & Lewis of the marks as given, with their `PooledReliability.alpha_raw`, and Lee's figures as `pooled_lee`.
    """
    if data.pooled:
        return _pooled(data, parameters, population, needed, replications, seed, confidence)
    rows: list[dict[str, object]] = []
    curves, near = [], []
    for form in range(data.n_forms):
        marks, _ = complete_marks(data, form)
        full = data.marks_max[data.in_form[form] & data.scored[form]]
        found = _methods(data, form, marks, full, parameters, population, needed)
        reported = found[REPORTED]
        intervals = (
            resampled(marks, float(full.sum()), cut_of(data, form), replications=replications, seed=seed + form, confidence=confidence)
            if reported.status == "ok" and len(marks) <= MOST_PERSONS and replications
            else {}
        )
        alpha = cronbach_alpha(marks)
        rows += [
            _row_of(data.forms[form], cut_of(data, form), marks.sum(axis=1), float(full.sum()), alpha, name, one, intervals if name == REPORTED else {})
            for name, one in found.items()
        ]
        curves.append(_curve(data.forms[form], reported))
        near.append(_near(data.forms[form], cut_of(data, form), marks.sum(axis=1), float(full.sum()), reported, confidence))
    return DecisionAccuracy(
        pl.DataFrame(rows, schema=_schema()),
        pl.concat(curves) if curves else _curve("", nothing(REPORTED, 2, "no_data")),
        pl.DataFrame(near, schema=_NEAR),
        replications,
        seed,
        needed,
        confidence,
    )


def _pooled(
    data: SittingData, parameters: Source, population: tuple[ArrayLike, ArrayLike] | None, needed: int, replications: int, seed: int, confidence: float
) -> DecisionAccuracy:  # fmt: skip
    """Return the figures of everybody, whatever paper they sat, at the cut of the sitting."""
    scores = decided_scores(data)
    found = _pooled_methods(data, scores, parameters, population, needed)
    reported = found[REPORTED]
    intervals = (
        resampled_pooled(scores, data.cut, replications=replications, seed=seed, confidence=confidence)
        if reported.status == "ok" and data.n_persons <= MOST_PERSONS and replications
        else {}
    )
    rows = [_row_of("", data.cut, scores.total, scores.full, scores.reliability, name, one, intervals if name == REPORTED else {}) for name, one in found.items()]
    return DecisionAccuracy(
        pl.DataFrame(rows, schema=_schema()), _curve("", reported),
        pl.DataFrame([_near("", data.cut, scores.total, scores.full, reported, confidence)], schema=_NEAR), replications, seed, needed, confidence,
    )  # fmt: skip


def _pooled_methods(
    data: SittingData, scores: DecidedScores, parameters: Source, population: tuple[ArrayLike, ArrayLike] | None, needed: int
) -> dict[str, Classification]:
    names = (REPORTED, "livingston_lewis_2p", "lee")
    n = len(scores.total)
    reason = "no_cut" if np.isnan(data.cut) else "no_data" if not n else "too_few" if n < needed else ""
    if reason:
        return {name: nothing(name, 2, reason) for name in names}
    found = {
        f"livingston_lewis_{model.lower()}": livingston_lewis(
            scores.total, [data.cut], reliability=scores.reliability, full=scores.full, model=model
        )
        for model in ("4P", "2P")
    }
    calibrated = parameters if isinstance(parameters, CalibratedItems) else None
    return found | {"lee": pooled_lee(data, calibrated, population) or nothing("lee", 2, "no_parameters")}


def cut_of(data: SittingData, form: int) -> float:
    """Return the marks needed to pass on a form."""
    return float(data.cuts[form])


def _methods(
    data: SittingData,
    form: int,
    marks: FloatArray,
    full: FloatArray,
    parameters: Source,
    population: tuple[ArrayLike, ArrayLike] | None,
    needed: int,
) -> dict[str, Classification]:
    """Return what every method finds, or why it finds nothing, in the order of the table."""
    names = (REPORTED, "livingston_lewis_2p", "hanson_brennan_4p", "huynh", "subkoviak", "lee", "rudner")
    reason = (
        "no_cut" if np.isnan(cut_of(data, form)) else "no_data" if not marks.size else "too_few" if len(marks) < needed else ""
    )
    if reason:
        return {name: nothing(name, 2, reason) for name in names}
    total, possible, alpha = marks.sum(axis=1), float(full.sum()), cronbach_alpha(marks)
    found = {
        f"livingston_lewis_{model.lower()}": livingston_lewis(
            total, [cut_of(data, form)], reliability=alpha, full=possible, model=model
        )
        for model in ("4P", "2P")
    }
    right_wrong = bool((np.isclose(marks, full) | (marks == 0)).all() and np.ptp(full) == 0 and full[0] > 0)
    if right_wrong:
        right, n = np.round(total / full[0]), marks.shape[1]
        cut = cut_of(data, form) / float(full[0])
        found["hanson_brennan_4p"] = hanson_brennan(right, [cut], n=n, reliability=alpha)
        found["huynh"] = huynh(float(right.mean()), float(right.std(ddof=1)), [cut], n=n)
        found["subkoviak"] = subkoviak(right, [cut], n=n, reliability=alpha)
    else:
        found |= {name: nothing(name, 2, "not_right_wrong") for name in names[2:5]}
    return found | _from_parameters(data, form, parameters, population)


def _from_parameters(
    data: SittingData, form: int, parameters: Source, population: tuple[ArrayLike, ArrayLike] | None
) -> dict[str, Classification]:
    """Return Lee's and Rudner's figures, where every scored item of the paper has parameters."""
    model = paper_model(data, form, parameters)
    if model is None:
        return {name: nothing(name, 2, "no_parameters") for name in ("lee", "rudner")}
    nodes, weights = normal_population(*model.ability) if population is None else population
    by_score = lee(model.parameters, [cut_of(data, form)], nodes=nodes, weights=weights, marks=model.marks)
    ability = float(ability_at_marks(model, [cut_of(data, form)])[0])
    if not np.isfinite(ability):
        return {"lee": by_score, "rudner": nothing("rudner", 2, "no_data")}
    return {"lee": by_score, "rudner": rudner([ability], parameters=model.parameters, nodes=nodes, weights=weights)}


def _row_of(
    form: str, cut: float, total: FloatArray, full: float, reliability: float, name: str,
    found: Classification, intervals: dict[str, tuple[float, float]],
) -> dict[str, object]:  # fmt: skip
    settings = dict(found.settings)
    observed = (total >= cut - TOLERANCE).mean() if len(total) and not np.isnan(cut) else NAN
    row: dict[str, object] = {
        "form": form,
        "method": name,
        "reported": name == REPORTED,
        "n": len(total),
        "status": found.status,
        "cut": cut,
        "full": full,
        "reliability": reliability,
        "effective_length": settings.get("effective_length", NAN),
        "true_scores": settings.get("true_scores", ""),
        "fit": settings.get("fit", ""),
        "pass_rate": float(found.observed_shares[-1]) if found.status == "ok" else NAN,
        "observed_rate": float(observed),
    }
    for figure in FIGURES:
        low, high = intervals.get(figure, (NAN, NAN))
        row |= {figure: getattr(found, figure), f"{figure}_low": low, f"{figure}_high": high}
    return row


def _schema() -> dict[str, type[pl.DataType]]:
    words = {"form": pl.String, "method": pl.String, "status": pl.String, "true_scores": pl.String, "fit": pl.String}
    order: Sequence[str] = (
        "form", "method", "reported", "n", "status", "cut", "full", "reliability", "effective_length", "true_scores", "fit",
        *(part for name in FIGURES for part in (name, f"{name}_low", f"{name}_high")), "pass_rate", "observed_rate",
    )  # fmt: skip
    special: dict[str, type[pl.DataType]] = {**words, "reported": pl.Boolean, "n": pl.Int64}
    return {name: special.get(name, pl.Float64) for name in order}


def _curve(form: str, found: Classification) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "form": [form] * found.nodes.size,
            "score": found.nodes,
            "passing": found.probability[-1],
            "accuracy": found.conditional_accuracy,
            "consistency": found.conditional_consistency,
        },
        schema={"form": pl.String, **dict.fromkeys(("score", "passing", "accuracy", "consistency"), pl.Float64)},
    )


_NEAR = {
    "form": pl.String, "n": pl.Int64, "cut": pl.Float64, "csem": pl.Float64, "n_below": pl.Int64, "n_above": pl.Int64,
    "share": pl.Float64, "share_low": pl.Float64, "share_high": pl.Float64,
}  # fmt: skip


def _near(
    form: str, cut: float, total: FloatArray, full: float, found: Classification, confidence: float
) -> dict[str, object]:
    """Return how many totals lie within one conditional standard error of the cut.

    It is that of the model at the cut, full·√(p(1 − p)/n): p = cut/full, n the effective test length.
    """
    length = dict(found.settings).get("effective_length", NAN)
    share = cut / full if full else NAN
    csem = full * float(np.sqrt(max(share * (1 - share), 0.0) / length)) if isinstance(length, float) else NAN
    above = total - cut
    n_below = int(((above < -TOLERANCE) & (above >= -csem - TOLERANCE)).sum())
    n_above = int(((above >= -TOLERANCE) & (above <= csem + TOLERANCE)).sum())
    n = float(len(above)) if len(above) and not np.isnan(csem) else NAN
    low, high = wilson_interval(n_below + n_above if n == n else NAN, n, confidence=confidence)
    return {
        "form": form, "n": len(above), "cut": cut, "csem": csem, "n_below": n_below, "n_above": n_above,
        "share": (n_below + n_above) / n, "share_low": float(low), "share_high": float(high),
    }  # fmt: skip
