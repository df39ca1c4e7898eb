"""Tables of answers of every sort: what is read, and the sheet, row and column of what does not fit."""

from __future__ import annotations

import datetime
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from qbank.core.responses import NOT_REACHED, NOT_SEEN, OMITTED, VOID, WITHHELD
from qbank.files.answers import Reading, read_mapping
from tests.files.answers.samples import (
    A,
    B,
    answer,
    as_csv,
    as_parquet,
    as_xlsx,
    form,
    found,
    judged,
    read,
    taken,
)

NUMBERS = ["1", "2", "3", "4", "5"]
HEADER = ["准考证号", "姓名", "身份证号", "试卷", "状态", "考点", *NUMBERS]
ROWS = [
    HEADER,
    ["1001", "张三", "11010119900101001x", "A", "", "甲站", "A", "b", "对", "A、C", "4.5"],
    ["1002", "李四", "", "B卷", "正常", "甲站", "×", "Ｃ", "d", "是", "Ｂ"],
    ["1003", "王五", "", "A-v2", "缺考", "乙站", "", "", "", "", ""],
    ["1004", "赵六", "", "theory-1-A-v2", "违纪", "乙站", "√", "A", "A", "AB", ""],
    ["1005", "钱七", "", "a", "作废", "", "A", "", "×", "", ""],
]


def test_persons_keep_names_documents_groups_and_standing(tmp_path: Path) -> None:
    intake = taken(as_csv(tmp_path / "a.csv", ROWS))
    assert intake.responses.persons == ("1001", "1002", "1003", "1004", "1005")
    assert intake.names == ("张三", "李四", "王五", "赵六", "钱七")
    assert intake.documents == ("11010119900101001X", "", "", "", "")
    assert intake.responses.groups == (("site", ("甲站", "甲站", "乙站", "乙站", "")),)
    assert intake.responses.standing.tolist() == [0, 0, 1, 3, 2]
    assert [intake.responses.forms[n] for n in intake.responses.form] == [
        "theory-1-A", "theory-1-B", "theory-1-A-v2", "theory-1-A-v2", "theory-1-A",
    ]  # fmt: skip


def test_printed_letters_become_original_ones_by_the_paper_of_each_person(tmp_path: Path) -> None:
    intake = taken(as_csv(tmp_path / "a.csv", ROWS))
    assert [answer(intake, "1001", item) for item in ("Q1", "Q2", "T1", "M1", "W1")] == ["A", "B", "true", "AC", "4.5"]
    assert [answer(intake, "1002", item) for item in ("T2", "Q3", "Q1", "T3", "Q4")] == ["false", "C", "D", "true", "B"]
    assert [answer(intake, "1004", item) for item in ("T1", "Q2", "Q1", "M1", "W1")] == ["true", "D", "B", "AD", OMITTED]
    assert answer(intake, "1001", "Q4") == NOT_SEEN


def test_blanks_are_omitted_or_not_reached_in_printed_order(tmp_path: Path) -> None:
    intake = taken(as_csv(tmp_path / "a.csv", ROWS))
    assert [answer(intake, "1005", item) for item in A_ITEMS] == ["A", OMITTED, "false", OMITTED, NOT_REACHED]
    intake = taken(as_csv(tmp_path / "b.csv", [HEADER, ["1", "", "", "A", "", "", "A", "", "", "", ""]]), (A, B))
    assert [answer(intake, "1", item) for item in ("Q1", "Q2", "T1", "M1", "W1")] == [
        "A", OMITTED, NOT_REACHED, NOT_REACHED, NOT_REACHED,
    ]  # fmt: skip
    never = taken(tmp_path / "b.csv", (A, B), Reading(not_reached="never"))
    assert [answer(never, "1", item) for item in ("Q2", "T1", "M1", "W1")] == [OMITTED] * 4
    assert never.settings["not_reached"] == "never"


