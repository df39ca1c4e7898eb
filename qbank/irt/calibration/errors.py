"""Sampling covariances: the inverse of the observed or the cross-product information, or the sandwich of both."""

from dataclasses import replace

import numpy as np

from qbank.irt.calibration.design import FIXED, Design, ability_values, at_edge, item_values
from qbank.irt.calibration.information import cross_product_information, observed_information
from qbank.irt.likelihood import Expectation
from qbank.irt.models import FloatArray, IndexArray
from qbank.irt.respondents import Respondents

# Up to so many values the joint covariance of all items is kept with them, which linking needs (8 MB).
JOINT_VALUES = 1000
# Up to here the information matrix is made and inverted whole (4,000 free values: 128 MB and some seconds).
WHOLE_INFORMATION = 4000
BATCH = 500
# A value that a bound holds, inside of an edge: it has no error.
HELD = -2


def sampling_covariance(
    task: Design,
    persons: Respondents,
    free: FloatArray,
    expectation: Expectation,
    kind: str = "observed",
    *,
    inverse: FloatArray | None = None,
) -> tuple[FloatArray, FloatArray, FloatArray | None]:
    """Return the covariances of each item's values, (n_items, n_most, n_most), of each group's ability values,
    (n_groups, n_values, n_values), and of all items' values jointly, (n_items, n_most, n_items, n_most), up to
    JOINT_VALUES, else None: 0 where fixed, NaN where unknown.

    kind : "observed" the inverse of the observed information; "cross-product" of the cross-product
        information; "sandwich" observed^-1 cross-product observed^-1, White (1982)
    inverse : what `inverse_information` returns, if that was made before
    They are blocks of the whole inverse. Above WHOLE_INFORMATION free values the items are taken in batches of
    BATCH, the others held at their estimates, which leaves the errors slightly too small.
    """
    n_most = max((part.index.shape[1] for part in task.parts), default=0)
    by_item = np.zeros((task.n_items, n_most, n_most))
    if task.n_free <= WHOLE_INFORMATION:
        if inverse is None:
            inverse = inverse_information(task, persons, free, expectation, kind)
        return _covariance_blocks(task, persons, free, kind, inverse, by_item)
    by_group = np.zeros((0,))
    for low in range(0, task.n_items, BATCH):
        batch = np.arange(low, min(low + BATCH, task.n_items))
        places, restricted = _restricted(task, free, batch)
        found = np.zeros_like(by_item)
        inverse = inverse_information(restricted, persons, free[places], expectation, kind)
        found, by_group, _ = _covariance_blocks(restricted, persons, free[places], kind, inverse, found)
        by_item[batch] = found[batch]
    return by_item, by_group, None


def moving_values(task: Design, free: FloatArray) -> IndexArray:
    """Return the places of the values that no bound holds."""
    return np.flatnonzero((free > task.low) & (free < task.high))


def inner(information: FloatArray, moving: IndexArray) -> FloatArray:
    """Return the rows and columns of the values that no bound holds."""
    return information if moving.size == information.shape[0] else information[np.ix_(moving, moving)]


def inverse_information(
    task: Design, persons: Respondents, free: FloatArray, expectation: Expectation, kind: str
) -> FloatArray:
    """Return the inverse of the observed information of the values that no bound holds, all NaN where there is none;
    where errors are to be by cross-products, of that information.
    """
    moving = moving_values(task, free)
    if kind == "cross-product":
        return covariance(inner(cross_product_information(task, persons, free), moving))
    return covariance(inner(observed_information(task, persons, free, expectation), moving))


def _covariance_blocks(
    task: Design, persons: Respondents, free: FloatArray, kind: str, inverse: FloatArray, by_item: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray | None]:
    """Return the blocks of one covariance; values that a bound holds are fixed there: without
    error at an edge, NaN elsewhere.
    """
    moving, found = moving_values(task, free), inverse
    if kind == "sandwich":
        found = found @ inner(cross_product_information(task, persons, free), moving) @ found
    number = np.full(task.n_free + 1, HELD)
    number[moving] = np.arange(moving.size)
    # The last one stands for everything that is fixed: FIXED is -1, its index.
    number[np.append(np.flatnonzero(at_edge(task, free)), FIXED)] = FIXED

    def between(one: IndexArray, other: IndexArray) -> FloatArray:
        row, column = np.broadcast_arrays(number[one], number[other])
        values = np.where((row == FIXED) | (column == FIXED), 0.0, np.nan)
        known = (row >= 0) & (column >= 0)
        values[known] = found[row[known], column[known]]
        return values

    place = np.full(by_item.shape[:2], FIXED)
    for part in task.parts:
        place[part.items, : part.index.shape[1]] = part.index
    by_item[:] = between(place[:, :, None], place[:, None, :])
    joint = between(place[:, :, None, None], place) if place.size <= JOINT_VALUES else None
    return by_item, between(task.ability_index[:, :, None], task.ability_index[:, None, :]), joint


def _restricted(task: Design, free: FloatArray, items: IndexArray) -> tuple[IndexArray, Design]:
    """Return the places of some items and all groups in the free vector, and a design of only those."""
    chosen = np.zeros(task.n_items, dtype=bool)
    chosen[items] = True
    index = [np.where(chosen[part.items][:, None], part.index, FIXED) for part in task.parts]
    places = np.setdiff1d(np.concatenate([x.ravel() for x in (*index, task.ability_index)]), [FIXED])
    number = np.full(task.n_free + 1, FIXED)
    number[places] = np.arange(places.size)
    parts = tuple(
        replace(part, values=item_values(part, free), index=number[own])
        for part, own in zip(task.parts, index, strict=True)
    )
    priors = tuple(
        replace(prior, places=number[prior.places[kept]], p=prior.p[kept], q=prior.q[kept])
        for prior in task.priors
        for kept in (number[prior.places] != FIXED,)
    )
    return places, replace(
        task,
        parts=parts,
        ability_values=ability_values(task, free),
        ability_index=number[task.ability_index],
        low=task.low[places],
        high=task.high[places],
        priors=priors,
    )


def covariance(information: FloatArray) -> FloatArray:
    """Return the inverse of an information matrix, all NaN when it is not positive definite.

    One that is singular up to rounding (the data do not identify the model) counts as not positive definite.
    """
    from scipy.linalg.lapack import dpotrf, dpotri

    diagonal = np.diag(information)
    if not np.isfinite(information).all() or (diagonal <= 0.0).any():
        return np.full(information.shape, np.nan)
    scale = np.sqrt(diagonal)
    inverse: FloatArray = information / scale
    inverse /= scale[:, None]
    # Seen in the other order of storage, one memory holds the matrix, its root and its inverse, each as a triangle.
    _, failed = dpotrf(inverse.T, lower=True, overwrite_a=True, clean=False)
    # The squared diagonal is what each value keeps of its information once the ones before it are estimated.
    if failed or (np.diag(inverse) ** 2 <= 1e-9).any():
        return np.full(information.shape, np.nan)
    dpotri(inverse.T, lower=True, overwrite_c=True)
    for low in range(0, scale.size, BATCH):
        high = low + BATCH
        square = inverse[low:high, low:high]
        square[...] = np.triu(square) + np.triu(square, 1).T
        inverse[high:, low:high] = inverse[low:high, high:].T
    inverse /= scale
    inverse /= scale[:, None]
    return inverse
