"""assign: no registered person gets a paper with more questions seen before than the blueprint allows."""

from __future__ import annotations

import csv
import datetime
from collections import Counter
from pathlib import Path

import pytest
import xlsxwriter

from qbank.core.form import answer_places
from qbank.files.roster import read_roster
from qbank.ledger.seen import known_as, seen_items
from qbank.problem import has_errors
from qbank.workflow.assign import Assigned, assign_papers
from qbank.workflow.had_before import seen_before
from qbank.workflow.standing import mark_standing
from tests.workflow.places import SITTING, Place, add, added, edit_item, read_table, write_table


def roster(place: Place, numbers: list[str], name: str = "roster.csv", **columns: list[str]) -> Path:
    rows = [[number, "", "R1", str(n + 1)] for n, number in enumerate(numbers)]
    header = ["准考证号", "姓名", "考场", "座位号"]
    for title, cells in columns.items():
        header.append(title)
        rows = [[*row, cell] for row, cell in zip(rows, cells, strict=True)]
    return write_table(place.root / name, header, rows)


def given_out(done: Assigned) -> dict[str, str]:
    with done.files[0].open(encoding="utf-8-sig", newline="") as file:
        return {row["准考证号"]: row["form"] for row in csv.DictReader(file)}


def sat(place: Place) -> dict[str, str]:
    """Return which paper each person of the simulated sitting sat."""
    header, rows = read_table(place.responses)
    return {row[0]: row[header.index("form")] for row in rows}


def test_who_sat_one_paper_gets_the_other(place: Place) -> None:
    added(place)
    former = sat(place)
    numbers = [*list(former)[:40], *(f"N{n}" for n in range(40))]
    done, problems = assign_papers(roster(place, numbers), (place.form_folder,), place.workspace)
    assert done is not None and not has_errors(problems)
    now = given_out(done)
    assert done.repeaters == 40
    assert all(now[number] != former[number] for number in numbers[:40])
    assert set(Counter(now.values()).values()) == {40}


def test_the_same_person_is_known_by_document_whatever_the_number(place: Place) -> None:
    added(place)
    former = sat(place)
    documents = list(former)[:4]  # the file of answers knew these persons by this one number only
    path = roster(place, ["X1", "X2", "X3", "X4"], 身份证号=[number.lower() for number in documents])
    found, _ = assign_papers(path, (place.form_folder,), place.workspace)
    assert found is not None and found.repeaters == 4
    assert [given_out(found)[f"X{n + 1}"] != former[number] for n, number in enumerate(documents)] == [True] * 4


def test_a_person_without_any_paper_left_is_a_problem_with_what_each_paper_shares(place: Place) -> None:
    added(place)
    former = sat(place)
    number = next(iter(former))
    path = roster(place, ["N1", number])
    own = place.form_folder / f"{former[number]}.yaml"
    done, problems = assign_papers(path, (own,), place.workspace)
    assert done is not None
    [problem] = [problem for problem in problems if problem.severity == "error"]
    facts = dict(problem.facts)
    assert (problem.code, problem.span.line, problem.span.column) == ("H210", 3, 1)
    assert facts["papers"] == f"{former[number]} 100" and facts["most"] == "0"
    assert given_out(done) == {"N1": own.stem, number: ""}
    done, problems = assign_papers(path, (own,), place.workspace, most_seen=100)
    assert done is not None and not has_errors(problems)


def test_the_blueprint_says_how_many_questions_may_have_been_seen(place: Place) -> None:
    added(place)
    path = roster(place, [next(iter(sat(place)))])
    text = place.blueprint.read_text("utf-8")
    assert "overlap: {max: 0}" in text
    place.blueprint.write_text(text.replace("overlap: {max: 0}", "overlap: {max: 100}"), "utf-8")
    done, problems = assign_papers(path, (place.form_folder,), place.workspace)
    assert done is not None and not problems
    assert done.most == (100, 100)


def test_an_edited_question_is_still_one_that_was_seen(place: Place) -> None:
    added(place)
    item = place.forms[0].sections[0].items[0].id
    edit_item(place, item, r"stem: (.*)$", r"stem: \1，")
    person = next(number for number, form in sat(place).items() if form == place.forms[0].id)
    ledger = place.workspace.open()
    seen = seen_items(ledger, known_as(ledger, [person, "nobody"]), (item, "elsewhere"))
    ledger.close()
    assert seen.seen.tolist() == [[True, False], [False, False]]
    assert seen.sittings == ((SITTING,), ())


def test_who_was_absent_has_seen_nothing(place: Place) -> None:
    added(place)
    person = next(iter(sat(place)))
    items = [entry.id for form in place.forms for entry in answer_places(form)]
    mark_standing(SITTING, person, "absent", place.workspace, why="an empty seat")
    ledger = place.workspace.open()
    seen = seen_items(ledger, known_as(ledger, [person]), items)
    ledger.close()
    assert not seen.seen.any() and seen.sittings == ((),)