def test_a_single_answer_is_void_withheld_not_reached_or_not_seen(tmp_path: Path) -> None:
    rows = [["person", *NUMBERS], ["1", "作废", "违纪", "未见", "未答到", "not reached"], ["2", "A", "未答", "√", "99", "5分"]]
    reading = Reading(words={"omitted": ("99",)})
    intake = taken(as_csv(tmp_path / "a.csv", rows), (A,), reading)
    assert intake.responses.answer[0].tolist() == [VOID, WITHHELD, NOT_SEEN, NOT_REACHED, NOT_REACHED]
    assert [answer(intake, "2", item) for item in A_ITEMS] == ["A", OMITTED, "true", OMITTED, "5"]


A_ITEMS = ("Q1", "Q2", "T1", "M1", "W1")


def test_one_row_a_response_gives_what_one_row_a_person_gives(tmp_path: Path) -> None:
    wide = taken(as_csv(tmp_path / "a.csv", [[row[0], row[3], *row[6:]] for row in ROWS]))
    long = [["考号", "卷号", "题号", "作答"]]
    long += [[row[0], row[3], n, cell] for row in ROWS[1:] for n, cell in zip(NUMBERS, row[6:], strict=True)]
    for rows in (long, [long[0], *reversed(long[1:])], [[*row[2:], *row[:2]] for row in long]):
        narrow = taken(as_csv(tmp_path / "l.csv", rows)).responses
        order = [narrow.persons.index(person) for person in wide.responses.persons]
        assert narrow.answer[order].tolist() == wide.responses.answer.tolist()
        assert narrow.labels == wide.responses.labels


def test_marks_alone_are_kept_as_such_and_never_above_those_of_the_question(tmp_path: Path) -> None:
    rows = [["person", *A_ITEMS], ["1", "1", "0", "0.50", "1.5", "4.5"], ["2", "0", "", "", "", ""]]
    intake = taken(as_csv(tmp_path / "a.csv", rows), (A,), Reading(scored=True))
    assert [answer(intake, "1", item) for item in A_ITEMS] == ["marks:1", "marks:0", "marks:0.5", "marks:1.5", "4.5"]
    assert intake.settings["scored"] is True
    rows[2][3], rows[2][1] = "0.6", "A"
    intake_or_none, problems = read(as_csv(tmp_path / "b.csv", rows), (A,), Reading(scored=True))
    assert intake_or_none is None and found(problems) == [("R111", 3, 2), ("R111", 3, 4)]


def test_only_the_columns_named_are_marks(tmp_path: Path) -> None:
    rows = [["person", *A_ITEMS], ["1", "A", "1", "√", "2", "5"]]
    intake = taken(as_csv(tmp_path / "a.csv", rows), (A,), Reading(scored_columns=("Q2", "M1")))
    assert [answer(intake, "1", item) for item in A_ITEMS] == ["A", "marks:1", "true", "marks:2", "5"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030"])
@pytest.mark.parametrize(("delimiter", "ending"), [(",", "\n"), ("\t", "\r\n"), (";", "\r")])
@pytest.mark.parametrize("quoted", [False, True])
def test_encodings_marks_between_cells_line_ends_and_quotes_change_nothing(
    tmp_path: Path, encoding: str, delimiter: str, ending: str, quoted: bool
) -> None:
    expected = taken(as_csv(tmp_path / "a.csv", ROWS))
    path = as_csv(tmp_path / "b.csv", ROWS, encoding=encoding, delimiter=delimiter, ending=ending, quoted=quoted)
    same(taken(path), expected)


def same(one: object, two: object) -> None:
    """Compare two intakes in all but the bytes of their files."""
    left, right = one.responses, two.responses  # type: ignore[attr-defined]
    assert left.answer.tolist() == right.answer.tolist() and left.labels == right.labels
    assert left.persons == right.persons and left.items == right.items and left.groups == right.groups
    assert left.form.tolist() == right.form.tolist() and left.standing.tolist() == right.standing.tolist()
    assert one.names == two.names and one.documents == two.documents  # type: ignore[attr-defined]


def test_titles_above_the_header_are_passed_over(tmp_path: Path) -> None:
    expected = taken(as_csv(tmp_path / "a.csv", ROWS))
    same(taken(as_csv(tmp_path / "b.csv", [["2026 年 11 月理论考试"], [], *ROWS])), expected)
    same(taken(as_xlsx(tmp_path / "b.xlsx", [["2026 年 11 月理论考试"], [], *ROWS], top=3, left=2)), expected)


# ---------------------------------------------------------------------------------------------- misfits


def spoilt(row: int, column: str, text: str) -> list[list[str]]:
    rows = [list(one) for one in ROWS]
    rows[row][HEADER.index(column)] = text
    return rows


MISFITS = [
    (spoilt(1, "1", "E"), "R111", 2, 7), (spoilt(2, "2", "D"), "R111", 3, 8), (spoilt(1, "4", "AA"), "R111", 2, 10),
    (spoilt(1, "5", "5.5"), "R111", 2, 11), (spoilt(4, "试卷", "C"), "R110", 5, 4), (spoilt(3, "状态", "病假"), "R112", 4, 5),
    (spoilt(5, "准考证号", "１００１"), "R109", 6, 1), (spoilt(5, "准考证号", " "), "R226", 6, 1),
    (spoilt(2, "身份证号", "11010119900101001X"), "R204", 3, 3),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "code", "row", "column"), MISFITS)
