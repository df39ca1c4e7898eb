"""The answer sheet as places on A4 pages, in millimetres from the top left corner.

What is printed is what a reader of scans looks for: the PDF draws this record, and a scanner may import it. Where
everything goes is worked out in `qbank.render.sheet_layout`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from qbank.core.presentation import Paper

PAGE_WIDTH, PAGE_HEIGHT = 210.0, 297.0
LEFT, RIGHT, BOTTOM = 18.0, 192.0, 272.0
FIDUCIAL_SIZE = 6.0
FIDUCIALS = ((11.0, 11.0), (199.0, 11.0), (11.0, 286.0), (199.0, 286.0))
FIRST_TOP, NEXT_TOP = 98.0, 82.0
BUBBLE, ID_BUBBLE = (5.0, 3.2), (3.8, 2.8)  # width, height
BUBBLE_PITCH, ROW_PITCH = 6.6, 5.5
NUMBER_WIDTH, BLOCK_GAP, BLOCK_ROWS = 9.0, 6.0, 5
ID_DIGITS = 12
ID_LEFT, ID_TOP, NEXT_ID_TOP, ID_PITCH, ID_ROW = 102.0, 45.0, 31.0, 5.0, 4.4
CODE_LEFT, CODE_TOP, CODE_SIZE = 168.0, 17.0, 22.0
HEADING_HEIGHT = 8.0
AREA_HEIGHT, LINE_PITCH = 8.5, 8.0


@dataclass(frozen=True, slots=True)
class Bubble:
    """One box to fill: centre and value.

    question : the number, or −1−k for place k of the id ; part : of a case, else 0 ; row : the prompt that a letter
    is for, or the place in an order, counted from 1; 0 where a question has one row
    """

    page: int
    question: int
    value: str
    x: float
    y: float
    part: int = 0
    row: int = 0


@dataclass(frozen=True, slots=True)
class Area:
    """One box to write in; part and row (the blank) as in `Bubble`, with lines where there are any."""

    page: int
    question: int
    x: float
    y: float
    width: float
    height: float
    part: int = 0
    row: int = 0
    n_lines: int = 0


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


def id_top(page: int) -> float:
    """Return where the digits of the candidate's number begin on a page."""
    return ID_TOP if page == 1 else NEXT_ID_TOP


def id_bubbles(page: int) -> Iterator[Bubble]:
    """Yield the digits of the candidate's number: one column a place, 0 at the top.

    They stand on every page: pages that were parted on their way to the scanner are joined by this number.
    """
    for place in range(ID_DIGITS):
        for digit in range(10):
            x, y = ID_LEFT + (place + 0.5) * ID_PITCH, id_top(page) + (digit + 0.5) * ID_ROW
            yield Bubble(page, -1 - place, str(digit), x, y)


def code_payload(paper: Paper, page: int, n_pages: int, number: str = "") -> str:
    """Return what the sheet's QR code says: paper code, digest, page, and of a personal sheet the number, parted by ``|``."""
    return "|".join([paper.code, paper.digest, f"{page}/{n_pages}", *([number] if number else [])])
