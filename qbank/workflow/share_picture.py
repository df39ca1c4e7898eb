"""The code of a share read out of a scan, a photograph or the sheet itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qbank.omr.records import Gray

SCALES = (1.0, 0.75, 1.5, 0.5, 2.0)
LONGEST_SIDE = 5_000
"""Pixels up to which a picture is made larger."""


def code_in(path: Path) -> str:
    """Return what the first readable QR code of a file says, "" where there is none; nothing is kept of the picture."""
    from qbank.omr import Damaged, pictures_of
    from qbank.omr.codes import first_code

    try:
        return next(filter(None, (first_code(_looks(picture)) for picture in pictures_of(path.read_bytes()))), "")
    except Damaged:
        return ""


def _looks(picture: Gray) -> Iterator[Gray]:
    """Yield a picture smaller, larger and softer: what cannot be read in one of them can in another."""
    import cv2
    import numpy as np

    for scale in SCALES:
        if scale > 1 and scale * max(picture.shape) > LONGEST_SIDE:
            continue
        seen = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
        yield np.asarray(seen, dtype=np.uint8)
        yield np.asarray(cv2.GaussianBlur(seen, (0, 0), 1.0), dtype=np.uint8)