def test_a_misfit_has_sheet_row_and_column_in_every_sort_of_file(
    tmp_path: Path, rows: list[list[str]], code: str, row: int, column: int
) -> None:
    _, problems = read(as_csv(tmp_path / "a.csv", rows))
    assert found(problems) == [(code, row, column)]
    _, problems = read(as_xlsx(tmp_path / "a.xlsx", rows, sheet="考场1", top=2, left=1))
    assert found(problems) == [(code, row + 2, column + 1)]
    assert problems[0].span.path.endswith("a.xlsx#考场1")
    _, problems = read(as_parquet(tmp_path / "a.parquet", rows))
    assert found(problems) == [(code, row - 1, column)]


def test_a_row_of_another_length_is_told_with_all_else(tmp_path: Path) -> None:
    rows = spoilt(1, "1", "E")
    rows[2] = rows[2][:-1]
    rows[3] = [*rows[3], "A"]
    for quoted in (False, True):
        _, problems = read(as_csv(tmp_path / "a.csv", rows, quoted=quoted))
        assert found(problems) == [("R111", 2, 7), ("R108", 3, 11), ("R108", 4, 12)]


def test_a_row_that_begins_after_a_cell_of_two_lines_has_its_own_line(tmp_path: Path) -> None:
    rows = spoilt(2, "1", "E")
    rows[1][1] = "张\n三"
    _, problems = read(as_csv(tmp_path / "a.csv", rows))
    assert found(problems) == [("R111", 4, 7)]


def test_in_a_long_table_persons_agree_with_themselves_and_answer_once(tmp_path: Path) -> None:
    rows = [["person", "form", "item", "answer"], ["1", "A", "Q1", "A"], ["1", "B", "Q2", "B"], ["1", "A", "Q1", "B"],
            ["1", "A", "Q9", "B"], ["", "A", "Q1", "A"], ["2", "B", "Q2", "A"]]  # fmt: skip
    _, problems = read(as_csv(tmp_path / "a.csv", rows), (A, B))
    assert found(problems) == [("R210", 3, 2), ("R212", 4, 3), ("R211", 5, 3), ("R226", 6, 1), ("R114", 7, 4)]


def test_thousands_of_wrong_cells_are_two_hundred_lines(tmp_path: Path) -> None:
    rows = [["person", *A_ITEMS], *([str(n), "E", "F", "√", "?", "5"] for n in range(1, 1001))]
    _, problems = read(as_csv(tmp_path / "a.csv", rows), (A,))
    assert [problem.code for problem in problems] == ["R111"] * 200 + ["R113"]
    assert dict(problems[-1].facts)["n"] == "2800"
    assert found(problems[:4]) == [("R111", 2, 2), ("R111", 2, 3), ("R111", 2, 5), ("R111", 3, 2)]


