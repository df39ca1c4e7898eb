"""Answers given on screen: read as a response file would be, and whatever is wrong with a file is told."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from qbank.core.exam import exam_digest
from qbank.core.form import Form, FormItem, answer_names, answer_places
from qbank.core.responses import NOT_MARKED, OMITTED
from qbank.files.answers import Accepting, Intake, Reading, read_answers
from qbank.files.answers.exam.documents import parse_handed
from qbank.files.answers.exam.signature import SIGNED_BY, sealed, signed_bytes
from qbank.kinds import KINDS
from qbank.messages import LANGUAGES, problem_hint, problem_message
from qbank.problem import Problem
from qbank.workflow.exam_json import exam_schema
from tests.files.answers.papers import every_kind, marks_of
from tests.files.answers.samples import as_csv

ROOM = "炉火7788"


def form() -> Form:
    return every_kind()[0]


def right(entry: FormItem) -> str | list[str]:
    """Return an answer on screen for a place, as the page gives it."""
    n = len(entry.order)
    return {
        "single": "A", "multiple": "AB", "true_false": "false", "numeric": "12.5", "short": "因为…", "essay": "论述",
        "fill": ["脱碳"] * len(entry.marked.get("key", "x")), "matching": ["A"] * len(entry.marked.get("key", "")),
        "ordering": ["A", "B"][:n],
    }.get(entry.kind, "")  # type: ignore[return-value]


def document(number: str = "001", **changes: Any) -> dict[str, Any]:
    """Return what a candidate hands in who answers everything, not signed yet."""
    places = zip(answer_names(form()), answer_places(form()), strict=True)
    made = {
        "format": "qbank-exam-answers", "version": 1, "paper": form().id, "digest": exam_digest(form()), "shown": "0" * 16,
        "candidate": {"number": number, "name": "张小钢"}, "attempt": "a1", "sequence": 7,
        "started": "2026-11-26T01:00:00.000Z", "submitted": "2026-11-26T02:00:00.000Z", "seconds_used": 3600,
        "seconds_allowed": 5400, "reason": "candidate", "marked": [], "events": [],
        "answers": {name: answer for name, entry in places if (answer := right(entry))},
    }  # fmt: skip
    return made | changes


def handed(folder: Path, *documents: dict[str, Any], room: str = ROOM) -> Path:
    """Write files of answers into a folder, signed by a room code."""
    folder.mkdir(exist_ok=True)
    for n, one in enumerate(documents):
        (folder / f"{n}.json").write_text(json.dumps(sealed(one, room) if room else one, ensure_ascii=False, indent=1), "utf-8")
    return folder


def read(path: Path, *, codes: tuple[str, ...] = (ROOM,), unsigned: bool = False, shown: dict[str, str] | None = None) -> tuple[Intake | None, list[Problem]]:
    """Read files; that markers have yet to mark some questions is told of every one, and left out here."""
    intake, problems = read_answers(path, (form(),), "S", reading=Reading(), texts={}, accepting=Accepting(codes, unsigned, (shown or {}).get))
    return intake, [problem for problem in problems if problem.code != "R338"]


def codes_of(problems: list[Problem]) -> list[tuple[str, str]]:
    for problem in problems:
        for language in LANGUAGES:
            assert "{" not in problem_message(problem, language) + problem_hint(problem, language)
    return [(problem.code, problem.severity) for problem in problems]


def test_answers_on_screen_are_those_of_the_same_response_file(tmp_path: Path) -> None:
    intake, problems = read(handed(tmp_path / "in", document(), document("002", answers={"1": "B"})))
    assert intake is not None and problems == []
    names, places = answer_names(form()), answer_places(form())
    cells = {"single": "A", "multiple": "A,B", "true_false": "×", "numeric": "12.5", "ordering": "AB"}
    row = ["001"]
    for entry in places:
        n = len(entry.marked.get("key", ""))
        matched = " ".join(f"{k + 1}-A" for k in range(n))
        row.append(cells.get(entry.kind, ";".join(["脱碳"] * n) if entry.kind == "fill" else matched if entry.kind == "matching" else ""))
    table = [["person", *names], row, ["002", *("B" if name == "1" else "" for name in names)]]
    rated = [n for n, entry in enumerate(places) if KINDS[entry.kind].rated]
    table = [[cell for n, cell in enumerate(one) if n - 1 not in rated] for one in table]
    told, wrong = read_answers(as_csv(tmp_path / "sheet.csv", table), (form(),), "S", reading=Reading(), texts={})
    assert told is not None, wrong
    assert marks_of(intake) == marks_of(told)
    assert {marks_of(intake)["001"][places[n].id] for n in rated} == {NOT_MARKED}
    assert {(one.person, one.number, one.text) for one in intake.written} >= {("001", names[rated[0]], "因为…")}
    assert intake.names == ("张小钢", "张小钢")


def test_a_file_of_a_folder_may_be_read_alone_and_order_decides_nothing(tmp_path: Path) -> None:
    one = handed(tmp_path / "a", document("001"), document("002"))
    other = handed(tmp_path / "b", document("002"), document("001"))
    first, second = read(one)[0], read(other)[0]
    assert first is not None and second is not None and first.digest == second.digest
    alone, problems = read(one / "0.json")
    assert alone is not None and problems == [] and alone.responses.persons == ("001",)


def test_the_later_of_two_files_of_a_candidate_counts_and_is_told_of(tmp_path: Path) -> None:
    early = document(sequence=9, submitted="2026-11-26T02:30:00.000Z", answers={"1": "A"})
    late = document(sequence=12, submitted="2026-11-26T01:00:00.000Z", answers={"1": "B"})  # the clock was put back
    intake, problems = read(handed(tmp_path / "in", late, early, early))
    assert codes_of(problems) == [("Z719", "warning")]
    assert intake is not None and marks_of(intake)["001"] == marks_of(read(handed(tmp_path / "one", late))[0])["001"]  # type: ignore[arg-type]
    other = document(attempt="b", submitted="2026-11-26T03:00:00.000Z", answers={"1": "A"})
    intake, problems = read(handed(tmp_path / "two", other, late))
    assert intake is not None and marks_of(intake)["001"] == marks_of(read(handed(tmp_path / "three", early))[0])["001"]  # type: ignore[arg-type]


def test_the_same_file_twice_is_nothing_to_tell(tmp_path: Path) -> None:
    intake, problems = read(handed(tmp_path / "in", document(), document()))
    assert intake is not None and problems == [] and intake.responses.persons == ("001",)


@pytest.mark.parametrize(
    ("change", "code", "severity"),
    [
        ({"seconds_used": 5400 + 61}, "Z720", "warning"),
        ({"events": [{"at": 3, "seconds": -7200, "what": "clock"}]}, "Z722", "warning"),
        ({"paper": "other-1-A"}, "Z713", "error"),
        ({"digest": "f" * 16}, "Z714", "error"),
        ({"answers": {"99": "A"}}, "Z712", "error"),
        ({"answers": {"1": 7}}, "Z712", "error"),
        ({"candidate": {"number": "", "name": ""}}, "Z712", "error"),
        ({"key": "B"}, "Z712", "error"),
        ({"version": 2}, "Z712", "error"),
    ],
)  # fmt: skip
def test_what_is_odd_about_a_file_is_told(tmp_path: Path, change: dict[str, Any], code: str, severity: str) -> None:
    intake, problems = read(handed(tmp_path / "in", document(**change)))
    assert (code, severity) in codes_of(problems)
    assert (intake is None) == (severity == "error")


def test_a_minute_more_than_allowed_is_nothing_and_a_change_of_the_texts_shown_is_an_error(tmp_path: Path) -> None:
    folder = handed(tmp_path / "in", document(seconds_used=5460))
    assert read(folder)[1] == []
    assert read(folder, shown={form().id: "0" * 16})[1] == []
    assert codes_of(read(folder, shown={form().id: "1" * 16})[1]) == [("Z714", "error")]


def test_signatures_fit_one_of_the_room_codes_or_are_told(tmp_path: Path) -> None:
    folder = handed(tmp_path / "in", document(), document("002"), room="另一 考场")
    assert read(folder, codes=("x", "另一考场"))[1] == []
    assert codes_of(read(folder, codes=(ROOM,))[1]) == [("Z716", "error")] * 2
    intake, problems = read(folder, codes=(ROOM,), unsigned=True)
    assert intake is not None and codes_of(problems) == [("Z716", "warning")] * 2
    assert codes_of(read(folder, codes=())[1]) == [("Z718", "warning")]
    bare = handed(tmp_path / "bare", document(checksum="", signature=""), room="")
    assert codes_of(read(bare)[1]) == [("Z717", "error")]
    assert codes_of(read(bare, unsigned=True)[1]) == [("Z717", "warning")]


def test_an_answer_that_cannot_be_read_is_left_blank_and_told(tmp_path: Path) -> None:
    names = {entry.kind: name for name, entry in zip(answer_names(form()), answer_places(form()), strict=True)}
    ids = {entry.kind: entry.id for entry in answer_places(form())}
    odd = {"1": "A", names["numeric"]: "作废", names["single"]: "Z"}
    intake, problems = read(handed(tmp_path / "in", document(answers={**odd, names["essay"]: "完"})))
    assert {code for code, _ in codes_of(problems)} == {"Z721"}
    assert intake is not None
    assert marks_of(intake)["001"][ids["numeric"]] != -4  # what a candidate writes declares nothing void
    assert marks_of(intake)["001"][ids["numeric"]] in (OMITTED, -3)


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_no_change_of_a_signed_value_passes(tmp_path: Path, data: st.DataObject) -> None:
    text = json.dumps(sealed(document(), ROOM), ensure_ascii=False, indent=1)
    at = data.draw(st.integers(0, len(text) - 1))
    put = data.draw(st.sampled_from('0A"{},:x炉 '))
    changed = text[:at] + put + text[at + 1 :]
    folder = tmp_path / "law"
    folder.mkdir(exist_ok=True)
    (folder / "0.json").write_text(changed, "utf-8")
    intake, problems = read(folder / "0.json")
    try:
        same = signed_bytes(json.loads(changed)) == signed_bytes(json.loads(text))
        same = same and all(json.loads(changed)[word] == json.loads(text)[word] for word in SIGNED_BY)
    except (ValueError, KeyError, AttributeError):
        same = False
    assert (intake is not None) == same, (problems, changed[max(0, at - 20) : at + 20])


HOSTILE = {
    "cut short": json.dumps(document())[:-20],
    "a list": "[]",
    "deep": '{"format": "qbank-exam-answers", "a": ' + "[" * 100_000,
    "NaN": json.dumps(document()).replace("3600", "NaN"),
    "a key twice": json.dumps(document()).replace('"version": 1', '"version": 1, "version": 1'),
    "half a character": json.dumps(document(attempt="\ud800")),
    "nothing": '{"format": "qbank-exam-answers"}',
    "a number for a record": json.dumps(document(candidate=5)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_told_and_never_taken(tmp_path: Path, name: str) -> None:
    handed_in, problems = parse_handed(HOSTILE[name].encode("utf-8", "surrogatepass"), "in.json")
    assert handed_in is None and problems
    assert {code for code, _ in codes_of(problems)} <= {"Z711", "Z712"}


def test_bytes_that_are_no_text_are_told() -> None:
    assert codes_of(parse_handed(b'{"format": "qbank-exam-answers", "\xff": 1}', "in.json")[1]) == [("Z711", "error")]


def test_what_is_handed_in_obeys_the_schema_that_is_printed() -> None:
    validator = Draft7Validator(exam_schema("exam-answers", "en"))
    assert list(validator.iter_errors(sealed(document(), ROOM))) == []
    assert list(validator.iter_errors(sealed(document(reason="bored"), ROOM)))


def test_the_digest_of_an_exam_knows_nothing_of_keys_and_of_the_order_of_options() -> None:
    def other(entry: FormItem) -> FormItem:
        fingerprint = re.sub(r"\..*", ".ffff", entry.fingerprint)
        return replace(entry, marked={"key": "Z"}, fingerprint=fingerprint, order=entry.order[::-1], parts=tuple(map(other, entry.parts)))

    changed = replace(
        form(), sections=tuple(replace(one, items=tuple(map(other, one.items))) for one in form().sections)
    )
    assert exam_digest(changed) == exam_digest(form())
    first = form().sections[0]
    stem = replace(first, items=(replace(first.items[0], fingerprint="0." + first.items[0].fingerprint), *first.items[1:]))
    assert exam_digest(replace(form(), sections=(stem, *form().sections[1:]))) != exam_digest(form())
