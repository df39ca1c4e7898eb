"""Darkness of boxes → what was marked: clear marks, clear blanks, and what lies between, which a person decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from qbank.omr.boxes import STROKE, Darkness, box_darkness, ink_beside
from qbank.omr.records import Doubt, Row, SheetPaper, Straight
from qbank.omr.straighten import moved, size_of
from qbank.render.sheet import RIGHT, Bubble

USUAL_MARK, USUAL_WEIGHT = 0.75, 4
"""How dark marks are before any was seen, and how many marks that counts for."""
OF_MARK, LEAST_MARK = 0.55, 0.2
"""A mark is at least so dark a share of the usual mark of its page, and never less than that."""
BLANK_ABOVE, BLANK_OF_MARK = 0.055, 0.13
"""How much darker than the usual empty box an empty box may be, and what share of the usual mark at most. (Of clean boxes
scanned at 100 dpi with much noise the darkest of 4,000 is 0.03 darker.)"""
FEW_STROKES = 0.05
"""Share of the sides of an empty box that strokes may take."""
LETTER_ABOVE = 0.16
"""How much darker than others of its letter the middle of an empty box may be."""
INK_BESIDE = 0.6
"""Square millimetres of ink around a row from which it counts as a mark outside the boxes."""
OF_STROKE, LEAST_STROKE = 0.5, 0.15
"""A stroke's pixels are at least so dark a share of the usual mark, `boxes.STROKE` at most, and never less than that."""
SOILED = 0.45
"""Darkness of the paper around a box from which nothing is said of it."""

BLANK, UNSURE, MARK = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Levels:
    """What is a mark and what is blank on one page: darkness of the sides of a box, between paper 0 and black 1."""

    mark: float
    blank: float
    usual: float

    @property
    def stroke(self) -> float:
        """Return how dark the pixels of a stroke are at least."""
        return min(STROKE, max(OF_STROKE * self.usual, LEAST_STROKE))


def page_levels(dark: Darkness, sizes: NDArray[np.float64]) -> tuple[Levels, NDArray[np.float64]]:
    """Return the levels of a page, and how dark an empty box of each one's size is.

    Marks are as dark as this candidate's pencil makes them: usual is the median of the boxes that stand out, drawn to
    `USUAL_MARK` where they are few. Empty boxes are the lighter 60 % of each size; their spread raises what still counts
    as blank on a noisy picture.
    """
    sides = dark.sides.astype(np.float64)
    empty, spread = np.zeros(len(sides)), 0.0
    for width in np.unique(sizes):
        mine = sides[sizes == width]
        light = mine[mine <= np.quantile(mine, 0.6)]
        empty[sizes == width] = np.median(light)
        spread = max(spread, float(np.median(np.abs(light - np.median(light)))))
    above = sides - empty
    seen = np.sort(above[above > 0.18])
    usual = (float(np.median(seen)) * len(seen) + USUAL_MARK * USUAL_WEIGHT) / (len(seen) + USUAL_WEIGHT) if seen.size else USUAL_MARK
    blank = max(min(BLANK_ABOVE, BLANK_OF_MARK * usual), 6 * spread)
    return Levels(max(OF_MARK * usual, LEAST_MARK, blank + 0.08), blank, usual), empty


def box_states(
    boxes: Sequence[Bubble], dark: Darkness, levels: Levels, empty: NDArray[np.float64]
) -> NDArray[np.int8]:
    """Return of each box whether it is `BLANK`, `UNSURE` or a `MARK`."""
    sides = dark.sides - empty
    least = np.minimum(dark.left, dark.right) - empty
    mark = (sides >= levels.mark) & (least >= 0.4 * levels.mark)
    blank = (sides <= levels.blank) & (np.maximum(dark.left, dark.right) - empty <= 1.6 * levels.blank)
    blank &= dark.strokes <= FEW_STROKES
    blank &= dark.middle <= _letters(boxes, dark, blank) + LETTER_ABOVE
    state = np.where(mark, MARK, np.where(blank, BLANK, UNSURE)).astype(np.int8)
    state[dark.paper > SOILED] = UNSURE
    return state


