"""From marks to ordered categories: each number of marks that occurs is one, and rare ones are joined."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbank.workflow.calibration.limits import LEAST_IN_CATEGORY, MOST_CATEGORIES

Array = NDArray[np.float64]

NEAR = 1e-6
"""Shares of the marks that differ by less are one: a third is not the same number by every way of counting."""


@dataclass(frozen=True, slots=True)
class Categories:
    """The categories of one item, 0 the lowest.

    shares : of the marks that each earns, the mean over its persons where it holds several numbers of marks ;
    tops : the largest share that belongs to each ; joined : how many numbers of marks lost a category of their own
    """

    shares: tuple[float, ...]
    tops: tuple[float, ...]
    joined: int = 0

    @property
    def partial(self) -> bool:
        """Return whether the item is more than right or wrong."""
        return self.shares != (0.0, 1.0)


RIGHT_OR_WRONG = Categories((0.0, 1.0), (0.0, 1.0))


def categories_of(
    share: Array, *, least: int = LEAST_IN_CATEGORY, most: int = MOST_CATEGORIES
) -> Categories:
    """Return the categories of an item's marks.

    share : (n_persons,) of the item's marks, NaN where the answer does not count
    least : persons that a category must have ; most : categories that an item may have

    The category with the fewest persons is joined with the smaller of its neighbours until every one has ``least`` and
    there are no more than ``most``; two always stay. Of one number of marks, or none, nothing can be told: then the
    categories are those of right and wrong.

    >>> categories_of(np.repeat([0.0, 0.5, 1.0], [40, 3, 57]))
    Categories(shares=(0.0..., 1.0), tops=(0.5, 1.0), joined=1)
    """
    known = share[np.isfinite(share)]
    values, counts = np.unique(np.round(known / NEAR) * NEAR, return_counts=True)
    if values.size < 2:
        return RIGHT_OR_WRONG
    groups = [[n] for n in range(values.size)]
    persons = counts.tolist()
    while len(groups) > 2 and (min(persons) < least or len(groups) > most):
        rare = persons.index(min(persons))
        beside = [n for n in (rare - 1, rare + 1) if 0 <= n < len(groups)]
        other = min(beside, key=lambda n: persons[n])
        first, second = sorted((rare, other))
        groups[first : second + 1] = [groups[first] + groups[second]]
        persons[first : second + 1] = [persons[first] + persons[second]]
    return Categories(
        tuple(_plain(float(values[group] @ counts[group] / counts[group].sum())) for group in groups),
        tuple(_plain(float(values[group[-1]])) for group in groups),
        int(values.size - len(groups)),
    )


def _plain(share: float) -> float:
    """Return a share without the dust of rounding.

    >>> _plain(0.49999999999999994)
    0.5
    """
    return round(share, 9)


def placed(share: Array, tops: tuple[float, ...]) -> NDArray[np.int8]:
    """Return the category of each answer, −1 where it does not count; (n_persons,).

    A share above the highest top belongs to the highest category.

    >>> placed(np.array([0.0, 0.5, 1.0, np.nan]), (0.5, 1.0)).tolist()
    [0, 0, 1, -1]
    """
    known = np.where(np.isfinite(share), share, 0.0)
    category = np.searchsorted(np.array(tops[:-1]) + NEAR, known)
    return np.where(np.isfinite(share), category, -1).astype(np.int8)


def right_or_wrong(share: Array) -> NDArray[np.int8]:
    """Return 1 for all the marks, 0 for less, −1 where the answer does not count; (n_persons,) or (n_persons, n_items)."""
    return np.where(np.isnan(share), -1, share >= 1 - 1e-9).astype(np.int8)
