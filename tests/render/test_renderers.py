"""Every renderer, every part: golden files, the same bytes in every process, and what is said when it cannot be."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import string
import subprocess
import sys
import zlib
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise, product
from pathlib import Path

import pytest

from qbank.core.presentation import PARTS, Paper, PaperSection, Part, Question
from qbank.messages import LANGUAGES, group_texts, problem_message
from qbank.problem import Span
from qbank.render.failure import UnprintableText
from qbank.render.html import html_text
from qbank.render.pdf import render_pdf, typst_source
from qbank.render.places import answer_places
from qbank.render.readable import readable, width, wrapped
from qbank.render.renderers import RENDERERS
from qbank.render.sheet import BOTTOM, FIDUCIALS, LEFT, RIGHT
from qbank.render.sheet_layout import answer_sheet
from qbank.render.texts import parts_of
from qbank.render.txt import COLUMNS, text_of
from tests.render.conftest import GOLDEN
from tests.render.every_kind import en_every_kind, zh_every_kind
from tests.render.pretest import PRETEST_PARTS, en_pretest, zh_pretest
from tests.render.samples import en_paper, with_stem, zh_paper
from tests.render.shared import en_shared, zh_shared
from tests.render.versions import en_versions, zh_versions

PAPERS: dict[str, Callable[[], Paper]] = {
    "zh": zh_paper, "en": en_paper, "zh-every-kind": zh_every_kind, "en-every-kind": en_every_kind,
}  # fmt: skip
SHARED: dict[str, Callable[[], Paper]] = {"zh-shared": zh_shared, "en-shared": en_shared}
VERSIONS: dict[str, Callable[[], Paper]] = {"zh-versions": zh_versions, "en-versions": en_versions}
PRETEST: dict[str, Callable[[], Paper]] = {"zh-pretest": zh_pretest, "en-pretest": en_pretest}
TEXTS: dict[str, Callable[[Paper, Part], str]] = {
    "typ": lambda paper, part: typst_source(paper, part),
    "html": lambda paper, part: re.sub(r"(?s)<style>.*?</style>", "<style></style>", html_text(paper, part)),
    "txt": text_of,
}
NAMES = [
    f"{name}.{part}.{form}" for name, paper in PAPERS.items() for part, form in product(parts_of(paper()), TEXTS)
] + [f"{name}.paper.{form}" for name, form in product(SHARED, TEXTS)]
NAMES += [f"{name}.{part}.{form}" for name, part, form in product(PRETEST, PRETEST_PARTS, TEXTS)]
NAMES += [f"{name}.version-map.{form}" for name, form in product(VERSIONS, TEXTS)]


def pdf_text(pdf: bytes, tmp_path: Path) -> str:
    """Return what `pdftotext` reads from the PDF; the test is skipped where the program is missing."""
    program = shutil.which("pdftotext")
    if program is None:
        pytest.skip("pdftotext (poppler-utils) is not on this machine")
    file = tmp_path / "paper.pdf"
    file.write_bytes(pdf)
    done = subprocess.run(
        [program, "-layout", "-enc", "UTF-8", str(file), "-"], capture_output=True, check=True
    )
    return done.stdout.decode("utf-8")


def n_pages(pdf: bytes) -> int:
    """Return the number of pages that the PDF's page tree declares."""
    streams = re.findall(rb"/FlateDecode[^>]*>>\s*stream\r?\n(.*?)endstream", pdf, re.DOTALL)
    plain = [pdf, *(zlib.decompressobj().decompress(stream) for stream in streams)]
    counts = (re.findall(rb"/Type\s*/Pages\b[^>]*?/Count\s+(\d+)", part) for part in plain)
    return max(int(count) for found in counts for count in found)


@pytest.mark.parametrize("name", NAMES)
def test_every_text_is_as_in_its_golden_file(name: str, golden: Callable[[str, str], None]) -> None:
    paper, part, form = name.split(".")
    golden(name, TEXTS[form]((PAPERS | SHARED | PRETEST | VERSIONS)[paper](), part))  # type: ignore[arg-type]


