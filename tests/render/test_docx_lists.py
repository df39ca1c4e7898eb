"""Lists of a text as lists that Word numbers itself; a booklet to practise with."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from docx import Document
from docx.oxml.ns import qn
from lxml import etree

from qbank.core.presentation import PaperSection, Question
from qbank.render.docx import booklet_docx, render_docx
from qbank.render.failure import UnprintableText
from qbank.render.layout import Layout
from tests.render.samples import with_stem, zh_paper
from tests.render.test_docx import body_of, files_of, shown_text
from tests.render.test_docx_layouts import CENTRE

STEM = "按顺序操作：\n\n3. 兑铁\n4. 下枪\n   - 看火焰\n   - 听声音\n\n然后说明：\n\n1. 甲\n2. 乙"


def counted(data: bytes) -> list[tuple[str, str, str]]:
    """Return each paragraph that a list counts: its words, the format of the list, where the list begins."""
    root = etree.fromstring(files_of(data)["word/numbering.xml"])
    abstract = {one.get(qn("w:abstractNumId")): one for one in root.findall(qn("w:abstractNum"))}
    numbers = {one.get(qn("w:numId")): abstract[one.find(qn("w:abstractNumId")).get(qn("w:val"))] for one in root.findall(qn("w:num"))}
    found = []
    for paragraph in body_of(data).iter(qn("w:p")):
        number = paragraph.find(f"{qn('w:pPr')}/{qn('w:numPr')}/{qn('w:numId')}")
        if number is not None:
            level = numbers[number.get(qn("w:val"))].find(qn("w:lvl"))
            found.append((shown_text(paragraph), *(level.find(qn(name)).get(qn("w:val")) for name in ("w:numFmt", "w:start"))))
    return found


def test_each_list_of_a_stem_is_counted_by_word_from_its_own_number() -> None:
    data = render_docx(with_stem(zh_paper(1, 0, 0), STEM), "paper")
    assert counted(data)[-6:] == [
        ("兑铁", "decimal", "3"), ("下枪", "decimal", "3"), ("看火焰", "bullet", "1"), ("听声音", "bullet", "1"), ("甲", "decimal", "1"), ("乙（）", "decimal", "1"),
    ]  # fmt: skip
    names = [one.get(qn("w:val")) for one in body_of(data).iter(qn("w:numId"))][-6:]
    assert len(set(names)) == 3


def test_lists_of_a_template_keep_their_numbers_beside_ours() -> None:
    document = Document()
    document.add_paragraph("旧", style="List Number")
    buffer = io.BytesIO()
    document.save(buffer)
    before = etree.fromstring(files_of(buffer.getvalue())["word/numbering.xml"])
    data = render_docx(with_stem(zh_paper(1, 0, 0), STEM), "paper", buffer.getvalue())
    after = etree.fromstring(files_of(data)["word/numbering.xml"])
    for name, key in (("w:abstractNum", "w:abstractNumId"), ("w:num", "w:numId")):
        old, new = ([one.get(qn(key)) for one in root.findall(qn(name))] for root in (before, after))
        assert new[: len(old)] == old
        assert len(set(new)) == len(new) > len(old)
    assert counted(data)[-6] == ("兑铁", "decimal", "3")
    kinds = [one.tag for one in after]
    assert kinds == sorted(kinds, key=lambda tag: tag == qn("w:num"))


def test_a_list_where_no_program_counts_has_its_marks_written() -> None:
    question = Question("Q-1", 1, "short", "写", (), "1. 一\n2. 二", "lines", 1.0)
    paper = replace(zh_paper(), sections=(PaperSection("简答题", "写", 1.0, (question,)),))
    text = shown_text(body_of(render_docx(paper, "key")))
    assert "1.一" in text
    assert "2.二" in text


def test_a_list_in_an_option_stands_below_its_letter() -> None:
    question = Question("Q-1", 1, "single", "选", (("A", "两步：\n\n- 一\n- 二"), ("B", "乙")), "A", "bracket", 1.0)
    paper = replace(zh_paper(), sections=(PaperSection("单选题", "选", 1.0, (question,)),))
    body = body_of(render_docx(paper, "paper"))
    lines = [shown_text(one) for one in body.iter(qn("w:p"))]
    assert lines[-4:] == ["A．两步：", "一", "二", "B．乙"]


def test_an_answer_bracket_never_breaks_over_lines() -> None:
    data = render_docx(with_stem(zh_paper(1, 0, 0), "下列正确的是（　　）。"), "paper")
    words = "".join(one.text or "" for one in body_of(data).iter(qn("w:t")))
    assert "（" + "\u00a0" * 8 + "）。" in words
    assert "\u3000" not in words[words.index("下列") :]


def test_a_booklet_has_no_scores_and_its_answers_and_rationales_behind_it() -> None:
    paper = zh_paper(2, 1, 0)
    first = paper.sections[0].questions[0].item
    data = booklet_docx(paper, {first: "因为 $x$。\n\n1. 甲"}, CENTRE)
    document = Document(io.BytesIO(data))
    text = shown_text(document.element.body)
    assert "练习册" in text and "评分人" not in text and "第一鉴定中心" in text
    assert not any("密" in (one.text or "") for one in document.sections[0].first_page_header._element.iter(qn("w:t")))
    at = text.index("答案与解析")
    assert "解析：因为x。甲" in text[at:]
    assert text[at:].count("解析：") == 1
    assert ("甲", "decimal", "1") in counted(data)
    assert data == booklet_docx(paper, {first: "因为 $x$。\n\n1. 甲"}, CENTRE)
    with pytest.raises(UnprintableText, match=first):
        booklet_docx(paper, {first: "响\x07"}, Layout())
