"""The columns of one comparison, topic by topic: right/wrong items and partial marks in the same columns."""

from __future__ import annotations

import numpy as np

from qbank.analysis.arrays import BoolArray, FloatArray, IntArray, ratio
from qbank.analysis.dif.compared import Columns, Compared
from qbank.analysis.dif.counts import MatchedCounts, stacked
from qbank.analysis.dif.homogeneity import breslow_day
from qbank.analysis.dif.logistic import JODOIN, ZUMBO, effect_class, logistic_dif
from qbank.analysis.dif.mantel import DELTA, MantelHaenszel, chi2_p, normal_p
from qbank.analysis.dif.matching import matched_counts, rest_counts, rest_reliability
from qbank.analysis.dif.ordinal import category_counts, liu_agresti, ordinal_dif
from qbank.analysis.dif.settings import DifSettings
from qbank.analysis.dif.sibtest import sibtest
from qbank.analysis.intervals import normal_quantile

REGRESSION = (
    "lr_uniform", "p_uniform", "lr_nonuniform", "p_nonuniform", "lr_both", "p_both",
    "r2_uniform", "r2_nonuniform", "r2_both",
)  # fmt: skip
MOST_CATEGORIES = 25


def odds_columns(data: Compared, found: MantelHaenszel, anchors: BoolArray, settings: DifSettings) -> Columns:
    """Return odds ratio and Δ with errors: Mantel and Haenszel's, of partial marks Liu and Agresti's."""
    log_odds, se = found.log_odds.copy(), found.log_odds_se.copy()
    for item in np.flatnonzero(~data.dichotomous):
        log_odds[item], se[item] = liu_agresti(_categories(data, int(item), anchors, settings)[0])
    delta, delta_se = DELTA * log_odds, -DELTA * se
    half = normal_quantile(settings.confidence) * delta_se
    return {
        "odds_ratio": np.exp(log_odds), "log_odds": log_odds, "log_odds_se": se,
        "delta": delta, "delta_se": delta_se, "delta_low": delta - half, "delta_high": delta + half,
    }  # fmt: skip


def _categories(data: Compared, item: int, anchors: BoolArray, settings: DifSettings) -> tuple[FloatArray, FloatArray]:
    """Return persons of an item by group, stratum and mark, and the strata's scores; very fine marks are rounded."""
    strata = data.strata(item, anchors, settings)
    marks = data.marks[:, item]
    seen = ~np.isnan(marks)
    rounded = np.round(marks[seen], 9)
    if len(np.unique(rounded)) > MOST_CATEGORIES:
        rounded = np.round(rounded * (MOST_CATEGORIES - 1))
    values, category = np.unique(rounded, return_inverse=True)
    shape = (data.n_groups, len(strata.score), max(len(values), 1))
    return category_counts(category.reshape(-1), strata.index[seen], data.group[seen], shape), strata.score


def homogeneity_columns(data: Compared, counts: MatchedCounts) -> Columns:
    """Return the Breslow–Day test and its trend, right/wrong items only."""
    right = np.where(data.dichotomous[:, None, None], counts.total, 0.0)
    found = breslow_day(right, counts.n, counts.score)
    return {
        "breslow_day": found.chi2, "breslow_day_df": found.df, "breslow_day_p": found.p,
        "breslow_day_trend": found.trend, "breslow_day_trend_p": found.trend_p,
    }  # fmt: skip


def regression_columns(data: Compared, counts: MatchedCounts, anchors: BoolArray, settings: DifSettings) -> Columns:
    """Return the likelihood-ratio tests: logistic, of partial marks ordinal logistic."""
    out = {name: np.full(counts.n_items, np.nan) for name in REGRESSION}
    items = np.flatnonzero(data.dichotomous)
    part = counts.of(items)
    found = logistic_dif(part.total, part.n, part.score, part.form)
    for name in REGRESSION:
        out[name][items] = getattr(found, name)
    for item in np.flatnonzero(~data.dichotomous):
        table, score = _categories(data, int(item), anchors, settings)
        ordinal = ordinal_dif(table, score)
        for name in REGRESSION:
            out[name][item] = getattr(ordinal, name)
    return {**out, "zumbo": effect_class(out["r2_both"], ZUMBO), "jodoin": effect_class(out["r2_both"], JODOIN)}


def sibtest_columns(data: Compared, anchors: BoolArray) -> Columns:
    """Return SIBTEST, uniform and crossing, by form and then pooled over the forms by their persons.

    NaN where forms are pooled: its correction for regression needs the reliability of a score that all persons have on the same items.
    """
    n_items = data.marks.shape[1]
    if data.pooled:
        nothing = np.full(n_items, np.nan)
        return dict.fromkeys(("sibtest", "sibtest_se", "sibtest_p", "crossing", "crossing_chi2", "crossing_df", "crossing_p"), nothing)
    weight, beta, variance, crossing, chi2, df = np.zeros((6, n_items))
    for form in np.unique(data.form):
        persons = data.form == form
        marks, group = data.marks[persons], data.group[persons]
        here = ~np.isnan(marks).all(axis=0)
        rest = _rest(marks, group, data, anchors & here)
        reliability = rest_reliability(marks, group, marks_max=data.marks_max, anchors=anchors & here)
        found = sibtest(rest.total, rest.square, rest.n, rest.score, reliability)
        known = np.isfinite(found.beta) & np.isfinite(found.se)
        used = np.where(known, found.persons_used, 0.0)
        weight += used
        beta += used * np.where(known, found.beta, 0.0)
        variance += used**2 * np.where(known, found.se, 0.0) ** 2
        crossing += used * np.where(known, found.crossing_beta, 0.0)
        chi2 += np.where(known, found.crossing_chi2, 0.0)
        df += np.where(known, found.crossing_df, 0.0)
    pooled, se = ratio(beta, weight), ratio(np.sqrt(variance), weight)
    none = weight == 0
    return {
        "sibtest": pooled, "sibtest_se": se, "sibtest_p": normal_p(ratio(pooled, se)),
        "crossing": ratio(crossing, weight), "crossing_chi2": np.where(none, np.nan, chi2), "crossing_df": np.where(none, np.nan, df),
        "crossing_p": chi2_p(np.where(none, np.nan, chi2), df),
    }  # fmt: skip


def _rest(marks: FloatArray, group: IntArray, data: Compared, anchors: BoolArray) -> MatchedCounts:
    """Return the counts at equal score on the anchors without the studied item, scores never merged."""
    n_items = marks.shape[1]
    quick = np.flatnonzero(anchors & data.dichotomous)
    others = np.flatnonzero(~(anchors & data.dichotomous))
    parts = []
    if len(quick):
        with_it = matched_counts(marks, group, marks_max=data.marks_max, anchors=anchors, items=quick)
        parts.append((quick, rest_counts(with_it, data.marks_max[quick])))
    if len(others):
        parts.append((others, matched_counts(marks, group, marks_max=data.marks_max, anchors=anchors, own=False, items=others)))
    return stacked(parts, n_items, 2)
