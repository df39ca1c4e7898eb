"""Layouts of Word files: folded A3, large print, what a centre puts on its papers, pages of a centre's own file."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from qbank.core.presentation import Part
from qbank.render.docx import render_docx
from qbank.render.docx.page import Page
from qbank.render.layout import Centre, Layout
from qbank.render.texts import parts_of
from tests.render.every_kind import en_every_kind, zh_every_kind
from tests.render.samples import en_paper, zh_paper
from tests.render.test_docx import body_of, files_of, shown_text

A3, LARGE = Layout("a3"), Layout(large=True)
LOGO = b'<svg xmlns="http://www.w3.org/2000/svg" width="60" height="40"><circle cx="20" cy="20" r="18"/></svg>'
CENTRE = Layout(centre=Centre("第一鉴定中心", LOGO, "咨询电话 12333"))


def widest_line(data: bytes) -> int:
    """Return the widest table, indentation and all, or the farthest tab stop of a Word file, in twips."""
    body = body_of(data)
    tables = [
        sum(int(one.get(qn("w:w"))) for one in table.findall(f"{qn('w:tblGrid')}/{qn('w:gridCol')}")) + int(table.find(f"{qn('w:tblPr')}/{qn('w:tblInd')}").get(qn("w:w")))
        for table in body.iter(qn("w:tbl"))
    ]  # fmt: skip
    stops = [int(one.get(qn("w:pos"))) for one in body.iter(qn("w:tab")) if one.get(qn("w:pos")) and one.get(qn("w:val")) != "clear"]
    return max(tables + stops)


def test_a_folded_sheet_is_a_lying_a3_with_two_columns_and_the_strip() -> None:
    section = Document(io.BytesIO(render_docx(zh_every_kind(), "paper", layout=A3))).sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (420, 297)
    columns = section._sectPr.find(qn("w:cols"))
    assert (columns.get(qn("w:num")), columns.get(qn("w:space"))) == ("2", "850")
    assert "密" in "".join(one.text or "" for one in section.first_page_header._element.iter(qn("w:t")))
    key = Document(io.BytesIO(render_docx(zh_every_kind(), "key", layout=A3))).sections[0]
    assert round(key.page_width.mm) == 210


@pytest.mark.parametrize("layout", [Layout(), A3, LARGE, Layout("a3", large=True)], ids=["a4", "a3", "large", "a3 large"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_is_wider_than_its_column(language: str, layout: Layout) -> None:
    paper = {"zh": zh_every_kind, "en": en_every_kind}[language]()
    widest = widest_line(render_docx(paper, "paper", layout=layout))
    column = Page(width=23811, n_columns=2).text_width if layout.sheet == "a3" else Page().text_width
    assert 0.97 * column < widest <= column + 2


def test_equations_of_large_print_say_their_size_and_others_follow_their_style() -> None:
    large, usual = (body_of(render_docx(zh_every_kind(), "paper", layout=layout)) for layout in (LARGE, Layout()))
    sizes = [[run.find(f"{qn('w:rPr')}/{qn('w:sz')}") for run in body.iter(qn("m:r"))] for body in (large, usual)]
    assert len(sizes[0]) == len(sizes[1]) > 20
    assert {one.get(qn("w:val")) for one in sizes[0]} == {"36"}
    assert set(sizes[1]) == {None}


def test_the_line_below_the_title_breaks_between_its_facts_only() -> None:
    lines = []
    for layout in (Layout(), LARGE, Layout("a3", large=True)):
        document = Document(io.BytesIO(render_docx(en_every_kind(), "paper", layout=layout)))
        lines.append(next(one.text for one in document.paragraphs if one.text.startswith("Paper code")).split("\n"))
    assert [len(one) for one in lines] == [1, 2, 2]
    assert lines[1] == lines[2] == ["Paper code: SM4-2026-02K", "Time allowed: 120 minutes · Full marks: 40"]


def test_points_of_a_guide_stay_on_one_page_where_they_are_few_and_rows_never_split() -> None:
    tables = list(body_of(render_docx(zh_every_kind(), "marking-guide")).iter(qn("w:tbl")))
    for table in tables:
        rows = table.findall(qn("w:tr"))
        assert all(row.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is not None for row in rows)
        assert rows[0].find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None
    guide = max((table for table in tables if len(table.find(qn("w:tblGrid"))) == 2), key=len)
    kept = [all(one.find(f"{qn('w:pPr')}/{qn('w:keepNext')}") is not None for one in row.iter(qn("w:p"))) for row in guide.findall(qn("w:tr"))]
    assert kept == [True] * (len(kept) - 1) + [False]


@pytest.mark.parametrize("layout", [Layout(), LARGE], ids=["a4", "large"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_stands_behind_a_tab_in_a_cell_ends_inside_it(language: str, layout: Layout) -> None:
    """The marks that a record takes off once stood outside their cell, where LibreOffice does not show them."""
    paper = {"zh": zh_every_kind, "en": en_every_kind}[language]()
    n_stops = 0
    for part in parts_of(paper):
        for cell in body_of(render_docx(paper, part, layout=layout)).iter(qn("w:tc")):
            room = int(cell.find(f"{qn('w:tcPr')}/{qn('w:tcW')}").get(qn("w:w")))
            stops = [int(one.get(qn("w:pos"))) for one in cell.iter(qn("w:tab")) if one.get(qn("w:pos"))]
            n_stops += len(stops)
            assert all(stop <= room - 2 * 85 for stop in stops), (part, stops, room)
    assert n_stops


def test_large_print_sets_text_in_eighteen_points_and_its_strip_as_it_was() -> None:
    usual, large = (Document(io.BytesIO(render_docx(zh_every_kind(), "paper", layout=one))) for one in (Layout(), LARGE))
    sizes = [[document.styles[name].font.size.pt for name in ("Title", "注意事项", "密封线")] for document in (usual, large)]
    assert sizes == [[17, 9.5, 9.5], [29, 16.5, 9.5]]
    default = large.styles.element.find(f"{qn('w:docDefaults')}//{qn('w:sz')}")
    assert default.get(qn("w:val")) == "36"
    assert render_docx(zh_every_kind(), "answer-sheet", layout=LARGE) == render_docx(zh_every_kind(), "answer-sheet")
    with_picture = [max(int(one.get("cx")) for one in document.element.body.iter(qn("wp:extent"))) for document in (usual, large)]
    assert with_picture[0] < with_picture[1] <= 12700 * 471


@pytest.mark.parametrize("part", ["paper", "key", "task-record"])
def test_a_centre_has_its_name_and_logo_above_the_title_and_its_line_below_every_page(part: Part) -> None:
    data = render_docx(zh_every_kind(), part, layout=CENTRE)
    document = Document(io.BytesIO(data))
    first, second = document.paragraphs[:2]
    assert (first.style.name, first.text.strip(), second.style.name) == ("中心名称", "第一鉴定中心", "Title")
    (drawing,) = first._p.iter(qn("wp:extent"))
    assert int(drawing.get("cy")) == pytest.approx(360_000, abs=10)
    assert int(drawing.get("cx")) == pytest.approx(540_000, abs=10)
    assert any(name.endswith(".svg") for name in files_of(data))
    for foot in (document.sections[0].footer, document.sections[0].first_page_footer):
        assert [one.text or "" for one in foot._element.iter(qn("w:t"))][-1] == "咨询电话 12333"


def test_a_centres_line_is_not_written_twice_into_a_file_that_has_it() -> None:
    printed = render_docx(zh_paper(2, 0, 0), "paper", layout=CENTRE)
    again = render_docx(zh_paper(2, 0, 0), "paper", printed, layout=CENTRE)
    foot = Document(io.BytesIO(again)).sections[0].footer._element
    assert etree.tostring(foot, encoding="unicode").count("咨询电话 12333") == 1
    other = replace(CENTRE, centre=Centre(footer="咨询电话 12345"))
    changed = Document(io.BytesIO(render_docx(zh_paper(2, 0, 0), "paper", printed, layout=other))).sections[0].footer._element
    assert [one.text for one in changed.iter(qn("w:t"))][-1] == "咨询电话 12345"


@settings(max_examples=12, deadline=None)
@given(
    width=st.integers(105, 420), left=st.integers(5, 35), right=st.integers(5, 35), points=st.sampled_from([8, 10, 12, 16, 22]),
    layout=st.sampled_from([Layout(), A3, LARGE]),
)  # fmt: skip
def test_a_paper_fits_the_page_and_the_letters_of_a_centres_own_file(width: int, left: int, right: int, points: int, layout: Layout) -> None:
    document = Document()
    section = document.sections[0]
    section.page_width, section.left_margin, section.right_margin = Mm(width), Mm(left), Mm(right)
    document.styles["Normal"].font.size = Pt(points)
    buffer = io.BytesIO()
    document.save(buffer)
    data = render_docx(en_paper(), "paper", buffer.getvalue(), layout=layout)
    made = Document(io.BytesIO(data))
    sheet = 420 if layout.sheet == "a3" else width
    assert round(made.sections[0].page_width.mm) == sheet
    if layout.large:
        assert made.styles["Normal"].font.size.pt == 18
    column = (sheet - left - right - (15 if layout.sheet == "a3" else 0)) / (2 if layout.sheet == "a3" else 1)
    scale = (18 if layout.large else points) / 10.5
    assert widest_line(data) <= max(column, 60 * scale) * 1440 / 25.4 + 4
    assert "SM4-2026" in shown_text(made.element.body)
