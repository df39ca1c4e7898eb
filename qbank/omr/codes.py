"""The code of an answer sheet: read, or known among those of the papers looked for when a quarter of it is soiled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from qbank.omr.records import Gray, SheetPaper, Straight
from qbank.omr.straighten import BLACK, PIXELS
from qbank.render.sheet import CODE_LEFT, CODE_SIZE, CODE_TOP

MARGIN = 3.5
ALIKE, APART = 0.82, 0.08
"""Share of modules that must be as in a known code, and how much better that must be than the second best."""


@dataclass(frozen=True, slots=True)
class Code:
    """What the code of a page says; ``number`` is that of the candidate on a personal sheet, else empty."""

    code: str
    digest: str
    page: int
    n_pages: int
    number: str = ""


def parse_code(payload: str) -> Code | None:
    """Return what a code says, or nothing where it is none of an answer sheet.

    >>> parse_code("theory-1-A|0f3a9c12|1/2")
    Code(code='theory-1-A', digest='0f3a9c12', page=1, n_pages=2, number='')
    >>> parse_code("https://example.org")
    """
    parts = payload.split("|")
    pages = parts[2].split("/") if len(parts) in (3, 4) else []
    if len(pages) != 2 or not all(page.isascii() and page.isdigit() and len(page) < 4 for page in pages):
        return None
    return Code(parts[0], parts[1], int(pages[0]), int(pages[1]), parts[3] if len(parts) == 4 else "")


def read_code(straight: Straight) -> str:
    """Return the text of the code of a page, "" where it cannot be read."""
    return first_code(_looks(straight))


def first_code(looks: Iterable[Gray]) -> str:
    """Return what the first QR code says that can be read in one of the looks at a picture, "" where none can.

    OpenCV has two readers, and each look is shown to both. The older one misses two codes in a hundred at any one scale,
    even of a page without a speck, and other ones at each; the other one, which seeks the corners as it seeks those of
    ArUco markers (Garrido-Jurado et al. 2014), misses other ones again.
    """
    readers = (cv2.QRCodeDetector(), cv2.QRCodeDetectorAruco())
    for look, reader in ((look, reader) for look in looks for reader in readers):
        try:
            payload, _, _ = reader.detectAndDecode(look)
        except (cv2.error, UnicodeDecodeError):
            continue
        if payload:
            return str(payload)
    return ""


def _looks(straight: Straight) -> Iterator[Gray]:
    """Yield the place of the code as it is, in two colours, larger, softer: what one fails to read another does."""
    left, top = int((CODE_LEFT - MARGIN) * PIXELS), int((CODE_TOP - MARGIN) * PIXELS)
    size = int((CODE_SIZE + 2 * MARGIN) * PIXELS)
    gray = straight.gray[top : top + size, left : left + size]
    even = cv2.LUT(straight.dark[top : top + size, left : left + size], (255 - np.clip(np.arange(256) * 1.2, 0, 255)).astype(np.uint8))
    for source in (gray, even):
        for scale in (2.0, 3.0, 1.0):
            larger = cv2.resize(source, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
            yield larger
            soft = cv2.GaussianBlur(larger, (0, 0), 0.35 * scale + 0.5)
            yield cv2.threshold(soft, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1]


def known_code(straight: Straight, papers: Sequence[SheetPaper]) -> Code | None:
    """Return the code among those of some papers that a soiled one must be, nothing where two may be meant."""
    scored: list[tuple[float, Code]] = []
    for paper in papers:
        for page, digest in product(range(1, paper.sheet.n_pages + 1), filter(None, (paper.digest, paper.earlier))):
            code = Code(paper.code, digest, page, paper.sheet.n_pages)
            modules = code_modules(f"{code.code}|{code.digest}|{page}/{code.n_pages}")
            scored.append((_alike(straight, modules), code))
    scored.sort(key=lambda one: -one[0])
    if not scored or scored[0][0] < ALIKE or (len(scored) > 1 and scored[0][0] - scored[1][0] < APART):
        return None
    return scored[0][1]


def code_modules(payload: str) -> NDArray[np.bool_]:
    """Return the modules of a code as it is printed, true where black."""
    import segno

    return np.array([list(row) for row in segno.make(payload, error="q", micro=False).matrix], dtype=bool)


def _alike(straight: Straight, modules: NDArray[np.bool_]) -> float:
    """Return the share of modules outside the finder patterns that are as dark or light as they should be."""
    n = len(modules)
    at = (np.arange(n) + 0.5) * CODE_SIZE / n
    soft = cv2.blur(straight.dark, (3, 3))
    rows, columns = ((CODE_TOP + at) * PIXELS).astype(int), ((CODE_LEFT + at) * PIXELS).astype(int)
    seen = soft[np.ix_(rows, columns)] > BLACK // 2
    counted = np.ones((n, n), dtype=bool)
    counted[:8, :8] = counted[:8, -8:] = counted[-8:, :8] = False
    return float((seen == modules)[counted].mean())
