"""Items of a pool whose model is more than a slope and a difficulty: guessing, slips, marks given in part.

Their curves are those of the item functions of the irt package, batch by batch of one model and number of categories,
so that twenty thousand items cost as many array operations as there are models. A category earns a share of the item's
marks; what an item is expected to bring is the mean of these shares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qbank.core.history import Estimate

if TYPE_CHECKING:
    from qbank.irt.models import Model

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

PLAIN_MODELS = frozenset({"rasch", "1pl", "2pl"})
"""Right and wrong by slope and difficulty alone."""
GRID: Array = np.linspace(-8.0, 8.0, 641)
STEP = 1e-4
"""Relative step of the central differences by which errors of the parameters are carried to the information."""


@dataclass(frozen=True, slots=True, eq=False)
class GeneralItems:
    """Items of one model with equally many categories.

    items : (n_items,) positions in the pool, one more than once where several questions of a case are alike ; weights :
    (n_items,) share of the marks of the item in the pool that the question carries, 1 but for a case ; values : (n_items, n_values) what the model's functions take ;
    covariance : (n_items, n_values, n_values), NaN where unknown ; shares : (n_items, n_categories) of the item's
    marks that each category earns
    """

    model: str
    n_categories: int
    items: Indices
    values: Array
    covariance: Array
    shares: Array
    weights: Array


def is_plain(estimate: Estimate) -> bool:
    """Return whether an estimate is a slope and a difficulty, and right answers earn all the marks.

    >>> from qbank.core.history import logistic
    >>> is_plain(logistic("f", "2pl", "s", 1.0, 0.0, 0.1, 0.1, 500, "2026-05"))
    True
    """
    whole = shares_of(estimate) == (0.0, 1.0)
    return estimate.model in PLAIN_MODELS and estimate.n_categories == 2 and whole


def model_of(word: str) -> Model | None:
    """Return the item functions of a model by its word, None for a word that is none."""
    # irt costs a quarter of a second to load, and pools of judged and 2PL items do without it.
    from qbank.irt.models import MODELS

    return MODELS.get(word)


def general_items(found: Sequence[tuple[int, float, Estimate]]) -> tuple[GeneralItems, ...]:
    """Return estimates batched by model and number of categories.

    found : (position in the pool, share of the marks that the question carries, its estimate)
    What has no model or lacks a value stays out; `wrong_values` says what is wrong with it.
    """
    batches: dict[tuple[str, int], list[tuple[int, float, Estimate]]] = {}
    for entry in found:
        if wrong_values(entry[2]) is None:
            batches.setdefault((entry[2].model, entry[2].n_categories), []).append(entry)
    made = []
    for (word, n_categories), members in sorted(batches.items()):
        from qbank.irt import from_reported

        estimates = [one for _, _, one in members]
        n = len(members)
        known = from_reported(
            [word] * n, [n_categories] * n, [one.values for one in estimates],
            covariance=[np.array(one.covariance, np.float64) for one in estimates],
        )  # fmt: skip
        values, covariance = np.array(known.estimates), np.array(known.covariance)
        # An asymptote at 0 or 1 is held there, and its logit, which is infinite, has no error.
        edge = np.isinf(values)
        covariance[edge[:, :, None] | edge[:, None, :]] = 0.0
        made.append(
            GeneralItems(
                word, n_categories, np.array([position for position, _, _ in members], dtype=np.int64), values, covariance,
                np.array([shares_of(one) for one in estimates], dtype=np.float64),
                np.array([weight for _, weight, _ in members], dtype=np.float64),
            )
        )  # fmt: skip
    return tuple(made)


def shares_of(estimate: Estimate) -> tuple[float, ...]:
    """Return the share of the marks that each category earns: as stored, or in equal steps where nothing fits.

    >>> from qbank.core.history import Estimate
    >>> shares_of(Estimate("f", "gpcm", "s", {}, {}, 9, "2026-05", n_categories=3))
    (0.0, 0.5, 1.0)
    """
    n = estimate.n_categories
    return estimate.shares if len(estimate.shares) == n else tuple(k / (n - 1) for k in range(n))


def wrong_values(estimate: Estimate) -> str | None:
    """Return what makes an estimate unusable: ``model``, ``categories``, ``missing``, ``slope``, ``asymptotes``,
    ``steps`` or ``shares``; None where all is well.

    A slope must be above 0, 0 ≤ c < u ≤ 1, the thresholds of grm rise, and no category earns less than one below it.

    >>> from dataclasses import replace
    >>> from qbank.core.history import logistic
    >>> good = logistic("f", "3pl", "s", 1.0, 0.0, 0.1, 0.1, 500, "2026-05")
    >>> wrong_values(good), wrong_values(replace(good, values={"a": 1.0, "b": 0.0, "c": 0.2}))
    ('missing', None)
    >>> wrong_values(replace(good, values={"a": 1.0, "b": 0.0, "c": 1.2}))
    'asymptotes'
    """
    model, k = model_of(estimate.model), estimate.n_categories
    if model is None:
        return "model"
    low, high = model.categories
    if not low <= k <= high:
        return "categories"
    values = estimate.values
    c, u = values.get("c", 0.0), values.get("u", 1.0)
    if not 0 <= c < u <= 1:
        return "asymptotes"
    from qbank.irt.published import estimates_by_name

    own = estimates_by_name(estimate.model, k, values)
    if np.isnan(own).any():
        return "missing"
    if not values.get("a", 1.0) > 0:
        return "slope"
    if not bool(model.valid(own[None])[0]):
        return "steps"
    shares = shares_of(estimate)
    rising = all(one <= other for one, other in pairwise(shares))
    return None if rising and 0 <= shares[0] < shares[-1] <= 1 else "shares"


def some(part: GeneralItems, rows: NDArray[np.bool_]) -> GeneralItems:
    """Return some of the items of a batch."""
    if rows.all():
        return part
    return replace(
        part, items=part.items[rows], values=part.values[rows], covariance=part.covariance[rows], shares=part.shares[rows],
        weights=part.weights[rows],
    )  # fmt: skip


def rows_of(
    general: Sequence[GeneralItems], n_items: int, used: Indices | None = None
) -> Iterator[tuple[Indices, GeneralItems]]:
    """Yield where the items of each batch stand in arrays over all items, or over those used; and the batch."""
    if used is None:
        for part in general:
            yield part.items, part
        return
    place = np.full(n_items, -1, dtype=np.int64)
    place[used] = np.arange(used.size)
    for part in general:
        there = place[part.items]
        if (there >= 0).any():
            yield there[there >= 0], some(part, there >= 0)


def located(general: Sequence[GeneralItems], n_items: int) -> tuple[Indices, Array, Array]:
    """Return the positions of general items, and slope and difficulty that stand for each where one number is asked for.

    Reported a and b (of ordered categories the mean of the steps). A nominal item has neither, and a case has those of
    several questions: there it is the ability at which half of the marks are expected, and four times the slope of the
    expected share at that point.
    """
    from qbank.irt import from_estimates

    rows, times = np.unique(np.concatenate([part.items for part in general]), return_counts=True)
    shares = put(np.zeros((n_items, GRID.size)), general, n_items, expected_share, GRID)[rows]
    at = np.clip((shares < 0.5).sum(axis=1), 1, GRID.size - 1)
    each = np.arange(rows.size)
    low, high, step = shares[each, at - 1], shares[each, at], GRID[1] - GRID[0]
    rise = np.maximum(high - low, 1e-9)
    slope, difficulty = 4 * rise / step, GRID[at - 1] + step * np.clip((0.5 - low) / rise, 0.0, 1.0)
    for part in general:
        here = np.searchsorted(rows, part.items)
        n = part.items.size
        known = from_estimates([part.model] * n, np.full(n, part.n_categories), part.values)
        if "b" in known.names:
            single = times[here] == 1
            slope[here[single]], difficulty[here[single]] = known.values["a"][single], known.values["b"][single]
    return rows, slope, difficulty


def chances(part: GeneralItems, theta: Array) -> Array:
    """Return the probability of each category, (n_items, n_categories, n_theta)."""
    return np.asarray(np.exp(_functions(part).log_probability(part.values, theta)))


def expected_share(part: GeneralItems, theta: Array) -> Array:
    """Return the share of its marks that each item is expected to bring, ``Σ s_k P_k``; (n_items, n_theta)."""
    found = chances(part, theta)
    return np.asarray(np.einsum("jk,jkq->jq", part.weights[:, None] * part.shares, found))


def share_variance(part: GeneralItems, theta: Array) -> Array:
    """Return the variance of the share of its marks at each ability, ``Σ s_k² P_k − (Σ s_k P_k)²``."""
    found = chances(part, theta)
    mean = np.einsum("jk,jkq->jq", part.shares, found)
    spread = np.einsum("jk,jkq->jq", part.shares**2, found) - mean**2
    return np.asarray(part.weights[:, None] ** 2 * np.maximum(spread, 0.0))


def information(part: GeneralItems, theta: Array) -> Array:
    """Return the Fisher information of each item, ``Σ P_k'² / P_k`` (Samejima 1969, ch. 6); (n_items, n_theta)."""
    return np.asarray(_functions(part).information(part.values, theta))


