"""Papers as Word files: what stands in them, read by python-docx and as XML, and what is refused."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from itertools import product

import pytest
from docx import Document
from docx.oxml.ns import qn
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from qbank.core.presentation import PARTS, Paper, PaperSection, Part, Question
from qbank.render.docx import UnusableTemplate, render_docx
from qbank.render.docx.options import n_columns
from qbank.render.docx.styles import STYLES, style_name
from qbank.render.failure import UnprintableText
from qbank.render.readable import readable
from qbank.render.texts import converted, of_part, parts_of
from tests.render.every_kind import en_every_kind, zh_every_kind
from tests.render.samples import en_paper, with_stem, zh_paper
from tests.render.shared import en_shared, zh_shared

PAPERS = {"zh": zh_every_kind, "en": en_every_kind, "zh-shared": zh_shared, "en-shared": en_shared}
MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"


def files_of(data: bytes) -> dict[str, bytes]:
    """Return the entries of a Word file."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def body_of(data: bytes) -> etree._Element:
    """Return the text of a Word file as XML."""
    return etree.fromstring(files_of(data)["word/document.xml"])


def shown_text(element: etree._Element) -> str:
    """Return every letter of the text and of its equations, in order, without blanks."""
    letters = "".join(one.text or "" for one in element.iter(qn("w:t"), f"{MATH}t"))
    return re.sub(r"\s", "", letters)


def words_of(paper: Paper, part: Part) -> list[str]:
    """Return the words that the HTML of the part has outside formulae and pictures, text by text in reading order."""
    shown = converted(paper, part, "html")
    found: list[str] = []

    def collect(question: Question) -> None:
        found.append(question.stem)
        found.extend(body for _, body in question.prompts + question.options)
        for each in question.parts:
            collect(each)

    for section in shown.sections:
        for question in section.questions:
            if question.shared:
                found.append(question.shared.text)
            if not question.task:
                collect(question)
    plain = (re.sub(r"<math.*?</math>|<img[^>]*>", "\ue001", body, flags=re.DOTALL) for body in found)
    return [re.sub(r"\s", "", piece) for body in plain for piece in re.split("[\n\ue001]", readable(body)) if piece.strip()]


@pytest.mark.parametrize("name", PAPERS)
def test_every_text_of_a_paper_stands_in_it_in_order(name: str) -> None:
    paper = PAPERS[name]()
    text = shown_text(body_of(render_docx(paper, "paper")))
    at = 0
    for words in words_of(paper, "paper"):
        found = text.find(words.removeprefix("-"), at)
        assert found >= 0, f"{words!r} is not behind {text[max(0, at - 20) : at]!r}"
        at = found + len(words)


@pytest.mark.parametrize("name", PAPERS)
def test_equations_are_words_own_and_never_pictures_or_latex(name: str) -> None:
    paper = PAPERS[name]()
    html = converted(paper, "paper", "html")
    n_formulae = str(html).count("<math")
    data = render_docx(paper, "paper")
    body = body_of(data)
    assert len(list(body.iter(f"{MATH}oMath"))) == n_formulae
    assert "\\" not in shown_text(body)
    assert len(list(body.iter(qn("w:drawing")))) == str(html).count("<img ")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_part_opens_with_real_styles_fields_and_the_code_in_every_footer(language: str) -> None:
    paper = PAPERS[language]()
    for part in parts_of(paper):
        data = render_docx(paper, part)
        document = Document(io.BytesIO(data))
        used = {one.style.name for one in document.paragraphs if one.style is not None}
        assert {"Title", "Subtitle"} <= used
        assert used & {"Heading 1", "Heading 2"}
        assert "Normal" not in used
        section = document.sections[0]
        assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
        for foot in (section.footer, section.first_page_footer):
            xml = etree.tostring(foot._element, encoding="unicode")
            assert " PAGE " in xml
            assert " NUMPAGES " in xml
            assert paper.code in xml
        assert of_part(paper, part).title in "".join(one.text or "" for one in section.header._element.iter(qn("w:t")))
        assert document.core_properties.language == ("zh-CN" if language == "zh" else "en")
        assert b"dcterms:" not in files_of(data)["docProps/core.xml"].split(b">", 2)[2]


