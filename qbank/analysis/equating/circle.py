"""Circle-arc equating: two fixed ends and a middle point that the data give; Livingston & Kim (2009)."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from qbank.analysis.arrays import FloatArray

Form = Literal["simplified", "symmetric"]
_STEP = 1e-30


def circle_arc(
    x: ArrayLike,
    middle_x: ArrayLike,
    middle_y: ArrayLike,
    *,
    low: tuple[float, float],
    high: tuple[float, float],
    form: Form = "simplified",
) -> FloatArray:
    """Return the equated scores on an arc through the ends and the middle point, (..., n_x).

    middle_x, middle_y : (...,), usually the means of both papers in one population ; low, high : (x, y) of the ends, for
    example 0 or the chance score, and full marks
    form : ``simplified`` takes the line through the ends out, draws the circle through what is left and adds the line
    again; ``symmetric`` draws the circle through the three points themselves, so that exchanging the papers gives the
    inverse. K&B (2014), section 2.11. For small samples: only one point is estimated.

    >>> circle_arc([0, 20, 40], 20.0, 19.0, low=(0, 0), high=(40, 40)).round(6) + 0
    array([ 0., 19., 40.])
    """
    at = np.asarray(x, float)
    x2, y2 = np.asarray(middle_x)[..., None], np.asarray(middle_y)[..., None]
    (x1, y1), (x3, y3) = low, high
    slope = (y3 - y1) / (x3 - x1) if x3 > x1 else np.nan
    line = y1 + slope * (at - x1)
    bend = y2 - (y1 + slope * (x2 - x1))
    if form == "simplified":
        return np.asarray(line + _arc(at, x1, 0.0, x2, bend, x3, 0.0, bend))
    arc = _arc(at, x1, y1, x2, y2, x3, y3, bend)
    return np.asarray(np.where(np.abs(bend) < _STRAIGHT, line + bend * 0, arc))


_STRAIGHT = 1e-9


def _arc(
    at: FloatArray, x1: float, y1: float, x2: FloatArray, y2: FloatArray, x3: float, y3: float, bend: FloatArray
) -> FloatArray:
    """Return the ordinate of the circle through three points; a bend of nothing gives 0 above ``y1``."""
    straight = np.abs(bend) < _STRAIGHT
    area = x1 * (y3 - y2) + x2 * (y1 - y3) + x3 * (y2 - y1)
    area = np.where(straight, 1.0, area)
    a1, a2, a3 = x1**2 + y1**2, x2**2 + y2**2, x3**2 + y3**2
    centre_x = (a1 * (y3 - y2) + a2 * (y1 - y3) + a3 * (y2 - y1)) / (2 * area)
    centre_y = -(a1 * (x3 - x2) + a2 * (x1 - x3) + a3 * (x2 - x1)) / (2 * area)
    rest = (x1 - centre_x) ** 2 + (y1 - centre_y) ** 2 - (at - centre_x) ** 2
    root = np.sqrt(np.where(np.real(rest) > 0, rest, 0.0))
    return np.asarray(np.where(straight, y1 + bend, centre_y + np.where(np.real(bend) > 0, root, -root)))


def circle_errors(
    x: ArrayLike,
    middle_x: float,
    middle_y: float,
    middle_error: float,
    *,
    low: tuple[float, float],
    high: tuple[float, float],
    form: Form = "simplified",
) -> FloatArray:
    """Return the standard errors, (n_x,): |∂y/∂(middle y)| times the standard error of the middle point.

    The middle's x is taken as given, as Livingston & Kim (2010) do; near the ends there is hardly any error, which is
    assumed, not found.

    >>> circle_errors([0, 20, 40], 20.0, 19.0, 0.3, low=(0, 0), high=(40, 40)).round(3) + 0
    array([0. , 0.3, 0. ])
    """
    nudge = 1e-5 * max(abs(high[1] - low[1]), 1.0)
    up, down = (
        circle_arc(x, middle_x, middle_y + sign * nudge, low=low, high=high, form=form) for sign in (1, -1)
    )
    return np.asarray(np.abs(up - down) / (2 * nudge) * middle_error)
