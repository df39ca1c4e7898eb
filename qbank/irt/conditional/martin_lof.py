"""Do two kinds of items measure one ability? Martin-Löf's likelihood-ratio test on conditional calibrations."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from threadpoolctl import threadpool_limits

from qbank.irt.answers import checked_scores
from qbank.irt.conditional.estimate import ConditionalCalibration, calibrate_conditional
from qbank.irt.display import shown
from qbank.irt.models import NOT_SEEN, FloatArray, IndexArray, ScoreArray

# With fewer persons for each combination of part scores the chi-square distribution says nothing.
PERSONS_PER_CELL = 5


@dataclass(frozen=True, slots=True)
class MartinLofTest:
    """One ability for all items against one for each part of them.

    statistic      2 (log-likelihood with an ability for each part − that with one)
    df             its degrees of freedom
    p_value        from chi-square, or from `n_simulations` tests drawn under one ability; NaN where neither can say
    parts          labels of the parts;  n_items: (n_parts,) items of each that take part
    n_persons      persons who answered all these items
    status         ok, one part, few items (a part has fewer than two), no persons, or sparse: fewer than five persons
                   for each combination of part scores, so that only simulation gives a p-value
    """

    __repr__ = shown

    statistic: float
    df: int
    p_value: float
    parts: tuple[str, ...]
    n_items: tuple[int, ...]
    n_persons: int
    n_simulations: int
    status: str


def martin_lof_test(
    scores: ArrayLike,
    fit: ConditionalCalibration,
    *,
    split: str | Sequence[str] = "median",
    n_simulations: int = 0,
    seed: int | np.random.Generator = 0,
) -> MartinLofTest:
    """Return Martin-Löf's test (1973) that parts of a test measure one ability.

    scores : (n_persons, n_items), those of the calibration; persons with a missing answer are left out
    split : "median" parts the items into an easier and a harder half; or a label for each item
    n_simulations : so many sets of answers are drawn given each person's score, at the difficulties of all items

    With score vectors r = (r_1, ..., r_m) of the parts and total score r_+, Glas & Verhelst (1995), in Fischer &
    Molenaar, Rasch Models, ch. 5:

        T = 2 (sum over r of n_r log(n_r / N) − sum over r_+ of n_r+ log(n_r+ / N) − log L + sum over parts of log L_g)

    log L being conditional log-likelihoods.

    >>> rng = np.random.default_rng(1)
    >>> ability, difficulty = rng.normal(size=(400, 1)), np.tile([-0.5, 0.5], 3)
    >>> scores = (rng.logistic(size=(400, 6)) < ability - difficulty).astype(np.int8)
    >>> test = martin_lof_test(scores, calibrate_conditional(scores), split=["a", "a", "a", "b", "b", "b"])
    >>> test.df, test.status, test.p_value > 0.001
    (8, 'ok', True)
    """
    answers = checked_scores(scores)
    usable = np.array([word == "ok" for word in fit.status], dtype=bool)
    if answers.shape[1] != usable.size:
        raise ValueError(f"scores of {answers.shape[1]} items for a calibration of {usable.size}")
    if isinstance(split, str) and split != "median":
        raise ValueError(f"split must be 'median' or one label an item, found {split!r}")
    if not isinstance(split, str) and len(split) != usable.size:
        raise ValueError(f"{len(split)} labels for {usable.size} items")
    items = np.flatnonzero(usable)
    part = answers[:, items]
    part = part[(part != NOT_SEEN).all(axis=1)]
    label = _halves(part) if isinstance(split, str) else np.asarray(split, dtype=np.str_)[items]
    parts, member = np.unique(label, return_inverse=True)
    n_items = np.bincount(member, minlength=parts.size)
    model = "rasch" if set(fit.parameters.model) <= {"rasch"} else "pcm"
    status = (
        "one part"
        if parts.size < 2
        else "few items"
        if n_items.min() < 2
        else "no persons"
        if not part.shape[0]
        else "ok"
    )
    statistic, df, p_value, drawn = np.nan, 0, np.nan, 0
    if status == "ok":
        highest = np.bincount(member, weights=fit.parameters.n_categories[items] - 1).astype(np.intp)
        n_cells = int(np.prod(highest + 1))
        df = n_cells - int(highest.sum()) - parts.size
        statistic = _statistic(part, member, model)
        status = "ok" if part.shape[0] >= PERSONS_PER_CELL * n_cells else "sparse"
        if n_simulations > 0:
            p_value, drawn = _simulated(part, member, model, statistic, n_simulations, seed)
        elif status == "ok":
            p_value = _chi_square_tail(statistic, df)
    return MartinLofTest(
        statistic=float(statistic),
        df=df,
        p_value=p_value,
        parts=tuple(parts.tolist()),
        n_items=tuple(n_items.tolist()),
        n_persons=int(part.shape[0]),
        n_simulations=drawn,
        status=status,
    )


def draw_given_scores(log_weights: FloatArray, scores: IndexArray, rng: np.random.Generator) -> ScoreArray:
    """Return answers (n_persons, n_items) drawn given each person's score, as the model has them for any ability.

    log_weights : (n_items, n_most_categories) log epsilon, 0 in column 0, −inf beyond an item's categories
    scores : (n_persons,)

    Item by item: P(X_j = k | s left for items j, j + 1, ...) = epsilon_jk gamma_(s−k)(items after j) / gamma_s(items
    from j).

    >>> draw_given_scores(np.log([[1.0, 2.0], [1.0, 3.0]]), np.array([0, 2]), np.random.default_rng(1))
    array([[0, 0],
           [1, 1]], dtype=int8)
    """
    n_items, n_most = log_weights.shape
    highest = int(np.isfinite(log_weights[:, 1:]).sum())
    # log gamma of the items after each, for every score; −inf where there are not so many points.
    after = np.full((n_items + 1, highest + 1), -np.inf)
    after[n_items, 0] = 0.0
    for item in range(n_items - 1, -1, -1):
        for category in range(n_most):
            shifted = after[item + 1, : highest + 1 - category] + log_weights[item, category]
            after[item, category:] = np.logaddexp(after[item, category:], shifted)
    drawn = np.zeros((scores.size, n_items), dtype=np.int8)
    left = np.array(scores, dtype=np.intp)
    for item in range(n_items):
        fall = rng.random(scores.size)
        share = np.zeros(scores.size)
        category_drawn = np.zeros(scores.size, dtype=np.intp)
        for category in range(n_most - 1):
            rest = np.where(left >= category, after[item + 1, np.maximum(left - category, 0)], -np.inf)
            share += np.exp(rest + log_weights[item, category] - after[item, left])
            category_drawn += fall >= share
        # Rounding must not give a category that the score does not leave.
        possible = np.minimum(left, int(np.isfinite(log_weights[item]).sum()) - 1)
        category_drawn = np.minimum(category_drawn, possible)
        drawn[:, item] = category_drawn
        left -= category_drawn
    return drawn


def _halves(part: ScoreArray) -> np.ndarray[tuple[int, ...], np.dtype[np.str_]]:
    """Return "easier" or "harder" for each item, by the mean share of its highest category."""
    if not part.size:
        return np.full(part.shape[1], "easier")
    share = part.mean(axis=0) / np.maximum(part.max(axis=0), 1)
    order = np.argsort(-share, kind="stable")
    label = np.full(part.shape[1], "harder")
    label[order[: (part.shape[1] + 1) // 2]] = "easier"
    return label


def _statistic(part: ScoreArray, member: IndexArray, model: str) -> float:
    """Return T for complete answers."""
    groups = [np.flatnonzero(member == group) for group in range(int(member.max()) + 1)]
    by_part = np.column_stack([part[:, group].sum(axis=1, dtype=np.intp) for group in groups])
    entropy = _log_share(np.unique(by_part, axis=0, return_counts=True)[1])
    entropy -= _log_share(np.unique(by_part.sum(axis=1), return_counts=True)[1])
    whole = calibrate_conditional(part, model=model).log_likelihood
    return 2.0 * (
        entropy
        - whole
        + sum(calibrate_conditional(part[:, group], model=model).log_likelihood for group in groups)
    )


def _log_share(counts: IndexArray) -> float:
    return float(counts @ np.log(counts / counts.sum()))


def _simulated(
    part: ScoreArray,
    member: IndexArray,
    model: str,
    statistic: float,
    n_simulations: int,
    seed: int | np.random.Generator,
) -> tuple[float, int]:
    """Return the share of drawn tests with as large a statistic, the observed one among them, and how many were drawn."""
    rng = np.random.default_rng(seed)
    fit = calibrate_conditional(part, model=model)
    if not set(fit.status) <= {"ok"}:
        return float("nan"), 0
    log_weights = np.where(np.isnan(fit.parameters.estimates), -np.inf, fit.parameters.estimates)
    log_weights[:, 0] = 0.0
    scores = part.sum(axis=1, dtype=np.intp)
    with threadpool_limits(1, user_api="blas"):
        above = sum(
            _statistic(draw_given_scores(log_weights, scores, rng), member, model) >= statistic
            for _ in range(n_simulations)
        )
    return (1 + above) / (1 + n_simulations), n_simulations


def _chi_square_tail(statistic: float, df: int) -> float:
    from scipy.special import chdtrc

    return float(chdtrc(df, max(statistic, 0.0)))