def test_a_sitting_with_a_paper_seen_before_is_told(place: Place) -> None:
    added(place)
    assert seen_before(SITTING, place.workspace) == []
    again, problems = add(place, id="2027-05-A", date="2027-05-23")
    assert again is not None and not has_errors(problems)
    [problem] = seen_before("2027-05-A", place.workspace)
    n = str(len(sat(place)))
    assert problem.severity == "warning"
    assert dict(problem.facts)["of"] == n and dict(problem.facts)["most"] == "100"


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("姓名,座位\n张三,1\n", [("H202", 1, 1)]),
        ("准考证号,座位\nA,1\n,2\nA,3\nB,4,5,6\n", [("H203", 3, 1), ("H204", 4, 1), ("R108", 5, 3)]),
        ("准考证号\n", [("H205", 0, 0)]),
        ("", [("H205", 0, 0)]),
        ('准考证号,座位\nA,"1\n', [("R102", 0, 0)]),
        ("准考证号\n\x00\x01", [("R227", 2, 1)]), ("准考证号\n\n ,\n", [("H205", 0, 0)]),
    ],
)
def test_what_is_wrong_with_a_roster_is_told_by_line_and_column(place: Place, text: str, places: list[object]) -> None:
    path = place.root / "r.csv"
    path.write_text(text, "utf-8")
    done, problems = assign_papers(path, (place.form_folder,), place.workspace)
    assert done is None
    assert [(problem.code, problem.span.line, problem.span.column) for problem in problems] == places


def test_a_column_of_papers_is_filled_in_where_it_stands(place: Place) -> None:
    path = write_table(place.root / "r.csv", ["试卷", "准考证号"], [["", "A"], ["old", "B"]])
    done, problems = assign_papers(path, (place.form_folder,), place.workspace)
    assert done is not None and not problems
    header, rows = read_table(done.files[0])
    papers = {form.id for form in place.forms}
    assert header == ["试卷", "准考证号"]
    assert [row[1] for row in rows] == ["A", "B"] and {row[0] for row in rows} <= papers


def test_a_roster_may_stand_below_a_title_in_any_encoding_and_column(place: Place) -> None:
    rows = [["炼钢工四级报名表", "", ""], ["序号", "准考证号", "考场"], ["1", "A", "一"], ["2", "", "一"]]
    (place.root / "r.csv").write_bytes("\r\n".join("\t".join(row) for row in rows).encode("utf-16"))
    found, problems = read_roster(place.root / "r.csv")
    assert found is None and [(one.code, one.span.line, one.span.column) for one in problems] == [("H203", 4, 2)]
    path = place.root / "r.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet("名单")
        for n, row in enumerate(rows[:3]):
            page.write_row(n + 1, 2, row)
        page.write_datetime(4, 3, datetime.datetime(2026, 11, 23), book.add_format({"num_format": "yyyy/m/d"}))
    found, problems = read_roster(path)
    assert found is None
    assert [(one.code, one.span.path.rpartition("#")[2], one.span.line, one.span.column) for one in problems] == [("R215", "名单", 5, 4)]
    (place.root / "r.csv").write_bytes("\n".join(",".join(row) for row in rows[:3]).encode("gb18030"))
    found, problems = read_roster(place.root / "r.csv")
    assert found is not None and not problems
    assert [(one.number, one.room, one.line) for one in found.persons] == [("A", "一", 3)]


def test_a_workbook_and_its_seating_list_are_written_as_workbooks(place: Place) -> None:
    import polars as pl

    table = pl.DataFrame({"考号": [20261123001, 20261123002], "考场": ["2", "10"], "座位": [1, 1]})
    table.write_excel(place.root / "r.xlsx")
    out = place.root / "out.xlsx"
    done, problems = assign_papers(place.root / "r.xlsx", (place.form_folder,), place.workspace, into=out)
    assert done is not None and not problems
    assert [person.number for person in done.roster.persons] == ["20261123001", "20261123002"]
    seats = pl.read_excel(done.files[1], infer_schema_length=0)
    assert seats.to_series(1).to_list() == ["2", "10"]


def test_the_column_of_papers_is_filled_in_where_it_stands_even_as_the_first(place: Place) -> None:
    for header, at in ((["试卷", "准考证号"], 0), (["准考证号", "试卷"], 1), (["准考证号"], 1)):
        path = write_table(place.root / "own.csv", header, [["" if word == "试卷" else f"N{n}" for word in header] for n in range(4)])
        done, problems = assign_papers(path, (place.form_folder,), place.workspace)
        assert done is not None and not has_errors(problems)
        titles, rows = read_table(done.files[0])
        assert titles == (header if "试卷" in header else [*header, "form"])
        assert Counter(row[at] for row in rows) == dict.fromkeys((form.id for form in place.forms), 2)


def test_a_roster_in_any_order_gives_each_person_the_paper_that_is_theirs(place: Place) -> None:
    added(place)
    former = sat(place)
    numbers = list(former)[:11]
    seats = [str(1 + 7 * n % 11) for n in range(11)]
    rows = [[number, "", "R1", seat] for number, seat in zip(numbers, seats, strict=True)]
    path = write_table(place.root / "mixed.csv", ["准考证号", "姓名", "考场", "座位号"], rows)
    done, problems = assign_papers(path, (place.form_folder,), place.workspace)
    assert done is not None and not has_errors(problems)
    assert len({former[number] for number in numbers}) == 2
    assert all(paper != former[number] for number, paper in given_out(done).items())
    assert (done.shared[range(11), done.form] == 0).all()
    with done.files[1].open(encoding="utf-8-sig", newline="") as file:
        listed = list(csv.reader(file))[1:]
    assert [row[2] for row in listed] == [str(n) for n in range(1, 12)]
    assert {row[3]: row[5] for row in listed} == given_out(done)
