"""A competition from blueprint to prizes: ranked by what was printed, only once released, and said where equals remain."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from qbank.cli.__main__ import main
from qbank.core.form import Form, answer_places, form_items
from qbank.core.ranking import Ranking, TieBreak
from qbank.files.answers.header import plain_title
from qbank.files.forms import form_text, parse_form, read_form
from qbank.ledger import Stage
from qbank.problem import Problem, has_errors
from qbank.workflow.analyse import analyse_sitting
from qbank.workflow.analysed_data import analysed_data
from qbank.workflow.bank import usable_bank
from qbank.workflow.gate import pass_by_hand
from qbank.workflow.official_files import write_official
from qbank.workflow.papers import assemble_papers
from qbank.workflow.printing import paper_with_bank
from qbank.workflow.ranking import rank_sitting, read_minutes
from qbank.workflow.ranking_files import WrittenRanking, ranking_of_sitting, write_ranking
from qbank.workflow.scoring import ScoredSitting, score_sitting
from qbank.workflow.scoring_run import run_scoring
from qbank.workflow.simulate import Plants, simulate_sitting
from qbank.workflow.sitting import add_responses
from qbank.workflow.standing import mark_standing
from qbank.workflow.workspace import Workspace
from tests.corpus import CORPUS
from tests.undrawn import write_nothing
from tests.workflow.places import read_table

CUP = "cup-2026"
BLUEPRINT = """\
blueprint: cup
title: 技能竞赛理论试卷
bank: ../banks/steelmaking
purpose: competition
level: 4
minutes: 60
marks: 50
cut: 0
seed: 7
sections:
  - {title: 单选题, kind: single, items: 24, marks_each: 1}
  - {title: 判断题, kind: true_false, items: 6, marks_each: 1}
  - {title: 计算题, kind: numeric, items: 4, marks_each: 5}
constraints:
  - mean: {of: facility, min: 0.50, max: 0.60}
ranking:
  ties:
    - {marks: 'grade >= 4', title: hard questions}
    - section: 计算题
    - {time: minutes, title: time}
  awards: [1, 2, 3]
