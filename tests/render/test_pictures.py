"""Pictures on paper: drawn from the bytes that came with the paper, told in words where nothing is drawn."""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import replace

import pytest

from qbank.core.picture import Picture, read_picture
from qbank.core.presentation import Paper
from qbank.render import markup
from qbank.render.failure import UnprintableText
from qbank.render.html import html_text
from qbank.render.markup import Source, convert, html_fragments, run_pandoc
from qbank.render.pdf import render_pdf, typst_source
from qbank.render.pictures import ALONE_HEIGHT, INLINE_HEIGHT
from qbank.render.renderers import RENDERERS
from qbank.render.txt import text_of
from tests.pictures import PNG, chunk, png, svg
from tests.render.every_kind import LANCE
from tests.render.samples import with_stem, zh_paper

MEDIA = {"media/a.svg": LANCE, "图 1.png": PNG}


def drawn(text: str, *, inline: bool = False) -> str:
    return convert([Source("Q-1", "stem", text, inline)], "typst", language="zh", media=MEDIA)[0]


def paper_with(stem: str, media: dict[str, bytes] | None = None) -> Paper:
    return replace(with_stem(zh_paper(1, 0, 0), stem), media=MEDIA if media is None else media)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("如图\n![a](media/a.svg)\n所示", "如图\n\n@\n\n所示"),
        ("![a](media/a.svg)", "@"),
        ("如图。![a](media/a.svg)", "如图。\n\n@"),
        ("一\n\n![a](media/a.svg)\n\n二", "一\n\n@\n\n二"),
        ("一![a](media/a.svg)\n![a](media/a.svg)", "一#picture;\n\n@"),
    ],
)
def test_a_picture_on_a_line_of_its_own_or_at_the_end_stands_alone(text: str, found: str) -> None:
    body = re.sub(r"#figure-picture\([^\n]*?pt\);", "@", drawn(text))
    assert re.sub(r"#picture\([^\n]*?pt\);", "#picture;", body) == found


@pytest.mark.parametrize("text", ["如图 ![a](media/a.svg) 所示", "![a](media/a.svg) 所示"])
def test_a_picture_among_words_stays_among_them(text: str) -> None:
    assert "#picture(" in drawn(text)
    assert "#picture(" in drawn("![a](media/a.svg)", inline=True)


def test_a_picture_is_never_larger_than_its_place() -> None:
    tall = {"t.png": png(100, 5000)}
    for inline, most in ((False, ALONE_HEIGHT), (True, INLINE_HEIGHT)):
        body = convert([Source("q", "s", "![a](t.png)", inline)], "typst", language="en", media=tall)[0]
        width = float(re.findall(r"([\d.]+)pt", body)[-1])
        assert width * 50 == pytest.approx(most, rel=0.02)


def test_the_compiler_never_meets_a_name_that_somebody_wrote() -> None:
    source = typst_source(paper_with("![a](media/a.svg) 与 ![b](<图 1.png>)"), "paper")
    assert "media/" not in source
    assert "图 1.png" not in source
    assert len(re.findall(r'picture\("[0-9a-f]{16}\.(?:svg|png)"', source)) == 2


def test_html_carries_the_bytes_and_the_words() -> None:
    html = html_text(paper_with('![<b>"甲"</b> & 乙](media/a.svg)'), "paper")
    (tag,) = re.findall(r"<img[^>]*>", html)
    assert 'src="data:image/svg+xml;base64,' in tag
    assert 'alt="&lt;b&gt;&quot;甲&quot;&lt;/b&gt; &amp; 乙"' in tag


def test_text_and_reports_tell_a_picture_in_words() -> None:
    assert "〔图：氧枪〕" in text_of(paper_with("![氧枪](media/a.svg)", {}), "paper")
    assert html_fragments(["![a *b*](nowhere.png)"], language="en") == ["[Figure: a b]"]


