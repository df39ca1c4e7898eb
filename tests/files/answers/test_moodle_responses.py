"""Moodle's quiz reports in the languages of centres: texts of options lead back to letters, misfits to their cells."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from qbank.core.form import answer_places
from qbank.core.responses import NOT_MARKED, OMITTED, STANDINGS
from qbank.files.answers import Intake, Reading, read_answers
from qbank.files.answers.moodle import json_table, looks_like_moodle, take_in_moodle
from qbank.files.answers.moodle.columns import moodle_column
from qbank.files.answers.plain_texts import TextsOf, pairs, plain_form, several
from qbank.kinds.answer_texts import answer_texts
from qbank.messages import problem_hint, problem_message
from qbank.problem import Problem
from tests.files.answers.papers import every_kind, marks_of, table

RIGHT = {
    "Q-1": None, "K-1": "石灰; 白云石", "K-9": "False", "K-2": "CaO; 3.2", "Q-3": "1680", "K-3": "42.8 kg/t",
    "K-5": "硫 -> 热脆; 磷 -> 冷脆", "K-6": "装料; 吹炼; 出钢", "K-4": "会爆炸", "K-10": "……",
}  # fmt: skip
ASKED = [entry.id for entry in answer_places(every_kind()[0]) if entry.id in RIGHT]
LABELS = {
    "Q-1": "A", "K-1": "AC", "K-9": "false", "K-2": "CaO;3.2", "Q-3": "1680", "K-3": "42.8", "K-5": "BA", "K-6": "CBA",
    "K-4": NOT_MARKED, "K-10": NOT_MARKED, "K-7.2": NOT_MARKED, "K-8": NOT_MARKED,
}  # fmt: skip
EN = ["Last name", "First name", "ID number", "Email address", "State", "Started on", "Completed", "Time taken", "Grade/38.50"]
WHO = ["张", "三", "20260001", "z3@example.cn", "Finished", "23 November 2026 9:00", "23 November 2026 10:00", "1 hour", "30.00"]


def form_without_case() -> object:
    form = every_kind()[0]
    return replace(form, sections=tuple(section for section in form.sections if section.kind != "case"))


def texts() -> dict[str, dict[str, str]]:
    form, bank = every_kind()
    return answer_texts((form,), bank)


def right(**other: str) -> list[str]:
    words = {**RIGHT, "Q-1": texts()["Q-1"]["A"], **{key.replace("_", "-"): value for key, value in other.items()}}
    return [str(words[id]) for id in ASKED]


def responses(n: int = len(ASKED), word: str = "Response") -> list[str]:
    return [f"{word} {k}" for k in range(1, n + 1)]


def taken(header: Sequence[str], rows: Sequence[Sequence[str]], reading: Reading | None = None) -> tuple[Intake, list[Problem]]:
    found, problems = take_in_moodle(table(header, rows, path="m.csv"), (form_without_case(),), "S", reading or Reading(), texts())  # type: ignore[arg-type]
    assert found is not None, [(problem_message(problem, "en"), str(problem.span)) for problem in problems]
    return found, problems


def refused(header: Sequence[str], rows: Sequence[Sequence[str]], **more: object) -> list[Problem]:
    form = more.get("form", form_without_case())
    found, problems = take_in_moodle(table(header, rows, path="m.csv"), (form,), "S", Reading(), more.get("texts", texts()))  # type: ignore[arg-type]
    assert found is None
    for problem in problems:
        assert problem_message(problem, "zh") and problem_hint(problem, "en")
    return problems


def at(problems: Sequence[Problem]) -> list[tuple[str, str]]:
    return [(problem.code, str(problem.span)) for problem in problems]


def test_texts_of_options_lead_back_to_letters() -> None:
    found, problems = taken([*EN, *responses()], [[*WHO, *right()]])
    assert marks_of(found) == {"20260001": {key: value for key, value in LABELS.items() if key != "K-7.2"}}
    assert found.names == ("张三",) and found.settings["format"] == "moodle-responses"
    assert [(problem.code, problem.severity) for problem in problems] == [("R338", "warning")]


LANGUAGES = {
    "zh": (["姓", "名", "学号", "电子邮件地址", "状态", "开始于", "已完成", "耗时", "成绩/38.50"], "回应", "已完成"),
    "zh2": (["姓氏", "名字", "ID号码", "Email地址", "状态", "开始时间", "完成时间", "所用时间", "评分/38.50"], "答案", "完成"),
    "de": (["Nachname", "Vorname", "ID-Nummer", "E-Mail-Adresse", "Status", "Begonnen am", "Beendet", "Verbrauchte Zeit",
            "Bewertung/38,50"], "Antwort", "Beendet"),
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_headers_are_read_in_the_language_of_the_platform(language: str) -> None:
    header, word, state = LANGUAGES[language]
    who = [*WHO[:4], state, *WHO[5:]]
    truth = {"zh": "错", "zh2": "错误", "de": "Falsch"}[language]
    header = [*header, *responses(word=word)]
    assert looks_like_moodle(header)
    found, problems = taken(header, [[*who, *right(K_9=truth)]])
    assert marks_of(found)["20260001"]["K-9"] == "false" and [problem.code for problem in problems] == ["R338"]


def test_a_question_is_told_by_its_text_whatever_its_number() -> None:
    stems = {id: one["stem"] for id, one in texts().items()}
    order = ASKED[::-1]
    header = [*EN, *(name for n in range(1, len(order) + 1) for name in (f"Question {n}", f"Response {n}", f"Right answer {n}"))]
    words = dict(zip(ASKED, right(), strict=True))
    row = [*WHO, *(cell for id in order for cell in (stems[id], words[id], "…"))]
    assert marks_of(taken(header, [row])[0]) == {"20260001": {key: value for key, value in LABELS.items() if key != "K-7.2"}}
    row[row.index(stems["Q-3"])] = "没有这道题"
    (problem,) = refused(header, [row])
    assert (problem.code, problem.span.line, problem.span.column) == ("R313", 2, 1 + row.index("没有这道题"))


def test_no_answer_is_a_dash_or_nothing_and_no_attempt_is_absent() -> None:
    rows = [[*WHO, *right(K_1="-", K_9="")], ["李", "四", "20260002", "", "-", "-", "-", "-", "-", *(["-"] * len(ASKED))]]
    found, _ = taken([*EN, *responses()], rows)
    read = marks_of(found)
    assert read["20260001"]["K-1"] == OMITTED and read["20260001"]["K-9"] == OMITTED
    assert [STANDINGS[n] for n in found.responses.standing] == ["present", "absent"]


def test_attempts_that_were_not_finished_count_and_are_pointed_out_and_averages_are_nobody() -> None:
    rows = [
        [*WHO[:4], "In progress", *WHO[5:], *right()],
        ["Overall average", "", "", "", "", "", "", "", "30.00", *([""] * len(ASKED))],
    ]
    found, problems = taken([*EN, *responses()], rows)
    assert list(marks_of(found)) == ["20260001"]
    assert [(problem.code, dict(problem.facts).get("states")) for problem in problems] == [("R314", "In progress 1"), ("R338", None)]


def test_the_username_or_address_says_who_where_there_is_no_number() -> None:
    header = [*EN, *responses()]
    without = [*WHO[:2], "", *WHO[3:], *right()]
    assert list(marks_of(taken(header, [without])[0])) == ["z3@example.cn"]
    mapped = taken(header, [[*WHO, *right()]], Reading(columns={"Email address": "person"}))[0]
    assert list(marks_of(mapped)) == ["z3@example.cn"]
    nobody = [name for name in header if name not in ("ID number", "Email address")]
    assert at(refused(nobody, [[*WHO[:2], *WHO[4:], *right()]])) == [("R316", "m.csv:1:1")]


def test_a_text_of_no_option_is_told_with_its_cell_and_the_nearest_option() -> None:
    header = [*EN, *responses()]
    problems = refused(header, [[*WHO, *right(Q_1="什么", K_1="石灰; 白石", K_5="硫 -> 冰脆")]])
    assert at(problems) == [("R312", "m.csv:2:10"), ("R312", "m.csv:2:11"), ("R312", "m.csv:2:16")]
    assert dict(problems[1].facts) == {"found": "石灰; 白石", "item": "K-1", "nearest": "石灰"}


def test_answers_that_are_none_for_their_kind_are_told_with_their_cell() -> None:
    assert at(refused([*EN, *responses()], [[*WHO, *right(Q_3="很多", K_9="也许")]])) == [
        ("R111", f"m.csv:2:{10 + ASKED.index(id)}") for id in ("K-9", "Q-3")]  # fmt: skip


def test_letters_may_stand_for_options() -> None:
    found, _ = taken([*EN, *responses()], [[*WHO, *right(Q_1="b", K_1="C; A")]])
    row = marks_of(found)["20260001"]
    assert row["Q-1"] == "B" and row["K-1"] == "AC"


def test_without_the_bank_texts_say_nothing_and_that_is_told_once_an_item() -> None:
    rows = [[*WHO, *right()], ["李", "四", "2", *WHO[3:], *right()]]
    problems = refused([*EN, *responses()], rows, texts={})
    assert [problem.code for problem in problems] == ["R315"] * 4
    assert [dict(problem.facts)["items"] for problem in problems] == ["Q-1", "K-1", "K-5", "K-6"]


def test_other_numbers_of_questions_than_the_paper_has_are_told() -> None:
    (problem,) = refused([*EN, *responses(3)], [[*WHO, *right()[:3]]])
    assert (problem.code, dict(problem.facts)["columns"], problem.span.column) == ("R311", "3", 10)
    assert [problem.code for problem in refused([*EN, *responses()], [[*WHO, *right()]], form=every_kind()[0])] == ["R107"]


def test_a_paper_that_nobody_knows_is_told_though_there_is_only_one() -> None:
    form, header = form_without_case(), ["Paper", *EN, *responses()]
    reading = Reading(columns={"Paper": "form"}, forms={"A 卷": form.id})  # type: ignore[attr-defined]
    for word in ("", "A 卷", form.id):  # type: ignore[attr-defined]
        assert taken(header, [[word, *WHO, *right()]], reading)[0].responses.persons == ("20260001",)
    found, problems = take_in_moodle(table(header, [["C 卷", *WHO, *right()]], path="m.csv"), (form,), "S", reading, texts())  # type: ignore[arg-type]
    assert found is None and at(problems) == [("R306", "m.csv:2:1")]
    assert dict(problems[0].facts)["found"] == "C 卷"


def test_a_text_cut_short_is_known_from_three_letters_on() -> None:
    known = TextsOf({"A": "abcdefgh", "B": "xyz12345", "C": "xyz98765"})
    assert [known.name(word) for word in ("abc...", "abcd…", "ab…", "xyz…", "xyz9…", "abc")] == ["A", "A", "", "", "C", ""]


def test_two_attempts_of_one_person_are_told() -> None:
    problems = refused([*EN, *responses()], [[*WHO, *right()], [*WHO, *right()]])
    assert at(problems) == [("R318", "m.csv:3:3")] and dict(problems[0].facts)["first"] == "2"


def test_a_report_of_grades_has_marks_alone() -> None:
    marks = ["Q. 1 /1.00", "Q. 2 /1.00", "Q. 3 /0,50", "Q. 4 /4.00", "Q. 5 /2.00", "Q. 6 /2.00", "Q. 7 /1.00", "Q. 8 /1.00", "Q. 9 /4.00", "Q. 10 /10.00"]
    assert looks_like_moodle([*EN, *marks]) and moodle_column(marks[2]).most == 0.5
    row = ["1.00", "0,50", "0.50", "2.00", "-", "0.00", "1.00", "1.00", "3.50", "Requires grading"]
    found, problems = taken([*EN, *marks], [[*WHO, *row]])
    assert marks_of(found)["20260001"] == {
        "Q-1": "marks:1", "K-1": "marks:0.5", "K-9": "marks:0.5", "K-2": "marks:1", ASKED[4]: OMITTED, ASKED[5]: "marks:0",
        "K-5": "marks:1", "K-6": "marks:1", "K-4": "3.5", "K-10": NOT_MARKED, "K-8": NOT_MARKED,
    }  # fmt: skip
    assert found.settings["format"] == "moodle-grades" and [problem.code for problem in problems] == ["R338"]
    wrong = refused([*EN, *marks], [[*WHO, "2.00", "viel", *row[2:]]])
    assert at(wrong) == [("R309", "m.csv:2:10"), ("R308", "m.csv:2:11")]


@pytest.mark.parametrize("suffix", ["csv", "gbk.csv", "json"])
def test_files_are_known_by_their_content(tmp_path: Path, suffix: str) -> None:
    header, row = [*EN, *responses()], [*WHO, *right()]
    path = tmp_path / f"quiz.{suffix}"
    if suffix == "json":
        keys = ["lastname", "firstname", "idnumber", "emailaddress", "state", "startedon", "completed", "timetaken", "grade3850",
                *(f"response{n}" for n in range(1, len(ASKED) + 1))]  # fmt: skip
        path.write_text(json.dumps([[dict(zip(keys, row, strict=True))]], ensure_ascii=False), encoding="utf-8")
    else:
        buffer = io.StringIO()
        csv.writer(buffer).writerows([header, row])
        path.write_bytes(buffer.getvalue().encode("gb18030" if "gbk" in suffix else "utf-8-sig"))
    found, problems = read_answers(path, (form_without_case(),), "S", reading=Reading(), texts=texts())  # type: ignore[arg-type]
    assert found is not None, problems
    assert marks_of(found)["20260001"]["K-5"] == "BA" and len(found.digest) == 64


@pytest.mark.parametrize("data", [b"[", b"[]", b"{}", b"[1, 2]", b'[{"a": 1}, 2]', b"[{'a': 1}]", b"\xff[{}]", b'{"a":' * 5000])
def test_json_that_is_no_table_is_told(data: bytes) -> None:
    found, problems = json_table(data, "a.json")
    assert found is None and [problem.code for problem in problems] == ["R317"]


def test_json_keeps_the_line_of_each_record() -> None:
    found, _ = json_table(b'[\n{"a": 1.50, "b": null},\n\n{"b": true, "a": [1]}\n]\n', "a.json")
    assert found is not None
    assert found.lines.tolist() == [2, 4] and found.frame.rows() == [("1.50", ""), ('["1"]', "True")]


def test_markup_mathematics_and_blanks_make_no_difference() -> None:
    ours = "**碱度** $R_{0}$ <3 ![图](media/a.png)"
    theirs = " 碱度\\(R_{0}\\) &lt;3 [图]"
    options = TextsOf({"A": ours, "B": "碱度 $R_1$", "C": "CO$_{2}$"})
    assert plain_form(ours) != plain_form("碱度") and options.name(theirs) == "A" and options.name("CO2") == "C"
    assert options.name("别的") == "" and TextsOf({"A": "x。", "B": "x"}).name("x") == "B"


def test_semicolons_within_options_part_nothing() -> None:
    options = TextsOf({"A": "先加石灰; 后加萤石", "B": "先加石灰", "C": "后加萤石; 再测温"})
    assert several("先加石灰; 后加萤石; 再测温", options) == ["B", "C"]
    assert several("先加石灰; 什么", options) is None and several(";" * 500, options) is None
    prompts = TextsOf({"1": "a -> b", "2": "c"})
    assert pairs("a -> b -> 先加石灰; c -> 后加萤石; 再测温", prompts, options) == ["1-B", "2-C"]
    assert pairs("a -> b -> ; c -> 先加石灰", prompts, options) == ["2-B"]
