"""Where everything of an answer sheet goes, in the order of the paper: boxes to fill, grids, places to write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from qbank.core.presentation import Paper, PaperSection
from qbank.render.labels import section_heading
from qbank.render.places import (
    AnswerPlace,
    answer_lines,
    answer_places,
    answer_rows,
    circled,
    is_task,
    n_blanks,
)
from qbank.render.sheet import (
    AREA_HEIGHT,
    BLOCK_GAP,
    BLOCK_ROWS,
    BOTTOM,
    BUBBLE_PITCH,
    FIRST_TOP,
    HEADING_HEIGHT,
    LEFT,
    LINE_PITCH,
    NEXT_TOP,
    NUMBER_WIDTH,
    RIGHT,
    ROW_PITCH,
    Area,
    Bubble,
    Sheet,
    Words,
    id_bubbles,
)

ROW_LABEL_WIDTH = 5.0
CHARACTER_WIDTH = 1.75
AREA_GAP = 2.5


@dataclass(slots=True)
class _Cursor:
    """The growing sheet: where the next row goes."""

    page: int = 1
    y: float = FIRST_TOP
    bubbles: list[Bubble] = field(default_factory=list)
    areas: list[Area] = field(default_factory=list)
    headings: list[Words] = field(default_factory=list)
    numbers: list[Words] = field(default_factory=list)

    def make_room(self, height: float) -> None:
        """Go to the next page if the height is not left on this one."""
        if self.y + height > BOTTOM:
            self.page, self.y = self.page + 1, NEXT_TOP


def answer_sheet(paper: Paper) -> Sheet:
    """Return the answer sheet of a paper; the same paper gives the same places. Tasks are not answered on paper."""
    cursor = _Cursor()
    for index, section in enumerate(paper.sections):
        if not all(is_task(question) for question in section.questions):
            place_section(cursor, section_heading(paper, index), section)
    digits = [bubble for page in range(1, cursor.page + 1) for bubble in id_bubbles(page)]
    return Sheet(
        cursor.page, (*digits, *cursor.bubbles), tuple(cursor.areas), tuple(cursor.headings), tuple(cursor.numbers)
    )


def place_section(cursor: _Cursor, heading: str, section: PaperSection) -> None:
    """Put a section's heading and its places, runs of the same shape together."""
    places = [place for place in answer_places(section) if not is_task(place.question)]
    cursor.make_room(HEADING_HEIGHT + first_height(places))
    cursor.headings.append(Words(cursor.page, heading, LEFT, cursor.y + 3.0))
    cursor.y += HEADING_HEIGHT
    for shape, run in groupby(places, key=shape_of):
        PLACERS[shape](cursor, list(run))
    cursor.y += 1.5


def first_height(places: Sequence[AnswerPlace]) -> float:
    """Return the height that a heading needs below it, so that it never stands alone at the foot of a page."""
    height = BLOCK_ROWS * ROW_PITCH
    if places:
        height = max(height, min(answer_lines(places[0].question) * LINE_PITCH, BOTTOM - NEXT_TOP - HEADING_HEIGHT))
    return height


def shape_of(place: AnswerPlace) -> str:
    """Return ``choice`` (a row of boxes), ``grid`` (a row a prompt or step) or ``written``."""
    rows = answer_rows(place.question)
    if not rows:
        return "written"
    return "grid" if rows[0][0] else "choice"


def label_width(places: Sequence[AnswerPlace], more: int = 0) -> float:
    """Return the room that the widest number takes; ``more`` characters stand behind it."""
    return max(NUMBER_WIDTH, 2.5 + CHARACTER_WIDTH * max(len(place.label) + more for place in places))


def place_choices(cursor: _Cursor, places: Sequence[AnswerPlace]) -> None:
    """Put filled-in questions in blocks of five, as many blocks side by side as the page holds."""
    numbers = label_width(places)
    width = numbers + BUBBLE_PITCH * max(len(answer_rows(place.question)[0][1]) for place in places)
    n_across, pitch = across(width)
    for start in range(0, len(places), n_across * BLOCK_ROWS):
        row = places[start : start + n_across * BLOCK_ROWS]
        height = min(len(row), BLOCK_ROWS) * ROW_PITCH
        cursor.make_room(height)
        for index, place in enumerate(row):
            block, line = divmod(index, BLOCK_ROWS)
            x, y = LEFT + block * pitch, cursor.y + (line + 0.5) * ROW_PITCH
            cursor.numbers.append(Words(cursor.page, place.label, x + numbers - 2.0, y))
            place_bubbles(cursor, place, answer_rows(place.question)[0][1], x + numbers, y, 0)
        cursor.y += height + 3.2