def test_what_looks_odd_is_told_though_it_is_taken_in(tmp_path: Path) -> None:
    rows = [["person", "form", "总分", *NUMBERS], ["1", "A", "60", "A", "B", "√", "AC", "5"], ["2", "A", "0", *[""] * 5]]
    intake, problems = read(as_csv(tmp_path / "a.csv", rows), (A, B))
    assert intake is not None
    assert [(problem.code, problem.severity) for problem in problems] == [
        ("R201", "note"), ("R205", "warning"), ("R208", "warning"),
    ]  # fmt: skip
    assert problems[2].span.line == 3


def test_swapped_papers_are_recognised(tmp_path: Path) -> None:
    rows = [["person", "form", *NUMBERS], *([str(n), "A", "√", "C", "A", "×", "D"] for n in range(20))]
    _, problems = read(as_csv(tmp_path / "a.csv", rows), (A, B))
    told = [dict(problem.facts) for problem in problems if problem.code == "R207"]
    assert told == [{"form": "theory-1-A", "other": "theory-1-B", "persons": "20"}]


@pytest.mark.parametrize("titles", [["第1题", "第2题", "第03题", "4.", "Q5"], ["01", "题2", "3题", "4、", "no. 5"]])
def test_printed_numbers_are_known_in_the_usual_words(tmp_path: Path, titles: list[str]) -> None:
    intake = taken(as_csv(tmp_path / "a.csv", [["考号", *titles], ["1", "A", "B", "√", "AC", "5"]]), (A,))
    assert [answer(intake, "1", item) for item in A_ITEMS] == ["A", "B", "true", "AC", "5"]
    assert intake.settings["questions"] == "printed number"


def test_a_column_that_nobody_knows_has_a_suggestion_in_its_language(tmp_path: Path) -> None:
    rows = [["准考证号", "身分证号", *A_ITEMS], ["1", "x", "A", "", "", "", ""]]
    _, problems = read(as_csv(tmp_path / "a.csv", rows), (A,))
    assert found(problems) == [("R104", 1, 2)] and dict(problems[0].facts)["suggestion"] == "身份证号"


def test_numbers_that_a_spreadsheet_rounded_are_not_taken_for_numbers_of_persons(tmp_path: Path) -> None:
    rows = [["准考证号", "身份证号", *A_ITEMS], ["2.02611E+11", "1.10101E+17", "A", "", "", "", ""]]
    _, problems = read(as_csv(tmp_path / "a.csv", rows), (A,))
    assert found(problems) == [("R218", 2, 1), ("R218", 2, 2)]


@pytest.mark.parametrize("word", ["2026/11/23", "2026/1/3 0:00", "11月23日", "2026年11月23日", "23-Nov", "23-Nov-26"])
def test_a_date_is_no_number_of_a_person(tmp_path: Path, word: str) -> None:
    _, problems = read(as_csv(tmp_path / "a.csv", [["准考证号", *A_ITEMS], [word, "A", "", "", "", ""]]), (A,))
    assert found(problems) == [("R215", 2, 1)] and dict(problems[0].facts)["cell"] == word


@pytest.mark.parametrize("number", ["2026-11-23", "2026/11/231", "26/11-3", "Nov-1"])
def test_numbers_with_strokes_are_no_dates(tmp_path: Path, number: str) -> None:
    assert taken(as_csv(tmp_path / "a.csv", [["准考证号", *A_ITEMS], [number, "A", "", "", "", ""]]), (A,)).responses.persons == (number,)


