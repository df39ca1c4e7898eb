"""From a panel's file to a cut and its report, with and without a sitting."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from qbank.analysis.standard_setting import fail_rate
from qbank.cli.blocks import block_lines
from qbank.core.form import answer_places
from qbank.files.forms import read_form
from qbank.files.panel import read_panel
from qbank.files.plain_rows import workbook_rows
from qbank.ledger import PaperCut, accept_cuts
from qbank.ledger.estimates import estimates_of
from qbank.messages import LANGUAGES
from qbank.report.standard_setting import _judged_line
from qbank.workflow.calibration import calibrate_sitting
from qbank.workflow.scoring import score_sitting
from qbank.workflow.standard_setting import set_standard, write_template
from tests.workflow.examinations import drawn, sat, whole, workspace_at
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
    assert {path.suffix for path in done.files} == {".html", ".pdf", ".json", ".csv"}
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


def test_ebel_sorts_items_into_cells_whose_share_counts(place: Place, tmp_path: Path) -> None:
    # A: 1·.9 + 2·.6 + 4·.4 = 3.7, B by own share of the hard ones: 1·.9 + 2·.9 + 4·.5 = 4.7; the panel 4.2
    table = tmp_path / "t.csv"
    table.write_text("item,marks,A,B\nQ1,1,core  easy,core easy\nQ2,2,core hard,core easy\nQ3,4,extra hard,extra hard\n", "utf-8")
    path = tmp_path / "p.yaml"
    shares = "  core easy: 90%\n  core hard: 0.6\n  extra hard: {A: 40%, B: 50%}\n"
    path.write_text(f"method: ebel\ntable: t.csv\nshares:\n{shares}", "utf-8")
    done, problems = set_standard(path, place.workspace, into=tmp_path / "out")
    assert done is not None and not problems
    last = done.found.rounds[0]
    assert last.judges["cut"].to_list() == pytest.approx([3.7, 4.7]) and last.cut == pytest.approx(4.2)
    assert done.found.cells == (("core easy", 0.9, 1.5), ("core hard", 0.6, 0.5), ("extra hard", pytest.approx(0.45), 1.0))
    # the analysis' own function on one judge's grid says the same
    from qbank.analysis.standard_setting import ebel

    assert ebel([1, 2, 4], ("a", "b", "c"), {"a": 0.9, "b": 0.6, "c": 0.4}) == pytest.approx(3.7)


@pytest.mark.parametrize(
    ("shares", "found"),
    [
        ("", [("K115", 0)]),
        ("shares: {core easy: 90%}\n", [("K114", 3), ("K114", 4), ("K114", 4)]),
        ("shares:\n  core easy: 190%\n", [("K106", 4), ("K114", 2), ("K114", 2), ("K114", 3), ("K114", 3), ("K114", 4), ("K114", 4)]),
    ],
)
def test_cells_without_a_share_are_named_line_by_line(place: Place, tmp_path: Path, shares: str, found: list[tuple[str, int]]) -> None:
    (tmp_path / "t.csv").write_text("item,marks,A,B\nQ1,1,core easy,core easy\nQ2,2,core hard,core easy\nQ3,4,extra hard,hard\n", "utf-8")
    path = tmp_path / "p.yaml"
    path.write_text(f"method: ebel\ntable: t.csv\n{shares}", "utf-8")
    done, problems = set_standard(path, place.workspace, into=tmp_path / "out")
    assert done is None and [(problem.code, problem.span.line) for problem in problems] == found


def test_mistakes_come_in_the_order_of_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("item,round,A,B\nQ1,1,0.5,2\nQ2,0,0.5,0.5\nQ3,1,x,0.5\n", "utf-8")
    _, problems = read_panel(path, method="angoff")
    assert [(problem.code, problem.span.line, problem.span.column) for problem in problems] == [
        ("K106", 2, 4), ("K105", 3, 2), ("K106", 4, 3),
    ]  # fmt: skip


def test_a_bookmark_takes_the_parameters_of_the_ledger(tmp_path: Path) -> None:
    workspace = workspace_at(tmp_path / "w")
    sat(workspace, "theory", drawn(250, seed=2)["theory"])
    path = tmp_path / "b.csv"
    path.write_text("judge,page\nA,9\nB,11\n", "utf-8")
    done, problems = set_standard(path, workspace, method="bookmark", sitting="theory", into=tmp_path / "out")
    assert done is None and [problem.code for problem in problems] == ["K124"]
    fitted, _ = calibrate_sitting("theory", workspace, model="rasch")
    assert fitted is not None
    done, problems = set_standard(path, workspace, method="bookmark", sitting="theory", into=tmp_path / "out")
    assert done is not None and not problems
    ledger = workspace.open()
    known = estimates_of(ledger, "theory")
    ledger.close()
    found = done.found.rounds[0]
    place = {item: one.values["b"] + np.log(0.67 / 0.33) / one.values["a"] for item, one in known.items()}
    order = sorted(place, key=lambda item: place[item])
    assert found.items["item"].to_list() == order
    theta = np.median([place[order[7]], place[order[9]]])
    chance = [1 / (1 + np.exp(-one.values["a"] * (theta - one.values["b"]))) for one in known.values()]
    assert found.cut == pytest.approx(5 * sum(chance), abs=1e-6)
    # and without a sitting, by the revisions that stand on the paper
    form = min((workspace.root / "forms" / "theory").glob("*.yaml"))
    alone, _ = set_standard(path, workspace, method="bookmark", form=str(form), into=tmp_path / "out")
    assert alone is not None and alone.found.rounds[0].cut == pytest.approx(found.cut)


def test_who_passes_is_told_by_each_papers_own_cut(tmp_path: Path) -> None:
    workspace = workspace_at(tmp_path / "w")
    sheets = [whole("theory", total, f"A{n}") for n, total in enumerate((40, 50, 55, 60, 65, 70, 80))]
    sat(workspace, "theory", sheets)
    path = tmp_path / "b.csv"
    path.write_text("judge,cut,pass_rate\nA,60,50%\nB,64,60%\n", "utf-8")
    plain, _ = set_standard(path, workspace, method="beuk", sitting="theory", into=tmp_path / "out")
    ledger = workspace.open()
    accept_cuts(ledger, "theory", [PaperCut("theory", "theory-1-A", 50.0, 49.6, "x", 60.0, "linear", 0.5, "", "agreed")])
    ledger.close()
    done, _ = set_standard(path, workspace, method="beuk", sitting="theory", into=tmp_path / "out")
    assert plain is not None and done is not None
    assert done.found.totals.tolist() == (plain.found.totals + 10).tolist() and done.found.other_cuts == (("theory-1-A", 50.0),)
    table = next(block for section in done.report.blocks for block in section.blocks if getattr(block, "name", "") == "impact")  # type: ignore[union-attr]
    assert table.rows[-1][1:3] == (60.0, 6) and "theory-1-A 50" in table.notes[0]  # type: ignore[union-attr]


def test_counts_are_whole_numbers_and_latin_names_stand_apart(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text("method: borderline_group\nscores: {borderline: [55, 58, 60, 61, 66]}\n", "utf-8")
    done, _ = set_standard(path, replace(place.workspace, language="zh"), into=tmp_path / "out")
    assert done is not None
    lines = "\n".join(block_lines(done.report.blocks)).splitlines()
    assert ["1", "5", "60.00", "4.06"] in [line.split() for line in lines]
    path.write_text("method: angoff\nmarks: {Q: 1}\nrounds: [{ratings: {Q: {A: 0.5, B: 0.6}}}]\n", "utf-8")
    done, _ = set_standard(path, replace(place.workspace, language="zh"), into=tmp_path / "out")
    assert done is not None and "按 Angoff 法，" in "".join(block_lines(done.report.blocks))


@pytest.mark.parametrize("method", ["beuk", "hofstee"])
def test_the_judges_line_meets_the_curve_at_the_cut(tmp_path: Path, method: str) -> None:
    workspace = workspace_at(tmp_path / "w")
    sat(workspace, "theory", drawn(200, seed=3)["theory"])
    path = tmp_path / "b.csv"
    beuk = "judge,cut,pass_rate\nA,60,50%\nB,68,60%\n"
    path.write_text(beuk if method == "beuk" else HOFSTEE, "utf-8")
    done, _ = set_standard(path, workspace, method=method, sitting="theory", into=tmp_path / "out")
    assert done is not None
    found = done.found.rounds[0]
    line = _judged_line(method, dict(found.figures), 100.0)
    at, share = zip(*line, strict=True)
    failing = float(np.interp(found.cut, at, share))
    # a step: below the cut not more fail than the line says, just above it not fewer
    scores = done.found.totals
    assert (scores < found.cut - 1e-6).mean() <= failing + 1e-9 <= (scores <= found.cut + 1e-6).mean() + 2e-9
    assert all(-1e-9 <= each <= 1 + 1e-9 for each in share)
