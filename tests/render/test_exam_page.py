"""The page on which an exam is sat: no key, no hash of one, nothing that runs but its own script, nothing asked of a network."""

from __future__ import annotations

import base64
import functools
import hashlib
import itertools
import json
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.core.exam import candidate_paper, shown_digest
from qbank.core.item import digest
from qbank.core.presentation import GuidePoint, Paper, Question
from qbank.messages import LANGUAGES, group_texts
from qbank.render.exam import Candidate, ExamPages, exam_pages, screen_places
from qbank.render.exam.page import script
from tests.render.every_kind import en_every_kind, zh_every_kind
from tests.render.samples import zh_paper
from tests.render.shared import zh_shared

PAPERS: dict[str, Callable[[], Paper]] = {"zh": zh_every_kind, "en": en_every_kind, "shared": zh_shared}


def page(paper: Paper, candidate: Candidate | None = None, submit: str = "") -> str:
    pages = exam_pages(paper, digest="0" * 16, shown=shown_digest(paper), minutes=90, submit=submit)
    return pages.page(candidate).decode("utf-8")


@functools.cache
def plain_pages() -> ExamPages:
    return exam_pages(zh_paper(), digest="0" * 16, shown="1" * 16, minutes=90)


def with_questions(paper: Paper, change: Callable[[Question], Question]) -> Paper:
    def deep(question: Question) -> Question:
        return change(replace(question, parts=tuple(map(deep, question.parts))))

    return replace(
        paper, sections=tuple(replace(one, questions=tuple(map(deep, one.questions))) for one in paper.sections)
    )


@pytest.mark.parametrize("name", PAPERS)
def test_the_page_is_the_same_whatever_keys_rubrics_deductions_and_ids_are(name: str) -> None:
    paper = PAPERS[name]()
    other = with_questions(
        replace(paper, digest="ffffffff"),
        lambda one: replace(
            one, item="X-9", answer="KEY-THAT-NOBODY-SEES", guide=(GuidePoint("RUBRIC", 9.0),),
            task=one.task and replace(
                one.task, vetoes=("VETO",), steps=tuple(replace(step, deductions=()) for step in one.task.steps),
            ),
        ),
    )  # fmt: skip
    assert page(other) == page(paper)
    assert shown_digest(other) == shown_digest(paper)


def test_model_answers_and_points_of_rubrics_stand_nowhere() -> None:
    paper = zh_every_kind()
    told: list[str] = []

    def note(one: Question) -> Question:
        told.extend([one.answer, *(point.text for point in one.guide)])
        return one

    with_questions(paper, note)
    long = [words for words in told if len(words) > 12]
    assert len(long) > 4
    written = page(paper)
    assert [words for words in long if words in written] == []
    assert paper.digest not in written


def test_no_word_of_the_page_is_a_hash_of_an_answer() -> None:
    """Every answer that a candidate could try, hashed in every usual way, is nowhere: whole, shortened or as base64."""
    question = Question("Q-1", 1, "multiple", "选？", tuple(zip("ABCDE", "一二三四五", strict=True)), "ACD", "bracket", 2.0)
    sections = (replace(zh_paper().sections[0], questions=(question,)),)
    written = page(replace(zh_paper(), sections=sections))
    words = {*re.findall(r"[0-9a-f]{8,}", written), *re.findall(r"[A-Za-z0-9+/]{20,}={0,2}", re.sub(r"data:\S+", "", written))}
    assert any(len(word) >= 16 for word in words)
    answers = ["".join(some) for n in range(1, 6) for some in itertools.combinations("ABCDE", n)]
    tried = [form.format(one) for one in answers for form in ("{}", "1:{}", "1{}", "Q-1:{}", "Q-1{}", '{{"key":"{}"}}')]
    for one in tried:
        for name in ("md5", "sha1", "sha256", "sha512"):
            made = hashlib.new(name, one.encode())
            forms = (made.hexdigest(), base64.b64encode(made.digest()).decode())
            assert not any(form.startswith(word) or word.startswith(form) for form in forms for word in words)
    assert not {digest({"key": one}) for one in answers} & words


