"""How dark each box of a page is: its sides beside the printed letter, its middle, and the paper around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbank.omr.records import Straight
from qbank.omr.straighten import BLACK, PIXELS, moved, places_of, size_of
from qbank.render.sheet import Bubble

Values = NDArray[np.float32]

INSET = 0.45
"""Millimetres along the outline that are not looked at: the printed line and what the lens makes of it."""
RING = (0.3, 0.85)
"""Millimetres outside the outline that show the paper beside a box."""
STROKE = 0.4
"""Darkness from which a pixel belongs to a stroke, where the usual pencil is not known yet."""


@dataclass(frozen=True, slots=True)
class Darkness:
    """Of each box, 0 paper … 1 black, (n_boxes,).

    left, right : beside the printed letter ; middle : where the letter is ; paper : around the box ; strokes : share of
    the sides that belongs to strokes ; x, y : where the box lies, in mm on the page laid straight
    """

    left: Values
    right: Values
    middle: Values
    paper: Values
    strokes: Values
    x: NDArray[np.float64]
    y: NDArray[np.float64]

    @property
    def sides(self) -> Values:
        """Return the mean of both sides."""
        mean: Values = (self.left + self.right) / np.float32(2)
        return mean


def box_darkness(straight: Straight, boxes: Sequence[Bubble], stroke: float = STROKE) -> Darkness:
    """Return how dark the boxes of a page are, each against the paper around it; stroke : darkness of a stroke's pixels."""
    places = moved(straight, places_of(boxes))
    values = {name: np.zeros(len(boxes), np.float32) for name in ("left", "right", "middle", "paper", "strokes")}
    for size in sorted({size_of(box) for box in boxes}):
        chosen = np.array([n for n, box in enumerate(boxes) if size_of(box) == size])
        for name, found in _of_size(straight, places[chosen], size, stroke).items():
            values[name][chosen] = found
    return Darkness(**values, x=places[:, 0], y=places[:, 1])


def _of_size(
    straight: Straight, places: NDArray[np.float64], size: tuple[float, float], stroke: float
) -> dict[str, Values]:
    width, height = size
    reach_x, reach_y = int((width / 2 + RING[1]) * PIXELS) + 1, int((height / 2 + RING[1]) * PIXELS) + 1
    columns, rows = np.arange(-reach_x, reach_x + 1), np.arange(-reach_y, reach_y + 1)
    centre = np.rint(places * PIXELS - 0.5).astype(int)
    limit_y, limit_x = straight.dark.shape
    at_y = np.clip(centre[:, 1, None] + rows, 0, limit_y - 1)
    at_x = np.clip(centre[:, 0, None] + columns, 0, limit_x - 1)
    patch = straight.dark[at_y[:, :, None], at_x[:, None, :]].astype(np.float32) / BLACK
    x, y = np.abs(columns) / PIXELS, np.abs(rows) / PIXELS
    letter = 0.85 if width > 4.5 else 0.7
    tall = y <= height / 2 - INSET
    side = (x <= width / 2 - INSET) & (x > letter)
    around = (np.maximum(x[None, :] - width / 2, y[:, None] - height / 2) > RING[0]) & (
        np.maximum(x[None, :] - width / 2, y[:, None] - height / 2) <= RING[1]
    )
    paper = np.percentile(patch[:, around], 25, axis=1)
    even = np.clip((patch - paper[:, None, None]) / np.maximum(1 - paper, 0.25)[:, None, None], 0, 1.2)
    beside = even[:, tall][:, :, side]
    return {
        "left": even[:, tall][:, :, side & (columns < 0)].mean(axis=(1, 2)),
        "right": even[:, tall][:, :, side & (columns > 0)].mean(axis=(1, 2)),
        "middle": even[:, tall][:, :, x <= letter].mean(axis=(1, 2)),
        "paper": paper,
        "strokes": (beside > stroke).mean(axis=(1, 2)),
    }


def ink_beside(
    straight: Straight, xs: Sequence[float], ys: Sequence[float], size: tuple[float, float], marked: Sequence[bool],
    right: float, stroke: float,
) -> float:  # fmt: skip
    """Return the square millimetres of ink around a row of boxes, not in them, up to ``right`` millimetres from the left of the page.

    Seen is the strip up to 1.15 mm above and below the boxes, slanting as they do, so that it never meets the next row's.
    A filled box may be left by a millimetre to its sides, as pencils do, less above and below; an empty one by half of that.
    """
    width, height = size
    x0, x1 = min(xs) - width / 2 - 1.4, right
    far = height / 2 + 1.15 + abs(_slope(xs, ys)) * (x1 - xs[-1])
    y0, y1 = min(ys) - far, max(ys) + far
    top, left = int(y0 * PIXELS), int(x0 * PIXELS)
    ink = straight.dark[max(top, 0) : int(y1 * PIXELS), max(left, 0) : int(x1 * PIXELS)] > stroke * BLACK
    at_x, at_y = (left + np.arange(ink.shape[1]) + 0.5) / PIXELS, (top + np.arange(ink.shape[0]) + 0.5) / PIXELS
    middle = np.interp(at_x, np.array(xs), np.array(ys)) + _slope(xs, ys) * (at_x - np.clip(at_x, xs[0], xs[-1]))
    ink = ink & (np.abs(at_y[:, None] - middle) <= height / 2 + 1.15)
    for x, y, filled in zip(xs, ys, marked, strict=True):
        far_x, far_y = width / 2 + (1.1 if filled else 0.5), height / 2 + (0.7 if filled else 0.45)
        rows = _between(y - far_y, y + far_y, top)
        ink[rows, _between(x - far_x, x + far_x, left)] = False
    return float(ink.sum()) / PIXELS**2


def _slope(xs: Sequence[float], ys: Sequence[float]) -> float:
    """Return how a row slants, 0 where it has one box."""
    return (ys[-1] - ys[0]) / (xs[-1] - xs[0]) if xs[-1] > xs[0] else 0.0


def _between(low: float, high: float, start: int) -> slice:
    """Return the pixels between two places in mm, counted from a pixel of the page."""
    return slice(max(0, int(low * PIXELS) - start), max(0, int(high * PIXELS) - start + 1))
