"""Rows and places of a page → one answer a question, as a file of answers writes it, with a picture where a person must look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import cv2
import numpy as np

from qbank.files.answers.cells import UNTYPED
from qbank.omr.records import Doubt, Gray, PageReading, Row, Straight, Written
from qbank.omr.straighten import PIXELS, moved, size_of
from qbank.render.sheet import ID_DIGITS, ID_LEFT, ID_PITCH, ID_ROW, PAGE_HEIGHT, PAGE_WIDTH, id_top

UNDECIDED = "?"
"""Stands in a file of answers where a person has not decided yet: no kind of question takes it for an answer. (Where text is
written it is `UNTYPED`, as one question mark might be one.)"""
ROW_DOUBTS: tuple[Doubt, ...] = ("soiled", "unclear", "double", "outside")


@dataclass(frozen=True, slots=True)
class Answer:
    """What stands for one question of a page.

    name : its column ; text : the answer, "" for none ; doubt : why a person must look, "" where nobody must ; seen : what was
    made out, with ``?`` behind what is not sure ; picture : JPEG, empty without doubt
    """

    name: str
    text: str
    doubt: Doubt = ""
    seen: str = ""
    picture: bytes = b""


def answers_of(page: PageReading) -> tuple[Answer, ...]:
    """Return the answers on a page in the order of the paper; what people mark is no answer yet and is left out."""
    found: dict[tuple[int, int], Answer] = {}
    for key, rows in groupby(page.rows, key=lambda row: (row.question, row.part)):
        found[key] = _filled(page, key, list(rows))
    by_place = groupby(page.written, key=lambda one: (one.area.question, one.area.part))
    for key, places in by_place:
        if page.paper.kinds.get(key) not in (None, "short", "essay", "task"):
            found[key] = _typed(page, key, list(places))
    return tuple(found[key] for key in sorted(found))


def _filled(page: PageReading, key: tuple[int, int], rows: Sequence[Row]) -> Answer:
    kind = page.paper.kinds.get(key, "")
    told = {row.doubt for row in rows}
    doubt: Doubt = next((one for one in ROW_DOUBTS if one in told), "")
    if not doubt and kind == "ordering":
        doubt = order_doubt(rows)
    seen = row_text(kind, rows, unsure=True)
    if doubt:
        return Answer(page.paper.names[key], UNDECIDED, doubt, seen, picture_of_rows(page, key))
    return Answer(page.paper.names[key], row_text(kind, rows), "", seen)


def order_doubt(rows: Sequence[Row]) -> Doubt:
    """Return what keeps letters from being an order: one left out before another, or one that stands twice.

    >>> order_doubt([Row(1, 0, 1, ("B",)), Row(1, 0, 2, ()), Row(1, 0, 3, ("A",))])
    'gap'
    >>> order_doubt([Row(1, 0, 1, ("B",)), Row(1, 0, 2, ())])
    ''
    """
    letters = ["".join(row.marked) for row in rows]
    filled = "".join(letters)
    if len(set(filled)) < len(filled):
        return "repeated"
    return "gap" if any(not a and b for a, b in pairwise(letters)) else ""


def row_text(kind: str, rows: Sequence[Row], *, unsure: bool = False) -> str:
    """Return an answer as it stands in a cell; with ``unsure`` also what is not clear, a question mark behind it.

    >>> row_text("multiple", [Row(3, 0, 0, ("A", "C"))]), row_text("single", [Row(3, 0, 0, ("A",), "unclear", ("B",))], unsure=True)
    ('AC', 'AB?')
    >>> row_text("matching", [Row(3, 0, 1, ("B",)), Row(3, 0, 2, ()), Row(3, 0, 3, ("A",))])
    '1-B 3-A'
    """
    def letters(row: Row) -> str:
        return "".join(row.marked) + ("".join(f"{value}?" for value in row.unsure) if unsure else "")

    if kind == "matching":
        return " ".join(f"{row.row}-{letters(row)}" for row in rows if letters(row))
    between = " " if unsure and kind == "ordering" else ""
    return between.join(letters(row) or ("_" if unsure and kind == "ordering" else "") for row in rows)


def _typed(page: PageReading, key: tuple[int, int], places: Sequence[Written]) -> Answer:
    name = page.paper.names[key]
    if not any(place.has_ink for place in places):
        return Answer(name, "")
    areas = [place.area for place in places]
    left, top = min(area.x for area in areas) - 10, min(area.y for area in areas) - 1.5
    right, bottom = max(area.x + area.width for area in areas) + 1.5, max(area.y + area.height for area in areas) + 1.5
    return Answer(name, UNTYPED, "written", "", picture(page.straight, left, top, right, bottom))


def picture_of_rows(page: PageReading, key: tuple[int, int]) -> bytes:
    """Return what a person needs to see of a question: its number, its boxes, and what stands around them."""
    boxes = [box for box in page.paper.sheet.bubbles if (box.question, box.part) == key and box.page == page.page]
    width, height = size_of(boxes[0])
    left = min(box.x for box in boxes) - width / 2 - 14
    right = max(box.x for box in boxes) + width / 2 + 9
    top, bottom = min(box.y for box in boxes) - height / 2 - 3.2, max(box.y for box in boxes) + height / 2 + 3.2
    return picture(page.straight, left, top, right, bottom)


def picture_of_number(page: PageReading) -> bytes:
    """Return the grid of the candidate's number, with the digits written above it."""
    top, across = id_top(page.page), ID_DIGITS * ID_PITCH
    return picture(page.straight, ID_LEFT - 2, top - 15, ID_LEFT + across + 2, top + 10 * ID_ROW + 2)


def picture_of_page(page: PageReading) -> bytes:
    """Return the whole page, small."""
    return small_picture(page.straight.gray)


def picture(straight: Straight, left: float, top: float, right: float, bottom: float) -> bytes:
    """Return a part of a page laid straight as JPEG; places in mm."""
    (x0, y0), (x1, y1) = moved(straight, np.array([(left, top), (right, bottom)]))
    x0, x1 = max(x0, 0.0), min(x1, PAGE_WIDTH)
    y0, y1 = max(y0, 0.0), min(y1, PAGE_HEIGHT)
    part = straight.gray[int(y0 * PIXELS) : int(y1 * PIXELS) + 1, int(x0 * PIXELS) : int(x1 * PIXELS) + 1]
    return jpeg(part)


def small_picture(gray: Gray) -> bytes:
    """Return a picture at 700 pixels of its longer side, as JPEG."""
    factor = min(1.0, 700 / max(gray.shape))
    return jpeg(cv2.resize(gray, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA) if factor < 1 else gray)


def jpeg(gray: Gray) -> bytes:
    """Return a picture as JPEG."""
    return bytes(cv2.imencode(".jpg", gray, [cv2.IMWRITE_JPEG_QUALITY, 80])[1].tobytes())
