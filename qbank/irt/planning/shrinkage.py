"""Difficulties of a small sitting drawn towards judged grades: for planning papers, and for nothing else.

Thirty persons say little about an item, an expert's grade says something about it, and together they say more than
either. What grades are worth is not assumed but read off the items themselves: how much their difficulties differ
within a grade. The result has a type of its own, which neither scores persons nor links scales.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from threadpoolctl import threadpool_limits

from qbank.irt.answers import checked_scores
from qbank.irt.display import shown
from qbank.irt.models import NOT_SEEN, FloatArray, IndexArray
from qbank.irt.parameters import frozen, labels
from qbank.irt.planning.likelihood import Answers, answers_of, difficulty_likelihood

# What grades are taken to be worth before anybody answered, as qbank.assemble.prior states it: facility .88 .77
# .65 .52 .40 of grades 1 to 5 and .11 between items of a grade, as logits for ability of mean 0 and sd 1.
GRADES = (1, 5)
MIDDLE = 3
LEVEL, LEVEL_SD = -0.81, 1.5
STEP, STEP_SD = 0.69, 0.4
SPREAD = 0.56
ABILITY_LOG_SD = 0.7
# Grades of an item without one: as if each of 1 to 5 were as likely.
GRADE_VARIANCE = 2.0
LOG_SPREADS = (float(np.log(0.02)), float(np.log(6.0)))
N_NODES = 41


@dataclass(frozen=True, slots=True)
class PlannedDifficulties:
    """Difficulties for planning, on the scale of the sitting: the ability of those who sat has mean 0.

    purpose         "planning": not for scores, cuts, drift or equating, which would judge persons by opinions
                    about items
    items, grades   (n_items,), a grade NaN where the item has none;  n_answers: (n_items,)
    fingerprints    the revision of each item that was answered, "" if unknown
    difficulties    (n_items,) posterior means of b;  errors: posterior standard deviations;  low, high: ends of
                    the interval that holds b with probability `confidence`
    facility        (n_items,) expected share of right answers among persons like these;  facility_low, _high
    by_grade        (n_items,) what the grade alone predicts: the posterior mean of level + step (grade − 3)
    level, step     posterior mean of the difficulty of grade 3 and of the step from grade to grade, each with its
                    standard deviation in level_error, step_error
    spread          posterior mean of tau, the standard deviation of difficulties within a grade;  spread_low,
                    spread_high: its interval
    ability_sd, ability_error    of those who sat
    converged       every maximum on the way was found
    """

    __repr__ = shown

    purpose: str
    confidence: float
    items: tuple[str, ...]
    fingerprints: tuple[str, ...]
    grades: FloatArray
    n_answers: IndexArray
    difficulties: FloatArray
    errors: FloatArray
    low: FloatArray
    high: FloatArray
    facility: FloatArray
    facility_low: FloatArray
    facility_high: FloatArray
    by_grade: FloatArray
    level: float
    level_error: float
    step: float
    step_error: float
    spread: float
    spread_low: float
    spread_high: float
    ability_sd: float
    ability_error: float
    n_persons: int
    converged: bool

    def __post_init__(self) -> None:
        for name in ("grades", "difficulties", "errors", "low", "high", "facility", "facility_low",
                     "facility_high", "by_grade"):  # fmt: skip
            object.__setattr__(self, name, frozen(getattr(self, name)))
        n_answers = np.array(self.n_answers, dtype=np.intp)
        n_answers.setflags(write=False)
        object.__setattr__(self, "n_answers", n_answers)


@dataclass(frozen=True, slots=True)
class _Prior:
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
class _Mode:
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
        modes = _modes(data, judged[seen])
    prints = ("",) * n_items if fingerprints is None else tuple(fingerprints)
    return _plan(names, prints, judged, n_answers, seen, data.right.shape[0], modes, confidence)


def planned_facility(plan: PlannedDifficulties, *, mean: float = 0.0, sd: float | None = None) -> FloatArray:
    """Return the expected share of right answers (n_items,) in a population, over what is not known about b.

    mean, sd : of ability, on the scale of the sitting; None: the sd of those who sat

    >>> plan = shrink([[1, 0], [0, 0], [1, 1]], [2, 4])
    >>> bool((planned_facility(plan, mean=1.0) > plan.facility).all())
    True
    """
    spread = plan.ability_sd if sd is None else sd
    if not spread >= 0:
        raise ValueError(f"the sd of ability must be 0 or more, found {spread}")
    return _expected_chance(mean - plan.difficulties, np.hypot(plan.errors, spread))


def planned_information(plan: PlannedDifficulties, theta: ArrayLike) -> FloatArray:
    """Return the expected information P (1 − P) of each item at each theta, (n_items, n_theta), over b's posterior.

    theta : (n_theta,) on the scale of the sitting
    """
    nodes, weights = _rule()
    difficulty = plan.difficulties[:, None] + plan.errors[:, None] * nodes
    distance = np.atleast_1d(np.asarray(theta, np.float64))[:, None] - difficulty[:, None]
    chance = 1.0 / (1.0 + np.exp(-distance))
    information: FloatArray = (chance * (1.0 - chance)) @ weights
    return information


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


def _columns(grades: FloatArray) -> FloatArray:
    """Return what multiplies (level, step) for each item, (n_items, 2)."""
    return np.column_stack((np.ones_like(grades), np.nan_to_num(grades - MIDDLE)))


def _own_variance(grades: FloatArray, spread: float) -> FloatArray:
    """Return the variance of difficulties around their grade's; an item without grade may be of any."""
    return spread**2 + np.where(np.isnan(grades), STEP**2 * GRADE_VARIANCE, 0.0)


