"""QTI results of three versions, alone, in folders and archives: the same answers, and every misfit with its line."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from qbank.core.responses import NOT_MARKED, NOT_REACHED, OMITTED, STANDINGS
from qbank.files.answers import Intake, Reading, read_answers
from qbank.files.answers.qti import answer_text, looks_like_results, parse_results
from qbank.files.answers.qti.packed_xml import documents_of_zip
from qbank.messages import problem_hint, problem_message
from qbank.problem import Problem
from tests.files.answers.papers import every_kind, marks_of, place

NAMESPACES = {
    "2.1": "http://www.imsglobal.org/xsd/imsqti_result_v2p1",
    "2.2": "http://www.imsglobal.org/xsd/imsqti_result_v2p2",
    "3.0": "http://www.imsglobal.org/xsd/imsqti_result_v3p0",
}
Values = Sequence[str] | None
RIGHT: dict[str, tuple[str, str, Values, str]] = {
    "Q-1": ("single", "identifier", ["A"], "1"), "K-1": ("multiple", "identifier", ["C", "A"], "1"),
    "K-9": ("single", "boolean", ["false"], "0.5"), "K-2": ("multiple", "string", ["氧化钙", "３．２"], "2"),
    "Q-3": ("single", "float", ["1680"], "2"), "K-3": ("single", "float", ["42.8"], "2"),
    "K-5": ("multiple", "directedPair", ["P1 B", "P2 A"], "1"), "K-6": ("ordered", "identifier", ["C", "B", "A"], "1"),
    "K-7.1": ("single", "identifier", ["choiceA"], "1"), "K-7.2": ("single", "string", ["渣中氧化铁多"], "3"),
    "K-4": ("single", "string", ["会爆炸"], "4"), "K-10": ("single", "string", ["……"], "7.5"), "K-8": ("single", "file", None, "8.5"),
}  # fmt: skip
LABELS = {
    "Q-1": "A", "K-1": "AC", "K-9": "false", "K-2": "氧化钙;３．２", "Q-3": "1680", "K-3": "42.8", "K-5": "BA", "K-6": "CBA",
    "K-7.1": "A", "K-7.2": "3", "K-4": "4", "K-10": "7.5", "K-8": "8.5",
}  # fmt: skip


def item(
    id: str, values: Values = None, *, score: str = "", most: str = "", status: str = "final", completion: str = "",
    cardinality: str = "single", base: str = "identifier", stamp: str = "2026-11-23T09:30:00",
) -> str:  # fmt: skip
    given = "".join(f"<value>{value}</value>" for value in values or ())
    outcomes = {"SCORE": score, "MAXSCORE": most, "completionStatus": completion}
    shown = "\n".join(
        f'<outcomeVariable identifier="{name}" cardinality="single" baseType="float"><value>{value}</value></outcomeVariable>'
        for name, value in outcomes.items() if value
    )  # fmt: skip
    return f"""<itemResult identifier="{id}" sequenceIndex="1" datestamp="{stamp}" sessionStatus="{status}">
<responseVariable identifier="numAttempts" cardinality="single" baseType="integer"><candidateResponse><value>1</value></candidateResponse></responseVariable>
<responseVariable identifier="RESPONSE" cardinality="{cardinality}" baseType="{base}">
<correctResponse><value>Z</value></correctResponse><candidateResponse>{given}</candidateResponse></responseVariable>
{shown}</itemResult>"""


def person(number: str, items: Sequence[str], *, paper: str = "every-1-A", name: str = "", version: str = "2.1") -> str:
    inner = "\n".join(items)
    named = f'<sessionIdentifier sourceID="http://centre.example/candidateName" identifier="{name}"/>' if name else ""
    return f"""<assessmentResult xmlns="{NAMESPACES[version]}">