def test_numbers_kept_as_text_for_a_spreadsheet_are_read_without_what_keeps_them(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('准考证号,Q1,Q2,T1,M1,W1\n="0012",="A",B,√,AC,5\n', "utf-8")
    intake = taken(path, (A,))
    assert intake.responses.persons == ("0012",) and answer(intake, "0012", "Q1") == "A"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("mark", [",", "\t"])
def test_a_zero_byte_is_shown_where_it_stands(tmp_path: Path, encoding: str, mark: str) -> None:
    lines = [["准考证号", *A_ITEMS], ["1", "A", "B", "√", "AC", "5"], ["2", "A", "B\0", "√", "A\0C", "5"]]
    path = tmp_path / "a.csv"
    path.write_bytes("\n".join(mark.join(line) for line in lines).encode(encoding))
    _, problems = read(path, (A,))
    assert found(problems) == [("R227", 3, 3)] and dict(problems[0].facts)["n"] == "2"
    path.write_bytes(b"\xff\xfe\xff")
    assert found(read(path, (A,))[1]) == [("R101", 0, 0)]


# ---------------------------------------------------------------------------------------------- workbooks


def sheets(path: Path, *shown: tuple[str, bool, list[list[str]]]) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        for title, hidden, rows in shown:
            page = book.add_worksheet(title)
            for n, row in enumerate(rows):
                page.write_row(n, 0, row)
            if hidden:
                page.hide()
        book.worksheets()[-1].activate()
    return path


def test_hidden_sheets_are_read_only_where_they_are_named_or_there_is_no_other(tmp_path: Path) -> None:
    old, new = [["person", *A_ITEMS], ["old", "A"]], [["person", *A_ITEMS], ["new", "B"]]
    path = sheets(tmp_path / "a.xlsx", ("旧", True, old), ("新", False, new))
    intake, problems = read(path, (A,))
    assert intake is not None and intake.responses.persons == ("new",)
    assert [(problem.code, problem.severity, dict(problem.facts)) for problem in problems] == [("R228", "note", {"sheets": "旧"})]
    assert taken(path, (A,), Reading(sheet="旧")).responses.persons == ("old",)
    path = sheets(tmp_path / "b.xlsx", ("旧", True, old), ("说明", False, [["填写说明"]]))
    assert taken(path, (A,)).responses.persons == ("old",)


def test_cells_of_a_workbook_that_hold_something_else_than_they_show(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet("答题")
        day, share = book.add_format({"num_format": "m-d"}), book.add_format({"num_format": "0%"})
        page.write_row(0, 0, ["准考证号", "身份证号", *A_ITEMS])
        page.write_row(1, 0, [1001, "", "A", "B", True, "A,C", 4.5])
        page.write_row(2, 0, ["1002", 110101199001010011, "A", "B"])
        page.write_datetime(2, 4, datetime.datetime(2026, 3, 5), day)
        page.write_number(2, 6, 0.5, share)
        page.write_formula(3, 2, "=A1", None, "B")
        page.write_formula(3, 3, "=NA()", None, "#N/A")
        page.write(3, 0, "1003")
        page.merge_range(4, 2, 4, 3, "A")
        page.write(4, 0, "1004")
    _, problems = read(path, (A,))
    assert found(problems) == [("R218", 3, 2), ("R215", 3, 5), ("R215", 3, 7), ("R217", 4, 4), ("R219", 5, 4)]
    assert dict(problems[1].facts)["cell"] == "E3"


def test_numbers_truth_values_and_sites_merged_downwards_are_read_as_meant(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("说明").write(0, 0, "填写说明")
        page = book.add_worksheet("答题")
        page.write_row(0, 0, ["考号", "考点", *A_ITEMS])
        page.merge_range(1, 1, 2, 1, "甲站")
        for n in (1, 2):
            page.write_number(n, 0, 1000 + n)
            page.write_row(n, 2, ["A", "B", n == 1, "AC", 4.0])
    intake = taken(path, (A,))
    assert intake.responses.persons == ("1001", "1002")
    assert dict(intake.responses.groups) == {"site": ("甲站", "甲站")}
    assert [answer(intake, "1002", item) for item in A_ITEMS] == ["A", "B", "false", "AC", "4"]


def test_a_sheet_is_chosen_by_name_and_others_with_answers_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        for room in ("一考场", "二考场"):
            page = book.add_worksheet(room)
            page.write_row(0, 0, ["考号", *A_ITEMS])
            page.write_row(1, 0, [f"{room}1", "A", "B", "√", "AC", "5"])
    intake, problems = read(path, (A,))
    assert intake is not None and intake.responses.persons == ("一考场1",)
    assert [(problem.code, problem.severity) for problem in problems] == [("R221", "warning")]
    assert taken(path, (A,), Reading(sheet="二考场")).responses.persons == ("二考场1",)
    _, problems = read(path, (A,), Reading(sheet="三考场"))
    assert [problem.code for problem in problems] == ["R220"]


# ---------------------------------------------------------------------------------------------- parquet


def test_columns_of_any_type_in_parquet_are_read_as_a_person_would_write_them(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "person": [1001, 1002], "site": pl.Series(["甲", "乙"], dtype=pl.Categorical), "Q1": ["A", None],
            "Q2": pl.Series(["B", "C"], dtype=pl.Enum(["B", "C"])), "T1": [True, False], "M1": [["A", "C"], ["B"]],
            "W1": [4.0, float("nan")],
        }
    )  # fmt: skip
    frame.write_parquet(tmp_path / "a.parquet")
    intake = taken(tmp_path / "a.parquet", (A,))
    assert intake.responses.persons == ("1001", "1002")
    assert [answer(intake, "1001", item) for item in A_ITEMS] == ["A", "B", "true", "AC", "4"]
    assert [answer(intake, "1002", item) for item in A_ITEMS] == [OMITTED, "C", "false", "B", OMITTED]
    frame.with_columns(Q1=pl.struct(a="Q1")).write_parquet(tmp_path / "b.parquet")
    _, problems = read(tmp_path / "b.parquet", (A,))
    assert [(problem.code, dict(problem.facts)["name"]) for problem in problems] == [("R222", "Q1")]


@pytest.mark.parametrize("data", [b"PAR1", b"PAR1" + b"\x00" * 50 + b"PAR1", b"PK\x03\x04" + b"x" * 40, b"\xd0\xcf\x11\xe0abc", b" <html><table>"])
def test_broken_files_are_problems(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.bin").write_bytes(data)
    intake, problems = read(tmp_path / "a.bin")
    assert intake is None and len(problems) == 1 and problems[0].severity == "error"


# ---------------------------------------------------------------------------------------------- mapping files

MAPPING = """\
columns: {学员: person, 卷: form, 题一: Q1, 题二: "2", 情况: status}
ignore: [口令]
groups: [车间]
words: {omitted: ["99"], withheld: [替考], not_seen: ["88"]}
forms: {甲: theory-1-A}
not_reached: never
delimiter: "|"
skip_rows: 1
"""


def mapped(path: Path, text: str) -> Reading:
    path.write_text(text, "utf-8")
    reading, problems = read_mapping(path)
    assert reading is not None, problems
    return reading


def test_odd_headers_words_and_marks_are_read_by_a_mapping_file(tmp_path: Path) -> None:
    reading = mapped(tmp_path / "mapping.yaml", MAPPING.replace('"2"', "Q2"))
    rows = [["考号", "x"], ["学员", "卷", "车间", "口令", "情况", "题一", "题二", "T1", "M1", "W1"],
            ["7", "甲", "一炼钢", "secret", "替考", "A", "99", "88", "AC", ""]]  # fmt: skip
    intake = taken(as_csv(tmp_path / "a.csv", rows, delimiter="|"), (A,), reading)
    assert intake.responses.groups == (("车间", ("一炼钢",)),)
    assert intake.responses.standing.tolist() == [3]
    assert intake.responses.answer[0].tolist() == [0, OMITTED, NOT_SEEN, 0, OMITTED]
    assert intake.settings["columns"]["学员"] == "person" and "secret" not in str(intake)


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("colums: {}\n", "S101", 1, 1), ("layout: tall\n", "S105", 1, 9), ("encoding: klingon\n", "R213", 1, 11),
        ("delimiter: ab\n", "R214", 1, 12), ("skip_rows: -1\n", "S104", 1, 12), ("words:\n  void: x\n", "S103", 2, 9),
        ("words:\n  voided: [x]\n", "S101", 2, 3), ("columns: [a]\n", "S103", 1, 10),
    ],
)  # fmt: skip
def test_every_key_of_a_mapping_file_is_checked(tmp_path: Path, text: str, code: str, line: int, column: int) -> None:
    (tmp_path / "mapping.yaml").write_text(text, "utf-8")
    reading, problems = read_mapping(tmp_path / "mapping.yaml")
    assert reading is None and found(problems) == [(code, line, column)]


def test_what_a_mapping_file_says_of_columns_and_papers_is_held_against_the_file(tmp_path: Path) -> None:
    reading = mapped(tmp_path / "mapping.yaml", "columns:\n  a: Q7\n  b: person\nforms:\n  甲: theory-1-Z\n")
    _, problems = read(as_csv(tmp_path / "a.csv", [["person", "a", *A_ITEMS], ["1", "", *[""] * 5]]), (A,), reading)
    places = [(problem.code, problem.span.line, Path(problem.span.path).name) for problem in problems[:3]]
    assert places == [("R203", 2, "mapping.yaml"), ("R110", 5, "mapping.yaml"), ("R202", 3, "mapping.yaml")]


def test_a_question_with_more_answers_than_can_be_told_apart_is_refused(tmp_path: Path) -> None:
    from dataclasses import replace

    filled = replace(judged("F1"), kind="fill", marked={"key": ({"accept": ("x",), "pattern": ""},)})
    paper = form("p", [filled])
    rows = [["person", "F1"], *([str(n), f"w{n}"] for n in range(32_770))]
    _, problems = read(as_csv(tmp_path / "a.csv", rows), (paper,))
    assert [problem.code for problem in problems] == ["R206"]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("mark", ["，", "；"])
def test_full_width_commas_part_cells_where_no_other_mark_does(tmp_path: Path, encoding: str, mark: str) -> None:
    rows = [[cell.replace("A、C", "A,C") for cell in row] for row in ROWS]
    expected = taken(as_csv(tmp_path / "a.csv", rows))
    path = tmp_path / "typed.csv"
    path.write_bytes("\n".join(mark.join(row) for row in rows).encode(encoding))
    same(taken(path), expected)
    path.write_bytes("\n".join(mark.join(row) for row in [*rows, ["1006", "孙八", "", "A", "", "", "A", "B", "K", "A", ""]]).encode(encoding))
    assert found(read(path)[1]) == [("R111", 7, 9)]


def test_a_title_with_full_width_commas_is_still_a_title(tmp_path: Path) -> None:
    expected = taken(as_csv(tmp_path / "a.csv", ROWS))
    same(taken(as_csv(tmp_path / "b.csv", [["2026 年 11 月，理论考试，第一批"], *ROWS])), expected)


def test_a_folder_of_answers_is_refused_and_its_files_named(tmp_path: Path) -> None:
    for name in ("east.csv", "west.CSV"):
        as_csv(tmp_path / name, ROWS)
    (tmp_path / "note.doc").write_text("", "utf-8")
    intake, (problem,) = read(tmp_path)
    assert intake is None and problem.code == "R229"
    assert dict(problem.facts) == {"n": "2", "files": "east.csv, west.CSV"}
    (tmp_path / "one.xml").write_text("<assessmentResult/>", "utf-8")
    assert [problem.code for problem in read(tmp_path)[1]] == ["R304"]


def test_a_file_that_grows_while_it_is_read_is_not_taken_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = as_csv(tmp_path / "a.csv", ROWS[:4])
    once = Path.read_bytes

    def growing(self: Path) -> bytes:
        data = once(self)
        with self.open("ab") as file:
            file.write(b"1006,,,A,,,A,,,,\n")
        return data

    monkeypatch.setattr(Path, "read_bytes", growing)
    intake, problems = read(path)
    assert intake is None and [problem.code for problem in problems] == ["R230"]
    monkeypatch.undo()
    assert taken(path).responses.persons[-1] == "1006"