@pytest.mark.parametrize("name", PAPERS)
def test_nothing_but_its_own_script_runs_and_nothing_is_fetched(name: str) -> None:
    written = page(PAPERS[name]())
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', written)
    digest = base64.b64encode(hashlib.sha256(script().encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in policy and "default-src 'none'" in policy and "connect-src 'none'" in policy
    assert written.count(f"<script>{script()}</script>") == 1
    assert len(re.findall(r"<script\b", written)) == 3  # two hold data
    assert not re.search(r"""(?:src|href)=["'](?!data:)""", written)
    assert set(re.findall(r"https?://[^\s\"'<>]+", written)) <= {"http://www.w3.org/1998/Math/MathML", "http://www.w3.org/2000/svg"}
    assert not re.search(r"\beval\b|\bFunction\(|innerHTML|document\.write|insertAdjacent", script())


def test_the_one_address_stands_in_the_policy() -> None:
    assert "connect-src http://127.0.0.1:8000/in;" in page(zh_paper(), submit="http://127.0.0.1:8000/in")


def test_equal_papers_give_equal_pages_and_candidates_differ_by_their_data_alone() -> None:
    pages = exam_pages(zh_paper(), digest="0" * 16, shown="1" * 16, minutes=90)
    again = exam_pages(zh_paper(), digest="0" * 16, shown="1" * 16, minutes=90)
    assert pages.page() == again.page()
    one, other = (pages.page(Candidate(number, "张三", "7")).decode() for number in ("001", "002"))
    assert one.replace('"001"', '"002"') == other


@given(name=st.text(max_size=40) | st.sampled_from(["</script><script>alert(1)</script>", "<!--", "\u2028"]))
@settings(max_examples=30, deadline=None)
def test_whatever_a_candidate_is_called_stays_data(name: str) -> None:
    try:
        written = plain_pages().page(Candidate("1", name)).decode("utf-8")
    except UnicodeEncodeError:
        assert re.search("[\ud800-\udfff]", name)
        return
    (mine,) = re.findall(r'(?s)<script type="application/json" id="mine">(.*?)</script>', written)
    assert json.loads(mine)["name"] == name
    assert len(re.findall(r"<script\b", written)) == 3


def test_titles_and_sections_from_outside_stay_text() -> None:
    paper = replace(zh_paper(), title="</script><img onerror=x>", subject='"><b>')
    written = page(paper)
    assert "<img onerror" not in written and len(re.findall(r"<script\b", written)) == 3


@pytest.mark.parametrize("name", PAPERS)
def test_every_place_has_a_view_a_number_and_a_way(name: str) -> None:
    paper = candidate_paper(PAPERS[name]())
    places = screen_places(paper)
    written = page(PAPERS[name]())
    assert written.count("<article ") == len(re.findall(r'data-go="\d', written)) == len(places)
    assert len({place.name for place in places}) == len(places)
    assert "<math" in written


def test_every_word_that_the_script_says_is_in_both_catalogues() -> None:
    said = {*re.findall(r"\bW\.([a-z_]+)", script()), *re.findall(r'\bsay\("([a-z_]+)"', script())} | {"left", "left_one", "part", "question"}
    for language in LANGUAGES:
        known = {name.removeprefix("js.") for name in group_texts(language, "exam") if name.startswith("js.")}
        assert said == known


@pytest.mark.parametrize("name", PAPERS)
def test_a_sections_line_stands_above_the_text_of_its_case_and_stimulus(name: str) -> None:
    paper = PAPERS[name]()
    written = page(paper)
    headings = [found.start() for found in re.finditer(r'<p class="shared section"', written)]
    assert len(headings) == len(paper.sections)
    for heading, after in itertools.pairwise([*headings, len(written)]):
        inside = written[heading:after]
        assert inside.index("</p>") < inside.find('class="stimulus"') or 'class="stimulus"' not in inside
        assert "<article" in inside
    assert 'class="stimulus"' not in written[: headings[0]].split("<main>")[1]