def across(width: float) -> tuple[int, float]:
    """Return how many blocks of a width stand side by side, at most five, and how far apart they begin."""
    n = min(5, max(1, int((RIGHT - LEFT + BLOCK_GAP) // (width + BLOCK_GAP))))
    return n, (RIGHT - LEFT + BLOCK_GAP) / n


def place_bubbles(cursor: _Cursor, place: AnswerPlace, values: Sequence[str], x: float, y: float, row: int) -> None:
    """Put a row of boxes on a line."""
    for index, value in enumerate(values):
        centre = x + (index + 0.5) * BUBBLE_PITCH
        cursor.bubbles.append(Bubble(cursor.page, place.number, value, centre, y, place.part, row))


def place_grids(cursor: _Cursor, places: Sequence[AnswerPlace]) -> None:
    """Put grids side by side: a row a prompt or a place in an order, a column a letter."""
    numbers = label_width(places)
    widest = max(len(values) for place in places for _, values in answer_rows(place.question))
    n_across, pitch = across(numbers + ROW_LABEL_WIDTH + BUBBLE_PITCH * widest)
    for start in range(0, len(places), n_across):
        row = places[start : start + n_across]
        height = max(len(answer_rows(place.question)) for place in row) * ROW_PITCH
        cursor.make_room(height)
        for index, place in enumerate(row):
            place_grid(cursor, place, LEFT + index * pitch, numbers)
        cursor.y += height + 3.2


def place_grid(cursor: _Cursor, place: AnswerPlace, x: float, numbers: float) -> None:
    """Put one grid: the number beside its first row, each row's own label before its boxes."""
    for index, (label, values) in enumerate(answer_rows(place.question)):
        y = cursor.y + (index + 0.5) * ROW_PITCH
        if index == 0:
            cursor.numbers.append(Words(cursor.page, place.label, x + numbers - 2.0, y))
        cursor.numbers.append(Words(cursor.page, label, x + numbers + ROW_LABEL_WIDTH - 1.5, y))
        place_bubbles(cursor, place, values, x + numbers + ROW_LABEL_WIDTH, y, index + 1)


def place_written(cursor: _Cursor, places: Sequence[AnswerPlace]) -> None:
    """Put short blanks two to a row and written answers across the page."""
    blanks = max(n_blanks(place.question) for place in places)
    numbers = label_width(places, more=2 if blanks > 1 else 0)
    width = (RIGHT - LEFT - BLOCK_GAP) / 2 - numbers
    column = 0
    for place in places:
        n_lines = answer_lines(place.question)
        if n_lines:
            if column:
                column, cursor.y = 0, cursor.y + AREA_HEIGHT + AREA_GAP
            place_lines(cursor, place, n_lines, numbers)
            continue
        n = n_blanks(place.question)
        for blank in range(1, n + 1):
            if column == 0:
                cursor.make_room(AREA_HEIGHT)
            x = LEFT + numbers + column * (width + numbers + BLOCK_GAP)
            row = blank if n > 1 else 0
            cursor.areas.append(
                Area(cursor.page, place.number, x, cursor.y, width, AREA_HEIGHT, place.part, row)
            )
            label = place.label + (circled(blank) if n > 1 else "")
            cursor.numbers.append(Words(cursor.page, label, x - 2.0, cursor.y + AREA_HEIGHT / 2))
            column = 1 - column
            if column == 0:
                cursor.y += AREA_HEIGHT + AREA_GAP
    if column:
        cursor.y += AREA_HEIGHT + AREA_GAP


def place_lines(cursor: _Cursor, place: AnswerPlace, n_lines: int, numbers: float) -> None:
    """Put a box with lines across the page, never higher than a page."""
    n_lines = min(n_lines, int((BOTTOM - NEXT_TOP - HEADING_HEIGHT) // LINE_PITCH))
    height = n_lines * LINE_PITCH
    cursor.make_room(height)
    x = LEFT + numbers
    cursor.areas.append(
        Area(cursor.page, place.number, x, cursor.y, RIGHT - x, height, place.part, 0, n_lines)
    )
    cursor.numbers.append(Words(cursor.page, place.label, x - 2.0, cursor.y + 4.25))
    cursor.y += height + AREA_GAP


PLACERS = {"choice": place_choices, "grid": place_grids, "written": place_written}
