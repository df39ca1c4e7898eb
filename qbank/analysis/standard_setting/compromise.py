"""Compromises between a judged cut and a judged pass rate: Hofstee, Beuk."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from qbank.analysis.arrays import FloatArray
from qbank.analysis.standard_setting.record import NAN, CutScore, error_of_mean, fail_rate, judge_table


def hofstee(
    scores: ArrayLike,
    cut_min: ArrayLike,
    cut_max: ArrayLike,
    fail_min: ArrayLike,
    fail_max: ArrayLike,
    *,
    counts: ArrayLike | None = None,
    judges: tuple[str, ...] | None = None,
) -> CutScore:
    """Return where a line of judged bounds meets the curve of the failed; Hofstee (1983, in Anderson & Helmick, On Educational Testing).

    scores : (n,) totals ; counts : (n,) persons with each, None: one ; cut_min, cut_max (marks), fail_min, fail_max
    (shares) : (n_judges,) least and highest acceptable

    The line runs from (mean cut_min, mean fail_max) to (mean cut_max, mean fail_min), the curve is the share below each
    cut. Where they do not meet (status no_crossing) the cut is the end of the line that is nearer to the curve: cut_max
    where fewer than fail_min fail even there, cut_min where more than fail_max fail even there.
    figures : fail_rate, cut_min, cut_max, fail_min, fail_max (the means)

    >>> found = hofstee([40, 50, 60, 70, 80], [45], [65], [0.1], [0.5])
    >>> round(found.cut, 6), found.status
    (50.0, 'ok')
    """
    x, n = _distribution(scores, counts)
    bounds = np.stack([np.atleast_1d(np.asarray(part, float)) for part in (cut_min, cut_max, fail_min, fail_max)])
    low, high, least, most = (_mean(part) for part in bounds)
    who = judges or tuple(str(k + 1) for k in range(bounds.shape[1]))
    own = np.array([_crossing(x, n, *bounds[:, k].tolist())[0] for k in range(bounds.shape[1])])
    cut, status = _crossing(x, n, low, high, least, most)
    table = judge_table(who, own, cut_min=bounds[0], cut_max=bounds[1], fail_min=bounds[2], fail_max=bounds[3])
    figures = (("fail_rate", fail_rate(x, n, cut)), ("cut_min", low), ("cut_max", high), ("fail_min", least), ("fail_max", most))
    return CutScore("hofstee", cut, error_of_mean(own), table, pl.DataFrame(), figures=figures, status=status)


def _crossing(x: FloatArray, n: FloatArray, low: float, high: float, least: float, most: float) -> tuple[float, str]:
    """Return the highest cut at which not more fail than the line allows, exactly: the curve is a step, the line straight."""
    if not n.sum() or not np.isfinite(low + high + least + most):
        return NAN, "no_scores" if not n.sum() else "no_ratings"
    if not (high > low and most >= least):
        return NAN, "bounds_crossed"
    if fail_rate(x, n, low) > most:
        return low, "no_crossing"
    if fail_rate(x, n, high) < least:
        return high, "no_crossing"
    # between two scores the share that fails is constant: the line falls to it there, or jumps past it at a score
    edges = np.concatenate([[low], x[(x >= low) & (x < high)], [high]])
    for left, right in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        failed = fail_rate(x, n, right)
        line_right = most - (most - least) * (right - low) / (high - low)
        if failed > line_right + 1e-12:
            at = low + (most - failed) * (high - low) / (most - least) if most > least else left
            return float(min(max(at, left), right)), "ok"
    return high, "ok"


def beuk(
    scores: ArrayLike,
    cuts: ArrayLike,
    pass_rates: ArrayLike,
    *,
    counts: ArrayLike | None = None,
    judges: tuple[str, ...] | None = None,
) -> CutScore:
    """Return the compromise of judged cuts and judged pass rates; Beuk (1984), J. Educ. Meas. 21, 147–152.

    scores, counts : as `hofstee` ; cuts (marks), pass_rates (shares) : (n_judges,)

    From (mean cut, mean pass rate) a line with the slope sd(pass rates)/sd(cuts) goes to the curve of who passes at each
    cut: what judges agree on more moves less. status alike where the judges name one cut (it stands) or one pass rate.
    figures : pass_rate, mean_cut, mean_pass_rate, slope

    >>> found = beuk([40, 50, 60, 70, 80], [60, 70], [0.5, 0.7])
    >>> round(found.cut, 6), dict(found.figures)["slope"].__round__(3)
    (60.0, 0.02)
    """
    x, n = _distribution(scores, counts)
    asked, rates = np.atleast_1d(np.asarray(cuts, float)), np.atleast_1d(np.asarray(pass_rates, float))
    who = judges or tuple(str(k + 1) for k in range(asked.size))
    both = np.isfinite(asked) & np.isfinite(rates)
    centre, rate = _mean(asked[both]), _mean(rates[both])
    spread = [float(part[both].std(ddof=1)) if both.sum() > 1 else NAN for part in (asked, rates)]
    slope = spread[1] / spread[0] if spread[0] else NAN
    table = judge_table(who, asked, pass_rate=rates)
    cut, status = _meeting(x, n, centre, rate, slope, spread)
    figures = (("pass_rate", 1 - fail_rate(x, n, cut)), ("mean_cut", centre), ("mean_pass_rate", rate), ("slope", slope))
    return CutScore("beuk", cut, error_of_mean(asked), table, pl.DataFrame(), figures=figures, status=status)


def _meeting(
    x: FloatArray, n: FloatArray, centre: float, rate: float, slope: float, spread: list[float]
) -> tuple[float, str]:
    if not n.sum() or not np.isfinite(centre + rate):
        return NAN, "no_scores" if not n.sum() else "no_ratings"
    if not np.isfinite(slope):
        return centre, "alike" if spread[0] == 0 else "one_judge"
    # passing falls with the cut and the line does not: the cut is where passing drops below the line
    edges = np.concatenate([[-np.inf], x, [np.inf]])
    for left, right in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        passing = 1 - fail_rate(x, n, right) if np.isfinite(right) else 0.0
        line_right = rate + slope * (right - centre) if np.isfinite(right) else np.inf
        if slope == 0:
            line_right = rate
        if passing < line_right - 1e-12:
            at = centre + (passing - rate) / slope if slope > 0 else left
            return float(min(max(at, left), right)), "ok" if slope > 0 else "alike"
    return float(x[-1]), "ok"


def _distribution(scores: ArrayLike, counts: ArrayLike | None) -> tuple[FloatArray, FloatArray]:
    """Return distinct scores, ascending, and the persons with each."""
    x = np.asarray(scores, float)
    n = np.ones(x.size) if counts is None else np.asarray(counts, float)
    distinct, place = np.unique(np.round(x, 9), return_inverse=True)
    return distinct, np.bincount(place.reshape(-1), weights=n, minlength=distinct.size).astype(float)


def _mean(values: FloatArray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else NAN
