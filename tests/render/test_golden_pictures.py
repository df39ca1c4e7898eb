"""Every layout as a picture: small grey pages in ``tests/golden/pictures``, rewritten by ``QBANK_GOLDEN=update``.

They are compared loosely, so that another release of the compiler or of poppler may draw a line a little elsewhere; what is
compared exactly are the sources, in the golden files beside them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from qbank.core.presentation import Part
from qbank.render.booklet import booklet_pdf
from qbank.render.layout import A4, Centre, Layout
from qbank.render.pdf import render_pdf
from qbank.render.room import Candidate, Room, personal_base, room_pdf
from qbank.render.room_lists import lists_pdf
from qbank.render.room_tables import Bundle
from qbank.render.tagged_room import tagged_room_pdf
from tests.render.every_kind import en_every_kind, zh_every_kind
from tests.render.versions import en_versions, zh_versions

FOLDER = Path(__file__).parent.parent / "golden" / "pictures"
DPI, MOST_APART = 40, 3.0
"""Dots an inch, and the mean difference of grey (0 to 255), in blocks of four by four dots, from which a page is another one."""
PAPERS = {"zh": zh_every_kind(), "en": en_every_kind()}
VERSIONS = {"zh": zh_versions(), "en": en_versions()}
LOGO = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="60" height="40"><circle cx="20" cy="20" r="17" fill="none" '
    b'stroke="black" stroke-width="4"/><path d="M36 34 L46 8 L56 34 Z"/></svg>'
)
CENTRES = {
    "zh": Centre("第一职业技能鉴定中心", LOGO, "咨询电话 12333"), "en": Centre("No. 1 Appraisal Centre", LOGO, "Questions: 12333"),
}  # fmt: skip
ROOMS = {
    "zh": Room("一号考点", "03", tuple(Candidate(f"20260000{n:02d}", name, str(n), n % 2) for n, name in enumerate(("王伟", "李镕", "张芳芳"), start=1))),
    "en": Room("North site", "03", tuple(Candidate(f"20260000{n:02d}", name, f"B{n}", n % 2) for n, name in enumerate(("Ann Lee", "Bob Ray", "Cy Young"), start=1))),
}  # fmt: skip


def part_of(language: str, part: Part, layout: Layout = A4) -> bytes:
    """Return a part of the paper of every kind, or of its versions."""
    papers = VERSIONS if part == "version-map" else PAPERS
    return render_pdf(papers[language], part, layout)


def room_of(language: str, make: Callable[..., bytes] = room_pdf) -> bytes:
    """Return the papers of a room."""
    layout = Layout(centre=CENTRES[language])
    papers = [replace(PAPERS[language], version=letter, digest=f"{letter.lower()}0000000") for letter in "AB"]
    return make(ROOMS[language], [[personal_base(paper, part, layout) for part in ("paper", "answer-sheet")] for paper in papers], layout)


def lists_of(language: str) -> bytes:
    """Return the lists of that room."""
    bundles = [Bundle(replace(PAPERS[language], version=letter), 8, letter.lower() * 64) for letter in "AB"]
    return lists_pdf(ROOMS[language], bundles, "0" * 64, Layout(centre=CENTRES[language]))


CASES: Mapping[str, tuple[Callable[[str], bytes], tuple[int, ...]]] = {
    "paper": (lambda language: part_of(language, "paper", Layout(centre=CENTRES[language])), (1, 2)),
    "key": (lambda language: part_of(language, "key"), (1,)),
    "answer-sheet": (lambda language: part_of(language, "answer-sheet"), (1,)),
    "marking-guide": (lambda language: part_of(language, "marking-guide"), (1,)),
    "version-map": (lambda language: part_of(language, "version-map"), (1,)),
    "task-notice": (lambda language: part_of(language, "task-notice"), (1,)),
    "task-paper": (lambda language: part_of(language, "task-paper"), (1,)),
    "task-record": (lambda language: part_of(language, "task-record"), (1,)),
    "a3": (lambda language: part_of(language, "paper", Layout("a3", centre=CENTRES[language])), (1,)),
    "a3-large": (lambda language: part_of(language, "paper", Layout("a3", large=True)), (1,)),
    "large": (lambda language: part_of(language, "paper", Layout(large=True, centre=CENTRES[language])), (1,)),
    "booklet": (lambda language: booklet_pdf(PAPERS[language], {"K-1": "…", "E-1": "…"}, A4), (1,)),
    "room": (room_of, (1,)),
    "room-accessible": (lambda language: room_of(language, tagged_room_pdf), (1,)),
    "lists": (lists_of, (1, 2, 3, 4, 5)),
}
"""What is printed → how, and the pages that are looked at."""


def pages_of(pdf: bytes, pages: tuple[int, ...], folder: Path) -> dict[int, NDArray[np.uint8]]:
    """Return pages as pictures, (height, width), white 255; the test is skipped where poppler is missing."""
    program = shutil.which("pdftoppm")
    if program is None:
        pytest.skip("pdftoppm (poppler-utils) is not on this machine")
    file = folder / "pages.pdf"
    file.write_bytes(pdf)
    found = {}
    for page in pages:
        words = [program, "-r", str(DPI), "-gray", "-f", str(page), "-l", str(page), str(file)]
        data = subprocess.run(words, capture_output=True, check=True).stdout
        _, size, _, rest = data.split(b"\n", 3)
        width, height = map(int, size.split())
        found[page] = np.frombuffer(rest, np.uint8, width * height).reshape(height, width)
    return found


def softened(picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the means of blocks of four by four dots."""
    height, width = (side // 4 * 4 for side in picture.shape)
    blocks: NDArray[np.float64] = picture[:height, :width].reshape(height // 4, 4, width // 4, 4).mean(axis=(1, 3))
    return blocks


@pytest.mark.parametrize("language", PAPERS)
@pytest.mark.parametrize("name", CASES)
def test_a_page_looks_as_in_its_golden_picture(name: str, language: str, tmp_path: Path) -> None:
    cv2 = pytest.importorskip("cv2", reason="pictures are read with the extra omr")
    make, pages = CASES[name]
    for page, picture in pages_of(make(language), pages, tmp_path).items():
        file = FOLDER / f"{language}-{name}-{page}.png"
        if os.environ.get("QBANK_GOLDEN") == "update":
            FOLDER.mkdir(parents=True, exist_ok=True)
            file.write_bytes(cv2.imencode(".png", picture // 17 * 17, [cv2.IMWRITE_PNG_COMPRESSION, 9])[1].tobytes())
        assert file.exists(), f"{file.name} is not there yet: QBANK_GOLDEN=update pytest"
        golden = cv2.imdecode(np.frombuffer(file.read_bytes(), np.uint8), cv2.IMREAD_GRAYSCALE)
        assert golden.shape == picture.shape
        apart = np.abs(softened(golden) - softened(picture)).mean()
        assert apart < MOST_APART, f"{file.name}: {apart:.1f}"


def test_no_golden_picture_is_an_orphan_and_all_are_small() -> None:
    names = {f"{language}-{name}-{page}.png" for language in PAPERS for name, (_, pages) in CASES.items() for page in pages}
    assert {file.name for file in FOLDER.iterdir()} == names
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < 1_500_000


def test_a_page_with_another_text_is_told_from_its_golden_picture(tmp_path: Path) -> None:
    (usual,) = pages_of(part_of("zh", "paper"), (1,), tmp_path).values()
    turned = replace(PAPERS["zh"], sections=PAPERS["zh"].sections[::-1])
    (other,) = pages_of(render_pdf(turned, "paper"), (1,), tmp_path).values()
    assert np.abs(softened(usual) - softened(other)).mean() > MOST_APART
