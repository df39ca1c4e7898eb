"""Conditional maximum likelihood: difficulties without any assumption about who sat the test."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from threadpoolctl import threadpool_limits

from qbank.irt.answers import categories, checked_scores, counted_scores, highest_scores, usable
from qbank.irt.calibration.errors import JOINT_VALUES
from qbank.irt.conditional.contrast import ConditionalData, conditional_data
from qbank.irt.conditional.symmetric import score_law, single_score_laws
from qbank.irt.display import shown
from qbank.irt.models import FloatArray, IndexArray, Mask
from qbank.irt.parameters import UNLINKED, ItemParameters, first_rows, from_estimates, frozen, labels
from qbank.problem import Problem, Span, error

MODELS_OF_SUMS = ("rasch", "pcm")
# Logits from the middle of the test, and a standard error, at which an estimate has run away.
FARTHEST, WIDEST = 20.0, 30.0
SMALLEST_PIVOT = 1e-6


@dataclass(frozen=True, slots=True)
class ConditionalCalibration:
    """The outcome of a conditional calibration.

    parameters        a = 1; the difficulties b of the items that have estimates sum to 0 (for items of more
                      than two categories b is the mean of their steps). Errors hold under that normalisation.
    log_likelihood    of the answers given the scores on each form
    gradient_norm     largest absolute derivative of it by an intercept d; trace: the log-likelihood at each
                      accepted step;  converged: the norm is at most `tolerance` times sqrt(n_persons)
    covariance        (n_items, n_items) of the difficulties b under the normalisation, NaN where no estimate
    intercepts        (n_values, 2) item and category of every intercept d that was estimated
    intercept_covariance    (n_values, n_values) of these, under the same normalisation
    n_persons         persons whose answers tell something
    n_dropped         persons who answered, but with score 0, a perfect score or a single item on their form
    n_forms           patterns of seen items among the n_persons;  n_answers: (n_items,) of all persons
    status            per item: ok, not seen, too few answers, all right, all wrong, one category, unused
                      category, no contrast (nobody, or everybody, did better on it than on the others, among
                      those whose scores tell something), diverged (no finite or no unique estimate), not
                      connected
    islands           labels of the items of each set that no form connects with the others, () where all hang
                      together. With islands nothing is estimated.
    problems          why the result must not be used, () when it may
    """

    __repr__ = shown

    parameters: ItemParameters
    log_likelihood: float
    gradient_norm: float
    trace: tuple[float, ...]
    converged: bool
    covariance: FloatArray
    intercepts: IndexArray
    intercept_covariance: FloatArray
    n_persons: int
    n_dropped: int
    n_forms: int
    n_answers: IndexArray
    status: tuple[str, ...]
    islands: tuple[tuple[str, ...], ...]
    problems: tuple[Problem, ...]

    def __post_init__(self) -> None:
        for name in ("covariance", "intercept_covariance"):
            object.__setattr__(self, name, frozen(getattr(self, name)))
        for name in ("intercepts", "n_answers"):
            whole = np.array(getattr(self, name), dtype=np.intp)
            whole.setflags(write=False)
            object.__setattr__(self, name, whole)


@dataclass(frozen=True, slots=True)
class _Point:
    """The conditional log-likelihood with its gradient (n_values,) and information at some intercepts."""

    intercepts: FloatArray
    value: float
    gradient: FloatArray
    information: FloatArray


def calibrate_conditional(
    scores: ArrayLike,
    *,
    model: str = "rasch",
    items: Sequence[str] | None = None,
    fingerprints: Sequence[str] | None = None,
    scale: str = UNLINKED,
    tolerance: float = 1e-8,
    max_iterations: int = 100,
) -> ConditionalCalibration:
    """Return difficulties by conditional maximum likelihood, with their exact errors.

    scores : (n_persons, n_items), category 0..K−1, −1 not seen
    model : "rasch" (right 1, wrong 0) or "pcm", the partial credit model of Masters (1982)
    tolerance : convergence, largest derivative / sqrt(n_persons)

    Given a person's score r on the items that they saw, the answers do not depend on ability:
    log P(x | r) = sum_j d_j(x_j) − log gamma_r(d), Andersen (1972), J. R. Stat. Soc. B 34, with the
    elementary symmetric functions gamma of the person's form. Newton steps with the exact second derivatives.
    Persons who saw different items are taken by form; each form has gammas of its own. Estimates exist and
    are unique where no set of items was always answered better than the rest (Fischer 1981, Psychometrika
    46); items without such a contrast are set aside, as are those that nobody links to the others.

    What a person saw may depend on anything known beforehand, but not on the answers: after an adaptive test or a
    test in stages the answers are not free given the score, and the difficulties would be wrong (Glas 1988, J.
    Educ. Stat. 13); those need `calibrate`.

    Person abilities come from `score_persons(scores, fit.parameters, method="ml")`.

    >>> scores = np.array([[1, 1, 0], [1, 0, 1], [0, 1, 0], [1, 0, 0], [0, 0, 1], [1, 1, 1]] * 20)
    >>> fit = calibrate_conditional(scores)
    >>> fit.converged, fit.n_persons, fit.n_dropped
    (True, 100, 20)
    >>> fit.parameters.values["b"].round(3) + 0.0
    array([-0.4,  0.2,  0.2])
    """
    if model not in MODELS_OF_SUMS:
        raise ValueError(f"conditional estimates exist for {' and '.join(MODELS_OF_SUMS)}, not for {model!r}")
    answers = checked_scores(scores)
    n_items = answers.shape[1]
    names, words = labels(items, n_items), (model,) * n_items
    counts = counted_scores(answers)
    n_categories = categories(highest_scores(counts), words, None, names)
    status, _ = usable(counts, words, n_categories, np.ones(n_items, dtype=bool))
    with threadpool_limits(1, user_api="blas"):
        data = conditional_data(answers, n_categories, status)
        points = _ascend(data, tolerance, max_iterations)
        # What has no estimate is set aside, and the others are estimated without it.
        while (lost := _without_estimate(data, points[-1])).any():
            status = np.array(data.status, dtype=object)
            status[lost] = "diverged"
            data = conditional_data(answers, n_categories, status)
            points = _ascend(data, tolerance, max_iterations)
        last = points[-1]
        covariance = _covariance(data, last.information)
    norm = float(np.abs(last.gradient).max(initial=0.0))
    converged = bool(data.used.size) and norm <= tolerance * max(data.n_persons, 1) ** 0.5
    islands = tuple(tuple(names[item] for item in island) for island in data.islands)
    return ConditionalCalibration(
        parameters=_parameters(
            data, model, last.intercepts, covariance, items=names, fingerprints=fingerprints, scale=scale
        ),
        log_likelihood=last.value,
        gradient_norm=norm,
        trace=tuple(point.value for point in points),
        converged=converged,
        covariance=_of_difficulties(data, covariance),
        intercepts=np.column_stack((data.used[data.owner], data.category)),
        intercept_covariance=covariance,
        n_persons=data.n_persons,
        n_dropped=data.n_dropped,
        n_forms=data.n_forms,
        n_answers=(answers >= 0).sum(axis=0),
        status=data.status,
        islands=islands,
        problems=_problems(islands, norm, converged, data.used.size),
    )


def _problems(
    islands: Sequence[Sequence[str]], norm: float, converged: bool, n_used: int
) -> tuple[Problem, ...]:
    """Return what a user has to know before any number of the result is used."""
    if islands:
        sets = "; ".join(
            ", ".join(names) if len(names) <= 5 else f"{', '.join(names[:4])}, … ({len(names)})"
            for names in islands
        )
        return (error("C110", Span("scores"), n=len(islands), sets=sets),)
    if n_used and not converged:
        return (error("C111", Span("scores"), norm=f"{norm:.3g}"),)
    return ()


def _ascend(data: ConditionalData, tolerance: float, max_iterations: int) -> list[_Point]:
    """Return the points of a Newton ascent, the last being the best; the log-likelihood is concave."""
    points = [_at(data, data.start)]
    for _ in range(max_iterations if data.used.size else 0):
        now = points[-1]
        if np.abs(now.gradient).max() <= tolerance * data.n_persons**0.5:
            break
        if not _is_regular(data, now.information):
            break
        step = np.linalg.solve(_definite(data, now.information), now.gradient)
        for _ in range(30):
            ahead = _at(data, data.centred(now.intercepts + step))
            if ahead.value >= now.value - 1e-9 * (1.0 + abs(now.value)) * float(np.abs(step).max() < 1e-3):
                break
            step = step / 2.0
        points.append(ahead)
        if (np.abs(ahead.intercepts) > FARTHEST * data.category).any():
            break
    return points


def _at(data: ConditionalData, intercepts: FloatArray) -> _Point:
    """Return the log-likelihood and its derivatives, summed over forms."""
    value = float(data.statistic @ intercepts)
    gradient = data.statistic.copy()
    information = np.zeros((gradient.size, gradient.size))
    whole = np.full((data.used.size, int(data.n_categories.max(initial=1))), -np.inf)
    whole[:, :1] = 0.0
    whole[data.owner, data.category] = intercepts
    for form in data.forms:
        law = score_law(whole[form.items], form.counts)
        value -= float(form.counts[1:-1] @ np.nan_to_num(law.log_gamma[1:-1]))
        gradient[form.values] -= law.expected
        information[np.ix_(form.values, form.values)] += law.information
    padded = np.vstack((whole, np.full((1, whole.shape[1]), -np.inf)))
    padded[-1, 0] = 0.0
    for some in data.short_forms:
        log_gamma, expected, each = single_score_laws(padded[some.items], some.scores)
        value -= float(some.persons @ log_gamma)
        own = some.values >= 0
        gradient -= np.bincount(
            some.values[own], (some.persons[:, None] * expected)[own], minlength=gradient.size
        )
        pair = own[:, :, None] & own[:, None]
        place = (some.values[:, :, None] * gradient.size + some.values[:, None])[pair]
        told = (some.persons[:, None, None] * each)[pair]
        information += np.bincount(place, told, minlength=information.size).reshape(information.shape)
    return _Point(intercepts, value, gradient, information)


def _definite(data: ConditionalData, information: FloatArray) -> FloatArray:
    """Return the information made definite along the one direction in which nothing changes.

    Every category k raised by k c leaves all conditional probabilities as they are; a step has no part there.
    """
    idle = data.category.astype(np.float64)
    weight = float(np.trace(information)) / float(idle @ idle) or 1.0
    definite: FloatArray = information + weight / idle.size * np.outer(idle, idle)
    return definite


def _covariance(data: ConditionalData, information: FloatArray) -> FloatArray:
    """Return the covariance of the intercepts when the difficulties sum to 0."""
    if not data.used.size:
        return np.zeros((0, 0))
    idle = data.category.astype(np.float64)
    # What _definite added is one eigenvector's; `centred` takes it out again, so it need not be subtracted.
    inverse = np.linalg.inv(_definite(data, information))
    to_sum_zero = np.eye(idle.size) - np.outer(idle, data.difficulty_weights) / data.used.size
    covariance: FloatArray = to_sum_zero @ inverse @ to_sum_zero.T
    return covariance


def _is_regular(data: ConditionalData, information: FloatArray) -> bool:
    """Return whether the answers say something about every intercept: whether the information has full rank."""
    try:
        pivots = np.diag(np.linalg.cholesky(_definite(data, information)))
    except np.linalg.LinAlgError:
        return False
    return bool(pivots.min() > SMALLEST_PIVOT * pivots.max())


def _without_estimate(data: ConditionalData, point: _Point) -> Mask:
    """Return the items (n_items,) with an intercept, per step of category, beyond FARTHEST or less certain than WIDEST.

    The slope towards infinity fades as the estimate goes, so that an ascent can end before it is far. An error
    without bound spreads over all items by the sum of 0; it is the largest where it belongs. Where combinations
    of intercepts do not show in the answers at all, one item of them goes.
    """
    lost = np.zeros(len(data.status), dtype=bool)
    if not data.used.size:
        return lost
    away = np.abs(point.intercepts) > FARTHEST * data.category
    if not away.any() and not _is_regular(data, point.information):
        flattest = np.abs(np.linalg.eigh(_definite(data, point.information))[1][:, 0])
        away[flattest.argmax()] = True
    elif not away.any():
        variance = np.diag(_covariance(data, point.information)) / data.category**2
        away = (variance > WIDEST**2) & (variance > 0.3 * variance.max())
    lost[data.used[data.owner[away]]] = True
    return lost


def _of_difficulties(data: ConditionalData, covariance: FloatArray) -> FloatArray:
    """Return the covariance (n_items, n_items) of b = −d_last / (K − 1), NaN where there is no estimate."""
    n_items = len(data.status)
    whole = np.full((n_items, n_items), np.nan)
    last = np.flatnonzero(data.difficulty_weights)
    weight = data.difficulty_weights[last]
    whole[np.ix_(data.used, data.used)] = covariance[np.ix_(last, last)] * np.outer(weight, weight)
    return whole


def _parameters(
    data: ConditionalData,
    model: str,
    intercepts: FloatArray,
    covariance: FloatArray,
    *,
    items: Sequence[str],
    fingerprints: Sequence[str] | None,
    scale: str,
) -> ItemParameters:
    """Return the record of the items; a = 1 is fixed, so that its covariance is 0."""
    n_items = len(data.status)
    n_most = int(data.n_categories.max(initial=2))
    estimates = np.full((n_items, n_most), np.nan)
    each = np.full((n_items, n_most, n_most), np.nan)
    estimates[data.used, 0] = 1.0
    estimates[data.used[data.owner], data.category] = intercepts
    first = first_rows(data.n_categories[data.used] - 1)
    for place, item in enumerate(data.used):
        own = slice(first[place], first[place + 1])
        n_own = int(data.n_categories[item])
        each[item, :n_own, :n_own] = 0.0
        each[item, 1:n_own, 1:n_own] = covariance[own, own]
    joint = None
    if estimates.size <= JOINT_VALUES:
        joint = np.zeros((*estimates.shape, *estimates.shape))
        item, value = data.used[data.owner], data.category
        joint[item[:, None], value[:, None], item, value] = covariance
    return from_estimates(
        model,
        data.n_categories,
        estimates,
        covariance=each,
        joint=joint,
        items=items,
        fingerprints=fingerprints,
        scale=scale,
    )