def test_the_styles_have_chinese_names_and_fonts_and_all_that_is_used_is_there() -> None:
    data = render_docx(zh_every_kind(), "paper")
    styles = etree.fromstring(files_of(data)["word/styles.xml"])
    names = {one.get(qn("w:val")) for one in styles.iter(qn("w:name"))}
    assert {"题干", "选项", "注意事项", "答题线", "heading 1"} <= names
    fonts = styles.find(f"{qn('w:docDefaults')}//{qn('w:rFonts')}")
    assert (fonts.get(qn("w:eastAsia")), fonts.get(qn("w:ascii"))) == ("宋体", "Times New Roman")
    ids = {one.get(qn("w:styleId")) for one in styles.iter(qn("w:style"))}
    for paper, part in product((zh_every_kind(), en_every_kind()), PARTS):
        body = body_of(render_docx(paper, part))
        assert {one.get(qn("w:val")) for one in body.iter(qn("w:pStyle"), qn("w:tblStyle"))} <= ids


@pytest.mark.parametrize("part", PARTS)
def test_tables_have_names_and_heads_and_pictures_words(part: Part) -> None:
    body = body_of(render_docx(zh_every_kind(), part))
    for table in body.iter(qn("w:tbl")):
        assert table.find(f"{qn('w:tblPr')}/{qn('w:tblCaption')}").get(qn("w:val"))
        grid = len(table.findall(f"{qn('w:tblGrid')}/{qn('w:gridCol')}"))
        for row in table.findall(qn("w:tr")):
            spans = [cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}") for cell in row.findall(qn("w:tc"))]
            assert sum(1 if span is None else int(span.get(qn("w:val"))) for span in spans) == grid
            assert all(cell[-1].tag == qn("w:p") for cell in row.findall(qn("w:tc")))
    for picture in body.iter("{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"):
        assert picture.get("descr")
    if part in ("key", "marking-guide", "task-notice", "task-paper", "task-record"):
        assert list(body.iter(qn("w:tblHeader")))


def test_no_question_splits_every_paragraph_but_its_last_keeps_with_the_next() -> None:
    body = body_of(render_docx(zh_paper(3, 0, 0), "paper"))[0]
    questions: list[list[bool]] = []
    for one in body:
        style = one.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        if style is not None and style.get(qn("w:val")) == "QStem":
            questions.append([])
        if questions and one.tag == qn("w:p"):
            questions[-1].append(one.find(f"{qn('w:pPr')}/{qn('w:keepNext')}") is not None)
    assert len(questions) == 3
    assert all(all(kept[:-1]) and not kept[-1] and len(kept) > 1 for kept in questions)


def test_the_strip_stands_beside_the_first_page_only_and_holds_the_fields() -> None:
    paper = zh_every_kind()
    section = Document(io.BytesIO(render_docx(paper, "paper"))).sections[0]
    first, others = ("".join(one.text or "" for one in head._element.iter(qn("w:t"))) for head in (section.first_page_header, section.header))
    assert all(name in first for name in (*paper.fields, "密", "封", "线"))
    assert not any(name in others for name in paper.fields)
    key = Document(io.BytesIO(render_docx(paper, "key"))).sections[0]
    assert not list(key.first_page_header._element.iter(qn("w:t")))


def test_options_stand_in_as_many_columns_as_the_longest_allows() -> None:
    assert [n_columns([width] * 4, 8900) for width in (10, 19, 20, 38, 39, 41)] == [4, 4, 2, 2, 2, 1]
    assert n_columns([20, 20, 20], 8900) == 3
    body = body_of(render_docx(zh_paper(2, 0, 0), "paper"))
    stops = [len(one) for one in body.iter(qn("w:tabs"))]
    assert 1 in stops
    assert 3 in stops


def test_the_same_paper_gives_the_same_bytes_and_no_clock() -> None:
    data = render_docx(zh_every_kind(), "paper")
    assert data == render_docx(zh_every_kind(), "paper")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.namelist()[0] == "[Content_Types].xml"


