"""Marks by rater and step, in every shape that a centre keeps them: persons joined, blanks waiting, misfits with cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from qbank.core.responses import NOT_MARKED, NOT_SEEN, OMITTED, STANDINGS
from qbank.files.answers import read_mapping
from qbank.files.answers.intake import Intake
from qbank.files.answers.ratings import looks_rated, take_in_ratings
from qbank.files.answers.reading import Reading
from qbank.files.answers.table import AnswerTable
from qbank.kinds.ratings import RaterRule
from qbank.messages import problem_hint, problem_message
from qbank.problem import Problem
from tests.files.answers.papers import every_kind, marks_of, table

Rows = Sequence[Sequence[str]]
LONG = ["准考证号", "试题", "步骤", "考评员", "得分"]
TASK_ROWS = [
    ["001", "K-8", "1", "张三", "4"], ["001", "K-8", "2", "张三", "5"],
    ["001", "K-8", "准备", "李四", "3"], ["001", "K-8", "测温", "李四", "5.5"],
]  # fmt: skip


def taken(*tables: AnswerTable, rule: RaterRule | None = None, known: dict[str, str] | None = None) -> tuple[Intake, list[Problem]]:
    found, problems = take_in_ratings(tables, (every_kind()[0],), "S", Reading(), rule=rule, known=known)
    assert found is not None, [problem_message(problem, "en") for problem in problems]
    return found, problems


def refused(*tables: AnswerTable) -> list[tuple[str, str]]:
    """Return code and place of what is wrong; every sentence can be said in both languages."""
    found, problems = take_in_ratings(tables, (every_kind()[0],), "S", Reading())
    assert found is None
    for problem in problems:
        for language in ("zh", "en"):
            assert problem_message(problem, language) and problem_hint(problem, language)  # type: ignore[arg-type]
    return [(problem.code, str(problem.span)) for problem in problems]


def test_a_long_table_names_steps_by_number_or_title() -> None:
    found, problems = taken(table(LONG, TASK_ROWS))
    assert marks_of(found) == {"001": {"K-8": "9"}} and not problems  # 3.5 + 5.25 = 8.75, to the half mark
    assert found.ratings is not None
    assert found.ratings.raters == ("张三", "李四") and found.ratings.marks.tolist() == [4, 5, 3, 5.5]
    assert [found.ratings.steps[n] for n in found.ratings.step] == ["1", "2", "1", "2"]


def test_one_row_a_person_with_rater_and_step_in_the_header() -> None:
    header = ["person", "K-8.step1@r1", "K-8.step2@r1", "K-8.step1@r2", "K-8.step2@r2", "K-10@r1"]
    found, _ = taken(table(header, [["001", "4", "5", "3", "5.5", "8"], ["002", "4", "6", "4", "6", "10"]]))
    assert marks_of(found) == {"001": {"K-8": "9", "K-10": "8"}, "002": {"K-8": "10", "K-10": "10"}}


def test_a_sheet_for_each_rater_with_steps_as_columns() -> None:
    header = ["考号", "姓名", "1.准备（4分）", "2.测温（6分）", "合计", "否定项", "备注"]
    one = table(header, [["001", "甲", "4", "5", "9", "", "好"], ["002", "乙", "2", "3", "5", "√", "未戴手套"]], "张三")
    two = table(header, [["002", "乙", "2", "3", "", "√", ""], ["001", "甲", "3", "5.5", "8.5", "", ""]], "李四")
    only_task, _ = take_in_ratings([one, two], (_only_the_task(),), "S", Reading())
    assert only_task is not None and only_task.ratings is not None
    assert marks_of(only_task) == {"001": {"K-8": "9"}, "002": {"K-8": "veto"}}
    assert only_task.names == ("甲", "乙") and only_task.ratings.raters == ("张三", "李四")


def _only_the_task() -> object:
    form = every_kind()[0]
    return replace(form, sections=tuple(section for section in form.sections if section.kind == "task"))


def test_without_a_rater_and_with_a_column_of_items_each_row_is_one_sheet_of_marks() -> None:
    header = ["准考证号", "试题", "步骤1", "步骤2"]
    found, _ = taken(table(header, [["001", "K-8", "4", "5"], ["001", "K-10", "5", "4"], ["001", "k-4", "2", "1.5"]]))
    assert marks_of(found) == {"001": {"K-8": "9", "K-10": "9", "K-4": "3.5"}}


def test_an_item_may_be_called_by_its_number_on_the_paper() -> None:
    found, _ = taken(table(["person", "item", "rater", "marks"], [["1", "9.2", "a", "2.5"]]))
    assert marks_of(found) == {"1": {"K-7.2": "2.5"}}


def test_blank_waits_and_is_neither_0_nor_omitted() -> None:
    header = ["person", "K-8@r1", "K-8@r2"]
    found, problems = taken(table(header, [["001", "8", "9"], ["002", "8", ""], ["003", "", ""], ["004", "0", "0"]]))
    assert marks_of(found) == {
        "001": {"K-8": "8.5"}, "002": {"K-8": NOT_MARKED}, "003": {"K-8": NOT_MARKED}, "004": {"K-8": "0"}}  # fmt: skip
    assert [(problem.code, problem.severity, problem.span.line) for problem in problems] == [("R327", "warning", 3)]
    assert dict(problems[0].facts) == {"n": "2", "rows": "3, 4"}
    assert found.ratings is not None and len(found.ratings.marks) == 5


def test_absent_from_a_task_is_no_attempt_and_absent_from_all_is_absent() -> None:
    header = ["person", "status", "K-8@r1"]
    found, problems = taken(table(header, [["001", "", "缺考"], ["002", "缺考", ""], ["003", "", "5"]]))
    assert marks_of(found)["001"] == {"K-8": OMITTED}
    assert [STANDINGS[n] for n in found.responses.standing] == ["present", "absent", "present"] and not problems


def test_raters_too_far_apart_need_a_third_and_the_person_waits() -> None:
    header = ["person", "K-8@张三", "K-8@李四", "K-8@王五"]
    rows = [["001", "3", "9", ""], ["002", "3", "9", "8"], ["003", "6", "9", ""]]
    found, problems = taken(table(header, rows))
    assert marks_of(found) == {"001": {"K-8": NOT_MARKED}, "002": {"K-8": "6.5"}, "003": {"K-8": "7.5"}}
    assert [(problem.code, str(problem.span)) for problem in problems] == [
        ("R326", "marks.xlsx:2:3"), ("R327", "marks.xlsx:2:1")]  # fmt: skip
    assert problem_message(problems[0], "en") == (
        "two raters of K-8 for 001 are more than 3 marks apart (30% of the full marks): 张三 3, 李四 9"
    )
    assert found.settings["raters"]["gap_limit"] == 0.3
    nearest, _ = taken(table(header, rows), rule=RaterRule(third="nearest_two"))
    assert marks_of(nearest)["002"] == {"K-8": "8.5"}


def test_a_veto_by_one_of_two_counts_and_is_pointed_out() -> None:
    header = ["person", "K-8@a", "K-8.否定项@a", "K-8@b", "K-8.veto@b"]
    found, problems = taken(table(header, [["001", "9", "√", "9", "×"], ["002", "否定", "", "9", ""]]))
    assert marks_of(found) == {"001": {"K-8": "veto"}, "002": {"K-8": "veto"}}
    assert [(problem.code, problem.span.line, problem.span.column) for problem in problems] == [("R335", 2, 3), ("R335", 3, 2)]


def test_raters_too_far_apart_are_shown_where_the_second_of_them_stands() -> None:
    rows = [["001", "K-8", "张三", "9"], ["002", "K-8", "张三", "9"], ["002", "K-8", "李四", "9"], ["001", "K-8", "李四", "3"]]
    _, problems = taken(table(["person", "item", "rater", "marks"], rows))
    assert [(problem.code, problem.span.line) for problem in problems] == [("R326", 5), ("R327", 2)]


WRONG: dict[str, tuple[list[str], Rows, list[tuple[str, str]]]] = {
    "more than a step has": (LONG, [["1", "K-8", "1", "a", "4.5"]], [("R323", "marks.xlsx:2:5")]),
    "more than the whole has": (["person", "K-8@a"], [["1", "10.5"]], [("R323", "marks.xlsx:2:2")]),
    "an unknown step": (LONG, [["1", "K-8", "3", "a", "1"]], [("R322", "marks.xlsx:2:3")]),
    "an unknown item": (LONG, [["1", "K-88", "1", "a", "1"]], [("R321", "marks.xlsx:2:2")]),
    "an item that a program marks": (LONG, [["1", "Q-1", "1", "a", "1"]], [("R321", "marks.xlsx:2:2")]),
    "no number": (LONG, [["1", "K-8", "1", "a", "好"], ["2", "K-8", "1", "a", "-1"]],
                  [("R324", "marks.xlsx:2:5"), ("R324", "marks.xlsx:3:5")]),
    "the same rater twice": (LONG, [*TASK_ROWS, ["001", "K-8", "1", "张三", "3"]], [("R325", "marks.xlsx:6:5")]),
    "a total that is no sum": (["person", "item", "步骤1", "步骤2", "合计"], [["1", "K-8", "4", "5", "8"]], [("R328", "marks.xlsx:2:5")]),
    "an unknown column": (["person", "K-8@a", "K-8.step3@a"], [["1", "8", "1"]], [("R331", "marks.xlsx:1:3")]),
    "nobody's marks": (["person", "K-8@a"], [["", "8"]], [("R226", "marks.xlsx:2:1")]),
    "no column of persons": (["K-8@a"], [["8"]], [("R106", "marks.xlsx:1:1")]),
    "no marks": (["person", "rater"], [["1", "a"]], [("R106", "marks.xlsx:1:1")]),
    "nobody": (["person", "K-8@a"], [["", ""]], [("R103", "marks.xlsx:1:1")]),
    "no item": (["person", "rater", "marks"], [["1", "a", "3"]], [("R332", "marks.xlsx:2:3")]),
    "an unknown paper": (["person", "form", "K-8@a"], [["1", "X", "3"]], [("R110", "marks.xlsx:2:1")]),
    "an unknown status": (["person", "status", "K-8@a"], [["1", "?", "3"]], [("R112", "marks.xlsx:2:1")]),
    "no veto": (["person", "K-8.veto@a"], [["1", "也许"]], [("R324", "marks.xlsx:2:2")]),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_does_not_fit_is_told_with_its_cell(case: str) -> None:
    header, rows, expected = WRONG[case]
    assert refused(table(header, rows)) == expected


def test_all_that_is_wrong_is_told_at_once() -> None:
    assert [code for code, _ in refused(table(LONG, [["1", "K-8", "1", "a", "9"], ["1", "X", "1", "a", "1"], ["2", "K-8", "1", "a", "x"]]))] == [
        "R323", "R321", "R324"]  # fmt: skip


def test_papers_without_anything_to_rate_are_told() -> None:
    form = every_kind()[0]
    none = replace(form, sections=form.sections[:1])
    found, problems = take_in_ratings([table(LONG, TASK_ROWS)], (none,), "S", Reading())
    assert found is None and [problem.code for problem in problems] == ["R333"]


def test_the_paper_is_the_one_that_other_answers_of_the_sitting_tell() -> None:
    form = every_kind()[0]
    other = replace(form, id="every-B")
    rows = table(["person", "K-8@a"], [["001", "5"], ["002", "6"]])
    found, problems = take_in_ratings([rows], (form, other), "S", Reading())
    assert found is None and [problem.code for problem in problems] == ["R330", "R330"]
    found, problems = take_in_ratings([rows], (form, other), "S", Reading(), known={"001": "every-B", "002": form.id})
    assert found is not None and found.responses.form.tolist() == [1, 0]
    without = replace(other, sections=other.sections[:2])
    found, _ = take_in_ratings([rows], (without, form), "S", Reading())
    assert found is not None and found.responses.form.tolist() == [1, 1]


def test_an_item_of_another_paper_than_the_persons_is_told_and_a_blank_is_not() -> None:
    form = every_kind()[0]
    other = replace(form, id="B", sections=tuple(section for section in form.sections if section.kind != "essay"))
    rows = table(["person", "form", "K-8@a", "K-10@a"], [["001", form.id, "5", "9"], ["002", "B", "6", ""]])
    found, _ = take_in_ratings([rows], (form, other), "S", Reading())
    assert found is not None and marks_of(found)["002"] == {"K-8": "6", "K-10": NOT_SEEN}
    wrong = table(["person", "form", "K-8@a", "K-10@a"], [["002", "B", "6", "9"]])
    found, problems = take_in_ratings([wrong], (form, other), "S", Reading())
    assert found is None and [(problem.code, str(problem.span)) for problem in problems] == [("R114", "marks.xlsx:2:4")]


def test_the_order_of_rows_decides_no_marks() -> None:
    one, _ = taken(table(LONG, TASK_ROWS))
    two, _ = taken(table(LONG, TASK_ROWS[::-1]))
    assert marks_of(one) == marks_of(two)


def test_only_sheets_of_marks_are_taken_for_such() -> None:
    assert looks_rated(LONG) and looks_rated(["person", "K-8.step1@r"]) and looks_rated(["考号", "步骤1", "步骤2"])
    assert not looks_rated(["person", "form", "Q-1", "K-8"]) and not looks_rated(["准考证号", "姓名", "1", "2", "9.1"])


def test_ratings_lead_back_to_the_answers() -> None:
    found, _ = taken(table(["person", "K-8@a", "K-10@a"], [["001", "5", "9"], ["002", "6", "7"]]))
    assert found.ratings is not None
    r, responses = found.ratings, found.responses
    for person, item, marks in zip(r.person, r.item, r.marks, strict=True):
        assert responses.labels[item][responses.answer[person, item]] == f"{marks:g}"
    assert not responses.answer.flags.writeable and responses.answer.dtype == np.int16


def test_whoever_did_not_sit_has_no_marks() -> None:
    rows = table(["person", "K-8@a"], [["００1", "5"], ["0O2", "6"]])
    found, problems = take_in_ratings([rows], (every_kind()[0],), "S", Reading(), known={"001": "every-1-A", "002": "every-1-A"})
    assert found is None
    assert [(problem.code, str(problem.span), dict(problem.facts)["suggestion"]) for problem in problems] == [
        ("R329", "marks.xlsx:3:1", "002")]  # fmt: skip


def test_the_mapping_file_says_the_rule_of_the_raters(tmp_path: Path) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_text("format: ratings\nraters: {gap_limit: 20%, third: nearest_two, rounding: 1, least: 2}\n", encoding="utf-8")
    reading, problems = read_mapping(path)
    assert reading is not None and not problems
    assert reading.raters == RaterRule(gap_limit=0.2, third="nearest_two", rounding=1.0, least=2) and reading.format == "ratings"
    path.write_text("raters:\n  gap_limit: '30'\n", encoding="utf-8")
    reading, problems = read_mapping(path)
    assert reading is None and [(problem.code, problem.span.line, problem.span.column) for problem in problems] == [("R339", 2, 14)]
