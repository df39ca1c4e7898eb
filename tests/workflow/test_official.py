"""Official results and candidates' pages: only of a released sitting, complete, and nothing of the questions in them."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from qbank.analysis.conditional_errors import binomial_error
from qbank.core.form import form_items
from qbank.ledger import Ledger, LedgerError
from qbank.problem import Problem
from qbank.report.candidate import CandidatePage, Part, candidate_html, typst_pages
from qbank.workflow import official
from qbank.workflow.analyse import analyse_sitting
from qbank.workflow.decide import decide
from qbank.workflow.gate import pass_by_hand
from qbank.workflow.official import official_list
from qbank.workflow.official_files import (
    candidate_pages,
    foot_lines,
    list_table,
    write_candidates,
    write_official,
)
from qbank.workflow.scoring_run import run_scoring
from qbank.workflow.standing import mark_standing
from tests.undrawn import write_nothing
from tests.workflow.places import SITTING, Place, added, copy_place, prepared, read_table

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "candidate"


def codes(problems: list[Problem]) -> list[str]:
    return [problem.code for problem in problems if problem.severity == "error"]


def released(place: Place, why: str = "small sitting; papers parallel by assembly") -> None:
    """Bring a stored sitting through the gate, without a calibration."""
    run_scoring(SITTING, place.workspace)
    for stage in ("calibrated", "released"):
        _, problems = pass_by_hand(SITTING, stage, place.workspace, why=why, who="wang")  # type: ignore[arg-type]
        assert not problems, problems


@pytest.fixture(scope="module")
def validated(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Return a place whose sitting has its keys validated, made once; tests have copies of it."""
    place = copy_place(prepared(), tmp_path_factory.mktemp("validated") / "place")
    with pytest.MonkeyPatch.context() as patch:
        write_nothing(patch)
        added(place)
        analyse_sitting(SITTING, place.workspace, into=place.root / "out")
        decide(SITTING, place.miskeyed, place.workspace, verdict="keep", why="checked", who="wang", at="2026-11-24T00:00:00")
        _, problems = pass_by_hand(SITTING, "keys", place.workspace, why="checked", who="wang")
    assert not problems
    return place


@pytest.fixture
def ready(validated: Place, tmp_path: Path) -> Place:
    """Return a copy of one's own of the place whose keys are validated."""
    return copy_place(validated, tmp_path / "place")


