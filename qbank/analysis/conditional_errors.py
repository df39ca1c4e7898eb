"""How far a score may stray from what the person would earn on average over papers like this one, score by score."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def binomial_error(score: ArrayLike, n_items: ArrayLike) -> NDArray[np.float64]:
    """Return the conditional standard error of a number of right answers, ``sqrt(x (n - x) / (n - 1))``.

    Lord (1957), Do tests of the same length have the same standard error of measurement?, Educational and Psychological
    Measurement 17, 510-521: the questions are taken as drawn at random from all that might have been asked, so the error
    is that of a binomial, estimated without bias. 0 for no and for all right answers, NaN for fewer than two questions.

    >>> binomial_error([0, 50, 60, 100], 100).round(3).tolist()
    [0.0, 5.025, 4.924, 0.0]
    """
    x, n = np.asarray(score, dtype=np.float64), np.asarray(n_items, dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(n >= 2, np.sqrt(x * (n - x) / (n - 1)), np.nan))


def keats_error(score: ArrayLike, n_items: ArrayLike, reliability: ArrayLike, kr21: ArrayLike) -> NDArray[np.float64]:
    """Return Lord's conditional standard error brought to the level of a reliability, (scores,), Keats (1957).

    ``sqrt(x (n - x) / (n - 1) * (1 - reliability) / (1 - kr21))``: items are not drawn at random from all that might have
    been asked, but are as hard as they are, so that Lord's error is too large by KR-21's shortfall. Its mean square over
    persons is SD squared times (1 - reliability) when reliability and KR-21 come from the same persons. Keats, Estimation
    of error variances of test scores, Psychometrika 22, 29-41. NaN where kr21 is not below 1.

    >>> keats_error([0, 50], 100, 0.9, 0.85).round(3).tolist()
    [0.0, 4.103]
    """
    lower, upper = np.asarray(reliability, dtype=np.float64), np.asarray(kr21, dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        factor = np.where(upper < 1, (1 - lower) / (1 - upper), np.nan)
        return np.asarray(binomial_error(score, n_items) * np.sqrt(np.where(factor >= 0, factor, np.nan)))


def smoothed_error(
    score: ArrayLike, variance: ArrayLike, at: ArrayLike, highest: float
) -> NDArray[np.float64]:
    """Return the conditional standard error at some scores, (n_at,), from error variances of persons, smoothed.

    score, variance : (n_persons,) ; at : (n_at,) ; highest : the marks of the paper. The variance is regressed on
    ``u (1 - u)`` and ``u^2 (1 - u)``, u = score / highest, by least squares: 0 at no and at full marks, as any error of
    marks that are all lost or all earned must be (a quadratic as in Feldt & Qualls 1996, with the ends held). Negative values
    of the fit are 0.

    >>> x = np.arange(11.0)
    >>> smoothed_error(x, x * (10 - x) / 9, [0, 5, 10], 10.0).round(6).tolist()
    [0.0, 1.666667, 0.0]
    """
    place = np.asarray(at, dtype=np.float64)
    x, y = np.asarray(score, dtype=np.float64), np.asarray(variance, dtype=np.float64)
    known = np.isfinite(x) & np.isfinite(y)
    if not known.any() or not highest > 0:
        return np.full(place.shape, np.nan)

    def terms(values: NDArray[np.float64]) -> NDArray[np.float64]:
        u = values / highest
        return np.column_stack([u * (1 - u), u * u * (1 - u)])

    design = terms(x[known])
    fit = np.linalg.lstsq(design, y[known], rcond=None)[0]
    return np.asarray(np.sqrt(np.maximum(terms(place) @ fit, 0.0)))


def conditional_error(
    earned: NDArray[np.float64], strata: NDArray[np.int64], worth: NDArray[np.float64] | None = None
) -> tuple[NDArray[np.float64], tuple[int, ...]]:
    """Return the conditional standard error of each person's sum of marks, (n_persons,), and the strata without one.

    earned : (n_persons, n_items) marks, NaN where an answer does not count for the person ; strata : (n_items,) the part
        of the paper, such as a section, in which a question stands for others; negative: left out ; worth : (n_items,)
        of a full answer, None: all alike

    In every stratum the variance is the sum of the squares of what its questions are worth, times the variance (n - 1) of
    the shares of these marks that the person earned. Of right and wrong answers worth the same that is Lord's (1957)
    formula, of marks in part that of Feldt & Qualls (1996), Journal of Educational Measurement 33, 141-156, averaged
    over the persons of the same score. The variances of the strata add up: the compound binomial of Feldt (1984),
    Educational and Psychological Measurement 44, 883-891. A stratum of a single question has no variance within a
    person: it is left out, and named.

    >>> marks = np.array([[1.0, 1, 0, 2, 0], [1, 0, 0, 2, 2]])
    >>> error, left_out = conditional_error(marks, np.array([0, 0, 0, 1, 1]))
    >>> (error**2).round(9).tolist(), left_out
    ([5.0, 1.0], ())
    """
    if earned.ndim != 2 or strata.shape != (earned.shape[1],):
        raise ValueError(f"marks {earned.shape} of strata {strata.shape}")
    variance = np.zeros(earned.shape[0])
    left_out = []
    for stratum in np.unique(strata[strata >= 0]).tolist():
        marks = earned[:, strata == stratum]
        full = np.ones(marks.shape[1]) if worth is None else worth[strata == stratum]
        own = _variance(marks, full)
        if marks.shape[1] < 2:
            left_out.append(stratum)
        else:
            variance += np.nan_to_num(own)
    return np.sqrt(np.maximum(variance, 0.0)), tuple(left_out)


def _variance(marks: NDArray[np.float64], full: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the error variance of the sum of some marks, (n_persons,), equal for equal sums of as many marks."""
    seen = np.isfinite(marks)
    n = seen.sum(axis=1)
    total = np.nansum(marks, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = marks / full
        mean = np.nansum(share, axis=1) / n
        squares = np.nansum((share - mean[:, None]) ** 2, axis=1)
        own = np.where(n >= 2, (seen * full**2).sum(axis=1) * squares / (n - 1.0), np.nan)
    _, group = np.unique(np.column_stack([n, np.round(total, 6)]), axis=0, return_inverse=True)
    group = group.reshape(-1)
    counted = np.bincount(group)
    return np.asarray((np.bincount(group, weights=own) / counted)[group])
