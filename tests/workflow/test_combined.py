"""Sittings joined as one decision: by the persons of the ledger, named after release only."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from qbank.analysis.classification import DECISIONS, STATES
from qbank.cli.__main__ import group
from qbank.files.plain_rows import workbook_rows
from qbank.ledger import PaperCut, accept_cuts
from qbank.messages import LANGUAGES, problem_hint, problem_message
from qbank.problem import Problem
from qbank.report import to_html, to_json
from qbank.workflow.combined import Asked, combine_sittings, write_combined
from qbank.workflow.workspace import Workspace
from tests.workflow.examinations import Sheet, drawn, released, sat, whole, workspace_at
from tests.workflow.places import read_table


def codes(problems: list[Problem]) -> list[str]:
    return [problem.code for problem in problems]


def five(workspace: Workspace) -> None:
    """Add three sittings of a few persons, known by the same numbers."""
    people = {"theory": (70, 55, 60, 90, 80), "practice": (65, 80, 59, 75, 62), "review": (60, 90, 70, 50, 90)}
    for part, totals in people.items():
        sat(workspace, part, [whole(part, total, f"NR{n}", name=f"姓名{n}") for n, total in enumerate(totals)])


def test_names_and_numbers_are_there_after_release_only(tmp_path: Path) -> None:
    workspace = workspace_at(tmp_path)
    five(workspace)
    released(workspace, "theory", "practice")
    parts = ("theory", "practice", "review")
    joined, problems = combine_sittings(parts, workspace)
    assert joined is not None and codes(problems) == ["N141", "N140"]
    assert dict(problems[1].facts) == {"id": "review", "stage": "analysed", "command": "qbank analyse review"}
    files = write_combined(joined, csv=tmp_path / "o.csv", xlsx=tmp_path / "o.xlsx", html=tmp_path / "o.html", json=tmp_path / "o.json")
    written = [*(path.read_text("utf-8-sig") for path in files if path.suffix != ".xlsx"), repr(workbook_rows(files[1].read_bytes()))]
    written += [to_html(joined.report), json.dumps(said(tmp_path, "combine", *parts, "--json"), ensure_ascii=False)]
    secret = [*(f"NR{n}" for n in range(5)), "姓名", *joined.found.persons]
    assert not [(word, text[:20]) for text in written for word in secret if word in text]
    assert read_table(files[0])[1] == [["theory", "theory", "4", "1"], ["practice", "practice", "4", "1"], ["review", "review", "4", "1"]]

    released(workspace, "review")
    joined, problems = combine_sittings(parts, workspace, Asked(names=("理论", "操作", "评审")))
    assert joined is not None and codes(problems) == ["N141"]
    write_combined(joined, csv=tmp_path / "o.csv")
    assert [row[:8] for row in read_table(tmp_path / "o.csv")[1]] == [
        ["NR0", "姓名0", "70", "65", "60", "passed", "", ""],
        ["NR1", "姓名1", "55", "80", "90", "failed", "理论", ""],
        ["NR2", "姓名2", "60", "59", "70", "failed", "操作", ""],
        ["NR3", "姓名3", "90", "75", "50", "failed", "评审", ""],
        ["NR4", "姓名4", "80", "62", "90", "passed", "", ""],
    ]
    found = said(tmp_path, "combine", *parts, "--json")["result"]
    assert found["decisions"] == {"pass": 2, "fail": 3, "open": 0} and found["released"]
    assert found["persons"][1]["number"] == "NR1" and found["persons"][1]["failed"] == ["theory"]


def test_whoever_lacks_a_part_is_listed_with_the_reason(tmp_path: Path) -> None:
    workspace = workspace_at(tmp_path)
    sat(workspace, "theory", [whole("theory", 60, f"A{n}") for n in range(5)])
    practice = [whole("practice", 80, "A0"), *(Sheet(f"A{n}", status=word) for n, word in ((1, "absent"), (2, "void"), (3, "withheld")))]
    sat(workspace, "practice", [*practice, whole("practice", 70, "B9")])
    released(workspace, "theory", "practice")
    joined, _ = combine_sittings(("theory", "practice"), workspace)
    assert joined is not None
    write_combined(joined, csv=tmp_path / "o.csv")
    _, rows = read_table(tmp_path / "o.csv")
    assert [(row[0], row[4], row[6]) for row in rows] == [
        ("A0", "passed", ""), ("A1", "open", "practice (absent)"), ("A2", "open", "practice (void)"),
        ("A3", "open", "practice (withheld)"), ("A4", "open", "practice (not registered)"), ("B9", "open", "theory (not registered)"),
    ]  # fmt: skip


def test_a_person_is_known_by_the_document_whatever_the_numbers(tmp_path: Path) -> None:
    workspace = workspace_at(tmp_path)
    sat(workspace, "theory", [whole("theory", 60, "T1", document="D1"), whole("theory", 80, "T2", document="D2")])
    sat(workspace, "practice", [whole("practice", 50, "T1", document="D2"), whole("practice", 90, "P2", document="D1")])
    released(workspace, "theory", "practice")
    joined, problems = combine_sittings(("theory", "practice"), workspace)
    assert joined is not None and codes(problems) == ["N141"]
    assert joined.found.totals.tolist() == [[60, 90], [80, 50]]
    table = next(block for section in joined.report.blocks for block in section.blocks if getattr(block, "name", "") == "persons")  # type: ignore[union-attr]
    assert [column.name for column in table.columns][2:4] == ["number_1", "number_2"]  # type: ignore[union-attr]
    assert [row[:4] for row in table.rows] == [("T1", "", "T1", "P2"), ("T2", "", "T2", "T1")]  # type: ignore[union-attr]


def test_equal_numbers_that_the_ledger_cannot_join_are_told(tmp_path: Path) -> None:
    workspace = workspace_at(tmp_path)
    sat(workspace, "theory", [whole("theory", 60, f"A{n}", document=f"D{n}") for n in range(3)])
    sat(workspace, "practice", [whole("practice", 60, f"A{n}") for n in range(2)])
    joined, problems = combine_sittings(("theory", "practice"), workspace)
    assert joined is not None and joined.found.analysis.n_complete == 0 and joined.found.analysis.n_persons == 5
    assert [dict(problem.facts) for problem in problems if problem.code == "N138"] == [{"n": "2"}]


def test_the_cut_is_that_of_the_paper_unless_another_is_given(tmp_path: Path) -> None:
    workspace = workspace_at(tmp_path)
    five(workspace)

    def passed(asked: Asked) -> list[bool]:
        joined, _ = combine_sittings(("theory", "practice"), workspace, asked)
        assert joined is not None
        return [DECISIONS[n] == "pass" for n in joined.found.analysis.decision]

    assert passed(Asked()) == [True, False, False, True, True]
    assert passed(Asked(cuts={"": 55})) == [True] * 5
    assert passed(Asked(cuts={"practice": 59})) == [True, False, True, True, True]
    # weights .5: 67.5, 67.5, 59.5, 82.5, 71
    assert passed(Asked("compensatory", cuts={"": 67})) == [True, True, False, True, True]
    ledger = workspace.open()
    accept_cuts(ledger, "theory", [PaperCut("theory", "theory-1-A", 55.0, 54.6, "x", 60.0, "linear", 0.5, "", "agreed")])
    ledger.close()
    assert passed(Asked()) == [True, True, False, True, True]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_whole_report_of_an_examination(tmp_path: Path, language: str) -> None:
    workspace = workspace_at(tmp_path, language)
    for part, sheets in drawn(150, seed=4).items():
        sat(workspace, part, sheets)
    released(workspace, "theory", "practice", "review")
    joined, problems = combine_sittings(("theory", "practice", "review"), workspace, Asked(replications=20))
    assert joined is not None and not problems
    one = joined.found.analysis
    assert one.status == "ok" and one.n_complete == 150
    both = np.all(joined.found.totals >= 60, axis=1)
    assert one.summary.row(0)[1] == pytest.approx(both.mean())
    data = json.loads(to_json(joined.report))
    tables = {block["name"]: block["rows"] for section in data["blocks"] for block in section["blocks"] if block["type"] == "table"}
    assert list(tables) == ["decisions", "patterns", "parts", "correlations", "accuracy", "near", "states", "persons"]
    assert len(tables["persons"]) == 150 and sum(row["n"] for row in tables["patterns"]) == 150
    # reliability and error are those of the sitting's own analysis
    from qbank.analysis import reliability_table
    from qbank.workflow.analysed_data import analysed_data
    from qbank.workflow.scoring import score_sitting

    scored, _ = score_sitting("practice", workspace)
    assert scored is not None
    row = reliability_table(analysed_data(scored)).row(0, named=True)
    assert (tables["parts"][1]["reliability"], tables["parts"][1]["sem"]) == pytest.approx((row["alpha"], row["sem"]))
    files = write_combined(joined, html=tmp_path / "a.html", pdf=tmp_path / "a.pdf", xlsx=tmp_path / "a.xlsx")
    assert files[2].read_bytes()[:5] == b"%PDF-" and "考生1" in files[1].read_text("utf-8")


def test_a_reliability_that_is_given_is_that_of_the_whole_sitting(tmp_path: Path) -> None:
    workspace = workspace_at(tmp_path)
    sheets = drawn(120, seed=5)
    sat(workspace, "theory", sheets["theory"])
    # a practical test of which only the sum is known: one question earns everything, there is no alpha
    sat(workspace, "practice", [replace(sheet, marks=(sum(sheet.marks) // 10, *([0] * 9))) for sheet in sheets["practice"]])
    joined, problems = combine_sittings(("theory", "practice"), workspace, Asked(cuts={"practice": 6}))
    assert joined is not None and joined.found.analysis.status == "no_reliability"
    assert [str(problem.span) for problem in problems if problem.code == "N142"] == ["practice"]
    joined, _ = combine_sittings(
        ("theory", "practice"), workspace, Asked(cuts={"practice": 6}, reliabilities={"practice": 0.8}, replications=5)
    )
    assert joined is not None and joined.found.analysis.status == "ok"
    row = joined.found.analysis.parts.row(1, named=True)
    assert row["reliability"] == pytest.approx(0.8) and row["sem"] == pytest.approx(row["sd"] * 0.2**0.5)
    assert [part.source for part in joined.found.parts] == ["alpha", "given"]


def test_a_part_that_nobody_sat_leaves_everybody_open_or_failed(tmp_path: Path) -> None:
    workspace = workspace_at(tmp_path)
    sat(workspace, "theory", [whole("theory", 60, "A0"), whole("theory", 40, "A1")])
    sat(workspace, "practice", [Sheet("A0", status="absent"), Sheet("A1", status="absent")])
    joined, problems = combine_sittings(("theory", "practice"), workspace)
    assert joined is not None and codes(problems) == ["N141", "N140", "N140"]
    one = joined.found.analysis
    assert [DECISIONS[n] for n in one.decision] == ["open", "fail"] and one.parts["status"].to_list() == ["ok", "nobody"]
    assert STATES[one.state[0, 1]] == "absent"
    assert to_html(joined.report) and "NaN" not in to_json(joined.report)


def test_wrong_calls_are_told_all_at_once_in_both_languages(tmp_path: Path) -> None:
    workspace = workspace_at(tmp_path)
    five(workspace)
    asked = Asked("conjunctive", (1, 0), {"x": 60}, {"theory": 1.2}, ("a", "a"))
    joined, problems = combine_sittings(("theory", "theory"), workspace, asked)
    assert joined is None and codes(problems) == ["N130", "N132", "N133", "N134", "N135", "N136"]
    for language in LANGUAGES:
        assert all(problem_message(problem, language) and problem_hint(problem, language) for problem in problems)
    joined, problems = combine_sittings(("theory", "nowhere"), workspace)
    assert joined is None and "L102" in codes(problems)


@pytest.mark.parametrize(
    ("words", "code"), [(("--cut", "theory=sixty"), "N145"), (("--weights", "a,b"), "N146"), (("--reliability", ""), "N145")]
)
def test_what_cannot_be_read_is_a_problem(tmp_path: Path, words: tuple[str, ...], code: str) -> None:
    workspace_at(tmp_path)
    found = said(tmp_path, "combine", "theory", "practice", *words, "--json", status=1)
    assert found["result"] is None and [problem["code"] for problem in found["problems"]] == [code]


def said(root: Path, *words: str, status: int = 0) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        result = CliRunner().invoke(group, ["--lang", "en", *words])
    assert result.exit_code == status, result.output
    return json.loads(result.output)