def test_no_golden_file_is_an_orphan() -> None:
    assert {file.name for file in GOLDEN.iterdir()} == set(NAMES)


@pytest.mark.parametrize("word", RENDERERS)
@pytest.mark.parametrize("language", PAPERS | VERSIONS)
def test_every_renderer_makes_every_part(word: str, language: str) -> None:
    renderer = RENDERERS[word]
    paper = (PAPERS | VERSIONS)[language]()
    parts = parts_of(paper)
    made = {part: renderer.render(paper, part) for part in parts}
    assert renderer.render.__doc__
    assert renderer.suffix == f".{word}"
    assert all(made.values())
    assert len(set(made.values())) == len(parts)
    assert all(data.startswith(b"%PDF-1.7") for data in made.values()) == (word == "pdf")


def test_the_same_paper_gives_the_same_bytes_in_any_process() -> None:
    program = (
        "import hashlib; from qbank.render.renderers import RENDERERS; from qbank.core.presentation import PARTS;"
        "from tests.render.every_kind import zh_every_kind as paper;"
        "print([hashlib.sha256(r.render(paper(), p)).hexdigest() for r in RENDERERS.values() for p in PARTS])"
    )
    root = Path(__file__).parents[2]
    seen = set()
    for seed in ("1", "4242"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(root), "TZ": f"UTC-{seed[0]}"}
        done = subprocess.run(
            [sys.executable, "-c", program], env=environment, cwd=root, capture_output=True, check=True
        )
        seen.add(done.stdout)
    here = [
        hashlib.sha256(r.render(zh_every_kind(), part)).hexdigest() for r in RENDERERS.values() for part in PARTS
    ]
    assert {str(here)} == {one.decode().strip() for one in seen}


def test_a_pdf_declares_both_standards() -> None:
    pdf = render_pdf(en_paper(), "paper")
    assert b"pdfuaid:part" in pdf
    assert b"pdfaid:part" in pdf
    assert b"/MarkInfo" in pdf or b"/StructTreeRoot" in pdf


def test_a_paper_of_one_hundred_questions_takes_eight_to_ten_pages(tmp_path: Path) -> None:
    pdf = render_pdf(zh_paper(80, 20, 0), "paper")
    assert 7 <= n_pages(pdf) <= 10
    text = pdf_text(pdf, tmp_path)
    assert f"第{n_pages(pdf)}页共{n_pages(pdf)}页" in text.replace(" ", "")
    assert text.count("LG4-2026-01A") == n_pages(pdf) + 1
    assert [f"{number}．" in text for number in range(1, 101)] == [True] * 100


def test_the_head_holds_what_a_chinese_paper_holds(tmp_path: Path) -> None:
    text = pdf_text(render_pdf(zh_paper(), "paper"), tmp_path)
    for words in (
        "职业技能等级认定理论知识试卷",
        "注意事项",
        "题号",
        "总分",
        "得分",
        "评分人",
        "一、单项选择题",
    ):
        assert words in text
    assert "（第 1 题～第 10 题" in text or "（第1题～第10题" in text


def test_a_question_too_long_for_a_page_runs_on_and_loses_nothing(tmp_path: Path) -> None:
    stem = "\n\n".join(f"第{number}段，" + "转炉吹炼过程中应当注意观察火焰。" * 6 for number in range(40))
    pdf = render_pdf(with_stem(zh_paper(1, 0, 0), stem), "paper")
    text = pdf_text(pdf, tmp_path)
    assert n_pages(pdf) >= 2
    assert all(f"{number}段" in text.replace(" ", "") for number in range(40))