def _prior(grades: FloatArray, log_spread: float) -> _Prior:
    """Return the density of the difficulties at one tau, with level and step integrated out."""
    own = 1.0 / _own_variance(grades, np.exp(log_spread))
    columns = _columns(grades)
    before = np.array([LEVEL_SD**-2, STEP_SD**-2])
    centre = np.array([LEVEL, STEP])
    weighted = columns * own[:, None]
    inner = np.diag(before) + columns.T @ weighted
    remainder = np.asarray(np.linalg.inv(inner), dtype=np.float64)
    precision = np.diag(own) - weighted @ remainder @ weighted.T
    # Sylvester: |D + Z V Z'| = |D| |V| |V^-1 + Z' D^-1 Z|.
    log_determinant = np.log(own).sum() + np.log(before).sum() - np.linalg.slogdet(inner)[1]
    return _Prior(
        columns @ centre,
        precision,
        float(log_determinant),
        remainder @ weighted.T,
        remainder @ (before * centre),
        remainder,
    )


def _modes(data: Answers, grades: FloatArray) -> list[_Mode]:
    """Return the modes at values of tau equally far apart on the logarithmic scale that hold its density."""
    start = np.append(_prior(grades, np.log(SPREAD)).mean, 0.0)
    found: dict[float, _Mode] = {}

    def at(log_spread: float) -> _Mode:
        if log_spread not in found:
            near = min(found.values(), key=lambda mode: abs(mode.log_spread - log_spread), default=None)
            found[log_spread] = _mode(data, grades, log_spread, start if near is None else near.values)
        return found[log_spread]

    return _around(*_peak(at), at)


def _peak(at: Callable[[float], _Mode], step: float = 0.4) -> tuple[float, float]:
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


def _around(middle: float, width: float, at: Callable[[float], _Mode]) -> list[_Mode]:
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


def _mode(data: Answers, grades: FloatArray, log_spread: float, start: FloatArray) -> _Mode:
    """Return the mode of difficulties and log sd at one tau, by Newton steps that never go down."""
    from scipy.linalg import cho_solve

    prior = _prior(grades, log_spread)

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
    return _Mode(log_spread, values, covariance, means, log_density, converged)


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


def _plan(
    names: tuple[str, ...],
    fingerprints: tuple[str, ...],
    grades: FloatArray,
    n_answers: IndexArray,
    seen: IndexArray,
    n_persons: int,
    modes: Sequence[_Mode],
    confidence: float,
) -> PlannedDifficulties:
    """Return the averages over tau."""
    density = np.array([mode.log_density for mode in modes])
    share = np.exp(density - density.max())
    share /= share.sum()
    means, variances = np.empty((2, len(modes), grades.size))
    levels, level_covariances = np.empty((len(modes), 2)), np.empty((len(modes), 2, 2))
    columns = _columns(grades)
    for row, mode in enumerate(modes):
        prior = _prior(grades[seen], mode.log_spread)
        levels[row] = prior.regression @ mode.means + prior.offset
        level_covariances[row] = (
            prior.remainder + prior.regression @ mode.covariance[:-1, :-1] @ prior.regression.T
        )
        # Unseen items: their grade's difficulty, what is not known about it, and the spread within it.
        means[row] = columns @ levels[row]
        variances[row] = np.einsum("jp,pq,jq->j", columns, level_covariances[row], columns)
        variances[row] += _own_variance(grades, np.exp(mode.log_spread))
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
        facility=_expected_chance(-difficulties, np.hypot(errors, ability_sd)),
        facility_low=_expected_chance(-high, np.full_like(high, ability_sd)),
        facility_high=_expected_chance(-low, np.full_like(low, ability_sd)),
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


def _rule() -> tuple[FloatArray, FloatArray]:
    """Return nodes and weights of the standard normal distribution."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(31)
    return nodes, weights / weights.sum()


def _expected_chance(mean: FloatArray, sd: FloatArray) -> FloatArray:
    """Return the mean of 1 / (1 + exp(−x)) for x ~ N(mean, sd^2)."""
    nodes, weights = _rule()
    chance: FloatArray = (1.0 / (1.0 + np.exp(-(mean[:, None] + sd[:, None] * nodes)))) @ weights
    return chance
