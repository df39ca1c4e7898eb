"""Laws of taking in: whatever file holds the answers, and in whatever order, they are the same answers."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.core.form import answer_names, answer_places
from qbank.core.responses import NOT_REACHED, OMITTED, Responses
from qbank.files.answers import Reading
from qbank.files.answers.delimited import without_quotes
from qbank.kinds import KINDS
from tests.files.answers.samples import FORMS, as_csv, as_parquet, as_xlsx, read, taken

WORDS = {OMITTED: "未答", NOT_REACHED: "未答到", -2: "未见", -4: "作废", -5: "违纪"}
LABELS = {
    "single": ["A", "B", "C"], "true_false": ["true", "false"], "multiple": ["A", "BD", "ACD"], "short": ["0", "4.5", "5"],
}  # fmt: skip
Person = tuple[int, str, str, list[str | int]]


@st.composite
def persons(draw: st.DrawFn) -> list[Person]:
    """Draw persons with a paper, a standing, a site and what they answered: labels, or ways of having no answer."""
    found: list[Person] = []
    for _ in range(draw(st.integers(1, 6))):
        form = draw(st.integers(0, len(FORMS) - 1))
        status = draw(st.sampled_from(["正常", "缺考", "作废", "违纪"]))
        site = draw(st.sampled_from(["甲站", "=1+1", "a,b", 'say "x"', ""]))
        answers: list[str | int] = []
        for place in answer_places(FORMS[form]):
            labels = [label for label in LABELS[place.kind] if not place.order or set(label) <= set(place.order)]
            answers.append(draw(st.sampled_from([*labels, *WORDS])))
        found.append((form, status, site, answers))
    return found


def cells(form: int, answers: Sequence[str | int]) -> list[str]:
    """Return what stands in each cell, in printed order."""
    return [
        WORDS[label] if isinstance(label, int) else KINDS[place.kind].show_answer(label, place.order, "zh")
        for place, label in zip(answer_places(FORMS[form]), answers, strict=True)
    ]


def wide(people: list[Person], *, by_number: bool) -> list[list[str]]:
    names = list(dict.fromkeys(
        name for form in FORMS
        for name in (answer_names(form) if by_number else [place.id for place in answer_places(form)])
    ))  # fmt: skip
    rows = [["准考证号", "卷号", "状态", "考点", *names]]
    for n, (form, status, site, answers) in enumerate(people):
        own = answer_names(FORMS[form]) if by_number else [place.id for place in answer_places(FORMS[form])]
        by_name = dict(zip(own, cells(form, answers), strict=True))
        rows.append([f"P{n}", FORMS[form].id, status, site, *(by_name.get(name, "") for name in names)])
    return rows


def long(people: list[Person]) -> list[list[str]]:
    rows = [["准考证号", "卷号", "状态", "考点", "题号", "作答"]]
    for n, (form, status, site, answers) in enumerate(people):
        names = answer_names(FORMS[form])
        rows += [
            [f"P{n}", FORMS[form].id, status, site, name, cell]
            for name, cell in zip(names, cells(form, answers), strict=True)
        ]
    return rows


def facts(responses: Responses) -> dict[str, object]:
    """Return who answered what, free of any order."""
    return {
        person: (
            responses.forms[responses.form[n]], int(responses.standing[n]), dict(responses.groups)["site"][n],
            {
                item: responses.labels[k][code] if (code := int(responses.answer[n, k])) >= 0 else code
                for k, item in enumerate(responses.items)
            },
        )
        for n, person in enumerate(responses.persons)
    }  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(people=persons(), rng=st.randoms(use_true_random=False))
def test_every_sort_of_file_gives_the_answers_that_were_written(people: list[Person], rng: object) -> None:
    expected = {
        f"P{n}": {place.id: label for place, label in zip(answer_places(FORMS[form]), answers, strict=True)}
        for n, (form, _, _, answers) in enumerate(people)
    }
    table = wide(people, by_number=False)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        files = [
            as_csv(root / "a.csv", table), as_csv(root / "b.csv", wide(people, by_number=True), quoted=True),
            as_csv(root / "c.csv", table, encoding="gb18030", ending="\r\n"), as_xlsx(root / "d.xlsx", table, left=3),
            as_parquet(root / "e.parquet", table), as_csv(root / "f.csv", long(people), delimiter="\t"),
            as_xlsx(root / "g.xlsx", long(people)),
        ]  # fmt: skip
        first = facts(taken(files[0]).responses)
        for person, own in expected.items():
            told = first[person][3]  # type: ignore[index]
            assert {item: told[item] for item in own} == own
            assert all(label == -2 for item, label in told.items() if item not in own)
        for path in files[1:]:
            assert facts(taken(path).responses) == first, path.name


@settings(max_examples=25, deadline=None)
@given(people=persons(), data=st.data())
def test_the_order_of_rows_and_columns_does_not_matter(people: list[Person], data: st.DataObject) -> None:
    for table in (wide(people, by_number=True), long(people)):
        columns = data.draw(st.permutations(range(len(table[0]))))
        rows = [table[0], *data.draw(st.permutations(table[1:]))]
        with tempfile.TemporaryDirectory() as folder:
            one = taken(as_csv(Path(folder) / "a.csv", table)).responses
            two = taken(as_csv(Path(folder) / "b.csv", [[row[k] for k in columns] for row in rows])).responses
        assert facts(one) == facts(two)
        assert one.labels == two.labels and one.items == two.items


@settings(max_examples=60, deadline=None)
@given(people=persons(), data=st.data())
def test_the_cell_of_every_problem_lies_in_the_file(people: list[Person], data: st.DataObject) -> None:
    table = wide(people, by_number=data.draw(st.booleans()))
    for _ in range(data.draw(st.integers(1, 5))):
        row = data.draw(st.integers(0, len(table) - 1))
        column = data.draw(st.integers(0, len(table[0]) - 1))
        table[row][column] = data.draw(st.sampled_from(["", "E", "?", "P0", "theory-1-B", "√", "1", "题", "9999999999", "'", "\t"]))
    with tempfile.TemporaryDirectory() as folder:
        for path in (as_csv(Path(folder) / "a.csv", table), as_xlsx(Path(folder) / "a.xlsx", table)):
            intake, problems = read(path)
            assert (intake is None) == any(problem.severity == "error" for problem in problems)
            for problem in problems:
                assert 0 <= problem.span.line <= len(table) and 0 <= problem.span.column <= len(table[0])


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=200) | st.text(max_size=200).map(str.encode), kind=st.sampled_from(["", "PAR1", "PK\x03\x04"]))
def test_no_bytes_at_all_end_in_an_exception(data: bytes, kind: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        path.write_bytes(kind.encode() + data)
        intake, problems = read(path)
        assert intake is None and problems


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(["A", " b", "E", "", "作废", "'", "A;B"]), min_size=1, max_size=20))
def test_quoted_and_plain_files_are_read_alike(column: list[str]) -> None:
    table = [["person", "Q1"], *([f"P{n}", cell] for n, cell in enumerate(column))]
    with tempfile.TemporaryDirectory() as folder:
        plain = read(as_csv(Path(folder) / "a.csv", table), FORMS[:1], Reading(ignore=()))
        quoted = read(as_csv(Path(folder) / "b.csv", table, quoted=True), FORMS[:1])
    assert [(p.code, p.span.line, p.span.column) for p in plain[1]] == [(p.code, p.span.line, p.span.column) for p in quoted[1]]


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=[*'"""",\n\nA题 '], max_size=30))
def test_quotes_go_only_where_the_strict_reader_sees_the_same_cells(text: str) -> None:
    plain = without_quotes(text.encode(), ",")
    if plain is None:
        return
    strict = csv.reader(io.StringIO(text, newline=""), strict=True)
    fast = (line.split(",") for line in plain.decode().split("\n"))
    assert [row for row in strict if any(map(str.strip, row))] == [row for row in fast if any(map(str.strip, row))]


@pytest.mark.parametrize("text", ['"A,B"', '"A""B"', '"A\nB"', 'A"B"', '"A"B', '"A', '"A" ,B'])
def test_quotes_that_mean_something_stay(text: str) -> None:
    assert without_quotes(text.encode(), ",") is None


def test_text_columns_of_any_width_of_string_are_read(tmp_path: Path) -> None:
    frame = pl.DataFrame({"person": ["1"], "form": ["A"], **{str(n): ["A" if n < 3 else None] for n in range(1, 6)}})
    frame.write_parquet(tmp_path / "a.parquet")
    assert taken(tmp_path / "a.parquet").responses.answer[0, :2].tolist() == [0, 0]
