"""Judging items: Angoff with shares or yes and no, extended Angoff with marks, Ebel."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from qbank.analysis.arrays import FloatArray, column_correlation, ratio
from qbank.analysis.standard_setting.record import NAN, CutScore, error_of_mean, judge_table
from qbank.irt import ItemParameters, ability_at_score, expected_score

DISAGREEMENT = 0.2
DISTANCE = 0.25


def angoff(
    ratings: ArrayLike,
    marks: ArrayLike,
    *,
    judges: tuple[str, ...] | None = None,
    items: tuple[str, ...] | None = None,
    facility: ArrayLike | None = None,
    parameters: ItemParameters | None = None,
) -> CutScore:
    """Return the cut of judged shares; Angoff (1971, in Thorndike, Educational Measurement, p. 515).

    ratings : (n_judges, n_items) share of full marks that a borderline candidate earns (of a right/wrong item: the
        probability of a right answer; yes/no: 1 or 0), NaN not rated ; marks : (n_items,) full marks
    facility : (n_items,) observed, to hold ratings against ; parameters : of these items in this order, for the judges'
        consistency

    A judge's cut is Σ marks·rating; items not rated count with the share earned on the rated ones. cut is the mean of
    the judges' cuts, error = sd/√n over judges. error_items generalises over items too:
    full marks·√(σ²ⱼ/J + σ²ᵢ/I + σ²ᵢⱼ/(I·J)) with the variance components of judges × items (Brennan 1995, J. Educ.
    Meas. 32, 385–397; complete ratings only, items weighted alike, negative components 0).

    judges : judge, cut, leniency, n_rated, sd (of the ratings), correlation (with facility), distance (mean |rating −
        facility|), consistency (van der Linden 1982, J. Educ. Meas. 19, 295–308: C = (M − E)/M, E the mean |rating −
        P(θ)| at the ability whose expected score is the judge's cut, M its largest possible value, mean max(P, 1 − P))
    items : item, marks, n_rated, mean, sd, low, high, facility, flag (disagreement: sd above .20; distance: mean more than
        .25 + the panel's mean difference from the facility away from it; "" none)

    >>> found = angoff([[0.6, 0.8, 0.5], [0.7, 0.9, 0.6]], [1, 1, 2])
    >>> round(found.cut, 6), round(found.error, 6)
    (2.6, 0.2)
    """
    given, full = np.atleast_2d(np.asarray(ratings, float)), np.asarray(marks, float)
    n_judges, n_items = given.shape
    if full.shape != (n_items,):
        raise ValueError(f"marks {full.shape} for {n_items} items")
    who = judges or tuple(str(n + 1) for n in range(n_judges))
    what = items or tuple(str(n + 1) for n in range(n_items))
    rated = np.isfinite(given)
    observed = np.full(n_items, NAN) if facility is None else np.asarray(facility, float)
    cuts = full.sum() * ratio((np.where(rated, given, 0.0) * full).sum(axis=1), (rated * full).sum(axis=1))
    both = rated & np.isfinite(observed)
    table = judge_table(
        who, cuts, n_rated=rated.sum(axis=1), sd=[_sd(row) for row in given],
        correlation=column_correlation(given.T, np.tile(observed, (n_judges, 1)).T, both.T),
        distance=ratio(np.where(both, np.abs(given - observed), 0.0).sum(axis=1), both.sum(axis=1)),
        consistency=_consistency(given, full, cuts, parameters),
    )  # fmt: skip
    known = cuts[np.isfinite(cuts)]
    return CutScore(
        "angoff",
        float(known.mean()) if known.size else NAN,
        error_of_mean(cuts),
        table,
        _item_table(what, full, given, observed),
        error_items=_error_over_items(given) * float(full.sum()),
        figures=_spread(cuts),
        status="ok" if known.size else "no_ratings",
    )


def _item_table(items: tuple[str, ...], marks: FloatArray, given: FloatArray, facility: FloatArray) -> pl.DataFrame:
    rated = np.isfinite(given)
    mean = ratio(np.where(rated, given, 0.0).sum(axis=0), rated.sum(axis=0))
    spread = np.array([_sd(column) for column in given.T])
    away = mean - facility
    usual = float(away[np.isfinite(away)].mean()) if np.isfinite(away).any() else 0.0
    low = np.where(rated, given, np.inf).min(axis=0, initial=np.inf)
    high = np.where(rated, given, -np.inf).max(axis=0, initial=-np.inf)
    flags = [
        "disagreement" if sd > DISAGREEMENT else "distance" if abs(off - usual) > DISTANCE else ""
        for sd, off in zip(spread.tolist(), away.tolist(), strict=True)
    ]
    return pl.DataFrame(
        {
            "item": list(items), "marks": marks, "n_rated": rated.sum(axis=0), "mean": mean, "sd": spread,
            "low": np.where(np.isfinite(low), low, NAN), "high": np.where(np.isfinite(high), high, NAN),
            "facility": facility, "flag": pl.Series(flags, dtype=pl.String),
        }
    )  # fmt: skip


def _sd(values: FloatArray) -> float:
    known = values[np.isfinite(values)]
    return float(known.std(ddof=1)) if known.size > 1 else NAN


def _spread(cuts: FloatArray) -> tuple[tuple[str, float], ...]:
    known = cuts[np.isfinite(cuts)]
    if not known.size:
        return ()
    return (("median", float(np.median(known))), ("sd", _sd(known)), ("low", float(known.min())), ("high", float(known.max())))


def variance_components(ratings: ArrayLike) -> tuple[float, float, float]:
    """Return σ² of judges, of items and of what is left, from complete ratings (judges × items, random; Brennan 2001, ch. 3).

    >>> [round(part, 4) for part in variance_components([[0.6, 0.8, 0.5], [0.7, 0.9, 0.6]])]
    [0.005, 0.0233, 0.0]
    """
    x = np.asarray(ratings, float)
    n_judges, n_items = x.shape
    if n_judges < 2 or n_items < 2 or not np.isfinite(x).all():
        return NAN, NAN, NAN
    grand, of_judge, of_item = x.mean(), x.mean(axis=1), x.mean(axis=0)
    judges = n_items * ((of_judge - grand) ** 2).sum() / (n_judges - 1)
    items = n_judges * ((of_item - grand) ** 2).sum() / (n_items - 1)
    rest = x - of_judge[:, None] - of_item + grand
    left = (rest**2).sum() / ((n_judges - 1) * (n_items - 1))
    return float(max((judges - left) / n_items, 0.0)), float(max((items - left) / n_judges, 0.0)), float(left)


def _error_over_items(ratings: FloatArray) -> float:
    of_judges, of_items, left = variance_components(ratings)
    n_judges, n_items = ratings.shape
    return float(np.sqrt(of_judges / n_judges + of_items / n_items + left / (n_judges * n_items)))


def _consistency(given: FloatArray, marks: FloatArray, cuts: FloatArray, parameters: ItemParameters | None) -> FloatArray:
    if parameters is None or len(parameters.items) != given.shape[1]:
        return np.full(len(cuts), NAN)
    steps = parameters.n_categories - 1
    # only the items that have parameters say what ability a judge's cut is
    known = parameters.estimated
    found = []
    for row, cut in zip(given, cuts, strict=True):
        used = known & np.isfinite(row)
        share = cut / marks.sum() * marks[known].sum() if known.any() else NAN
        theta = ability_at_score(parameters, [share], weights=marks / steps)[0] if np.isfinite(share) else NAN
        if not np.isfinite(theta) or not used.any():
            found.append(NAN)
            continue
        expected = (expected_score(parameters, [theta])[:, 0] / steps)[used]
        most = np.maximum(expected, 1 - expected).mean()
        found.append(float((most - np.abs(row[used] - expected).mean()) / most))
    return np.array(found)


def ebel(marks: ArrayLike, cell: tuple[str, ...], shares: dict[str, float]) -> float:
    """Return the cut of items sorted into cells of relevance × difficulty; Ebel (1972), Essentials of Educational Measurement.

    marks : (n_items,) ; cell : (n_items,) the cell of each item ; shares : by cell, what a borderline candidate gets right

    >>> ebel([1, 1, 2], ("essential easy", "essential easy", "important hard"), {"essential easy": 0.9, "important hard": 0.4})
    2.6
    """
    return float(sum(mark * shares[name] for mark, name in zip(np.asarray(marks, float).tolist(), cell, strict=True)))
