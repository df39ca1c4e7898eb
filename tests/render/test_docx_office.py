"""Word files in LibreOffice: set as pages, they are the pages that the PDF has.

Run where ``soffice`` is on the path or QBANK_SOFFICE names it (Debian: libreoffice-writer-nogui, and
libreoffice-math-nogui for the equations), with pdftotext and pdftoppm of poppler.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from qbank.render import pdf
from qbank.render.booklet import booklet_pdf
from qbank.render.docx import booklet_docx, lists_docx, render_docx
from qbank.render.layout import Centre, Layout
from qbank.render.room import Candidate, Room
from qbank.render.room_lists import lists_pdf
from qbank.render.room_tables import Bundle
from qbank.render.texts import parts_of
from tests.render.every_kind import en_every_kind, zh_every_kind
from tests.render.samples import en_paper, zh_paper

CENTRE = Layout(centre=Centre("No. 1", footer="Questions: 12333"))
LAYOUTS = {
    f"{language}-{name}": layout
    for language in ("zh", "en")
    for name, layout in {"a3": Layout("a3"), "large": Layout(large=True), "a3large": Layout("a3", large=True), "centre": CENTRE}.items()
}
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
    made: dict[str, tuple[bytes, bytes]] = {}
    for name, paper in PAPERS.items():
        for part in parts_of(paper()) if name != "hundred" else ("paper",):
            made[f"{name}-{part}"] = (render_docx(paper(), part), pdf.render_pdf(paper(), part))
    for name, layout in LAYOUTS.items():
        paper = PAPERS[name[:2]]()
        made[name] = (render_docx(paper, "paper", layout=layout), pdf.render_pdf(paper, "paper", layout))
    for language, paper in (("zh", zh_paper(8, 2, 0)), ("en", en_paper())):
        rationales = {question.item: "炉渣 $R$ 值。" for section in paper.sections for question in section.questions}
        made[f"{language}-booklet"] = (booklet_docx(paper, rationales, Layout()), booklet_pdf(paper, rationales, Layout()))
        room = Room("North", "03", tuple(Candidate(f"20260{n:02d}", f"{paper.title[:2]}{n}", str(n + 1), 0) for n in range(24)))
        bundles = [Bundle(paper, 8, "ab" * 32)]
        full = replace(room, candidates=tuple(Candidate(f"20260{n:02d}", ("欧阳娜娜", "Bartholomew Featherstonehaugh")[language == "en"], str(n + 1), 0) for n in range(30)))
        for name, layout in (("", Layout()), ("-centre", CENTRE)):
            made[f"{language}-lists30{name}"] = (lists_docx(full, bundles, layout), lists_pdf(full, bundles, "cd" * 32, layout))
        made[f"{language}-lists"] = (lists_docx(room, bundles, CENTRE), lists_pdf(room, bundles, "cd" * 32, CENTRE))
    for name, (word, typst) in made.items():
        (root / f"{name}.docx").write_bytes(word)
        (root / f"{name}-typst.pdf").write_bytes(typst)
    (root / "fonts.conf").write_text(FONTS.format(package=pdf.FOLDER / "fonts", cache=root / "cache"), encoding="utf-8")
    command = [office, f"-env:UserInstallation=file://{root}/profile", "--headless", "--convert-to", "pdf", "--outdir", str(root)]
    subprocess.run(
        [*command, *(str(root / f"{name}.docx") for name in made)],
        env=os.environ | {"FONTCONFIG_FILE": str(root / "fonts.conf"), "HOME": str(root)}, capture_output=True, check=True, timeout=300,
    )  # fmt: skip
    return {name: root / f"{name}.pdf" for name in made}


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


@pytest.mark.parametrize("name", ["zh-lists30", "en-lists30", "zh-lists30-centre", "en-lists30-centre"])
def test_the_lists_of_thirty_candidates_are_a_page_each(name: str, pages: dict[str, Path]) -> None:
    assert len(words(pages[name])) == 5


def test_every_part_has_the_pages_of_the_pdf_give_or_take_one(pages: dict[str, Path]) -> None:
    for name, file in pages.items():
        n = len(words(file))
        if "answer-sheet" in name:  # a form of tables, not the sheet for the scanner
            assert 1 <= n <= 4
        elif "large" in name:  # LibreOffice sets formulae at twelve points whatever stands round them
            assert abs(n - len(words(by_typst(file)))) <= 2, name
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


def likeness(one: np.ndarray, two: np.ndarray) -> float:
    """Return how alike the upper halves of two pages are, one moved up or down by at most two and a half centimetres."""
    half, found = len(one) // 2, []
    for shift in range(-5, 6):
        upper, lower = one[max(0, shift) : half + shift], two[max(0, -shift) :]
        rows = min(len(upper), len(lower), half)
        found.append(float(np.corrcoef(upper[:rows].ravel(), lower[:rows].ravel())[0, 1]))
    return max(found)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("names", [("paper", "large", "key", "task-record"), ("centre", "large", "key", "task-record"), ("a3", "a3large")])
def test_each_layout_looks_like_its_own_pdf_and_like_no_other(language: str, names: tuple[str, ...], pages: dict[str, Path]) -> None:
    """Ink in squares of half a centimetre: 0.52 to 0.81 like its own when this was written, 0.54 like another at most."""
    ours = {name: first_page(pages[f"{language}-{name}"]) for name in names}
    theirs = {name: first_page(by_typst(pages[f"{language}-{name}"])) for name in names}
    for name in names:
        alike = {other: likeness(ours[name], theirs[other]) for other in names}
        assert alike.pop(name) > max(0.5, *alike.values()), (name, alike)


def test_the_letters_of_a_paper_are_those_of_the_pdf(pages: dict[str, Path]) -> None:
    """Heads repeat otherwise, formulae are set by another program: letters outside them are counted, Chinese alone."""
    for name in ("zh-paper", "zh-marking-guide", "zh-task-record", "zh-task-notice"):
        counts = []
        for file in (pages[name], by_typst(pages[name])):
            letters = [one for one in NOT_IN_BOTH.sub("", "".join(words(file))) if "\u4e00" <= one <= "\u9fff"]
            counts.append(set(letters))
        assert counts[0] == counts[1], (name, counts[0] ^ counts[1])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_lists_of_a_room_are_the_pages_of_the_pdf_with_every_name(language: str, pages: dict[str, Path]) -> None:
    ours, theirs = words(pages[f"{language}-lists"]), words(by_typst(pages[f"{language}-lists"]))
    assert len(ours) == len(theirs) == 5
    for page, other in zip(ours, theirs, strict=True):
        assert re.findall(r"20260\d\d", page) == re.findall(r"20260\d\d", other)
        assert "Questions: 12333" in page