def test_very_long_and_empty_options_print() -> None:
    paper = zh_paper(2, 0, 0)
    section = paper.sections[0]
    options = (("A", ""), ("B", "炉渣" * 400), ("C", "x" * 900), ("D", "-"))
    questions = (replace(section.questions[0], options=options), replace(section.questions[1], options=()))
    changed = replace(paper, sections=(replace(section, questions=questions),))
    for word, part in product(RENDERERS, PARTS):
        assert RENDERERS[word].render(changed, part)


def test_a_paper_without_notices_fields_or_questions_prints() -> None:
    empty = replace(
        zh_paper(), notices=(), fields=(), sections=(PaperSection("单项选择题", "选择。", 1.0, ()),)
    )
    bare = replace(empty, sections=())
    for paper, word, part in product((empty, bare), RENDERERS, PARTS):
        assert RENDERERS[word].render(paper, part)


@pytest.mark.parametrize("word", RENDERERS)
def test_an_unknown_macro_names_its_item(word: str) -> None:
    with pytest.raises(UnprintableText) as caught:
        RENDERERS[word].render(with_stem(zh_paper(), r"某 $\unknown{x}$ 值"), "paper")
    (failure,) = caught.value.failures
    assert (failure.item, failure.place, failure.reason) == ("BOF4-0001", "stem", "formula")
    (problem,) = caught.value.problems(lambda item: Span(f"{item}.yaml", 3, 1))
    assert str(problem.span) == "BOF4-0001.yaml:3:1"
    assert "BOF4-0001（stem）" in problem_message(problem, "zh")


def test_a_character_that_no_font_has_names_its_item() -> None:
    with pytest.raises(UnprintableText) as caught:
        render_pdf(with_stem(zh_paper(), "炉前的𠮷字牌"), "paper")
    (failure,) = caught.value.failures
    assert (failure.item, failure.reason) == ("BOF4-0001", "glyph")
    assert "U+20BB7" in str(caught.value)


def test_a_rare_character_of_a_name_prints() -> None:
    assert render_pdf(with_stem(zh_paper(), "镕、喆、垚、祎、翀"), "paper")


def test_a_missing_character_in_the_head_is_named_as_the_head() -> None:
    with pytest.raises(UnprintableText, match="卷首"):
        render_pdf(replace(zh_paper(), subject="𠮷"), "paper")


@pytest.mark.parametrize(
    "text",
    [
        '#import "@preview/x:1.0.0"',
        '#read("/etc/passwd")',
        "<script>alert(1)</script>",
        '"]) #panic("x") ([',
        "// comment",
        "/* open",
        "*/ $ ] ) }",
        "\\",
        "@label <label>",
        "a // b\nhttp://example.org//x",
    ],
)
def test_hostile_texts_print_as_the_letters_they_are(text: str, tmp_path: Path) -> None:
    paper = with_stem(zh_paper(1, 1, 0), text)
    section = paper.sections[0]
    options = tuple((letter, text) for letter in "ABCD")
    question = replace(section.questions[0], options=options, answer=text)
    section = replace(section, title=text, instruction=text, questions=(question,))
    hostile = replace(
        paper, title=text, subject=text, code=text, notices=(text,), fields=(text,), sections=(section,)
    )
    for word, part in product(RENDERERS, PARTS):
        data = RENDERERS[word].render(hostile, part)
        assert word != "html" or b"<script" not in data
    shown = pdf_text(render_pdf(hostile, "paper"), tmp_path)
    words = re.findall(r"[a-z]{3,}", text)
    assert all(word in shown for word in words)


@pytest.mark.parametrize("part", PARTS)
def test_html_fetches_nothing(part: Part) -> None:
    html = html_text(zh_every_kind(), part)
    assert not re.search(r"<(?:script|link|iframe|object)|url\(|@import|\shref=", html)
    assert set(re.findall(r"\ssrc=\"([a-z/+:]*)", html)) <= {"data:image/svg+xml", "data:image/png"}
    assert set(re.findall(r"https?://[^\s\"'<]+", html)) <= {
        "http://www.w3.org/1998/Math/MathML",
        "http://www.w3.org/2000/svg",
    }


