"""The item table of classical test theory."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from qbank.analysis.arrays import FloatArray, column_correlation, column_deviations, column_mean, ratio
from qbank.analysis.correlations import polyserial, polyserial_ml
from qbank.analysis.criterion import KELLEY, group_weights, rest_scores, total_scores
from qbank.analysis.intervals import CONFIDENCE, correlation_interval, mean_interval, wilson_interval
from qbank.analysis.reliability import mean_alpha_if_dropped
from qbank.analysis.sitting import NOT_REACHED, OMITTED, VOID, WITHHELD, SittingData


def item_table(data: SittingData, *, confidence: float = CONFIDENCE) -> pl.DataFrame:
    """Return one row an item, in the order of ``data.items``.

    item, forms (their names; their number where `SittingData.pooled`), scored (on every form that holds it), n (persons who saw it and have marks), marks_max, mean, variance (n − 1),
    dichotomous (only 0 and full marks occurred);
    facility = mean / marks_max with its 95 % interval: Wilson where dichotomous, else normal, cut to [0, 1];
    item_rest = Pearson's r with the marks on the other scored items of the paper sat, with Fisher's interval;
    item_total = r with the item left in; biserial = item_rest·√(p(1−p)) / φ(Φ⁻¹(p)), dichotomous only;
    polyserial = item_rest's, two-step (Olsson, Drasgow & Dorans 1982), of marks in part too; polyserial_ml with its standard
    error polyserial_error = by maximum likelihood; reliability_index = item_total·sd (Gulliksen 1950);
    d27 = facility of the upper minus the lower 27 % by paper score (Kelley 1939), ties shared;
    omitted, not_reached = shares of n; alpha_if_dropped = of the paper, averaged over papers by persons;
    n_left_out = void and withheld answers; status = ok, no_data, one_person or constant.

    NaN where a statistic does not exist. Cost: a few passes over (n_persons, n_items).
    """
    seen = ~np.isnan(data.marks)
    n = seen.sum(axis=0)
    marks = np.where(seen, data.marks, 0.0)
    mean = column_mean(marks, seen)
    deviations = column_deviations(marks, seen)
    variance = ratio(np.einsum("pi,pi->i", deviations, deviations), np.maximum(n - 1, 0))
    full = np.isclose(marks, data.marks_max)
    dichotomous = (n > 0) & (~seen | full | (marks == 0)).all(axis=0)
    facility = ratio(mean, data.marks_max)
    rest = rest_scores(data)
    item_rest = column_correlation(marks, rest, seen)
    likely, likely_error = polyserial_ml(data.marks, rest)
    item_total = column_correlation(marks, total_scores(data), seen)
    facility_low, facility_high = _facility_interval(data, mean, np.sqrt(variance), n, dichotomous, confidence)
    rest_low, rest_high = correlation_interval(item_rest, n, confidence=confidence)
    varies = (deviations != 0).any(axis=0)
    status = np.select([n == 0, n == 1, ~varies], ["no_data", "one_person", "constant"], "ok")
    return pl.DataFrame(
        {
            "item": list(data.items),
            "forms": _forms(data),
            "scored": (data.scored | ~data.in_form).all(axis=0),
            "n": n,
            "marks_max": data.marks_max,
            "dichotomous": dichotomous,
            "mean": mean,
            "variance": variance,
            "facility": facility,
            "facility_low": facility_low,
            "facility_high": facility_high,
            "item_rest": item_rest,
            "item_rest_low": rest_low,
            "item_rest_high": rest_high,
            "item_total": item_total,
            "biserial": np.where(dichotomous, biserial(item_rest, facility), np.nan),
            "polyserial": polyserial(data.marks, rest),
            "polyserial_ml": likely,
            "polyserial_error": likely_error,
            "reliability_index": item_total * np.sqrt(variance),
            "d27": upper_lower(data, group_weights(data, KELLEY)),
            "omitted": ratio((seen & (data.answer == OMITTED)).sum(axis=0), n),
            "not_reached": ratio((seen & (data.answer == NOT_REACHED)).sum(axis=0), n),
            "alpha_if_dropped": mean_alpha_if_dropped(data),
            "n_left_out": ((data.answer == VOID) | (data.answer == WITHHELD)).sum(axis=0),
            "status": status.tolist(),
        },
        schema_overrides={"item": pl.String, "forms": pl.String, "status": pl.String},
    )


def _forms(data: SittingData) -> list[str]:
    """Return the papers that hold each item, or how many they are where they are too many to name."""
    if data.pooled:
        return [str(n) for n in data.in_form.sum(axis=0).tolist()]
    return [", ".join(np.array(data.forms, dtype=object)[held]) for held in data.in_form.T]


def upper_lower(data: SittingData, weights: FloatArray) -> FloatArray:
    """Return facility in the last group minus facility in the first, shape (n_items,).

    weights : (n_persons, n_groups), how much of each person belongs to each group, from low to high.
    """
    seen = ~np.isnan(data.marks)
    ends = weights[:, [0, -1]].T
    mean = ratio(ends @ np.where(seen, data.marks, 0.0), ends @ seen.astype(float))
    facility = ratio(mean, data.marks_max)
    difference: FloatArray = facility[1] - facility[0]
    return difference


def generalised_upper_lower(
    data: SittingData, *, n_groups: int = 3, lower: int = 1, upper: int | None = None
) -> FloatArray:
    """Return facility in group ``upper`` minus facility in group ``lower``, (n_items,), the groups numbered from 1.

    ``n_groups`` groups of equal size by rank of the paper score, from low to high, ties shared (`rank_weights`); upper:
    None for the highest. The usual upper–lower index is that of 3 groups, 1 and 3; with five groups and 4 against 5 it tells
    how an item works among the able (Martinková, Štěpánek, Drabinová, Houdek, Vejražka & Štuka 2017).
    Raises ValueError where a group does not exist.

    >>> from qbank.analysis import sitting_data
    >>> marks = [[0, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 1]]
    >>> generalised_upper_lower(sitting_data(["a", "b", "c"], marks, 1), n_groups=4, lower=1).tolist()
    [1.0, 1.0, 1.0]
    """
    last = n_groups if upper is None else upper
    if not (1 <= lower <= n_groups and 1 <= last <= n_groups):
        raise ValueError(f"groups {lower} and {last} of {n_groups}")
    weights = group_weights(data, np.linspace(0.0, 1.0, n_groups + 1).tolist())
    return upper_lower(data, weights[:, [lower - 1, last - 1]])


def biserial(point_biserial: ArrayLike, facility: ArrayLike) -> FloatArray:
    """Return the biserial correlation, r·√(p(1−p)) / φ(Φ⁻¹(p)) (Lord & Novick 1968, eq. 15.9.3).

    It may exceed 1 where the criterion is far from normal. NaN at p = 0 and p = 1.

    >>> round(float(biserial(0.4, 0.5)), 6)
    0.501326
    """
    from scipy.special import ndtri

    p = np.asarray(facility, float)
    inside = np.where((p > 0) & (p < 1), p, np.nan)
    density = np.exp(-0.5 * ndtri(inside) ** 2) / np.sqrt(2 * np.pi)
    return ratio(np.asarray(point_biserial, float) * np.sqrt(inside * (1 - inside)), density)


def _facility_interval(
    data: SittingData, mean: FloatArray, sd: FloatArray, n: ArrayLike, dichotomous: ArrayLike, confidence: float
) -> tuple[FloatArray, FloatArray]:
    persons = np.asarray(n, float)
    right = np.round(np.nan_to_num(ratio(mean, data.marks_max)) * persons)
    wilson_low, wilson_high = wilson_interval(np.where(dichotomous, right, np.nan), persons, confidence=confidence)
    mean_low, mean_high = mean_interval(mean, sd, persons, confidence=confidence)
    low = np.where(dichotomous, wilson_low, np.clip(ratio(mean_low, data.marks_max), 0.0, 1.0))
    high = np.where(dichotomous, wilson_high, np.clip(ratio(mean_high, data.marks_max), 0.0, 1.0))
    return low, high
