"""From a panel's file to a cut and its report, with and without a sitting."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from qbank.analysis.standard_setting import fail_rate
from qbank.core.form import answer_places
from qbank.files.forms import read_form
from qbank.files.panel import read_panel
from qbank.files.plain_rows import workbook_rows
from qbank.messages import LANGUAGES
from qbank.workflow.scoring import score_sitting
from qbank.workflow.standard_setting import set_standard, write_template
from tests.workflow.places import SITTING, Place, added

HOFSTEE = "judge,cut_min,cut_max,fail_min,fail_max\nA,50,70,5%,60%\nB,54,74,10%,50%\n"


def paper_of(place: Place) -> Path:
    return sorted(path for path in place.form_folder.glob("*.yaml") if read_form(path)[0] is not None)[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_template_is_filled_in_and_becomes_a_cut_with_its_impact(place: Place, tmp_path: Path, language: str) -> None:
    added(place)
    form, _ = read_form(paper_of(place))
    assert form is not None
    assert not write_template(paper_of(place), tmp_path / "empty.xlsx", judges=("王", "李"))
    (_, header), *rows = workbook_rows((tmp_path / "empty.xlsx").read_bytes())
    ids = [entry.id for entry in answer_places(form) if entry.scored]
    assert header == ["item", "marks", "round", "王", "李"] and [row[0] for _, row in rows] == ids
    assert read_panel(tmp_path / "empty.xlsx", method="angoff")[1][0].code == "K111"
    table = tmp_path / "panel.csv"
    table.write_text("item,round,王,李\n" + "".join(f"{item},1,0.6,0.7\n" for item in ids), "utf-8")
    workspace = replace(place.workspace, language=language)  # type: ignore[arg-type]
    done, problems = set_standard(table, workspace, method="angoff", sitting=SITTING, into=tmp_path / "out")
    assert done is not None and not problems
    last = done.found.rounds[-1]
    assert last.cut == pytest.approx(0.65 * form.marks)
    assert last.error == pytest.approx(0.05 * form.marks)
    scored, _ = score_sitting(SITTING, place.workspace)
    assert scored is not None
    totals = scored.scores.total[scored.scores.present]
    data = json.loads((tmp_path / "out" / "panel.json").read_text("utf-8"))
    tables = {block["name"]: block for section in data["blocks"] for block in section["blocks"] if block["type"] == "table"}
    middle = tables["impact"]["rows"][2]
    assert middle["pass_rate"] == pytest.approx(1 - fail_rate(totals, np.ones(totals.size), last.cut))
    assert tables["ratings"]["rows"][0]["judge_1"] == 0.6 and tables["ratings"]["rows"][0]["facility"] is not None
    assert {path.suffix for path in done.files} == {".html", ".json", ".csv"}
    assert "judge_1" in (tmp_path / "out" / "csv" / "ratings.csv").read_text("utf-8-sig")


def test_hofstee_and_beuk_ask_for_a_sitting(place: Place, tmp_path: Path) -> None:
    added(place)
    table = tmp_path / "h.csv"
    table.write_text(HOFSTEE, "utf-8")
    done, problems = set_standard(table, place.workspace, method="hofstee", into=tmp_path / "out")
    assert done is None and [problem.code for problem in problems] == ["K123"]
    done, problems = set_standard(table, place.workspace, method="hofstee", sitting=SITTING, into=tmp_path / "out")
    assert done is not None and not problems
    assert 52 <= done.found.rounds[0].cut <= 72


def test_candidates_in_groups_are_found_by_their_number(place: Place, tmp_path: Path) -> None:
    added(place)
    scored, _ = score_sitting(SITTING, place.workspace)
    assert scored is not None
    known = [
        (scored.identities[person].number, float(total))
        for person, total in zip(scored.stored.responses.persons, scored.scores.total, strict=True) if np.isfinite(total)
    ]  # fmt: skip
    chosen = known[:7]
    text = "method: borderline_group\ngroups:\n" + "".join(f"  '{number}': borderline\n" for number, _ in chosen)
    path = tmp_path / "p.yaml"
    path.write_text(text, "utf-8")
    done, _ = set_standard(path, place.workspace, sitting=SITTING, into=tmp_path / "out")
    assert done is not None and done.found.rounds[0].cut == pytest.approx(np.median([total for _, total in chosen]))
    path.write_text(text + "  nobody: borderline\n", "utf-8")
    done, problems = set_standard(path, place.workspace, sitting=SITTING, into=tmp_path / "out")
    assert done is None and [problem.code for problem in problems] == ["K125"]


def test_items_that_are_not_on_the_paper_are_named_at_their_place(place: Place, tmp_path: Path) -> None:
    form, _ = read_form(paper_of(place))
    assert form is not None
    item = answer_places(form)[0].id
    path = tmp_path / "p.yaml"
    path.write_text(f"method: angoff\nform: {paper_of(place)}\nrounds:\n  - ratings:\n      {item}: {{A: 0.5}}\n      {item}x: {{A: 0.5}}\n", "utf-8")
    done, problems = set_standard(path, place.workspace, into=tmp_path / "out")
    assert done is None
    wrong = [problem for problem in problems if problem.severity == "error"]
    assert [(problem.code, problem.span.line) for problem in wrong] == [("K120", 6)]
    assert dict(wrong[0].facts)["suggestion"] == item


def test_bookmark_and_extended_angoff_without_a_paper(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(
        "method: bookmark\nparameters: {a: {b: -1}, b: {b: 0}, c: {b: 1, a: 1.2, c: 0.2}}\n"
        "rounds:\n  - judgements: {A: {page: 2}, B: {page: 3}}\n",
        "utf-8",
    )
    done, problems = set_standard(path, place.workspace, into=tmp_path / "out")
    assert done is not None and not problems and 0 < done.found.rounds[0].cut < 3
    path.write_text("method: extended_angoff\nmarks: {T1: 10, T2: 20}\nrounds:\n  - ratings: {T1: {A: 6}, T2: {A: 25}}\n", "utf-8")
    done, problems = set_standard(path, place.workspace, into=tmp_path / "out")
    assert done is None and [problem.code for problem in problems] == ["K126"]
    path.write_text("method: extended_angoff\nmarks: {T1: 10, T2: 20}\nrounds:\n  - ratings: {T1: {A: 6}, T2: {A: 13}}\n", "utf-8")
    done, problems = set_standard(path, place.workspace, into=tmp_path / "out")
    assert done is not None and done.found.rounds[0].cut == pytest.approx(19)