def test_no_line_of_the_text_is_wider_than_the_terminal() -> None:
    for paper, part in product((zh_paper(80, 20, 2), zh_every_kind(), en_every_kind()), PARTS):
        assert max(map(width, text_of(paper, part).split("\n"))) <= COLUMNS + 4  # 。） may hang


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a</p>\n<p>b</p>", "a\nb"),
        ("<ul>\n<li>a</li>\n<li>b</li>\n</ul>", "- a\n- b"),
        ("<math><mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mi>c</mi></mfrac></math>", "(a + b)/c"),
        ("<math><msub><mi>O</mi><mn>2</mn></msub></math>", "O₂"),
        ("<math><msup><mi>e</mi><mrow><mo>−</mo><mi>k</mi></mrow></msup></math>", "e^(−k)"),
        ("<math><msqrt><mn>2</mn></msqrt></math>", "√2"),
        ("<math><mroot><mi>x</mi><mn>3</mn></mroot></math>", "³√x"),
        ("<math><munderover><mo>∑</mo><mi>i</mi><mi>n</mi></munderover><mi>x</mi></math>", "∑ᵢⁿx"),
    ],
)
def test_formulae_read_as_plain_text(html: str, text: str) -> None:
    assert readable(html) == text


def test_wrapping_keeps_every_character_and_never_parts_a_bracket() -> None:
    words = "某炉钢水 120 t，应加入硅铁（　　）kg（忽略影响）。" * 3
    lines = wrapped(words, 20)
    assert "".join(lines).replace(" ", "") == words.replace(" ", "")
    assert all(line.count("（　　") == line.count("（　　）") for line in lines)


