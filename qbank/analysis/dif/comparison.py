"""One focal group against the reference: every statistic of every item, the matching score purified."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qbank.analysis.arrays import BoolArray, FloatArray, column_deviations, ratio
from qbank.analysis.dif.compared import Columns, Compared, Words
from qbank.analysis.dif.counts import MatchedCounts
from qbank.analysis.dif.delta_plot import delta_plot
from qbank.analysis.dif.logistic import JODOIN
from qbank.analysis.dif.mantel import (
    MantelHaenszel,
    ets_class,
    mantel_haenszel,
    mantel_haenszel_exact,
    simple_class,
)
from qbank.analysis.dif.many_groups import generalised_mantel_haenszel
from qbank.analysis.dif.multiplicity import benjamini_hochberg, holm
from qbank.analysis.dif.ordinal import smd_class
from qbank.analysis.dif.power import detectable_delta, null_delta_se
from qbank.analysis.dif.purification import Purified, purify
from qbank.analysis.dif.settings import DifSettings
from qbank.analysis.dif.standardisation import Standardised, standardisation, standardised_class
from qbank.analysis.dif.statistics import (
    homogeneity_columns,
    odds_columns,
    regression_columns,
    sibtest_columns,
)


def purified(data: Compared, settings: DifSettings) -> Purified:
    """Return the matching score that is left when items with DIF are taken out of it."""

    def flag(anchors: BoolArray) -> BoolArray:
        counts = data.counts(anchors, settings)
        found = mantel_haenszel(counts.total, counts.n)
        mantel = generalised_mantel_haenszel(counts.total, counts.n, square=counts.square)
        if settings.purify_by == "p":
            return np.asarray(np.where(data.dichotomous, found.p, mantel.p) < settings.alpha)
        words = _classes(data, found, mantel.p, standardisation(counts.total, counts.n, square=counts.square), settings)
        return np.isin(words, ["B", "C"])

    steps = 0 if settings.purify_by == "none" else settings.max_steps
    return purify(flag, data.may_match, max_steps=steps, least=settings.anchors_at_least)


def compared_items(data: Compared, anchors: BoolArray, settings: DifSettings) -> Columns:
    """Return the columns of one comparison, one value an item; described at `qbank.analysis.dif.dif_analysis`."""
    counts = data.counts(anchors, settings)
    n = counts.n.sum(axis=2)
    both = np.any(np.all(counts.n > 0, axis=1), axis=1)
    facility = ratio(counts.total.sum(axis=2), n)
    status = _status(n, both, facility, counts, settings)
    ok = status == "ok"
    mh = mantel_haenszel(counts.total, counts.n, confidence=settings.confidence)
    mantel = generalised_mantel_haenszel(counts.total, counts.n, square=counts.square)
    std = standardisation(counts.total, counts.n, square=counts.square, confidence=settings.confidence)
    exact = np.array([
        mantel_haenszel_exact(counts.total[item], counts.n[item])[1]
        if ok[item] and data.dichotomous[item] and n[item].sum() <= settings.exact_up_to else np.nan
        for item in range(counts.n_items)
    ])  # fmt: skip
    columns: Columns = {
        "n_reference": n[:, 0].astype(np.int64), "n_focal": n[:, 1].astype(np.int64),
        "facility_reference": facility[:, 0], "facility_focal": facility[:, 1],
        "dichotomous": data.dichotomous, "anchor": anchors, "status": status,
    }  # fmt: skip
    columns |= odds_columns(data, mh, anchors, settings)
    columns |= {
        "chi2": np.where(data.dichotomous, mh.chi2, np.nan),
        "chi2_uncorrected": np.where(data.dichotomous, mh.chi2_uncorrected, mantel.chi2),
        "p": np.where(data.dichotomous, mh.p, mantel.p),
        "p_uncorrected": np.where(data.dichotomous, mh.p_uncorrected, mantel.p),
        "p_exact": exact,
        "ets": _classes(data, mh, mantel.p, std, settings),
    }
    columns["simple"] = simple_class(np.asarray(columns["delta"], float))
    columns |= {
        "p_dif": std.difference, "p_dif_low": std.low, "p_dif_high": std.high,
        "standardised": standardised_class(std.difference),
        "smd_effect": ratio(std.difference, _spread(data)),
    }  # fmt: skip
    columns |= homogeneity_columns(data, counts) | regression_columns(data, counts, anchors, settings)
    columns |= sibtest_columns(data, anchors)
    columns["delta_plot"] = delta_plot(np.where(data.dichotomous, facility.T, np.nan), anchors=anchors & ok).distance
    null_se = null_delta_se(np.where(data.dichotomous[:, None, None], counts.total, np.nan), counts.n)
    columns["detectable"] = detectable_delta(null_se, power=settings.power, alpha=settings.alpha)
    columns = {name: _hidden(name, values, ok) for name, values in columns.items()}
    p = np.asarray(columns["p"], float)
    columns |= {"p_bh": benjamini_hochberg(p), "p_holm": holm(p)}
    columns["kind"] = _kind(columns, settings)
    columns["favours"] = np.select(
        [np.asarray(columns["p_dif"], float) < 0, np.asarray(columns["p_dif"], float) > 0], ["reference", "focal"], ""
    )
    return columns


CROSSING = 0.059
"""Share of full marks from which SIBTEST's difference is more than negligible (Roussos & Stout 1996)."""