def test_the_letter_of_a_version_stands_large_at_the_head_of_the_paper() -> None:
    paper = replace(zh_paper(1, 0, 0), version="C")
    first, second = Document(io.BytesIO(render_docx(paper, "paper"))).paragraphs[:2]
    assert (first.style.name, first.text.split()) == ("卷别", ["C", "版本"])
    assert second.text == paper.title
    assert first.style.font.size.pt == 26
    assert Document(io.BytesIO(render_docx(zh_paper(1, 0, 0), "paper"))).paragraphs[0].text == paper.title


def test_no_answer_stands_in_what_a_candidate_gets() -> None:
    paper = zh_paper(2, 0, 0)
    section = paper.sections[0]
    secret = tuple(replace(question, answer="机密答案") for question in section.questions)
    paper = replace(paper, sections=(replace(section, questions=secret),))
    for part in ("paper", "answer-sheet"):
        assert "机密".encode() not in b"".join(files_of(render_docx(paper, part)).values())  # type: ignore[arg-type]
    assert "机密".encode() in b"".join(files_of(render_docx(paper, "key")).values())


ANY = st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\t\x0b\x0c\x85\u2028\u2029\u2060\x00\\")  # a backslash begins a macro
TEXT = st.text(ANY | st.sampled_from("$$__^*`<>&\"'[]{}()#|~!-+1.，“”（）—\u00a0\u200b🔥𠮷"), max_size=30)


