"""Layouts of the PDF: folded A3, large print, versions, rooms; a centre's own blocks; texts that need no pandoc."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.render.failure import TemplateFailure, UnprintableText
from qbank.render.layout import Centre, Layout
from qbank.render.markup import Source, convert_each, plain_fragment
from qbank.render.pdf import render_pdf
from qbank.render.pictures import typst_pictures
from qbank.render.room import Candidate, Room, n_pages, personal_base, room_pdf
from qbank.render.room_lists import lists_pdf
from qbank.render.room_tables import Bundle
from tests.render.samples import en_paper, zh_paper

A3 = Layout(sheet="a3")
LOGO = b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><circle cx="20" cy="20" r="18"/></svg>'


def told(program: str, pdf: bytes, tmp_path: Path, *more: str) -> str:
    """Return what a program of poppler says of a PDF; the test is skipped where it is missing."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} (poppler-utils) is not on this machine")
    file = tmp_path / "told.pdf"
    file.write_bytes(pdf)
    words = [found, *more, str(file), *(["-"] if program == "pdftotext" else [])]
    return subprocess.run(words, capture_output=True, check=True).stdout.decode("utf-8")


def test_a_folded_sheet_counts_its_columns_as_pages_and_no_empty_one(tmp_path: Path) -> None:
    text = told("pdftotext", render_pdf(zh_paper(80, 20, 0), "paper", A3), tmp_path).replace(" ", "")
    pages = re.findall(r"第(\d+)页共(\d+)页", text)
    assert [int(page) for page, _ in pages] == list(range(1, len(pages) + 1))
    assert {int(total) for _, total in pages} == {len(pages)}
    short = told("pdftotext", render_pdf(en_paper(), "paper", A3), tmp_path)
    assert re.findall(r"Page (\d+) of (\d+)", short) == [("1", "1")]


def test_sheets_have_their_size_and_every_font_is_inside(tmp_path: Path) -> None:
    pdf = render_pdf(zh_paper(10, 2, 0), "paper", A3)
    assert "1190.55 x 841.89" in told("pdfinfo", pdf, tmp_path)
    fonts = told("pdffonts", pdf, tmp_path).splitlines()[2:]
    assert fonts
    assert all(line.split()[-5] == "yes" for line in fonts)
    assert b"pdfuaid:part" in pdf


def test_large_print_has_letters_of_eighteen_points(tmp_path: Path) -> None:
    pdf = render_pdf(zh_paper(10, 2, 0), "paper", Layout(large=True))
    boxes = told("pdftotext", pdf, tmp_path, "-bbox")
    heights = [float(b) - float(a) for a, b in re.findall(r'yMin="([\d.]+)" xMax="[\d.]+" yMax="([\d.]+)">[^<]*熔池', boxes)]
    usual = told("pdftotext", render_pdf(zh_paper(10, 2, 0), "paper"), tmp_path, "-bbox")
    before = [float(b) - float(a) for a, b in re.findall(r'yMin="([\d.]+)" xMax="[\d.]+" yMax="([\d.]+)">[^<]*熔池', usual)]
    assert heights[0] / before[0] == pytest.approx(18 / 10.5, rel=0.01)
    assert render_pdf(zh_paper(10, 2, 0), "answer-sheet", Layout(large=True)) == render_pdf(zh_paper(10, 2, 0), "answer-sheet")


def test_a_version_says_its_letter_on_the_first_page(tmp_path: Path) -> None:
    text = told("pdftotext", render_pdf(replace(zh_paper(2, 1, 0), version="C"), "paper"), tmp_path, "-l", "1")
    assert re.search(r"(?m)^C$", text)


def room() -> Room:
    return Room("一号考点", "03", (Candidate("2026000001", "王伟", "1", 0), Candidate("2026000002", "李镕", "2", 1)))


def test_each_candidate_of_a_room_gets_the_own_paper_from_a_front_side_on(tmp_path: Path) -> None:
    papers = [zh_paper(20, 5, 0), replace(zh_paper(18, 5, 0), version="B", digest="beef0000")]
    printed = [[personal_base(paper, part, Layout()) for part in ("paper", "answer-sheet")] for paper in papers]
    pdf = room_pdf(room(), printed, Layout())
    assert pdf == room_pdf(room(), printed, Layout())
    pages = told("pdftotext", pdf, tmp_path).split("\f")[:-1]
    assert len(pages) == n_pages(pdf)
    first = [number for number, page in enumerate(pages) if "2026000001" in page]
    second = [number for number, page in enumerate(pages) if "2026000002" in page]
    assert max(first) < min(second)
    assert min(second) % 2 == 0
    assert "李镕" in pages[min(second)]
    assert "密" in pages[min(second)]
    lists = lists_pdf(room(), [Bundle(paper, 4, "ab" * 32) for paper in papers], "cd" * 32, Layout())
    words = told("pdftotext", lists, tmp_path)
    assert b"pdfuaid:part" in lists
    for word in ("试卷密封袋封面", "考场情况记录", "考场门贴", "考生签到表", "考场座次表", "abababababababab", "cdcdcdcdcdcdcdcd"):
        assert word in words.replace(" ", "")


def test_a_name_that_no_font_has_is_told() -> None:
    strange = replace(room(), candidates=(Candidate("1", "王𠮷", "1", 0),))
    with pytest.raises(UnprintableText, match="U\\+20BB7"):
        lists_pdf(strange, [Bundle(zh_paper(2, 0, 0), 1, "")], "", Layout())


def test_a_centre_puts_its_name_logo_footer_and_blocks_on_a_paper(tmp_path: Path) -> None:
    block = '#import "/settings.typ": *\n#let version-mark(letter, words) = place(top, text(font: sans)[OWN#letter])\n'
    centre = Centre("第一鉴定中心", LOGO, "咨询电话 12333", {"centre.typ": block.encode()}, "print")
    pdf = render_pdf(replace(zh_paper(2, 1, 0), version="B"), "paper", Layout(centre=centre))
    text = told("pdftotext", pdf, tmp_path).replace(" ", "")
    assert all(word in text for word in ("第一鉴定中心", "咨询电话12333", "OWNB"))
    assert b"pdfuaid:part" in pdf


@pytest.mark.parametrize(
    ("block", "line"),
    [("#let score-table(labels, ordinals) = [\n  #unknown-word\n]\n", 2), ("#let x = (\n", 1), ('\n#import "missing.typ": *\n', 2)],
)
def test_an_error_in_a_template_is_told_with_its_file_and_line(block: str, line: int) -> None:
    with pytest.raises(TemplateFailure) as caught:
        render_pdf(zh_paper(2, 0, 0), "paper", Layout(centre=Centre(files={"centre.typ": block.encode()})))
    assert (caught.value.file, caught.value.line) == ("centre.typ", line)
    assert caught.value.problem("print").span.path == "print/centre.typ"


ALPHABET = "铁碳硅锰ABzx019，。、；：？（）《》“”％℃/,.%+ \u3000$*_#-"


@settings(max_examples=5, deadline=None)
@given(st.lists(st.text(ALPHABET, max_size=14), min_size=200, max_size=200), st.booleans())
def test_a_text_that_skips_pandoc_becomes_what_pandoc_makes_of_it(texts: list[str], inline: bool) -> None:
    plain = [text for text in [*texts, "5 %", "2.5", "氧枪（　　）降低", "A"] if plain_fragment(text) is not None]
    sources = [Source("", "", text, inline) for text in plain]
    (made,) = convert_each(sources, ["typst"], {})
    assert [one.shown(typst_pictures({})) for one in made] == [plain_fragment(text) for text in plain]
