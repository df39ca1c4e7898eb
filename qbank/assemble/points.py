"""The abilities that a rule or a goal speaks of: the cut's, a list, or a range."""

from __future__ import annotations

import math
from typing import Annotated, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field, model_validator

from qbank.core.authored import Authored, Many

Array = NDArray[np.float64]

STEP = 0.25
"""A range is looked at in steps of at most so many logits."""

Ability = Annotated[float, Field(ge=-10, le=10, allow_inf_nan=False)]
"""In logits; further out no item says anything."""

Plain = Annotated[str, BeforeValidator(lambda value: getattr(value, "text", value)), Field(pattern=r"^[0-9]+(\.[0-9]+)?$")]
"""An amount of what has no whole, so that no percentage of it can be meant."""


class RangeText(Authored):
    """``{from: -1, to: 1}``"""

    start: Annotated[Ability, Field(alias="from")]
    to: Ability

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if self.to < self.start:
            raise ValueError("from ≤ to")
        return self


At = Literal["cut"] | Annotated[Many[Ability], Field(min_length=1, max_length=100)] | RangeText
"""Where quantities are looked at."""


def n_points(at: At | None) -> tuple[int, ...]:
    """Return how many values may be given for abilities: at the cut, one or those around it too.

    >>> n_points("cut"), n_points((-1, 0))
    ((1, 3), (2,))
    """
    return (1, 3) if at is None or at == "cut" else (points_of(at, 0.0, np.zeros(1)).size,)


def points_of(at: At, cut: float, around: Array) -> Array:
    """Return the abilities (n_points,) that are meant; around : those that ``cut`` stands for, as differences.

    >>> points_of((-1, 1), 0.3, np.zeros(1)).tolist(), points_of("cut", 0.3, np.zeros(1)).tolist()
    ([-1.0, 1.0], [0.3])
    """
    if isinstance(at, RangeText):
        n_steps = max(1, math.ceil((at.to - at.start) / STEP - 1e-9))
        return np.linspace(at.start, at.to, n_steps + 1) if at.to > at.start else np.array([float(at.start)])
    return cut + around if at == "cut" else np.array([float(point) for point in at])
