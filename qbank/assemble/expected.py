"""What items are expected to bring at an ability: share of the marks, its variance, information."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from qbank.assemble.general import (
    expected_share,
    information,
    put,
    share_variance,
    some,
)
from qbank.assemble.item_parameters import Array
from qbank.assemble.pool import Pool


def probability(pool: Pool, theta: Array) -> Array:
    """Return the share of its marks that each item is expected to bring; shape (n_items, n_nodes).

    Of right and wrong the probability of a right answer, by the item's own model; of marks given in part the mean
    ``Σ s_k P_k`` over the categories, which earn the shares s_k. Judged and planned items are 2PL.
    """
    return put(_plain(pool, theta), pool.general, len(pool.ids), expected_share, theta)


def item_information(pool: Pool, theta: Array) -> Array:
    """Return the Fisher information of each item by its model, 2PL: ``a² P (1 − P)``; shape (n_items, n_nodes)."""
    p = _plain(pool, theta)
    return put(np.asarray(pool.slope[:, None] ** 2 * p * (1 - p)), pool.general, len(pool.ids), information, theta)


def mark_variance(pool: Pool, theta: Array) -> Array:
    """Return the variance of the share of its marks that each item brings at an ability; shape (n_items, n_nodes).

    ``P (1 − P)`` where all or nothing is earned.
    """
    p = _plain(pool, theta)
    return put(np.asarray(p * (1 - p)), pool.general, len(pool.ids), share_variance, theta)


def _plain(pool: Pool, theta: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-pool.slope[:, None] * (theta[None, :] - pool.difficulty[:, None]))))


@dataclass(frozen=True, slots=True)
class Expected:
    """Of one item at one ability: the share of its marks, the variance of that share, and the information."""

    share: float
    variance: float
    information: float


def expected_of(pool: Pool, item: int, theta: float) -> Expected:
    """Return what one item is expected to bring, worked out by itself: what audits count with."""
    alone = [some(part, part.items == item) for part in pool.general if (part.items == item).any()]
    if alone:
        at = np.array([theta])
        sums = (sum(float(of(part, at).sum()) for part in alone) for of in (expected_share, share_variance, information))
        return Expected(*sums)
    a = float(pool.slope[item])
    # beyond 700 the exponential is no number, and the chance is 0 all the same
    p = 1 / (1 + math.exp(min(-a * (theta - float(pool.difficulty[item])), 700.0)))
    return Expected(p, p * (1 - p), a * a * p * (1 - p))


def ability_at_cut(pool: Pool, shares: Array, cut: float) -> float:
    """Return the ability at which the expected share of marks equals the cut, by bisection.

    shares : (n_items,) share of the marks that each item carries, summing to 1
    """
    low, high = pool.ability_mean - 6 * pool.ability_sd, pool.ability_mean + 6 * pool.ability_sd
    for _ in range(60):
        middle = (low + high) / 2
        if float(probability(pool, np.array([middle]))[:, 0] @ shares) < cut:
            low = middle
        else:
            high = middle
    return (low + high) / 2