def _letters(boxes: Sequence[Bubble], dark: Darkness, blank: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return how dark the middle of each box is by its printed letter alone: the median of the empty boxes with it."""
    usual = np.zeros(len(boxes))
    named = np.array([f"{size_of(box)[0]} {box.value}" for box in boxes])
    for name in np.unique(named):
        mine = named == name
        clear = mine & blank
        of_size = np.array([one.split(" ")[0] for one in named]) == name.split(" ")[0]
        pool = dark.middle[clear] if clear.sum() >= 3 else dark.middle[of_size & blank]
        usual[mine] = float(np.median(pool)) if pool.size else 0.3
    return usual


def read_boxes(
    paper: SheetPaper, page: int, straight: Straight
) -> tuple[str, Doubt, tuple[Row, ...], Mapping[str, float]]:
    """Return the candidate's number with its doubt, the rows of a page, and the levels they were told by."""
    boxes = [box for box in paper.sheet.bubbles if box.page == page]
    sizes = np.array([size_of(box)[0] for box in boxes])
    levels, empty = page_levels(box_darkness(straight, boxes), sizes)
    dark = box_darkness(straight, boxes, levels.stroke)
    state = box_states(boxes, dark, levels, empty)
    number, doubt = _number([(box, int(told)) for box, told in zip(boxes, state, strict=True) if box.question < 0])
    rows = tuple(_rows(paper, page, straight, boxes, dark, state, levels.stroke))
    told = {"mark": levels.mark, "blank": levels.blank, "usual": levels.usual}
    return number, doubt, rows, {name: round(value, 3) for name, value in told.items()}


def _number(digits: Sequence[tuple[Bubble, int]]) -> tuple[str, Doubt]:
    """Return the digits marked, ``?`` for a place with two or an unclear one; blank places at the end are left off."""
    number = ""
    for _, place in groupby(sorted(digits, key=lambda one: -one[0].question), key=lambda one: one[0].question):
        column = list(place)
        marked = [box.value for box, told in column if told == MARK]
        unsure = any(told == UNSURE for _, told in column)
        number += marked[0] if len(marked) == 1 and not unsure else "?" if marked or unsure else " "
    number = number.rstrip().replace(" ", "?")
    return number, "number" if "?" in number or not number else ""


def _rows(
    paper: SheetPaper, page: int, straight: Straight, boxes: Sequence[Bubble], dark: Darkness, state: NDArray[np.int8],
    stroke: float,
) -> Iterator[Row]:  # fmt: skip
    order = [n for n, box in enumerate(boxes) if box.question > 0]
    for (question, part, row), group in groupby(order, key=lambda n: (boxes[n].question, boxes[n].part, boxes[n].row)):
        mine = list(group)
        marked = tuple(boxes[n].value for n in mine if state[n] == MARK)
        unsure = tuple(boxes[n].value for n in mine if state[n] == UNSURE)
        several = paper.kinds.get((question, part)) == "multiple"
        doubt: Doubt = ""
        if any(dark.paper[n] > SOILED for n in mine):
            doubt = "soiled"
        elif unsure:
            doubt = "unclear"
        elif len(marked) > 1 and not several:
            doubt = "double"
        else:
            right = right_limit(paper, page, straight, boxes[mine[-1]])
            size = size_of(boxes[mine[0]])
            xs, ys = [float(dark.x[n]) for n in mine], [float(dark.y[n]) for n in mine]
            ink = ink_beside(straight, xs, ys, size, [bool(state[n] == MARK) for n in mine], right, stroke)
            doubt = "outside" if ink > INK_BESIDE else ""
        yield Row(question, part, row, marked, doubt, unsure)


def right_limit(paper: SheetPaper, page: int, straight: Straight, last: Bubble) -> float:
    """Return how far to the right of a row nothing is printed, 12 mm at most: to the next number, or the edge."""
    edge = last.x + size_of(last)[0] / 2
    others = [
        word.x - 2.2 * len(word.text) - 1.2
        for word in paper.sheet.numbers
        if word.page == page and abs(word.y - last.y) < 4 and word.x > edge
    ]
    limit = min([edge + 12.0, RIGHT + 3.0, *others])
    shifted = moved(straight, np.array([[limit, last.y]]))
    return float(max(shifted[0, 0], moved(straight, np.array([[edge, last.y]]))[0, 0] + 0.5))