@pytest.fixture(scope="module")
def official_once(validated: Place, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Return a place whose sitting is released, made once, for tests that write nothing into its ledger."""
    place = copy_place(validated, tmp_path_factory.mktemp("released") / "place")
    released(place)
    return place


def test_before_release_the_missing_stage_and_its_command_are_told(ready: Place) -> None:
    found, problems = write_official(SITTING, ready.workspace)
    [problem] = problems
    assert found is None and problem.code == "H101"
    assert dict(problem.facts) == {"id": SITTING, "stage": "scored", "command": f"qbank gate {SITTING} pass scored"}
    assert codes(write_candidates(SITTING, ready.workspace)[1]) == ["H101"]
    assert not (ready.root / "results").exists()
    assert codes(official_list("nowhere", ready.workspace)[1]) == ["L102"]


def test_the_official_list_has_errors_bands_and_everybody(ready: Place) -> None:
    persons = [row[0] for row in read_table(ready.responses)[1]]
    for person, standing in zip(persons, ("absent", "void", "withheld"), strict=False):
        mark_standing(SITTING, person, standing, ready.workspace, why="report")  # type: ignore[arg-type]
    released(ready)
    done, problems = write_official(SITTING, ready.workspace)
    assert done is not None and not codes(problems)
    header, rows = read_table(done.files[0])
    assert [row[0] for row in rows] == persons
    verdict, error = header.index("verdict"), header.index("standard error")
    assert [row[verdict] for row in rows[:3]] == ["absent", "void", "withheld"]
    assert {row[error] for row in rows[:3]} == {""}
    for line in done.listed.results[3:40]:
        single, true_false = (marks for marks in line.sections if marks is not None)
        expected = np.hypot(binomial_error(single, 80), binomial_error(true_false, 20))
        assert line.error == pytest.approx(float(expected), abs=1e-9)
        assert line.total is not None and line.low is not None
        assert line.low == pytest.approx(max(0, line.total - 1.959964 * float(expected)), abs=1e-4)
    notes = done.files[2].read_text("utf-8-sig")
    assert "Lord (1957)" in notes and "wang" in notes and "scoring run 2" in notes
    assert not done.listed.competition and "rank" not in header


def test_a_decision_takes_the_list_back_and_the_next_one_says_who_changed(ready: Place) -> None:
    released(ready)
    first, _ = official_list(SITTING, ready.workspace)
    decide(SITTING, ready.miskeyed, ready.workspace, verdict="credit", why="no right option", who="li", at="2026-11-25T00:00:00")
    assert codes(write_official(SITTING, ready.workspace)[1]) == ["H101"]
    released(ready, "corrected")
    done, _ = write_official(SITTING, ready.workspace)
    assert first is not None and done is not None
    assert done.listed.number == 2
    before = {line.person: line.total for line in first.results}
    changed = {line.person for line in done.listed.results if line.total != before[line.person]}
    assert changed and {change.person for change in done.listed.changes} == changed
    corrections = next(path for path in done.files if path.name.endswith("-corrections.csv"))
    assert len(read_table(corrections)[1]) == len(changed)


def test_a_competition_has_ranks_in_which_equal_scores_share_one(ready: Place) -> None:
    text = ready.blueprint.read_text("utf-8")
    ready.blueprint.write_text(text + "\npurpose: competition\n", "utf-8")
    released(ready)
    listed, _ = official_list(SITTING, ready.workspace)
    assert listed is not None and listed.competition
    totals = [line.total for line in listed.results if line.total is not None]
    for line in listed.results:
        if line.total is not None:
            assert line.rank == 1 + sum(total > line.total for total in totals)


def test_marks_of_a_family_stand_beside_the_total_with_how_they_came_about(official_once: Place) -> None:
    listed, _ = official_list(SITTING, official_once.workspace)
    assert listed is not None and not listed.family
    plain, _ = list_table(listed, "zh")
    converted = tuple(replace(line, family_marks=None if line.total is None else line.total + 1) for line in listed.results)
    listed = replace(listed, results=converted, family="bof-1")
    header, rows = list_table(listed, "zh")
    assert header == [*plain[: plain.index("总分") + 1], "换算分", *plain[plain.index("总分") + 1 :]]
    at = header.index("换算分")
    assert [row[at] for row in rows] == [None if line.total is None else pytest.approx(line.total + 1) for line in listed.results]
    assert any("试卷族 bof-1" in line and "真分数等值" in line for line in foot_lines(listed, "zh"))
    row = next(n for n, line in enumerate(listed.results) if line.total is not None)
    [page] = candidate_pages(listed, [row], official_once.workspace)
    words = f"marks of the family: {listed.results[row].family_marks:g}"
    assert page.converted == words and f"reaches {listed.scored.stored.record.cut:g} there passes" in page.notes[0]
    for made in (candidate_html(page, "en"), typst_pages([page], "t", "en")):
        assert words in made and "the same as the pass mark of your paper" in made


def test_every_candidate_has_a_page_without_questions_or_keys(official_once: Place, tmp_path: Path) -> None:
    place = official_once
    person = read_table(place.responses)[1][5][0]
    done, problems = write_candidates(SITTING, place.workspace, person=person, into=tmp_path / "pages")
    assert done is not None and not codes(problems)
    page = (tmp_path / "pages" / f"{person}.html").read_text("utf-8")
    assert person in page and "<script" not in page and "http" not in page
    assert not [entry.id for form in place.forms for entry in form_items(form) if entry.id in page]
    assert codes(write_candidates(SITTING, place.workspace, person="nobody", into=tmp_path / "pages")[1]) == ["H110"]


PAGE = CandidatePage(
    "成绩通知单　炼钢工 四级", "2026<b>17", (("准考证号", "2026<b>17"), ("姓名", "张三")), 100.0, 60.0, 57.5, False, 4.86, 48.0, 67.0,
    "有效", (Part("单项选择题", 41.5, 80.0, 41, 80), Part("判断题", 16.0, 20.0, 16, 20)), (Part("A-A 职业道德", 4.0, 6.0, 4, 6),),
    "自发布之日起五个工作日内书面申请。", ("第 1 次发布",),
)  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_of_a_candidate_is_the_golden_one(language: str) -> None:
    page = candidate_html(PAGE, language)  # type: ignore[arg-type]
    assert "2026<b>" not in page
    if os.environ.get("QBANK_GOLDEN") == "update":
        GOLDEN.mkdir(parents=True, exist_ok=True)
        (GOLDEN / f"page.{language}.html").write_text(page, "utf-8", newline="\n")
    assert page == (GOLDEN / f"page.{language}.html").read_text("utf-8")


def test_a_page_without_result_has_no_marks() -> None:
    page = candidate_html(replace(PAGE, total=None, passed=None, error=None, low=None, high=None, standing="缺考"), "zh")
    assert "缺考" in page and "57.5" not in page and "<svg" not in page


def test_corrections_name_what_became_of_somebody_whose_result_is_gone(ready: Place) -> None:
    released(ready)
    person = read_table(ready.responses)[1][0][0]
    mark_standing(SITTING, person, "withheld", ready.workspace, why="report of the hall")
    released(ready, "corrected")
    done, problems = write_official(SITTING, ready.workspace)
    assert done is not None, problems
    [path] = [path for path in done.files if path.name.endswith("-corrections.csv")]
    header, [row] = read_table(path)
    assert (row[0], row[header.index("now")], row[-1]) == (person, "", "withheld")
    assert row[header.index("verdict before")] in ("pass", "fail")


def test_whoever_waits_for_marks_has_not_failed_in_the_official_list(ready: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    released(ready)
    scored, _ = official.score_sitting(SITTING, ready.workspace)
    assert scored is not None
    total = np.where(np.arange(scored.scores.total.size) == 0, np.nan, scored.scores.total)
    waits = replace(scored, scores=replace(scored.scores, total=total))
    monkeypatch.setattr(official, "score_sitting", lambda id, workspace: (waits, []))
    done, _ = write_official(SITTING, ready.workspace)
    assert done is not None
    header, rows = read_table(done.files[0])
    assert (rows[0][header.index("total")], rows[0][header.index("verdict")]) == ("", "marks to come")
    assert done.files[2].read_text("utf-8-sig").count("marks to come: 1\n") == 1
    pages, _ = write_candidates(SITTING, ready.workspace, person=rows[0][0])
    assert pages is not None
    page = pages.files[0].read_text("utf-8")
    assert 'class="verdict none">marks to come<' in page


@pytest.fixture
def handles(monkeypatch: pytest.MonkeyPatch) -> dict[int, bool]:
    """Return, by engine of a ledger that was opened since, whether it is open still."""
    import qbank.ledger

    found: dict[int, bool] = {}
    kept = []
    opening, closing = qbank.ledger.open_ledger, Ledger.close

    def opened(place: str | Path, *, who: str = "") -> Ledger:
        ledger = opening(place, who=who)
        kept.append(ledger)  # an address stands for one engine only while that is there
        found[id(ledger.engine)] = True
        return ledger

    def closed(ledger: Ledger) -> None:
        closing(ledger)
        found[id(ledger.engine)] = False

    monkeypatch.setattr(qbank.ledger, "open_ledger", opened)
    monkeypatch.setattr(Ledger, "close", closed)
    return found


def test_official_results_leave_no_ledger_open(official_once: Place, handles: dict[int, bool], tmp_path: Path) -> None:
    done, problems = write_official(SITTING, official_once.workspace, into=tmp_path)
    assert done is not None and not codes(problems)
    assert codes(official_list("nowhere", official_once.workspace)[1]) == ["L102"]
    assert len(handles) >= 3 and not any(handles.values())


@pytest.mark.parametrize("step", ["estimates_of", "steps_of", "release_problems", "score_sitting", "irt_errors"])
def test_official_results_that_fail_leave_no_ledger_open(
    official_once: Place, handles: dict[int, bool], monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    found = getattr(official, step)

    def failing(*words: object) -> None:
        found(*words)
        raise LedgerError("damaged", official_once.workspace.database, step)

    monkeypatch.setattr(official, step, failing)
    with pytest.raises(LedgerError, match=step):
        official_list(SITTING, official_once.workspace)
    assert handles and not any(handles.values())
