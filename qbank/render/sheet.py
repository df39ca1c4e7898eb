"""The answer sheet as places on A4 pages, in millimetres from the top left corner.

What is printed is what a reader of scans looks for: the PDF draws this record, and a scanner may import it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from qbank.core.presentation import Paper, PaperSection, Question
from qbank.render.labels import section_heading
from qbank.render.texts import answer_lines

PAGE_WIDTH, PAGE_HEIGHT = 210.0, 297.0
LEFT, RIGHT, BOTTOM = 18.0, 192.0, 272.0
FIDUCIAL_SIZE = 6.0
FIDUCIALS = ((11.0, 11.0), (199.0, 11.0), (11.0, 286.0), (199.0, 286.0))
FIRST_TOP, NEXT_TOP = 98.0, 44.0
BUBBLE, ID_BUBBLE = (5.0, 3.2), (3.8, 2.8)  # width, height
BUBBLE_PITCH, ROW_PITCH = 6.6, 5.5
NUMBER_WIDTH, BLOCK_GAP, BLOCK_ROWS = 9.0, 6.0, 5
ID_DIGITS = 12
ID_LEFT, ID_TOP, ID_PITCH, ID_ROW = 102.0, 45.0, 5.0, 4.4
CODE_LEFT, CODE_TOP, CODE_SIZE = 168.0, 17.0, 22.0
HEADING_HEIGHT = 8.0


@dataclass(frozen=True, slots=True)
class Bubble:
    """One box to fill: centre and value; ``question`` is the number, or −1−k for place k of the id."""

    page: int
    question: int
    value: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Area:
    """One box to write in, for the question of that number."""

    page: int
    question: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Words:
    """Printed words: ``x`` is a heading's left edge, a number's right edge; ``y`` is the middle."""

    page: int
    text: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Sheet:
    """Where everything of an answer sheet stands."""

    n_pages: int
    bubbles: tuple[Bubble, ...]
    areas: tuple[Area, ...]
    headings: tuple[Words, ...]
    numbers: tuple[Words, ...]


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


def bubble_values(question: Question) -> tuple[str, ...]:
    """Return what can be filled in for a question: its letters, √ and ×, or nothing."""
    if question.options:
        return tuple(letter for letter, _ in question.options)
    return ("√", "×") if question.space == "tick" else ()


def id_bubbles() -> Iterator[Bubble]:
    """Yield the digits of the candidate's number: one column a place, 0 at the top."""
    for place in range(ID_DIGITS):
        for digit in range(10):
            x, y = ID_LEFT + (place + 0.5) * ID_PITCH, ID_TOP + (digit + 0.5) * ID_ROW
            yield Bubble(1, -1 - place, str(digit), x, y)


def block_width(questions: Sequence[Question]) -> float:
    """Return the width of a block of five, wide enough for the question with the most options."""
    return NUMBER_WIDTH + BUBBLE_PITCH * max(len(bubble_values(question)) for question in questions)


def place_blocks(cursor: _Cursor, questions: Sequence[Question]) -> None:
    """Put filled-in questions in blocks of five, as many blocks side by side as the page holds."""
    width = block_width(questions)
    n_across = max(1, int((RIGHT - LEFT + BLOCK_GAP) // (width + BLOCK_GAP)))
    n_across = min(n_across, 5)
    pitch = (RIGHT - LEFT + BLOCK_GAP) / n_across
    for start in range(0, len(questions), n_across * BLOCK_ROWS):
        row = questions[start : start + n_across * BLOCK_ROWS]
        height = min(len(row), BLOCK_ROWS) * ROW_PITCH
        cursor.make_room(height)
        for index, question in enumerate(row):
            block, line = divmod(index, BLOCK_ROWS)
            place_question(cursor, question, LEFT + block * pitch, cursor.y + (line + 0.5) * ROW_PITCH)
        cursor.y += height + 3.2


def place_question(cursor: _Cursor, question: Question, x: float, y: float) -> None:
    """Put one number and its boxes on a line."""
    cursor.numbers.append(Words(cursor.page, str(question.number), x + NUMBER_WIDTH - 2.0, y))
    for index, value in enumerate(bubble_values(question)):
        centre = x + NUMBER_WIDTH + (index + 0.5) * BUBBLE_PITCH
        cursor.bubbles.append(Bubble(cursor.page, question.number, value, centre, y))


def place_areas(cursor: _Cursor, questions: Sequence[Question]) -> None:
    """Put short blanks two to a row and written answers across the page."""
    column = 0
    width = (RIGHT - LEFT - BLOCK_GAP) / 2 - NUMBER_WIDTH
    for question in questions:
        n_lines = answer_lines(question)
        if n_lines and column:
            column, cursor.y = 0, cursor.y + 11.0
        height = min(n_lines * 8.0, BOTTOM - NEXT_TOP) if n_lines else 8.5
        if column == 0:
            cursor.make_room(height)
        x = LEFT + NUMBER_WIDTH + column * (width + NUMBER_WIDTH + BLOCK_GAP)
        wide = RIGHT - x if n_lines else width
        cursor.areas.append(Area(cursor.page, question.number, x, cursor.y, wide, height))
        cursor.numbers.append(Words(cursor.page, str(question.number), x - 2.0, cursor.y + 4.25))
        column = 0 if n_lines or column else 1
        if column == 0:
            cursor.y += height + 2.5
    if column:
        cursor.y += 11.0


def place_section(cursor: _Cursor, heading: str, section: PaperSection) -> None:
    """Put a section's heading, its boxes to fill and its places to write in."""
    filled = [question for question in section.questions if bubble_values(question)]
    written = [question for question in section.questions if not bubble_values(question)]
    cursor.make_room(HEADING_HEIGHT + BLOCK_ROWS * ROW_PITCH)
    cursor.headings.append(Words(cursor.page, heading, LEFT, cursor.y + 3.0))
    cursor.y += HEADING_HEIGHT
    if filled:
        place_blocks(cursor, filled)
    if written:
        place_areas(cursor, written)
    cursor.y += 1.5


def answer_sheet(paper: Paper) -> Sheet:
    """Return the answer sheet of a paper; the same paper gives the same places."""
    cursor = _Cursor(bubbles=list(id_bubbles()))
    for index, section in enumerate(paper.sections):
        place_section(cursor, section_heading(paper, index), section)
    return Sheet(
        cursor.page, tuple(cursor.bubbles), tuple(cursor.areas), tuple(cursor.headings), tuple(cursor.numbers)
    )


def code_payload(paper: Paper, page: int, n_pages: int) -> str:
    """Return what the sheet's QR code says: paper code, digest and page, parted by ``|``."""
    return f"{paper.code}|{paper.digest}|{page}/{n_pages}"
