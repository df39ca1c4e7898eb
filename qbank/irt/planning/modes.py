"""The most likely difficulties at each spread within a grade, and how likely the spread is."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from qbank.irt.models import FloatArray
from qbank.irt.planning.likelihood import Answers, difficulty_likelihood

# What grades are taken to be worth before anybody answered, as qbank.assemble.prior states it: facility .88 .77
# .65 .52 .40 of grades 1 to 5 and .11 between items of a grade, as logits for ability of mean 0 and sd 1.
MIDDLE = 3
LEVEL, LEVEL_SD = -0.81, 1.5
STEP, STEP_SD = 0.69, 0.4
SPREAD = 0.56
ABILITY_LOG_SD = 0.7
# Grades of an item without one: as if each of 1 to 5 were as likely.
GRADE_VARIANCE = 2.0
LOG_SPREADS = (float(np.log(0.02)), float(np.log(6.0)))


@dataclass(frozen=True, slots=True)
class DifficultyPrior:
    """The normal density of the difficulties of the seen items, given tau.

    mean, precision     (n_items,), (n_items, n_items);  log_determinant: of the precision
    regression          (2, n_items) and offset (2,): posterior mean of (level, step) given the difficulties
    remainder           (2, 2) its covariance given the difficulties
    """

    mean: FloatArray
    precision: FloatArray
    log_determinant: float
    regression: FloatArray
    offset: FloatArray
    remainder: FloatArray


@dataclass(frozen=True, slots=True)
class DifficultyMode:
    """The most likely difficulties and log ability sd at one tau, their covariance, and how likely tau is.

    values          (n_items + 1,);  covariance: the same square;  means: (n_items,) of the difficulties
    log_density     of log tau, up to a constant
    """

    log_spread: float
    values: FloatArray
    covariance: FloatArray
    means: FloatArray
    log_density: float
    converged: bool


def grade_columns(grades: FloatArray) -> FloatArray:
    """Return what multiplies (level, step) for each item, (n_items, 2)."""
    return np.column_stack((np.ones_like(grades), np.nan_to_num(grades - MIDDLE)))


def own_variance(grades: FloatArray, spread: float) -> FloatArray:
    """Return the variance of difficulties around their grade's; an item without grade may be of any."""
    return spread**2 + np.where(np.isnan(grades), STEP**2 * GRADE_VARIANCE, 0.0)


def difficulty_prior(grades: FloatArray, log_spread: float) -> DifficultyPrior:
    """Return the density of the difficulties at one tau, with level and step integrated out."""
    own = 1.0 / own_variance(grades, np.exp(log_spread))
    columns = grade_columns(grades)
    before = np.array([LEVEL_SD**-2, STEP_SD**-2])
    centre = np.array([LEVEL, STEP])
    weighted = columns * own[:, None]
    inner = np.diag(before) + columns.T @ weighted
    remainder = np.asarray(np.linalg.inv(inner), dtype=np.float64)
    precision = np.diag(own) - weighted @ remainder @ weighted.T
    # Sylvester: |D + Z V Z'| = |D| |V| |V^-1 + Z' D^-1 Z|.
    log_determinant = np.log(own).sum() + np.log(before).sum() - np.linalg.slogdet(inner)[1]
    return DifficultyPrior(
        columns @ centre,
        precision,
        float(log_determinant),
        remainder @ weighted.T,
        remainder @ (before * centre),
        remainder,
    )


def difficulty_modes(data: Answers, grades: FloatArray) -> list[DifficultyMode]:
    """Return the modes at values of tau equally far apart on the logarithmic scale that hold its density."""
    start = np.append(difficulty_prior(grades, np.log(SPREAD)).mean, 0.0)
    found: dict[float, DifficultyMode] = {}

    def at(log_spread: float) -> DifficultyMode:
        if log_spread not in found:
            near = min(found.values(), key=lambda mode: abs(mode.log_spread - log_spread), default=None)
            found[log_spread] = _mode(data, grades, log_spread, start if near is None else near.values)
        return found[log_spread]

    return _around(*_peak(at), at)


