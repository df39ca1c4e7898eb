"""Difficulties of a small sitting drawn towards judged grades: for planning papers, and for nothing else.

Thirty persons say little about an item, an expert's grade says something about it, and together they say more than
either. What grades are worth is not assumed but read off the items themselves: how much their difficulties differ
within a grade. The result has a type of its own, which neither scores persons nor links scales.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from threadpoolctl import threadpool_limits

from qbank.irt.answers import checked_scores
from qbank.irt.models import NOT_SEEN, FloatArray, IndexArray
from qbank.irt.parameters import labels
from qbank.irt.planning.likelihood import answers_of
from qbank.irt.planning.modes import (
    DifficultyMode,
    difficulty_modes,
    difficulty_prior,
    grade_columns,
    own_variance,
)
from qbank.irt.planning.record import PlannedDifficulties, expected_chance

GRADES = (1, 5)
N_NODES = 41


def shrink(
    scores: ArrayLike,
    grades: ArrayLike,
    *,
    items: Sequence[str] | None = None,
    fingerprints: Sequence[str] | None = None,
    confidence: float = 0.95,
) -> PlannedDifficulties:
    """Return difficulties for planning, from few answers and judged grades.

    scores : (n_persons, n_items), 1 right, 0 wrong, −1 not seen; items all right, all wrong or never seen are fine
    grades : (n_items,) judged difficulty, 1 easy to 5 hard, NaN where nobody judged
    confidence : of the intervals

    The model, for logit P(right) = theta − b:

        b_j = level + step (grade_j − 3) + e_j,   e ~ N(0, tau^2),   theta ~ N(0, sd^2)

    Ability is integrated out on 41 nodes. At a given tau the difficulties, which hold level and step, and log sd
    are normal around their mode with the exact second derivatives there, Tierney & Kadane (1986), J. Am. Stat.
    Assoc. 81; the density of tau is Laplace's approximation to what remains. Everything is then
    averaged over tau, so that intervals hold what is not known about tau, level, step and sd as well. A density
    tau exp(−tau / .56), which is 0 at 0, keeps tau off 0 (Chung et al. 2013, Psychometrika 78); level, step and
    log sd have wide normal ones: −0.81 ± 1.5, 0.69 ± 0.4, 0 ± 0.7.

    Intervals cover as they say on average over items like these. An item far off its grade is drawn towards it:
    its interval covers less often.

    >>> scores = np.array([[1, 1, 0], [1, 0, 0], [1, 1, 1], [1, 0, 0]] * 10)
    >>> plan = shrink(scores, [1, 3, 4])
    >>> plan.purpose, bool(np.isfinite(plan.difficulties).all())
    ('planning', True)
    >>> plan.difficulties.argsort()
    array([0, 1, 2])
    """
    # scipy brings a BLAS of its own, which can be held to one thread only once it is loaded.
    import scipy.linalg  # noqa: F401

    answers = checked_scores(scores)
    n_items = answers.shape[1]
    names, judged = labels(items, n_items), _checked_grades(grades, n_items)
    if answers.size and answers.max() > 1:
        raise ValueError(f"scores must be 1, 0 or -1 (not seen), found {answers.max()}")
    if fingerprints is not None and len(fingerprints) != n_items:
        raise ValueError(f"{len(fingerprints)} fingerprints for {n_items} items")
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence must be between 0 and 1, found {confidence}")
    n_answers = (answers != NOT_SEEN).sum(axis=0)
    seen = np.flatnonzero(n_answers)
    with threadpool_limits(1, user_api="blas"):
        data = answers_of(answers[:, seen], N_NODES)
        modes = difficulty_modes(data, judged[seen])
    prints = ("",) * n_items if fingerprints is None else tuple(fingerprints)
    return _plan(names, prints, judged, n_answers, seen, data.right.shape[0], modes, confidence)


def _checked_grades(grades: ArrayLike, n_items: int) -> FloatArray:
    """Return grades as floats, NaN where there is none."""
    judged = np.asarray(grades, dtype=np.float64)
    if judged.shape != (n_items,):
        raise ValueError(
            f"grades must have one value an item, found shape {judged.shape} for {n_items} items"
        )
    wrong = ~np.isnan(judged) & ((judged < GRADES[0]) | (judged > GRADES[1]))
    if wrong.any():
        raise ValueError(f"grades must be 1 to 5, or NaN for an item without one, found {judged[wrong][0]:g}")
    return judged


def _plan(
    names: tuple[str, ...],
    fingerprints: tuple[str, ...],
    grades: FloatArray,
    n_answers: IndexArray,
    seen: IndexArray,
    n_persons: int,
    modes: Sequence[DifficultyMode],
    confidence: float,
) -> PlannedDifficulties:
    """Return the averages over tau."""
    density = np.array([mode.log_density for mode in modes])
    share = np.exp(density - density.max())
    share /= share.sum()
    means, variances = np.empty((2, len(modes), grades.size))
    levels, level_covariances = np.empty((len(modes), 2)), np.empty((len(modes), 2, 2))
    columns = grade_columns(grades)
    for row, mode in enumerate(modes):
        prior = difficulty_prior(grades[seen], mode.log_spread)
        levels[row] = prior.regression @ mode.means + prior.offset
        level_covariances[row] = (
            prior.remainder + prior.regression @ mode.covariance[:-1, :-1] @ prior.regression.T
        )
        # Unseen items: their grade's difficulty, what is not known about it, and the spread within it.
        means[row] = columns @ levels[row]
        variances[row] = np.einsum("jp,pq,jq->j", columns, level_covariances[row], columns)
        variances[row] += own_variance(grades, np.exp(mode.log_spread))
        means[row, seen] = mode.means
        variances[row, seen] = np.diag(mode.covariance)[:-1]
    difficulties, errors = _mixed(share, means, variances)
    low, high = (_quantile(share, means, variances, tail) for tail in _tails(confidence))
    level, level_errors = _mixed(share, levels, np.einsum("kpp->kp", level_covariances))
    log_sd = np.array([[mode.values[-1]] for mode in modes])
    log_variance = np.array([[mode.covariance[-1, -1]] for mode in modes])
    # Moments of the lognormal distribution.
    centres = np.exp(log_sd + log_variance / 2.0)
    ability, ability_error = _mixed(share, centres, centres**2 * np.expm1(log_variance))
    ability_sd = float(ability[0])
    log_spread = np.array([mode.log_spread for mode in modes])
    spread_low, spread_high = np.exp(_between(log_spread, share, np.array(_tails(confidence))))
    return PlannedDifficulties(
        purpose="planning",
        confidence=confidence,
        items=names,
        fingerprints=fingerprints,
        grades=grades,
        n_answers=n_answers,
        difficulties=difficulties,
        errors=errors,
        low=low,
        high=high,
        facility=expected_chance(-difficulties, np.hypot(errors, ability_sd)),
        facility_low=expected_chance(-high, np.full_like(high, ability_sd)),
        facility_high=expected_chance(-low, np.full_like(low, ability_sd)),
        by_grade=columns @ level,
        level=float(level[0]),
        level_error=float(level_errors[0]),
        step=float(level[1]),
        step_error=float(level_errors[1]),
        spread=float(share @ np.exp(log_spread)),
        spread_low=float(spread_low),
        spread_high=float(spread_high),
        ability_sd=ability_sd,
        ability_error=float(ability_error[0]),
        n_persons=n_persons,
        converged=all(mode.converged for mode in modes),
    )


def _tails(confidence: float) -> tuple[float, float]:
    return (1.0 - confidence) / 2.0, (1.0 + confidence) / 2.0


def _mixed(share: FloatArray, means: FloatArray, variances: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return mean and standard deviation of mixtures of normals, (n_components, n) each given."""
    mean = share @ means
    return mean, np.sqrt(share @ (variances + (means - mean) ** 2))


def _quantile(share: FloatArray, means: FloatArray, variances: FloatArray, tail: float) -> FloatArray:
    """Return where mixtures of normals have a share `tail` below, by halving."""
    from scipy.special import ndtr

    sds = np.sqrt(variances)
    low, high = (means - 9.0 * sds).min(axis=0), (means + 9.0 * sds).max(axis=0)
    for _ in range(50):
        middle = (low + high) / 2.0
        below = share @ ndtr((middle - means) / sds) < tail
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    found: FloatArray = (low + high) / 2.0
    return found


def _between(places: FloatArray, share: FloatArray, tails: FloatArray) -> FloatArray:
    """Return quantiles of a density known at equally spaced places, each standing for its surroundings."""
    if places.size == 1:
        return np.repeat(places, tails.size)
    half = np.diff(places).mean() / 2.0
    edges = np.append(places - half, places[-1] + half)
    return np.asarray(np.interp(tails, np.append(0.0, share.cumsum()), edges), dtype=np.float64)


