"""Answer sheets filled in by a made-up hand and scanned by a made-up machine, with everything known that stands on them.

For measuring how well sheets are read (benchmarks/scan.py), and for trying a centre's own paper before it is printed:
the sheet is the real one, drawn by Typst; marks are pencil strokes; scans are turned, bent, shaded, noisy and compressed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from qbank.core.presentation import Paper
from qbank.omr.records import Gray, SheetPaper
from qbank.omr.straighten import size_of
from qbank.render.sheet import Bubble

Planted = Literal["double", "erased", "pale", "stray", "tick", "cross", "dot"]
PLANTED: tuple[Planted, ...] = get_args(Planted)
"""What a person must look at: two marks where one is asked; a rubbed-out mark beside the answer; a mark much paler than the
others; a stroke beside the boxes; a tick, a cross or a dot of the pen in place of a filled box."""

BASE_DPI = 240


@dataclass(frozen=True, slots=True)
class Filled:
    """What stands on a sheet.

    number : the candidate's ; answers : (question, part, row) → the values marked ; planted : the rows with something
    doubtful → what
    """

    number: str
    answers: Mapping[tuple[int, int, int], tuple[str, ...]]
    planted: Mapping[tuple[int, int, int], Planted] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scanner:
    """How a sheet is taken.

    dpi : of the page on the picture ; turn : degrees ; quarter : turns by 90° ; perspective : how far corners move, as
    a share of the page ; shade : how much darker the darkest corner is ; noise : standard deviation in 0…255 ; blur : in
    mm ; quality : of JPEG ; curl : mm by which the middle of the page is bent aside ; blots : coffee rings ; pencil :
    how dark this candidate's marks are, 0 paper … 1 black
    """

    dpi: float = 200
    turn: float = 0.0
    quarter: int = 0
    perspective: float = 0.0
    shade: float = 0.0
    noise: float = 3.0
    blur: float = 0.06
    quality: int = 85
    curl: float = 0.0
    blots: int = 0
    pencil: float = 0.8


def blank_pages(paper: Paper, dpi: float = BASE_DPI) -> tuple[Gray, ...]:
    """Return the pages of a paper's answer sheet as they come from the printer."""
    import typst

    from qbank.render.pdf import FOLDER, typst_source
    from qbank.render.typesetting import fonts

    with tempfile.TemporaryDirectory(prefix="qbank-") as name:
        root = Path(name)
        (root / "sheet.typ").write_bytes((FOLDER / "templates" / "sheet.typ").read_bytes())
        (root / "main.typ").write_text(typst_source(paper, "answer-sheet"), encoding="utf-8", newline="\n")
        drawn = typst.compile(root / "main.typ", root=root, font_paths=fonts(), format="png", ppi=float(dpi))
    pages = drawn if isinstance(drawn, list) else [drawn]
    return tuple(np.asarray(cv2.imdecode(np.frombuffer(page, np.uint8), cv2.IMREAD_GRAYSCALE)) for page in pages)


def filled_in(paper: SheetPaper, rng: np.random.Generator, *, planted: float = 0.0, blank: float = 0.03) -> Filled:
    """Return a candidate's answers; ``planted``, ``blank`` : shares of rows with something doubtful, and left out."""
    number = "".join(str(digit) for digit in rng.integers(0, 10, 12))
    answers: dict[tuple[int, int, int], tuple[str, ...]] = {}
    doubtful: dict[tuple[int, int, int], Planted] = {}
    boxes = [box for box in paper.sheet.bubbles if box.question > 0]
    free: dict[tuple[int, int], list[str]] = {}
    for (question, part, row), group in groupby(boxes, key=lambda box: (box.question, box.part, box.row)):
        values = [box.value for box in group]
        kind = paper.kinds[question, part]
        n = int(rng.integers(2, len(values) + 1)) if kind == "multiple" else 1
        if kind == "ordering":
            values = free.setdefault((question, part), list(values))
            chosen = [values.pop(int(rng.integers(len(values))))]
        else:
            chosen = sorted(rng.choice(values, n, replace=False).tolist())
        place = (question, part, row)
        answers[place] = () if rng.random() < blank and kind != "ordering" else tuple(chosen)
        if rng.random() < planted and answers[place] and kind in ("single", "true_false"):
            doubtful[place] = PLANTED[int(rng.integers(len(PLANTED)))]
    return Filled(number, answers, doubtful)