@settings(max_examples=25, deadline=None)
@given(st.lists(TEXT, min_size=3, max_size=3))
@example(["$x$ <b> & \"q\" 'a'", "*_^`~ [](){}#|!", "1. -+ ，“”——🔥𠮷"])
def test_no_letter_is_lost_whatever_it_is(texts: list[str]) -> None:
    escaped = [re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", one) for one in texts]
    question = Question("Q-1", 1, "single", "题" + escaped[0], (("A", "甲" + escaped[1]), ("B", "乙" + escaped[2])), "A", "bracket", 1.0)
    paper = replace(zh_paper(), title=texts[0], fields=(texts[1],), sections=(PaperSection(texts[2], "选", 1.0, (question,)),))
    if re.search("[\x01-\x08\x0e-\x1f\ufffe\uffff]", "".join(texts)):
        with pytest.raises(UnprintableText, match="控制字符"):
            render_docx(paper, "paper")
        return
    text = shown_text(body_of(render_docx(paper, "paper")))
    for one in (*texts, *(first + words for first, words in zip("题甲乙", texts, strict=True))):
        assert re.sub(r"\s", "", one) in text


@pytest.mark.parametrize(
    ("stem", "reason", "detail"),
    [
        (r"某 $\unknown{x}$ 值", "formula", "unknown"),
        (r"$\frac{1}$", "formula", "frac"),
        (r"水 \ce{H2@O}", "chemistry", "@O}"),
        ("![图](media/none.png)", "image", "media/none.png"),
        ("响铃\x07", "control", "U+0007"),
        ("{" * 30 + "}" * 30, "nesting", "{"),
        ("长" * 20_001, "length", "20001"),
    ],
)
def test_what_cannot_be_printed_is_named_with_its_item(stem: str, reason: str, detail: str) -> None:
    with pytest.raises(UnprintableText) as caught:
        render_docx(with_stem(zh_paper(1, 0, 0), stem), "paper")
    (failure,) = caught.value.failures
    assert (failure.item, failure.place, failure.reason) == ("BOF4-0001", "stem", reason)
    assert detail in failure.detail


def test_a_picture_that_cannot_be_decoded_is_named_with_its_item() -> None:
    media = {"media/a.png": b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR\0\0\0\x10\0\0\0\x10\x08\x02\0\0\0" + b"\0" * 30}
    with pytest.raises(UnprintableText, match="BOF4-0001"):
        render_docx(replace(with_stem(zh_paper(1, 0, 0), "如图\n![图](media/a.png)"), media=media), "paper")


def test_emoji_and_rare_letters_go_through_since_word_has_fonts_for_them() -> None:
    assert "🔥𠮷" in shown_text(body_of(render_docx(with_stem(zh_paper(1, 0, 0), "炉前🔥𠮷字牌"), "paper")))


# --- a centre's own file


def changed(data: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """Return a Word file with one part changed."""
    files = files_of(data)
    assert old in files[name]
    files[name] = files[name].replace(old, new)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for one, content in files.items():
            archive.writestr(one, content)
    return buffer.getvalue()


def test_a_printed_file_with_changed_styles_is_a_template() -> None:
    """Word gives a style of a Chinese name an id of its own (here a9); its name stays."""
    old = replace(zh_paper(1, 0, 0), title="旧试卷", code="OLD-1", fields=("旧栏",))
    printed = render_docx(old, "paper")
    template = changed(printed, "word/styles.xml", b'w:styleId="QStem"', b'w:styleId="a9"')
    template = changed(template, "word/styles.xml", 'w:eastAsia="黑体"'.encode(), 'w:eastAsia="楷体"'.encode())
    data = render_docx(zh_every_kind(), "paper", template)
    everything = b"".join(files_of(data).values())
    assert "楷体".encode() in everything
    assert "旧试卷".encode() not in everything
    assert b"OLD-1" not in everything
    assert "旧栏".encode() not in everything
    styles = [one.get(qn("w:val")) for one in body_of(data).iter(qn("w:pStyle"))]
    assert "a9" in styles
    assert "QStem" not in styles
    assert data == render_docx(zh_every_kind(), "paper", template)


def test_a_plain_word_file_serves_and_gets_the_styles_that_it_lacks() -> None:
    document = Document()
    document.add_paragraph("某中心的说明")
    document.sections[0].header.paragraphs[0].text = "某鉴定中心"
    buffer = io.BytesIO()
    document.save(buffer)
    for part in PARTS:
        data = render_docx(zh_every_kind(), part, buffer.getvalue())
        made = Document(io.BytesIO(data))
        assert "某中心的说明" not in shown_text(body_of(data))
        assert made.sections[0].header.paragraphs[0].text == "某鉴定中心"
        assert "LG4-2026-02K" in "".join(one.text or "" for one in made.sections[0].footer._element.iter(qn("w:t")))
        assert {style_name(one, "zh") for one in STYLES if not one.built_in} <= {one.name for one in made.styles}


def bomb() -> bytes:
    """Return a small archive of very much."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"\0" * 120_000_000)
    return buffer.getvalue()


def test_what_is_no_template_is_refused_with_a_reason() -> None:
    printed = render_docx(en_paper(), "key")
    remote = b'<Relationships xmlns="x"><Relationship Id="rId9" Type="http://x/attachedTemplate" Target="http://x/" TargetMode="External"/>'
    rels = files_of(printed)["word/_rels/document.xml.rels"]
    wrong = {
        "no zip": b"%PDF-1.7",
        "cut off": printed[: len(printed) // 2],
        "bomb": bomb(),
        "remote": changed(printed, "word/_rels/document.xml.rels", rels, remote + b"</Relationships>"),
        "entities": changed(printed, "word/styles.xml", b"<w:styles", b'<!DOCTYPE x [<!ENTITY a "b">]><w:styles'),
        "broken": changed(printed, "word/document.xml", b"</w:body>", b""),
    }
    for data in wrong.values():
        with pytest.raises(UnusableTemplate) as caught:
            render_docx(en_paper(), "key", data)
        assert str(caught.value)


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_a_damaged_template_serves_or_is_refused_and_never_fails_otherwise(data: st.DataObject) -> None:
    files = files_of(render_docx(en_paper(), "paper"))
    name = data.draw(st.sampled_from(sorted(files)))
    content = files.pop(name)
    if data.draw(st.booleans()):
        start = data.draw(st.integers(0, len(content)))
        files[name] = content[:start] + content[start + data.draw(st.integers(1, 60)) :]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for one, kept in files.items():
            archive.writestr(one, kept)
    try:
        made = render_docx(en_paper(), "paper", buffer.getvalue())
    except UnusableTemplate as fault:
        assert str(fault)
    else:
        assert "SM4-2026" in shown_text(body_of(made))
