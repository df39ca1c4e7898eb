"""Standardisation: how far apart are the groups' facilities at equal score, weighted by the focal group?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from qbank.analysis.arrays import FloatArray, ratio
from qbank.analysis.intervals import CONFIDENCE, normal_quantile

Weights = Literal["focal", "reference", "total"]


@dataclass(frozen=True, slots=True, eq=False)
class Standardised:
    """Arrays of one value an item, NaN where there is none. Described at `standardisation`."""

    difference: FloatArray
    se: FloatArray
    low: FloatArray
    high: FloatArray
    odds_ratio: FloatArray


def standardisation(
    total: FloatArray, n: FloatArray, *, square: FloatArray | None = None, weights: Weights = "focal",
    confidence: float = CONFIDENCE,
) -> Standardised:  # fmt: skip
    """Return the standardised difference of each item, focal minus reference, in shares of full marks.

    total, n, square : (..., 2, n_strata) sum of marks (as shares of full marks), persons, sum of squared
    marks (None: right/wrong, where squares are the marks themselves)

    difference = Σ w (P_focal − P_reference) / Σ w over strata with both groups, w the persons of the group
    named by ``weights`` (P-DIF, STD P-DIF: Dorans & Kulick 1986, eq. 1; of partial marks the standardised
    mean difference SMD, Dorans & Schmitt 1991, divided by full marks); negative: harder for the focal group;
    se from the binomial or sample variances of the strata; odds_ratio of the two standardised facilities
    (Dorans 1989), reference over focal.

    >>> found = standardisation(np.array([[30.0, 40.0], [20.0, 30.0]]), np.full((2, 2), 50.0))
    >>> round(float(found.difference), 3), round(float(found.odds_ratio), 3)
    (-0.2, 2.333)
    """
    both = np.asarray((n > 0).all(axis=-2))
    size = np.where(both[..., None, :], n, 0.0)
    mean = np.where(size > 0, total / np.maximum(n, 1), 0.0)
    squares = total if square is None else square
    variance = np.maximum(np.where(size > 0, squares / np.maximum(n, 1), 0.0) - mean**2, 0.0)
    by = {"reference": size[..., 0, :], "focal": size[..., 1, :], "total": size.sum(axis=-2)}[weights]
    share = ratio(by, by.sum(axis=-1, keepdims=True))
    difference = (share * (mean[..., 1, :] - mean[..., 0, :])).sum(axis=-1)
    error = np.sqrt((share**2 * (variance / np.maximum(size, 1)).sum(axis=-2)).sum(axis=-1))
    expected = (share * mean[..., 0, :]).sum(axis=-1)
    found = (share * mean[..., 1, :]).sum(axis=-1)
    half = normal_quantile(confidence) * error
    odds = ratio(expected * (1 - found), (1 - expected) * found)
    return Standardised(difference, error, difference - half, difference + half, odds)


def standardised_class(difference: FloatArray) -> np.ndarray[tuple[int, ...], np.dtype[np.str_]]:
    """Return A, B or C by |P-DIF|, cut at .05 and .10 (Dorans & Holland 1993), "" where there is none.

    >>> standardised_class(np.array([0.01, -0.07, 0.2])).tolist()
    ['A', 'B', 'C']
    """
    size = np.abs(difference)
    return np.select([np.isnan(size), size < 0.05, size <= 0.10], ["", "A", "B"], "C")
