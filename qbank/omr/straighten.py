"""A picture of an answer sheet → the page laid straight in millimetres: turned, freed from perspective and curl, light made even."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from qbank.omr.corners import ACROSS, CORNERS, black_squares, corner_sets, fourth_corner, refined
from qbank.omr.records import Gray, Points, Straight
from qbank.render.sheet import BUBBLE, FIDUCIALS, ID_BUBBLE, PAGE_HEIGHT, PAGE_WIDTH, Bubble, id_bubbles

PIXELS = 8
"""Pixels a millimetre of a page laid straight (203 dpi)."""
SEARCH, SEARCH_AGAIN = 2.0, 0.7
"""Millimetres around its place in which a printed box is looked for: first, and once the shift of the page is known."""
BLACK = 200
"""What black is in a picture of darkness; paper is 0."""
N_TERMS = 11
FOUND = 0.33
"""Correlation with printed boxes from which a page counts as found."""
REACH = 8.5
"""Millimetres within which some paper is white: wider than a corner mark."""


def straight_pages(gray: Gray) -> Iterator[tuple[Straight, bool]]:
    """Yield the ways in which an answer sheet may be seen on a picture, and whether it is a first page; the likeliest first.

    A way counts where the boxes of the candidate's number, which stand on every page, are found in their places.
    """
    squares = black_squares(gray)
    for likely in (corner_sets, fourth_corner):
        for corners in likely(squares):
            yield from _turned(gray, corners)


def _turned(gray: Gray, corners: Points) -> Iterator[tuple[Straight, bool]]:
    corners = refined(gray, corners)
    lengths = [np.hypot(*(corners[n] - corners[(n + 1) % 4])) for n in range(4)]
    first = 0 if lengths[0] + lengths[2] < lengths[1] + lengths[3] else 1
    ways = []
    for turn in (first, first + 2):
        page = laid(gray, np.roll(corners, -turn, axis=0))
        flat = darkness(page)
        for is_first in (True, False):
            boxes = list(id_bubbles(1 if is_first else 2))[::3]
            _, score = _sought(flat, boxes, places_of(boxes), SEARCH)
            ways.append((float(np.median(score)), is_first, page, flat))
    ways.sort(key=lambda way: -way[0])
    for fit, is_first, page, flat in ways:
        if fit > FOUND:
            yield Straight(page, flat, np.zeros((N_TERMS, 2)), fit, 0.0), is_first


def laid(gray: Gray, corners: Points) -> Gray:
    """Return the page at `PIXELS` a millimetre; corners clockwise from the top left one of the page, in pixels."""
    per_mm = np.hypot(*(corners[1] - corners[0])) / ACROSS
    if per_mm > 1.15 * PIXELS:
        factor = PIXELS / per_mm
        gray = cv2.resize(gray, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        corners = (corners + 0.5) * factor - 0.5
    target = (CORNERS * PIXELS - 0.5).astype(np.float32)
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    size = (int(PAGE_WIDTH * PIXELS), int(PAGE_HEIGHT * PIXELS))
    page: Gray = cv2.warpPerspective(gray, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return page


def darkness(page: Gray) -> Gray:
    """Return how dark every place is between the paper around it (0) and the black of the corner marks (200)."""
    small = cv2.resize(page, None, fx=2 / PIXELS, fy=2 / PIXELS, interpolation=cv2.INTER_AREA)
    width = int(2 * REACH) | 1
    white = cv2.morphologyEx(cv2.medianBlur(small, 3), cv2.MORPH_CLOSE, np.ones((width, width), np.uint8))
    white = np.maximum(cv2.GaussianBlur(white, (width, width), 0), 1)
    white = cv2.resize(white, (page.shape[1], page.shape[0]), interpolation=cv2.INTER_LINEAR)
    light = cv2.divide(page, white, scale=BLACK)
    marks = [_patch(light, x, y, 2.0) for x, y in FIDUCIALS]
    black = float(np.median([np.median(mark) for mark in marks])) if marks else 0.0
    scale = BLACK / max(BLACK - black, 60.0)
    table = np.clip((BLACK - np.arange(256.0)) * scale, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(light, table))


def _patch(picture: Gray, x: float, y: float, half: float) -> Gray:
    left, top, size = int((x - half) * PIXELS), int((y - half) * PIXELS), int(2 * half * PIXELS)
    return picture[max(top, 0) : top + size, max(left, 0) : left + size]


def size_of(box: Bubble) -> tuple[float, float]:
    """Return width and height of a box in mm."""
    return ID_BUBBLE if box.question < 0 else BUBBLE


def _outline(width: float, height: float) -> Gray:
    """Return the outline of a printed box at half of `PIXELS`, drawn finer and made small, with some paper around it."""
    fine = 4 * PIXELS
    margin = 0.7
    picture = np.zeros((round((height + 2 * margin) * fine), round((width + 2 * margin) * fine)), np.uint8)
    left, top = round(margin * fine), round(margin * fine)
    right, bottom = round((margin + width) * fine), round((margin + height) * fine)
    cv2.rectangle(picture, (left, top), (right, bottom), BLACK, max(1, round(0.3 * fine)))
    shape = round((width + 2 * margin) * PIXELS / 2), round((height + 2 * margin) * PIXELS / 2)
    return np.asarray(cv2.resize(picture, shape, interpolation=cv2.INTER_AREA))


def places_of(boxes: Sequence[Bubble]) -> Points:
    """Return (n_boxes, 2) where boxes were printed, in mm."""
    return np.array([(box.x, box.y) for box in boxes], dtype=np.float64).reshape(-1, 2)


def _sought(
    flat: Gray, boxes: Sequence[Bubble], start: Points, search: float
) -> tuple[Points, NDArray[np.float64]]:
    """Return for each box how far from its printed place its outline is found, (n, 2) in mm, and how well it fits, (n,).

    start : (n, 2) where to look for each ; search : how far around, in mm
    """
    half = cv2.resize(flat, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    scale = PIXELS / 2
    reach = int(search * scale)
    outlines = {size: _outline(*size) for size in {size_of(box) for box in boxes}}
    shifts, scores = np.zeros((len(boxes), 2)), np.zeros(len(boxes))
    for n, box in enumerate(boxes):
        outline = outlines[size_of(box)]
        height, width = outline.shape
        left = round(start[n, 0] * scale - width / 2) - reach
        top = round(start[n, 1] * scale - height / 2) - reach
        window = half[top : top + height + 2 * reach, left : left + width + 2 * reach]
        if left < 0 or top < 0 or window.shape != (height + 2 * reach, width + 2 * reach):
            continue
        found = cv2.matchTemplate(window, outline, cv2.TM_CCOEFF_NORMED)
        _, score, _, (column, row) = cv2.minMaxLoc(found)
        x, y = column + _peak(found[row], column), row + _peak(found[:, column], row)
        shifts[n] = (left + x + width / 2) / scale - box.x, (top + y + height / 2) / scale - box.y
        scores[n] = score
    return shifts, scores


def _peak(values: Gray, at: int) -> float:
    """Return where the parabola through a maximum and its neighbours is highest, from the maximum."""
    if not 0 < at < len(values) - 1:
        return 0.0
    before, here, after = float(values[at - 1]), float(values[at]), float(values[at + 1])
    curve = before - 2 * here + after
    return 0.0 if curve >= 0 else float(np.clip(0.5 * (before - after) / curve, -0.5, 0.5))


def terms(places: Points) -> Points:
    """Return (n, 11) the terms up to the third degree of places in mm, and that of a bulge in the middle."""
    x, y = places[:, 0] / (PAGE_WIDTH / 2) - 1, places[:, 1] / (PAGE_HEIGHT / 2) - 1
    return np.stack([x**0, x, y, x * x, x * y, y * y, x**3, x * x * y, x * y * y, y**3, (1 - x * x) * (1 - y * y)], axis=1)


def fitted(straight: Straight, boxes: Sequence[Bubble]) -> Straight:
    """Return the page with the shift of its places worked out: smooth over the page, as paper curls and lenses bend.

    A polynomial of the third degree and a bulge through the shifts of all boxes, each weighed by how well its outline
    fits, drawn to 0 at the corner marks and where few boxes stand; boxes that the others do not bear out lose their weight.
    """
    places = places_of(boxes)
    shifts, scores = _sought(straight.dark, boxes, places, SEARCH)
    shift = _polynomial(places, shifts, scores)
    shifts, scores = _sought(straight.dark, boxes, places + terms(places) @ shift, SEARCH_AGAIN)
    shift = _polynomial(places, shifts, scores)
    at_boxes = terms(places) @ shift
    fit = float(np.median(scores))
    return Straight(straight.gray, straight.dark, shift, fit, float(np.abs(at_boxes).max()))


def _polynomial(places: Points, shifts: Points, scores: NDArray[np.float64]) -> Points:
    design = np.concatenate([terms(places), terms(CORNERS)])
    target = np.concatenate([shifts, np.zeros((4, 2))])
    base = np.concatenate([np.clip(scores - 0.15, 0, None) ** 2, np.full(4, 4.0)])
    ridge = np.diag([1e-3] * 3 + [0.1] * 3 + [0.3] * 5)
    weight = base.copy()
    shift = np.zeros((design.shape[1], 2))
    for _ in range(6):
        weighed = design * weight[:, None]
        shift = np.linalg.solve(design.T @ weighed + ridge, weighed.T @ target)
        left = np.hypot(*(target - design @ shift).T)
        weight = base / (1 + (left / 0.2) ** 2)
    return shift


def moved(straight: Straight, places: Points) -> Points:
    """Return where printed places lie on the page laid straight, in mm."""
    return places + terms(places) @ straight.shift