def _kind(columns: Columns, settings: DifSettings) -> Words:
    """Return what sort of DIF an item shows: the larger part of it turns with the score, or it goes one way.

    R² alone is nearly blind here: a curve twice as steep for one of two equal groups has a ΔR² of .02. What turns must have Jodoin's .035, or a crossing difference of .059 (Roussos & Stout 1996) that is significant as well.
    """
    adjusted = holm if settings.correction == "holm" else benjamini_hochberg
    crosses = (np.asarray(columns["crossing"], float) >= CROSSING) & (
        adjusted(np.asarray(columns["crossing_p"], float)) < settings.alpha
    )
    turns = (
        (adjusted(np.asarray(columns["p_nonuniform"], float)) < settings.alpha)
        & ((np.asarray(columns["r2_both"], float) >= JODOIN[0]) | crosses)
        & (np.asarray(columns["r2_nonuniform"], float) > np.asarray(columns["r2_uniform"], float))
    )
    return np.select([turns, np.isin(columns["ets"], ["B", "C"])], ["nonuniform", "uniform"], "")


KEPT = ("n_reference", "n_focal", "facility_reference", "facility_focal", "dichotomous", "anchor", "status")


def _hidden(name: str, values: NDArray[np.generic], ok: BoolArray) -> NDArray[np.generic]:
    if name in KEPT:
        return values
    return np.where(ok, values, "" if values.dtype.kind == "U" else np.nan)


def _status(n: FloatArray, both: BoolArray, facility: FloatArray, counts: MatchedCounts, settings: DifSettings) -> Words:
    marks = counts.total.sum(axis=(1, 2))
    squares = counts.square.sum(axis=(1, 2))
    persons = n.sum(axis=1)
    varies = squares * np.maximum(persons, 1) - marks**2 > 1e-9 * np.maximum(persons, 1)
    few = (persons < settings.total_from) | (n.min(axis=1) < settings.focal_from)
    return np.select(
        [(n == 0).any(axis=1), few, ~both, ~varies], ["not_seen", "too_few", "no_common_score", "constant"], "ok"
    )


def _classes(data: Compared, found: MantelHaenszel, mantel_p: FloatArray, std: Standardised, settings: DifSettings) -> Words:
    partial = smd_class(ratio(std.difference, _spread(data)), mantel_p, alpha=settings.alpha)
    return np.where(data.dichotomous, ets_class(found, alpha=settings.alpha), partial)


def _spread(data: Compared) -> FloatArray:
    """Return the standard deviation of each item's marks over both groups, n − 1."""
    seen = ~np.isnan(data.marks)
    deviations = column_deviations(np.where(seen, data.marks, 0.0), seen)
    squares = np.einsum("pi,pi->i", deviations, deviations)
    return np.sqrt(ratio(squares, np.maximum(seen.sum(axis=0) - 1, 0)))