def _peak(at: Callable[[float], DifficultyMode], step: float = 0.4) -> tuple[float, float]:
    """Return where the density of log tau is highest and its width, by a walk and a parabola."""
    low, high = LOG_SPREADS
    middle = float(np.log(SPREAD))
    while True:
        left, right = max(middle - step, low), min(middle + step, high)
        best = max((middle, left, right), key=lambda place: at(place).log_density)
        if best == middle:
            break
        middle = best
    before, top, after = (at(place).log_density for place in (left, middle, right))
    curvature = (before - 2.0 * top + after) / step**2
    if left == middle or right == middle or not curvature < -1e-3:
        return middle, 1.0
    return middle + (after - before) / (2.0 * step) / -curvature, float(np.clip(-curvature, 1.0, 1e4)) ** -0.5


def _around(middle: float, width: float, at: Callable[[float], DifficultyMode]) -> list[DifficultyMode]:
    """Return modes every 0.75 widths on both sides, until the density has fallen to a hundredth."""
    modes = [at(middle)]
    for direction in (-1.0, 1.0):
        for count in range(1, 13):
            place = middle + direction * 0.75 * width * count
            if not LOG_SPREADS[0] <= place <= LOG_SPREADS[1]:
                break
            modes.append(at(place))
            if modes[-1].log_density < modes[0].log_density - 5.0:
                break
    return sorted(modes, key=lambda mode: mode.log_spread)


def _mode(data: Answers, grades: FloatArray, log_spread: float, start: FloatArray) -> DifficultyMode:
    """Return the mode of difficulties and log sd at one tau, by Newton steps that never go down."""
    from scipy.linalg import cho_solve

    prior = difficulty_prior(grades, log_spread)

    def objective(values: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        slope = difficulty_likelihood(data, values[:-1], float(values[-1]))
        off, pull = values[:-1] - prior.mean, values[-1] / ABILITY_LOG_SD**2
        value = slope.value - 0.5 * (off @ prior.precision @ off + values[-1] * pull)
        gradient = slope.gradient - np.append(prior.precision @ off, pull)
        information = slope.information.copy()
        information[:-1, :-1] += prior.precision
        information[-1, -1] += ABILITY_LOG_SD**-2
        return float(value), gradient, information

    values = start
    value, gradient, information = objective(values)
    factor = _factor(information)
    converged = False
    for _ in range(50):
        step = _ascent_step(factor, gradient)
        # Half of this would still be gained: less than any interval shows.
        if gradient @ step < 1e-6:
            converged = True
            break
        for _ in range(30):
            ahead = objective(values + step)
            if ahead[0] >= value:
                break
            step = step / 2.0
        else:
            break
        values = values + step
        value, gradient, information = ahead
        factor = _factor(information)
    covariance = np.asarray(cho_solve((factor, True), np.eye(values.size)), dtype=np.float64)
    # The density of tau itself and d tau / d log tau give tau^2 exp(−tau / SPREAD).
    log_density = (
        value
        + 0.5 * prior.log_determinant
        - float(np.log(np.diag(factor)).sum())
        + 2.0 * log_spread
        - float(np.exp(log_spread)) / SPREAD
    )
    # The mean lies beyond the mode where the density is skew, as for an item that nearly all have right. Only the
    # item's own part of the third derivatives: what all items have in common is held down by the persons.
    skew = difficulty_likelihood(data, values[:-1], float(values[-1])).skew
    means: FloatArray = values[:-1] + 0.5 * skew * np.diag(covariance)[:-1] ** 2
    return DifficultyMode(log_spread, values, covariance, means, log_density, converged)


def _ascent_step(factor: FloatArray, gradient: FloatArray) -> FloatArray:
    """Return the Newton step, no value moving by more than 2."""
    from scipy.linalg import cho_solve

    step = np.asarray(cho_solve((factor, True), gradient), dtype=np.float64)
    longest = float(np.abs(step).max(initial=0.0))
    return step if longest <= 2.0 else step * (2.0 / longest)


def _factor(information: FloatArray) -> FloatArray:
    """Return the lower Cholesky factor of the information, or, far from a maximum, of one that leads upwards."""
    try:
        return np.asarray(np.linalg.cholesky(information), dtype=np.float64)
    except np.linalg.LinAlgError:
        values, vectors = np.linalg.eigh(information)
        lifted = (vectors * np.maximum(np.abs(values), 1e-3)) @ vectors.T
        return np.asarray(np.linalg.cholesky(lifted), dtype=np.float64)
