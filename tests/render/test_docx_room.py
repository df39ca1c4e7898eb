"""The lists of a room as Word tables: what stands in them, row by row, and that they fit any centre's page."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from docx import Document
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.render.docx import lists_docx
from qbank.render.failure import UnprintableText
from qbank.render.layout import Layout
from qbank.render.room import Candidate, Room
from qbank.render.room_tables import Bundle
from tests.render.samples import en_paper, zh_paper
from tests.render.test_docx import shown_text
from tests.render.test_docx_layouts import CENTRE, widest_line


def bundles() -> list[Bundle]:
    return [Bundle(replace(zh_paper(3, 1, 0), version=letter), 0, f"{letter.lower()}1" * 32) for letter in "AB"]


def room(n: int = 3) -> Room:
    return Room("一号考点", "03", tuple(Candidate(f"20260{place}", f"考生{place}", str(place + 1), place % 2) for place in range(n)))


def test_each_list_says_who_sits_where_with_which_paper() -> None:
    data = lists_docx(room(), bundles(), CENTRE)
    document = Document(io.BytesIO(data))
    tables = [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]
    cover, door, sign_in, seats = tables[0], tables[7], tables[8], tables[10]
    assert cover[1:] == [
        ["LG4-2026-01A（A）", "3f9a1c07", "", "2", "a1a1a1a1a1a1a1a1"], ["LG4-2026-01A（B）", "3f9a1c07", "", "1", "b1b1b1b1b1b1b1b1"],
        ["合计", "", "", "3", ""],
    ]  # fmt: skip
    assert door[1:] == [["1", "202600", "考生0"], ["2", "202601", "考生1"], ["3", "202602", "考生2"]]
    assert [row[:4] for row in sign_in[1:]] == [[str(n + 1), f"20260{n}", f"考生{n}", "LG4-2026-01A"] for n in range(3)]
    assert seats == [["1\n考生0\n202600\nA", "2\n考生1\n202601\nB", "3\n考生2\n202602\nA", "", ""]]
    titles = [one.text for one in document.paragraphs if one.style.name == "用表标题"]
    assert titles == ["试卷密封袋封面", "考场情况记录", "考场门贴", "考生签到表", "考场座次表"]
    assert sum(one.find(f"{qn('w:pPr')}/{qn('w:pageBreakBefore')}") is not None for one in document.element.body) == 4
    assert sum(one.text.strip() == "第一鉴定中心" for one in document.paragraphs) == 5
    assert "考场用表 一号考点 03" in "".join(one.text or "" for one in document.sections[0].footer._element.iter(qn("w:t")))
    assert data == lists_docx(room(), bundles(), CENTRE)


@pytest.mark.parametrize("n", [7, 30, 31, 40])
def test_the_first_and_the_last_two_rows_of_a_list_keep_together(n: int) -> None:
    document = Document(io.BytesIO(lists_docx(room(n), bundles(), Layout())))
    sign_in = next(table for table in document.tables if table.rows[0].cells[-1].text == "备注")
    kept = [row.cells[0].paragraphs[0].paragraph_format.keep_with_next for row in sign_in.rows]
    assert [place for place, one in enumerate(kept) if one] == [0, 1, n - 1]


@settings(max_examples=15, deadline=None)
@given(
    n=st.integers(1, 60), names=st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    seats=st.sampled_from(["{}", "A{}", "", "第{}座"]), english=st.booleans(),
)  # fmt: skip
def test_the_lists_of_any_room_fit_the_page_and_keep_every_name(n: int, names: str, seats: str, english: bool) -> None:
    papers = [Bundle(en_paper() if english else zh_paper(2, 0, 0), 0, "")]
    candidates = tuple(Candidate(str(place), f"{names}{place}", seats.format(place + 1), 0) for place in range(n))
    try:
        data = lists_docx(Room("A/B", "<1>", candidates), papers, Layout())
    except UnprintableText:
        assert re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", names)
        return
    assert widest_line(data) <= 9414
    text = shown_text(Document(io.BytesIO(data)).element.body)
    assert all(text.count(re.sub(r"\s", "", one.name)) >= 3 for one in candidates)


def test_a_control_character_in_a_name_is_told() -> None:
    with pytest.raises(UnprintableText, match=r"U\+0007"):
        lists_docx(Room("", "", (Candidate("1", "王\x07", "", 0),)), bundles(), Layout())