@pytest.mark.parametrize("word", ["pdf", "html"])
@pytest.mark.parametrize(
    ("stem", "media", "reason"),
    [
        ("![a](media/none.svg)", MEDIA, "image"),
        ("![a](/etc/hostname)", MEDIA, "image"),
        ("![a](https://example.org/a.png)", MEDIA, "image"),
        ("![a](x.svg)", {"x.svg": svg("<script/>", 'width="9" height="9"')}, "image"),
        ("![a](x.gif)", {"x.gif": b"GIF89a"}, "image"),
        ("![](media/a.svg)", MEDIA, "alt"),
    ],
)
def test_a_picture_that_cannot_be_shown_names_its_item(
    word: str, stem: str, media: dict[str, bytes], reason: str
) -> None:
    with pytest.raises(UnprintableText) as caught:
        RENDERERS[word].render(paper_with(stem, media), "paper")
    (failure,) = caught.value.failures
    assert (failure.item, failure.reason) == ("BOF4-0001", reason)


def test_a_picture_that_is_torn_inside_names_its_item() -> None:
    head = struct.pack(">IIBBBBB", 2, 1, 8, 0, 0, 0, 0)
    torn = PNG[:8] + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\x09\0\0")) + chunk(b"IEND", b"")  # no such filter
    assert isinstance(read_picture(torn), Picture)
    with pytest.raises(UnprintableText) as caught:
        render_pdf(paper_with("![a](t.png)", {"t.png": torn}), "paper")
    (failure,) = caught.value.failures
    assert (failure.item, failure.place, failure.reason) == ("BOF4-0001", "stem", "picture")
    assert failure.detail.startswith("t.png: ")


def test_no_text_can_forge_the_mark_of_a_picture() -> None:
    forged = "qbankpicture0x1alone 与 ![a](media/a.svg)"
    assert drawn(forged).startswith("qbankpicture0x1alone 与")
    assert "<img" not in html_fragments(["qbankpicture0x1alone"])[0]


def test_tables_keep_their_last_row_and_their_alignment() -> None:
    body = drawn("表。\n\n| 甲 | 乙 |\n|:---|---:|\n| $x^2$ | 2 |\n| 3 | 4 |")
    assert "[3], [4]" in body
    assert "left,right" in body.replace(" ", "")


def test_a_table_may_stand_in_an_option() -> None:
    table = "| 甲 | 乙 |\n|:--|--:|\n| 1 | $x^2$ |"
    paper = zh_paper(1, 0, 0)
    question = replace(paper.sections[0].questions[0], options=(("A", table), ("B", "| 只是竖线 |")))
    paper = replace(paper, sections=(replace(paper.sections[0], questions=(question,)),))
    html = html_text(paper, "paper")
    assert html.count("<table") == html_text(zh_paper(1, 0, 0), "paper").count("<table") + 1
    assert "| 只是竖线 |" in html
    assert "甲   乙\n" in text_of(paper, "paper")
    assert render_pdf(paper, "paper")


def test_a_text_with_a_picture_is_read_once_and_shows_the_bytes_that_come_with_each_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[object] = []

    def counted(job: dict[str, object]) -> list[list[dict[str, object]]]:
        runs.append(job)
        return run_pandoc(job)

    monkeypatch.setattr(markup, "run_pandoc", counted)
    text = "读一次 ![泵](媒/泵.png) 的图，![另一](媒/b.png)"
    source = Source("Q-1", "stem", text)
    wide, tall = png(4, 1), png(1, 4)
    one, two = (
        convert([source], "html", language="zh", media={"媒/泵.png": first, "媒/b.png": second})[0]
        for first, second in ((wide, tall), (tall, wide))
    )
    assert len(runs) == 1
    pictures = [re.findall(r'height="(\d+)"', body) for body in (one, two)]
    assert pictures == [["1", "4"], ["4", "1"]]
    with pytest.raises(UnprintableText) as caught:
        convert([source], "html", language="zh", media={"媒/泵.png": wide})
    assert [(found.item, found.reason, found.detail) for found in caught.value.failures] == [("Q-1", "image", "媒/b.png")]
    told = convert([source], "html", language="zh", drawn=False)[0]
    assert "<img" not in told and "泵" in told
