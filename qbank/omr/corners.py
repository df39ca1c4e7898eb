"""The four corner marks of an answer sheet on a picture, whichever way it lies: black squares in a rectangle."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, permutations

import cv2
import numpy as np

from qbank.omr.records import Gray, Points
from qbank.render.sheet import FIDUCIAL_SIZE, FIDUCIALS

LONG_SIDE = 1400
"""Pixels of the longer side of the small picture on which the marks are looked for."""

MOST_SQUARES = 22
HALF: Points = np.array([0.5, 0.5, 0.0])
CORNERS: Points = np.array([FIDUCIALS[0], FIDUCIALS[1], FIDUCIALS[3], FIDUCIALS[2]])
"""The printed places of the marks in mm, clockwise from the top left."""
ACROSS, DOWN = CORNERS[1, 0] - CORNERS[0, 0], CORNERS[2, 1] - CORNERS[1, 1]


def black_squares(gray: Gray) -> Points:
    """Return (n, 3) centres and sides, in pixels of the picture, of what may be a corner mark; the best first."""
    factor = min(1.0, LONG_SIDE / max(gray.shape))
    small = cv2.resize(gray, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA) if factor < 1 else gray
    small = cv2.GaussianBlur(small, (3, 3), 0)
    long_side = max(small.shape)
    found: list[tuple[float, float, float, float]] = []
    for dark in _masks(small):
        contours, _ = cv2.findContours(dark, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        for contour in contours:
            area = cv2.contourArea(contour)
            if not (0.006 * long_side) ** 2 < area < (0.04 * long_side) ** 2:
                continue
            (x, y), (width, height), _ = cv2.minAreaRect(contour)
            narrow, wide = sorted((width + 1, height + 1))
            filled = (area + 0.5 * cv2.arcLength(contour, True) + 1) / (narrow * wide)
            if wide > 1.7 * narrow or filled < 0.78:
                continue
            side = float(np.sqrt(narrow * wide))
            if any(abs(x - one[1]) + abs(y - one[2]) < 0.5 * side for one in found):
                continue
            depth = _depth(small, x, y, side)
            if depth > 0.25:
                found.append((filled * min(1.0, depth / 0.5) * (narrow / wide) ** 0.5, x, y, side))
    found.sort(reverse=True)
    squares = np.array([one[1:] for one in found[:MOST_SQUARES]]).reshape(-1, 3)
    return np.asarray((squares + HALF) / factor - HALF)


def _masks(small: Gray) -> Iterator[Gray]:
    """Yield what is dark: by its surroundings, then, for prints that touch something dark, by the whole picture."""
    block = int(max(small.shape) / 10) | 1
    yield cv2.adaptiveThreshold(small, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, block, 25)
    yield cv2.threshold(small, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)[1]


def _depth(small: Gray, x: float, y: float, side: float) -> float:
    """Return how much darker the middle of a square is than what is around it, as a share of the latter."""
    inner, outer = max(1, int(0.3 * side)), int(1.1 * side) + 1
    row, column = int(y), int(x)
    middle = small[max(0, row - inner) : row + inner + 1, max(0, column - inner) : column + inner + 1]
    around = small[max(0, row - outer) : row + outer + 1, max(0, column - outer) : column + outer + 1]
    if not middle.size or not around.size:
        return 0.0
    white = float(around.max())
    return (white - float(middle.mean())) / max(white, 1.0)


def corner_sets(squares: Points) -> list[Points]:
    """Return the likeliest (4, 2) corner marks, clockwise from any corner; the best first, six at most.

    A set is as likely as its shape is like the printed rectangle: opposite sides equal, sides in proportion, squares of
    a size with the rectangle and with each other.
    """
    if len(squares) < 4:
        return []
    points = squares[np.array(list(combinations(range(len(squares)), 4)))]
    around = points[:, :, :2] - points[:, :, :2].mean(axis=1, keepdims=True)
    turn = np.argsort(np.arctan2(around[:, :, 1], around[:, :, 0]), axis=1)
    return _best(np.take_along_axis(points, turn[:, :, None], axis=1), 0.5)


def fourth_corner(squares: Points) -> list[Points]:
    """Return likely (4, 2) corner marks of which one is covered or torn off, put where the three others say."""
    if len(squares) < 3:
        return []
    chosen = squares[np.array(list(permutations(range(len(squares)), 3)))]
    before, corner, after = chosen[:, 0], chosen[:, 1], chosen[:, 2]
    one, two = (before - corner)[:, :2], (after - corner)[:, :2]
    missing = np.concatenate([(before + after - corner)[:, :2], chosen[:, :, 2].mean(axis=1, keepdims=True)], axis=1)
    clockwise = one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0] < 0
    return _best(np.stack([before, corner, after, missing], axis=1)[clockwise], 0.25)


def _best(points: Points, most: float) -> list[Points]:
    unlike = _unlike(points)
    order = np.argsort(unlike, kind="stable")[:6]
    return [points[n, :, :2] for n in order if unlike[n] < most]


def _unlike(points: Points) -> Points:
    """Return (n_sets,) how unlike the printed rectangle sets of marks are, infinite beyond what a camera does.

    points : (n_sets, 4, 3) x, y and side, clockwise
    """
    edges = np.roll(points[:, :, :2], -1, axis=1) - points[:, :, :2]
    lengths = np.maximum(np.hypot(edges[:, :, 0], edges[:, :, 1]), 1.0)
    first, second = np.sqrt(lengths[:, 0] * lengths[:, 2]), np.sqrt(lengths[:, 1] * lengths[:, 3])
    short, long = np.minimum(first, second), np.maximum(first, second)
    shape = np.abs(np.log(short / long * DOWN / ACROSS))
    opposite = np.abs(np.log(lengths[:, :2] / lengths[:, 2:])).max(axis=1)
    units = edges / lengths[:, :, None]
    square = np.abs((units * np.roll(units, 1, axis=1)).sum(axis=2)).max(axis=1)
    sizes = np.log(points[:, :, 2] / short[:, None] * ACROSS / FIDUCIAL_SIZE)
    unlike = shape + 0.5 * opposite + 0.5 * square + 0.5 * np.abs(sizes).mean(axis=1) + sizes.std(axis=1)
    beyond = (shape > 0.3) | (opposite > 0.35) | (square > 0.3) | (np.abs(sizes).max(axis=1) > 0.5)
    return np.where(beyond, np.inf, unlike)


def refined(gray: Gray, corners: Points) -> Points:
    """Return the centres to a fraction of a pixel: of the darkness in a window of 1.6 sides, light between black and white."""
    short = min(np.hypot(*(corners[0] - corners[1])), np.hypot(*(corners[1] - corners[2])))
    side = short * FIDUCIAL_SIZE / ACROSS
    fine = np.array(corners, dtype=np.float64)
    for _ in range(2):
        for n, (x, y) in enumerate(fine):
            reach = int(0.8 * side) + 2
            left, top = round(x) - reach, round(y) - reach
            if left < 0 or top < 0:
                continue
            window = gray[top : top + 2 * reach + 1, left : left + 2 * reach + 1].astype(np.float64)
            if window.shape != (2 * reach + 1, 2 * reach + 1):
                continue
            black, white = np.percentile(window, 10), np.percentile(window, 85)
            if white - black < 30:
                continue
            weight = np.clip((white - window) / (white - black), 0.0, 1.0)
            weight[weight < 0.3] = 0.0
            rows, columns = np.mgrid[0 : 2 * reach + 1, 0 : 2 * reach + 1]
            found = np.array([(columns * weight).sum(), (rows * weight).sum()]) / weight.sum() + [left, top]
            if np.abs(found - corners[n]).max() < 0.5 * side:
                fine[n] = found
    return fine
