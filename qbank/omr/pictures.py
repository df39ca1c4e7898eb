"""Files of scans → gray pictures: PNG, JPEG, TIFF of several pages, WebP, BMP, and the pages of PDF."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(150_000_000))  # read once, when the library first decodes
os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")

import cv2
import numpy as np

from qbank.omr.records import Gray

SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp", ".pdf")
"""What files of scans end in; others in the folder are passed over."""

PDF_PAGES_AT_ONCE = 8
PDF_SECONDS = 120
LEAST_PICTURE = 20_000
MOST_PIXELS = int(os.environ["OPENCV_IO_MAX_IMAGE_PIXELS"])
_JPEG = re.compile(rb"/DCTDecode(?:(?!endobj).){0,2000}?stream\r?\n(\xff\xd8.*?)\r?\nendstream", re.DOTALL)


class Damaged(Exception):
    """A file that holds no picture; the message says what the library said."""


def pictures_of(data: bytes, *, dpi: int = 200) -> Iterator[Gray]:
    """Yield the pictures in a file, gray, in their order; dpi : at which pages of a PDF are drawn.

    Raises `Damaged`, also after some pages where the file breaks off.
    """
    if data[:1024].lstrip()[:5] == b"%PDF-":
        yield from _pdf_pictures(data, dpi)
        return
    if data[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        yield from _tiff_pictures(data)
        return
    yield _decoded(data)


def _decoded(data: bytes) -> Gray:
    if not data:
        raise Damaged("0 bytes")
    try:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    except cv2.error as fault:
        raise Damaged(_told(fault)) from None
    if picture is None:
        raise Damaged(f"{data[:4].hex(' ')} …")
    return np.asarray(picture, dtype=np.uint8)


def is_two_toned(gray: Gray) -> bool:
    """Return whether a picture is black and white without grays, so that pale and erased marks are lost in it.

    >>> is_two_toned(np.array([[0, 255]] * 50, np.uint8)), is_two_toned(np.array([[0, 120, 255]] * 50, np.uint8))
    (True, False)
    """
    counts = np.bincount(gray.ravel(), minlength=256)
    return bool(counts[32:224].sum() < 0.0005 * gray.size)


def _told(fault: Exception) -> str:
    if "CV_IO_MAX_IMAGE" in str(fault):
        return f"> {MOST_PIXELS:,} pixels"
    return str(fault).strip().rsplit("error: ", 1)[-1].replace("\n", " ")[:160]


def _tiff_pictures(data: bytes) -> Iterator[Gray]:
    try:
        done, pictures = cv2.imdecodemulti(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    except cv2.error as fault:
        raise Damaged(_told(fault)) from None
    if not done or not len(pictures):
        raise Damaged("TIFF")
    for picture in pictures:
        yield np.asarray(picture, dtype=np.uint8)


def _pdf_pictures(data: bytes, dpi: int) -> Iterator[Gray]:
    """Yield the pages of a PDF: drawn by poppler where it is installed, else the JPEG pictures that scanners put into it."""
    program = shutil.which("pdftoppm")
    if program is None:
        found = [match.group(1) for match in _JPEG.finditer(data) if len(match.group(1)) > LEAST_PICTURE]
        if not found:
            raise Damaged("PDF: pdftoppm (poppler) is not installed, and no JPEG pictures are in the file")
        for picture in found:
            yield _decoded(picture)
        return
    with tempfile.TemporaryDirectory(prefix="qbank-") as name:
        folder = Path(name)
        (folder / "scan.pdf").write_bytes(data)
        first = 1
        while True:
            drawn = _drawn(program, folder, first, dpi)
            for path in drawn:
                yield _decoded(path.read_bytes())
                path.unlink()
            if len(drawn) < PDF_PAGES_AT_ONCE:
                return
            first += PDF_PAGES_AT_ONCE


def _drawn(program: str, folder: Path, first: int, dpi: int) -> list[Path]:
    """Return the next pages of a PDF as files; the longer side is that of A4, so that no page is drawn beyond measure."""
    last = first + PDF_PAGES_AT_ONCE - 1
    words = [program, "-gray", "-f", str(first), "-l", str(last), "-scale-to", str(round(dpi * 297 / 25.4)), "scan.pdf", "page"]
    try:
        done = subprocess.run(words, cwd=folder, capture_output=True, timeout=PDF_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise Damaged(f"PDF: pdftoppm > {PDF_SECONDS} s") from None
    drawn = sorted(folder.glob("page*.pgm"))
    if not drawn and first == 1:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise Damaged(f"PDF: {said[0][:120] if said else 'pdftoppm'}")
    return drawn
