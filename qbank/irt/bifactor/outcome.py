"""From the free values of an ascent to what is reported of items and testlets."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbank.irt.bifactor.ascent import Ascent
from qbank.irt.bifactor.design import FIXED, Design, expand
from qbank.irt.bifactor.information import information
from qbank.irt.bifactor.patterns import Part
from qbank.irt.models import FloatArray

# A specific slope or sd below this is at its maximum 0, where its sign does not matter.
NO_EFFECT = 1e-3


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is reported of the items that took part; see BifactorCalibration.

    effects   (n_items,) the item's specific slope (bifactor) or the sd of its testlet (testlet)
    """

    values: FloatArray
    covariance: FloatArray
    specific: FloatArray
    specific_errors: FloatArray
    effects: FloatArray
    effect_errors: FloatArray
    ability_sd: float
    ability_sd_error: float


def covariance_of(task: Design, parts: Sequence[Part], fit: Ascent, errors: str) -> FloatArray:
    """Return the covariance of the free values, (n_free, n_free), NaN where unknown.

    A value at a bound has none, and none has one where the information has no inverse.
    """
    unknown = np.full((task.n_free, task.n_free), np.nan)
    if errors == "none" or not task.n_free:
        return unknown
    from scipy import linalg

    free = fit.state.free
    observed, crossed = information(task, parts, free, fit.state.expectation)
    moving = np.flatnonzero((free > task.low) & (free < task.high))
    inside = np.ix_(moving, moving)
    bread = crossed[inside] if errors == "cross-product" else observed[inside]
    if not moving.size or np.linalg.cond(bread) > 1e12:
        return unknown
    try:
        inverse = linalg.cho_solve(linalg.cho_factor(bread), np.eye(moving.size))
    except linalg.LinAlgError:
        return unknown
    unknown[inside] = inverse @ crossed[inside] @ inverse if errors == "sandwich" else inverse
    return unknown


def reported(task: Design, free: FloatArray, covariance: FloatArray) -> Outcome:
    """Return values on the reported scale: where some model has a = 1, ability has a free sd instead.

    The slope g that such items share is estimated with ability N(0, 1); on the scale g theta it is 1.
    """
    values = expand(task, free)
    n_items, n_all = values.shape
    unit = _unit_slope(task)
    g = 1.0 if unit == FIXED else float(free[unit])
    # FIXED = −1 is the last row and column here: a constant.
    padded = np.pad(covariance, ((0, 1), (0, 1)))
    place = np.column_stack((task.index, np.full(n_items, unit)))
    own = padded[place[:, :, None], place[:, None]]
    jacobian = np.tile(np.eye(n_all + 1), (n_items, 1, 1))
    out = values.copy()
    item, column = np.nonzero(_slope_columns(task))
    out[item, column] /= g
    jacobian[item, column, column] = 1.0 / g
    jacobian[item, column, -1] += -values[item, column] / g**2
    inside = task.testlet >= 0
    effect, specific = values[:, -1], values[:, -1]
    towards = np.zeros((2, n_items, n_all + 1))
    towards[:, :, n_all - 1] = 1.0
    if task.proportional:
        # The sd on the reported scale, and the specific slope a sd in the metric of the estimates.
        specific = np.where(inside, values[:, 0] * effect, 0.0)
        towards[0, :, n_all - 1], towards[0, :, -1] = g, effect
        towards[1, :, n_all - 1], towards[1, :, 0] = values[:, 0], effect
        effect = g * effect
    variance = np.einsum("ejp,jpr,ejr->ej", towards, own, towards)
    deviation = np.sqrt(np.maximum(np.where(inside, variance, 0.0), 0.0))
    sign = _signs(task, effect)
    covered = jacobian @ own @ np.swapaxes(jacobian, 1, 2)
    return Outcome(
        values=_own_values(task, out),
        covariance=covered[:, : n_all - 1, : n_all - 1],
        specific=sign * specific,
        specific_errors=deviation[1],
        effects=sign * effect,
        effect_errors=deviation[0],
        ability_sd=g,
        ability_sd_error=float(np.sqrt(padded[unit, unit])),
    )


def _unit_slope(task: Design) -> int:
    """Return the place of the slope that all items of models with a = 1 share, FIXED if there is none."""
    for kind in task.kinds:
        if kind.model.slope == "one":
            return int(task.index[kind.items[0], 0])
    return FIXED


def _slope_columns(task: Design) -> NDArray[np.bool_]:
    """Return a mask (n_items, n_most + 1) of the values that multiply ability."""
    slopes = np.zeros(task.index.shape, dtype=bool)
    for kind in task.kinds:
        slopes[np.ix_(kind.items, kind.columns[:-1])] = kind.model.slopes(kind.n_categories)
    return slopes


def _own_values(task: Design, values: FloatArray) -> FloatArray:
    """Return values without the specific ones, NaN beyond an item's own parameters."""
    out = np.full((values.shape[0], values.shape[1] - 1), np.nan)
    for kind in task.kinds:
        place = np.ix_(kind.items, kind.columns[:-1])
        out[place] = values[place]
    return out


def _signs(task: Design, effect: FloatArray) -> FloatArray:
    """Return ±1 for each item so that its testlet's specific slopes have a positive sum."""
    sign = np.ones(effect.size)
    for number in np.unique(task.testlet[task.testlet >= 0]):
        own = task.testlet == number
        if effect[own].sum() < 0:
            sign[own] = -1.0
    return sign


def testlet_sds(task: Design, found: Outcome, n_testlets: int) -> tuple[FloatArray, FloatArray]:
    """Return each testlet's sd and its error, NaN where there is none; at 0 an sd has no error."""
    sd, errors = np.full((2, n_testlets), np.nan)
    if task.proportional:
        for number in np.unique(task.testlet[task.testlet >= 0]).tolist():
            first = int(np.flatnonzero(task.testlet == number)[0])
            sd[number], errors[number] = found.effects[first], found.effect_errors[first]
            if sd[number] < NO_EFFECT:
                sd[number], errors[number] = 0.0, np.nan
    return sd, errors


def without_effect(task: Design, found: Outcome) -> list[int]:
    """Return the testlets whose effect is estimated at 0."""
    kept = np.unique(task.testlet[task.testlet >= 0]).tolist()
    return [number for number in kept if (np.abs(found.effects[task.testlet == number]) < NO_EFFECT).all()]


def item_words(task: Design, free: FloatArray, covariance: FloatArray, errors: str) -> NDArray[np.object_]:
    """Return a word for each item that took part."""
    moving = task.index != FIXED
    reached = np.append((free <= task.low) | (free >= task.high), False)
    status = np.full(task.index.shape[0], "ok", dtype=object)
    for kind in task.kinds:
        own = covariance[np.ix_(kind.items, kind.columns[:-1], kind.columns[:-1])]
        if errors != "none":
            status[kind.items[np.isnan(own).any(axis=(1, 2))]] = "no error"
    status[(reached[task.index] & moving).any(axis=1)] = "diverged"
    return status
