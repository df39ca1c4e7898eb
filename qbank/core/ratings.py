"""Marks that raters gave, by person, item and step of a rubric."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Ratings:
    """Marks that raters gave, one row each.

    person, item : (n_ratings,) int32, position in the responses ; step, rater : (n_ratings,) int32, index into the
        words ; marks : (n_ratings,) float64, NaN where a rater saw no attempt
    """

    person: NDArray[np.int32]
    item: NDArray[np.int32]
    step: NDArray[np.int32]
    rater: NDArray[np.int32]
    marks: NDArray[np.float64]
    steps: tuple[str, ...]
    raters: tuple[str, ...]
