"""Theory today, the raters' marks of the tasks days later: one sitting, one row a person, and nobody is lost between."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from sqlalchemy import select

from qbank.core.responses import NOT_MARKED, STANDINGS
from qbank.ledger import read_history, read_sitting, stages_of, tables, verify_ledger
from qbank.messages import problem_message
from qbank.problem import Problem
from qbank.workflow.analyse import analyse_sitting
from qbank.workflow.gate import next_command, pass_by_hand
from qbank.workflow.score_list import scores_table
from qbank.workflow.scoring import score_sitting
from qbank.workflow.scoring_run import result_rows, run_scoring
from qbank.workflow.sitting import Added, Intaking, add_responses
from qbank.workflow.sitting_facts import sitting_facts
from qbank.workflow.standing import mark_standing
from qbank.workflow.workspace import Workspace
from tests.workflow.places import read_table, rows_of, write_table
from tests.workflow.test_every_kind import DATE, made, sat, workspace_with

RATED = ("K-4", "K-10", "K-8", "K-7.2")
MARKS = ["person", "K-8.准备@甲", "K-8.测温@甲", "K-8@乙", "K-10@甲", "K-4@甲", "K-7.2@甲"]
GIVEN = [["乙", "3", "5.5", "8.5", "7.5", "2.5", "1.5"], ["甲", "4", "6", "10", "10", "4", "3"]]


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    """Return a workspace with a paper of every kind, and the answers of three persons in answers/S.csv, not added yet."""
    workspace = workspace_with(tmp_path)
    sat(workspace, made(workspace))
    workspace.database_path().unlink() if hasattr(workspace, "database_path") else (tmp_path / "ledger.db").unlink()
    header, rows = read_table(tmp_path / "answers" / "S.csv")
    kept = [n for n, name in enumerate(header) if name not in RATED]
    write_table(tmp_path / "answers" / "theory.csv", [header[n] for n in kept], [[row[n] for n in kept] for row in rows])
    return workspace


def add(place: Workspace, name: str, **how: object) -> tuple[Added | None, list[Problem]]:
    path = place.root / "answers" / name
    first = () if name.startswith("marks") else (place.forms / "every",)
    date = None if name.startswith("marks") else DATE
    return add_responses(path, first, place, id="S", date=date, how=Intaking(**how))  # type: ignore[arg-type]


def labels(place: Workspace) -> dict[str, dict[str, str | int]]:
    ledger = place.open()
    try:
        stored = read_sitting(ledger, "S")
    finally:
        ledger.close()
    assert stored is not None
    found = stored.responses
    names = {"K-8", *RATED}
    return {
        str(row): {
            item: found.labels[n][code] if (code := int(found.answer[row, n])) >= 0 else code
            for n, item in enumerate(found.items) if item in names
        }
        for row in range(len(found.persons))
    }  # fmt: skip


def test_marks_that_come_days_later_join_the_answers_of_the_same_persons(place: Workspace) -> None:
    done, problems = add(place, "theory.csv")
    assert done is not None and [problem.code for problem in problems] == ["R338"]
    assert done.answers["not_marked"] == 12
    write_table(place.root / "answers" / "marks.csv", MARKS, GIVEN)
    done, problems = add(place, "marks.csv")
    assert done is not None, [problem_message(problem, "en") for problem in problems]
    assert (done.part, done.n_persons, done.settings["raters"]["gap_limit"]) == ("ratings", 2, 0.3)
    facts, _ = sitting_facts("S", place)
    assert facts is not None and (facts.n_persons, facts.answers["not_marked"]) == (3, 4)
    assert labels(place) == {
        "0": {"K-7.2": "3", "K-4": "4", "K-10": "10", "K-8": "10"},
        "1": {"K-7.2": "1.5", "K-4": "2.5", "K-10": "7.5", "K-8": "8.5"},
        "2": dict.fromkeys(("K-7.2", "K-4", "K-10", "K-8"), NOT_MARKED),
    }


def test_the_same_marks_again_change_nothing_and_more_marks_replace_with_a_reason(place: Workspace) -> None:
    add(place, "theory.csv")
    write_table(place.root / "answers" / "marks.csv", MARKS, GIVEN)
    add(place, "marks.csv")
    before = rows_of(place.root / "ledger.db")
    done, _ = add(place, "marks.csv")
    assert done is not None and done.outcome == "unchanged" and rows_of(place.root / "ledger.db") == before
    write_table(place.root / "answers" / "marks.csv", MARKS, [*GIVEN, ["丙", "0", "0", "0", "0", "0", "0"]])
    done, problems = add(place, "marks.csv")
    assert done is None and [problem.code for problem in problems] == ["R117"]
    done, problems = add(place, "marks.csv", replace=True, why="丙补评")
    assert done is not None and done.outcome == "replaced", problems
    facts, _ = sitting_facts("S", place)
    assert facts is not None and facts.answers["not_marked"] == 0 and len(facts.parts) == 3


def test_marks_of_somebody_who_did_not_sit_are_refused_with_the_cell(place: Workspace) -> None:
    add(place, "theory.csv")
    write_table(place.root / "answers" / "marks.csv", MARKS, [["丁", *GIVEN[0][1:]]])
    done, problems = add(place, "marks.csv")
    assert done is None and [(problem.code, problem.span.line, problem.span.column) for problem in problems] == [("R329", 2, 1)]


def test_an_answer_in_two_parts_is_refused(place: Workspace) -> None:
    add(place, "S.csv")
    write_table(place.root / "answers" / "marks.csv", MARKS, GIVEN)
    done, problems = add(place, "marks.csv")
    assert done is None and [problem.code for problem in problems] == ["R336"]


def test_whoever_waits_for_marks_has_no_total_yet_and_the_others_have(place: Workspace) -> None:
    add(place, "theory.csv")
    write_table(place.root / "answers" / "marks.csv", MARKS, GIVEN)
    add(place, "marks.csv")
    scored, problems = score_sitting("S", place)
    assert scored is not None and [(problem.code, dict(problem.facts)["n"]) for problem in problems] == [("R341", "1")]
    total = dict(zip("甲乙丙", scored.scores.total.tolist(), strict=True))
    assert (total["甲"], total["乙"]) == (38.5, 25) and math.isnan(total["丙"])
    column = scored.stored.responses.items.index("K-8")
    assert scored.scores.share[:2, column].tolist() == [1.0, 0.85] and math.isnan(scored.scores.share[2, column])
    header, rows = scores_table(scored, 0, "zh")
    assert {row[0]: (row[header.index("总分")], row[header.index("结论")]) for row in rows} == {
        "甲": (38.5, "合格"), "乙": (25, "合格"), "丙": (None, "待评")}  # fmt: skip
    (counts,) = result_rows(scored)
    assert (counts.registered, counts.present, counts.waiting, counts.passed, counts.sum) == (3, 2, 1, 2, 63.5)


def test_the_gate_says_how_many_wait_and_what_to_do(place: Workspace) -> None:
    add(place, "theory.csv")
    write_table(place.root / "answers" / "marks.csv", MARKS, GIVEN)
    add(place, "marks.csv")
    analyse_sitting("S", place, into=place.root / "out")
    pass_by_hand("S", "keys", place, why="看过了", who="王工")
    assert run_scoring("S", place)[0] is not None
    ledger = place.open()
    state = stages_of(ledger, "S")[3]
    ledger.close()
    assert (state.stage, state.passed, next_command("S", state)) == ("scored", False, "qbank sitting add … --id S")
    _, (problem,) = pass_by_hand("S", "scored", place, why="先发", who="王工")
    assert (problem.code, dict(problem.facts)["n"]) == ("H108", "1")
    assert "待评分" in problem_message(problem, "zh")


def persons_seen(place: Workspace) -> dict[str, int]:
    """Return by item how many persons are counted for it, and see that the ledger is whole."""
    ledger = place.open()
    assert verify_ledger(ledger)[1] == []
    found = {use.item: use.n_seen for use in read_history(ledger).uses}
    ledger.close()
    return found


def test_a_mark_of_standing_reaches_the_person_in_theory_and_raters_marks_alike(place: Workspace) -> None:
    add(place, "theory.csv")
    write_table(place.root / "answers" / "marks.csv", MARKS, GIVEN)
    add(place, "marks.csv")
    before = persons_seen(place)
    assert (before["K-1"], before["K-8"]) == (3, 3)
    for standing, n in (("withheld", 3), ("absent", 2), ("void", 3), ("present", 3)):
        done, problems = mark_standing("S", "甲", standing, place, why="查实", who="王工")  # type: ignore[arg-type]
        assert done is not None and not problems and done.after == standing
        ledger = place.open()
        stored = read_sitting(ledger, "S")
        with ledger.read() as connection:
            rows = connection.execute(select(tables.person.c.standing).where(tables.person.c.person == done.person)).scalars().all()
        ledger.close()
        assert stored is not None and rows == [standing] * 2
        assert STANDINGS[int(stored.responses.standing[0])] == standing
        assert persons_seen(place) == dict.fromkeys(before, n)
    scored, _ = score_sitting("S", place)
    assert scored is not None and scored.scores.total[0] == 38.5


def test_corrected_answers_count_everybody_once_beside_the_marks(place: Workspace) -> None:
    add(place, "theory.csv")
    write_table(place.root / "answers" / "marks.csv", MARKS, GIVEN)
    add(place, "marks.csv")
    before = persons_seen(place)
    header, rows = read_table(place.root / "answers" / "theory.csv")
    write_table(place.root / "answers" / "theory.csv", header, [[rows[0][0], *rows[1][1:]], *rows[1:]])
    done, problems = add(place, "theory.csv", replace=True, why="扫描有误")
    assert done is not None and done.outcome == "replaced", problems
    assert persons_seen(place) == before
