"""qbank print --to exam and --to json, by paper and by candidate, and what is said of a roster or address that does not do."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft7Validator

from qbank.core.exam import exam_digest
from qbank.core.form import answer_names, answer_places
from qbank.files.answers import Reading, read_answers
from qbank.files.answers.exam.signature import sealed
from qbank.files.answers.intake import Written
from qbank.files.tables import write_xlsx
from qbank.messages import LANGUAGES, Language, text
from qbank.problem import Problem
from qbank.workflow.exam import is_near
from qbank.workflow.exam_answers import written_answers
from qbank.workflow.exam_json import exam_schema, indented
from qbank.workflow.packages import PackageOptions
from qbank.workflow.printing import print_papers
from qbank.workflow.sitting import Intaking, add_responses
from tests.core.test_item import PLAIN
from tests.files.answers.papers import every_kind
from tests.workflow.places import DATE, Place, read_table, write_table


def printed(
    place: Place, into: Path, *, to: str = "exam", roster: Path | None = None, **options: Any
) -> tuple[tuple[Path, ...], list[Problem]]:
    return print_papers(
        (place.form_folder,), place.workspace, to=to, into=into, roster=roster, options=PackageOptions(**options)
    )


def roster(path: Path, rows: list[list[str]], header: str = "准考证号,姓名,座位号,试卷") -> Path:
    path.write_text("\n".join([header, *(",".join(row) for row in rows)]), "utf-8")
    return path


def test_every_candidate_of_a_roster_gets_a_page_of_the_own_paper(place: Place, tmp_path: Path) -> None:
    one, two = (form.id for form in place.forms)
    names = roster(tmp_path / "r.csv", [["001", "张三", "1", one], ["0/2", "李四", "2", two], ["003", "王五", "3", one]])
    files, problems = printed(place, tmp_path / "out", roster=names)
    assert problems == []
    assert [file.name for file in files] == [f"{one}-exam-001.html", f"{one}-exam-003.html", f"{two}-exam-0_2.html"]
    pages = [file.read_text("utf-8") for file in files]
    assert '{"name":"王五","number":"003","seat":"3"}' in pages[1]
    assert not any(name in pages[1] for name in ("张三", "李四"))


def test_what_is_wrong_with_a_roster_is_told_by_line_and_nothing_is_written(place: Place, tmp_path: Path) -> None:
    names = roster(tmp_path / "r.csv", [["001", "张三", "1", "other"], ["002", "李四", "2", ""]])
    files, problems = printed(place, tmp_path / "out", roster=names)
    assert files == () and not (tmp_path / "out").exists()
    assert [(problem.code, problem.span.line) for problem in problems] == [("Z705", 2), ("Z705", 3)]
    files, problems = printed(place, tmp_path / "out", roster=roster(tmp_path / "s.csv", [["001", "张三"]], "准考证号,姓名"))
    assert files == () and [problem.code for problem in problems] == ["Z704"]
    one = place.forms[0].id
    names = roster(tmp_path / "t.csv", [["0/2", "张三", "1", one], ["0_2", "李四", "2", one]])
    files, problems = printed(place, tmp_path / "out", roster=names)
    assert files == () and [problem.code for problem in problems] == ["Z703"]


@given(PLAIN)
def test_a_record_is_written_as_the_json_of_the_standard_library(value: Any) -> None:
    assert indented(value) == json.dumps(value, ensure_ascii=False, indent=1)


@pytest.mark.parametrize(
    "address",
    ["http://exam.example.com/in", "ftp://127.0.0.1/", "http://127.0.0.1/; script-src *", "//127.0.0.1/", "http://8.8.8.8/",
     "http://127.0.0.1@example.com/", "http://user:pw@127.0.0.1/", "javascript:alert(1)", "http://[::1", "http://127.0.0.1:1/a b"],
)  # fmt: skip
def test_answers_go_to_no_address_that_is_not_near(address: str) -> None:
    assert not is_near(address)


@pytest.mark.parametrize("address", ["http://127.0.0.1:8000/submit", "http://[::1]:9/", "https://server/in", "http://10.0.0.7/x", "http://exam.local"])
def test_an_address_of_the_room_does(address: str) -> None:
    assert is_near(address)


def test_the_address_and_the_minutes_stand_in_the_page(place: Place, tmp_path: Path) -> None:
    files, problems = printed(place, tmp_path / "out", submit="http://127.0.0.1:8000/submit", minutes=45)
    assert problems == []
    written = files[0].read_text("utf-8")
    assert "connect-src http://127.0.0.1:8000/submit;" in written and '"seconds":2700' in written
    files, problems = printed(place, tmp_path / "other", submit="http://exam.example.com/in")
    assert files == () and {problem.code for problem in problems} == {"Z701"}


def test_a_paper_as_json_holds_no_key_and_both_files_obey_their_schemas(place: Place, tmp_path: Path) -> None:
    files, problems = printed(place, tmp_path / "out", to="json")
    assert problems == [] and len(files) == 2 * len(place.forms)
    paper, key = (json.loads(file.read_text("utf-8")) for file in sorted(files)[:2][::-1])
    for language in LANGUAGES:
        assert list(Draft7Validator(exam_schema("exam-paper", language)).iter_errors(paper)) == []
        assert list(Draft7Validator(exam_schema("exam-key", language)).iter_errors(key)) == []
    form = next(form for form in place.forms if form.id == paper["paper"])
    assert paper["digest"] == key["digest"] == exam_digest(form)
    questions = [one for section in paper["sections"] for one in section["questions"]]
    assert [one["name"] for one in questions] == [one["name"] for one in key["keys"]] == [*answer_names(form)]
    assert not re.search(r'"(?:answer|key|rule|guide|order|item|form_digest)":', json.dumps(paper))
    by_letter = {one["name"]: {option["name"] for option in one["options"]} for one in questions}
    assert all({*one["answer"]} <= by_letter[one["name"]] for one in key["keys"] if one["kind"] in ("single", "multiple"))


def test_every_key_word_of_the_schemas_is_explained_in_both_languages() -> None:
    def explained(schema: Any) -> list[str]:
        if isinstance(schema, list):
            return [name for one in schema for name in explained(one)]
        if not isinstance(schema, dict):
            return []
        bare = [name for name, one in schema.get("properties", {}).items() if isinstance(one, dict) and "description" not in one]
        return bare + [name for one in schema.values() for name in explained(one)]

    for language in LANGUAGES:
        for part in ("exam-paper", "exam-key", "exam-answers"):
            assert explained(exam_schema(part, language)) == []


def test_answers_to_a_bank_that_was_changed_since_are_refused(place: Place, tmp_path: Path) -> None:
    form = place.forms[0]
    document = {
        "format": "qbank-exam-answers", "version": 1, "paper": form.id, "digest": exam_digest(form), "shown": "0" * 16,
        "candidate": {"number": "001", "name": "张三"}, "attempt": "a", "sequence": 1, "started": "", "submitted": "",
        "seconds_used": 1, "seconds_allowed": 60, "reason": "candidate", "answers": {"1": "A"}, "marked": [], "events": [],
    }  # fmt: skip
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.json").write_text(json.dumps(sealed(document, "r")), "utf-8")
    how = Intaking(room_codes=("r",))
    added, problems = add_responses(tmp_path / "in", (place.form_folder,), place.workspace, id="s", date=DATE, how=how)
    assert added is None and [problem.code for problem in problems] == ["Z714"]


def test_the_same_roster_gives_the_same_bytes(place: Place, tmp_path: Path) -> None:
    names = roster(tmp_path / "r.csv", [["001", "张三", "1", place.forms[0].id]])
    one, other = (printed(place, tmp_path / word, roster=names)[0][0] for word in "ab")
    assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_the_table_of_written_answers_is_read_back_with_its_marks(tmp_path: Path, language: Language, suffix: str) -> None:
    form, _ = every_kind()
    essay = next(entry.id for entry in answer_places(form) if entry.kind == "essay")
    table = tmp_path / f"written{suffix}"
    found = written_answers((Written("001", "张三", form.id, essay, "11", "=1+1，论述"),), table, tmp_path, language)
    assert (found.code, found.severity) == ("Z723", "note")
    header = [text(language, f"exam.column_{word}") for word in ("person", "form", "number", "item", "text", "rater", "marks")]
    if suffix == ".csv":
        head, (row,) = read_table(table)
        assert head == header
        write_table(table, head, [[*row[:-2], "王考评", "3"]])
    else:
        write_xlsx(table, "x", header, [["001", form.id, "11", essay, "论述", "王考评", 3]])
    intake, problems = read_answers(table, (form,), "S", reading=Reading(), texts={})
    assert intake is not None and intake.ratings is not None, problems
