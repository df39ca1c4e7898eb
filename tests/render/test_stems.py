"""What is printed behind a stem: marks where they differ, a bracket before a picture."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qbank.core.presentation import Paper, PaperSection, Question
from qbank.messages import Language
from qbank.render.places import answer_rows, is_written, n_blanks
from qbank.render.stems import behind_words, with_completed_stems
from qbank.render.texts import parts_of
from qbank.render.txt import text_of
from tests.render.every_kind import ZH_CASE, ZH_CHOICES, ZH_TASK, en_every_kind, zh_every_kind, zh_tasks
from tests.render.samples import zh_paper

PICTURE, TABLE = "![图](a.png)", "| 甲 | 乙 |\n|---|---|\n| 1 | 2 |"


@pytest.mark.parametrize(
    ("stem", "found"),
    [
        ("碱度为（　　）。", "碱度为（　　）。（2分）"),
        (f"如图。\n{PICTURE}", f"如图。（2分）\n{PICTURE}"),
        (f"如图。\n\n{PICTURE}\n", f"如图。（2分）\n\n{PICTURE}"),
        (f"如表。\n\n{TABLE}", f"如表。（2分）\n\n{TABLE}"),
        (f"如表。\n\n{TABLE}\n\n则（　　）。", f"如表。\n\n{TABLE}\n\n则（　　）。（2分）"),
        (PICTURE, f"{PICTURE}\n\n（2分）"),
        (TABLE, f"{TABLE}\n\n（2分）"),
        ("", "\n\n（2分）"),
    ],
)
def test_marks_stand_behind_the_last_line_of_words(stem: str, found: str) -> None:
    assert behind_words(stem, "（2分）", "") == found


def paper_of(*marks: float, language: Language = "zh") -> Paper:
    questions = tuple(replace(ZH_CHOICES[0], number=n, marks=one) for n, one in enumerate(marks, start=1))
    return replace(zh_paper(), language=language, sections=(PaperSection("单项选择题", "选。", 1.0, questions),))


def test_marks_are_printed_only_where_they_differ_in_a_section() -> None:
    assert "（0.5分）" not in text_of(paper_of(0.5, 0.5), "paper")
    assert "每题0.5分，满分1分" in text_of(paper_of(0.5, 0.5), "paper")
    differing = text_of(paper_of(0.5, 2), "paper")
    assert "（0.5分）" in differing
    assert "（2分）" in differing
    assert "共2题，满分2.5分" in differing


def test_english_marks_have_a_singular() -> None:
    shown = text_of(paper_of(1, 0.5, language="en"), "paper")
    assert "(1 mark)" in shown
    assert "(0.5 marks)" in shown


def test_the_parts_of_a_case_always_have_their_marks_and_the_case_none() -> None:
    paper = replace(zh_paper(), sections=(PaperSection("案例", "答。", 8.5, ZH_CASE),))
    (case,) = with_completed_stems(paper).sections[0].questions
    assert "8.5" not in case.stem
    assert [part.stem.rsplit("（", 1)[1] for part in case.parts] == ["1分）", "0.5分）", "2分）", "1分）", "4分）"]


def test_a_bracket_stands_before_a_picture() -> None:
    question = replace(ZH_CHOICES[2], stem="哪个是提枪？\n![图](media/up.svg)")
    paper = replace(zh_paper(), sections=(PaperSection("单项选择题", "选。", 0.5, (question,)),))
    assert with_completed_stems(paper).sections[0].questions[0].stem.startswith("哪个是提枪？（　　）\n![")


@pytest.mark.parametrize(
    ("paper", "parts"),
    [
        (zh_paper(), ["paper", "key", "answer-sheet"]),
        (zh_every_kind(), ["paper", "key", "answer-sheet", "marking-guide", "task-notice", "task-paper", "task-record"]),
        (zh_tasks(), ["task-notice", "task-paper", "task-record"]),
        (replace(zh_paper(), sections=()), ["paper", "key", "answer-sheet"]),
    ],
)
def test_a_paper_has_the_parts_that_its_questions_need(paper: Paper, parts: list[str]) -> None:
    assert list(parts_of(paper)) == parts


def test_no_part_but_the_paper_of_theory_shows_a_task_and_no_sheet_of_tasks_shows_theory() -> None:
    paper = zh_every_kind()
    for part in parts_of(paper):
        shown = text_of(paper, part)
        assert ("试题19" in shown) == (part == "paper" or part.startswith("task"))
        assert ("单项选择题" in shown) == (not part.startswith("task"))


def test_a_notice_of_preparation_does_not_tell_the_task() -> None:
    notice = text_of(zh_every_kind(), "task-notice")
    assert ZH_TASK[0].stem[:8] not in notice
    assert "漏检一项" not in notice
    assert "转炉仿真操作台" in notice
    assert "漏检一项" not in text_of(zh_every_kind(), "task-paper")


def test_the_guide_shows_every_point_with_its_marks() -> None:
    for paper in (zh_every_kind(), en_every_kind()):
        shown = text_of(paper, "marking-guide").replace("\n", "").replace(" ", "")
        for section in paper.sections:
            for question in section.questions:
                for one in question.parts or (question,):
                    for point in one.guide:
                        assert point.text.replace(" ", "") in shown


def question(kind: str, **given: object) -> Question:
    return Question("Q", 1, kind, "某____和____。", (), "", "blank", 1.0, **given)  # type: ignore[arg-type]


def test_places_of_answers_follow_the_kind() -> None:
    letters = (("A", "甲"), ("B", "乙"))
    assert n_blanks(question("fill")) == 2
    assert n_blanks(question("numeric")) == 1
    assert answer_rows(replace(question("ordering"), options=letters)) == (("①", ("A", "B")), ("②", ("A", "B")))
    matching = replace(question("matching"), options=letters, prompts=(("1", "x"), ("2", "y"), ("3", "z")))
    assert [row for row, _ in answer_rows(matching)] == ["1", "2", "3"]
    assert answer_rows(question("fill")) == ()
    assert is_written(question("essay"))
