"""Word files in LibreOffice: set as pages, they are the pages that the PDF has.

Run where ``soffice`` is on the path or QBANK_SOFFICE names it (Debian: libreoffice-writer-nogui, and
libreoffice-math-nogui for the equations), with pdftotext and pdftoppm of poppler.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from qbank.render import pdf
from qbank.render.docx import render_docx
from qbank.render.texts import parts_of
from tests.render.every_kind import en_every_kind, zh_every_kind
from tests.render.samples import zh_paper

PAPERS = {"zh": zh_every_kind, "en": en_every_kind, "hundred": lambda: zh_paper(80, 20, 0)}
FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<dir>{package}</dir><dir>/usr/share/fonts</dir><cachedir>{cache}</cachedir>
<alias binding="same"><family>宋体</family><prefer><family>Noto Serif SC</family></prefer></alias>
<alias binding="same"><family>黑体</family><prefer><family>Noto Sans SC</family></prefer></alias>
<alias binding="same"><family>Times New Roman</family><prefer><family>Liberation Serif</family></prefer></alias>
</fontconfig>"""
NUMBER = re.compile(r"^(\d+)．", re.MULTILINE)
NOT_IN_BOTH = re.compile(r"[\s_\-–—·\u00b7\ue000-\uf8ff]")


def program(name: str, variable: str = "") -> str:
    """Return where a program is; the test is skipped, and says so, where it is not."""
    found = os.environ.get(variable, "") or shutil.which(name)
    if not found:
        pytest.skip(f"{name} is not on this machine: Word files are not opened in LibreOffice")
    return found


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the PDF that LibreOffice makes of each part of each paper, all in one run, and beside it the PDF of typst."""
    office = program("soffice", "QBANK_SOFFICE")
    root = tmp_path_factory.mktemp("office")
    made = {}
    for name, paper in PAPERS.items():
        for part in parts_of(paper()) if name != "hundred" else ("paper",):
            (root / f"{name}-{part}.docx").write_bytes(render_docx(paper(), part))
            (root / f"{name}-{part}-typst.pdf").write_bytes(pdf.render_pdf(paper(), part))
            made[f"{name}-{part}"] = root / f"{name}-{part}.pdf"
    (root / "fonts.conf").write_text(FONTS.format(package=pdf.FOLDER / "fonts", cache=root / "cache"), encoding="utf-8")
    command = [office, f"-env:UserInstallation=file://{root}/profile", "--headless", "--convert-to", "pdf", "--outdir", str(root)]
    subprocess.run(
        [*command, *(str(path.with_suffix(".docx")) for path in made.values())],
        env=os.environ | {"FONTCONFIG_FILE": str(root / "fonts.conf"), "HOME": str(root)}, capture_output=True, check=True, timeout=300,
    )  # fmt: skip
    return made


def by_typst(file: Path) -> Path:
    """Return the PDF of the same part that typst made."""
    return file.with_name(f"{file.stem}-typst.pdf")


def words(file: Path) -> list[str]:
    """Return the text of each page in the order in which it was written."""
    command = [program("pdftotext"), "-raw", "-enc", "UTF-8", str(file), "-"]
    done = subprocess.run(command, capture_output=True, check=True)
    return done.stdout.decode("utf-8").rstrip("\f").split("\f")


def first_page(file: Path) -> np.ndarray:
    """Return the first page as grey values, 1 ink, 0 paper, blurred to half a centimetre."""
    done = subprocess.run(
        [program("pdftoppm"), "-r", "40", "-gray", "-f", "1", "-l", "1", str(file)], capture_output=True, check=True
    )
    head = re.match(rb"P5\s+(\d+)\s+(\d+)\s+255\s", done.stdout)
    assert head
    width, height = int(head[1]), int(head[2])
    ink = 1 - np.frombuffer(done.stdout[head.end() :], np.uint8).reshape(height, width) / 255
    return ink[: height // 8 * 8, : width // 8 * 8].reshape(height // 8, 8, width // 8, 8).mean(axis=(1, 3))


def test_every_part_has_the_pages_of_the_pdf_give_or_take_one(pages: dict[str, Path]) -> None:
    for name, file in pages.items():
        n = len(words(file))
        if "answer-sheet" in name:  # a form of tables, not the sheet for the scanner
            assert 1 <= n <= 4
        else:
            assert abs(n - len(words(by_typst(file)))) <= 1, name


def test_the_hundred_questions_come_in_the_order_of_the_pdf_and_none_splits(pages: dict[str, Path]) -> None:
    file = pages["hundred-paper"]
    shown, expected = words(file), words(by_typst(file))
    numbers = [[int(number) for number in NUMBER.findall(page)] for page in shown]
    assert [number for found in numbers for number in found] == [int(number) for page in expected for number in NUMBER.findall(page)] == list(range(1, 101))
    for place, (page, found) in enumerate(zip(shown, numbers, strict=True), start=1):
        assert page.count("D．") == sum(number <= 80 for number in found)  # the last option stands on its question's page
        assert "LG4-2026-01A" in page
        assert f"第{place}页共{len(shown)}页" in page.replace(" ", "")


@pytest.mark.parametrize("name", ["zh", "en"])
def test_the_head_of_the_paper_looks_like_the_pdfs(name: str, pages: dict[str, Path]) -> None:
    """Ink in squares of half a centimetre; 0.45 is what another part of the same paper does not reach."""
    ours, theirs = first_page(pages[f"{name}-paper"]), first_page(by_typst(pages[f"{name}-paper"]))
    other = first_page(pages[f"{name}-key"])
    half = slice(0, len(ours) // 2)

    def likeness(one: np.ndarray, two: np.ndarray) -> float:
        return float(np.corrcoef(one[half].ravel(), two[half].ravel())[0, 1])

    assert likeness(ours, theirs) > 0.45 > likeness(other, theirs)


def test_the_letters_of_a_paper_are_those_of_the_pdf(pages: dict[str, Path]) -> None:
    """Heads repeat otherwise, formulae are set by another program: letters outside them are counted, Chinese alone."""
    for name in ("zh-paper", "zh-marking-guide", "zh-task-record", "zh-task-notice"):
        counts = []
        for file in (pages[name], by_typst(pages[name])):
            letters = [one for one in NOT_IN_BOTH.sub("", "".join(words(file))) if "\u4e00" <= one <= "\u9fff"]
            counts.append(set(letters))
        assert counts[0] == counts[1], (name, counts[0] ^ counts[1])