def drawn_page(
    blank: Gray, paper: SheetPaper, page: int, filled: Filled, rng: np.random.Generator, *, pencil: float = 0.8
) -> Gray:
    """Return a page with what the candidate marked on it."""
    scale = blank.shape[1] / 210.0
    ink = np.zeros(blank.shape, np.float32)
    boxes = [box for box in paper.sheet.bubbles if box.page == page]
    for box in boxes:
        place = -1 - box.question
        if box.question < 0 and place < len(filled.number) and filled.number[place] == box.value:
            _fill(ink, box, scale, rng, pencil)
    rows = groupby((box for box in boxes if box.question > 0), key=lambda box: (box.question, box.part, box.row))
    for at, group in rows:
        row = list(group)
        chosen = [box for box in row if box.value in filled.answers.get(at, ())]
        others = [box for box in row if box not in chosen]
        what = filled.planted.get(at)
        if what is None:
            for box in chosen:
                _fill(ink, box, scale, rng, pencil)
        else:
            _plant(ink, what, chosen[0], others[int(rng.integers(len(others)))], row, scale, rng, pencil)
    return np.asarray(np.clip(blank * (1 - 0.92 * np.clip(ink, 0, 1)), 0, 255), dtype=np.uint8)


def _plant(
    ink: NDArray[np.float32], what: Planted, chosen: Bubble, other: Bubble, row: list[Bubble], scale: float,
    rng: np.random.Generator, pencil: float,
) -> None:  # fmt: skip
    if what in ("double", "erased", "stray"):
        _fill(ink, chosen, scale, rng, pencil)
    if what == "double":
        _fill(ink, other, scale, rng, pencil)
    elif what == "erased":
        _fill(ink, other, scale, rng, pencil * rng.uniform(0.16, 0.35))
    elif what == "pale":
        _fill(ink, chosen, scale, rng, pencil * rng.uniform(0.2, 0.42))
    elif what == "stray":
        last = row[-1]
        if rng.random() < 0.5:
            x, y = last.x + size_of(last)[0] / 2 + rng.uniform(1.0, 1.8), last.y + rng.uniform(-0.6, 0.6)
            _stroke(ink, [(x, y), (x + rng.uniform(3, 5), y + rng.uniform(-0.8, 0.8))], scale, 0.45, pencil)
        else:
            _stroke(ink, [(row[0].x, row[0].y + 2.15), (row[-1].x, row[-1].y + 2.1)], scale, 0.4, pencil)
    elif what == "tick":
        x, y = chosen.x + rng.uniform(-0.3, 0.3), chosen.y
        _stroke(ink, [(x - 1.9, y - 0.2), (x - 0.7, y + 1.0), (x + 1.9, y - 1.3)], scale, 0.4, pencil)
    elif what == "cross":
        x, y = chosen.x + rng.uniform(-0.3, 0.3), chosen.y
        _stroke(ink, [(x - 1.7, y - 1.2), (x + 1.7, y + 1.2)], scale, 0.4, pencil)
        _stroke(ink, [(x - 1.7, y + 1.2), (x + 1.7, y - 1.2)], scale, 0.4, pencil)
    elif what == "dot":
        side = 1.35 if rng.random() < 0.5 else -1.35
        _fill(ink, chosen, scale, rng, pencil)
        centre = (int((other.x + side) * scale), int((other.y + rng.uniform(-0.4, 0.4)) * scale))
        cv2.circle(ink, centre, max(1, round(0.5 * scale)), pencil, -1, cv2.LINE_AA)


def _fill(ink: NDArray[np.float32], box: Bubble, scale: float, rng: np.random.Generator, pencil: float) -> None:
    """Add a filled box: lines to and fro, a little over or short of its edges, not quite even."""
    width, height = size_of(box)
    wide, tall = width * rng.uniform(0.86, 1.1), height * rng.uniform(0.84, 1.1)
    x0, y0 = box.x + rng.uniform(-0.15, 0.15) - wide / 2, box.y + rng.uniform(-0.12, 0.12) - tall / 2
    left, top = int(x0 * scale), int(y0 * scale)
    shape = (max(3, int(tall * scale)), max(3, int(wide * scale)))
    slope = rng.uniform(-0.5, 0.5)
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    lines = 0.5 + 0.5 * np.sin((rows + slope * columns) * (2 * np.pi / (0.42 * scale)) + rng.uniform(0, 6))
    level = pencil * (0.86 + 0.14 * lines) * (1 + 0.08 * rng.standard_normal(shape).astype(np.float32))
    level = cv2.GaussianBlur(level.astype(np.float32), (0, 0), 0.06 * scale)
    area = ink[top : top + shape[0], left : left + shape[1]]
    np.maximum(area, level[: area.shape[0], : area.shape[1]], out=area)


