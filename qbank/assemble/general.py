"""Items of a pool whose model is more than a slope and a difficulty: guessing, slips, marks given in part.

Their curves are those of the item functions of the irt package, batch by batch of one model and number of categories,
so that twenty thousand items cost as many array operations as there are models. A category earns a share of the item's
marks; what an item is expected to bring is the mean of these shares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
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
STEP = 1e-4
"""Relative step of the central differences by which errors of the parameters are carried to the information."""


@dataclass(frozen=True, slots=True, eq=False)
class GeneralItems:
    """Items of one model with equally many categories.

    items : (n_items,) positions in the pool ; values : (n_items, n_values) what the model's functions take ;
    covariance : (n_items, n_values, n_values), NaN where unknown ; shares : (n_items, n_categories) of the item's
    marks that each category earns
    """

    model: str
    n_categories: int
    items: Indices
    values: Array
    covariance: Array
    shares: Array


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


def general_items(found: Mapping[int, Estimate]) -> tuple[GeneralItems, ...]:
    """Return estimates by position in the pool, batched by model and number of categories.

    What has no model or lacks a value stays out; `misfitting` says what is wrong with it.
    """
    batches: dict[tuple[str, int], list[int]] = {}
    for position, estimate in found.items():
        if wrong_values(estimate) is None:
            batches.setdefault((estimate.model, estimate.n_categories), []).append(position)
    made = []
    for (word, n_categories), members in sorted(batches.items()):
        from qbank.irt import from_reported

        estimates = [found[position] for position in members]
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
                word, n_categories, np.array(members, dtype=np.int64), values, covariance,
                np.array([shares_of(one) for one in estimates], dtype=np.float64),
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
        part, items=part.items[rows], values=part.values[rows], covariance=part.covariance[rows], shares=part.shares[rows]
    )


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


def located(part: GeneralItems) -> tuple[Array, Array]:
    """Return slope and difficulty (n_items,) that stand for the items where one number each is asked for.

    Reported a and b (of ordered categories the mean of the steps); of a nominal item, which has neither, the ability
    at which half of the marks are expected, and four times the slope of the expected share there.
    """
    from qbank.irt import from_estimates

    n = part.items.size
    known = from_estimates([part.model] * n, np.full(n, part.n_categories), part.values)
    if "b" in known.names:
        return np.asarray(known.values["a"]), np.asarray(known.values["b"])
    low, high = np.full(n, -10.0), np.full(n, 10.0)
    for _ in range(40):
        middle = (low + high) / 2
        below = _diagonal(part, middle) < 0.5
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    at = (low + high) / 2
    return 4 * (_diagonal(part, at + STEP) - _diagonal(part, at - STEP)) / (2 * STEP), at


def _diagonal(part: GeneralItems, theta: Array) -> Array:
    """Return the expected share of each item at an ability of its own, (n_items,)."""
    return np.array([expected_share(some(part, np.arange(theta.size) == n), theta[[n]])[0, 0] for n in range(theta.size)])


def chances(part: GeneralItems, theta: Array) -> Array:
    """Return the probability of each category, (n_items, n_categories, n_theta)."""
    return np.asarray(np.exp(_functions(part).log_probability(part.values, theta)))


def expected_share(part: GeneralItems, theta: Array) -> Array:
    """Return the share of its marks that each item is expected to bring, ``Σ s_k P_k``; (n_items, n_theta)."""
    found = chances(part, theta)
    if part.n_categories == 2 and not part.shares[:, 0].any() and (part.shares[:, 1] == 1).all():
        return np.asarray(found[:, 1])
    return np.asarray(np.einsum("jk,jkq->jq", part.shares, found))


def share_square(part: GeneralItems, theta: Array) -> Array:
    """Return the mean of the squared share of its marks at each ability, ``Σ s_k² P_k``; (n_items, n_theta)."""
    return np.asarray(np.einsum("jk,jkq->jq", part.shares**2, chances(part, theta)))


def share_variance(part: GeneralItems, theta: Array) -> Array:
    """Return the variance of the share of its marks at each ability, ``Σ s_k² P_k − (Σ s_k P_k)²``."""
    found = chances(part, theta)
    mean = np.einsum("jk,jkq->jq", part.shares, found)
    return np.asarray(np.maximum(np.einsum("jk,jkq->jq", part.shares**2, found) - mean**2, 0.0))


def information(part: GeneralItems, theta: Array) -> Array:
    """Return the Fisher information of each item, ``Σ P_k'² / P_k`` (Samejima 1969, ch. 6); (n_items, n_theta)."""
    return np.asarray(_functions(part).information(part.values, theta))


def share_error_variance(part: GeneralItems, theta: Array) -> Array:
    """Return the variance of the expected share by the errors of the parameters, to first order; NaN where unknown.

    ``g' V g`` with ``g = Σ s_k P_k ∂ log P_k``; (n_items, n_theta)
    """
    by_value = _functions(part).gradient(part.values, theta)
    gradient = np.einsum("jpkq,jkq->jpq", by_value, chances(part, theta) * part.shares[:, :, None])
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

    values : (n_items, n_theta), or (n_used, n_theta) of the items used
    """
    for rows, part in rows_of(general, n_items, used):
        found = of(part, theta)
        values[rows] = np.where(np.isnan(found), values[rows], found)
    return values


def _functions(part: GeneralItems) -> Model:
    model = model_of(part.model)
    assert model is not None
    return model