"""


@dataclass(frozen=True, slots=True)
class Cup:
    """A workspace with a sitting of a competition whose keys are validated."""

    root: Path
    form: Form

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.root, "en", str(self.root / "ledger.db"))

    @property
    def responses(self) -> Path:
        return self.root / "sittings" / CUP / "responses.csv"


def passed(cup: Cup, *stages: Stage) -> None:
    for stage in stages:
        _, problems = pass_by_hand(CUP, stage, cup.workspace, why="small", who="wang")
        assert not problems, problems


def codes(problems: list[Problem], severity: str = "error") -> list[str]:
    return [problem.code for problem in problems if problem.severity == severity]


def release(cup: Cup) -> None:
    run_scoring(CUP, cup.workspace)
    passed(cup, "calibrated", "released")


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Cup:
    root = tmp_path_factory.mktemp("cup") / "place"
    shutil.copytree(CORPUS / "banks/steelmaking", root / "banks/steelmaking")
    (root / "blueprints").mkdir()
    shutil.copy(CORPUS / "qbank.yaml", root)
    (root / "blueprints/cup.yaml").write_text(BLUEPRINT, "utf-8")
    workspace = Workspace(root, "en", str(root / "ledger.db"))
    made, problems = assemble_papers(root / "blueprints/cup.yaml", workspace, as_of="2026-11-01")
    assert made is not None, problems
    bank, _ = usable_bank(root / "banks/steelmaking")
    assert bank is not None
    cup = Cup(root, made.forms[0])
    simulate_sitting(made.forms, bank, n_persons=60, seed=3, into=root / "sittings" / CUP, sitting=CUP, date="2026-11-20", plants=Plants(("", "")))
    rng = np.random.default_rng(1)
    header, rows = read_table(cup.responses)
    times = [str(rng.integers(40, 60)) for _ in rows]
    times[5], times[6] = "", "0:48:30"
    with cup.responses.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([[*header, "minutes"], *([*row, time] for row, time in zip(rows, times, strict=True))])
    (cup.responses.parent / "mapping.yaml").write_text("groups: [minutes]\n", "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        write_nothing(patch)
        done, problems = add_responses(cup.responses, (root / "forms/cup",), workspace)
        assert done is not None and not has_errors(problems), problems
        persons = [row[0] for row in rows]
        for person, standing in zip(persons, ("absent", "void", "withheld"), strict=False):
            mark_standing(CUP, person, standing, workspace, why="report")  # type: ignore[arg-type]
        analyse_sitting(CUP, workspace, into=root / "out")
        passed(cup, "keys")
    return cup


@pytest.fixture(scope="module")
def released(held: Cup, tmp_path_factory: pytest.TempPathFactory) -> tuple[Cup, WrittenRanking, list[Problem]]:
    root = tmp_path_factory.mktemp("released") / "place"
    shutil.copytree(held.root, root)
    cup = Cup(root, held.form)
    release(cup)
    done, problems = write_ranking(CUP, cup.workspace)
    assert done is not None, problems
    return cup, done, problems


def scored_of(cup: Cup) -> ScoredSitting:
    scored, _ = score_sitting(CUP, cup.workspace)
    assert scored is not None
    return scored


def test_the_paper_holds_the_rule_with_its_questions_and_its_digest_covers_it(held: Cup) -> None:
    bank, _ = usable_bank(held.root / "banks/steelmaking")
    assert bank is not None and held.form.ranking is not None
    hard, numeric, time = held.form.ranking.ties
    assert hard.items == tuple(entry.id for entry in form_items(held.form) if bank.items[entry.id].grade >= 4)
    assert numeric.items == tuple(entry.id for entry in form_items(held.form) if entry.kind == "numeric")
    assert (time.title, time.column, time.first) == ("time", "minutes", "lower")
    path = held.root / "forms/cup/cup-1-A.yaml"
    assert read_form(path) == (held.form, [])
    forged = path.read_text("utf-8").replace("title: hard questions, by: marks, first: higher", "title: hard questions, by: marks, first: lower")
    assert codes(parse_form(forged, "forged")[1]) == ["F101"]
    assert "ranking" not in form_text(replace(held.form, ranking=None))


def test_a_tie_break_without_a_question_on_the_paper_is_told_when_it_is_assembled(held: Cup, tmp_path: Path) -> None:
    path = held.root / "blueprints/idle.yaml"
    path.write_text(BLUEPRINT.replace("blueprint: cup", "blueprint: idle").replace("'grade >= 4'", "'kind == \"essay\"'"), "utf-8")
    made, problems = assemble_papers(path, held.workspace, as_of="2026-11-01", into=tmp_path)
    assert made is not None and "P192" in codes(problems, "warning")


def test_the_cover_of_the_paper_tells_candidates_how_equals_are_ranked(held: Cup) -> None:
    paper, _, _ = paper_with_bank(held.form, held.workspace, None)
    assert paper is not None
    assert paper.notices[-1] == "按总分排名；总分相同的，依次比较：hard questions（高者在前）、计算题（高者在前）、time（低者在前）；各项都相同的，名次并列。"
    plain, _, _ = paper_with_bank(replace(held.form, ranking=None), held.workspace, None)
    assert plain is not None and plain.notices == paper.notices[:-1]


def test_the_ranks_are_those_of_a_sort_by_marks_hard_marks_numeric_marks_and_time(released: tuple[Cup, WrittenRanking, list[Problem]]) -> None:
    cup, done, _ = released
    scored = scored_of(cup)
    bank, _ = usable_bank(cup.root / "banks/steelmaking")
    assert bank is not None
    column = {item: n for n, item in enumerate(scored.stored.responses.items)}
    worth = {entry.id: entry.marks for entry in answer_places(cup.form)}
    sums = {
        name: np.sum([scored.scores.share[:, column[id]] * worth[id] for id in worth if wanted(id)], axis=0)
        for name, wanted in (("hard", lambda id: bank.items[id].grade >= 4), ("numeric", lambda id: bank.items[id].kind == "numeric"))
    }
    header, rows = read_table(cup.responses)
    time = {row[0]: read_minutes(row[header.index("minutes")]) for row in rows}
    lines = []
    for row, person in enumerate(scored.stored.responses.persons):
        if np.isfinite(scored.scores.total[row]):
            number = scored.identities[person].number
            minutes = time[number] if np.isfinite(time[number]) else np.inf
            lines.append((-scored.scores.total[row], -round(sums["hard"][row], 6), -round(sums["numeric"][row], 6), minutes, number))
    expected = {line[-1]: 1 + sum(other[:4] < line[:4] for other in lines) for line in lines}
    found = {one.number: one.rank for one in done.found.persons if one.rank}
    assert found == expected and len(found) == 57
    assert [one.rank for one in done.found.persons[:57]] == sorted(expected.values())


def test_who_was_absent_void_or_withheld_has_no_rank_and_stands_at_the_end(released: tuple[Cup, WrittenRanking, list[Problem]]) -> None:
    _, done, problems = released
    last = done.found.persons[-3:]
    assert {one.state for one in last} == {"absent", "void", "withheld"}
    assert all(one.rank == 0 and one.award == 0 and one.total is None and one.values == (None, None, None) for one in last)
    assert codes(problems, "warning") == ["H133"]  # one person has no time


def test_the_files_hold_the_whole_list_and_no_column_twice(released: tuple[Cup, WrittenRanking, list[Problem]]) -> None:
    _, done, _ = released
    assert [path.suffix for path in done.files] == [".csv", ".xlsx", ".html", ".pdf"] and all(path.stat().st_size for path in done.files)
    assert done.files[0].read_bytes().startswith(b"\xef\xbb\xbf")
    header, rows = read_table(done.files[0])
    assert header == [
        "rank", "prize", "person", "paper", "site", "total", "hard questions", "计算题", "time",
        "behind the one before by", "true order reversed", "not ranked",
    ]  # fmt: skip
    assert len(rows) == 60 and [row[0] for row in rows[-3:]] == ["", "", ""]
    assert [row[1] for row in rows[:7]] == ["first prize", "second prize", "second prize", *["third prize"] * 3, ""]
    page = done.files[2].read_text("utf-8")
    assert "Kelley" in page and "hard questions (higher first), then 计算题 (higher first), then time (lower first)" in page


def test_the_ranking_waits_for_the_release_and_the_official_list_has_the_same_ranks(
    held: Cup, released: tuple[Cup, WrittenRanking, list[Problem]], tmp_path: Path
) -> None:
    assert codes(write_ranking(CUP, held.workspace, into=tmp_path)[1]) == ["H101"]
    assert not list(tmp_path.iterdir())
    cup, done, _ = released
    official, _ = write_official(CUP, cup.workspace, into=tmp_path)
    assert official is not None and official.listed.competition
    ranks = {line.number: line.rank for line in official.listed.results}
    assert ranks == {one.number: one.rank or None for one in done.found.persons}


def test_a_blueprint_that_is_changed_after_printing_changes_no_rank(released: tuple[Cup, WrittenRanking, list[Problem]], tmp_path: Path) -> None:
    cup, done, _ = released
    copy = Cup(tmp_path / "place", cup.form)
    shutil.copytree(cup.root, copy.root)
    path = copy.root / "blueprints/cup.yaml"
    path.write_text(BLUEPRINT.replace("purpose: competition\n", "").partition("ranking:")[0], "utf-8")
    _, found, _ = ranking_of_sitting(CUP, copy.workspace)
    assert found is not None and found.persons == done.found.persons


def test_items_given_to_everybody_or_left_out_count_in_tie_breaks_as_in_the_total(held: Cup) -> None:
    scored = scored_of(held)
    assert held.form.ranking is not None
    (hard, *_) = held.form.ranking.ties
    plain, _ = rank_sitting(scored, held.workspace)
    item = hard.items[0]
    given = replace(scored, credited=frozenset({item}))
    credited, _ = rank_sitting(given, held.workspace)
    assert plain is not None and credited is not None
    share = scored.scores.share[:, scored.stored.responses.items.index(item)]
    there = np.isfinite(share)
    assert np.allclose((credited.values - plain.values)[0][there], 1 - share[there])
    assert np.isnan(credited.values[0][~there]).all()


def test_papers_with_another_rule_rank_nobody_and_papers_without_any_are_no_competition(held: Cup) -> None:
    scored = scored_of(held)
    assert scored.forms[0].ranking is not None
    other = replace(scored.forms[0], id="other", ranking=Ranking((TieBreak("hard", "marks", "lower", ()),)))
    found, problems = rank_sitting(replace(scored, forms=(*scored.forms, other)), held.workspace)
    assert found is None and codes(problems, "warning") == ["H131"]
    exam = replace(scored.forms[0], blueprint="nowhere", ranking=None)
    assert rank_sitting(replace(scored, forms=(exam,)), held.workspace) == (None, [])


def test_more_persons_than_prizes_are_told_and_a_time_that_nobody_has_breaks_no_tie(held: Cup) -> None:
    scored = scored_of(held)
    blank = replace(scored.forms[0], ranking=Ranking((TieBreak("time", "time", "lower", column="nothing"),), (1, 50)))
    scores = replace(scored.scores, total=np.where(scored.scores.present, 30.0, np.nan))
    found, problems = rank_sitting(replace(scored, forms=(blank,), scores=scores), held.workspace)
    assert found is not None and set(found.ranks.rank.tolist()) == {0, 1}
    assert codes(problems, "warning") == ["H132", "H134"]
    assert dict(problems[1].facts) == {"award": "1", "n": "57", "planned": "1", "rank": "1", "shared": "57"}


def test_a_column_of_times_is_kept_without_a_mapping_and_found_by_its_own_title_too(held: Cup, tmp_path: Path) -> None:
    header, rows = read_table(held.responses)
    assert header[-1] == "minutes"
    for title in ("用时", "Time taken"):
        copy = Cup(tmp_path / plain_title(title), held.form)
        shutil.copytree(held.root, copy.root)
        (copy.root / "ledger.db").unlink()
        (copy.responses.parent / "mapping.yaml").unlink()
        with copy.responses.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([[*header[:-1], title], *rows])
        done, problems = add_responses(copy.responses, (copy.root / "forms/cup",), copy.workspace)
        assert done is not None and not has_errors(problems), problems
        scored = scored_of(copy)
        told = replace(scored.forms[0], ranking=Ranking((TieBreak("time", "time", "lower", column=title),)))
        found, problems = rank_sitting(replace(scored, forms=(told,)), copy.workspace)
        assert found is not None and codes(problems, "warning") == ["H133"]
        assert np.isfinite(found.values).sum() == 59
        assert "minutes" not in dict(analysed_data(scored).groups)


@pytest.mark.parametrize("words", ["", "soon", "-5", "1:2:3:4", "nan", "1e9", "inf", ":", "99999999"])
def test_what_is_no_time_is_none(words: str) -> None:
    assert np.isnan(read_minutes(words))


def test_the_command_shows_the_head_and_writes_all_and_json_holds_the_list(
    released: tuple[Cup, WrittenRanking, list[Problem]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cup, _, _ = released
    monkeypatch.chdir(cup.root)
    for arguments in (["--lang", "zh"], ["--json"]):
        with pytest.raises(SystemExit) as ended:
            main(["results", CUP, "--ranking", *arguments])
        assert ended.value.code in (0, None)
        told = capsys.readouterr().out
        if "--json" in arguments:
            result = json.loads(told)["result"]
            assert result["n_ranked"] == 57 and len(result["list"]) == 60 and result["printed"] is True
            assert sum(result["broken"]) == result["pairs"][0] - result["pairs"][-1]
        else:
            assert "一等奖" in told and "另有 50 人" in told and "名次有多可靠" in told
    with pytest.raises(SystemExit) as ended:
        main(["results", CUP, "--ranking", "--candidates"])
    assert ended.value.code == 2