def _stroke(ink: NDArray[np.float32], points: list[tuple[float, float]], scale: float, width: float, pencil: float) -> None:
    places = np.array(points) * scale
    left, top = (places.min(axis=0) - 2 * scale).astype(int)
    right, bottom = (places.max(axis=0) + 2 * scale).astype(int)
    area = ink[max(top, 0) : bottom, max(left, 0) : right]
    layer = np.zeros_like(area)
    line = ((places - [max(left, 0), max(top, 0)]) * 16).astype(np.int32)
    cv2.polylines(layer, [line], False, float(pencil), max(1, round(width * scale)), cv2.LINE_AA, 4)
    np.maximum(area, layer, out=area)


def scanned(page: Gray, rng: np.random.Generator, how: Scanner) -> Gray:
    """Return the picture that a scanner or a phone makes of a page, after its compression."""
    height, width = page.shape
    scale = width / 210.0
    page = _blotted(page, rng, how.blots, scale)
    wanted = how.dpi / 25.4
    across, down = 210 * wanted, 297 * wanted
    margin = 0.0 if not (how.perspective or how.turn) else 0.045 * down + abs(np.sin(np.radians(how.turn))) * down / 2
    size = (int(across + 2 * margin), int(down + 2 * margin))
    angle = np.radians(how.turn)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    corners = np.array([(0, 0), (across, 0), (across, down), (0, down)]) - [across / 2, down / 2]
    corners = corners @ rotation.T + [size[0] / 2, size[1] / 2]
    corners += rng.uniform(-1, 1, (4, 2)) * how.perspective * across
    source = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    matrix = cv2.getPerspectiveTransform(source, corners.astype(np.float32))
    sharp = max(0.5, how.blur * scale, 0.5 * scale / wanted)
    soft = cv2.GaussianBlur(page, (0, 0), sharp)
    table = 255 if not how.perspective else int(rng.integers(40, 130))
    picture = cv2.warpPerspective(_curled(soft, how.curl * scale), matrix, size, flags=cv2.INTER_LINEAR, borderValue=table)
    light = np.asarray(picture, dtype=np.float32) * _light(picture.shape, rng, how.shade)
    light += how.noise * rng.standard_normal(picture.shape, dtype=np.float32)
    result = np.rot90(np.clip(light, 0, 255).astype(np.uint8), how.quarter)
    _, packed = cv2.imencode(".jpg", np.ascontiguousarray(result), [cv2.IMWRITE_JPEG_QUALITY, how.quality])
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE))


def _curled(page: Gray, bend: float) -> Gray:
    """Return a page whose middle is moved aside, as paper that does not lie flat."""
    if not bend:
        return page
    height, width = page.shape
    rows, columns = np.arange(height, dtype=np.float32)[:, None], np.arange(width, dtype=np.float32)
    at = np.float32(bend) * np.sin(np.pi / height * rows) * np.sin(np.pi / width * columns)
    from_x, from_y = (columns + 0.6 * at).astype(np.float32), (rows + at).astype(np.float32)
    return np.asarray(cv2.remap(page, from_x, from_y, cv2.INTER_LINEAR, borderValue=255))


def _light(shape: tuple[int, ...], rng: np.random.Generator, shade: float) -> NDArray[np.float32]:
    """Return how light falls on the picture: a slope and the soft edge of a shadow."""
    rows, columns = np.linspace(0, 1, 128, dtype=np.float32)[:, None], np.linspace(0, 1, 128, dtype=np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    slope = np.cos(angle) * columns + np.sin(angle) * rows
    slope = (slope - slope.min()) / (slope.max() - slope.min() + 1e-6)
    edge = 1 / (1 + np.exp(-(slope - rng.uniform(0.3, 0.7)) * 25))
    light = (0.97 * (1 - shade * (0.6 * slope + 0.4 * edge))).astype(np.float32)
    return np.asarray(cv2.resize(light, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR))


def _blotted(page: Gray, rng: np.random.Generator, n: int, scale: float) -> Gray:
    """Return a page with coffee rings on it, anywhere but on corner marks."""
    if not n:
        return page
    stain = np.zeros(page.shape, np.float32)
    for _ in range(n):
        x, y = rng.uniform(45, 165), rng.uniform(60, 255)
        radius = rng.uniform(6, 16)
        depth = rng.uniform(0.1, 0.22)
        layer = np.zeros(page.shape, np.float32)
        cv2.circle(layer, (int(x * scale), int(y * scale)), int(radius * scale), float(depth * 0.5), -1, cv2.LINE_AA)
        cv2.circle(layer, (int(x * scale), int(y * scale)), int(radius * scale), float(depth), max(1, int(1.5 * scale)), cv2.LINE_AA)
        stain = np.maximum(stain, cv2.GaussianBlur(layer, (0, 0), 0.4 * scale))
    return np.asarray(page * (1 - stain)).astype(np.uint8)
