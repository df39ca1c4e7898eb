"""A picture → what an answer sheet says, or why it says nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qbank.messages.lists import some
from qbank.omr.codes import Code, known_code, parse_code, read_code
from qbank.omr.marks import read_boxes
from qbank.omr.records import Gray, PageReading, SheetPaper, Straight, Unread, Written
from qbank.omr.straighten import BLACK, FOUND, PIXELS, fitted, moved, straight_pages
from qbank.render.sheet import Area

LEAST_SIDE = 500
"""Pixels of the shorter side below which no box could be told from another (about 60 dpi of a whole page)."""
WRITTEN = 1.5
"""Square millimetres of ink in a place to write from which something stands there."""


def read_page(gray: Gray, papers: Sequence[SheetPaper], *, assumed: str = "") -> PageReading | Unread:
    """Return what the answer sheet on a picture says.

    gray : (height, width) ; papers : those whose sheets are looked for ; assumed : the code of the paper that a sheet
    with an unreadable code is taken to be of, "" for none
    """
    if gray.ndim != 2 or min(gray.shape) < LEAST_SIDE:
        return Unread("none", {"size": "×".join(str(side) for side in gray.shape[::-1])}, gray if gray.ndim == 2 else None)
    best: Unread | None = None
    for tried, (straight, is_first) in enumerate(straight_pages(gray)):
        found = _identified(straight, papers, assumed, is_first=is_first)
        if isinstance(found, Code):
            read = _read(straight, papers, found)
            if isinstance(read, PageReading):
                return read
            best = read
        elif best is None:
            best = found
        if tried == 3:
            break
    return best or Unread("none", {"size": f"{gray.shape[1]}×{gray.shape[0]}"}, gray)


def _identified(straight: Straight, papers: Sequence[SheetPaper], assumed: str, *, is_first: bool) -> Code | Unread:
    payload = read_code(straight)
    code = parse_code(payload) if payload else known_code(straight, papers)
    if payload and code is None:
        return Unread("other", {"found": payload[:60], "papers": _named(papers)}, straight.gray)
    if code is None:
        paper = next((paper for paper in papers if paper.code == assumed), None)
        if paper is None or (paper.sheet.n_pages > 1 and not is_first):
            return Unread("code", {"papers": _named(papers)}, straight.gray)
        return Code(paper.code, paper.digest, 1, paper.sheet.n_pages)
    if not any(paper.is_meant(code.code, code.digest) for paper in papers):
        return Unread("other", {"found": f"{code.code} {code.digest}", "papers": _named(papers)}, straight.gray)
    return code


def _named(papers: Sequence[SheetPaper]) -> str:
    return some([f"{paper.code} {paper.digest}" for paper in papers])


def _read(straight: Straight, papers: Sequence[SheetPaper], code: Code) -> PageReading | Unread:
    paper = next(paper for paper in papers if paper.is_meant(code.code, code.digest))
    if not 1 <= code.page <= paper.sheet.n_pages or code.n_pages != paper.sheet.n_pages:
        facts = {"page": code.page, "pages": code.n_pages, "n": paper.sheet.n_pages, "form": paper.code}
        return Unread("page", facts, straight.gray)
    boxes = [box for box in paper.sheet.bubbles if box.page == code.page]
    straight = fitted(straight, boxes)
    if straight.fit < FOUND:
        return Unread("none", {"size": f"{straight.gray.shape[1]}×{straight.gray.shape[0]}"}, straight.gray)
    number, doubt, rows, levels = read_boxes(paper, code.page, straight)
    if code.number:
        doubt = "number" if number and not _agrees(number, code.number) else ""
        number = code.number
    written = tuple(
        Written(area, _has_ink(straight, area)) for area in paper.sheet.areas if area.page == code.page
    )
    return PageReading(paper, code.page, number, doubt, rows, written, straight, levels)


def _agrees(marked: str, printed: str) -> bool:
    return len(marked) == len(printed) and all(a in (b, "?") for a, b in zip(marked, printed, strict=True))


def _has_ink(straight: Straight, area: Area) -> bool:
    """Return whether anything stands in a place to write: ink off its outline and its lines."""
    corners = np.array([(area.x, area.y), (area.x + area.width, area.y + area.height)])
    (x0, y0), (x1, y1) = moved(straight, corners)
    left, top = int((x0 + 1) * PIXELS), int((y0 + 1) * PIXELS)
    ink = straight.dark[top : int((y1 - 1) * PIXELS), left : int((x1 - 1) * PIXELS)] > 0.35 * BLACK
    ink = ink.copy()
    for line in range(1, area.n_lines):
        y = int((y0 + line * (y1 - y0) / area.n_lines - 0.6) * PIXELS) - top
        ink[max(y, 0) : y + int(1.2 * PIXELS)] = False
    return float(ink.sum()) / PIXELS**2 > WRITTEN
