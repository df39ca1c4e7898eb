"""What items bring over a grid of abilities: the arrays that papers of a family are compared by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qbank.assemble.expected import item_information, mark_variance, probability
from qbank.assemble.general import chances
from qbank.assemble.item_parameters import Array
from qbank.assemble.pool import Pool

N_THETA = 161
REACH = 5.0
"""Standard deviations of ability that the grid goes to either side of the mean."""
SAME = 1e-9
"""Shares of marks that are nearer than this are one."""


@dataclass(frozen=True, slots=True, eq=False)
class InPart:
    """An item that may earn a part of its marks.

    worth : (n_outcomes,) share of the marks, from 0 to 1 ; chance : (n_outcomes, n_theta) how likely each is
    """

    item: int
    worth: Array
    chance: Array


@dataclass(frozen=True, slots=True, eq=False)
class ItemCurves:
    """Items over abilities.

    theta : (n_theta,) equally spaced ; weights : (n_theta,) share of persons there ; sd : of ability among them ;
    share : (n_items, n_theta) expected share of the marks ; variance : the same shape, of that share ; information : the
    same shape ; in_part : the items that may earn a part of their marks, all others earn all or nothing
    """

    theta: Array
    weights: Array
    sd: float
    share: Array
    variance: Array
    information: Array
    in_part: tuple[InPart, ...] = ()

    def mixed(self, mix: Array) -> ItemCurves:
        """Return the curves at other abilities; mix : (n_theta, n_at) weights of the abilities here, see `interpolation`."""
        share, variance, information = (values @ mix for values in (self.share, self.variance, self.information))
        parts = tuple(InPart(part.item, part.worth, part.chance @ mix) for part in self.in_part)
        return ItemCurves(self.theta @ mix, np.zeros(mix.shape[1]), self.sd, share, variance, information, parts)


def ability_grid(mean: float = 0.0, sd: float = 1.0, n_theta: int = N_THETA) -> tuple[Array, Array]:
    """Return equally spaced abilities up to five standard deviations from the mean, and the share of persons at each.

    >>> theta, weights = ability_grid()
    >>> theta[[0, 80, 160]].tolist(), round(float(weights @ theta**2), 4)
    ([-5.0, 0.0, 5.0], 1.0)
    """
    z = np.linspace(-REACH, REACH, n_theta)
    weights = np.exp(-(z**2) / 2)
    return np.asarray(mean + sd * z), np.asarray(weights / weights.sum())


def item_curves(pool: Pool, n_theta: int = N_THETA) -> ItemCurves:
    """Return the curves of all items of a pool over the abilities of its population, each by its own model."""
    theta, weights = ability_grid(pool.ability_mean, pool.ability_sd, n_theta)
    return ItemCurves(
        theta, weights, pool.ability_sd, probability(pool, theta), mark_variance(pool, theta), item_information(pool, theta),
        _in_part(pool, theta),
    )  # fmt: skip


def curves_from_arrays(
    theta: ArrayLike, share: ArrayLike, information: ArrayLike, variance: ArrayLike | None = None, *, mean: float = 0.0,
    sd: float = 1.0,
) -> ItemCurves:  # fmt: skip
    """Return the curves of items that are known by arrays only, in a normal population.

    theta : (n_theta,) equally spaced ; share, variance, information : (n_items, n_theta) ; without a variance items earn
    all or nothing. Of an item with less variance than that, marks are taken to come in halves (0, ½, 1) with just
    that mean and, as far as three points can, just that variance.

    >>> theta = np.linspace(-4, 4, 81)
    >>> p = 1 / (1 + np.exp(-theta))[None, :]
    >>> curves_from_arrays(theta, p, p * (1 - p)).in_part
    ()
    """
    at, p = np.asarray(theta, np.float64), np.asarray(share, np.float64)
    known = np.asarray(information, np.float64)
    whole = p * (1 - p)
    spread = whole if variance is None else np.asarray(variance, np.float64)
    if at.ndim != 1 or at.size < 4 or np.ptp(np.diff(at)) > 1e-6 * max(np.ptp(at), 1e-9) or not at[1] > at[0]:
        raise ValueError("theta must be at least four equally spaced rising abilities")
    if not p.ndim == 2 or not p.shape == known.shape == spread.shape or p.shape[1] != at.size:
        raise ValueError(f"share {p.shape}, variance {spread.shape} and information {known.shape} do not belong to {at.size} abilities")
    weights = np.exp(-(((at - mean) / sd) ** 2) / 2)
    halves = []
    for item in np.flatnonzero((whole - spread > 1e-6).any(axis=1)):
        half = np.clip(4 * (whole[item] - spread[item]), 0.0, 2 * np.minimum(p[item], 1 - p[item]))
        chance = np.stack([1 - p[item] - half / 2, half, p[item] - half / 2])
        halves.append(InPart(int(item), np.array([0.0, 0.5, 1.0]), chance))
    return ItemCurves(at, weights / weights.sum(), sd, p, spread, known, tuple(halves))


def interpolation(grid: Array, at: Array) -> Array:
    """Return the weights that cubic interpolation over an even grid gives its nodes, (n_grid, n_at); NaN beyond its ends.

    Curves of items are smooth: on the usual grid an expected share is off by less than 1e-5 for slopes up to 3.

    >>> grid = np.linspace(0, 1, 5)
    >>> round(float(grid**3 @ interpolation(grid, np.array([0.4]))[:, 0]), 6)
    0.064
    """
    step = (grid[-1] - grid[0]) / (grid.size - 1)
    inside = np.isfinite(at) & (at >= grid[0] - 1e-9 * step) & (at <= grid[-1] + 1e-9 * step)
    place = np.where(inside, (np.where(inside, at, grid[0]) - grid[0]) / step, 0.0)
    first = np.clip(np.floor(place).astype(np.int64) - 1, 0, grid.size - 4)
    t = place - first
    four = np.stack([
        -(t - 1) * (t - 2) * (t - 3) / 6, t * (t - 2) * (t - 3) / 2, -t * (t - 1) * (t - 3) / 2, t * (t - 1) * (t - 2) / 6,
    ])  # fmt: skip
    found = np.zeros((grid.size, at.size))
    for k in range(4):
        found[first + k, np.arange(at.size)] = four[k]
    found[:, ~inside] = np.nan
    return found


def _in_part(pool: Pool, theta: Array) -> tuple[InPart, ...]:
    """Return the items that may earn a part of their marks; the questions of a case are answered independently."""
    found: dict[int, list[tuple[Array, Array]]] = {}
    for part in pool.general:
        given = chances(part, theta)
        for row, item in enumerate(part.items):
            found.setdefault(int(item), []).append((part.weights[row] * part.shares[row], given[row]))
    made = []
    for item, questions in sorted(found.items()):
        worth, chance = np.zeros(1), np.ones((1, theta.size))
        for own, given in questions:
            sums = (worth[:, None] + own[None, :]).ravel()
            both = (chance[:, None, :] * given[None, :, :]).reshape(sums.size, theta.size)
            worth, chance = _merged(sums, both)
        if worth.size > 2 or not np.allclose(worth, [0.0, 1.0], atol=SAME):
            made.append(InPart(item, worth, chance))
    return tuple(made)


def _merged(worth: Array, chance: Array) -> tuple[Array, Array]:
    """Return outcomes that are worth the same as one, in rising order."""
    keys: NDArray[np.int64] = np.rint(worth / SAME).astype(np.int64)
    _, first, place = np.unique(keys, return_index=True, return_inverse=True)
    total = np.zeros((first.size, chance.shape[1]))
    np.add.at(total, place.ravel(), chance)
    return worth[first], total