def share_error_variance(part: GeneralItems, theta: Array) -> Array:
    """Return the variance of the expected share by the errors of the parameters, to first order; NaN where unknown.

    ``g' V g`` with ``g = Σ s_k P_k ∂ log P_k``; (n_items, n_theta)
    """
    by_value = _functions(part).gradient(part.values, theta)
    gradient = np.einsum("jpkq,jkq->jpq", by_value, chances(part, theta) * (part.weights[:, None] * part.shares)[:, :, None])
    return np.asarray(np.einsum("jpq,jpr,jrq->jq", gradient, part.covariance, gradient))


def information_error_variance(part: GeneralItems, theta: Array) -> Array:
    """Return the variance of the information by the errors of the parameters, to first order; NaN where unknown."""
    gradient = np.zeros((part.items.size, part.values.shape[1], theta.size))
    for column in range(part.values.shape[1]):
        movable = np.isfinite(part.values[:, column])
        step = np.where(movable, STEP * np.maximum(1.0, np.abs(np.where(movable, part.values[:, column], 0.0))), 1.0)
        ends = []
        for sign in (1.0, -1.0):
            moved = part.values.copy()
            moved[:, column] = np.where(movable, moved[:, column] + sign * step, moved[:, column])
            ends.append(information(replace(part, values=moved), theta))
        gradient[:, column] = (ends[0] - ends[1]) / (2 * step[:, None])
    return np.asarray(np.einsum("jpq,jpr,jrq->jq", gradient, part.covariance, gradient))


def put(
    values: Array, general: Sequence[GeneralItems], n_items: int, of: Callable[[GeneralItems, Array], Array], theta: Array,
    used: Indices | None = None,
) -> Array:  # fmt: skip
    """Return values with the rows of general items replaced by what a function says of them; NaN leaves a row as it is.

    values : (n_items, n_theta), or (n_used, n_theta) of the items used. What the questions of a case say is added up:
    their marks, and, as they are answered independently at a given ability, variances and information.
    """
    if not general:
        return values
    total, there = np.zeros_like(values), np.zeros(len(values), dtype=np.bool_)
    for rows, part in rows_of(general, n_items, used):
        np.add.at(total, rows, of(part, theta))
        there[rows] = True
    return np.asarray(np.where(there[:, None] & ~np.isnan(total), total, values))


def _functions(part: GeneralItems) -> Model:
    model = model_of(part.model)
    assert model is not None
    return model
