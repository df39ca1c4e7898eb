"""The items of a sitting that have item parameters, with the scores and the abilities that belong to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qbank.analysis.arrays import FloatArray, IntArray, read_only
from qbank.analysis.sitting import SittingData
from qbank.irt import ItemParameters, score_persons


@dataclass(frozen=True, slots=True, eq=False)
class CalibratedItems:
    """What item response theory knows about a sitting; built by `calibrated_items`.

    parameters : of the items that have them, on one scale ; column : (n_calibrated,) their places in ``data.items`` ;
    scores : (n_persons, n_calibrated) int8, category 0, 1, …, −1 not seen ; marks : of each item, what each category
    earns ; theta, theta_error : (n_persons,) EAP, NaN for a person who saw none of them ; ability : mean and sd of the
    population, on the scale of the parameters
    """

    parameters: ItemParameters
    column: IntArray
    scores: NDArray[np.int8]
    marks: tuple[tuple[float, ...], ...]
    theta: FloatArray
    theta_error: FloatArray
    ability: tuple[float, float] = (0.0, 1.0)

    @property
    def n_calibrated(self) -> int:
        return len(self.column)

    def complete(self, data: SittingData, form: int) -> bool:
        """Return whether every item that counts on a form has parameters."""
        needed = np.flatnonzero(data.in_form[form] & data.scored[form])
        return bool(len(needed)) and bool(np.isin(needed, self.column).all())


def calibrated_items(
    data: SittingData,
    parameters: ItemParameters,
    column: Sequence[int] | IntArray,
    scores: ArrayLike,
    marks: Sequence[Sequence[float]],
    *,
    ability: tuple[float, float] = (0.0, 1.0),
) -> CalibratedItems:
    """Return the calibrated items of a sitting with the abilities of its persons.

    scores : (n_persons, n_calibrated), the persons of ``data`` ; ability : mean and sd of the population that the
    abilities are drawn towards. Raises ValueError where shapes do not fit.
    """
    given = np.array(scores, dtype=np.int8)
    places = np.array(column, dtype=np.int64)
    if given.shape != (data.n_persons, len(places)) or len(marks) != len(places):
        raise ValueError(f"scores have shape {given.shape}, expected ({data.n_persons}, {len(places)}), and one row of marks an item")
    found = score_persons(given, parameters, ability=ability)
    seen = (given >= 0).any(axis=1)
    return CalibratedItems(
        parameters,
        read_only(places),
        read_only(given),
        tuple(tuple(float(mark) for mark in row) for row in marks),
        read_only(np.where(seen, found.theta, np.nan)),
        read_only(np.where(seen, found.errors, np.nan)),
        (float(ability[0]), float(ability[1])),
    )
