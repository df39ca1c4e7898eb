"""What is read off answer sheets, as records: rows of boxes, places to write, a candidate's number, and what is doubtful."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from qbank.render.sheet import Area, Sheet

Gray = NDArray[Any]
"""A gray picture, uint8 (height, width). (OpenCV's stubs say no more than "numbers" of what it returns.)"""

Points = NDArray[np.float64]

Doubt = Literal["", "double", "unclear", "outside", "soiled", "gap", "repeated", "number", "written"]
"""Why a person must look: several marks where one is asked; a box neither blank nor filled (pale, erased, a stroke);
ink beside the boxes; a box under a stain; a row of an order left out; one letter on two places; a number that is not
whole; handwriting. "" is no doubt."""

Fault = Literal["damaged", "none", "other", "code", "page"]
"""Why a picture gives no readings: no picture at all; no answer sheet on it; a sheet of another paper; a code that
cannot be read; a page that the paper does not have."""


@dataclass(frozen=True, slots=True)
class SheetPaper:
    """A paper whose answer sheets are looked for.

    earlier : the digest that sheets printed before qbank printed the present one say, "" for none ; kinds : (number, part) → the item kind of what is answered there ; names : → the name that columns of answers have
    """

    code: str
    digest: str
    sheet: Sheet
    kinds: Mapping[tuple[int, int], str]
    names: Mapping[tuple[int, int], str]
    earlier: str = ""

    def is_meant(self, code: str, digest: str) -> bool:
        """Return whether a sheet with this paper code and digest is one of this paper."""
        return code == self.code and digest in {self.digest, self.earlier or self.digest}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of boxes as it was filled in: the values marked for sure, and why a person must look."""

    question: int
    part: int
    row: int
    marked: tuple[str, ...]
    doubt: Doubt = ""
    unsure: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """One box to write in, and whether anything stands in it."""

    area: Area
    has_ink: bool


@dataclass(frozen=True, slots=True)
class Straight:
    """A page laid straight: gray and darkness at `PIXELS` a millimetre, and how its printed boxes were found.

    dark : 0 paper … 200 black ; shift : (n_terms, 2) how far places lie from where they were printed, see `Straightener`
    ; fit : median correlation of the printed boxes with their outlines ; off : the largest shift, in mm
    """

    gray: Gray
    dark: Gray
    shift: Points
    fit: float
    off: float


@dataclass(frozen=True, slots=True)
class PageReading:
    """What one page says: of which paper and whose it is, its rows, its places to write.

    number : digits, ``?`` where a place is not clear, shorter where no digit follows ; doubt : of the number ; levels : what
    was taken for a mark and for blank on this page, for the record
    """

    paper: SheetPaper
    page: int
    number: str
    doubt: Doubt
    rows: tuple[Row, ...]
    written: tuple[Written, ...]
    straight: Straight
    levels: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unread:
    """A picture that gave no readings; ``facts`` fill the message. ``picture``: what to show of it, if it is one."""

    fault: Fault
    facts: Mapping[str, Any] = field(default_factory=dict)
    picture: Gray | None = None