<context sourcedId="{number}">{named}</context>
<testResult identifier="{paper}" datestamp="2026-11-23T09:00:00"/>
{inner}
</assessmentResult>"""


def all_right(**more: str) -> list[str]:
    return [item(id, values, score=score, cardinality=c, base=b, **more) for id, (c, b, values, score) in RIGHT.items()]


def but(id: str, other: str) -> list[str]:
    return [other if known == id else one for known, one in zip(RIGHT, all_right(), strict=True)]


def document(text: str) -> bytes:
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + text).encode()


def taken(*texts: str, reading: Reading | None = None) -> tuple[Intake, list[Problem]]:
    documents = [(f"{n}.xml", document(text)) for n, text in enumerate(texts)]
    found, problems = parse_results(documents, (every_kind()[0],), "S", reading=reading or Reading())
    assert found is not None, [(problem_message(problem, "en"), str(problem.span)) for problem in problems]
    return found, problems


def refused(*texts: str, reading: Reading | None = None) -> list[tuple[str, str]]:
    documents = [(f"{n}.xml", document(text)) for n, text in enumerate(texts)]
    found, problems = parse_results(documents, (every_kind()[0],), "S", reading=reading or Reading())
    assert found is None
    for problem in problems:
        assert problem_message(problem, "zh") and problem_hint(problem, "en")
    return [(problem.code, str(problem.span)) for problem in problems]


@pytest.mark.parametrize("version", NAMESPACES)
def test_answers_of_every_kind_are_read_in_every_version(version: str) -> None:
    found, problems = taken(person("001", all_right(), name="张三", version=version))
    assert marks_of(found) == {"001": LABELS} and not problems
    assert found.names == ("张三",) and found.settings["format"] == "qti-results"


def test_a_file_a_folder_an_archive_and_one_file_of_all_give_the_same_answers(tmp_path: Path) -> None:
    form = every_kind()[0]
    one, two = person("001", all_right()), person("002", but("Q-1", item("Q-1", ["B"], score="0")))
    folder = tmp_path / "results"
    folder.mkdir()
    (folder / "a.xml").write_bytes(document(one))
    (folder / "b.xml").write_bytes(document(two))
    (folder / "imsmanifest.xml").write_bytes(document("<manifest/>"))
    (folder / "notes.txt").write_bytes(b"?")
    archive = tmp_path / "results.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for file in sorted(folder.iterdir()):
            packed.write(file, f"out/{file.name}")
    together = tmp_path / "all.xml"
    together.write_bytes(document(f"<results>{one}{two}</results>"))
    read = []
    for path in (folder, archive, together):
        found, problems = read_answers(path, (form,), "S", reading=Reading(), texts={})
        assert found is not None and not problems, problems
        read.append(marks_of(found))
    assert read[0] == read[1] == read[2] and read[0]["002"]["Q-1"] == "B" and read[0]["001"] == LABELS


def test_letters_are_those_of_the_bank_whatever_was_printed() -> None:
    form = every_kind()[0]
    assert place(form, "Q-1").order != "".join(sorted(place(form, "Q-1").order)) or place(form, "K-1").order != "ABCD"
    found, _ = taken(person("001", but("Q-1", item("Q-1", ["B"]))))
    assert marks_of(found)["001"]["Q-1"] == "B"


def test_no_answer_is_omitted_and_an_item_never_begun_is_not_reached() -> None:
    states = {
        "omitted": item("Q-1", None, score="0"),
        "looked at": item("Q-1", None, status="initial", completion="unknown"),
        "never begun": item("Q-1", None, status="initial"),
        "not attempted": item("Q-1", None, completion="not_attempted"),
        "not there": "",
    }
    found, _ = taken(*(person(word, but("Q-1", one)) for word, one in states.items()))
    assert {word: row["Q-1"] for word, row in marks_of(found).items()} == {
        "omitted": OMITTED, "looked at": OMITTED, "never begun": NOT_REACHED, "not attempted": NOT_REACHED,
        "not there": NOT_REACHED,
    }  # fmt: skip


def test_an_answer_never_submitted_counts_and_is_pointed_out() -> None:
    found, problems = taken(person("001", but("Q-1", item("Q-1", ["A"], status="pendingSubmission"))))
    assert marks_of(found)["001"]["Q-1"] == "A"
    assert [(problem.code, problem.severity, str(problem.span)) for problem in problems] == [("R307", "warning", "0.xml:5:1")]


def test_what_people_mark_waits_until_there_is_a_score() -> None:
    found, problems = taken(person("001", but("K-8", item("K-8", ["x"], status="pendingExternalScoring"))))
    assert marks_of(found)["001"]["K-8"] == NOT_MARKED
    assert [problem.code for problem in problems] == ["R338"]


def test_the_last_of_several_results_of_an_item_counts() -> None:
    again = item("Q-1", ["A"], stamp="2026-11-23T09:31:00") + item("Q-1", ["B"], stamp="2026-11-23T09:30:30")
    assert marks_of(taken(person("001", but("Q-1", again)))[0])["001"]["Q-1"] == "A"


def test_without_answers_only_the_marks_are_kept_brought_to_those_of_the_paper() -> None:
    bare = [
        f'<itemResult identifier="{id}" datestamp="2026-11-23T09:00:00" sessionStatus="final">'
        f'<outcomeVariable identifier="SCORE" cardinality="single" baseType="float"><value>1</value></outcomeVariable>'
        f'<outcomeVariable identifier="MAXSCORE" cardinality="single" baseType="float"><value>2</value></outcomeVariable></itemResult>'
        for id in RIGHT
    ]
    found, _ = taken(person("001", bare))
    row = marks_of(found)["001"]
    assert row["Q-1"] == "marks:0.5" and row["Q-3"] == "marks:1" and row["K-8"] == "5" and row["K-9"] == "marks:0.25"
    assert set(found.settings["marks_only"]) == {id for id in RIGHT if id not in ("K-4", "K-7.2", "K-8", "K-10")}


def test_a_person_without_results_is_absent() -> None:
    found, _ = taken(person("001", all_right()), person("002", []))
    assert [STANDINGS[n] for n in found.responses.standing] == ["present", "absent"]


def test_items_may_be_called_by_number_or_by_what_the_mapping_says() -> None:
    numbers = {"Q-1": "1", "K-1": "item-2", "K-7.1": "Q9-1", "K-8": "_K-8"}
    items = [one.replace(f'"{id}"', f'"{numbers.get(id, id)}"') for id, one in zip(RIGHT, all_right(), strict=True)]
    assert marks_of(taken(person("001", items))[0]) == {"001": LABELS}
    odd = [one.replace('"Q-1"', '"itm_77"') for one in all_right()]
    assert refused(person("001", odd)) == [("R305", "0.xml:5:1")]
    mapped = Reading(columns={"itm_77": "Q-1"}, forms={"T-9": "every-1-A"})
    assert marks_of(taken(person("001", odd, paper="T-9"), reading=mapped)[0]) == {"001": LABELS}


def test_who_it_is_may_stand_in_a_session_identifier() -> None:
    text = person("", all_right()).replace(
        '<context sourcedId=""></context>',
        '<context><sessionIdentifier sourceID="sys" identifier="x1"/><sessionIdentifier sourceID="candidateNumber" identifier="007"/></context>',
    )
    assert list(marks_of(taken(text)[0])) == ["007"]
    assert list(marks_of(taken(text, reading=Reading(columns={"sys": "person"}))[0])) == ["x1"]
    nobody = text.replace("candidateNumber", "other")
    assert refused(nobody) == [("R304", "0.xml:2:1")]


WRONG: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "a letter that is no option": (person("1", but("Q-1", item("Q-1", ["F"]))), [("R111", "0.xml:5:1")]),
    "two letters for one": (person("1", but("Q-1", item("Q-1", ["A", "B"]))), [("R111", "0.xml:5:1")]),
    "more than full marks": (person("1", but("K-8", item("K-8", None, score="11"))), [("R309", "0.xml:65:1")]),
    "the same person twice": (f"<r>{person('1', all_right())}{person('1', all_right())}</r>", [("R109", "0.xml:70:1")]),
    "no results": ("<html/>", [("R301", "0.xml:2:1")]),
    "no XML": ("<assessmentResult>", [("R310", "0.xml:2:1")]),
    "a document type": ("<!DOCTYPE a [<!ENTITY b 'c'>]><assessmentResult/>", [("R310", "0.xml:2:1")]),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_does_not_fit_is_told_with_its_line(case: str) -> None:
    text, expected = WRONG[case]
    assert refused(text) == expected


def test_all_files_of_a_folder_are_told_at_once() -> None:
    wrong = person("1", but("Q-1", item("Q-1", ["F"])))
    assert refused(wrong, wrong.replace('"1"', '"2"')) == [("R111", "0.xml:5:1"), ("R111", "1.xml:5:1")]


def test_of_several_papers_the_one_is_told_by_its_name_or_its_items() -> None:
    form = every_kind()[0]
    other = replace(form, id="B", sections=form.sections[1:])
    texts = [person("1", all_right()), person("2", all_right()[1:], paper="unknown"), person("3", all_right()[1:], paper="B")]
    found, problems = parse_results([("a.xml", document(f"<r>{''.join(texts[::2])}</r>"))], (form, other), "S", reading=Reading())
    assert found is not None and found.responses.form.tolist() == [0, 1], problems
    found, problems = parse_results([("a.xml", document(texts[1]))], (form, other), "S", reading=Reading())
    assert found is None and [(problem.code, str(problem.span)) for problem in problems] == [("R306", "a.xml:2:1")]


@pytest.mark.parametrize("name", ["../x.xml", "/etc/x.xml", "a/../../x.xml", "C:x.xml", "..\\x.xml"])
def test_a_path_out_of_the_archive_is_refused(name: str) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr(name, "<a/>")
    found, problems = documents_of_zip(buffer.getvalue(), "a.zip")
    assert not found and [(p.code, dict(p.facts)["reason"]) for p in problems] == [("R302", "archive path")]


def test_a_long_name_in_an_archive_is_cut_where_it_is_told() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr("../" + "x" * 200 + ".xml", "<a/>")
    _, (problem,) = documents_of_zip(buffer.getvalue(), "a.zip")
    assert dict(problem.facts)["name"] == "../" + "x" * 117


def test_an_archive_that_unpacks_to_far_too_much_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.xml", b"<a>" + b" " * 30_000_000)
    found, problems = documents_of_zip(buffer.getvalue(), "a.zip")
    assert not found and dict(problems[0].facts)["reason"] == "archive large"


def test_what_is_not_about_the_answer_is_no_answer() -> None:
    assert looks_like_results(document(person("1", []))) and not looks_like_results(b"person,1\n") and not looks_like_results(b"<quiz/>")
    form = every_kind()[0]
    cases: Mapping[str, tuple[list[str], str]] = {
        "Q-1": (["ChoiceB"], "B"), "K-9": (["choice_true"], "true"), "K-1": (["option_A", "opt-C"], "A C"), "K-5": (["B 1"], "1-B"),
    }  # fmt: skip
    assert {id: answer_text(place(form, id), values) for id, (values, _) in cases.items()} == {id: text for id, (_, text) in cases.items()}
