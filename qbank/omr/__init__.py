"""Answer sheets read back from scans and photos: pictures → readings, with everything doubtful left to a person."""

from __future__ import annotations

from qbank.omr.pictures import SUFFIXES, Damaged, is_two_toned, pictures_of
from qbank.omr.reading import read_page
from qbank.omr.records import PageReading, Row, SheetPaper, Straight, Unread, Written

__all__ = [
    "SUFFIXES", "Damaged", "PageReading", "Row", "SheetPaper", "Straight", "Unread", "Written", "is_two_toned", "pictures_of", "read_page",
]  # fmt: skip