def fields_of(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_both_catalogues_hold_the_same_texts_with_the_same_fields() -> None:
    zh, en = (group_texts(language, "paper") for language in LANGUAGES)
    assert list(zh) == list(en)
    assert {name: fields_of(template) for name, template in zh.items()} == {
        name: fields_of(template) for name, template in en.items()
    }
    assert not any("\u2e80" <= character <= "\uffee" for template in en.values() for character in template)


def wide_question(number: int, n_options: int) -> Question:
    options = tuple((letter, "x") for letter in "ABCDEFGH"[:n_options])
    return Question(f"W-{number}", number, "multiple", "选", options, "AB", "bracket", 2.0)


@pytest.mark.parametrize("paper", [zh_paper(200, 60, 5), zh_paper(3, 0, 0), en_paper(), zh_every_kind(), en_every_kind()])
def test_every_place_of_an_answer_sheet_lies_on_its_page_and_none_overlaps(paper: Paper) -> None:
    sheet = answer_sheet(paper)
    assert {bubble.page for bubble in sheet.bubbles} <= set(range(1, sheet.n_pages + 1))
    assert all(LEFT <= bubble.x <= RIGHT and 30 <= bubble.y <= BOTTOM for bubble in sheet.bubbles)
    for page in range(1, sheet.n_pages + 1):
        filled = sorted((bubble.y, bubble.x) for bubble in sheet.bubbles if bubble.page == page)
        close = [(a, b) for a, b in pairwise(filled) if a[0] == b[0] and b[1] - a[1] < 4.9]
        assert not close
    asked = {
        (place.number, place.part)
        for section in paper.sections for place in answer_places(section) if not place.question.task
    }  # fmt: skip
    places = {(bubble.question, bubble.part) for bubble in sheet.bubbles if bubble.question > 0}
    assert asked == places | {(area.question, area.part) for area in sheet.areas}
    assert all(area.x >= LEFT and area.x + area.width <= RIGHT + 0.1 for area in sheet.areas)
    assert all(area.y + area.height <= BOTTOM + 0.1 for area in sheet.areas)


def test_a_sheet_with_eight_options_stays_inside_the_corner_marks() -> None:
    questions = tuple(wide_question(number, 8) for number in range(1, 31))
    paper = replace(zh_paper(), sections=(PaperSection("多项选择题", "选。", 2.0, questions),))
    sheet = answer_sheet(paper)
    assert max(bubble.x for bubble in sheet.bubbles) < FIDUCIALS[1][0] - 5
    assert render_pdf(paper, "answer-sheet")


def test_written_answers_get_space_on_the_paper_and_on_the_sheet() -> None:
    essay = Question("E-1", 1, "essay", "论述转炉终点控制的要点。", (), "要点……", "blank", 20.0)
    paper = replace(zh_paper(), sections=(PaperSection("论述题", "简明作答。", 20.0, (essay,)),))
    (area,) = answer_sheet(paper).areas
    assert area.height > 100
    for word, part in product(RENDERERS, PARTS):
        assert RENDERERS[word].render(paper, part)


@pytest.mark.parametrize(("n", "rows"), [(3, 1), (11, 1), (15, 1), (16, 2), (20, 2)])
def test_the_table_of_scores_holds_every_section_without_breaking_a_word(n: int, rows: int, tmp_path: Path) -> None:
    paper = zh_paper()
    paper = replace(paper, sections=tuple(paper.sections[2] for _ in range(n)))
    head = pdf_text(render_pdf(paper, "paper"), tmp_path).split("一、")[0]
    found = [words for line in head.splitlines() if line.strip().startswith("题号") for words in line.split()[1:]]
    ordinals = [*"一二三四五六七八九十", *(f"十{digit}" for digit in "一二三四五六七八九"), "二十"]
    assert found == [*ordinals[:n], "总分"]
    assert head.count("题号") == rows


def test_the_lines_of_a_long_answer_go_on_over_the_page_but_never_without_the_question(tmp_path: Path) -> None:
    """Each essay takes 20 lines: kept whole, two would not stand on a page, and half of each page were empty."""
    paper = zh_paper()
    essays = tuple(
        Question(f"E-{n}", n, "essay", f"论述第{n}题。", (), "", "lines", 10.0, n_lines=20) for n in range(1, 9)
    )
    paper = replace(paper, sections=(replace(paper.sections[0], questions=essays),))
    pdf = render_pdf(paper, "paper")
    assert n_pages(pdf) == 6
    pages = pdf_text(pdf, tmp_path).split("\f")
    assert all(page.count(f"{n}.") == page.count(f"论述第{n}题") for n in range(5, 9) for page in pages)


@pytest.mark.parametrize("n_paragraphs", [12, 20, 21, 24, 45])
def test_a_stimulus_never_parts_from_its_first_question(n_paragraphs: int, tmp_path: Path) -> None:
    """One that fits on a page stands on one page with it; of a longer one at least the last paragraph does."""
    words = "转炉装入铁水和废钢后降枪吹炼，吹炼前期硅锰氧化，渣中氧化铁升高，石灰逐渐熔化，炉渣碱度升高，脱磷反应进行。"
    body = "\n\n".join(f"段{n}。{words}" for n in range(1, n_paragraphs + 1))
    paper = zh_shared()
    section = paper.sections[0]
    first = section.questions[2]
    assert first.shared is not None
    first = replace(first, stem="首题。", shared=replace(first.shared, text=body))
    questions = (*section.questions[:2], first, *section.questions[3:])
    paper = replace(paper, sections=(replace(section, questions=questions),))
    pages = re.sub(" ", "", pdf_text(render_pdf(paper, "paper"), tmp_path)).split("\f")

    def page_of(mark: str) -> int:
        (page,) = (number for number, page in enumerate(pages) if mark in page)
        return page

    assert page_of(f"段{n_paragraphs}。") == page_of("首题。")
    assert page_of("回答第3～5题") == page_of("段1。")
    assert (page_of("段1。") == page_of("首题。")) == (n_paragraphs < 21)
