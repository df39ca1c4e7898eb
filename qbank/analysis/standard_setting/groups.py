"""Judging persons: those on the border, or those who can and those who cannot."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from qbank.analysis.arrays import FloatArray
from qbank.analysis.standard_setting.record import NAN, CutScore

_STEPS = 100


def borderline_group(scores: ArrayLike) -> CutScore:
    """Return the median score of those judged to be on the border; Zieky & Livingston (1977), Manual for Setting Standards.

    scores : (n,) totals of the borderline candidates. error : of a median, √(π/2)·sd/√n (normal scores).
    figures : n, mean, sd

    >>> found = borderline_group([55, 58, 60, 61, 66])
    >>> found.cut, dict(found.figures)["mean"]
    (60.0, 60.0)
    """
    x = np.asarray(scores, float)
    x = x[np.isfinite(x)]
    sd = float(x.std(ddof=1)) if x.size > 1 else NAN
    cut, mean = (float(np.median(x)), float(x.mean())) if x.size else (NAN, NAN)
    error = float(np.sqrt(np.pi / 2) * sd / np.sqrt(x.size)) if x.size > 1 else NAN
    return CutScore(
        "borderline_group", cut, error, pl.DataFrame(), pl.DataFrame(),
        figures=(("n", float(x.size)), ("mean", mean), ("sd", sd)), status="ok" if x.size else "no_scores",
    )  # fmt: skip


def contrasting_groups(competent: ArrayLike, not_competent: ArrayLike) -> CutScore:
    """Return the score that tells two judged groups apart; Zieky & Livingston (1977), Livingston & Zieky (1982).

    competent, not_competent : (n,) totals of those judged so. The cut is by logistic regression the score at which either
    is as likely (groups taken as equally large: the cut is not to depend on how many of each were judged).
    figures : logistic, midpoint (of the means), midpoint_medians, fewest_errors (the score with the smallest sum of the
    two error rates; of several the middle), false_pass, false_fail (shares of each group on the wrong side of the cut)
    status : separated where no score is in both (the logistic does not exist: the midpoint of the two nearest scores),
    reversed where those who cannot score higher

    >>> found = contrasting_groups([60, 65, 70, 75], [50, 55, 60, 65])
    >>> round(found.cut, 6), dict(found.figures)["midpoint"]
    (62.5, 62.5)
    """
    able, unable = (part[np.isfinite(part)] for part in (np.asarray(competent, float), np.asarray(not_competent, float)))
    if not able.size or not unable.size:
        return CutScore("contrasting_groups", NAN, NAN, pl.DataFrame(), pl.DataFrame(), status="no_scores")
    figures = {
        "midpoint": float((able.mean() + unable.mean()) / 2),
        "midpoint_medians": float((np.median(able) + np.median(unable)) / 2),
        "fewest_errors": _fewest_errors(able, unable),
    }
    status, error = "ok", NAN
    if able.mean() <= unable.mean():
        status, cut = "reversed", figures["midpoint"]
    elif able.min() > unable.max():
        status, cut = "separated", float((able.min() + unable.max()) / 2)
    else:
        cut, error = _logistic(able, unable)
        figures["logistic"] = cut
        if not np.isfinite(cut):
            status, cut = "not_converged", figures["midpoint"]
    figures |= {"false_pass": float((unable >= cut).mean()), "false_fail": float((able < cut).mean())}
    figures |= {"n_competent": float(able.size), "n_not_competent": float(unable.size)}
    return CutScore(
        "contrasting_groups", cut, error, pl.DataFrame(), pl.DataFrame(), figures=tuple(figures.items()), status=status
    )


def _fewest_errors(able: FloatArray, unable: FloatArray) -> float:
    scores = np.unique(np.concatenate([able, unable]))
    wrong = np.array([(unable >= cut).mean() + (able < cut).mean() for cut in scores])
    best = scores[np.isclose(wrong, wrong.min())]
    return float(best[(best.size - 1) // 2])


def _logistic(able: FloatArray, unable: FloatArray) -> tuple[float, float]:
    """Return −intercept/slope of the logistic regression of equally weighted groups, and its standard error (delta method)."""
    score = np.concatenate([able, unable])
    centre, scale = score.mean(), score.std() or 1.0
    x = np.column_stack([np.ones(score.size), (score - centre) / scale])
    y = np.concatenate([np.ones(able.size), np.zeros(unable.size)])
    half = score.size / 2
    weight = np.concatenate([np.full(able.size, half / able.size), np.full(unable.size, half / unable.size)])
    beta = np.zeros(2)
    for _ in range(_STEPS):
        p = 1 / (1 + np.exp(-np.clip(x @ beta, -500, 500)))
        information = (x * (weight * p * (1 - p))[:, None]).T @ x
        if np.linalg.det(information) < 1e-12:
            return NAN, NAN
        step = np.linalg.solve(information, x.T @ (weight * (y - p)))
        beta = beta + step
        if np.abs(step).max() < 1e-10:
            break
    else:
        return NAN, NAN
    if beta[1] <= 0:
        return NAN, NAN
    inverse = np.linalg.inv(information)
    # how many of each group were judged is given, so what varies is each person's part around the mean of the own group
    parts = x * (weight * (y - p))[:, None]
    for group in (y == 1, y == 0):
        parts[group] -= parts[group].mean(axis=0)
    meat = parts.T @ parts
    covariance = inverse @ meat @ inverse
    gradient = np.array([-1 / beta[1], beta[0] / beta[1] ** 2])
    return float(centre - scale * beta[0] / beta[1]), float(scale * np.sqrt(gradient @ covariance @ gradient))
